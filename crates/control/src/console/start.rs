//! The first steps: from a deployment that was just made to an app that some may enter and others are told why not.
//!
//! How far one is follows from what there is, so nothing has to be kept to go on later, and whoever did the same by commands
//! finds it done. What somebody leaves out is kept by their own browser.

mod later;
pub(super) mod shown;

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use bartizan_evidence::Query as Search;
use bartizan_identity::Enrolled;
use bartizan_model::{AppName, DenyReason, EventKind, Outcome, UserState};
use bartizan_policy::World;
use http::{HeaderMap, header};

use self::later::Later;
use super::apps::protect::Certificate;
use super::called::{Called, Named};
use super::decisions::{Row, newest, rows};
use super::frame::{Frame, Shown};
use super::{Fields, said};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadLog, ReadObjects, ReadPeople, WriteObjects, WritePeople};
use crate::files::RESERVED;
use crate::probe::Leads;

/// A step, by what it is called in addresses and cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    SignIn,
    Domain,
    App,
    Second,
    Denial,
}

impl Step {
    pub(super) const ALL: [Self; 5] = [Self::SignIn, Self::Domain, Self::App, Self::Second, Self::Denial];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Domain => "domain",
            Self::App => "app",
            Self::Second => "second",
            Self::Denial => "denial",
        }
    }
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Done,
    /// The first that is open.
    Next,
    Open,
    /// Left out for now.
    Later,
}

/// All that the steps show.
#[derive(Debug)]
pub(super) struct View {
    pub(super) frame: Frame,
    pub(super) stages: Vec<(Step, Stage)>,
    pub(super) me: Me,
    pub(super) hosts: Vec<Host>,
    /// The file of the own authority, and for how much longer that is good.
    pub(super) authority: (String, u64),
    /// An app and where it is opened, if there is one.
    pub(super) app: Option<(String, String)>,
    /// Somebody besides whoever reads this, if there is anybody.
    pub(super) second: Option<Named>,
    /// The newest denial of an app.
    pub(super) denial: Option<Row>,
    /// What whoever reads this may do.
    pub(super) may: May,
}

/// Whoever reads this.
#[derive(Debug)]
pub(super) struct Me {
    pub(super) login: String,
    pub(super) enrolled: Option<Enrolled>,
    pub(super) account: String,
}

/// A host of the deployment.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) name: String,
    pub(super) leads: Leads,
    pub(super) certificate: Certificate,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct May {
    pub(super) protect: bool,
    pub(super) invite: bool,
}

pub(super) async fn show(
    objects: Admitted<ReadObjects>,
    _people: Admitted<ReadPeople>,
    log: Admitted<ReadLog>,
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
) -> Result<Shown, Failure> {
    let frame = Frame::of(&api, &objects).await?;
    let world = api.hub.world();
    let mut called = Called::new(&api);
    let me = me(&api, &objects).await?;
    let own = own_hosts(&world);
    let hosts: Vec<Host> = api
        .looks
        .lead(&own)
        .await
        .into_iter()
        .zip(own)
        .map(|(leads, name)| Host { certificate: Certificate::of(&api, &name), leads, name })
        .collect();
    let app = first_app(&world);
    let app = app.map(|(name, host)| (name.to_string(), api.reached.url(&host)));
    let asking = objects.asked().subject.user();
    let second = world.users().find(|user| Some(user.id) != asking && user.state == UserState::Active);
    let second = match second.map(|user| user.id) {
        Some(id) => Some(called.person(id).await?),
        None => None,
    };
    let denial = denial(&log, &api).await?;
    let denial = match denial {
        Some(found) => rows(&mut called, &[found]).await?.into_iter().next(),
        None => None,
    };
    let is_done = |step: Step| match step {
        Step::SignIn => me.enrolled.is_some_and(|enrolled| enrolled.recovery_left >= FEW_CODES),
        Step::Domain => hosts.iter().all(|host| host.leads != Leads::Nowhere),
        Step::App => app.is_some(),
        Step::Second => second.is_some(),
        Step::Denial => denial.is_some(),
    };
    let stages = stages(&Later::of(&headers), is_done);
    let left = api.endings.all().into_iter().find(|ending| ending.names.is_empty());
    let left = left.map_or(0, |ending| ending.ends.since(frame.now).as_secs() / 86_400);
    let authority = (api.reached.own_authority.display().to_string(), left);
    let may = May {
        protect: objects.may::<WriteObjects>(&api) && objects.may::<WritePeople>(&api),
        invite: objects.may::<WritePeople>(&api),
    };
    Ok(shown::page(&View { frame, stages, me, hosts, authority, app, second, denial, may }).into())
}

