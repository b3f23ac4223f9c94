//! What can be asked about a deployment of one's own.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

#[derive(Debug, ClapArgs)]
pub(crate) struct Init {
    /// The folder to make: configuration and data
    #[arg(long, value_name = "D")]
    pub(crate) dir: PathBuf,
    /// Where to keep the data, if not below it; made for root by the package, it belongs to the user of the service
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// The domain below which the own hosts are
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) domain: String,
    /// Where to listen
    #[arg(long, default_value = "0.0.0.0:8443", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// The login name of the first administrator
    #[arg(long, value_name = "NAME")]
    pub(crate) admin: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Serve {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = "bartizan.toml")]
    pub(crate) config: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Gateway {
    /// What `bartizan join-token create` printed; needed once
    #[arg(long, value_name = "TOKEN", conflicts_with = "join_file")]
    pub(crate) join: Option<String>,
    /// A file that holds it
    #[arg(long, value_name = "FILE")]
    pub(crate) join_file: Option<PathBuf>,
    /// Where to keep its key, its certificate and what it has recorded
    #[arg(long, value_name = "D", default_value = "gateway")]
    pub(crate) dir: PathBuf,
    /// Where to listen
    #[arg(long, default_value = "0.0.0.0:8443", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// Where to tell health and metrics, on this machine only; nowhere if left out
    #[arg(long, value_name = "ADDRESS", value_parser = loopback)]
    pub(crate) health: Option<SocketAddr>,
}

/// An address that only this machine reaches: what is told there is told to anybody.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|error| format!("{error}: write 127.0.0.1:9464"))?;
    if address.ip().to_canonical().is_loopback() {
        Ok(address)
    } else {
        Err(String::from("health and metrics are plain HTTP for this machine only: write 127.0.0.1:9464"))
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Doctor {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = "bartizan.toml")]
    pub(crate) config: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Find what is wrong with a configuration, without starting anything
    Check {
        /// The configuration
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Support {
    /// Pack what somebody who helps needs to know: shows what is in it, and asks, before it writes anything
    Bundle {
        /// The configuration
        #[arg(long, value_name = "FILE", default_value = "bartizan.toml")]
        config: PathBuf,
        /// Where to write it; left out, here, under a name that says when
        #[arg(long, value_name = "FILE.tar.gz")]
        to: Option<PathBuf>,
        /// A file that the log of the process goes to; left out, the journal
        #[arg(long, value_name = "FILE")]
        log: Option<PathBuf>,
        /// Write it without asking
        #[arg(long)]
        yes: bool,
    },
}
