//! Control and enforcement points apart: what the wire between them costs, and how much of it control can bear.

mod back;
mod child;
mod control;
mod elsewhere;
mod far;
mod fill;
mod fleet;
mod lag;
mod shipped;
mod snapshot;
mod stream;

use rustix::time::{ClockId, clock_gettime};

pub(crate) use child::{CHILD, main as child};

use crate::Options;

/// The parts, in the order in which they are measured.
const PARTS: [(&str, crate::Measure); 6] = [
    ("lag", lag::run),
    ("stream", stream::run),
    ("snapshot", snapshot::run),
    ("shipped", shipped::run),
    ("back", back::run),
    ("far", far::run),
];

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    for (name, part) in PARTS {
        if options.part.as_deref().is_none_or(|wanted| wanted == name) {
            part(options)?;
        }
    }
    Ok(())
}

/// Milliseconds since this machine was started: the same in every process of it.
fn since_boot() -> f64 {
    let now = clock_gettime(ClockId::Boottime);
    now.tv_sec as f64 * 1000.0 + now.tv_nsec as f64 / 1e6
}

/// As control and points have it: threads for both cores, and one for who looks on.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}
