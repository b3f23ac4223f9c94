//! What the machine gives the service: memory, and the confinement of its unit.

use std::path::Path;

use super::Complaint;
use super::programs::ask;
use crate::memory::{ceiling, fitting};
use crate::sandbox::Missing;

/// There is memory for as many connections as there are files for.
pub(super) fn memory() -> Vec<Complaint> {
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum.unwrap_or(u64::MAX);
    let connections = u64::try_from(crate::descriptors::connections(files)).unwrap_or(u64::MAX);
    let told = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    judged(&told, connections).into_iter().collect()
}

fn judged(told: &str, connections: u64) -> Option<Complaint> {
    let line = told.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let available = line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? / 1024;
    let ceiling = ceiling(connections);
    if available >= ceiling {
        return None;
    }
    Some(Complaint::warning(
        "memory.scarce",
        format!(
            "{available} MiB of memory are available, and with all {connections} connections in use it takes {ceiling} MiB"
        ),
        format!(
            "free memory, or let fewer connections in: LimitNOFILE={} in its unit",
            crate::descriptors::RESERVED + 2 * fitting(available)
        ),
    ))
}

/// The kernel confines a process that asks for it, as `serve` does.
pub(super) fn kernel() -> Vec<Complaint> {
    unconfined(crate::sandbox::missing()).into_iter().collect()
}

fn unconfined(missing: Missing) -> Option<Complaint> {
    let why: Vec<String> = [missing.files, missing.calls].into_iter().flatten().collect();
    if why.is_empty() {
        return None;
    }
    let message = format!("{}: who breaks into the process is held by less", why.join("; "));
    let mend = "a kernel from 5.19 on with landlock among its lsm= (cat /sys/kernel/security/lsm); in a container, a profile that lets a process confine itself";
    Some(Complaint::warning("sandbox.unavailable", message, mend))
}

/// The unit that is installed is confined as ours is, whatever was added to it.
pub(super) async fn confinement() -> Option<Vec<Complaint>> {
    if !UNITS.iter().any(|folder| Path::new(folder).join(UNIT).exists()) {
        return None;
    }
    let mut args = vec!["security", "--no-pager", UNIT];
    if !Path::new("/run/systemd/system").exists() {
        args.insert(1, "--offline=true");
    }
    let said = ask("systemd-analyze", &args).await?;
    Some(exposed(&said).into_iter().collect())
}

fn exposed(said: &str) -> Option<Complaint> {
    let line = said.lines().rev().find(|line| line.contains("exposure level"))?;
    let level = line.split_whitespace().find_map(|word| word.parse::<f64>().ok())?;
    if level <= CONFINED {
        return None;
    }
    Some(Complaint::warning(
        "unit.exposed",
        format!(
            "systemd-analyze rates the exposure of {UNIT} {level}, and as it is shipped it is below {CONFINED}"
        ),
        format!("systemctl cat {UNIT} shows what was added; take it back with systemctl revert {UNIT}"),
    ))
}

const UNIT: &str = "bartizan.service";

const UNITS: [&str; 3] = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

/// What the shipped unit is held to by a test.
const CONFINED: f64 = 2.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_held_against_what_all_connections_take() {
        let told = |kib: u64| format!("MemTotal: 99 kB\nMemAvailable:   {kib} kB\nMemFree: 1 kB\n");
        let enough = ceiling(20_000) * 1024;
        assert_eq!(judged(&told(enough), 20_000), None);
        let found = judged(&told(enough - 1024), 20_000).unwrap();
        assert_eq!(found.code, "memory.scarce");
        assert_eq!(
            judged(
                &told(enough - 1024),
                crate::descriptors::connections(256 + 2 * fitting(ceiling(20_000) - 1)) as u64
            ),
            None,
            "{}",
            found.mend
        );
        assert_eq!(judged("nothing", 20_000), None);
    }

    #[test]
    fn a_kernel_that_does_not_confine_is_found() {
        assert_eq!(unconfined(Missing::default()), None);
        let missing = Missing { files: Some(String::from("no Landlock")), calls: None };
        assert_eq!(unconfined(missing).map(|complaint| complaint.code), Some("sandbox.unavailable"));
    }

    #[test]
    fn a_unit_that_was_opened_is_found() {
        let said = |level: &str| {
            format!("  NAME  DESCRIPTION\n→ Overall exposure level for bartizan.service: {level} OK 🙂\n")
        };
        assert_eq!(exposed(&said("1.2")), None);
        assert_eq!(exposed(&said("4.8")).map(|complaint| complaint.code), Some("unit.exposed"));
        assert_eq!(exposed(""), None);
    }
}
