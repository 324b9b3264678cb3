//! Stream filters: Flate with its predictors, and hexadecimal. Every inflated byte is paid for.

use std::borrow::Cow;

use flate2::{Decompress, FlushDecompress, Status};

use super::object::{Dict, Object};
use super::{ReadError, fault};
use crate::base::limits::{Budget, OverBudget, Purse};

/// Applies the filters of a stream's dictionary. `None` when a filter is not supported (images,
/// crypt): the caller decides whether it needs those bytes.
pub(super) fn decode<'a>(
    dict: &Dict,
    raw: &'a [u8],
    at: usize,
    budget: &mut Budget,
) -> Result<Option<Cow<'a, [u8]>>, ReadError> {
    let mut bytes = Cow::Borrowed(raw);
    for (name, parameters) in steps(dict, at)? {
        bytes = match name {
            // Producers name the filter for empty streams too.
            b"FlateDecode" if bytes.is_empty() => bytes,
            b"FlateDecode" => {
                let inflated = inflate(&bytes, at, budget)?;
                match unpredict(inflated, parameters, at)? {
                    Some(bytes) => Cow::Owned(bytes),
                    None => return Ok(None),
                }
            }
            b"ASCIIHexDecode" => Cow::Owned(hex(&bytes, at)?),
            _ => return Ok(None),
        };
    }
    Ok(Some(bytes))
}

type Step<'a> = (&'a [u8], Option<&'a Dict>);

/// Each filter with its parameters. When the numbers of filters and parameters differ, readers pair
/// them differently, and a reference could name anything: both are refused.
fn steps(dict: &Dict, at: usize) -> Result<Vec<Step<'_>>, ReadError> {
    let (names, parameters) = match (dict.get("Filter"), dict.get("DecodeParms")) {
        (None | Some(Object::Null), _) => return Ok(Vec::new()),
        (Some(name), None | Some(Object::Null)) => (list(name), None),
        (Some(Object::Array(names)), Some(Object::Array(parameters))) => {
            (&**names, Some(&**parameters))
        }
        (Some(name @ Object::Name(_)), Some(parameters @ Object::Dict(_))) => {
            (std::slice::from_ref(name), Some(std::slice::from_ref(parameters)))
        }
        _ => return fault(at, "filters and parameters that do not belong together"),
    };
    if names.len() > 4 {
        return fault(at, "more than four filters");
    }
    if parameters.is_some_and(|parameters| parameters.len() != names.len()) {
        return fault(at, "filters and parameters that do not belong together");
    }
    let mut steps = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let Object::Name(name) = name else { return fault(at, "a malformed filter") };
        let own = parameters.and_then(|parameters| parameters.get(index));
        let own = match own {
            None | Some(Object::Null) => None,
            Some(Object::Dict(own)) if own.iter().all(|(_, value)| !is_reference(value)) => {
                Some(own)
            }
            Some(_) => return fault(at, "malformed parameters of a filter"),
        };
        steps.push((name.as_slice(), own));
    }
    Ok(steps)
}

fn list(object: &Object) -> &[Object] {
    object.array().unwrap_or_else(|| std::slice::from_ref(object))
}

fn is_reference(object: &Object) -> bool {
    matches!(object, Object::Ref(..))
}

fn inflate(bytes: &[u8], at: usize, budget: &mut Budget) -> Result<Vec<u8>, ReadError> {
    let limit = budget.inflated_bytes.saturating_add(1);
    let mut inflater = Decompress::new(true);
    // Text inflates to four times its size; for more, the buffer grows as needed.
    let mut inflated = Vec::with_capacity(bytes.len().saturating_mul(4).clamp(256, 64 << 10));
    let mut rest = bytes;
    loop {
        let before = (inflater.total_in(), inflated.len());
        let status = inflater.decompress_vec(rest, &mut inflated, FlushDecompress::None);
        let read = inflater.total_in().saturating_sub(before.0);
        let made = inflated.len().saturating_sub(before.1);
        budget.pay(Purse::InflatedBytes, made, "inflated bytes")?;
        rest = rest.get(usize::try_from(read).unwrap_or(usize::MAX)..).unwrap_or_default();
        match status {
            Ok(Status::StreamEnd) => break,
            // When there is free space instead, the input ended too early.
            Ok(_) if inflated.len() == inflated.capacity() => {
                let room = inflated.len().clamp(256, limit.saturating_sub(inflated.len()).max(256));
                inflated.reserve_exact(room);
            }
            Ok(_) if (read, inflated.len()) != (0, before.1) && !rest.is_empty() => {}
            _ => return fault(at, "a stream that cannot be inflated"),
        }
    }
    Ok(inflated)
}

