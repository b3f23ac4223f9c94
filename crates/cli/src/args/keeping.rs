//! What can be asked about keeping a deployment, and about getting it back.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Backup {
    #[command(subcommand)]
    pub(crate) verb: Option<BackupVerb>,
    /// The configuration of the deployment, which may be running
    #[arg(long, value_name = "FILE", default_value = "bartizan.toml")]
    pub(crate) config: PathBuf,
    /// The file to write, or a folder for a file that is named after domain and time
    #[arg(long, value_name = "PATH", required = true)]
    pub(crate) to: Option<PathBuf>,
    /// Who can open it: a public key, as `bartizan backup key` prints it. May be given several times
    #[arg(long, value_name = "age1…", required_unless_present = "recipients")]
    pub(crate) recipient: Vec<String>,
    /// A file with one public key a line
    #[arg(long, value_name = "FILE")]
    pub(crate) recipients: Option<PathBuf>,
    /// Delete all but so many backups of this deployment in the folder, the newest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) keep: Option<u32>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BackupVerb {
    /// Make a key pair: the private key goes into a file, the public one is printed
    Key {
        /// The file for the private key. Keep it elsewhere than the backups, and in two places
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Find out whether a backup is whole, without bringing it back
    Check {
        /// The backup
        file: PathBuf,
        /// The file with the private key
        #[arg(long, value_name = "FILE")]
        identity: PathBuf,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Restore {
    /// The backup
    pub(crate) file: PathBuf,
    /// The file with the private key
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: PathBuf,
    /// The data directory to make; it must not be there, or be empty
    #[arg(long, value_name = "D")]
    pub(crate) to: PathBuf,
    /// Where to write the configuration of then; left out, it stays in the data directory as `restored.toml`
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The evidence log as it was last seen (`D/log` of what is lost, or a copy): nothing that it says is lost, and who was
    /// deleted or erased since the backup stays so
    #[arg(long, value_name = "D")]
    pub(crate) log: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Recover {
    /// Make somebody an administrator again, take their password and second factor, and print a link to choose others
    Admin {
        /// Their login name; they are made, if they are not there
        name: String,
        /// They keep password and second factor; no link is printed
        #[arg(long)]
        keep_factors: bool,
        /// The configuration
        #[arg(long, value_name = "FILE", default_value = "bartizan.toml")]
        config: PathBuf,
    },
    /// List the newest changes of apps, groups, people and policies, to find the revision before the one that hurts
    Changes {
        /// At most so many
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// The configuration
        #[arg(long, value_name = "FILE", default_value = "bartizan.toml")]
        config: PathBuf,
    },
    /// Make apps, groups and policies what they were at a revision; people stay as they are
    Rollback {
        /// The revision
        #[arg(long, value_name = "REVISION")]
        to: u64,
        /// The configuration
        #[arg(long, value_name = "FILE", default_value = "bartizan.toml")]
        config: PathBuf,
    },
}
