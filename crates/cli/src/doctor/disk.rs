//! The file system of the data directory: of a kind that keeps what it was told to keep, with files left, and quick about it.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use bartizan_model::Clock as _;

use super::Complaint;
use crate::system::SystemClock;

/// All of it.
pub(super) fn file_system(dir: &Path) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    if let Ok(found) = rustix::fs::statfs(dir) {
        // The kernel's numbers are 32 bits wide, whatever the type of the field is here.
        let number = u32::try_from(i128::from(found.f_type) & 0xffff_ffff).unwrap_or_default();
        complaints.extend(unfit(dir, number));
    }
    if let Ok(found) = rustix::fs::statvfs(dir) {
        complaints.extend(inodes(dir, found.f_files, found.f_favail));
    }
    // Of a file that nobody else can see, and that is gone when it is closed.
    if let Ok(file) = tempfile::tempfile_in(dir)
        && let Some(median) = median(file)
    {
        complaints.extend(slow(dir, median));
    }
    complaints
}

fn unfit(dir: &Path, number: u32) -> Option<Complaint> {
    let (_, name, why) = UNFIT.iter().find(|(known, _, _)| *known == number)?;
    let message = format!("`{}` is on {name}: {why}", dir.display());
    let mend =
        "move the data directory to a disk of this machine (ext4, xfs, btrfs, zfs), and set `data_dir`";
    Some(Complaint::warning("disk.unfit", message, mend))
}

fn inodes(dir: &Path, all: u64, free: u64) -> Option<Complaint> {
    // Some file systems make them as they need them, and say that there are none.
    if all == 0 || free >= INODES {
        return None;
    }
    let message = format!("no more than {free} files can be made on the file system of `{}`", dir.display());
    let mend = format!("df -i {} shows it: delete files, or move to a larger file system", dir.display());
    Some(Complaint::warning("disk.inodes", message, mend))
}

fn slow(dir: &Path, median: Duration) -> Option<Complaint> {
    if median <= SLOW {
        return None;
    }
    let message = format!(
        "a write to `{}` takes {} ms until it is on disk: sign-ins, changes and apps with audit = \"strict\" wait that long",
        dir.display(),
        median.as_millis()
    );
    Some(Complaint::warning(
        "disk.slow_fsync",
        message,
        "move the data directory to a faster disk, or find out what else writes to it (iostat -x 1)",
    ))
}

/// How long 4 KiB take until they are on disk.
fn median(mut file: File) -> Option<Duration> {
    let mut took = Vec::new();
    for _ in 0..WRITES {
        let began = SystemClock.boot();
        file.write_all(&[0x5a; 4096]).ok()?;
        file.sync_data().ok()?;
        took.push(SystemClock.boot().since(began));
        if took.iter().sum::<Duration>() > LONGEST {
            break;
        }
    }
    took.sort();
    took.get(took.len() / 2).copied()
}

/// What a file system is by its magic number (statfs(2)), and why it is not for a database with a write-ahead log.
const UNFIT: [(u32, &str, &str); 9] = [
    (0x0000_6969, "NFS", NETWORK),
    (0xff53_4d42, "CIFS", NETWORK),
    (0xfe53_4d42, "SMB", NETWORK),
    (0x0000_517b, "SMB", NETWORK),
    (0x0102_1997, "9p", NETWORK),
    (0x00c3_6400, "Ceph", NETWORK),
    (0x6573_5546, "FUSE", "its locks and memory maps may not be those that the database relies on"),
    (0x794c_7630, "an overlay", "it goes with the container, and so does everything that was recorded"),
    (0x0102_1994, "a tmpfs", "it is gone after the next restart of the machine"),
];

const NETWORK: &str =
    "the database's write-ahead log needs memory that is shared with the disk, and its locks are not kept";

/// Five writes are enough to pass over one that something else was in the way of.
const WRITES: usize = 5;

/// A disk that is slower than that has been found out.
const LONGEST: Duration = Duration::from_secs(2);

/// A disk that turns takes 10 ms; what takes five times as long is overloaded, or far away.
const SLOW: Duration = Duration::from_millis(50);

/// The log makes a file for 256 entries; some days of them.
const INODES: u64 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn code(complaint: Option<Complaint>) -> Option<&'static str> {
        complaint.map(|complaint| complaint.code)
    }

    #[test]
    fn what_is_slow_full_or_of_the_wrong_kind_is_found() {
        let dir = Path::new("/d");
        for (number, found) in
            [(0x6969, Some("disk.unfit")), (0x6573_5546, Some("disk.unfit")), (0xef53, None)]
        {
            assert_eq!(code(unfit(dir, number)), found, "{number:x}");
        }
        for (all, free, found) in
            [(0, 0, None), (1 << 20, 9_999, Some("disk.inodes")), (1 << 20, 10_000, None)]
        {
            assert_eq!(code(inodes(dir, all, free)), found, "{free} of {all}");
        }
        assert_eq!(code(slow(dir, Duration::from_millis(51))), Some("disk.slow_fsync"));
        assert_eq!(code(slow(dir, Duration::from_millis(50))), None);
        let folder = tempfile::tempdir().unwrap();
        assert!(median(tempfile::tempfile_in(folder.path()).unwrap()).unwrap() > Duration::ZERO);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
    }
}
