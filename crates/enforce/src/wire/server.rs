//! Control's end of the wire: each request belongs to the point whose certificate its connection has shown.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_model::{CredentialDigest, PointId, Secret, Timestamp};
use futures_util::Stream;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::body::Body;
use tonic::{Status, codegen::Service as _};

use super::channel::Connection;
use super::feed::{self, Cutter};
use super::generated as pb;
use super::generated::evidence_server::EvidenceServer;
use super::generated::feed_server::FeedServer;
use super::generated::keys_server::KeysServer;
use super::generated::membership_server::MembershipServer;
use super::generated::sessions_server::SessionsServer;
use super::{Versions, fixed, questions, status};
use crate::evidence::{Batch, Evidence};
use crate::feed::{Feed, FeedMessage};
use crate::keys::Keys;
use crate::membership::Membership;
use crate::sessions::Sessions;

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// Somebody without a certificate: may bring a join token, and nothing else.
    Stranger,
    /// This point, as its certificate says.
    Point(PointId),
}

/// What control does for its points.
#[derive(Debug, Clone)]
pub struct Halves {
    /// Tells them what to decide on.
    pub feed: Arc<dyn Feed>,
    /// Takes what they recorded.
    pub evidence: Arc<dyn Evidence>,
    /// Tells them whose credentials they are brought.
    pub sessions: Arc<dyn Sessions>,
    /// Vouches for their keys.
    pub keys: Arc<dyn Keys>,
    /// Lets them join, stay and leave.
    pub membership: Arc<dyn Membership>,
}

/// The services of control. One serves all connections.
#[derive(Debug, Clone)]
pub struct Server(Arc<Served>);

/// What does what is asked, and how many points may start over at once.
#[derive(Debug)]
struct Served {
    halves: Halves,
    snapshots: Arc<Semaphore>,
}

impl Server {
    /// What these do, over the wire.
    #[must_use]
    pub fn new(halves: Halves) -> Self {
        Self(Arc::new(Served { halves, snapshots: Arc::new(Semaphore::new(SNAPSHOTS)) }))
    }

    async fn call(self, peer: Peer, mut request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        request.extensions_mut().insert(peer);
        let service = request.uri().path().split('/').nth(1).unwrap_or_default().to_owned();
        let Self(served) = self;
        match service.as_str() {
            "bartizan.point.v1.Feed" => {
                FeedServer::from_arc(served).max_decoding_message_size(STANDPOINT).call(request).await
            }
            "bartizan.point.v1.Evidence" => {
                EvidenceServer::from_arc(served).max_decoding_message_size(BATCH).call(request).await
            }
            "bartizan.point.v1.Sessions" => {
                SessionsServer::from_arc(served).max_decoding_message_size(QUESTION).call(request).await
            }
            "bartizan.point.v1.Keys" => {
                KeysServer::from_arc(served).max_decoding_message_size(QUESTION).call(request).await
            }
            "bartizan.point.v1.Membership" => {
                MembershipServer::from_arc(served).max_decoding_message_size(QUESTION).call(request).await
            }
            _ => Ok(Status::unimplemented("there is no such service").into_http()),
        }
    }
}

/// Serves one connection until it ends or `stop` is cancelled.
pub async fn serve_connection(
    stream: impl Connection + 'static,
    peer: Peer,
    server: Server,
    stop: CancellationToken,
) {
    let service = service_fn(move |request| server.clone().call(peer, request));
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            // A feed does not end by itself.
            match tokio::time::timeout(GRACE, connection.as_mut()).await {
                Ok(ended) => ended,
                Err(_late) => Ok(()),
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection of an enforcement point ended");
    }
}

/// The point that asks. Strangers may do nothing that asks for this.
fn point<T>(request: &tonic::Request<T>) -> Result<PointId, Status> {
    match request.extensions().get::<Peer>() {
        Some(Peer::Point(point)) => Ok(*point),
        Some(Peer::Stranger) | None => Err(Status::unauthenticated("only for enforcement points")),
    }
}

/// The form that this side and another both speak.
fn agreed(versions: Option<pb::Versions>) -> Result<u32, Status> {
    let theirs = Versions::decode(versions).map_err(|error| status::malformed(&error))?;
    Versions::OURS.common(theirs).ok_or_else(|| {
        let ours = Versions::OURS;
        Status::failed_precondition(format!(
            "control speaks form {ours} of the protocol, this point {theirs}: bring the older of them up to date"
        ))
    })
}

type Answer<T> = Result<tonic::Response<T>, Status>;

/// The frames of one stream.
#[derive(Debug)]
#[expect(unreachable_pub, reason = "the generated trait names it in public")]
pub struct Frames {
    messages: mpsc::Receiver<FeedMessage>,
    /// What was received and did not go with what was before it.
    left: Option<FeedMessage>,
    cutter: Cutter,
    waiting: std::vec::IntoIter<pb::Frame>,
    /// Given up with the last frame of the snapshot.
    place: Option<Arc<Place>>,
}

