//! Randomness as a parameter.

/// Where random bytes come from. Passed in, so that tests are repeatable.
pub trait Entropy: Send + Sync + std::fmt::Debug {
    /// Fills `bytes` with bytes that nobody can predict.
    fn fill(&self, bytes: &mut [u8]);
}
