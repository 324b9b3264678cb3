//! The system's randomness: the one place where random bytes are drawn.

use ring::rand::{SecureRandom as _, SystemRandom};

use crate::base::entropy::Entropy;

/// The operating system's generator; the process ends when it fails.
#[derive(Debug)]
pub struct SystemEntropy(SystemRandom);

impl Default for SystemEntropy {
    fn default() -> Self {
        Self(SystemRandom::new())
    }
}

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        if self.0.fill(buffer).is_err() {
            // Without randomness every salt, serial and code would be predictable: stop.
            std::process::abort();
        }
    }
}
