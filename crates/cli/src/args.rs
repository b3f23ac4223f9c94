//! What can be asked on the command line: noun, then verb.

mod examples;
mod keeping;
mod objects;
mod running;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::engine::ArgValueCompleter;

use crate::complete::{apps, clients, people, providers, sessions};

pub(crate) use examples::command;
pub(crate) use keeping::{Backup, BackupVerb, Recover, Restore};
pub(crate) use objects::{Apply, Delete, Kind, List, One, Policy, Rollback};
pub(crate) use running::{ConfigCommand, Doctor, Gateway, Init, Serve, Support};

/// Zero trust access in one binary: authenticates, authorises, encrypts and records each request, and cuts what is no
/// longer allowed.
#[derive(Debug, Parser)]
#[command(name = "bartizan", version, propagate_version = true, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command; they may stand before or after the noun.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Global {
    /// The console of a running deployment (that of `bartizan login`, if left out), such as https://console.example.com
    #[arg(long, global = true, value_name = "URL", env = SERVER)]
    pub(crate) server: Option<String>,
    /// The certificate (PEM) that the server's must chain to; left out, as for `bartizan login`
    #[arg(long, global = true, value_name = "FILE", env = CA)]
    pub(crate) ca: Option<PathBuf>,
    /// A file that holds the token to present; left out, that of `bartizan login` to the same server
    #[arg(long, global = true, value_name = "FILE", env = TOKEN_FILE)]
    pub(crate) token_file: Option<PathBuf>,
    /// How to print what is found
    #[arg(short, long, global = true, value_enum, default_value_t = Format::Table)]
    pub(crate) output: Format,
    /// The same as `-o json`
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// Where `--server` is said for all commands of a shell.
pub(crate) const SERVER: &str = "BARTIZAN_SERVER";

/// Where `--ca` is.
pub(crate) const CA: &str = "BARTIZAN_CA";

/// Where `--token-file` is. The token itself is in no variable: those of a process are read by others of its user.
pub(crate) const TOKEN_FILE: &str = "BARTIZAN_TOKEN_FILE";

impl Global {
    pub(crate) fn is_json(&self) -> bool {
        self.json || self.output == Format::Json
    }
}

/// How data is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run everything on this machine, with sample apps and people
    Demo(Demo),
    /// Make a deployment: a configuration, a data directory, a first administrator
    Init(Init),
    /// Run a deployment until it is told to stop (SIGTERM, SIGINT)
    Serve(Serve),
    /// Serve apps of a deployment that is on another machine, until it is told to stop
    Gateway(Gateway),
    /// Look for what is wrong with a deployment on this machine
    Doctor(Doctor),
    /// Check a configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Get help from outside
    #[command(subcommand)]
    Support(Support),
    /// Back a deployment up, while it runs, into one sealed file
    Backup(Backup),
    /// Bring a deployment back from a backup
    Restore(Restore),
    /// Mend a deployment that nobody can administer any more, from its own machine
    #[command(subcommand)]
    Recover(Recover),
    /// Sign in to a running deployment from this terminal, so that other commands need no more than their own words
    Login(Login),
    /// End the sign-in of this terminal
    Logout,
    /// Say who is signed in
    Whoami,
    /// Make apps, groups, people and policies what the files of a folder say
    Apply(Apply),
    /// Show an object
    Get(One),
    /// List the objects of a kind
    List(List),
    /// Delete an object; what it let pass is cut
    Delete(Delete),
    /// Show what an object was, and who changed it
    History(One),
    /// Make an object what it was
    Rollback(Rollback),
    /// Check and test policies, without a running deployment
    #[command(subcommand)]
    Policy(Policy),
    /// Explain a decision: a recorded one, or one that is supposed
    Why(Why),
    /// See sessions, and end them
    #[command(subcommand)]
    Session(Session),
    /// See people, and let them in or not
    #[command(subcommand)]
    User(User),
    /// Connect programs that people sign in to with us
    #[command(subcommand)]
    Client(Client),
    /// Connect identity providers at which people sign in
    #[command(subcommand)]
    Provider(Provider),
    /// Search and verify the evidence log
    #[command(subcommand)]
    Log(Log),
    /// See gateways on other machines, and remove them
    #[command(subcommand)]
    Point(Point),
    /// Let a machine become a gateway
    #[command(subcommand)]
    JoinToken(JoinToken),
    /// See the keys that sign tokens for other applications, and replace them
    #[command(subcommand)]
    Key(Key),
    /// Print the script with which a shell completes commands, options and the names of objects
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Write the manual pages
    #[command(hide = true)]
    Man {
        /// Into this folder
        #[arg(long, value_name = "D")]
        dir: PathBuf,
    },
}

