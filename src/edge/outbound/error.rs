//! Why a request has no answer.

use std::error::Error as _;
use std::io;

use super::permitted::NotPermitted;
use crate::base::foreign_words;

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The name resolves to an address that may not be connected to; nothing was sent.
    #[error(transparent)]
    Address(#[from] NotPermitted),
    /// The network or TLS failed.
    #[error("{}", foreign_words::of_system(.0).en)]
    Network(io::Error),
    /// The time limit was reached.
    #[error("no answer in time")]
    TooSlow,
    /// The request cannot be expressed in HTTP.
    #[error("not a request: {0}")]
    Request(#[from] axum::http::Error),
    /// The answer is not HTTP, or incomplete.
    #[error("no usable answer: {0}")]
    Answer(&'static str),
    /// A longer head than an honest one.
    #[error("the answer cannot be read: its head has more than {0} bytes, or 100 lines")]
    Head(usize),
    /// A longer body than an honest one.
    #[error("the answer cannot be read: it has more than {0} bytes")]
    Body(usize),
}

impl From<io::Error> for OutboundError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::TimedOut => Self::TooSlow,
            _ => Self::Network(error),
        }
    }
}

impl OutboundError {
    /// What became of an answer's head.
    pub(super) fn of_head(error: hyper::Error, most: usize) -> Self {
        if error.is_parse_too_large() {
            Self::Head(most)
        } else if error.is_parse() {
            Self::Answer("it is not of HTTP")
        } else if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
            Self::Answer("it ends within its head")
        } else {
            Self::of_body(error)
        }
    }

    /// What became of the body behind it.
    pub(super) fn of_body(error: hyper::Error) -> Self {
        match error.source().and_then(|source| source.downcast_ref::<io::Error>()) {
            Some(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => {
                Self::Answer("it broke off")
            }
            // Hyper's own words do not say which.
            Some(cause) => io::Error::new(cause.kind(), cause.to_string()).into(),
            None => Self::Network(io::Error::other(error)),
        }
    }
}
