//! Strict PDF reader.
