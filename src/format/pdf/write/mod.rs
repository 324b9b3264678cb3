//! PDF writer and incremental appender.
