//! Worlds, requests and policies to test with: one small scene by hand, and any number at random.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bartizan_model::{
    AccessRequest, Action, AdminArea, AppFacts, AppName, Audit, AuthLevel, ClientName, DecisionId,
    DeviceFacts, DeviceId, GroupFacts, GroupName, HttpFacts, RequestId, Resource, Revision, SessionFacts,
    SessionId, Subject, Timestamp, UserFacts, UserId, UserState,
};
use bartizan_policy::{Delta, Engine, PolicySource, World, split_file};
use bartizan_testkit::SeededEntropy;

/// 2026-11-24T08:30:00Z, a Tuesday.
pub(crate) const NOW: Timestamp = Timestamp::from_micros(1_795_509_000_000_000);

pub(crate) fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

/// The instant that lies so many seconds before this one.
pub(crate) fn before(instant: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_micros(instant.as_micros() - seconds * 1_000_000)
}

pub(crate) fn user_id(number: u8) -> UserId {
    UserId::from_bytes([number.wrapping_add(1); 16])
}

pub(crate) fn session_id(number: u8) -> SessionId {
    SessionId::from_bytes([number.wrapping_add(101); 16])
}

pub(crate) fn device_id(number: u8) -> DeviceId {
    DeviceId::from_bytes([number.wrapping_add(201); 16])
}

pub(crate) fn group(name: &str) -> GroupName {
    name.parse().unwrap()
}

pub(crate) fn groups<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<GroupName> {
    names.into_iter().map(group).collect()
}

pub(crate) fn app(name: &str) -> AppFacts {
    AppFacts {
        name: name.parse().unwrap(),
        host: format!("{name}.example.org"),
        upstream: None,
        ca: None,
        pass_host: true,
        wire: bartizan_model::WireRules::default(),
        lease: None,
        audit: Audit::Normal,
        groups: BTreeSet::new(),
    }
}

pub(crate) fn user(number: u8, groups: BTreeSet<GroupName>) -> UserFacts {
    UserFacts { id: user_id(number), state: UserState::Active, groups, sealing_key: None }
}

/// A session of this person, opened an hour before `NOW` with one factor.
pub(crate) fn session(number: u8, user: u8) -> SessionFacts {
    SessionFacts {
        id: session_id(number),
        subject: Subject::User(user_id(user)),
        device: None,
        auth_time: before(NOW, 3600),
        mfa_time: None,
        amr: BTreeSet::from([String::from("pwd")]),
        level: AuthLevel::Basic,
        last_seen: before(NOW, 60),
        idle_timeout: seconds(1800),
        absolute_end: NOW.plus(seconds(8 * 3600)),
    }
}

/// What a client of this number signed in with to act for itself.
pub(crate) fn service_session(number: u8) -> SessionFacts {
    SessionFacts {
        subject: Subject::Service(client(number.into())),
        amr: BTreeSet::from([String::from("api_key")]),
        ..session(number + 50, 0)
    }
}

pub(crate) fn client(number: usize) -> ClientName {
    format!("c{number}").parse().unwrap()
}

pub(crate) fn device(number: u8) -> DeviceFacts {
    DeviceFacts {
        id: device_id(number),
        compliant: true,
        managed: true,
        valid_until: NOW.plus(seconds(30 * 86_400)),
    }
}

/// A world made of these facts.
pub(crate) fn world(deltas: &[Delta]) -> World {
    World::new().apply(Revision::new(1), deltas).0
}

/// Apps `wiki` and `payroll`; person 0 in `finance`, which is in `staff`; person 1 in no group. Each has the session
/// of the same number.
pub(crate) fn small_world() -> World {
    world(&[
        Delta::App(app("wiki")),
        Delta::App(app("payroll")),
        Delta::Group(GroupFacts { name: group("finance"), parents: groups(["staff"]) }),
        Delta::User(user(0, groups(["finance"]))),
        Delta::User(user(1, BTreeSet::new())),
        Delta::Session(session(0, 0)),
        Delta::Session(session(1, 1)),
    ])
}

