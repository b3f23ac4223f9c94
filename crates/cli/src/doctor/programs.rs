//! What programs of this machine know. None of them has to be there, and none is waited for.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

/// What a program says on stdout; none if it is not there, fails or takes too long.
pub(crate) async fn ask(program: &str, args: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stderr(Stdio::null()).env("LC_ALL", "C").kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output()).await.ok()?.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// These answer in some milliseconds; `systemd-analyze` in a second.
const PATIENCE: Duration = Duration::from_secs(5);