/// How far each step is.
fn stages(later: &Later, is_done: impl Fn(Step) -> bool) -> Vec<(Step, Stage)> {
    let mut next = Some(Stage::Next);
    let stage = |step| {
        if is_done(step) {
            Stage::Done
        } else if later.has(step) {
            Stage::Later
        } else {
            next.take().unwrap_or(Stage::Open)
        }
    };
    Step::ALL.into_iter().zip(Step::ALL.map(stage)).collect()
}

async fn me(api: &Api, admitted: &Admitted<ReadObjects>) -> Result<Me, Failure> {
    let account = format!("{}/", api.auth_origin);
    let Some(user) = admitted.asked().subject.user() else {
        return Ok(Me { login: String::new(), enrolled: None, account });
    };
    let person = api.people.get(user).await?.and_then(|person| person.attributes);
    let login = person.map_or_else(|| user.to_string(), |known| known.login);
    Ok(Me { login, enrolled: api.flow.factors().enrolled(user).await?, account })
}

/// The hosts of our own apps.
fn own_hosts(world: &World) -> Vec<String> {
    let own = RESERVED.iter().filter_map(|name| name.parse::<AppName>().ok());
    own.filter_map(|name| Some(world.app(&name)?.host.clone())).collect()
}

/// The first app that is not our own, and its host.
fn first_app(world: &World) -> Option<(AppName, String)> {
    let apps = world.apps().filter(|app| !RESERVED.contains(&app.name.as_str()));
    apps.min_by(|one, other| one.name.cmp(&other.name)).map(|app| (app.name.clone(), app.host.clone()))
}

/// The newest denial of an app.
async fn denial(log: &Admitted<ReadLog>, api: &Api) -> Result<Option<bartizan_evidence::Found>, Failure> {
    let denied = Search {
        kind: Some(EventKind::Decision),
        outcome: Some(Outcome::Deny),
        // Who is not signed in is sent to sign in, which is no answer yet.
        reason: Some(DenyReason::DeniedByPolicy.as_str().to_owned()),
        without_own: true,
        ..Search::default()
    };
    Ok(newest(log, api, denied, 1).await?.into_iter().next())
}

/// What the overview says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glance {
    /// There is no app yet: this comes before everything else.
    First,
    /// This many are open.
    Open(u64),
    /// Nothing is open that somebody still wants to do.
    Nothing,
}

/// How far it is, by what is known without asking anybody else: the names of hosts are looked up on the page of the steps.
pub(super) async fn glance(
    log: &Admitted<ReadLog>,
    api: &Api,
    headers: &HeaderMap,
) -> Result<Glance, Failure> {
    let (later, world) = (Later::of(headers), api.hub.world());
    let wanted = |step| !later.has(step);
    let app = first_app(&world).is_some();
    if !app && wanted(Step::App) {
        return Ok(Glance::First);
    }
    let second = wanted(Step::Second)
        && world.users().filter(|user| user.state == UserState::Active).take(2).count() < 2;
    let denial = app && wanted(Step::Denial) && denial(log, api).await?.is_none();
    Ok(match u64::from(second) + u64::from(denial) {
        0 => Glance::Nothing,
        open => Glance::Open(open),
    })
}