/// Person and session of this number read the front page of an app.
pub(crate) fn asks(person: u8, app: &str) -> AccessRequest {
    AccessRequest {
        request_id: RequestId::from_bytes([7; 16]),
        decision_id: DecisionId::from_bytes([8; 16]),
        now: NOW,
        subject: Subject::User(user_id(person)),
        session: Some(session_id(person)),
        device: None,
        credential_ends: None,
        resource: Resource::App(app.parse().unwrap()),
        action: Action::HttpRead,
        source: IpAddr::from([127, 0, 0, 1]),
        http: Some(Arc::new(HttpFacts {
            method: String::from("GET"),
            host: format!("{app}.example.org"),
            path: String::from("/"),
        })),
        user_agent: None,
    }
}

pub(crate) fn anonymous(app: &str) -> AccessRequest {
    AccessRequest { subject: Subject::Anonymous, session: None, ..asks(0, app) }
}

/// An engine with the policies of this file.
pub(crate) fn engine(text: &str) -> Engine {
    let sources = split_file("test.cedar", text).unwrap_or_else(|findings| panic!("{findings:#?}"));
    compile(&sources)
}

/// Makes worlds, requests and policies at random; the same ones from the same seed.
#[derive(Debug)]
pub(crate) struct Maker {
    pub(crate) entropy: SeededEntropy,
    /// Whether policies may read clocks in ways of which no flip can be told.
    pub(crate) opaque_clocks: bool,
}

/// An engine without policies. It has read the schema, so that others need not.
static EMPTY: LazyLock<Engine> = LazyLock::new(|| Engine::compile(Revision::new(0), &[], None).unwrap());

/// The engine with these policies.
pub(crate) fn compile(sources: &[PolicySource]) -> Engine {
    Engine::compile(Revision::new(1), sources, Some(&EMPTY))
        .unwrap_or_else(|findings| panic!("{findings:#?}"))
}

pub(crate) const USERS: usize = 6;
pub(crate) const GROUPS: usize = 8;
pub(crate) const APPS: usize = 4;
const CLIENTS: usize = 3;
pub(crate) const DEVICES: usize = 3;

impl Maker {
    pub(crate) fn new(seed: u64) -> Self {
        Self { entropy: SeededEntropy::new(seed), opaque_clocks: true }
    }

    pub(crate) fn below(&self, bound: usize) -> usize {
        self.entropy.below(bound)
    }

    pub(crate) fn byte(&self, bound: usize) -> u8 {
        u8::try_from(self.below(bound)).unwrap()
    }

    pub(crate) fn chance(&self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'t>(&self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    fn number(&self, bound: usize) -> i64 {
        i64::try_from(self.below(bound)).unwrap()
    }

    // --- Facts ---

    pub(crate) fn group(&self) -> GroupName {
        format!("g{}", self.below(GROUPS)).parse().unwrap()
    }

    pub(crate) fn some_groups(&self, most: usize) -> BTreeSet<GroupName> {
        (0..self.below(most + 1)).map(|_| self.group()).collect()
    }

    /// A group whose parents have higher numbers, so that there is no cycle; or any, if cycles are wanted.
    pub(crate) fn group_facts(&self, number: usize, cycles: bool) -> GroupFacts {
        let parents = (0..GROUPS)
            .filter(|parent| (cycles || *parent > number) && self.chance(22))
            .map(|parent| group(&format!("g{parent}")))
            .collect();
        GroupFacts { name: group(&format!("g{number}")), parents }
    }

    pub(crate) fn user_facts(&self, number: u8) -> UserFacts {
        UserFacts {
            state: if self.chance(95) { UserState::Active } else { UserState::Disabled },
            ..user(number, self.some_groups(3))
        }
    }

