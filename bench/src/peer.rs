//! What people run today: Debian's nginx, in a folder of its own.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::bail;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};

use crate::demo;

pub(crate) const HOST: &str = "peer.localhost";

/// A running nginx; it ends when dropped.
#[derive(Debug)]
pub(crate) struct Nginx {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) certificate: Vec<u8>,
    _folder: tempfile::TempDir,
}

pub(crate) fn installed() -> bool {
    Command::new("nginx").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Nginx {
    /// Starts it with one of `bench/peers/*.conf`, its placeholders filled in.
    pub(crate) fn start(template: &str, upstream: SocketAddr) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        // Its workers are another user, and keep their temporary files here.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = CertificateParams::new(vec![HOST.to_owned()])?.self_signed(&pair)?.pem();
        std::fs::write(folder.path().join("cert.pem"), &certificate)?;
        std::fs::write(folder.path().join("key.pem"), pair.serialize_pem())?;
        let port = free_port()?;
        let text = template
            .replace("{DIR}", &folder.path().display().to_string())
            .replace("{PORT}", &port.to_string())
            .replace("{AUTH_PORT}", &free_port()?.to_string())
            .replace("{UPSTREAM}", &upstream.to_string());
        let config = folder.path().join("nginx.conf");
        std::fs::write(&config, text)?;
        let child = Command::new("nginx")
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let nginx = Self { child, address, certificate: certificate.into_bytes(), _folder: folder };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            if began.elapsed() > Duration::from_secs(5) {
                bail!("nginx does not start");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(nginx)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        demo::end(&mut self.child);
    }
}
