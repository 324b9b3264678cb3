//! Chance as something that is handed in: the edge gives the system's, tests give a seeded one.

/// A source of random bytes.
///
/// Everything unpredictable in an artefact (salts, blinds, serials, codes) comes from here, so a
/// test office is repeatable. Signatures are the exception: ring draws the nonce of ECDSA itself.
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
