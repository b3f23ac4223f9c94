//! Messages of the feed: taken apart into frames of bounded size, and put together again or refused.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{Revision, SessionId, Timestamp};
use bartizan_policy::PolicySource;
use prost::Message as _;

use super::facts::{self, decode_key, encode_key};
use super::generated as pb;
use super::{WireError, fixed, text};
use crate::feed::{Acknowledged, Applied, FeedMessage, Scope, Standpoint, Subscription};
use crate::sessions::Ticket;

/// Makes the frames of one stream.
#[derive(Debug, Default)]
pub struct Cutter {
    number: u64,
    version: u32,
}

impl Cutter {
    /// Of a stream in a form of the protocol that both sides speak.
    #[must_use]
    pub const fn new(version: u32) -> Self {
        Self { number: 0, version }
    }

    /// The frames of a message, in their order.
    #[must_use]
    pub fn cut(&mut self, message: &FeedMessage) -> Vec<pb::Frame> {
        let mut frames = vec![self.frame(message)];
        let mut size = 0;
        for fact in &message.facts {
            let fact = facts::encode(fact);
            self.room(message, &mut frames, &mut size, fact.encoded_len());
            if let Some(frame) = frames.last_mut() {
                frame.facts.push(fact);
            }
        }
        for policy in message.policies.as_deref().unwrap_or_default() {
            let policy = encode_policy(policy);
            self.room(message, &mut frames, &mut size, policy.encoded_len());
            if let Some(frame) = frames.last_mut() {
                frame.policies.push(policy);
            }
        }
        if let Some(last) = frames.last_mut() {
            last.more = false;
            last.replaces_policies = message.policies.is_some();
            last.anonymous_key = message.anonymous_key.as_ref().map(encode_key);
        }
        frames
    }

    /// Begins another frame if the last has no room for so many bytes more.
    fn room(&mut self, message: &FeedMessage, frames: &mut Vec<pb::Frame>, size: &mut usize, more: usize) {
        if *size > 0 && *size + more > FRAME {
            frames.push(self.frame(message));
            *size = 0;
        }
        *size += more;
    }

    fn frame(&mut self, message: &FeedMessage) -> pb::Frame {
        self.number += 1;
        let scope = match message.scope {
            Scope::Snapshot => pb::Scope::Snapshot,
            Scope::Changes => pb::Scope::Changes,
        };
        pb::Frame {
            number: self.number,
            version: self.version,
            subscription: message.subscription.get(),
            revision: message.revision.get(),
            scope: scope.into(),
            more: true,
            ..pb::Frame::default()
        }
    }
}

/// Puts the frames of one stream together. Frames that are missing, doubled or in another order end the stream: what was lost
/// might be what forbids.
#[derive(Debug, Default)]
pub struct Assembler {
    number: u64,
    subscription: Option<Subscription>,
    newest: Revision,
    part: Option<FeedMessage>,
    policies: Vec<PolicySource>,
    facts: usize,
}

impl Assembler {
    /// Takes the next frame; the message, if it is whole with it.
    ///
    /// # Errors
    /// The stream is not in order: it must be ended, and the feed subscribed to again.
    pub fn take(&mut self, frame: pb::Frame) -> Result<Option<FeedMessage>, WireError> {
        if frame.number != self.number + 1 {
            return Err(WireError::new(
                "frame.number",
                format_args!("{} after {}: something was lost", frame.number, self.number),
            ));
        }
        self.number = frame.number;
        let scope = match frame.scope() {
            pb::Scope::Snapshot => Scope::Snapshot,
            pb::Scope::Changes => Scope::Changes,
            pb::Scope::Unspecified => return Err(WireError::new("frame.scope", frame.scope)),
        };
        let revision = Revision::new(frame.revision);
        let begins = self.part.is_none();
        // A stream begins with a snapshot, has no other, and never goes back.
        if begins && (scope == Scope::Snapshot) != (frame.number == 1) {
            return Err(WireError::new("frame.scope", "a snapshot is the first of a stream, and only that"));
        }
        if begins && revision < self.newest {
            return Err(WireError::new("frame.revision", format_args!("{revision} after {}", self.newest)));
        }
        let subscription = Subscription::new(frame.subscription);
        if *self.subscription.get_or_insert(subscription) != subscription {
            return Err(WireError::new("frame.subscription", "one stream has two"));
        }
        let empty = || FeedMessage {
            subscription,
            revision,
            scope,
            facts: Vec::new(),
            policies: None,
            anonymous_key: None,
        };
        let mut part = self.part.take().unwrap_or_else(empty);
        if part.revision != revision || part.scope != scope {
            return Err(WireError::new("frame.revision", "one message has two"));
        }
        self.facts += frame.facts.len() + frame.policies.len();
        if self.facts > MOST {
            return Err(WireError::new("frame.facts", format_args!("a message has more than {MOST}")));
        }
        for fact in frame.facts {
            part.facts.push(facts::decode(fact)?);
        }
        for policy in frame.policies {
            self.policies.push(decode_policy(policy)?);
        }
        if frame.more {
            self.part = Some(part);
            return Ok(None);
        }
        let policies = std::mem::take(&mut self.policies);
        if !frame.replaces_policies && !policies.is_empty() {
            return Err(WireError::new("frame.policies", "they replace nothing"));
        }
        part.policies = frame.replaces_policies.then(|| Arc::from(policies));
        part.anonymous_key = frame.anonymous_key.as_ref().map(decode_key).transpose()?;
        (self.facts, self.newest) = (0, revision);
        Ok(Some(part))
    }
}