/// A place among the points that start over: until the snapshot is on its way, but not for long. One that does not read
/// its snapshot keeps nobody else from theirs.
type Place = Mutex<Option<OwnedSemaphorePermit>>;

fn place_for_a_while(permit: OwnedSemaphorePermit) -> Arc<Place> {
    let place = Arc::new(Mutex::new(Some(permit)));
    let held = Arc::downgrade(&place);
    TaskTracker::new().spawn(async move {
        tokio::time::sleep(HELD).await;
        if let Some(place) = held.upgrade() {
            place.lock().take();
        }
    });
    place
}

impl Stream for Frames {
    type Item = Result<pb::Frame, Status>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        loop {
            if let Some(frame) = self.waiting.next() {
                if !frame.more {
                    self.place = None;
                }
                return std::task::Poll::Ready(Some(Ok(frame)));
            }
            match std::task::ready!(self.poll_message(context)) {
                Some(message) => self.waiting = self.cutter.cut(&message).into_iter(),
                None => return std::task::Poll::Ready(None),
            }
        }
    }
}

impl Frames {
    /// What is to be sent next: of changes that wait already, as many as go together, since each message costs by itself.
    fn poll_message(&mut self, context: &mut std::task::Context<'_>) -> std::task::Poll<Option<FeedMessage>> {
        let first = match self.left.take() {
            Some(message) => Some(message),
            None => std::task::ready!(self.messages.poll_recv(context)),
        };
        let Some(mut message) = first else { return std::task::Poll::Ready(None) };
        while let Ok(more) = self.messages.try_recv() {
            if let Err(apart) = message.absorb(more) {
                self.left = Some(apart);
                break;
            }
        }
        std::task::Poll::Ready(Some(message))
    }
}

#[async_trait]
impl pb::feed_server::Feed for Served {
    type SubscribeStream = Frames;

    async fn subscribe(&self, request: tonic::Request<pb::SubscribeRequest>) -> Answer<Frames> {
        let point = point(&request)?;
        let request = request.into_inner();
        let version = agreed(request.versions)?;
        let standpoint = feed::decode_standpoint(request).map_err(|error| status::malformed(&error))?;
        let place = tokio::time::timeout(QUEUE, Arc::clone(&self.snapshots).acquire_owned()).await;
        let Ok(Ok(place)) = place else {
            return Err(Status::unavailable("too many points start over at once: try again in a moment"));
        };
        let messages = self.halves.feed.subscribe(point, standpoint).await.map_err(status::of_feed)?;
        Ok(tonic::Response::new(Frames {
            messages,
            left: None,
            cutter: Cutter::new(version),
            waiting: Vec::new().into_iter(),
            place: Some(place_for_a_while(place)),
        }))
    }

    async fn heartbeat(
        &self,
        request: tonic::Request<pb::HeartbeatRequest>,
    ) -> Answer<pb::HeartbeatResponse> {
        let point = point(&request)?;
        let applied =
            feed::decode_applied(request.into_inner()).map_err(|error| status::malformed(&error))?;
        let acknowledged = self.halves.feed.heartbeat(point, applied).await.map_err(status::of_feed)?;
        Ok(tonic::Response::new(feed::encode_acknowledged(acknowledged)))
    }
}

#[async_trait]
impl pb::evidence_server::Evidence for Served {
    async fn position(&self, request: tonic::Request<pb::PositionRequest>) -> Answer<pb::PositionResponse> {
        let through = self.halves.evidence.position(point(&request)?).await.map_err(status::of_evidence)?;
        Ok(tonic::Response::new(pb::PositionResponse { through }))
    }

    async fn deliver(&self, request: tonic::Request<pb::DeliverRequest>) -> Answer<pb::DeliverResponse> {
        let point = point(&request)?;
        let pb::DeliverRequest { first, entries } = request.into_inner();
        if first == 0 || entries.is_empty() || entries.len() > ENTRIES {
            return Err(Status::invalid_argument(format!("a batch has 1 to {ENTRIES} entries, from 1 on")));
        }
        let through = self
            .halves
            .evidence
            .deliver(Batch { point, first, entries })
            .await
            .map_err(status::of_evidence)?;
        Ok(tonic::Response::new(pb::DeliverResponse { through }))
    }
}

#[async_trait]
impl pb::sessions_server::Sessions for Served {
    async fn resolve(&self, request: tonic::Request<pb::ResolveRequest>) -> Answer<pb::ResolveResponse> {
        let point = point(&request)?;
        let digest = fixed("resolve.digest", &request.into_inner().digest);
        let digest = CredentialDigest::from_bytes(digest.map_err(|error| status::malformed(&error))?);
        let found = self.halves.sessions.resolve(point, digest).await.map_err(status::of_sessions)?;
        let resolution = found.as_ref().map(questions::encode_resolution);
        Ok(tonic::Response::new(pb::ResolveResponse { resolution }))
    }

