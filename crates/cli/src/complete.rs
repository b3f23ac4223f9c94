//! What a shell may put in where somebody presses the tabulator key, names of objects in a running deployment among them.
//!
//! The script that a shell loads calls this program again with the line as it stands. Names come from the deployment that
//! the line or the environment names, with the token that it names; who is not signed in gets no names and no error.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap_complete::engine::CompletionCandidate;
use clap_complete::env::{CompleteEnv, Shells};
use serde_json::Value;

use crate::args::{CA, Format, Global, SERVER, Shell, TOKEN_FILE};
use crate::client::Client;
use crate::output::{Ended, FAILED, Failure};

/// Answers a shell that asks; whether it was one.
pub(crate) fn answered() -> Result<bool, Failure> {
    let complete = CompleteEnv::with_factory(crate::args::command).var(VARIABLE);
    let folder = std::env::current_dir().ok();
    complete
        .try_complete(std::env::args_os(), folder.as_deref())
        .map_err(|error| Failure::new(FAILED, error.to_string().trim().to_owned()))
}

/// Prints the script that a shell loads.
pub(crate) fn script(shell: Shell) -> Ended {
    let mut script = Vec::new();
    let shells = Shells::builtins();
    let unknown = || Failure::new(FAILED, "there are no completions for this shell");
    let completer = shells.completer(shell.as_str()).ok_or_else(unknown)?;
    completer.write_registration(VARIABLE, NAME, NAME, NAME, &mut script)?;
    match std::io::stdout().lock().write_all(&script) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(Failure::from),
    }
}

/// Names of objects of the kind that stands before.
pub(crate) fn objects(begun: &OsStr) -> Vec<CompletionCandidate> {
    let line = Line::of_process();
    let kinds = ["app", "client", "provider", "group", "policy", "user", "session"];
    let kind = line.words.iter().rev().find_map(|word| kinds.into_iter().find(|kind| word == kind));
    kind.map_or_else(Vec::new, |kind| {
        line.names(&format!("/api/v1/objects/{kind}?limit={MOST}"), "name", begun)
    })
}

/// Names of apps.
pub(crate) fn apps(begun: &OsStr) -> Vec<CompletionCandidate> {
    Line::of_process().names(&format!("/api/v1/objects/app?limit={MOST}"), "name", begun)
}

/// Names of identity providers.
pub(crate) fn providers(begun: &OsStr) -> Vec<CompletionCandidate> {
    Line::of_process().names(&format!("/api/v1/objects/provider?limit={MOST}"), "name", begun)
}

/// Names of clients.
pub(crate) fn clients(begun: &OsStr) -> Vec<CompletionCandidate> {
    Line::of_process().names(&format!("/api/v1/objects/client?limit={MOST}"), "name", begun)
}

/// Names of people.
pub(crate) fn people(begun: &OsStr) -> Vec<CompletionCandidate> {
    Line::of_process().names(&format!("/api/v1/users?limit={MOST}"), "name", begun)
}

/// Ids of sessions.
pub(crate) fn sessions(begun: &OsStr) -> Vec<CompletionCandidate> {
    Line::of_process().names("/api/v1/sessions", "id", begun)
}

/// The line as it stands.
#[derive(Debug)]
struct Line {
    words: Vec<OsString>,
}

impl Line {
    /// What the shell has handed over stands behind `--`.
    fn of_process() -> Self {
        Self { words: std::env::args_os().skip_while(|word| word != "--").skip(1).collect() }
    }

    fn names(&self, path: &str, field: &str, begun: &OsStr) -> Vec<CompletionCandidate> {
        let begun = begun.to_string_lossy();
        let names = self.asked(path, field).unwrap_or_default();
        let fits = names.into_iter().filter(|name| name.starts_with(&*begun) && is_plain(name));
        fits.map(CompletionCandidate::new).collect()
    }

    fn asked(&self, path: &str, field: &str) -> Option<Vec<String>> {
        let client = Client::from_options(&self.global()).ok()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        let asked = runtime.block_on(async { tokio::time::timeout(PATIENCE, client.get(path)).await });
        // A name that is still looked up is not waited for.
        runtime.shutdown_background();
        let Ok(Ok(Value::Array(rows))) = asked else { return None };
        Some(rows.iter().filter_map(|row| Some(row.get(field)?.as_str()?.to_owned())).collect())
    }

    fn global(&self) -> Global {
        Global {
            server: self.option("--server", SERVER).map(|text| text.to_string_lossy().into_owned()),
            ca: self.option("--ca", CA).map(PathBuf::from),
            token_file: self.option("--token-file", TOKEN_FILE).map(PathBuf::from),
            output: Format::Json,
            json: true,
        }
    }

    /// The value of an option: on the line, else in the environment.
    fn option(&self, name: &str, variable: &str) -> Option<OsString> {
        let apart =
            self.words.iter().position(|word| word == name).and_then(|at| self.words.get(at + 1)).cloned();
        let joined = || {
            self.words
                .iter()
                .find_map(|word| Some(OsString::from(word.to_str()?.strip_prefix(name)?.strip_prefix('=')?)))
        };
        apart.or_else(joined).or_else(|| std::env::var_os(variable)).filter(|value| !value.is_empty())
    }
}

/// A shell puts it into the line as it is: so nothing that a shell would read as more than a word.
fn is_plain(name: &str) -> bool {
    !name.starts_with('-') && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.@:/+".contains(&b))
}

/// What the program is called.
const NAME: &str = "bartizan";

/// By which a script says that a shell asks. A name of ours: no other program's scripts set it.
const VARIABLE: &str = "BARTIZAN_COMPLETE";

/// As long as somebody waits who has pressed a key.
const PATIENCE: Duration = Duration::from_secs(1);

/// More than anybody chooses from.
const MOST: u32 = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_found_on_the_line_and_names_are_words() {
        let line = Line {
            words: ["bartizan", "--server=https://c.x", "--ca", "a b", "get"].map(OsString::from).to_vec(),
        };
        assert_eq!(line.option("--server", "NO_SUCH_VARIABLE"), Some(OsString::from("https://c.x")));
        assert_eq!(line.option("--ca", "NO_SUCH_VARIABLE"), Some(OsString::from("a b")));
        assert_eq!(line.option("--token-file", "NO_SUCH_VARIABLE"), None);
        for (name, plain) in [
            ("wiki-1.a", true),
            ("ada@x", true),
            ("$(id)", false),
            ("a b", false),
            ("-f", false),
            ("a;b", false),
        ] {
            assert_eq!(is_plain(name), plain, "{name}");
        }
    }
}
