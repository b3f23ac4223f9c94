//! Measures what DESIGN.md promises, and prints tables.
//!
//! `cargo xtask bench [NAME…]` builds the release and runs this. Nothing here passes or fails by time: figures are
//! compared by those who read them, within one table, where every row was measured in turn with the others.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a measurement that goes wrong ends at once; it runs on no input but its own, and reads the real clock"
)]

mod apart;
mod change;
mod cpu;
mod crowd;
mod decision;
mod demo;
mod evidence;
mod fixture;
mod gateway;
mod half;
mod load;
mod pages;
mod password;
mod peer;
mod start;
mod streams;
mod table;
mod tokens;
mod upstream;
mod watched;

use std::process::ExitCode;

use clap::Parser;

use crate::table::Machine;

/// How much is measured.
#[derive(Debug, Clone, Parser)]
#[command(about = "Measures what is promised, and prints tables")]
pub(crate) struct Options {
    /// What to measure; left out, everything
    names: Vec<String>,
    /// How many interleaved rounds
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Small and short: whether everything runs, not how fast
    #[arg(long)]
    quick: bool,
    /// Large: ten million events
    #[arg(long)]
    long: bool,
    /// Of `apart`, no more than this part of it
    #[arg(long)]
    part: Option<String>,
}

impl Options {
    /// Rounds to run: one if it is only about whether they run.
    pub(crate) fn rounds(&self) -> u32 {
        if self.quick { 1 } else { self.rounds.max(1) }
    }

    /// One number for a measurement, another for a smoke run.
    pub(crate) fn size<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }
}

type Measure = fn(&Options) -> anyhow::Result<()>;

const ALL: [(&str, Measure); 12] = [
    ("decision", decision::run),
    ("change", change::run),
    ("gateway", gateway::run),
    ("half", half::run),
    ("crowd", crowd::run),
    ("streams", streams::run),
    ("start", start::run),
    ("evidence", evidence::run),
    ("apart", apart::run),
    ("pages", pages::run),
    ("password", password::run),
    ("tokens", tokens::run),
];

fn main() -> ExitCode {
    if std::env::args().nth(1).is_some_and(|first| first == apart::CHILD) {
        return apart::child();
    }
    let options = Options::parse();
    if let Some(unknown) = options.names.iter().find(|name| !ALL.iter().any(|(known, _)| known == name)) {
        println!("there is no `{unknown}`; there are {}", ALL.map(|(name, _)| name).join(", "));
        return ExitCode::FAILURE;
    }
    let mut failed = false;
    for (name, measure) in ALL {
        if !options.names.is_empty() && !options.names.iter().any(|wanted| wanted == name) {
            continue;
        }
        let machine = Machine::look();
        println!("\n## {name}\n");
        if let Err(error) = measure(&options) {
            println!("{name} failed: {error:#}");
            failed = true;
        }
        let flags = if options.quick {
            " --quick"
        } else if options.long {
            " --long"
        } else {
            ""
        };
        println!("`cargo xtask bench {name}{flags}`, rounds: {}; {}.", options.rounds(), machine.since());
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