/// Leaves a step out for now, or takes it up again.
pub(super) async fn skip(
    _admitted: Admitted<ReadObjects>,
    headers: HeaderMap,
    Form(sent): Form<Fields>,
) -> Response {
    let mut later = Later::of(&headers);
    let step = Step::ALL.into_iter().find(|step| said(&sent, "step") == Some(step.as_str()));
    match step {
        Some(step) if said(&sent, "again").is_some() => later.take_up(step),
        Some(step) => later.leave(step),
        None => {}
    }
    ([(header::SET_COOKIE, later.cookie())], Redirect::to("/start")).into_response()
}

/// Below 3 recovery codes it is time for new ones.
const FEW_CODES: u8 = 3;

#[cfg(test)]
mod tests {
    use super::super::tests::{HOSTILE, eve, frame_in};
    use super::*;
    use crate::probe::Here;

    #[test]
    fn the_page_is_in_order_at_each_stage_in_every_language() {
        let names = ["auth.example.com", "console.example.com", "example.com"].map(String::from);
        let leads = [Leads::Local, Leads::Nowhere, Leads::To(vec![[10, 0, 0, 1].into()], Here::No)];
        let some = Some((String::from("wiki"), String::from("https://wiki.example.com/")));
        for language in bartizan_ui::Language::ALL {
            for there in [true, false] {
                let hosts = names.iter().cloned().zip(leads.iter().cloned());
                let stage = if there {
                    [Stage::Done; 5]
                } else {
                    [Stage::Done, Stage::Next, Stage::Open, Stage::Later, Stage::Open]
                };
                let row = Row {
                    id: String::from("id"),
                    time: frame_in(language).now,
                    person: Some(eve()),
                    outcome: Outcome::Deny,
                    reason: None,
                    action: String::from("http:read"),
                    resource: HOSTILE.to_owned(),
                    path: None,
                    policies: Vec::new(),
                    request: Some(String::from("id")),
                };
                let enrolled = Enrolled {
                    password_set: Some(row.time),
                    totp_enrolled: Some(row.time),
                    recovery_left: 1,
                    passkeys: 2,
                    generation: 0,
                };
                let page = shown::page(&View {
                    frame: frame_in(language),
                    stages: Step::ALL.into_iter().zip(stage).collect(),
                    me: Me {
                        login: String::from("ada"),
                        enrolled: there.then_some(enrolled),
                        account: String::from("https://auth.example.com/"),
                    },
                    hosts: hosts
                        .map(|(name, leads)| Host { name, leads, certificate: Certificate::Own })
                        .collect(),
                    authority: (HOSTILE.to_owned(), 1),
                    app: some.clone().filter(|_| there),
                    second: there.then(eve),
                    denial: Some(row).filter(|_| there),
                    may: May { protect: true, invite: true },
                });
                assert_eq!(bartizan_ui::lint::faults(&page), Vec::<String>::new(), "{}", language.tag());
                assert!(!page.html.contains("<img"));
            }
        }
    }

    #[test]
    fn the_first_that_is_open_is_next_and_what_is_left_out_is_not() {
        let none = Later::default();
        let of = |later: &Later, done: &[Step]| -> Vec<Stage> {
            stages(later, |step| done.contains(&step)).into_iter().map(|(_, stage)| stage).collect()
        };
        use Stage::{Done, Later as Left, Next, Open};
        assert_eq!(of(&none, &[Step::SignIn, Step::Domain]), [Done, Done, Next, Open, Open]);
        assert_eq!(of(&none, &Step::ALL), [Done; 5]);
        let mut later = Later::default();
        later.leave(Step::App);
        later.leave(Step::SignIn);
        assert_eq!(of(&later, &[Step::SignIn, Step::Domain]), [Done, Done, Left, Next, Open]);
        later.take_up(Step::App);
        assert_eq!(of(&later, &[Step::SignIn]), [Done, Next, Open, Open, Open]);
    }
}
