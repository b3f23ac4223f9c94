//! The project's tasks: `cargo xtask check`, `cargo xtask test [SUITE]`, `cargo xtask fuzz`,
//! `cargo xtask bench [NAME…]`, `cargo xtask book`, `cargo xtask man`,
//! `cargo xtask deb`, `cargo xtask vendor`.

#![expect(clippy::print_stdout, reason = "a task talks to who runs it")]

mod bench;
mod book;
mod check;
mod deb;
mod layers;
mod licences;
mod man;
mod run;
mod test;
mod tools;
mod vendor;
mod wire;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(about = "The project's tasks")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Formatting, lints, layers, licences, documentation
    Check,
    /// Every test, or one suite of them: unit, fuzz, e2e; or edge, a part of unit and e2e
    Test {
        /// The suite
        suite: Option<String>,
        /// The long variants, too
        #[arg(long)]
        long: bool,
    },
    /// Who may depend on whom (part of `check`)
    Layers,
    /// Which licences come in (part of `check`)
    Licences,
    /// The user book, in target/book; first that it is in order (part of `check`)
    Book,
    /// The manual pages, in target/man
    Man,
    /// The Debian package, in target/debian, checked with lintian
    Deb(deb::Deb),
    /// The code of the wire form between control and its points, from its .proto file
    Wire {
        /// Only find whether it is up to date
        #[arg(long)]
        check: bool,
    },
    /// The scripts of others in crates/ui/vendor, made anew from their lock file
    Vendor {
        /// Only find whether what is committed is what is named there; needs no network
        #[arg(long)]
        check: bool,
    },
    /// Each parser against changed inputs for a while
    Fuzz {
        /// How long each, in seconds
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// Only this one
        #[arg(long)]
        only: Option<String>,
    },
    /// Measurements, in release: decision, change, gateway, half, crowd, streams, start, evidence, apart, pages, password, tokens; or all of them
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    let done = match Args::parse().task {
        Task::Check => check::run(),
        Task::Test { suite, long } => test::run(suite.as_deref(), long),
        Task::Layers => layers::run(),
        Task::Licences => licences::run(),
        Task::Book => book::run(),
        Task::Man => man::run(),
        Task::Deb(deb) => deb.run(),
        Task::Wire { check } => wire::run(check),
        Task::Vendor { check: true } => vendor::check(),
        Task::Vendor { check: false } => vendor::write(),
        Task::Fuzz { seconds, only } => test::fuzz(seconds, only.as_deref()),
        Task::Bench(bench) => bench.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