    async fn redeem(&self, request: tonic::Request<pb::RedeemRequest>) -> Answer<pb::RedeemResponse> {
        let point = point(&request)?;
        let redemption = questions::decode_redemption(request.into_inner());
        let redemption = redemption.map_err(|error| status::malformed(&error))?;
        let found = self.halves.sessions.redeem(point, redemption).await.map_err(status::of_sessions)?;
        let resolution = found.as_ref().map(|redeemed| questions::encode_resolution(&redeemed.resolution));
        let called = found.and_then(|redeemed| redeemed.called);
        Ok(tonic::Response::new(pb::RedeemResponse { resolution, called }))
    }
}

#[async_trait]
impl pb::keys_server::Keys for Served {
    async fn certify(&self, request: tonic::Request<pb::CertifyRequest>) -> Answer<pb::CertifyResponse> {
        let point = point(&request)?;
        let pb::CertifyRequest { request, host } = request.into_inner();
        let chain = self.halves.keys.certify(point, request, &host).await.map_err(status::of_keys)?;
        Ok(tonic::Response::new(pb::CertifyResponse { chain }))
    }

    async fn certify_publicly(
        &self,
        request: tonic::Request<pb::CertifyRequest>,
    ) -> Answer<pb::CertifyResponse> {
        let point = point(&request)?;
        let pb::CertifyRequest { request, host } = request.into_inner();
        let chain =
            self.halves.keys.certify_publicly(point, request, &host).await.map_err(status::of_keys)?;
        Ok(tonic::Response::new(pb::CertifyResponse { chain }))
    }

    async fn challenge(
        &self,
        request: tonic::Request<pb::ChallengeRequest>,
    ) -> Answer<pb::ChallengeResponse> {
        point(&request)?;
        let pb::ChallengeRequest { host, token } = request.into_inner();
        let answer = self.halves.keys.challenge(&host, &token).await;
        Ok(tonic::Response::new(pb::ChallengeResponse { answer }))
    }

    async fn publish(&self, request: tonic::Request<pb::PublishRequest>) -> Answer<pb::PublishResponse> {
        let point = point(&request)?;
        let pb::PublishRequest { jwk, until } = request.into_inner();
        let jwk = serde_json::from_str(&jwk).map_err(|error| Status::invalid_argument(error.to_string()))?;
        let until = Timestamp::from_micros(until);
        self.halves.keys.publish(point, jwk, until).await.map_err(status::of_keys)?;
        Ok(tonic::Response::new(pb::PublishResponse {}))
    }
}

#[async_trait]
impl pb::membership_server::Membership for Served {
    async fn join(&self, request: tonic::Request<pb::JoinRequest>) -> Answer<pb::JoinResponse> {
        let pb::JoinRequest { versions, token, point, request } = request.into_inner();
        let version = agreed(versions)?;
        let malformed = |error| status::malformed(&error);
        let token = Secret::new(fixed("join.token", &token).map_err(malformed)?);
        let point = PointId::from_bytes(fixed("join.point", &point).map_err(malformed)?);
        let joined =
            self.halves.membership.join(token, point, request).await.map_err(status::of_membership)?;
        Ok(tonic::Response::new(pb::JoinResponse {
            version,
            scope: Some(questions::encode_scope(&joined.scope)),
            identity: Some(questions::encode_identity(joined.identity)),
            domain: joined.domain,
            issuer: joined.issuer,
        }))
    }

    async fn renew(&self, request: tonic::Request<pb::RenewRequest>) -> Answer<pb::Identity> {
        let point = point(&request)?;
        let identity = self.halves.membership.renew(point, request.into_inner().request).await;
        identity
            .map(|identity| tonic::Response::new(questions::encode_identity(identity)))
            .map_err(status::of_membership)
    }

    async fn leave(&self, request: tonic::Request<pb::LeaveRequest>) -> Answer<pb::LeaveResponse> {
        self.halves.membership.leave(point(&request)?).await.map_err(status::of_membership)?;
        Ok(tonic::Response::new(pb::LeaveResponse {}))
    }
}

const PING: Duration = Duration::from_secs(5);

/// How long calls may go on when control stops; a feed is ended then.
const GRACE: Duration = Duration::from_secs(1);

/// Points that start over at once. What a snapshot takes in memory is taken so many times; what it takes of time, once.
const SNAPSHOTS: usize = 32;

/// How long one waits for its turn: less than the point does.
const QUEUE: Duration = Duration::from_secs(4);

/// How long one may take to read its snapshot before the next has its turn.
const HELD: Duration = Duration::from_secs(5);

/// Calls on one connection at once. A point has five connections.
const STREAMS: u32 = 64;

const HEADERS: u32 = 16 << 10;

/// A standpoint or a heartbeat: a million sessions with their tickets, 40 bytes each.
const STANDPOINT: usize = 48 << 20;

/// Evidence of one batch: what a spool hands over at once is far less.
const BATCH: usize = 16 << 20;
const ENTRIES: usize = 100_000;

/// A digest, a code, a request for a certificate, a key.
const QUESTION: usize = 64 << 10;
