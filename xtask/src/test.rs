//! Every test, suite by suite, with counts.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::run::{build_tested, shown};
use crate::{tools, vendor};

/// What a suite came to.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    fn line(self) -> String {
        format!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// Those that make up the whole, and those that are a part of it under a name of their own.
const SUITES: [&str; 8] = ["unit", "fuzz", "e2e", "edge", "ops", "apart", "seen", "identity"];

/// The parts of e2e that hold of a gateway in control's process, and just so of one on another machine.
const ANYWHERE: [&str; 8] =
    ["live::", "loopcase::", "sign_in::", "wire::", "evidence::", "objects::", "outside::", "browser::"];

/// The parts of e2e that are about what an operator does and what happens to machines.
const OPS: [&str; 5] = ["ops::", "health::", "outage::", "restart::", "running::"];

/// The parts of e2e that are about pages, what is printed, and the book that says so.
const SEEN: [&str; 11] = [
    "seen::",
    "words::",
    "lists::",
    "console::",
    "editor::",
    "wizard::",
    "portal::",
    "sign_in::",
    "cli::",
    "book::",
    "journeys::",
];

/// The parts of e2e that are about who people are, and who else is told of it.
const IDENTITY: [&str; 9] = [
    "sign_in::",
    "passkeys::",
    "oidc::",
    "login::",
    "services::",
    "scim::",
    "clients::",
    "classes::",
    "browser::",
];

pub(crate) fn run(suite: Option<&str>, long: bool) -> Result<()> {
    if let Some(suite) = suite
        && !SUITES.contains(&suite)
    {
        bail!("there is no suite `{suite}`; there are {}", SUITES.join(", "));
    }
    let wanted = |name: &str| suite.is_none_or(|suite| suite == name);
    let mut total = Count::default();
    let mut report = Vec::new();
    let mut take = |name: &str, count: Count| {
        total.add(count);
        report.push(format!("{name}: {}", count.line()));
    };
    tools::install()?;
    if wanted("unit") {
        let mut args = vec![
            "test",
            "--workspace",
            "--features",
            "bartizan/otel",
            "--locked",
            "--no-fail-fast",
            "--exclude",
            "e2e",
            "--exclude",
            "fuzz",
        ];
        args.extend(["--", "--show-output"]);
        take("unit", cargo(&args, long)?);
    }
    if wanted("unit") {
        take("vendored", vendored());
    }
    if wanted("fuzz") {
        take("fuzz", cargo(&["test", "-p", "fuzz", "--locked", "--", "--show-output"], long)?);
    }
    if wanted("e2e") {
        build_tested()?;
        // Without it the test of the package says that it was skipped.
        crate::deb::rehearsal_or_reason();
        let args =
            ["test", "-p", "e2e", "--locked", "--no-fail-fast", "--", "--show-output", "--test-threads", "2"];
        take("e2e", cargo(&args, long)?);
    }
    if wanted("e2e") || wanted("apart") {
        build_tested()?;
        let mut args = vec!["test", "-p", "e2e", "--locked", "--", "--show-output", "--test-threads", "2"];
        args.extend(ANYWHERE);
        take("e2e, apps served elsewhere", cargo_with(&args, long, &[("BARTIZAN_E2E_APART", "1")])?);
    }
    if suite == Some("identity") {
        let unit = ["test", "-p", "bartizan-identity", "--locked", "--no-fail-fast", "--", "--show-output"];
        take("identity", cargo(&unit, long)?);
        build_tested()?;
        let mut args = vec![
            "test",
            "-p",
            "e2e",
            "--locked",
            "--no-fail-fast",
            "--",
            "--show-output",
            "--test-threads",
            "2",
        ];
        args.extend(IDENTITY);
        take("e2e", cargo(&args, long)?);
    }
    if suite == Some("edge") {
        take("gateway", cargo(&["test", "-p", "bartizan-gateway", "--locked", "--", "--show-output"], long)?);
        build_tested()?;
        let args = ["test", "-p", "e2e", "--locked", "edge::", "--", "--show-output", "--test-threads", "2"];
        take("edge", cargo(&args, long)?);
    }
    if suite == Some("apart") {
        build_tested()?;
        let parts =
            ["test", "--locked", "-p", "bartizan-enforce", "-p", "bartizan-control", "--", "--show-output"];
        take("apart", cargo(&parts, long)?);
        let mut histories =
            vec!["test", "--locked", "-p", "bartizan-control", "-p", "bartizan-evidence", "--lib"];
        histories.extend(["--", "--show-output", "simulation", "delivery"]);
        take("apart, as many histories as are promised", cargo(&histories, true)?);
        let whole =
            ["test", "-p", "e2e", "--locked", "apart::", "--", "--show-output", "--test-threads", "2"];
        take("apart", cargo(&whole, long)?);
    }
    if suite == Some("ops") {
        build_tested()?;
        crate::deb::rehearsal_or_reason();
        let mut args = vec!["test", "-p", "e2e", "--locked", "--", "--show-output", "--test-threads", "2"];
        args.extend(OPS);
        take("ops", cargo(&args, long)?);
    }
    if suite == Some("seen") {
        build_tested()?;
        let mut args = vec!["test", "-p", "e2e", "--locked", "--", "--show-output", "--test-threads", "2"];
        args.extend(SEEN);
        take("seen", cargo(&args, long)?);
    }
    if suite.is_none() || suite == Some("seen") {
        take("book", pages_of_the_book()?);
    }
    println!();
    for line in report {
        println!("{line}");
    }
    println!("{}", total.line());
    if !is_device("/dev/null") {
        bail!(
            "a test replaced /dev/null by a file; mend it with: rm -f /dev/null; mknod -m 666 /dev/null c 1 3"
        );
    }
    if total.failed > 0 || total.passed == 0 {
        bail!("not every test passed");
    }
    Ok(())
}

