//! What can be asked about objects and policies.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use clap_complete::engine::ArgValueCompleter;

#[derive(Debug, ClapArgs)]
pub(crate) struct Apply {
    /// The folder of `.toml` and `.cedar` files
    #[arg(short = 'f', long = "folder", value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Say what would be changed, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Delete what no file declares
    #[arg(long)]
    pub(crate) prune: bool,
}

/// A kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// What is behind the gateway
    App,
    /// A program that people sign in to with us
    Client,
    /// An identity provider at which people sign in
    Provider,
    /// People and groups
    Group,
    /// What is permitted and forbidden
    Policy,
    /// A person
    User,
    /// A sign-in (get and list only)
    Session,
}

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Client => "client",
            Self::Provider => "provider",
            Self::Group => "group",
            Self::Policy => "policy",
            Self::User => "user",
            Self::Session => "session",
        }
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct One {
    /// Its kind
    #[arg(value_enum)]
    pub(crate) kind: Kind,
    /// Its name; a person's login name
    #[arg(add = ArgValueCompleter::new(crate::complete::objects))]
    pub(crate) name: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct List {
    /// The kind
    #[arg(value_enum)]
    pub(crate) kind: Kind,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Delete {
    #[command(flatten)]
    pub(crate) object: One,
    /// Only if its newest revision is still this one
    #[arg(long, value_name = "REVISION")]
    pub(crate) if_revision: Option<u64>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Rollback {
    #[command(flatten)]
    pub(crate) object: One,
    /// The revision whose state comes back, as `history` lists them
    #[arg(long, value_name = "REVISION")]
    pub(crate) to: u64,
    /// Only if its newest revision is still this one
    #[arg(long, value_name = "REVISION")]
    pub(crate) if_revision: Option<u64>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Find what is wrong with policies
    Check {
        /// A `.cedar` file, or a folder of them
        #[arg(value_name = "FILE|DIR")]
        path: PathBuf,
    },
    /// Run the policy tests (`*.test.toml`) of a folder against its object files
    Test {
        /// The folder
        #[arg(value_name = "DIR", default_value = ".")]
        folder: PathBuf,
    },
}
