//! Control, as an enforcement point on another machine sees it: the same traits, over connections.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_model::{CredentialDigest, PointId, Secret, Timestamp};
use http::Uri;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::{Response, Status, Streaming};

use super::channel::{Channel, Dial, Ready};
use super::feed::{self, Assembler};
use super::generated as pb;
use super::generated::evidence_client::EvidenceClient;
use super::generated::feed_client::FeedClient;
use super::generated::keys_client::KeysClient;
use super::generated::membership_client::MembershipClient;
use super::generated::sessions_client::SessionsClient;
use super::{Versions, WireError, questions, status};
use crate::evidence::{Batch, Evidence, EvidenceError};
use crate::feed::{Acknowledged, Applied, Feed, FeedError, FeedMessage, Standpoint};
use crate::keys::{Keys, KeysError};
use crate::membership::{Joined, Membership, MembershipError, PointIdentity};
use crate::sessions::{Redeemed, Redemption, Resolution, Sessions, SessionsError};

/// Control over connections, one for each kind of question: bulk evidence keeps no revocation waiting.
#[derive(Debug)]
pub struct Remote {
    feed: Channel,
    evidence: Channel,
    sessions: Channel,
    keys: Channel,
    membership: Channel,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Remote {
    /// Control as it is reached this way. Nothing is connected yet.
    #[must_use]
    pub fn new(dial: &Arc<dyn Dial>) -> Self {
        let channel = || Channel::new(Arc::clone(dial));
        Self {
            feed: channel(),
            evidence: channel(),
            sessions: channel(),
            keys: channel(),
            membership: channel(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// HTTP/2 wants a host; who that is was settled when the connection was made.
fn origin() -> Uri {
    Uri::from_static("https://points")
}

/// Asks one question over a channel, in bounded time. A connection over which no answer came is given up.
async fn ask<T, F>(
    channel: &Channel,
    patience: Duration,
    question: impl FnOnce(Ready) -> F,
) -> Result<T, Status>
where
    F: Future<Output = Result<Response<T>, Status>>,
{
    let asked = async { question(channel.ready().await?).await };
    match tokio::time::timeout(patience, asked).await {
        Ok(answer) => answer.map(Response::into_inner),
        Err(_late) => {
            channel.give_up().await;
            Err(Status::unavailable(format!("no answer within {} s", patience.as_secs())))
        }
    }
}

#[async_trait]
impl Feed for Remote {
    async fn subscribe(
        &self,
        _point: PointId,
        standpoint: Standpoint,
    ) -> Result<mpsc::Receiver<FeedMessage>, FeedError> {
        let request = pb::SubscribeRequest {
            versions: Some(Versions::OURS.encode()),
            revision: standpoint.revision.get(),
            interest: feed::encode_interest(&standpoint),
            release: standpoint.version,
        };
        let subscribe = |ready| async move {
            FeedClient::with_origin(ready, origin())
                .max_decoding_message_size(LARGEST)
                .subscribe(request)
                .await
        };
        let frames = ask(&self.feed, QUICK, subscribe).await.map_err(|error| status::feed(&error))?;
        let (sender, receiver) = mpsc::channel(MESSAGES);
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => (),
                ended = pass_on(frames, &sender) => match ended {
                    Ok(()) => tracing::debug!("control ended the feed"),
                    Err(why) => tracing::warn!(why, "the feed is not in order or was cut off"),
                },
            }
        });
        Ok(receiver)
    }

    async fn heartbeat(&self, _point: PointId, applied: Applied) -> Result<Acknowledged, FeedError> {
        let request = feed::encode_applied(applied);
        let beat = |ready| async move { FeedClient::with_origin(ready, origin()).heartbeat(request).await };
        let answer = ask(&self.feed, BEAT, beat).await.map_err(|error| status::feed(&error))?;
        Ok(feed::decode_acknowledged(answer))
    }
}

/// Puts frames together and passes messages on, until either side ends.
async fn pass_on(mut frames: Streaming<pb::Frame>, to: &mpsc::Sender<FeedMessage>) -> Result<(), String> {
    let mut assembler = Assembler::default();
    let mut version = None;
    while let Some(frame) = frames.message().await.map_err(|error| error.message().to_owned())? {
        let agreed = *version.get_or_insert(frame.version);
        if agreed != frame.version
            || Versions::OURS.common(Versions { lowest: agreed, highest: agreed }).is_none()
        {
            return Err(format!(
                "control speaks form {} of the protocol, this {}",
                frame.version,
                Versions::OURS
            ));
        }
        let message = assembler.take(frame).map_err(|error| error.to_string())?;
        if let Some(message) = message
            && to.send(message).await.is_err()
        {
            break;
        }
    }
    Ok(())
}

#[async_trait]
impl Evidence for Remote {
    async fn position(&self, _point: PointId) -> Result<u64, EvidenceError> {
        let position = |ready| async move {
            EvidenceClient::with_origin(ready, origin()).position(pb::PositionRequest {}).await
        };
        let answer = ask(&self.evidence, QUICK, position).await.map_err(|error| status::evidence(&error))?;
        Ok(answer.through)
    }

    async fn deliver(&self, batch: Batch) -> Result<u64, EvidenceError> {
        let request = pb::DeliverRequest { first: batch.first, entries: batch.entries };
        let deliver =
            |ready| async move { EvidenceClient::with_origin(ready, origin()).deliver(request).await };
        let answer = ask(&self.evidence, BULK, deliver).await.map_err(|error| status::evidence(&error))?;
        Ok(answer.through)
    }
}

fn odd_session(error: &WireError) -> SessionsError {
    SessionsError::Unreachable(error.to_string())
}

#[async_trait]
impl Sessions for Remote {
    async fn resolve(
        &self,
        _point: PointId,
        digest: CredentialDigest,
    ) -> Result<Option<Resolution>, SessionsError> {
        let request = pb::ResolveRequest { digest: digest.as_bytes().to_vec() };
        let resolve =
            |ready| async move { SessionsClient::with_origin(ready, origin()).resolve(request).await };
        let answer = ask(&self.sessions, QUICK, resolve).await.map_err(|error| status::sessions(&error))?;
        answer.resolution.map(questions::decode_resolution).transpose().map_err(|error| odd_session(&error))
    }

    async fn redeem(
        &self,
        _point: PointId,
        redemption: Redemption,
    ) -> Result<Option<Redeemed>, SessionsError> {
        let request = questions::encode_redemption(&redemption);
        let redeem =
            |ready| async move { SessionsClient::with_origin(ready, origin()).redeem(request).await };
        let answer = ask(&self.sessions, QUICK, redeem).await.map_err(|error| status::sessions(&error))?;
        let Some(resolution) = answer.resolution else { return Ok(None) };
        let resolution = questions::decode_resolution(resolution).map_err(|error| odd_session(&error))?;
        Ok(Some(Redeemed { resolution, called: answer.called }))
    }
}

#[async_trait]
impl Keys for Remote {
    async fn certify(
        &self,
        _point: PointId,
        csr_der: Vec<u8>,
        host: &str,
    ) -> Result<Vec<Vec<u8>>, KeysError> {
        let request = pb::CertifyRequest { request: csr_der, host: host.to_owned() };
        let certify = |ready| async move { KeysClient::with_origin(ready, origin()).certify(request).await };
        let answer = ask(&self.keys, PATIENT, certify).await.map_err(|error| status::keys(&error))?;
        Ok(answer.chain)
    }

    async fn certify_publicly(
        &self,
        _point: PointId,
        csr_der: Vec<u8>,
        host: &str,
    ) -> Result<Vec<Vec<u8>>, KeysError> {
        let request = pb::CertifyRequest { request: csr_der, host: host.to_owned() };
        let certify =
            |ready| async move { KeysClient::with_origin(ready, origin()).certify_publicly(request).await };
        let answer = ask(&self.keys, AUTHORITY, certify).await.map_err(|error| status::keys(&error))?;
        Ok(answer.chain)
    }

    async fn challenge(&self, host: &str, token: &str) -> Option<String> {
        let request = pb::ChallengeRequest { host: host.to_owned(), token: token.to_owned() };
        let challenge =
            |ready| async move { KeysClient::with_origin(ready, origin()).challenge(request).await };
        ask(&self.keys, QUICK, challenge).await.ok()?.answer
    }

    async fn publish(
        &self,
        _point: PointId,
        jwk: serde_json::Value,
        until: Timestamp,
    ) -> Result<(), KeysError> {
        let request = pb::PublishRequest { jwk: jwk.to_string(), until: until.as_micros() };
        let publish = |ready| async move { KeysClient::with_origin(ready, origin()).publish(request).await };
        let answer = ask(&self.keys, PATIENT, publish).await;
        answer.map(|_published| ()).map_err(|error| status::keys(&error))
    }
}

fn odd_membership(error: &WireError) -> MembershipError {
    MembershipError::Unreachable(error.to_string())
}

#[async_trait]
impl Membership for Remote {
    async fn join(
        &self,
        token: Secret<[u8; 32]>,
        point: PointId,
        csr_der: Vec<u8>,
    ) -> Result<Joined, MembershipError> {
        let request = pb::JoinRequest {
            versions: Some(Versions::OURS.encode()),
            token: token.expose(|token| token.to_vec()),
            point: point.as_bytes().to_vec(),
            request: csr_der,
        };
        let join = |ready| async move { MembershipClient::with_origin(ready, origin()).join(request).await };
        let answer =
            ask(&self.membership, PATIENT, join).await.map_err(|error| status::membership(&error))?;
        Ok(Joined {
            scope: questions::decode_scope(answer.scope).map_err(|error| odd_membership(&error))?,
            identity: questions::decode_identity(answer.identity).map_err(|error| odd_membership(&error))?,
            domain: answer.domain,
            issuer: answer.issuer,
        })
    }

    async fn renew(&self, _point: PointId, csr_der: Vec<u8>) -> Result<PointIdentity, MembershipError> {
        let request = pb::RenewRequest { request: csr_der };
        let renew =
            |ready| async move { MembershipClient::with_origin(ready, origin()).renew(request).await };
        let answer =
            ask(&self.membership, PATIENT, renew).await.map_err(|error| status::membership(&error))?;
        questions::decode_identity(Some(answer)).map_err(|error| odd_membership(&error))
    }

    async fn leave(&self, _point: PointId) -> Result<(), MembershipError> {
        let leave = |ready| async move {
            MembershipClient::with_origin(ready, origin()).leave(pb::LeaveRequest {}).await
        };
        let answer = ask(&self.membership, QUICK, leave).await;
        answer.map(|_left| ()).map_err(|error| status::membership(&error))
    }
}

/// For what control answers from memory, or by one read.
const QUICK: Duration = Duration::from_secs(5);

/// For a heartbeat: several fit into a lease.
const BEAT: Duration = Duration::from_secs(4);

/// For what is signed and stored.
const PATIENT: Duration = Duration::from_secs(15);

/// For a batch of evidence, which is on disk there when it is answered.
const BULK: Duration = Duration::from_secs(30);

/// For a public authority, which takes its time.
const AUTHORITY: Duration = Duration::from_secs(600);

/// Messages that wait here while one is applied; more wait at control, which has bounds of its own.
const MESSAGES: usize = 16;

/// Bytes of one frame: a single fact may be larger than frames usually are.
const LARGEST: usize = 8 << 20;