    pub(crate) fn session_facts(&self, number: u8) -> SessionFacts {
        let level = [AuthLevel::Basic, AuthLevel::Strong][self.below(2)];
        let jitter = i64::try_from(self.below(2_000_000)).unwrap();
        let auth_time = Timestamp::from_micros(before(NOW, self.number(8000)).as_micros() - jitter);
        let mut amr = BTreeSet::from([String::from(self.pick(&["pwd", "hwk"]))]);
        if level == AuthLevel::Strong {
            amr.insert(String::from("otp"));
        }
        SessionFacts {
            device: self.chance(20).then(|| device_id(self.byte(DEVICES))),
            auth_time,
            mfa_time: (level == AuthLevel::Strong || self.chance(20))
                .then(|| auth_time.plus(Duration::from_micros(u64::try_from(jitter).unwrap()))),
            amr,
            level,
            last_seen: before(NOW, self.number(300)),
            idle_timeout: seconds(600 + u64::try_from(self.below(7200)).unwrap()),
            absolute_end: NOW.plus(seconds(u64::try_from(self.below(20_000)).unwrap())),
            ..session(number, number % u8::try_from(USERS).unwrap())
        }
    }

    pub(crate) fn device_facts(&self, number: u8) -> DeviceFacts {
        DeviceFacts {
            id: device_id(number),
            compliant: self.chance(60),
            managed: self.chance(40),
            valid_until: NOW.plus(seconds(u64::try_from(self.below(90_000)).unwrap())),
        }
    }

    fn client(&self) -> ClientName {
        client(self.below(CLIENTS))
    }

    /// Any change of any fact.
    pub(crate) fn delta(&self) -> Delta {
        let user = self.byte(USERS);
        match self.below(20) {
            0..4 => Delta::User(self.user_facts(user)),
            4 => Delta::UserGone(user_id(user)),
            5..8 => Delta::Group(self.group_facts(self.below(GROUPS), true)),
            8 => Delta::GroupGone(self.group()),
            9 => {
                Delta::App(AppFacts { pass_host: self.chance(50), ..app(&format!("a{}", self.below(APPS))) })
            }
            10 => Delta::AppGone(format!("a{}", self.below(APPS)).parse().unwrap()),
            11 => Delta::Session(self.session_facts(user)),
            12 => Delta::SessionGone(session_id(user)),
            13 => Delta::Device(self.device_facts(self.byte(DEVICES))),
            14 => Delta::DeviceGone(device_id(self.byte(DEVICES))),
            15 => Delta::Client(self.client()),
            16 => Delta::ClientGone(self.client()),
            17 => Delta::Session(service_session(self.byte(CLIENTS))),
            18 => Delta::SessionGone(service_session(self.byte(CLIENTS)).id),
            _ => Delta::Risk(user_id(user), self.byte(101)),
        }
    }

    /// Everything there can be, without cycles.
    pub(crate) fn facts(&self) -> Vec<Delta> {
        let mut deltas: Vec<Delta> = Vec::new();
        for number in 0..u8::try_from(USERS).unwrap() {
            deltas.push(Delta::User(UserFacts { state: UserState::Active, ..self.user_facts(number) }));
            deltas.push(Delta::Session(self.session_facts(number)));
            deltas.push(Delta::Risk(user_id(number), self.byte(101)));
        }
        deltas.extend((0..GROUPS).map(|number| Delta::Group(self.group_facts(number, false))));
        deltas.extend((0..APPS).map(|number| Delta::App(app(&format!("a{number}")))));
        deltas.extend((0..CLIENTS).map(|number| Delta::Client(client(number))));
        deltas.extend((0..CLIENTS).map(|number| Delta::Session(service_session(number.try_into().unwrap()))));
        deltas.extend(
            (0..DEVICES).map(|number| Delta::Device(self.device_facts(u8::try_from(number).unwrap()))),
        );
        deltas
    }

    // --- Requests ---

