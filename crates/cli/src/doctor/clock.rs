//! Whether somebody sets the clock right. Sessions, certificates and evidence go by it.

use super::Complaint;
use super::programs::ask;

/// The kernel is told the time by others (`STA_UNSYNC` of adjtimex(2) is not set). `timedatectl` says so, where it is; where
/// it is not, nothing is known.
pub(super) async fn synchronised() -> Option<Vec<Complaint>> {
    let said = ask("timedatectl", &["show", "--property=NTPSynchronized", "--value"]).await?;
    Some(judged(said.trim()))
}

fn judged(said: &str) -> Vec<Complaint> {
    if said != "no" {
        return Vec::new();
    }
    vec![Complaint::warning(
        "clock.unsynchronised",
        "nobody sets the clock of this machine: sessions, certificates and the times in the log go by it",
        "timedatectl set-ntp true, or install chrony",
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_no_is_a_complaint() {
        assert_eq!(judged("no").first().map(|complaint| complaint.code), Some("clock.unsynchronised"));
        for said in ["yes", "", "Failed to connect to bus"] {
            assert!(judged(said).is_empty(), "{said}");
        }
    }
}
