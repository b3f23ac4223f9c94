//! Printing something again and again, until whoever reads it has seen enough (Ctrl-C).

use std::io::IsTerminal as _;
use std::time::Duration;

use crate::output::{Ended, Failure, UNREACHABLE, data, talk};

/// Prints what `ask` answers; with `watch` every two seconds: on a terminal in place of what was there before, else one after
/// the other. A server that does not answer for a while is waited for.
pub(super) async fn shown(watch: bool, mut ask: impl AsyncFnMut() -> Result<String, Failure>) -> Ended {
    if !watch {
        return data(&ask().await?);
    }
    let clear = if std::io::stdout().is_terminal() { CLEAR } else { "" };
    loop {
        match ask().await {
            Ok(text) => data(&format!("{clear}{text}"))?,
            Err(failure) => wait_for(failure)?,
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Says that the server does not answer; what else went wrong is the end.
pub(super) fn wait_for(failure: Failure) -> Ended {
    if failure.code != UNREACHABLE {
        return Err(failure);
    }
    talk(&format!("bartizan: {}; trying again", failure.message));
    Ok(())
}

/// To the upper left corner, and nothing below it (ECMA-48: CUP, ED).
const CLEAR: &str = "\x1b[H\x1b[2J";

/// 2 s: people read no faster, and 50 of them cost the server little.
pub(super) const EVERY: Duration = Duration::from_secs(2);
