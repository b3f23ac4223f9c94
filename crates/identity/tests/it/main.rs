//! Signing in, from outside: a real store, a real spool, and a clock that is moved by hand.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod at_once;
mod attempts;
mod changes;
mod claims;
mod clients;
mod compile_fail;
mod factors;
mod fuzz;
mod matrix;
mod meddler;
mod passkeys;
mod rig;
mod secrecy;
mod sign_in;
mod signing_keys;
mod sweep;
mod throttle;
