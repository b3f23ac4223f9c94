//! Facts on the wire.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use bartizan_model::{
    AppFacts, Audit, AuthLevel, DeviceFacts, DeviceId, GroupFacts, Relaxation, SealingKeyId, SessionFacts,
    SessionId, Subject, Timestamp, UserFacts, UserId, UserState, WireRules,
};
use bartizan_policy::Delta;

use super::generated::{self as pb, fact};
use super::{WireError, fixed, given, text};

/// A public key to which something is sealed, with its identifier.
type SealingKey = (SealingKeyId, [u8; 32]);

pub(super) fn encode(delta: &Delta) -> pb::Fact {
    let fact = match delta {
        Delta::User(user) => fact::Fact::User(pb::User {
            id: user.id.as_bytes().to_vec(),
            state: match user.state {
                UserState::Active => pb::UserState::Active,
                UserState::Disabled => pb::UserState::Disabled,
            }
            .into(),
            groups: names(&user.groups),
            sealing_key: user.sealing_key.as_ref().map(encode_key),
        }),
        Delta::UserGone(user) => fact::Fact::UserGone(user.as_bytes().to_vec()),
        Delta::Group(group) => {
            fact::Fact::Group(pb::Group { name: group.name.to_string(), parents: names(&group.parents) })
        }
        Delta::GroupGone(group) => fact::Fact::GroupGone(group.to_string()),
        Delta::App(app) => fact::Fact::App(encode_app(app)),
        Delta::AppGone(app) => fact::Fact::AppGone(app.to_string()),
        Delta::Client(client) => fact::Fact::Client(client.to_string()),
        Delta::ClientGone(client) => fact::Fact::ClientGone(client.to_string()),
        Delta::Session(session) => fact::Fact::Session(encode_session(session)),
        Delta::SessionGone(session) => fact::Fact::SessionGone(session.as_bytes().to_vec()),
        Delta::Device(device) => fact::Fact::Device(pb::Device {
            id: device.id.as_bytes().to_vec(),
            compliant: device.compliant,
            managed: device.managed,
            valid_until: device.valid_until.as_micros(),
        }),
        Delta::DeviceGone(device) => fact::Fact::DeviceGone(device.as_bytes().to_vec()),
        Delta::Risk(user, score) => {
            fact::Fact::Risk(pb::Risk { user: user.as_bytes().to_vec(), score: u32::from(*score) })
        }
    };
    pb::Fact { fact: Some(fact) }
}

pub(super) fn decode(fact: pb::Fact) -> Result<Delta, WireError> {
    // None is also what a newer form leaves here that this release does not know.
    Ok(match given("fact", fact.fact)? {
        fact::Fact::User(user) => Delta::User(UserFacts {
            id: UserId::from_bytes(fixed("user.id", &user.id)?),
            state: match user.state() {
                pb::UserState::Active => UserState::Active,
                pb::UserState::Disabled => UserState::Disabled,
                pb::UserState::Unspecified => return Err(WireError::new("user.state", user.state)),
            },
            groups: parsed("user.groups", &user.groups)?,
            sealing_key: user.sealing_key.as_ref().map(decode_key).transpose()?,
        }),
        fact::Fact::UserGone(id) => Delta::UserGone(UserId::from_bytes(fixed("user_gone", &id)?)),
        fact::Fact::Group(group) => Delta::Group(GroupFacts {
            name: text("group.name", &group.name)?,
            parents: parsed("group.parents", &group.parents)?,
        }),
        fact::Fact::GroupGone(group) => Delta::GroupGone(text("group_gone", &group)?),
        fact::Fact::App(app) => Delta::App(decode_app(app)?),
        fact::Fact::AppGone(app) => Delta::AppGone(text("app_gone", &app)?),
        fact::Fact::Client(client) => Delta::Client(text("client", &client)?),
        fact::Fact::ClientGone(client) => Delta::ClientGone(text("client_gone", &client)?),
        fact::Fact::Session(session) => Delta::Session(decode_session(session)?),
        fact::Fact::SessionGone(id) => Delta::SessionGone(SessionId::from_bytes(fixed("session_gone", &id)?)),
        fact::Fact::Device(device) => Delta::Device(DeviceFacts {
            id: DeviceId::from_bytes(fixed("device.id", &device.id)?),
            compliant: device.compliant,
            managed: device.managed,
            valid_until: Timestamp::from_micros(device.valid_until),
        }),
        fact::Fact::DeviceGone(id) => Delta::DeviceGone(DeviceId::from_bytes(fixed("device_gone", &id)?)),
        fact::Fact::Risk(risk) => {
            let score = u8::try_from(risk.score).map_err(|error| WireError::new("risk.score", error))?;
            Delta::Risk(UserId::from_bytes(fixed("risk.user", &risk.user)?), score)
        }
    })
}

pub(super) fn encode_key((id, key): &SealingKey) -> pb::SealingKey {
    pb::SealingKey { id: id.as_bytes().to_vec(), public_key: key.to_vec() }
}

pub(super) fn decode_key(key: &pb::SealingKey) -> Result<SealingKey, WireError> {
    let id = SealingKeyId::from_bytes(fixed("sealing_key.id", &key.id)?);
    Ok((id, fixed("sealing_key.public_key", &key.public_key)?))
}