    pub(crate) fn request(&self) -> AccessRequest {
        let person = self.byte(USERS);
        let admin = self.chance(20);
        let stranger = !admin && self.chance(15);
        let action = if admin {
            [Action::AdminRead, Action::AdminWrite][self.below(2)]
        } else if stranger || self.chance(80) {
            [Action::HttpRead, Action::HttpWrite][self.below(2)]
        } else {
            Action::TokenIssue
        };
        let resource = if admin {
            Resource::Admin(AdminArea::ALL[self.below(4)])
        } else if action == Action::TokenIssue && self.chance(50) {
            Resource::Client(self.client())
        } else {
            Resource::App(format!("a{}", self.below(APPS)).parse::<AppName>().unwrap())
        };
        let service = (!stranger && self.chance(20)).then(|| service_session(self.byte(CLIENTS)));
        let (subject, session) = match service {
            Some(session) => (session.subject, Some(session.id)),
            None if stranger => (Subject::Anonymous, None),
            None => (Subject::User(user_id(person)), Some(session_id(person))),
        };
        AccessRequest {
            now: Timestamp::from_micros(NOW.as_micros() + i64::try_from(self.below(3_000_000)).unwrap()),
            subject,
            session,
            device: self.chance(40).then(|| device_id(self.byte(DEVICES))),
            credential_ends: self
                .chance(10)
                .then(|| NOW.plus(seconds(u64::try_from(self.below(4000)).unwrap()))),
            resource,
            action,
            source: self.pick(&["127.0.0.1", "10.1.2.3", "192.0.2.7", "2001:db8::1"]).parse().unwrap(),
            http: self.chance(90).then(|| {
                Arc::new(HttpFacts {
                    method: String::from(self.pick(&["GET", "HEAD", "POST"])),
                    host: String::from(self.pick(&["a0.example.org", "a1.example.org"])),
                    path: String::from(self.pick(&["/", "/public/x", "/admin"])),
                })
            }),
            ..asks(person, "a0")
        }
    }

    // --- Policies ---

    /// So many valid policies.
    pub(crate) fn sources(&self, number: usize) -> Vec<PolicySource> {
        let mut sources = Vec::new();
        while sources.len() < number {
            let id = format!("p{}", sources.len());
            let source = PolicySource::new(id.parse().unwrap(), "random.cedar", self.policy(&id));
            // Some are refused by the strict validator: they compare what can never be equal.
            if Engine::compile(Revision::new(0), std::slice::from_ref(&source), Some(&EMPTY)).is_ok() {
                sources.push(source);
            }
        }
        sources
    }

    /// One or two policies that a person meets easily but for a condition or two.
    pub(crate) fn simple_sources(&self) -> Vec<PolicySource> {
        let mut sources = Vec::new();
        while sources.len() < 2 {
            let head = self.pick(&[
                "permit(principal",
                "permit(principal in Group::\"g7\"",
                "permit(principal is User",
            ]);
            let text = if sources.is_empty() {
                format!("@id(\"p0\") {head}, action, resource) when {{ {} }};", self.condition(1))
            } else {
                format!("@id(\"p1\") forbid(principal, action, resource) unless {{ {} }};", self.condition(1))
            };
            let id = format!("p{}", sources.len());
            let source = PolicySource::new(id.parse().unwrap(), "simple.cedar", text);
            if Engine::compile(Revision::new(0), std::slice::from_ref(&source), Some(&EMPTY)).is_ok() {
                sources.push(source);
            }
        }
        sources.truncate(1 + self.below(2));
        sources
    }

    fn policy(&self, id: &str) -> String {
        let effect = if self.chance(70) { "permit" } else { "forbid" };
        let g = self.group();
        let principal = match self.below(10) {
            0..3 => String::new(),
            3..6 => format!(" in Group::\"{g}\""),
            6 => format!(" == User::\"{}\"", user_id(self.byte(USERS))),
            7 => String::from(self.pick(&[
                " is User",
                " is Service",
                " == Service::\"c0\"",
                " == Service::\"c1\"",
                " is Anonymous",
                " == Anonymous::\"anonymous\"",
            ])),
            8 => format!(" is User in Group::\"{g}\""),
            _ => String::from(self.pick(&[" in Group::\"Nobody Has This Name\"", " in User::\"someone\""])),
        };
        let admin = self.chance(20);
        let (actions, resources): (&[&str], &[&str]) = if admin {
            (
                &["", " == Action::\"admin:read\"", " in Action::\"admin\""],
                &["", " is Admin", " == Admin::\"people\"", " in Admin::\"log\"", " == Admin::\"objects\""],
            )
        } else {
            (
                &[
                    "",
                    " == Action::\"http:read\"",
                    " in Action::\"http\"",
                    " in [Action::\"http:write\", Action::\"token:issue\"]",
                ],
                &[
                    "",
                    " is App",
                    " == App::\"a0\"",
                    " == App::\"a1\"",
                    " in App::\"a2\"",
                    " is App in App::\"a3\"",
                    " is Client",
                    " == Client::\"c0\"",
                    " in Client::\"c1\"",
                ],
            )
        };
        let mut text = format!(
            "@id(\"{id}\") {effect}(principal{principal}, action{}, resource{})",
            self.pick(actions),
            self.pick(resources)
        );
        for _ in 0..self.below(3) {
            let clause = self.pick(&["when", "when", "unless"]);
            text.push_str(&format!(" {clause} {{ {} }}", self.condition(3)));
        }
        text.push(';');
        text
    }

