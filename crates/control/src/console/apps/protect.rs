//! Protecting an app, step by step: where it is, who may enter, what would happen, and then it is so.
//!
//! What was typed travels in the address; only the last step makes something, and it makes what `bartizan apply` would. Looking
//! at the server is a form of its own: it reaches out, so no link has it done.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use bartizan_identity::Attributes;
use bartizan_model::{AppName, GroupName, UserId, UserState};
use bartizan_policy::{Engine, Finding, World};
use http::StatusCode;

use super::super::failure::explained;
use super::super::frame::{Frame, Shown};
use super::super::groups::in_effect;
use super::super::people::person;
use super::super::words::many;
use super::super::{Fields, said};
use super::all;
use super::draft::{Draft, Entering, Place, Problems, domain};
use super::files::files;
use super::steps;
use crate::access::Access;
use crate::api::apply::{Run, made_new};
use crate::api::failure::kind_of;
use crate::api::points::listed;
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadObjects, ReadPeople, WriteObjects, WritePeople};
use crate::directory::ADMINS;
use crate::error::Error;
use crate::probe::Made;
use crate::register::{Entries, Known, Roll};

/// What somebody needs to protect an app: who lacks one of these is not let into the first step.
#[derive(Debug)]
pub(super) struct Rights {
    write: Admitted<WriteObjects>,
    write_people: Admitted<WritePeople>,
    read: Admitted<ReadObjects>,
}

/// The first step.
#[derive(Debug)]
pub(super) struct Where {
    pub(super) frame: Frame,
    pub(super) draft: Draft,
    pub(super) domain: String,
    pub(super) problems: Problems,
    /// What is said of the whole.
    pub(super) problem: Option<String>,
    /// What was seen of the server that is named now.
    pub(super) seen: Option<(Place, Arc<Made>)>,
    /// Whether gateways on other machines may see it otherwise.
    pub(super) elsewhere: bool,
}

/// The second one.
#[derive(Debug)]
pub(super) struct Who {
    pub(super) frame: Frame,
    pub(super) draft: Draft,
    pub(super) place: Place,
    /// The groups, and how many people are in each in effect.
    pub(super) groups: Vec<(String, u64)>,
    /// What some people sign in with.
    pub(super) logins: Vec<String>,
    pub(super) problems: Problems,
}

/// The last one.
#[derive(Debug)]
pub(super) struct What {
    pub(super) frame: Frame,
    pub(super) draft: Draft,
    pub(super) place: Place,
    pub(super) files: [(String, String); 2],
    /// What would be made, and what could be better about it; or why nothing would.
    pub(super) trial: Result<Trial, Vec<String>>,
    pub(super) seen: Option<Arc<Made>>,
    pub(super) certificate: Certificate,
    /// Where people would open it.
    pub(super) url: String,
}

/// What would be.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) created: Vec<String>,
    pub(super) findings: Vec<Finding>,
    /// How many people would get in, of how many; nobody counted where they are too many.
    pub(super) enter: Option<(u64, u64)>,
}

/// Which certificate a host is shown with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::console) enum Certificate {
    /// One from files.
    Supplied,
    /// One of a public authority.
    Public(String),
    /// One of the deployment's own.
    Own,
}

impl Certificate {
    /// That of a host.
    pub(in crate::console) fn of(api: &Api, host: &str) -> Self {
        let covers = |name: &String| match name.strip_prefix("*.") {
            Some(domain) => host.split_once('.').is_some_and(|(_, rest)| rest == domain),
            None => name == host,
        };
        if api.endings.all().iter().any(|ending| ending.names.iter().any(covers)) {
            return Self::Supplied;
        }
        api.reached.public_authority.clone().map_or(Self::Own, Self::Public)
    }
}

pub(in crate::console) async fn ask(
    write: Admitted<WriteObjects>,
    write_people: Admitted<WritePeople>,
    read: Admitted<ReadObjects>,
    _people: Admitted<ReadPeople>,
    State(api): State<Arc<Api>>,
    Query(asked): Query<Fields>,
) -> Result<Response, Failure> {
    let rights = Rights { write, write_people, read };
    let step = said(&asked, "step").unwrap_or_default().to_owned();
    step_of(&rights, &api, Draft::of(asked), &step, None).await
}

