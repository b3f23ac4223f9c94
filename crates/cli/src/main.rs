//! `bartizan`: authenticates, authorises, encrypts and records each request, and cuts what is no longer allowed.

mod args;
mod backup;
mod certificates;
mod client;
mod commands;
mod config;
mod demo;
mod deployment;
mod descriptors;
mod doctor;
mod health;
mod host_keys;
mod lock;
mod output;
mod serving;
mod sockets;
mod system;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let filter = std::env::var_os("BARTIZAN_LOG").and_then(|value| value.into_string().ok());
    tracing_subscriber::fmt()
        .with_env_filter(filter.unwrap_or_else(|| String::from("warn")))
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::talk(&format!("bartizan: the runtime cannot start: {error}"));
            return ExitCode::from(output::FAILED);
        }
    };
    match runtime.block_on(commands::run(args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::talk(&format!("bartizan: {}", failure.message));
            ExitCode::from(failure.code)
        }
    }
}