/// `None` for sample sizes that only images have.
fn unpredict(
    bytes: Vec<u8>,
    parameters: Option<&Dict>,
    at: usize,
) -> Result<Option<Vec<u8>>, ReadError> {
    let number = |key: &str, default: i64| {
        parameters.and_then(|dict| dict.get(key)).map_or(Some(default), Object::int)
    };
    let (Some(predictor), Some(columns), Some(colours), Some(bits)) = (
        number("Predictor", 1),
        number("Columns", 1),
        number("Colors", 1),
        number("BitsPerComponent", 8),
    ) else {
        return fault(at, "malformed parameters of a predictor");
    };
    if predictor == 1 {
        return Ok(Some(bytes));
    }
    let bits_of_pixel = match (colours, bits) {
        (1..=32, 1 | 2 | 4 | 8 | 16) => colours.saturating_mul(bits),
        _ => return fault(at, "malformed parameters of a predictor"),
    };
    let octets = |bits: i64| usize::try_from(bits.saturating_add(7) / 8).unwrap_or(0);
    let row = octets(bits_of_pixel.saturating_mul(columns));
    if row == 0 || row > 1 << 20 {
        return Err(OverBudget("predictor columns").into());
    }
    match (predictor, bits) {
        (10..=15, _) => png(&bytes, row, octets(bits_of_pixel), at).map(Some),
        (2, 8) => Ok(Some(tiff(&bytes, row, octets(bits_of_pixel)))),
        (2, _) => Ok(None),
        _ => fault(at, "an unknown predictor"),
    }
}

/// PNG predictors: each row begins with its filter type; `pixel` is the distance to the value on
/// the left.
fn png(bytes: &[u8], row: usize, pixel: usize, at: usize) -> Result<Vec<u8>, ReadError> {
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut above = vec![0_u8; row];
    for line in bytes.chunks(row.saturating_add(1)) {
        let Some((kind, data)) = line.split_first() else { continue };
        if data.len() != row {
            return fault(at, "a predicted row of the wrong length");
        }
        let mut line: Vec<u8> = Vec::with_capacity(row);
        for (place, (value, up)) in data.iter().zip(&above).enumerate() {
            let before = place.checked_sub(pixel);
            let of = |row: &[u8]| before.and_then(|at| row.get(at)).copied().unwrap_or(0);
            let left = of(&line);
            let prediction = match kind {
                0 => 0,
                1 => left,
                2 => *up,
                3 => u8::try_from(u16::from(left).midpoint(u16::from(*up))).unwrap_or(0),
                4 => paeth(left, *up, of(&above)),
                _ => return fault(at, "an unknown row predictor"),
            };
            line.push(value.wrapping_add(prediction));
        }
        out.extend(&line);
        above = line;
    }
    Ok(out)
}

fn tiff(bytes: &[u8], row: usize, pixel: usize) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    for data in bytes.chunks(row) {
        let start = out.len();
        for value in data {
            let before = out.len().checked_sub(pixel).filter(|before| *before >= start);
            let left = before.and_then(|before| out.get(before)).copied().unwrap_or(0);
            out.push(value.wrapping_add(left));
        }
    }
    out
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, up, corner].map(i16::from);
    let estimate = a.saturating_add(b).saturating_sub(c);
    let distance = |value: i16| estimate.saturating_sub(value).unsigned_abs();
    if distance(a) <= distance(b) && distance(a) <= distance(c) {
        left
    } else if distance(b) <= distance(c) {
        up
    } else {
        corner
    }
}

fn hex(bytes: &[u8], at: usize) -> Result<Vec<u8>, ReadError> {
    let body = bytes.split(|byte| *byte == b'>').next().unwrap_or_default();
    let digits = body
        .iter()
        .filter(|byte| !super::lexer::is_space(**byte))
        .map(|byte| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<Vec<u8>>>();
    let Some(digits) = digits else { return fault(at, "a malformed hexadecimal stream") };
    let pair = |pair: &[u8]| match pair {
        [high, low] => high << 4 | low,
        [high] => high << 4,
        _ => 0,
    };
    Ok(digits.chunks(2).map(pair).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predictors_of_pictures() {
        assert_eq!(
            tiff(&[1, 2, 3, 1, 1, 1, 9, 9, 9, 1, 2, 3], 6, 3),
            [1, 2, 3, 2, 3, 4, 9, 9, 9, 10, 11, 12]
        );
        let rows = [1, 1, 2, 3, 1, 1, 1, 4, 1, 1, 1, 1, 1, 1];
        assert_eq!(png(&rows, 6, 3, 0).unwrap(), [1, 2, 3, 2, 3, 4, 2, 3, 4, 3, 4, 5]);
    }
}
