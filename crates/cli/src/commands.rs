//! One file for each noun.

mod apply;
mod backup;
mod client;
pub(crate) mod config;
mod doctor;
mod folder;
mod gateway;
mod init;
mod key;
mod log;
mod login;
mod man;
mod object;
mod point;
mod policy;
mod provider;
mod recover;
mod restore;
mod serve;
mod session;
mod support;
mod user;
mod watch;
mod why;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;

use bartizan_pki::JoinToken;
use config::Whole;

pub(crate) use config::coded;
pub(crate) use serve::AUTHORITY;

use crate::args::{Args, Command, Demo, DemoVerb, Gateway, Global};
use crate::demo::Place;
use crate::logging::Logging;
use crate::output::{Ended, FAILED, Failure, USAGE, talk};
use crate::sandbox::{self, Files};
use crate::telemetry::Pipeline;

/// What was asked, and what has to be known of it before there are threads.
#[derive(Debug)]
pub(crate) enum Ready {
    /// To run a deployment, confined to these files.
    Serve(Global, Box<Whole>, PathBuf, Files),
    /// To run a gateway of a deployment elsewhere, confined to these files.
    Gateway(Global, Gateway, Option<JoinToken>, Files),
    /// To run the demo there.
    Demo(Global, Demo, Place),
    /// Something else.
    Other(Args),
}

impl Ready {
    /// Reads the configuration, where one says how to run.
    pub(crate) fn of(args: Args) -> Result<Self, Failure> {
        match args.command {
            Command::Serve(serve) => {
                let whole = config::load(&serve.config)?;
                let files = Files::of(&whole.config, &serve.config);
                Ok(Self::Serve(args.global, Box::new(whole), serve.config, files))
            }
            Command::Gateway(gateway) => {
                // What it is given to join with is read before it is confined to what it keeps.
                let token = gateway::join_token(&gateway)?;
                let dir = crate::apart::make(&gateway.dir)?;
                let files = Files { written: vec![dir], ..Files::default() }.with_system();
                Ok(Self::Gateway(args.global, gateway, token, files))
            }
            Command::Demo(demo) if demo.verb.is_none() => {
                let place = Place::make(demo.dir.as_deref())?;
                Ok(Self::Demo(args.global, demo, place))
            }
            _ => Ok(Self::Other(args)),
        }
    }

    /// What it logs, and how.
    pub(crate) fn logging(&self) -> Logging {
        match self {
            Self::Serve(_, whole, ..) => whole.config.log.clone(),
            Self::Gateway(..) | Self::Demo(..) | Self::Other(_) => Logging::default(),
        }
    }

    /// Where what it does is told, if it is.
    pub(crate) fn telemetry(&self) -> Option<Arc<Pipeline>> {
        match self {
            Self::Serve(_, whole, ..) => whole.telemetry.clone(),
            Self::Gateway(..) | Self::Demo(..) | Self::Other(_) => None,
        }
    }

    /// Gives up what a long-running command does not need. This thread has to be the only one.
    pub(crate) fn confine(&self) {
        match self {
            Self::Serve(.., files) | Self::Gateway(.., files) => drop(sandbox::enter(files)),
            Self::Demo(_, _, place) => drop(sandbox::enter(&place.files())),
            Self::Other(_) => {}
        }
    }

    /// Does it.
    pub(crate) async fn run(self) -> Ended {
        match self {
            Self::Serve(global, whole, file, _) => serve::run(&global, *whole, &file).await,
            Self::Gateway(global, gateway, token, _) => gateway::run(&global, gateway, token).await,
            Self::Demo(global, demo, place) => crate::demo::run(&global, demo, &place).await,
            Self::Other(args) => run(args).await,
        }
    }
}

