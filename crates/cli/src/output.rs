//! What is printed where, and how a command ends: data on stdout, talk on stderr, codes of CONTRACT.md.

use std::io::Write as _;

use bartizan_policy::Finding;

/// It did not work.
pub(crate) const FAILED: u8 = 1;
/// It was not said right.
pub(crate) const USAGE: u8 = 2;
/// A configuration, policy or object is not valid.
pub(crate) const INVALID: u8 = 3;
/// Nobody is signed in.
pub(crate) const NOT_SIGNED_IN: u8 = 4;
/// Policy says no.
pub(crate) const DENIED: u8 = 5;
/// There is no such thing.
pub(crate) const NOT_FOUND: u8 = 6;
/// Somebody else changed it, or it would lock everybody out.
pub(crate) const CONFLICT: u8 = 7;
/// The server does not answer.
pub(crate) const UNREACHABLE: u8 = 8;
/// A check found problems.
pub(crate) const PROBLEMS: u8 = 9;

/// How a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    pub(crate) message: String,
    /// What is wrong in which place, if the server said so.
    pub(crate) findings: Vec<Finding>,
}

impl Failure {
    pub(crate) fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), findings: Vec::new() }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(FAILED, format!("{:#}", error.into()))
    }
}

/// The result of a command.
pub(crate) type Ended = Result<(), Failure>;

/// Prints a line of data.
pub(crate) fn data(line: &str) -> Ended {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        // Who reads has heard enough (`| head`): that is no failure.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(Failure::from),
    }
}

/// Prints a line of talk. If nobody can hear it, there is nothing to do about that.
pub(crate) fn talk(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
