//! The gateway as clients and upstreams meet it: real TLS, real sockets, a real enforcer.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod app;
mod client;
mod rig;
mod sign_in;

mod behind;
mod certificates;
mod compile_fail;
mod counters;
mod cuts;
mod forwarding;
mod hostile;
mod http1;
mod limits;
mod own_hosts;
mod public;
mod redirect;
mod tls;
mod websockets;
mod wire;
