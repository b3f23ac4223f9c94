//! How much memory there is, and how many connections follow from it.
//!
//! A process that takes more than it may is killed, and everybody is out. So the gateway takes no more connections than
//! there is memory for, and tells the others to come back.

use std::path::{Path, PathBuf};

/// How many connections there is memory for, under the limit of this process's control group and of the machine.
pub(crate) fn connections() -> usize {
    usize::try_from(fitting(limit(Path::new("/")))).unwrap_or(usize::MAX).max(LEAST)
}

/// In MiB: what it takes with nobody there, and what each connection and its way to an app take.
pub(crate) const fn ceiling(connections: u64) -> u64 {
    BASE + connections.saturating_mul(EACH_KIB) / 1024
}

/// For how many connections so many MiB are enough.
pub(crate) const fn fitting(available: u64) -> u64 {
    available.saturating_sub(BASE).saturating_mul(1024) / EACH_KIB
}

/// What this process may take, in MiB; as much as can be said, if nothing says.
fn limit(root: &Path) -> u64 {
    let read = |path: PathBuf| std::fs::read_to_string(root.join(path)).unwrap_or_default();
    let machine = read("proc/meminfo".into());
    let machine = machine.lines().find_map(|line| {
        let kib = line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?;
        Some(kib.trim().parse::<u64>().ok()? / 1024)
    });
    let groups = read("proc/self/cgroup".into());
    let mut least = machine.unwrap_or(u64::MAX);
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(group)) = (fields.next(), fields.next()) else { continue };
        let (folder, file) = match controllers {
            "" => ("sys/fs/cgroup", "memory.max"),
            named if named.split(',').any(|name| name == "memory") => {
                ("sys/fs/cgroup/memory", "memory.limit_in_bytes")
            }
            _ => continue,
        };
        // A limit of any group above counts, too. Seen from inside a container there may be nothing above.
        for group in Path::new(group.trim_start_matches('/')).ancestors() {
            let told = read(Path::new(folder).join(group).join(file));
            // `max`, or nothing, is no limit.
            if let Ok(bytes) = told.trim().parse::<u64>() {
                least = least.min(bytes >> 20);
            }
        }
    }
    least
}

/// MiB, with nobody there (docs/performance.md), some passwords being checked (19 MiB each), and room for what is in flight.
const BASE: u64 = 128;

/// KiB: 20 for a connection, 32 for a stream on it (docs/performance.md).
const EACH_KIB: u64 = 52;

/// Below that it serves hardly anybody.
const LEAST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn the_narrowest_limit_counts() {
        let memory = ("proc/meminfo", "MemTotal:        2048000 kB\nMemFree: 1 kB\n");
        let limit = |files: &[(&str, &str)]| limit(machine(files).path());
        assert_eq!(limit(&[]), u64::MAX);
        assert_eq!(limit(&[memory]), 2000);
        let two = ("proc/self/cgroup", "0::/system.slice/bartizan.service\n");
        let own = "sys/fs/cgroup/system.slice/bartizan.service/memory.max";
        let above = "sys/fs/cgroup/system.slice/memory.max";
        assert_eq!(limit(&[memory, two, (own, "max\n")]), 2000);
        assert_eq!(limit(&[memory, two, (own, "536870912\n")]), 512);
        assert_eq!(limit(&[memory, two, (own, "536870912\n"), (above, "268435456\n")]), 256);
        let one = ("proc/self/cgroup", "5:cpu:/x\n4:memory,hugetlb:/a/b\n0::/\n");
        let inner = "sys/fs/cgroup/memory/a/b/memory.limit_in_bytes";
        assert_eq!(limit(&[memory, one, (inner, "134217728\n")]), 128);
        assert_eq!(limit(&[memory, one, (inner, "9223372036854771712\n")]), 2000);
    }

    #[test]
    fn there_is_memory_for_what_is_let_in() {
        for connections in [100, 2_000, 20_000] {
            assert!(fitting(ceiling(connections) + 1) >= connections);
            assert!(fitting(ceiling(connections) - 1) < connections);
        }
        assert_eq!((fitting(0), fitting(128)), (0, 0));
    }
}