/// The page of a step; of an earlier one, if something of that is not in order.
async fn step_of(
    rights: &Rights,
    api: &Arc<Api>,
    mut draft: Draft,
    step: &str,
    problem: Option<String>,
) -> Result<Response, Failure> {
    let frame = Frame::of(api, &rights.read).await?;
    let (words, world) = (frame.words, api.hub.world());
    let domain = domain(&world).unwrap_or_default();
    let policies = all(api, Roll::Policies).await?;
    let tried = !step.is_empty();
    if tried {
        draft.suggest(&domain);
    }
    let place = match draft.place(words, (&world, &policies)) {
        Ok(place) if tried => place,
        untried => {
            let problems = untried.err().filter(|_| tried).unwrap_or_default();
            let status = status(problems.is_empty() && problem.is_none());
            let elsewhere = false;
            let view = Where { frame, draft, domain, problems, problem, seen: None, elsewhere };
            return Ok(Shown::from(steps::of_where(&view)).status(status).into_response());
        }
    };
    let now = api.enforcer.clock().boot();
    let seen = api.looks.made(&place.look(), &rights.write.author(), now).filter(|_| problem.is_none());
    if step != WHO && step != WHAT {
        let elsewhere = !listed(&rights.read, api).await?.is_empty();
        let status = status(problem.is_none());
        let seen = seen.map(|seen| (place, seen));
        let view = Where { frame, draft, domain, problems: Problems::new(), problem, seen, elsewhere };
        return Ok(Shown::from(steps::of_where(&view)).status(status).into_response());
    }
    let entering = match step {
        WHAT => draft.entering(words, (&world, api)).await?,
        _ => Err(Problems::new()),
    };
    match entering {
        Err(problems) => {
            let status = status(problems.is_empty());
            let people = match api.register.of(Roll::People).await? {
                Known::All(people) => people,
                // They are counted as soon as they have been read.
                Known::Reading(_) => Entries::new(),
            };
            let logins = some(&people, LOGINS).map(|known| known.login.clone()).collect();
            let groups = groups(api, people).await?;
            let view = Who { frame, draft, place, groups, logins, problems };
            Ok(Shown::from(steps::of_who(&view)).status(status).into_response())
        }
        Ok(entering) => {
            let view = what(rights, api, (frame, draft), (place, entering, seen)).await?;
            let status = status(view.trial.is_ok());
            Ok(Shown::from(steps::of_what(&view)).status(status).into_response())
        }
    }
}

