//! Between a gateway and the apps: forwards, and knows when the last byte came for each stream.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

/// When something last arrived for the app on each stream that has a name (`stream=NAME` in its address).
pub(crate) type Heard = Arc<Mutex<BTreeMap<String, Instant>>>;

/// Listens on loopback of hosts where gateways are, and reaches the apps on this one.
#[derive(Debug)]
pub(crate) struct Tap {
    pub(crate) heard: Heard,
    runtime: Option<Runtime>,
}

impl Tap {
    /// Begins; each listener is one of a host, and what comes there goes on to this address.
    pub(crate) fn start(listeners: Vec<(TcpListener, SocketAddr)>) -> Self {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
        let heard = Heard::default();
        for (listener, app) in listeners {
            let heard = Arc::clone(&heard);
            listener.set_nonblocking(true).unwrap();
            runtime.spawn(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                while let Ok((gateway, _)) = listener.accept().await {
                    let heard = Arc::clone(&heard);
                    tokio::task::spawn(async move {
                        if let Ok(app) = TcpStream::connect(app).await {
                            forward(gateway, app, heard).await;
                        }
                    });
                }
            });
        }
        Self { heard, runtime: Some(runtime) }
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }
}

async fn forward(gateway: TcpStream, app: TcpStream, heard: Heard) {
    let _ = (gateway.set_nodelay(true), app.set_nodelay(true));
    let (mut from_gateway, mut to_gateway) = gateway.into_split();
    let (mut from_app, mut to_app) = app.into_split();
    let down = async move {
        let mut piece = vec![0; 4 << 10];
        while let Ok(length @ 1..) = from_app.read(&mut piece).await {
            if to_gateway.write_all(piece.get(..length).unwrap()).await.is_err() {
                break;
            }
            // So that many downloads go on for long, and always have something to send.
            if length == piece.len() {
                tokio::time::sleep(PAUSE).await;
            }
        }
        let _gone = to_gateway.shutdown().await;
    };
    let up = async move {
        let (mut piece, mut stream) = (vec![0; 64 << 10], None);
        while let Ok(length @ 1..) = from_gateway.read(&mut piece).await {
            let came = Instant::now();
            let bytes = piece.get(..length).unwrap();
            stream = named(bytes).or(stream);
            if let Some(stream) = &stream {
                heard.lock().insert(String::clone(stream), came);
            }
            if to_app.write_all(bytes).await.is_err() {
                break;
            }
        }
        let _gone = to_app.shutdown().await;
    };
    tokio::join!(down, up);
}

/// The name of the stream that begins here, if one does.
fn named(bytes: &[u8]) -> Option<String> {
    let line = bytes.split(|byte| *byte == b'\r').next()?;
    let line = std::str::from_utf8(line).ok().filter(|line| line.ends_with(" HTTP/1.1"))?;
    let name = line.split_once("stream=")?.1;
    Some(name.split([' ', '&']).next()?.to_owned())
}

/// Between two pieces of something large.
const PAUSE: Duration = Duration::from_millis(20);