/// Whether what is vendored is what its lock file makes, where that can be found out.
fn vendored() -> Count {
    let mut count = Count::default();
    match vendor::compare() {
        Ok(Some(())) => count.passed = 1,
        Ok(None) => count.skipped = 1,
        Err(error) => {
            println!("FAILED {error:#}");
            count.failed = 1;
        }
    }
    count
}

/// The book becomes pages; as a test like any.
fn pages_of_the_book() -> Result<Count> {
    let skipped = crate::book::build()?;
    if let Some(reason) = &skipped {
        println!("SKIPPED the pages of the book: {reason}");
    }
    let done = u64::from(skipped.is_none());
    Ok(Count { passed: done, failed: 0, skipped: 1_u64.saturating_sub(done) })
}

/// Runs the fuzz targets on changed inputs.
pub(crate) fn fuzz(seconds: u64, only: Option<&str>) -> Result<()> {
    let seconds = seconds.to_string();
    let mut args = vec!["run", "--release", "-p", "fuzz", "--locked", "--", &seconds];
    args.extend(only);
    shown("cargo", &args)
}

/// Whether a path is still what the system put there. Tests run as root in CI, where a program that is told to write its
/// output to `/dev/null` may replace it.
fn is_device(path: &str) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    std::fs::metadata(path).is_ok_and(|meta| meta.file_type().is_char_device())
}

/// The lines that a child prints, until it has ended. A process that a test left behind may hold the pipe open for ever.
fn lines(out: ChildStdout, child: &mut Child) -> impl Iterator<Item = String> {
    let (sender, receiver) = sync_channel(1000);
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    std::iter::from_fn(move || {
        loop {
            match receiver.recv_timeout(Duration::from_secs(5)) {
                Ok(line) => return Some(line),
                Err(RecvTimeoutError::Timeout) if matches!(child.try_wait(), Ok(Some(_))) => {
                    println!("a process that a test started is still running: it should not be");
                    return None;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    })
}

/// What a test says when it fails, without all of its way there.
const LINES_OF_A_FAILURE: u32 = 12;

/// Runs `cargo test` and counts. A test that says `SKIPPED` is counted as skipped, whatever cargo calls it.
fn cargo(args: &[&str], long: bool) -> Result<Count> {
    cargo_with(args, long, &[])
}

fn cargo_with(args: &[&str], long: bool, environment: &[(&str, &str)]) -> Result<Count> {
    println!("$ cargo {}", args.join(" "));
    let mut command = Command::new("cargo");
    command.args(args).envs(environment.iter().copied()).stdin(Stdio::null()).stdout(Stdio::piped());
    if long {
        command.env("BARTIZAN_LONG", "1");
    }
    let mut child = command.spawn().context("cargo does not start")?;
    let out = child.stdout.take().context("cargo has no output")?;
    let mut count = Count::default();
    let mut compiled = false;
    // Tests that ran and said that they could not: cargo calls them passed.
    let mut said = 0;
    // Lines that are still to be shown of a failure.
    let mut telling = 0_u32;
    for line in lines(out, &mut child) {
        if let Some(result) = line.strip_prefix("test result: ") {
            compiled = true;
            let number = |what: &str| -> u64 {
                let before = result.split(what).next().unwrap_or_default().trim();
                before.rsplit([' ', '.']).next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
            };
            count.passed += number(" passed");
            count.failed += number(" failed");
            count.skipped += number(" ignored");
        } else if line.starts_with("SKIPPED") {
            said += 1;
        }
        let interesting = line.contains("FAILED")
            || line.contains("panicked")
            || line.starts_with("SKIPPED")
            || line.starts_with("MEASURED")
            || line.starts_with("test result")
            || line.starts_with("error")
            || line.starts_with("  left")
            || line.starts_with(" right");
        if line.contains("panicked") {
            telling = LINES_OF_A_FAILURE;
        }
        if interesting || telling > 0 {
            println!("{line}");
        }
        telling = telling.saturating_sub(1);
    }
    let status = child.wait()?;
    if !status.success() && count.failed == 0 {
        // It did not get as far as running them all.
        count.failed = 1;
        println!("cargo test ended with {status}{}", if compiled { "" } else { " before any test ran" });
    }
    count.passed = count.passed.saturating_sub(said);
    count.skipped += said;
    Ok(count)
}