fn encode_app(app: &AppFacts) -> pb::App {
    pb::App {
        name: app.name.to_string(),
        host: app.host.clone(),
        upstream: app.upstream.as_ref().map(ToString::to_string),
        ca: app.ca.clone(),
        pass_host: app.pass_host,
        audit: match app.audit {
            Audit::Normal => pb::Audit::Normal,
            Audit::Strict => pb::Audit::Strict,
        }
        .into(),
        groups: names(&app.groups),
        wire: Some(pb::WireRules {
            relax: app.wire.relax.iter().map(|form| form.as_str().to_owned()).collect(),
            methods: app.wire.methods.iter().cloned().collect(),
            max_body: app.wire.max_body,
        }),
        lease: app.lease.map(|lease| u64::try_from(lease.as_micros()).unwrap_or(u64::MAX)),
    }
}

fn decode_app(app: pb::App) -> Result<AppFacts, WireError> {
    let audit = match app.audit() {
        pb::Audit::Normal => Audit::Normal,
        pb::Audit::Strict => Audit::Strict,
        pb::Audit::Unspecified => return Err(WireError::new("app.audit", app.audit)),
    };
    let rules = given("app.wire", app.wire)?;
    let relaxation = |written: &String| {
        let known = Relaxation::ALL.into_iter().find(|known| known.as_str() == written);
        known.ok_or_else(|| WireError::new("app.wire.relax", written))
    };
    if let Some(bad) = rules.methods.iter().find(|method| !WireRules::is_method(method)) {
        return Err(WireError::new("app.wire.methods", bad));
    }
    let lease = app.lease.map(Duration::from_micros);
    if let Some(absurd) = lease.filter(|lease| !AppFacts::LEASES.contains(lease)) {
        return Err(WireError::new("app.lease", format_args!("{absurd:?}")));
    }
    Ok(AppFacts {
        name: text("app.name", &app.name)?,
        host: app.host,
        upstream: app.upstream.map(|upstream| text("app.upstream", &upstream)).transpose()?,
        ca: app.ca,
        pass_host: app.pass_host,
        audit,
        groups: parsed("app.groups", &app.groups)?,
        wire: WireRules {
            relax: rules.relax.iter().map(relaxation).collect::<Result<_, _>>()?,
            methods: rules.methods.into_iter().collect(),
            max_body: rules.max_body,
        },
        lease,
    })
}

fn encode_session(session: &SessionFacts) -> pb::Session {
    pb::Session {
        id: session.id.as_bytes().to_vec(),
        user: encode_user(&session.subject),
        service: encode_service(&session.subject),
        device: session.device.map(|device| device.as_bytes().to_vec()),
        auth_time: session.auth_time.as_micros(),
        mfa_time: session.mfa_time.map(Timestamp::as_micros),
        amr: session.amr.iter().cloned().collect(),
        level: match session.level {
            AuthLevel::None => pb::Level::None,
            AuthLevel::Basic => pb::Level::Basic,
            AuthLevel::Strong => pb::Level::Strong,
        }
        .into(),
        last_seen: session.last_seen.as_micros(),
        idle_timeout: u64::try_from(session.idle_timeout.as_micros()).unwrap_or(u64::MAX),
        absolute_end: session.absolute_end.as_micros(),
    }
}

fn decode_session(session: pb::Session) -> Result<SessionFacts, WireError> {
    let level = match session.level() {
        pb::Level::None => AuthLevel::None,
        pb::Level::Basic => AuthLevel::Basic,
        pb::Level::Strong => AuthLevel::Strong,
        pb::Level::Unspecified => return Err(WireError::new("session.level", session.level)),
    };
    let device = session.device.map(|device| fixed("session.device", &device)).transpose()?;
    Ok(SessionFacts {
        id: SessionId::from_bytes(fixed("session.id", &session.id)?),
        subject: decode_subject("session.subject", &session.user, &session.service)?,
        device: device.map(DeviceId::from_bytes),
        auth_time: Timestamp::from_micros(session.auth_time),
        mfa_time: session.mfa_time.map(Timestamp::from_micros),
        amr: session.amr.into_iter().collect(),
        level,
        last_seen: Timestamp::from_micros(session.last_seen),
        idle_timeout: Duration::from_micros(session.idle_timeout),
        absolute_end: Timestamp::from_micros(session.absolute_end),
    })
}

/// The person whose something is, or nothing.
pub(super) fn encode_user(subject: &Subject) -> Vec<u8> {
    subject.user().map(|user| user.as_bytes().to_vec()).unwrap_or_default()
}

/// The service whose something is, or nothing.
pub(super) fn encode_service(subject: &Subject) -> String {
    subject.service().map(ToString::to_string).unwrap_or_default()
}

/// Whose it is: a person's or a service's, and never both's.
pub(super) fn decode_subject(field: &'static str, user: &[u8], service: &str) -> Result<Subject, WireError> {
    match (user, service) {
        (user, "") => Ok(Subject::User(UserId::from_bytes(fixed(field, user)?))),
        ([], service) => Ok(Subject::Service(text(field, service)?)),
        _ => Err(WireError::new(field, "it is a person's, or a service's")),
    }
}

fn names<T: Display>(names: &BTreeSet<T>) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn parsed<T: FromStr<Err: Display> + Ord>(
    field: &'static str,
    names: &[String],
) -> Result<BTreeSet<T>, WireError> {
    names.iter().map(|name| text(field, name)).collect()
}