async fn run(args: Args) -> Ended {
    let global = args.global;
    match args.command {
        Command::Demo(Demo { verb: Some(DemoVerb::Code { name, dir }), .. }) => {
            crate::demo::code(&name, dir.as_deref())
        }
        Command::Demo(demo) => {
            let place = Place::make(demo.dir.as_deref())?;
            crate::demo::run(&global, demo, &place).await
        }
        Command::Init(init) => init::run(&global, &init).await,
        Command::Serve(serve) => serve::run(&global, config::load(&serve.config)?, &serve.config).await,
        Command::Gateway(gateway) => {
            let token = gateway::join_token(&gateway)?;
            gateway::run(&global, gateway, token).await
        }
        Command::Doctor(doctor) => doctor::run(&global, &doctor).await,
        Command::Config(config) => config::run(&global, &config),
        Command::Support(support) => support::run(&global, support).await,
        Command::Backup(backup) => backup::run(&global, backup).await,
        Command::Restore(restore) => restore::run(&global, &restore).await,
        Command::Recover(recover) => recover::run(&global, recover).await,
        Command::Login(asked) => login::login(&global, &asked).await,
        Command::Logout => login::logout(&global).await,
        Command::Whoami => login::whoami(&global).await,
        Command::Apply(apply) => apply::run(&global, apply).await,
        Command::Get(one) => object::get(&global, &one).await,
        Command::List(list) => object::list(&global, &list).await,
        Command::Delete(delete) => object::delete(&global, &delete).await,
        Command::History(one) => object::history(&global, &one).await,
        Command::Rollback(rollback) => object::rollback(&global, &rollback).await,
        Command::Policy(policy) => policy::run(&global, &policy),
        Command::Why(why) => why::run(&global, why).await,
        Command::Session(session) => session::run(&global, session).await,
        Command::User(user) => user::run(&global, user).await,
        Command::Client(asked) => client::run(&global, asked).await,
        Command::Provider(asked) => provider::run(&global, asked).await,
        Command::Point(point) => point::run(&global, point).await,
        Command::JoinToken(token) => point::join_token(&global, token).await,
        Command::Key(key) => key::run(&global, key).await,
        Command::Log(log) => log::run(&global, log).await,
        Command::Completions { shell } => crate::complete::script(shell),
        Command::Man { dir } => man::write(&dir),
    }
}

/// Has somebody at a terminal type a word before something is done that cannot be undone.
fn confirm(what: &str, word: &str) -> Ended {
    use std::io::IsTerminal as _;
    if !std::io::stdin().is_terminal() {
        let message = format!("{what} Nobody can be asked here; say --yes if that is wanted");
        return Err(Failure::new(USAGE, message));
    }
    talk(&format!("{what}\nType `{word}` to go on:"));
    let mut typed = String::new();
    std::io::stdin().read_line(&mut typed)?;
    if typed.trim() == word { Ok(()) } else { Err(Failure::new(FAILED, "nothing was done")) }
}

/// A query string of these fields, those without a value left out.
fn query(fields: &[(&str, Option<&str>)]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for (name, value) in fields {
        let Some(value) = value else { continue };
        text.push(if text.is_empty() { '?' } else { '&' });
        text.push_str(name);
        text.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                text.push(char::from(byte));
            } else {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    text
}

/// A path segment: everything but letters, digits and `-._~` is encoded.
fn segment(text: &str) -> String {
    let encoded = query(&[("", Some(text))]);
    encoded.strip_prefix("?=").unwrap_or_default().to_owned()
}

/// Rows under heads, in columns of equal width.
fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = heads.iter().map(|head| head.len()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    if let Some(columns) = columns() {
        fit(&mut widths, columns);
    }
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{:<width$}", cut(cell, *width)));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(heads.to_vec())];
    lines.extend(rows.iter().map(|row| line(row.iter().map(String::as_str).collect())));
    lines.join("\n")
}

/// How wide the terminal is that a table is printed to. Elsewhere nothing is cut.
fn columns() -> Option<usize> {
    let out = std::io::stdout();
    let size = out.is_terminal().then(|| rustix::termios::tcgetwinsize(&out).ok()).flatten()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// Takes from the widest columns until all fit, with two blanks between them; none gets narrower than eight.
fn fit(widths: &mut [usize], columns: usize) {
    let between = widths.len().saturating_sub(1) * 2;
    while widths.iter().sum::<usize>() + between > columns {
        match widths.iter_mut().max() {
            Some(widest) if *widest > 8 => *widest -= 1,
            _ => return,
        }
    }
}

/// A cell of at most this many characters; what is left out is marked.
fn cut(cell: &str, width: usize) -> std::borrow::Cow<'_, str> {
    if cell.chars().count() <= width {
        return cell.into();
    }
    let mut kept: String = cell.chars().take(width.saturating_sub(1)).collect();
    kept.push('…');
    kept.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_where_it_can_and_says_where_it_was_cut() {
        let mut widths = vec![36, 10, 60, 5];
        fit(&mut widths, 80);
        assert_eq!(widths.iter().sum::<usize>() + 6, 80);
        assert_eq!((widths[1], widths[3]), (10, 5), "what is narrow stays as it is");
        let mut narrow = vec![9, 9, 9];
        fit(&mut narrow, 10);
        assert_eq!(narrow, [8, 8, 8], "and is not cut to nothing");
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcdé", 4), "abc…");
    }

    #[test]
    fn a_query_encodes_everything_that_is_not_unreserved() {
        assert_eq!(
            query(&[("a", Some("x y&z=ä")), ("b", None), ("c", Some("1"))]),
            "?a=x%20y%26z%3D%C3%A4&c=1"
        );
        assert_eq!(segment("../a b"), "..%2Fa%20b");
    }

    #[test]
    fn a_table_lines_up() {
        let rows =
            vec![vec![String::from("long value"), String::from("x")], vec![String::new(), String::from("y")]];
        assert_eq!(table(&["a", "b"], &rows), "a           b\nlong value  x\n            y");
    }
}
