//! What stands first in the help of a command: how it is used.

use clap::{Command, CommandFactory as _};

use super::Args;

/// The command line, with examples.
pub(crate) fn command() -> Command {
    EXAMPLES.iter().fold(Args::command(), |command, (path, lines)| add(command, path, lines))
}

fn add(command: Command, path: &[&str], lines: &[&str]) -> Command {
    match path.split_first() {
        Some((first, rest)) => command.mut_subcommand(*first, |inner| add(inner, rest, lines)),
        None => {
            let listed: Vec<String> = lines.iter().map(|line| format!("  bartizan {line}")).collect();
            command.before_help(format!("Examples:\n{}", listed.join("\n")))
        }
    }
}

/// For each command what is most often wanted of it. A test holds that all of them can be said.
const EXAMPLES: &[(&[&str], &[&str])] = &[
    (
        &[],
        &[
            "demo",
            "init --dir /srv/bartizan --domain access.example.com --admin ada",
            "why REQUEST_ID",
            "help session",
        ],
    ),
    (&["demo"], &["demo", "demo --upstream http://127.0.0.1:3000", "demo code bob"]),
    (&["init"], &["init --dir /srv/bartizan --domain access.example.com --admin ada"]),
    (&["serve"], &["serve --config /srv/bartizan/bartizan.toml"]),
    (
        &["gateway"],
        &[
            "gateway --dir /srv/point --join-file token --listen 0.0.0.0:443",
            "gateway --dir /srv/point --listen 0.0.0.0:443",
        ],
    ),
    (&["login"], &["login --server https://console.example.com", "login --no-browser"]),
    (&["apply"], &["apply -f access/ --dry-run", "apply -f access/", "apply -f access/ --prune"]),
    (&["get"], &["get app wiki", "get user bob -o json"]),
    (&["list"], &["list policy", "list app -o json"]),
    (&["history"], &["history policy payroll-finance"]),
    (&["rollback"], &["rollback policy payroll-finance --to 41"]),
    (&["policy", "check"], &["policy check access/"]),
    (&["why"], &["why 0192f0c1-2b3c-7d4e-8f50-112233445566", "why --user eve --app payroll"]),
    (&["session", "list"], &["session list --user bob", "session list --watch"]),
    (&["session", "revoke"], &["session revoke --user bob --wait"]),
    (&["user", "invite"], &["user invite zoe --display \"Zoe Ortega\" --mail zoe@example.com"]),
    (&["user", "disable"], &["user disable bob"]),
    (
        &["log", "search"],
        &[
            "log search --user eve --outcome deny",
            "log search --app payroll --watch",
            "log search --kind admin.change -o json",
        ],
    ),
    (&["log", "verify"], &["log verify", "log verify --dir /srv/bartizan/data/log --key log.vkey"]),
    (&["client", "secret"], &["client secret grafana"]),
    (&["provider", "check"], &["provider check entra"]),
    (&["provider", "secret"], &["provider secret entra", "provider secret entra --from secret.txt"]),
    (
        &["client", "key"],
        &["client key backup --app wiki --ttl 30d", "client key pipeline --app console --label ci"],
    ),
    (&["client", "keys"], &["client keys backup"]),
    (&["client", "end-key"], &["client end-key backup 0192f0c1-2b3c-7d4e-8f50-112233445566"]),
    (&["point", "list"], &["point list --watch"]),
    (&["point", "remove"], &["point remove gateway-1 --wait"]),
    (&["join-token", "create"], &["join-token create --role gateway --scope app:wiki"]),
    (&["backup"], &["backup --to nightly.age --recipients keys.txt"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// As a shell takes it apart, as far as the examples need it.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec![String::from("bartizan")];
        for (number, part) in line.split('"').enumerate() {
            if number % 2 == 1 {
                words.push(part.to_owned());
            } else {
                words.extend(part.split_whitespace().map(str::to_owned));
            }
        }
        words
    }

    #[test]
    fn every_example_can_be_said_and_stands_in_the_help() {
        for (path, lines) in EXAMPLES {
            for line in *lines {
                let said = command().try_get_matches_from(words(line));
                let helped = line.starts_with("help ");
                assert!(said.is_ok() || helped, "{line}: {}", said.unwrap_err());
            }
            let mut help = command();
            let mut inner = &mut help;
            for name in *path {
                inner = inner.find_subcommand_mut(name).unwrap();
            }
            let text = inner.render_help().to_string();
            assert!(text.starts_with("Examples:\n  bartizan "), "{path:?}: {text}");
        }
    }
}
