//! The printed page of a licence.
