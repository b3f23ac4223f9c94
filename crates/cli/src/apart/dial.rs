//! How control is reached: TCP, then TLS in which each proves itself to the other under the deployment's authority for points.

use std::sync::Arc;

use async_trait::async_trait;
use bartizan_enforce::wire::{Connection, Dial};
use bartizan_pki::{JoinToken, joining_tls, point_tls};
use parking_lot::RwLock;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::kept::Kept;

/// Control, as a point that has joined reaches it.
#[derive(Debug)]
pub(super) struct Control {
    address: String,
    name: ServerName<'static>,
    tls: RwLock<Arc<ClientConfig>>,
}

impl Control {
    pub(super) fn new(kept: &Kept) -> anyhow::Result<Arc<Self>> {
        let (address, name) = (kept.address.clone(), name_of(&kept.domain)?);
        Ok(Arc::new(Self { address, name, tls: RwLock::new(tls_of(kept)?) }))
    }

    /// New connections prove themselves with another certificate; open ones go on.
    pub(super) fn replace(&self, kept: &Kept) -> anyhow::Result<()> {
        *self.tls.write() = tls_of(kept)?;
        Ok(())
    }
}

fn tls_of(kept: &Kept) -> anyhow::Result<Arc<ClientConfig>> {
    let chain = kept.identity.chain.iter().map(|der| der.clone().into()).collect();
    Ok(Arc::new(point_tls(&kept.identity.authority, Some((chain, &kept.key)))?))
}

/// The name that control's certificate has; it need not resolve.
fn name_of(domain: &str) -> anyhow::Result<ServerName<'static>> {
    Ok(ServerName::try_from(format!("points.{domain}"))?)
}

#[async_trait]
impl Dial for Control {
    async fn dial(&self) -> Result<Box<dyn Connection>, String> {
        let tls = Arc::clone(&self.tls.read());
        connect(&self.address, self.name.clone(), tls).await
    }
}

/// Control, as a machine reaches it that knows no more of it than its join token.
#[derive(Debug)]
pub(super) struct Joining {
    address: String,
    name: ServerName<'static>,
    tls: Arc<ClientConfig>,
}

impl Joining {
    pub(super) fn new(token: &JoinToken) -> anyhow::Result<Self> {
        let tls = Arc::new(joining_tls(token.authority)?);
        Ok(Self { address: token.address.clone(), name: name_of(&token.domain)?, tls })
    }
}

#[async_trait]
impl Dial for Joining {
    async fn dial(&self) -> Result<Box<dyn Connection>, String> {
        connect(&self.address, self.name.clone(), Arc::clone(&self.tls)).await
    }
}

async fn connect(
    address: &str,
    name: ServerName<'static>,
    tls: Arc<ClientConfig>,
) -> Result<Box<dyn Connection>, String> {
    let tcp = TcpStream::connect(address).await.map_err(|error| format!("{address}: {error}"))?;
    tcp.set_nodelay(true).map_err(|error| error.to_string())?;
    let stream = TlsConnector::from(tls).connect(name, tcp).await;
    let stream = stream.map_err(|error| format!("{address}: {error}"))?;
    Ok(Box::new(stream))
}
