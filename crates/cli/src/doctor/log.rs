//! The evidence log: whole up to its checkpoint, and not from the future.

use std::path::Path;
use std::time::Duration;

use bartizan_evidence::{GrowingSource, LogReader, StoredEntry, verify};
use bartizan_model::{Clock as _, Timestamp};
use bartizan_pki::NoteVerifier;
use serde_json::json;

use super::Complaint;
use crate::system::SystemClock;

/// Every entry is the one that the signed checkpoint stands for.
pub(super) fn whole(dir: &Path) -> Vec<Complaint> {
    let (log, key) = (dir.join("log"), dir.join("keys").join("log.vkey"));
    let mend = format!("bartizan log verify --dir {} --key {}", log.display(), key.display());
    let verifier = match verifier(dir) {
        Ok(verifier) => verifier,
        Err(why) => {
            return vec![Complaint::error("log.key", why, "restart bartizan serve: it writes the file anew")];
        }
    };
    let report = verify(&GrowingSource::new(log), &verifier, None);
    if report.ok {
        return Vec::new();
    }
    let first = report.problems.first().map(|problem| json!(problem));
    let what = first.as_ref().and_then(|problem| problem.get("what")?.as_str()).unwrap_or("it is not whole");
    let message = format!("the evidence log is not whole ({} problems): {what}", report.problems.len());
    vec![Complaint::error("log.broken", message, mend)]
}

/// The clock has not gone back behind what was recorded, which would let sessions and certificates live too long.
pub(super) fn clock(dir: &Path) -> Vec<Complaint> {
    let Some(newest) = newest(dir) else { return Vec::new() };
    let now = SystemClock.now();
    if newest.since(now) > SKEW {
        let message = format!("the clock says {now}, and the newest event is of {newest}");
        return vec![Complaint::error("clock.behind", message, "timedatectl set-ntp true")];
    }
    Vec::new()
}

fn verifier(dir: &Path) -> Result<NoteVerifier, String> {
    let path = dir.join("keys").join("log.vkey");
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("`{}` cannot be read: {error}", path.display()))?;
    NoteVerifier::parse(&text).map_err(|error| format!("`{}` is not a log's key: {error}", path.display()))
}

/// The time of the last entry; none if there is none that can be read, which the check before this complains about.
fn newest(dir: &Path) -> Option<Timestamp> {
    let reader = LogReader::new(GrowingSource::new(dir.join("log")), verifier(dir).ok()?);
    let size = reader.checkpoint().ok()?.checkpoint.size;
    let entry = reader.entry(size.checked_sub(1)?).ok()?;
    Some(StoredEntry::parse(&entry).ok()?.event().ok()?.time)
}

/// What two clocks that are both right differ by at most, and then some.
const SKEW: Duration = Duration::from_secs(5);
