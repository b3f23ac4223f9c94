//! The enforcement point for HTTP.
//!
//! A connection is accepted (`listen`), its host settled (`handshake`, `hosts`), its requests read once (`request`), ascribed to
//! somebody (`authenticate`), decided and recorded (`bartizan_enforce`), and then sent to the app's server (`forward`) or to
//! a service of ours (`local`), both ways under the live grant (`relay`). `serve` has the path of one request.
//!
//! This crate knows no policy, no database and no page: it asks the enforcer, and what it may not do the types do not let it
//! do. [`Upstreams::forward`] takes a [`LiveGrant`](bartizan_enforce::LiveGrant) of a [`CanonicalRequest`], which comes from
//! [`canonical`] and an admission only, and no other argument says where to or what.

mod accept;
mod assertion;
mod authenticate;
mod certificates;
mod config;
mod counters;
mod error;
mod forward;
mod gateway;
mod handshake;
mod hosts;
mod http1;
mod http2;
mod line;
mod listen;
mod local;
mod pace;
mod page;
mod places;
mod problem;
mod proxies;
mod public;
mod redirect;
mod relay;
mod request;
mod response;
mod serve;
mod sign_in;
mod tasks;
mod texts;
mod trace;
mod upstream;
mod websocket;
mod workers;

pub use assertion::AssertionError;
pub use certificates::Certificates;
pub use config::GatewayConfig;
pub use counters::{Class, Counters, Durations, Handshake, Limit, Order, Plain, UpstreamFailure};
pub use error::Error;
pub use gateway::Gateway;
pub use http1::read_request;
pub use listen::Serves;
pub use local::{Body, BoxError, LocalService};
pub use proxies::{Proxies, announced};
pub use public::{HostKeys, HostKeysError, Recalled};
pub use relay::{Downstream, Relay};
pub use request::{BadRequest, CanonicalRequest, Connection, Head, canonical};
pub use trace::{Share, TARGET as TRACES};
pub use upstream::{Upstreams, roots as upstream_roots};