    pub(crate) fn condition(&self, depth: usize) -> String {
        if depth > 0 && self.chance(55) {
            let (one, other) = (self.condition(depth - 1), self.condition(depth - 1));
            return match self.below(6) {
                0 | 1 => format!("{one} && {other}"),
                2 => format!("({one} || {other})"),
                3 => format!("!({one})"),
                4 => format!("(if {one} then {other} else {})", self.condition(depth - 1)),
                _ => format!("{one} && ({other})"),
            };
        }
        let order = self.pick(&["<", "<=", ">", ">=", "==", "!="]);
        let clock = match self.below(6) {
            0 => ("context.session.age", self.number(9000).to_string()),
            1 => ("context.session.mfa_age", self.number(9000).to_string()),
            2 => ("context.time.epoch", (NOW.as_secs() + self.number(40) - 10).to_string()),
            3 => (
                "context.time.now",
                format!(
                    "datetime(\"2026-11-24T08:{}:{:02}.{:03}Z\")",
                    self.pick(&["29", "30", "31"]),
                    self.below(60),
                    self.below(1000)
                ),
            ),
            4 => ("context.time.hour", self.number(24).to_string()),
            _ => ("context.time.weekday", (1 + self.number(7)).to_string()),
        };
        match self.below(20) {
            0..5 if self.chance(30) => format!("{} {order} {}", clock.1, clock.0),
            0..5 => format!("{} {order} {}", clock.0, clock.1),
            5 => format!("context.session.level == \"{}\"", self.pick(&["none", "basic", "strong"])),
            6 => format!("context.session.amr.contains(\"{}\")", self.pick(&["pwd", "otp", "hwk"])),
            7 => format!("context.device.{}", self.pick(&["known", "compliant", "managed"])),
            8 => format!("context.risk {order} {}", self.below(101)),
            9 => format!("context.request.method == \"{}\"", self.pick(&["GET", "POST", ""])),
            10 => format!("context.request.path like \"{}\"", self.pick(&["/public/*", "*", "/"])),
            11 => format!("context.request.host like \"{}.*\"", self.pick(&["a0", "a1"])),
            12 => String::from(self.pick(&[
                "context.request.source.isLoopback()",
                "context.request.source.isInRange(ip(\"10.0.0.0/8\"))",
                "context.request.source.isIpv6()",
            ])),
            13 => format!("principal in Group::\"{}\"", self.group()),
            14 => format!("principal in [Group::\"{}\", Group::\"{}\"]", self.group(), self.group()),
            15 => {
                String::from(self.pick(&["principal is User", "principal is Anonymous", "resource is App"]))
            }
            16 => String::from(self.pick(&[
                "context has risk",
                "context.session has level",
                "context has session.level",
                "[context.risk, 3].contains(3)",
                "context.session.amr.containsAny([\"otp\", \"hwk\"])",
                "{level: context.session.level}.level == \"strong\"",
                "context.device == {known: true, compliant: true, managed: false}",
                "action == Action::\"http:read\"",
                "action in Action::\"http\"",
            ])),
            // Overflows as soon as the risk is 2: an error, which strict validation cannot foresee.
            17 if self.chance(30) => String::from("context.risk * 9223372036854775807 > 3"),
            18 if self.opaque_clocks => String::from(self.pick(&[
                "context.session.age + 1 < 4000",
                "context.session.age < context.session.mfa_age",
                "context.time.now.toTime() < duration(\"9h\")",
                "context.time.epoch * 2 > 7",
                "{t: context.time}.t.hour < 9",
                "[context.session.age].contains(3600)",
            ])),
            _ => format!("context.risk {order} {}", self.below(101)),
        }
    }
}