const fn status(in_order: bool) -> StatusCode {
    if in_order { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}

/// Every group, and how many people are in it in effect.
async fn groups(api: &Arc<Api>, people: Entries) -> Result<Vec<(String, u64)>, Failure> {
    let entries = all(api, Roll::Groups).await?;
    let counted = tokio::task::spawn_blocking(move || {
        let admins = people.values().filter(|entry| person(entry).is_some_and(|person| person.admin)).count();
        let groups = entries.keys().filter(|name| &***name != ADMINS);
        let groups = groups.map(|name| (name.to_string(), many(in_effect(&entries, name).len())));
        groups.chain([(ADMINS.to_owned(), many(admins))]).collect()
    });
    counted.await.map_err(|error| Error::Invalid(format!("the groups could not be counted: {error}")).into())
}

/// A few people who may act, those first who administer nothing: of them one wants to know.
pub(super) fn some(people: &Entries, most: usize) -> impl Iterator<Item = &Attributes> {
    let people = people.values().take(LOOKED_AT).filter_map(|entry| person(entry));
    let mut people: Vec<_> = people.filter(|person| person.state == UserState::Active).collect();
    people.sort_by_key(|person| person.admin);
    people.into_iter().filter_map(|person| person.attributes.as_ref()).take(most)
}

async fn what(
    rights: &Rights,
    api: &Arc<Api>,
    (frame, draft): (Frame, Draft),
    (place, entering, seen): (Place, Entering, Option<Arc<Made>>),
) -> Result<What, Failure> {
    let files = files(frame.words, &place, &entering);
    let trial = match made_new(&rights.write, &rights.write_people, api, (&files, Run::Dry)).await {
        Ok((outcome, would_be)) => {
            let enter = enter(rights, api, would_be, place.name.clone()).await?;
            Ok(Trial { created: outcome.created, findings: outcome.findings, enter })
        }
        Err(refused) => Err(why_not(&frame, refused)?),
    };
    let certificate = Certificate::of(api, &place.host);
    let url = api.reached.url(&place.host);
    Ok(What { frame, draft, place, files, trial, seen, certificate, url })
}

/// Why nothing would be made, in sentences; what is no matter of the answers stays a failure.
fn why_not(frame: &Frame, refused: Failure) -> Result<Vec<String>, Failure> {
    match refused {
        Failure::Findings(findings) => Ok(findings.iter().map(ToString::to_string).collect()),
        Failure::Failed(error) if kind_of(&error).0 < 500 => Ok(vec![explained(frame.words, &error).1]),
        other => Err(other),
    }
}

/// How many people would get in if each had just signed in strongly, and how many there are.
async fn enter(
    rights: &Rights,
    api: &Arc<Api>,
    would_be: (Arc<Engine>, World),
    app: AppName,
) -> Result<Option<(u64, u64)>, Failure> {
    let users: Vec<UserId> = would_be.1.users().map(|user| user.id).collect();
    if users.len() > MOST {
        return Ok(None);
    }
    let access = Access::on(would_be, api, rights.read.asked());
    let counted = tokio::task::spawn_blocking(move || {
        let enters = |user: &&UserId| {
            access.verdicts(**user, [&app]).first().is_some_and(|verdict| verdict.reason().is_none())
        };
        (many(users.iter().filter(enters).count()), many(users.len()))
    });
    let counted = counted.await;
    counted.map(Some).map_err(|error| Error::Invalid(format!("people could not be counted: {error}")).into())
}

/// Looks at the server, and shows the first step with what was seen.
pub(in crate::console) async fn look(
    write: Admitted<WriteObjects>,
    write_people: Admitted<WritePeople>,
    read: Admitted<ReadObjects>,
    _people: Admitted<ReadPeople>,
    State(api): State<Arc<Api>>,
    Form(sent): Form<Fields>,
) -> Result<Response, Failure> {
    let rights = Rights { write, write_people, read };
    let was = said(&sent, WAS).map(str::to_owned);
    let mut draft = Draft::of(sent);
    let (words, world) = (Frame::of(&api, &rights.read).await?.words, api.hub.world());
    let domain = domain(&world).unwrap_or_default();
    draft.forget_suggested(was.as_deref(), &domain);
    draft.suggest(&domain);
    let url = draft.url(WHERE);
    if url.len() > LONGEST {
        return step_of(&rights, &api, draft, WHERE, Some(words.say("protect-long"))).await;
    }
    let policies = all(&api, Roll::Policies).await?;
    if let Ok(place) = draft.place(words, (&world, &policies)) {
        let now = api.enforcer.clock().boot();
        if api.looks.look(place.look(), rights.write.author(), now).await.is_none() {
            let problem = Some(words.say("protect-busy"));
            return step_of(&rights, &api, draft, WHERE, problem).await;
        }
    }
    Ok(Redirect::to(&url).into_response())
}

/// Makes it.
pub(in crate::console) async fn make(
    write: Admitted<WriteObjects>,
    write_people: Admitted<WritePeople>,
    read: Admitted<ReadObjects>,
    _people: Admitted<ReadPeople>,
    State(api): State<Arc<Api>>,
    Form(sent): Form<Fields>,
) -> Result<Response, Failure> {
    let rights = Rights { write, write_people, read };
    let draft = Draft::of(sent);
    let frame = Frame::of(&api, &rights.read).await?;
    let (words, world) = (frame.words, api.hub.world());
    let policies = all(&api, Roll::Policies).await?;
    let Ok(place) = draft.place(words, (&world, &policies)) else {
        return step_of(&rights, &api, draft, WHERE, None).await;
    };
    let Ok(entering) = draft.entering(words, (&world, &api)).await? else {
        return step_of(&rights, &api, draft, WHAT, None).await;
    };
    let files = files(words, &place, &entering);
    match made_new(&rights.write, &rights.write_people, &api, (&files, Run::Earnest)).await {
        Ok((outcome, _)) => {
            let to = format!("/apps/{}/try?made={}", place.name, outcome.revision);
            Ok(Redirect::to(&to).into_response())
        }
        Err(refused) => {
            let why = why_not(&frame, refused)?;
            let mut view = what(&rights, &api, (frame, draft), (place, entering, None)).await?;
            view.trial = Err(why);
            let page = Shown::from(steps::of_what(&view));
            Ok(page.status(StatusCode::CONFLICT).into_response())
        }
    }
}

/// A name for a group that there is not yet.
pub(super) fn group_for(place: &Place, groups: &[(String, u64)]) -> String {
    let free =
        |name: &String| name.parse::<GroupName>().is_ok() && groups.iter().all(|(known, _)| known != name);
    Some(format!("{}-people", place.name)).filter(free).unwrap_or_default()
}

/// The steps, as addresses call them.
pub(super) const WHERE: &str = "where";
pub(super) const WHO: &str = "who";
pub(super) const WHAT: &str = "what";

/// The name that stood in the form before it was filled in.
pub(super) const WAS: &str = "was";

/// The gateway takes addresses of 8 KiB.
const LONGEST: usize = 7_500;

/// 6 people are named by what they sign in with.
const LOGINS: usize = 6;

/// They are the first of as many.
const LOOKED_AT: usize = 200;

/// 5,000 people are each asked about, as on the access map.
const MOST: usize = 5_000;
