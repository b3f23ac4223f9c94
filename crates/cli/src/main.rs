//! `bartizan`: authenticates, authorises, encrypts and records each request, and cuts what is no longer allowed.

mod apart;
mod args;
mod backup;
mod certificates;
mod client;
mod commands;
mod complete;
mod config;
mod courier;
mod demo;
mod deployment;
mod descriptors;
mod doctor;
mod health;
mod host_keys;
mod lock;
mod logging;
mod login;
mod memory;
mod output;
mod points;
mod probe;
mod progress;
mod sandbox;
mod serving;
mod sockets;
mod support;
mod system;
mod telemetry;

use std::process::ExitCode;

use commands::Ready;
use logging::Format;

fn main() -> ExitCode {
    match complete::answered() {
        Ok(true) => return ExitCode::SUCCESS,
        Ok(false) => {}
        Err(failure) => return failed(Format::Text, &failure),
    }
    let args: args::Args = clap::FromArgMatches::from_arg_matches(&args::command().get_matches())
        .unwrap_or_else(|error| error.exit());
    let ready = match Ready::of(args) {
        Ok(ready) => ready,
        Err(failure) => return failed(Format::Text, &failure),
    };
    let logging = ready.logging();
    let telemetry = ready.telemetry();
    logging::start(&logging, telemetry.as_ref());
    ready.confine();
    let sending = match telemetry.map(|telemetry| telemetry.start()).transpose() {
        Ok(sending) => sending,
        Err(failure) => return failed(logging.format, &failure),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let message = format!("the runtime cannot start: {error}");
            return failed(logging.format, &output::Failure::new(output::FAILED, message));
        }
    };
    let ended = runtime.block_on(ready.run());
    // What is left looks up a name that nobody waits for any more.
    runtime.shutdown_timeout(LEFT);
    let code = match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failed(logging.format, &failure),
    };
    if let Some(sending) = sending {
        sending.stop();
    }
    code
}

fn failed(format: Format, failure: &output::Failure) -> ExitCode {
    match format {
        Format::Text => output::talk(&format!("bartizan: {}", failure.message)),
        Format::Json => tracing::error!(target: "bartizan", exit_code = failure.code, "{}", failure.message),
    }
    ExitCode::from(failure.code)
}

/// For what a command has left behind on threads of its own.
const LEFT: std::time::Duration = std::time::Duration::from_secs(1);
