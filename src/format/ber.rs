//! Messages with lengths left open (X.690, 8.1.3.6), as some producers write the outside of their
//! signatures: made into DER, which is then read strictly.
//!
//! Only the lengths are closed; every other byte stays. What was signed (attributes, certificates)
//! stands inside with closed lengths, and the reader makes sure of that.

use std::borrow::Cow;

/// No element with closed or rightly ended lengths stands here, or it is nested too deeply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadBer;

/// The first element, every length closed, and how many bytes it took. An element whose own length
/// is closed is not looked into.
pub fn closed(bytes: &[u8], depth: usize) -> Result<(Cow<'_, [u8]>, usize), BadBer> {
    let (header, open) = header(bytes)?;
    if !open {
        let end = header.end;
        return bytes.get(..end).map(|element| (Cow::Borrowed(element), end)).ok_or(BadBer);
    }
    let mut out = Vec::with_capacity(bytes.len().min(1 << 16));
    let taken = element(bytes, depth, &mut out)?;
    Ok((Cow::Owned(out), taken))
}

struct Header {
    /// Where the content begins.
    content: usize,
    /// The byte after the element; for an open length, where its content begins.
    end: usize,
}

/// Tag and length; whether the length is open.
fn header(bytes: &[u8]) -> Result<(Header, bool), BadBer> {
    let (tag, first) = (bytes.first().ok_or(BadBer)?, *bytes.get(1).ok_or(BadBer)?);
    // No message that we read has tags of several bytes.
    if tag & 0x1F == 0x1F {
        return Err(BadBer);
    }
    if first == 0x80 {
        // Only constructed elements may be left open.
        return if tag & 0x20 == 0 { Err(BadBer) } else { Ok((Header { content: 2, end: 2 }, true)) };
    }
    let (length, content) = if first < 0x80 {
        (usize::from(first), 2_usize)
    } else {
        let count = usize::from(first & 0x7F);
        let content = count.checked_add(2).ok_or(BadBer)?;
        let digits = bytes.get(2..content).filter(|_| count <= 4).ok_or(BadBer)?;
        (digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)), content)
    };
    let end = content.checked_add(length).filter(|end| *end <= bytes.len()).ok_or(BadBer)?;
    Ok((Header { content, end }, false))
}

/// Writes one element with its lengths closed; returns how many bytes were read.
fn element(bytes: &[u8], depth: usize, out: &mut Vec<u8>) -> Result<usize, BadBer> {
    let depth = depth.checked_sub(1).ok_or(BadBer)?;
    let (header, open) = header(bytes)?;
    if !open {
        out.extend(bytes.get(..header.end).ok_or(BadBer)?);
        return Ok(header.end);
    }
    let mut content = Vec::new();
    let mut at = header.content;
    loop {
        let rest = bytes.get(at..).ok_or(BadBer)?;
        if rest.starts_with(&[0, 0]) {
            break;
        }
        at = at.checked_add(element(rest, depth, &mut content)?).ok_or(BadBer)?;
    }
    out.extend(bytes.first());
    write_length(content.len(), out)?;
    out.extend(content);
    at.checked_add(2).ok_or(BadBer)
}

fn write_length(length: usize, out: &mut Vec<u8>) -> Result<(), BadBer> {
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let digits = u32::try_from(length).map_err(|_| BadBer)?.to_be_bytes();
            let digits: Vec<u8> = digits.into_iter().skip_while(|digit| *digit == 0).collect();
            out.push(0x80 | u8::try_from(digits.len()).map_err(|_| BadBer)?);
            out.extend(digits);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_closed_and_nothing_else_changes() {
        let open = [0x30, 0x80, 0x02, 1, 7, 0x30, 0x80, 0x05, 0, 0, 0, 0, 0, 9];
        let (closed_bytes, taken) = closed(&open, 8).unwrap();
        assert_eq!(closed_bytes.as_ref(), [0x30, 7, 0x02, 1, 7, 0x30, 2, 0x05, 0]);
        assert_eq!(taken, 13);
        let long = [&[0x30, 0x80, 0x04, 0x81, 200][..], &[7; 200], &[0, 0]].concat();
        let (closed_bytes, _) = closed(&long, 8).unwrap();
        assert_eq!(closed_bytes.get(..6), Some(&[0x30, 0x81, 203, 0x04, 0x81, 200][..]));
    }

    #[test]
    fn a_closed_element_stays_as_it_is() {
        let bytes = [0x30, 2, 5, 0, 0, 0];
        assert!(matches!(closed(&bytes, 8), Ok((Cow::Borrowed(_), 4))));
    }

    #[test]
    fn what_does_not_end_or_goes_too_deep_is_refused() {
        assert!(closed(&[0x30, 0x80, 5, 0], 8).is_err());
        assert!(closed(&[0x04, 0x80, 0, 0], 8).is_err());
        assert!(closed(&[0x30, 0x80].repeat(100), 64).is_err());
        assert!(closed(&[0x30, 0x84, 255, 255, 255, 255], 8).is_err());
    }
}
