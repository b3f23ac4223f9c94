//! Between a gateway and control: a relay that can do to connections what networks and people in between can.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot, watch};

/// What becomes of everything that passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Pass,
    /// Nothing is forwarded, and every connection stays open.
    Silent,
    /// A byte each tenth of a second, both ways.
    Drip,
}

/// Who gets what was made up.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Side {
    Gateway,
    Control,
}

/// The relay.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    mode: watch::Sender<Mode>,
    links: Links,
    runtime: Option<Runtime>,
}

type Links = Arc<Mutex<Vec<Link>>>;

/// One connection that passes.
#[derive(Debug)]
struct Link {
    reset: Option<oneshot::Sender<()>>,
    to_gateway: mpsc::Sender<Vec<u8>>,
    to_control: mpsc::Sender<Vec<u8>>,
    /// What the gateway has sent, as far as that is kept.
    said: Arc<Mutex<Vec<u8>>>,
}

impl Link {
    fn is_open(&self) -> bool {
        !self.to_control.is_closed()
    }

    fn reset(&mut self) {
        let _gone = self.reset.take().map(|reset| reset.send(()));
    }
}

impl Proxy {
    /// Begins; what comes goes on to this port of control's, once it is there.
    pub(crate) fn start(control: u16) -> Self {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (mode, modes) = watch::channel(Mode::Pass);
        let links = Links::default();
        let known = Arc::clone(&links);
        runtime.spawn(async move {
            while let Ok((gateway, _)) = listener.accept().await {
                let Ok(control) = TcpStream::connect(("127.0.0.1", control)).await else { continue };
                let (reset, resets) = oneshot::channel();
                let (to_gateway, for_gateway) = mpsc::channel(1);
                let (to_control, for_control) = mpsc::channel(1);
                let said = Arc::<Mutex<Vec<u8>>>::default();
                let link = Link { reset: Some(reset), to_gateway, to_control, said: Arc::clone(&said) };
                known.lock().push(link);
                let modes = modes.clone();
                tokio::task::spawn(async move {
                    let (mut gateway, mut control) = (gateway, control);
                    let was_reset = {
                        let (from_gateway, to_gateway) = gateway.split();
                        let (from_control, to_control) = control.split();
                        let keep = Some(said);
                        tokio::select! {
                            reset = resets => reset.is_ok(),
                            () = pump(from_gateway, to_control, for_control, modes.clone(), keep) => false,
                            () = pump(from_control, to_gateway, for_gateway, modes, None) => false,
                        }
                    };
                    if was_reset {
                        let _ = (gateway.set_zero_linger(), control.set_zero_linger());
                    }
                });
            }
        });
        Self { address, mode, links, runtime: Some(runtime) }
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// How many connections are open.
    pub(crate) fn open(&self) -> usize {
        self.links.lock().iter().filter(|link| link.is_open()).count()
    }

    /// Resets the oldest of those that are open, to both sides.
    pub(crate) fn reset_oldest(&self) {
        if let Some(link) = self.links.lock().iter_mut().find(|link| link.is_open()) {
            link.reset();
        }
    }

    /// Resets all of them.
    pub(crate) fn reset_all(&self) {
        self.links.lock().iter_mut().for_each(Link::reset);
    }

    /// Puts bytes of its own into the oldest of those that are open.
    pub(crate) fn inject_oldest(&self, side: Side, bytes: &[u8]) {
        let links = self.links.lock();
        let link = links.iter().find(|link| link.is_open()).expect("a connection is open");
        let to = match side {
            Side::Gateway => &link.to_gateway,
            Side::Control => &link.to_control,
        };
        to.try_send(bytes.to_vec()).unwrap();
    }

    /// What the gateway has sent on each connection so far.
    pub(crate) fn recorded(&self) -> Vec<Vec<u8>> {
        self.links.lock().iter().map(|link| link.said.lock().clone()).collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }
}

/// One direction, until either side ends it.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut injected: mpsc::Receiver<Vec<u8>>,
    mut modes: watch::Receiver<Mode>,
    keep: Option<Arc<Mutex<Vec<u8>>>>,
) {
    let mut piece = vec![0; 16 << 10];
    loop {
        let mode = *modes.borrow_and_update();
        let length = tokio::select! {
            changed = modes.changed() => {
                if changed.is_err() {
                    return;
                }
                continue;
            }
            Some(bytes) = injected.recv() => {
                if to.write_all(&bytes).await.is_err() {
                    return;
                }
                continue;
            }
            read = from.read(&mut piece), if mode != Mode::Silent => match read {
                Ok(length @ 1..) => length,
                Ok(_) | Err(_) => return,
            },
        };
        let bytes = piece.get(..length).unwrap();
        if let Some(said) = &keep {
            let mut said = said.lock();
            if said.len() < KEPT {
                said.extend_from_slice(bytes);
            }
        }
        for (number, part) in bytes.chunks(if mode == Mode::Drip { 1 } else { length }).enumerate() {
            // Whatever the mode is by now: bytes that were taken are delivered.
            if number > 0 && *modes.borrow() == Mode::Drip {
                tokio::time::sleep(DRIP).await;
            }
            if to.write_all(part).await.is_err() {
                return;
            }
        }
    }
}

const DRIP: Duration = Duration::from_millis(100);

/// How much of what a gateway says is kept.
const KEPT: usize = 64 << 10;
