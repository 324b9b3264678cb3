//! Randomness as a parameter: the edge passes the system's, tests pass a seeded source.

/// A source of random bytes.
///
/// Every unpredictable value in an artefact (salts, blindings, serials, codes) comes from here, so
/// a test office is repeatable. Signatures are the exception: ring draws the nonce of ECDSA itself.
pub trait Entropy: Send + Sync {
    /// Fills `buffer`. An implementation that cannot must end the process rather than
    /// give predictable bytes.
    fn fill(&self, buffer: &mut [u8]);
}

/// `N` bytes at once.
pub fn draw<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}
