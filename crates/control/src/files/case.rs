//! Policy tests: who asks for what, in which circumstances, and what must be the answer.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{
    AccessRequest, Action, AppName, AuthLevel, ClientName, DecisionId, DenyReason, DeviceFacts, DeviceId,
    GroupName, HttpFacts, Outcome, PolicyId, RequestId, Resource, SessionFacts, SessionId, Subject,
    Timestamp, UserFacts, UserId, UserState,
};
use bartizan_policy::{Delta, Engine, Finding};

use super::document::{Document, Located, Place, Table, suggestion};
use super::world::Supposed;

/// One case of a test file.
#[derive(Debug, Clone)]
pub struct PolicyCase {
    /// What it is called.
    pub name: String,
    /// Where it begins.
    pub place: Place,
    user: Option<Located<String>>,
    service: Option<Located<ClientName>>,
    groups: Option<Vec<GroupName>>,
    app: Located<AppName>,
    method: String,
    path: String,
    source: IpAddr,
    level: AuthLevel,
    age: Duration,
    mfa_age: Option<Duration>,
    amr: Option<Vec<String>>,
    risk: u8,
    time: Timestamp,
    device: Option<(bool, bool)>,
    expect: Outcome,
    reason: Option<DenyReason>,
    policies: Option<Vec<PolicyId>>,
}

/// Reads the cases of a test file.
///
/// # Errors
/// Everything that is wrong with it.
pub fn policy_cases(file: &str, text: &str) -> Result<Vec<PolicyCase>, Vec<Finding>> {
    let document = Document::parse(file, text);
    let mut root = document.root();
    let mut cases = Vec::new();
    for mut table in root.tables("case") {
        cases.extend(read(&mut table));
        table.finish();
    }
    if !root.has("case") {
        root.report(root.place().error("there is no [[case]] in this file"));
    }
    root.finish();
    let findings = document.into_findings();
    if findings.is_empty() { Ok(cases) } else { Err(findings) }
}

fn read(table: &mut Table<'_>) -> Option<PolicyCase> {
    let name = table.text("name").map(|name| name.value);
    let user = table.text("user");
    let service = table.parsed::<ClientName>("service");
    let groups = table.texts("groups").map(|groups| parse_all(table, "groups", groups.value));
    let app = table.parsed::<AppName>("app");
    let method = table.text("method").map(|method| method.value.to_ascii_uppercase());
    let path = table.text("path").map(|path| path.value);
    let source = table.parsed::<IpAddr>("source").map(|source| source.value);
    let levels = [("none", AuthLevel::None), ("basic", AuthLevel::Basic), ("strong", AuthLevel::Strong)];
    let level = table.word("level", &levels).map(|level| level.value);
    let age = table.number("age").map(|age| Duration::from_secs(age.value));
    let mfa_age = table.number("mfa_age").map(|age| Duration::from_secs(age.value));
    let amr = table.texts("amr").map(|amr| amr.value.into_iter().map(|method| method.value).collect());
    let risk = table.number("risk").and_then(|risk| match u8::try_from(risk.value) {
        Ok(value) if value <= 100 => Some(value),
        _ => {
            table.report(risk.place.error("`risk` is a number from 0 to 100"));
            None
        }
    });
    let time = table.parsed::<Timestamp>("time").map(|time| time.value);
    let device = table.table("device").map(|mut device| {
        let flag = |flag: Option<Located<bool>>| flag.is_some_and(|flag| flag.value);
        let facts = (flag(device.boolean("compliant")), flag(device.boolean("managed")));
        device.finish();
        facts
    });
    let expect =
        table.word("expect", &[("permit", Outcome::Permit), ("deny", Outcome::Deny)]).map(|word| word.value);
    let reason = table.word("reason", &REASONS.map(|reason| (reason.as_str(), reason)));
    let policies = table.texts("policies").map(|ids| parse_all(table, "policies", ids.value));
    if expect == Some(Outcome::Permit)
        && let Some(reason) = &reason
    {
        table.report(reason.place.error("a permit has no `reason`"));
    }
    if let Some(service) = &service
        && (user.is_some() || groups.is_some())
    {
        table.report(service.place.error("a `service` is no person: leave `user` and `groups` out"));
    }
    for key in ["app", "expect"] {
        if !table.has(key) {
            table.report(table.place().error(format!("this case has no `{key}`")));
        }
    }
    let method = method.unwrap_or_else(|| String::from("GET"));
    let path = path.unwrap_or_else(|| String::from("/"));
    let (app, expect) = (app?, expect?);
    let default_name = || {
        let service = service.as_ref().map(|service| service.value.as_str());
        let who = user.as_ref().map(|user| user.value.as_str()).or(service).unwrap_or("anonymous");
        format!("{who} {method} {}{path}", app.value)
    };
    Some(PolicyCase {
        name: name.unwrap_or_else(default_name),
        place: table.place(),
        groups,
        source: source.unwrap_or(IpAddr::from(DOCUMENTATION)),
        level: level.unwrap_or(if service.is_some() { AuthLevel::Basic } else { AuthLevel::Strong }),
        age: age.or(mfa_age).unwrap_or_default(),
        mfa_age,
        amr,
        risk: risk.unwrap_or(0),
        time: time.unwrap_or(Timestamp::from_micros(WORKING_HOURS)),
        device,
        expect,
        reason: reason.map(|reason| reason.value),
        policies,
        user,
        service,
        app,
        method,
        path,
    })
}

