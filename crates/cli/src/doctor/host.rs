//! The machine: room on the disk, and an address to listen on.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;

use super::Complaint;
use crate::config::Config;

/// There is room for evidence; without room nothing is permitted any more.
pub(super) fn space(dir: &Path) -> Vec<Complaint> {
    let statistics = match rustix::fs::statvfs(dir) {
        Ok(statistics) => statistics,
        Err(error) => {
            let message = format!("the file system of `{}` cannot be examined: {error}", dir.display());
            return vec![Complaint::error("disk.unknown", message, "mount it")];
        }
    };
    let free = statistics.f_bavail.saturating_mul(statistics.f_frsize);
    let message = format!("{} MiB are free for `{}`", free >> 20, dir.display());
    let mend = format!("make room, or move {} to a larger disk", dir.display());
    if free < FULL {
        vec![Complaint::error("disk.full", message, mend)]
    } else if free < SCARCE {
        vec![Complaint::warning("disk.scarce", message, mend)]
    } else {
        Vec::new()
    }
}

/// Each address is free, or a deployment in this data directory has it.
pub(super) fn listeners(config: &Config, running: bool) -> Vec<Complaint> {
    let public = config.listeners.iter().map(|listener| (listener.address, "[[listener]]"));
    let others = [(config.health, "[health]"), (config.redirect, "[redirect]")];
    let others = others.into_iter().filter_map(|(address, table)| Some((address?, table)));
    let all = public.chain(others);
    all.flat_map(|(listen, table)| address(listen, table, running)).collect()
}

fn address(address: SocketAddr, table: &str, running: bool) -> Vec<Complaint> {
    match std::net::TcpListener::bind(address) {
        Ok(_free) => Vec::new(),
        Err(error) if error.kind() == ErrorKind::AddrInUse && running => Vec::new(),
        Err(error) if error.kind() == ErrorKind::AddrInUse => vec![Complaint::error(
            "listener.taken",
            format!("another program listens on {address}"),
            format!("ss -ltnp 'sport = :{}' says which", address.port()),
        )],
        Err(error) if error.kind() == ErrorKind::PermissionDenied => vec![Complaint::error(
            "listener.not_permitted",
            format!("this user may not listen on {address}"),
            "use a port from 1024 on, or give the service CAP_NET_BIND_SERVICE",
        )],
        Err(error) => vec![Complaint::error(
            "listener.unusable",
            format!("nobody can listen on {address}: {error}"),
            format!("set `address` of the {table} to an address of this machine"),
        )],
    }
}

/// There are files for as many connections as a gateway holds. What this command may have open is what a service that is
/// started from here may.
pub(super) fn files() -> Vec<Complaint> {
    let most = rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum.unwrap_or(u64::MAX);
    if most >= FILES {
        return Vec::new();
    }
    vec![Complaint::warning(
        "files.few",
        format!(
            "{most} files may be open at once: enough for {} connections",
            crate::descriptors::connections(most)
        ),
        format!("`ulimit -Hn {FILES}` before it starts, or LimitNOFILE={FILES} in its unit"),
    )]
}

/// What the database, the log and some thousand connections take.
const FILES: u64 = 4096;

/// 256 MiB: the spool's limit and what the database writes beside it.
const FULL: u64 = 256 << 20;

/// 2 GiB: some days of evidence at 100 requests a second.
const SCARCE: u64 = 2 << 30;