/// How to sign in.
#[derive(Debug, ClapArgs)]
pub(crate) struct Login {
    /// Print an address and a code for another device, rather than open a browser on this machine
    #[arg(long)]
    pub(crate) no_browser: bool,
}

/// A shell that completions are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// GNU Bash
    Bash,
    /// The Z shell
    Zsh,
    /// fish
    Fish,
}

impl Shell {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }
}

#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Demo {
    #[command(subcommand)]
    pub(crate) verb: Option<DemoVerb>,
    /// Where to keep its data; left out, a temporary folder that is deleted at the end
    #[arg(long, value_name = "D")]
    pub(crate) dir: Option<PathBuf>,
    /// Where to listen; a loopback address
    #[arg(long, default_value = "127.0.0.1:8443", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// A web app of your own on this machine, to be reached as `mine`
    #[arg(long, value_name = "URL")]
    pub(crate) upstream: Option<String>,
    /// How many days of a past to make up, 0 to 30: colleagues who ask, are denied and are cut, decided as everything is and
    /// in the log [default: 7; with --json 0]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=30))]
    pub(crate) past: Option<u32>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DemoVerb {
    /// Print the code that a person's authenticator app would show now
    Code {
        /// ada, bob or eve
        name: String,
        /// The demo with this data directory; left out, the one that you started last
        #[arg(long, value_name = "D")]
        dir: Option<PathBuf>,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Why {
    /// The id of a request (`Bartizan-Request-Id`) or of a decision
    #[arg(required_unless_present = "user", conflicts_with_all = ["user", "app"])]
    pub(crate) id: Option<String>,
    /// Suppose that this person asks
    #[arg(long, requires = "app", add = ArgValueCompleter::new(people))]
    pub(crate) user: Option<String>,
    /// for this app
    #[arg(long, requires = "user", add = ArgValueCompleter::new(apps))]
    pub(crate) app: Option<String>,
    /// with this method
    #[arg(long, requires = "user")]
    pub(crate) method: Option<String>,
    /// and this path
    #[arg(long, requires = "user")]
    pub(crate) path: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Session {
    /// List the sessions that have not ended
    List {
        /// of this person alone
        #[arg(long, add = ArgValueCompleter::new(people))]
        user: Option<String>,
        /// Again every two seconds, until Ctrl-C
        #[arg(long)]
        watch: bool,
    },
    /// End a session, or all of a person; what they have open is cut
    Revoke {
        /// The session
        #[arg(required_unless_present = "user", conflicts_with = "user", add = ArgValueCompleter::new(sessions))]
        id: Option<String>,
        /// All sessions of this person
        #[arg(long, add = ArgValueCompleter::new(people))]
        user: Option<String>,
        /// Return when every enforcement point has applied it
        #[arg(long)]
        wait: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// List people
    List,
    /// Print a link with which somebody sets password and second factor, once; makes them if they are not there yet
    Invite {
        /// Their login name
        #[arg(add = ArgValueCompleter::new(people))]
        name: String,
        /// What they are called
        #[arg(long, value_name = "NAME")]
        display: Option<String>,
        /// Their mail address
        #[arg(long)]
        mail: Option<String>,
        /// They administer the deployment
        #[arg(long)]
        admin: bool,
    },
    /// Print a link that stands for somebody's password, once
    Link {
        /// Their login name
        #[arg(add = ArgValueCompleter::new(people))]
        name: String,
    },
    /// Stop somebody from acting; what they have open is cut
    Disable {
        /// Their login name
        #[arg(add = ArgValueCompleter::new(people))]
        name: String,
    },
    /// Let somebody act again
    Enable {
        /// Their login name
        #[arg(add = ArgValueCompleter::new(people))]
        name: String,
    },
    /// Erase somebody for good: destroys the keys to what is personal of them; there is no way back
    Erase {
        /// Their login name; of somebody who was deleted, the id
        #[arg(add = ArgValueCompleter::new(people))]
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Provider {
    /// Ask an identity provider whether it is in order, and print what has to be registered there
    Check {
        /// Its name
        #[arg(add = ArgValueCompleter::new(providers))]
        name: String,
    },
    /// Store the secret that an identity provider gave for us, in the place of the one that there was
    Secret {
        /// Its name
        #[arg(add = ArgValueCompleter::new(providers))]
        name: String,
        /// The file that holds it; left out, it is read from standard input
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Client {
    /// Print a new secret for a client, in the place of the one that it had
    Secret {
        /// Its name
        #[arg(add = ArgValueCompleter::new(clients))]
        name: String,
    },
    /// Print a new key with which a client acts for itself, as Service::"NAME"
    Key {
        /// Its name
        #[arg(add = ArgValueCompleter::new(clients))]
        name: String,
        /// An app at which the key is good; `console` for this API. May be said several times
        #[arg(long, value_name = "APP", required = true, add = ArgValueCompleter::new(apps))]
        app: Vec<String>,
        /// What it is for
        #[arg(long)]
        label: Option<String>,
        /// How long it lives: 12h, 30d; left out, 90 days
        #[arg(long, value_name = "TIME")]
        ttl: Option<String>,
    },
    /// List the keys of a client
    Keys {
        /// Its name
        #[arg(add = ArgValueCompleter::new(clients))]
        name: String,
    },
    /// End a key: what it has open is cut
    EndKey {
        /// The name of its client
        #[arg(add = ArgValueCompleter::new(clients))]
        name: String,
        /// The id of the key
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Point {
    /// List the gateways on other machines, and how they keep up
    List {
        /// Again every two seconds, until Ctrl-C
        #[arg(long)]
        watch: bool,
    },
    /// Remove one: what is open there is cut, and it cannot come back
    Remove {
        /// Its name or id
        name: String,
        /// Return when it can do nothing any more
        #[arg(long)]
        wait: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// List the keys: those that will sign, that sign, and that have signed
    List,
    /// Publish another key, which signs an hour later; nothing that was signed stops to verify
    Rotate {
        /// ES256, EdDSA or RS256
        #[arg(long, default_value = "ES256", value_name = "ALGORITHM")]
        algorithm: String,
        /// The key may be in other hands: sign with another at once, and let what it signed be worth nothing
        #[arg(long)]
        withdraw: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum JoinToken {
    /// Print a token with which one machine joins, once
    Create {
        /// What the machine becomes
        #[arg(long, value_parser = ["gateway"])]
        role: String,
        /// An app that it serves, such as app:wiki; may be said several times. Left out: every app that has an upstream
        #[arg(long, value_name = "app:NAME")]
        scope: Vec<String>,
        /// What it is called; left out, gateway-1, gateway-2 and so on
        #[arg(long)]
        name: Option<String>,
        /// How long the token can be used: 90s, 10m, 2h; left out, ten minutes
        #[arg(long, value_name = "TIME")]
        ttl: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Log {
    /// Search for events; prints one a line, oldest first
    Search(LogSearch),
    /// Verify the whole log
    Verify {
        /// The log's folder; left out, the log of the running deployment
        #[arg(long, value_name = "D", requires = "key")]
        dir: Option<PathBuf>,
        /// The log's verifying key (`log.vkey`)
        #[arg(long, value_name = "F")]
        key: Option<PathBuf>,
        /// An earlier checkpoint that the log must contain
        #[arg(long, value_name = "CHECKPOINT")]
        since: Option<PathBuf>,
    },
    /// Print a proof that the log holds an event, to be verified without us
    Prove {
        /// The event's id, or its index in the log
        id: String,
        /// The log's folder; left out, the log of the running deployment
        #[arg(long, value_name = "D", requires = "key")]
        dir: Option<PathBuf>,
        /// The log's verifying key (`log.vkey`)
        #[arg(long, value_name = "F")]
        key: Option<PathBuf>,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct LogSearch {
    /// Of this person
    #[arg(long, add = ArgValueCompleter::new(people))]
    pub(crate) user: Option<String>,
    /// About this app
    #[arg(long, add = ArgValueCompleter::new(apps))]
    pub(crate) app: Option<String>,
    /// Of this kind, such as `decision`
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// With this outcome: permit, deny, cut, ok, failed
    #[arg(long)]
    pub(crate) outcome: Option<String>,
    /// With this reason
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// Of this request
    #[arg(long)]
    pub(crate) request: Option<String>,
    /// Not before this time (RFC 3339)
    #[arg(long)]
    pub(crate) since: Option<String>,
    /// Before this time (RFC 3339)
    #[arg(long)]
    pub(crate) until: Option<String>,
    /// At most so many
    #[arg(long)]
    pub(crate) limit: Option<u32>,
    /// Go on with what comes, until Ctrl-C
    #[arg(long, conflicts_with = "until")]
    pub(crate) watch: bool,
}
