//! Strict JSON, JWS, SD-JWT and token status lists.
