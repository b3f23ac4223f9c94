//! Hosts of their own on this machine: network namespaces, joined by a bridge.

use std::fs::File;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::os::fd::AsFd as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// One host: a network namespace, gone when dropped.
#[derive(Debug)]
pub(crate) struct Host {
    name: String,
    pub(crate) address: Ipv4Addr,
}

impl Host {
    fn make(what: &str, number: u32, address: Ipv4Addr) -> Result<Self, String> {
        let name = format!("{PREFIX}{}-{number}-{what}", std::process::id());
        ip(&["netns", "add", &name])?;
        let host = Self { name, address };
        ip(&["-n", &host.name, "link", "set", "lo", "up"])?;
        Ok(host)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Does something as this host: the sockets that are made in it, and the threads and processes that begin in it, are of
    /// this host, and a socket stays so wherever it is used.
    pub(crate) fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let there = File::open(format!("/run/netns/{}", self.name)).unwrap();
        std::thread::scope(|scope| {
            let thread = scope.spawn(move || {
                move_into_link_name_space(there.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
                work()
            });
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// From now on nothing passes between this host and another: what is sent is dropped, and nobody is told.
    pub(crate) fn part_from(&self, other: &Self) {
        let address = other.address;
        self.filter(&format!(
            "table inet parted {{\n\
             chain in {{\ntype filter hook input priority 0;\nip saddr {address} drop\n}}\n\
             chain out {{\ntype filter hook output priority 0;\nip daddr {address} drop\n}}\n}}\n"
        ));
    }

    /// From now on everything passes again.
    pub(crate) fn heal(&self) {
        self.filter("delete table inet parted\n");
    }

    fn filter(&self, rules: &str) {
        let mut nft = Command::new("ip");
        nft.args(["netns", "exec", &self.name, "nft", "-f", "-"]).stdin(Stdio::piped());
        let mut nft = nft.spawn().unwrap();
        nft.stdin.take().unwrap().write_all(rules.as_bytes()).unwrap();
        assert!(nft.wait().unwrap().success(), "{rules}");
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _gone = ip(&["netns", "del", &self.name]);
    }
}

/// Control, two gateways, and where people are, from where all of them are reached. What passes between any two of them
/// passes through there.
#[derive(Debug)]
pub(crate) struct Hosts {
    pub(crate) lan: Host,
    pub(crate) control: Host,
    pub(crate) one: Host,
    pub(crate) two: Host,
}

impl Hosts {
    /// Makes them; where that cannot be, says that the test is skipped.
    pub(crate) fn or_skipped(test: &str) -> Option<Self> {
        match Self::make() {
            Ok(hosts) => Some(hosts),
            Err(why) => {
                println!("SKIPPED {test}: network namespaces take root, `ip` and `nft` ({why})");
                None
            }
        }
    }

    fn make() -> Result<Self, String> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        sweep();
        run("nft", &["--version"])?;
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let host = |what, last| Host::make(what, number, Ipv4Addr::new(10, 77, 0, last));
        let hosts = Self {
            lan: host("lan", 9)?,
            control: host("control", 1)?,
            one: host("one", 2)?,
            two: host("two", 3)?,
        };
        let lan = &hosts.lan.name;
        ip(&["-n", lan, "link", "add", "lan", "type", "bridge"])?;
        ip(&["-n", lan, "addr", "add", "10.77.0.9/24", "dev", "lan"])?;
        ip(&["-n", lan, "link", "set", "lan", "up"])?;
        for (port, host) in [("control", &hosts.control), ("one", &hosts.one), ("two", &hosts.two)] {
            let address = format!("{}/24", host.address);
            ip(&[
                "-n", lan, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", &host.name,
            ])?;
            ip(&["-n", lan, "link", "set", port, "master", "lan", "up"])?;
            ip(&["-n", &host.name, "addr", "add", &address, "dev", "eth0"])?;
            ip(&["-n", &host.name, "link", "set", "eth0", "up"])?;
        }
        Ok(hosts)
    }
}

/// Removes what tests left behind that were killed.
fn sweep() {
    for entry in std::fs::read_dir("/run/netns").into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let made_by = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        if made_by.is_some_and(|pid| !std::path::Path::new("/proc").join(pid).exists()) {
            let _gone = ip(&["netns", "del", &name]);
        }
    }
}

fn ip(args: &[&str]) -> Result<(), String> {
    run("ip", args)
}

fn run(program: &str, args: &[&str]) -> Result<(), String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    output.status.success().then_some(()).ok_or_else(|| format!("{program} {}: {said}", args.join(" ")))
}

const PREFIX: &str = "bartizan-test-";
