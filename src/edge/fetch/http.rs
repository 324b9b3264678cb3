//! One HTTP/1.0 request (RFC 1945): the body comes whole and uncoded, and the connection ends with
//! it. Anything but 200 is an error.

use std::io::{self, Read as _, Write as _};

use super::host::{Host, Place};
use crate::edge::outgoing::{HeadError, Stopwatch, connect, look_up, read_head, status_of};

/// One request and the bounds on its answer.
pub(super) struct Ask<'a> {
    pub(super) host: &'a Host,
    pub(super) place: &'a Place,
    /// An OCSP request to post, or nothing to get.
    pub(super) question: Vec<u8>,
    pub(super) body_bytes: usize,
    pub(super) head_bytes: usize,
}

/// Why nothing was fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// A bound of the run was reached.
    #[error("not asked: over the bound on {0}")]
    Bound(&'static str),
    /// The name resolves to an address where no authority is.
    #[error("not asked: the name leads to {0}, which must be listed itself")]
    Inside(std::net::IpAddr),
    /// The network failed, or the time limit was reached.
    #[error(transparent)]
    Network(#[from] io::Error),
    /// The answer is not HTTP, or incomplete.
    #[error("no usable answer: {0}")]
    Answer(&'static str),
    /// A status other than 200.
    #[error("answered with status {0}; redirects are not followed")]
    Status(u16),
    /// More bytes than an honest answer has.
    #[error("answered with more than {0} bytes")]
    TooLarge(usize),
}

impl From<HeadError> for FetchError {
    fn from(error: HeadError) -> Self {
        match error {
            HeadError::Network(error) => Self::Network(error),
            HeadError::Broken(what) => Self::Answer(what),
            HeadError::TooLarge(most) => Self::TooLarge(most),
        }
    }
}

/// Sends the request, and returns the body of the answer.
pub(super) fn exchange(ask: &Ask<'_>, watch: &Stopwatch) -> Result<Vec<u8>, FetchError> {
    let addresses = look_up(ask.place.name(), ask.place.port(), watch)?;
    for address in &addresses {
        if !ask.host.may_lead_to(address.ip()) {
            return Err(FetchError::Inside(address.ip()));
        }
    }
    let mut wire = connect(&addresses, watch)?;
    wire.write_all(&request(ask))?;
    let (head, mut body) = read_head(&mut wire, ask.head_bytes)?;
    let length = read_status_and_length(&head)?;
    if length.is_some_and(|length| length > ask.body_bytes) {
        return Err(FetchError::TooLarge(ask.body_bytes));
    }
    let mut chunk = vec![0; CHUNK];
    while length.is_none_or(|length| body.len() < length) {
        let count = wire.read(&mut chunk)?;
        if count == 0 {
            break;
        }
        body.extend(chunk.get(..count).unwrap_or_default());
        if body.len() > ask.body_bytes {
            return Err(FetchError::TooLarge(ask.body_bytes));
        }
    }
    match length {
        Some(length) if body.len() < length => Err(FetchError::Answer("it broke off")),
        Some(length) => {
            body.truncate(length);
            Ok(body)
        }
        None => Ok(body),
    }
}

fn request(ask: &Ask<'_>) -> Vec<u8> {
    let (target, host) = (ask.place.target(), ask.place.authority());
    let common =
        format!("HTTP/1.0\r\nHost: {host}\r\nUser-Agent: yinzheng\r\nConnection: close\r\n");
    if ask.question.is_empty() {
        return format!("GET {target} {common}\r\n").into_bytes();
    }
    let length = ask.question.len();
    let head = format!(
        "POST {target} {common}Content-Type: application/ocsp-request\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), &ask.question].concat()
}

fn read_status_and_length(head: &str) -> Result<Option<usize>, FetchError> {
    let code = status_of(head).ok_or(FetchError::Answer("it is not of HTTP"))?;
    if code != 200 {
        return Err(FetchError::Status(code));
    }
    let mut length = None;
    for line in head.split("\r\n").skip(1).filter(|line| !line.is_empty()) {
        let (name, value) =
            line.split_once(':').ok_or(FetchError::Answer("a line of its head has no name"))?;
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "transfer-encoding" => return Err(FetchError::Answer("it comes in pieces")),
            "content-encoding" if value != "identity" => {
                return Err(FetchError::Answer("it is compressed"));
            }
            "content-length" => {
                let digits = value.bytes().all(|byte| byte.is_ascii_digit());
                let stated = value.parse().ok().filter(|_| digits && length.is_none());
                length = Some(stated.ok_or(FetchError::Answer("its length makes no sense"))?);
            }
            _ => {}
        }
    }
    Ok(length)
}

/// Bytes of one read.
const CHUNK: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_says_200_and_one_length_or_none() {
        let read = |head: &str| read_status_and_length(head).map_err(|error| error.to_string());
        assert_eq!(read("HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX: y"), Ok(Some(12)));
        assert_eq!(read("HTTP/1.0 200\r\nServer: x"), Ok(None));
        for (bad, why) in [
            ("HTTP/1.1 301 Moved\r\nLocation: http://a.test/", "301"),
            ("HTTP/1.1 404 Not Found", "404"),
            ("HTTP/2 200", "not of HTTP"),
            ("SSH-2.0-x", "not of HTTP"),
            ("", "not of HTTP"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", "in pieces"),
            ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip", "compressed"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\ncontent-length: 1", "no sense"),
            ("HTTP/1.1 200 OK\r\nContent-Length: +1", "no sense"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999", "no sense"),
            ("HTTP/1.1 200 OK\r\nnonsense", "no name"),
        ] {
            let said = read(bad).unwrap_err();
            assert!(said.contains(why), "{bad}: {said}");
        }
    }
}
