//! QR symbols as squares.