fn encode_policy(policy: &PolicySource) -> pb::Policy {
    pb::Policy {
        id: policy.id.to_string(),
        file: policy.file.clone(),
        text: policy.text.clone(),
        line: policy.line,
        column: policy.column,
    }
}

fn decode_policy(policy: pb::Policy) -> Result<PolicySource, WireError> {
    let id = text("policy.id", &policy.id)?;
    Ok(PolicySource {
        line: policy.line,
        column: policy.column,
        ..PolicySource::new(id, policy.file, policy.text)
    })
}

pub(super) fn encode_interest(standpoint: &Standpoint) -> Vec<pb::Interest> {
    let one = |(session, ticket): &(SessionId, Ticket)| pb::Interest {
        session: session.as_bytes().to_vec(),
        ticket: ticket.as_bytes().to_vec(),
    };
    standpoint.interest.iter().map(one).collect()
}

pub(super) fn decode_standpoint(request: pb::SubscribeRequest) -> Result<Standpoint, WireError> {
    let one = |interest: pb::Interest| {
        let session = SessionId::from_bytes(fixed("interest.session", &interest.session)?);
        Ok((session, Ticket::from_bytes(fixed("interest.ticket", &interest.ticket)?)))
    };
    Ok(Standpoint {
        revision: Revision::new(request.revision),
        version: request.release.chars().filter(|c| c.is_ascii_graphic()).take(LONGEST_RELEASE).collect(),
        interest: request.interest.into_iter().map(one).collect::<Result<_, _>>()?,
    })
}

pub(super) fn encode_applied(applied: Applied) -> pb::HeartbeatRequest {
    let one = |(session, grants): (SessionId, u64)| pb::Live { session: session.as_bytes().to_vec(), grants };
    pb::HeartbeatRequest {
        subscription: applied.subscription.get(),
        revision: applied.revision.get(),
        cut: applied.cut,
        took: micros(applied.took),
        tells_live: applied.live.is_some(),
        live: applied.live.unwrap_or_default().into_iter().map(one).collect(),
        backlog: applied.backlog,
    }
}

pub(super) fn decode_applied(request: pb::HeartbeatRequest) -> Result<Applied, WireError> {
    let one =
        |live: pb::Live| Ok((SessionId::from_bytes(fixed("live.session", &live.session)?), live.grants));
    let live: BTreeMap<SessionId, u64> = request.live.into_iter().map(one).collect::<Result<_, _>>()?;
    Ok(Applied {
        subscription: Subscription::new(request.subscription),
        revision: Revision::new(request.revision),
        cut: request.cut,
        took: Duration::from_micros(request.took),
        live: request.tells_live.then_some(live),
        backlog: request.backlog,
    })
}

pub(super) fn encode_acknowledged(acknowledged: Acknowledged) -> pb::HeartbeatResponse {
    pb::HeartbeatResponse { behind: micros(acknowledged.behind), now: acknowledged.now.as_micros() }
}

pub(super) const fn decode_acknowledged(response: pb::HeartbeatResponse) -> Acknowledged {
    Acknowledged { behind: Duration::from_micros(response.behind), now: Timestamp::from_micros(response.now) }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Bytes of one frame, unless a single fact has more: few enough not to keep a heartbeat waiting.
const FRAME: usize = 256 << 10;

/// Facts and policies of one message: a million sessions with their people, devices and risks.
const MOST: usize = 4_000_000;

const LONGEST_RELEASE: usize = 64;
