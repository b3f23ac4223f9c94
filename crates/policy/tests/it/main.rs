//! The engine as others use it: through its public types alone.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod compile_fail;
mod decide;
mod explain;
mod findings;
mod index;
mod recall;
mod remedies;
mod scene;
mod time;
mod world;
