//! Outgoing connections: common to [`super::fetch`] and [`super::webhooks`].
//!
//! To addresses that were resolved and checked before, within a time limit that holds whatever the
//! other side does.

mod tls;
mod wire;

use std::io;

pub use tls::{BadRoots, believing, trusting};
pub use wire::{Stopwatch, Wire, connect, look_up};

/// Why an answer has no head.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// The network failed, or the time limit was reached.
    #[error(transparent)]
    Network(#[from] io::Error),
    /// The answer is not HTTP.
    #[error("{0}")]
    Broken(&'static str),
    /// More bytes than an honest head has.
    #[error("a head of more than {0} bytes")]
    TooLarge(usize),
}

/// Reads the head of an HTTP answer up to its empty line: its text, and the bytes after it.
pub fn read_head(wire: &mut dyn io::Read, most: usize) -> Result<(String, Vec<u8>), HeadError> {
    let mut bytes = Vec::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if end.unwrap_or(bytes.len()) > most {
            return Err(HeadError::TooLarge(most));
        }
        if let Some(end) = end {
            let body = bytes.split_off(end + 4);
            let head =
                String::from_utf8(bytes).map_err(|_| HeadError::Broken("its head is no text"))?;
            return Ok((head, body));
        }
        let count = wire.read(&mut chunk)?;
        if count == 0 {
            return Err(HeadError::Broken("it ends within its head"));
        }
        bytes.extend(chunk.get(..count).unwrap_or_default());
    }
}

/// The status in the first line of a head.
pub fn status_of(head: &str) -> Option<u16> {
    let mut first = head.split("\r\n").next().unwrap_or_default().split(' ');
    let is_http = first.next().is_some_and(|version| version.starts_with("HTTP/1."));
    first.next().and_then(|code| code.parse().ok()).filter(|_| is_http)
}

/// Bytes of one read.
const CHUNK: usize = 16 << 10;
