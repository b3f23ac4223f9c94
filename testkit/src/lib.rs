//! What tests share: a clock that is moved by hand, repeatable randomness, builders. Never a normal dependency.

mod clock;
mod compile_fail;
mod entropy;

pub use clock::FakeClock;
pub use compile_fail::CompileFail;
pub use entropy::SeededEntropy;
