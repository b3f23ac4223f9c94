//! The wire form of the traits in which the halves meet: gRPC over HTTP/2, with messages apart from the domain's types.
//!
//! What is generated from `proto/` is in `generated`, and made anew by `cargo xtask wire`. Everything that comes in is turned
//! into types of the domain here, or refused; TLS, and who the other side is, are the business of who brings the connection.

mod channel;
mod client;
mod facts;
mod feed;
#[expect(
    missing_docs,
    unreachable_pub,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "generated; the .proto file says what each is"
)]
mod generated;
mod questions;
mod server;
mod status;
#[cfg(test)]
mod tests;
mod versions;

pub use channel::{Connection, Dial};
pub use client::Remote;
pub use feed::{Assembler, Cutter};
pub use generated::Frame;
pub use server::{Halves, Peer, Server, serve_connection};
pub use versions::Versions;

/// A message that is not what it should be. The other side speaks another form, or lies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` is not in order: {why}")]
pub struct WireError {
    field: &'static str,
    why: String,
}

impl WireError {
    fn new(field: &'static str, why: impl std::fmt::Display) -> Self {
        Self { field, why: why.to_string().chars().take(200).collect() }
    }
}

/// So many bytes, no more and no fewer.
fn fixed<const N: usize>(field: &'static str, bytes: &[u8]) -> Result<[u8; N], WireError> {
    let wrong = |_wrong| WireError::new(field, format_args!("{} bytes in the place of {N}", bytes.len()));
    bytes.try_into().map_err(wrong)
}

/// A name, an address, a text with a form of its own.
fn text<T: std::str::FromStr<Err: std::fmt::Display>>(
    field: &'static str,
    text: &str,
) -> Result<T, WireError> {
    text.parse().map_err(|error| WireError::new(field, error))
}

/// What must be there.
fn given<T>(field: &'static str, value: Option<T>) -> Result<T, WireError> {
    value.ok_or_else(|| WireError::new(field, "missing"))
}
