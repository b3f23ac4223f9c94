//! Each parser of bytes that somebody else may have written, as a plain function that must neither panic nor hang.

mod mutate;
mod seeds;
mod targets;

pub use mutate::mutate;
pub use seeds::seeds;
pub use targets::{TARGETS, Target};
