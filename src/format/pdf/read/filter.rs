//! Stream filters: Flate with PNG predictors, and hexadecimal. Every inflated byte is paid for.

use flate2::{Decompress, FlushDecompress, Status};

use super::object::{Dict, Object};
use super::{ReadError, fault};
use crate::base::limits::{Budget, OverBudget};

/// Applies the filters of a stream's dictionary. `None` when a filter is one that we do not read
/// (images, crypt): the caller decides whether it needs those bytes.
pub(super) fn decode(
    dict: &Dict,
    raw: &[u8],
    at: usize,
    budget: &mut Budget,
) -> Result<Option<Vec<u8>>, ReadError> {
    let names = match dict.get("Filter") {
        None | Some(Object::Null) => Vec::new(),
        Some(Object::Name(name)) => vec![name.as_slice()],
        Some(Object::Array(items)) => items.iter().filter_map(Object::name).collect(),
        Some(_) => return fault(at, "a malformed filter"),
    };
    let parameters = match dict.get("DecodeParms") {
        Some(Object::Array(items)) => items.iter().map(Object::dict).collect(),
        Some(Object::Dict(dict)) => vec![Some(dict)],
        _ => Vec::new(),
    };
    if names.len() > 4 {
        return fault(at, "more than four filters");
    }
    let mut bytes = raw.to_vec();
    for (index, name) in names.into_iter().enumerate() {
        bytes = match name {
            b"FlateDecode" => {
                let inflated = inflate(&bytes, at, budget)?;
                unpredict(inflated, parameters.get(index).copied().flatten(), at)?
            }
            b"ASCIIHexDecode" => hex(&bytes, at)?,
            _ => return Ok(None),
        };
    }
    Ok(Some(bytes))
}

fn inflate(bytes: &[u8], at: usize, budget: &mut Budget) -> Result<Vec<u8>, ReadError> {
    let limit = budget.inflated_bytes.saturating_add(1);
    let mut inflater = Decompress::new(true);
    // Text grows to four times its size; what grows more, or is large, gets room as it comes.
    let mut inflated = Vec::with_capacity(bytes.len().saturating_mul(4).clamp(256, 64 << 10));
    let mut rest = bytes;
    loop {
        let before = (inflater.total_in(), inflated.len());
        let status = inflater.decompress_vec(rest, &mut inflated, FlushDecompress::None);
        let read = inflater.total_in().saturating_sub(before.0);
        rest = rest.get(usize::try_from(read).unwrap_or(usize::MAX)..).unwrap_or_default();
        match status {
            Ok(Status::StreamEnd) => break,
            _ if inflated.len() >= limit => break,
            // Room that is left over says that it waits for bytes that are not there.
            Ok(_) if inflated.len() == inflated.capacity() => {
                let room = inflated.len().clamp(256, limit.saturating_sub(inflated.len()).max(256));
                inflated.reserve_exact(room);
            }
            Ok(_) if (read, inflated.len()) != (0, before.1) && !rest.is_empty() => {}
            _ => return fault(at, "a stream that cannot be inflated"),
        }
    }
    Budget::spend(&mut budget.inflated_bytes, inflated.len(), "inflated bytes")?;
    Ok(inflated)
}

fn unpredict(bytes: Vec<u8>, parameters: Option<&Dict>, at: usize) -> Result<Vec<u8>, ReadError> {
    let number = |key: &str, default: i64| {
        parameters.and_then(|dict| dict.get(key)).and_then(Object::int).unwrap_or(default)
    };
    match number("Predictor", 1) {
        1 => return Ok(bytes),
        10..=15 => {}
        _ => return fault(at, "an unsupported predictor"),
    }
    if number("Colors", 1) != 1 || number("BitsPerComponent", 8) != 8 {
        return fault(at, "an unsupported predictor");
    }
    let columns = usize::try_from(number("Columns", 1)).unwrap_or(0);
    if columns == 0 || columns > 1 << 16 {
        return Err(OverBudget("predictor columns").into());
    }
    png(&bytes, columns, at)
}

fn png(bytes: &[u8], columns: usize, at: usize) -> Result<Vec<u8>, ReadError> {
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut above = vec![0_u8; columns];
    for row in bytes.chunks(columns.saturating_add(1)) {
        let Some((kind, data)) = row.split_first() else { continue };
        if data.len() != columns {
            return fault(at, "a predicted row of the wrong length");
        }
        let mut line: Vec<u8> = Vec::with_capacity(columns);
        let mut corner = 0_u8;
        for (value, up) in data.iter().zip(&above) {
            let left = line.last().copied().unwrap_or(0);
            let prediction = match kind {
                0 => 0,
                1 => left,
                2 => *up,
                3 => u8::try_from(u16::from(left).midpoint(u16::from(*up))).unwrap_or(0),
                4 => paeth(left, *up, corner),
                _ => return fault(at, "an unknown row predictor"),
            };
            corner = *up;
            line.push(value.wrapping_add(prediction));
        }
        out.extend(&line);
        above = line;
    }
    Ok(out)
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