fn parse_all<T: std::str::FromStr<Err: std::fmt::Display>>(
    table: &Table<'_>,
    key: &str,
    texts: Vec<Located<String>>,
) -> Vec<T> {
    let mut parsed = Vec::new();
    for text in texts {
        match text.value.parse() {
            Ok(value) => parsed.push(value),
            Err(error) => table.report(text.place.error(format!("`{key}`: {error}"))),
        }
    }
    parsed
}

impl PolicyCase {
    /// The login name of who asks, if one is said.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.user.as_ref().map(|user| user.value.as_str())
    }

    /// Asks the engine; answers with what is not as expected.
    #[must_use]
    pub fn run(&self, engine: &Engine, supposed: &Supposed) -> Option<Finding> {
        let mut facts = Vec::new();
        let subject = match self.subject(supposed, &mut facts) {
            Ok(subject) => subject,
            Err(finding) => return Some(*finding),
        };
        let Some(app) = supposed.world.app(&self.app.value) else {
            let known: Vec<&str> = supposed.world.apps().map(|app| app.name.as_str()).collect();
            let help = suggestion(self.app.value.as_str(), &known)
                .unwrap_or_else(|| String::from("declare it in a file of this folder"));
            let message = format!("no file declares the app `{}`", self.app.value);
            return Some(self.app.place.error_with_help(message, help));
        };
        let session = self.session(&subject, &mut facts);
        let device = self.device.map(|(compliant, managed)| {
            let id = DeviceId::from_bytes(SOMEBODY);
            facts.push(Delta::Device(DeviceFacts { id, compliant, managed, valid_until: Timestamp::MAX }));
            id
        });
        let request = AccessRequest {
            request_id: RequestId::from_bytes(SOMEBODY),
            decision_id: DecisionId::from_bytes(SOMEBODY),
            now: self.time,
            subject,
            session,
            device,
            credential_ends: None,
            resource: Resource::App(self.app.value.clone()),
            action: Action::of_method(&self.method),
            source: self.source,
            http: Some(Arc::new(HttpFacts {
                method: self.method.clone(),
                host: app.host.clone(),
                path: self.path.clone(),
            })),
            user_agent: None,
        };
        let (world, _) = supposed.world.apply(supposed.world.revision(), &facts);
        let verdict = engine.evaluate(&world, &request);
        let mut policies = verdict.policies().to_vec();
        policies.sort();
        let mut problems = Vec::new();
        if verdict.outcome() != self.expect {
            problems.push(format!("expected {}", self.expect.as_str()));
        }
        if self.reason.is_some() && verdict.reason() != self.reason {
            problems.push(format!("expected the reason {}", self.reason.map_or("", DenyReason::as_str)));
        }
        if let Some(wanted) = &self.policies {
            let mut wanted = wanted.clone();
            wanted.sort();
            if wanted != policies {
                problems.push(format!("expected the policies [{}]", names(&wanted)));
            }
        }
        if problems.is_empty() {
            return None;
        }
        let reason = verdict.reason().map(|reason| format!(" ({reason})")).unwrap_or_default();
        let found = format!("{}{reason} by [{}]", verdict.outcome().as_str(), names(&policies));
        let message = format!("`{}`: {}, and it is {found}", self.name, problems.join(" and "));
        let context = verdict.context().iter().map(|(name, value)| format!("{name} = {value}"));
        let context: Vec<String> = context.collect();
        let help = if context.is_empty() {
            String::from("no policy read anything of the circumstances")
        } else {
            format!("the policies read {}", context.join(", "))
        };
        Some(self.place.error_with_help(message, help))
    }

    /// Who asks: a program that acts for itself, a person, or nobody.
    fn subject(&self, supposed: &Supposed, facts: &mut Vec<Delta>) -> Result<Subject, Box<Finding>> {
        let Some(service) = &self.service else {
            return Ok(self.person(supposed, facts)?.map_or(Subject::Anonymous, Subject::User));
        };
        if supposed.world.client(&service.value) {
            return Ok(Subject::Service(service.value.clone()));
        }
        let known: Vec<&str> = supposed.world.clients().map(ClientName::as_str).collect();
        let help = suggestion(service.value.as_str(), &known)
            .unwrap_or_else(|| String::from("declare it as a [[client]] in a file of this folder"));
        let message = format!("no file declares the client `{}`", service.value);
        Err(Box::new(service.place.error_with_help(message, help)))
    }

    /// The person who asks: somebody whom a file declares, somebody who is in these groups and nothing else, or nobody.
    fn person(&self, supposed: &Supposed, facts: &mut Vec<Delta>) -> Result<Option<UserId>, Box<Finding>> {
        let declared = match &self.user {
            None => None,
            Some(login) => match (supposed.people.get(&login.value), &self.groups) {
                (Some(id), _) => supposed.world.user(*id).map(|user| user.as_ref().clone()),
                (None, Some(_)) => None,
                (None, None) => {
                    let known: Vec<&str> = supposed.people.keys().map(String::as_str).collect();
                    let help = suggestion(&login.value, &known)
                        .unwrap_or_else(|| String::from("declare them, or say which `groups` they are in"));
                    let message = format!("no file declares the person `{}`", login.value);
                    return Err(Box::new(login.place.error_with_help(message, help)));
                }
            },
        };
        if self.user.is_none() && self.groups.is_none() {
            return Ok(None);
        }
        let nobody = UserFacts {
            id: UserId::from_bytes(SOMEBODY),
            state: UserState::Active,
            groups: std::collections::BTreeSet::new(),
            sealing_key: None,
        };
        let mut user = declared.unwrap_or(nobody);
        if let Some(groups) = &self.groups {
            user.groups = groups.iter().cloned().collect();
        }
        let id = user.id;
        facts.extend([Delta::User(user), Delta::Risk(id, self.risk)]);
        Ok(Some(id))
    }

    fn session(&self, subject: &Subject, facts: &mut Vec<Delta>) -> Option<SessionId> {
        if self.level == AuthLevel::None || *subject == Subject::Anonymous {
            return None;
        }
        let before = |age: Duration| {
            let micros = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
            Timestamp::from_micros(self.time.as_micros().saturating_sub(micros))
        };
        let strong = self.level == AuthLevel::Strong;
        let methods: &[&str] = match subject {
            Subject::Service(_) => &["api_key"],
            Subject::User(_) | Subject::Anonymous if strong => &["pwd", "otp"],
            Subject::User(_) | Subject::Anonymous => &["pwd"],
        };
        let amr = self.amr.clone().unwrap_or_else(|| methods.iter().map(|m| (*m).to_owned()).collect());
        let id = SessionId::from_bytes(SOMEBODY);
        facts.push(Delta::Session(SessionFacts {
            id,
            subject: subject.clone(),
            device: None,
            auth_time: before(self.age),
            mfa_time: self.mfa_age.or(strong.then_some(self.age)).map(before),
            amr: amr.into_iter().collect(),
            level: self.level,
            last_seen: self.time,
            idle_timeout: SESSION,
            absolute_end: self.time.plus(SESSION),
        }));
        Some(id)
    }
}

fn names(policies: &[PolicyId]) -> String {
    policies.iter().map(PolicyId::as_str).collect::<Vec<_>>().join(", ")
}

/// The reasons that an engine gives.
const REASONS: [DenyReason; 7] = [
    DenyReason::SignInRequired,
    DenyReason::SessionEnded,
    DenyReason::StepUpRequired,
    DenyReason::DeniedByPolicy,
    DenyReason::SubjectDisabled,
    DenyReason::RiskTooHigh,
    DenyReason::DeviceNotTrusted,
];

/// Of whoever is not declared. No declared person has this number.
const SOMEBODY: [u8; 16] = [0xff; 16];

/// 192.0.2.1, an address for documentation (RFC 5737).
const DOCUMENTATION: [u8; 4] = [192, 0, 2, 1];

/// Tuesday, 2026-01-06T10:00:00Z.
const WORKING_HOURS: i64 = 1_767_693_600_000_000;

const SESSION: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests;
