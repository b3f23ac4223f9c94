//! The store from outside: what every engine must do, and what is SQLite's own.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test that cannot go on fails"
)]

mod conformance;
mod engine;
mod full_disk;
mod group_commit;
mod kill;
mod model;
mod schema;

conformance::suite!(sqlite: crate::engine::Sqlite);
