//! What was typed into the steps that protect an app, and what is wrong with it. It travels in the address from step to step, so
//! that going back loses nothing and nothing is stored before the last one.

use std::net::IpAddr;

use bartizan_model::{AppName, GroupName, PolicyId, Upstream};
use bartizan_policy::World;
use bartizan_ui::Words;
use maud::{Markup, html};

use super::super::list::encoded;
use super::super::{Fields, said};
use crate::api::{Api, Failure};
use crate::directory::ADMINS;
use crate::files::{RESERVED, has_certificate, is_host};
use crate::plan::goes_in_clear;
use crate::probe::Look;
use crate::register::Entries;

/// The fields, as they are called in addresses.
pub(super) const UPSTREAM: &str = "upstream";
pub(super) const NAME: &str = "name";
pub(super) const HOST: &str = "host";
pub(super) const OWN_NAME: &str = "own_name";
pub(super) const PLAINTEXT: &str = "plaintext";
pub(super) const CA: &str = "ca";
pub(super) const WHOM: &str = "whom";
pub(super) const GROUP: &str = "group";
pub(super) const MEMBERS: &str = "members";
pub(super) const ASKS: &str = "asks";

/// What each step asks for.
pub(super) const OF_WHERE: [&str; 6] = [UPSTREAM, NAME, HOST, OWN_NAME, PLAINTEXT, CA];
pub(super) const OF_WHO: [&str; 4] = [WHOM, GROUP, MEMBERS, ASKS];

/// What stands in [`WHOM`] besides `group:NAME`.
pub(super) const EVERYBODY: &str = "everybody";
pub(super) const NEW: &str = "new";

/// What stands in [`ASKS`].
pub(super) const STRONG: &str = "strong";
pub(super) const TODAY: &str = "today";
pub(super) const ANY: &str = "any";

/// What was typed so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft(Fields);

/// What is wrong: with which field, and a sentence.
pub(super) type Problems = Vec<(&'static str, String)>;

/// The app, as the first step says it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) name: AppName,
    pub(super) host: String,
    pub(super) upstream: Upstream,
    pub(super) ca: Option<String>,
    pub(super) pass_host: bool,
    pub(super) plaintext: bool,
    /// The policy that lets people in.
    pub(super) policy: PolicyId,
}

/// Who may enter, as the second step says it.
#[derive(Debug, Clone)]
pub(super) struct Entering {
    pub(super) whom: Whom,
    pub(super) asks: Asks,
}

#[derive(Debug, Clone)]
pub(super) enum Whom {
    Everybody,
    Group(GroupName),
    /// A group that is made with it, and who is in it as files write that.
    New(GroupName, Vec<String>),
}

/// What is asked of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    Any,
    Strong,
    Today,
}

impl Draft {
    /// What of these fields is known; the rest is nobody's.
    pub(super) fn of(mut fields: Fields) -> Self {
        fields.retain(|name, text| {
            (OF_WHERE.contains(&name.as_str()) || OF_WHO.contains(&name.as_str())) && !text.trim().is_empty()
        });
        Self(fields)
    }

    pub(super) fn get(&self, name: &str) -> &str {
        said(&self.0, name).unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The address of a step with all that was typed.
    pub(super) fn url(&self, step: &str) -> String {
        let fields = self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let query = fields.chain([("step", step)]).map(|(name, text)| format!("{name}={}", encoded(text)));
        format!("/apps/new?{}", query.collect::<Vec<_>>().join("&"))
    }

    /// What other steps asked for, for the form of one.
    pub(super) fn carried(&self, without: &[&str]) -> Markup {
        html! {
            @for (name, text) in self.0.iter().filter(|(name, _)| !without.contains(&name.as_str())) {
                input type="hidden" name=(name) value=(text);
            }
        }
    }

    /// Leaves out a host that was only suggested, for a name that is another by now.
    pub(super) fn forget_suggested(&mut self, was: Option<&str>, domain: &str) {
        if let Some(was) = was
            && was != self.get(NAME)
            && self.get(HOST) == format!("{was}.{domain}")
        {
            self.0.remove(HOST);
        }
    }

    /// Fills in what follows from the rest: a name from that of the server, a host from the name.
    pub(super) fn suggest(&mut self, domain: &str) {
        if self.get(NAME).is_empty()
            && let Ok(upstream) = self.get(UPSTREAM).parse::<Upstream>()
            && let Some(name) = called(&upstream)
        {
            self.0.insert(NAME.to_owned(), name);
        }
        let name = self.get(NAME).to_owned();
        if self.get(HOST).is_empty() && name.parse::<AppName>().is_ok() {
            self.0.insert(HOST.to_owned(), format!("{name}.{domain}"));
        }
    }

    /// The app, if all of the first step is in order.
    pub(super) fn place(
        &self,
        words: Words,
        (world, policies): (&World, &Entries),
    ) -> Result<Place, Problems> {
        let mut problems = Problems::new();
        let mut wrong = |field, problem: String| problems.push((field, problem));
        let upstream = self.get(UPSTREAM).parse::<Upstream>();
        if upstream.is_err() {
            let said =
                if self.get(UPSTREAM).is_empty() { "protect-no-server" } else { "protect-server-form" };
            wrong(UPSTREAM, words.say(said));
        }
        let (name, policy) = (self.get(NAME).parse::<AppName>(), policy_of(self.get(NAME)));
        let problem = name_problem(words, (world, policies), self.get(NAME));
        let named_wrong = problem.is_some();
        if let Some(problem) = problem {
            wrong(NAME, problem);
        }
        let host = self.get(HOST);
        let suggested = domain(world).is_some_and(|domain| host == format!("{}.{domain}", self.get(NAME)));
        // Of a host that follows from a name that is wrong, nothing more is to be said.
        if let Some(problem) = host_problem(words, world, host).filter(|_| !named_wrong || !suggested) {
            wrong(HOST, problem);
        }
        let ca = Some(self.get(CA)).filter(|ca| !ca.is_empty()).map(|ca| ca.replace("\r\n", "\n"));
        match &ca {
            Some(ca) if ca.len() > MOST_CA => wrong(CA, words.say("protect-ca-long")),
            Some(ca) if !has_certificate(ca) => wrong(CA, words.say("protect-ca-form")),
            Some(_) | None => {}
        }
        let plaintext = !self.get(PLAINTEXT).is_empty();
        if let Ok(upstream) = &upstream
            && goes_in_clear(upstream)
            && !plaintext
        {
            wrong(PLAINTEXT, words.say("protect-plaintext-refused"));
        }
        match (upstream, name, policy) {
            (Ok(upstream), Ok(name), Some(policy)) if problems.is_empty() => Ok(Place {
                name,
                host: host.to_owned(),
                upstream,
                ca,
                pass_host: self.get(OWN_NAME).is_empty(),
                plaintext,
                policy,
            }),
            _ => Err(problems),
        }
    }

    /// Who may enter, if all of the second step is in order.
    pub(super) async fn entering(
        &self,
        words: Words,
        (world, api): (&World, &Api),
    ) -> Result<Result<Entering, Problems>, Failure> {
        let asks = match self.get(ASKS) {
            ANY => Asks::Any,
            TODAY => Asks::Today,
            _ => Asks::Strong,
        };
        let mut problems = Problems::new();
        let whom = match self.get(WHOM) {
            EVERYBODY => Whom::Everybody,
            NEW => {
                let group = self.get(GROUP);
                let name = group.parse::<GroupName>().ok();
                match &name {
                    None => problems.push((GROUP, words.say("protect-group-form"))),
                    Some(name) if world.group(name).is_some() => {
                        problems.push((GROUP, words.with("protect-group-taken", &[("name", group.into())])));
                    }
                    Some(_) => {}
                }
                let members = match members(self.get(MEMBERS), words, (world, api)).await? {
                    Ok(members) => members,
                    Err(problem) => {
                        problems.push((MEMBERS, problem));
                        Vec::new()
                    }
                };
                match name {
                    Some(name) => Whom::New(name, members),
                    None => return Ok(Err(problems)),
                }
            }
            other => match other.strip_prefix("group:").and_then(|name| name.parse::<GroupName>().ok()) {
                Some(name) if name.as_str() == ADMINS || world.group(&name).is_some() => Whom::Group(name),
                Some(_) | None => return Ok(Err(vec![(WHOM, words.say("protect-no-whom"))])),
            },
        };
        Ok(if problems.is_empty() { Ok(Entering { whom, asks }) } else { Err(problems) })
    }
}

impl Place {
    /// What is looked at.
    pub(super) fn look(&self) -> Look {
        Look {
            upstream: self.upstream.clone(),
            host: self.host.clone(),
            pass_host: self.pass_host,
            ca: self.ca.clone(),
        }
    }
}

fn name_problem(words: Words, (world, policies): (&World, &Entries), name: &str) -> Option<String> {
    let (Ok(app), Some(policy)) = (name.parse::<AppName>(), policy_of(name)) else {
        return Some(words.say("protect-name-form"));
    };
    if RESERVED.contains(&name) {
        Some(words.with("protect-name-reserved", &[("name", name.into())]))
    } else if world.app(&app).is_some() {
        Some(words.with("protect-name-taken", &[("name", name.into())]))
    } else if policies.contains_key(policy.as_str()) {
        Some(words.with("protect-policy-taken", &[("policy", policy.as_str().into())]))
    } else {
        None
    }
}

fn policy_of(name: &str) -> Option<PolicyId> {
    format!("{name}-access").parse().ok()
}

/// What a server is called where it is: the first part of its name, unless that says nothing.
fn called(upstream: &Upstream) -> Option<String> {
    let host = upstream.host();
    let first = host.split('.').next().filter(|first| !first.is_empty() && *first != "localhost")?;
    (host.parse::<IpAddr>().is_err() && !["www", "web"].contains(&first)).then(|| first.to_owned())
}

/// The domain of a deployment.
pub(super) fn domain(world: &World) -> Option<String> {
    let auth: AppName = "auth".parse().ok()?;
    world.app(&auth)?.host.strip_prefix("auth.").map(str::to_owned)
}

fn host_problem(words: Words, world: &World, host: &str) -> Option<String> {
    if host.is_empty() {
        return Some(words.say("protect-no-host"));
    }
    if !is_host(host) {
        return Some(words.say("protect-host-form"));
    }
    let own = domain(world).is_some_and(|domain| {
        host == domain || RESERVED.iter().any(|name| host == format!("{name}.{domain}"))
    });
    if own {
        return Some(words.with("protect-host-own", &[("host", host.into())]));
    }
    let taken = world.app_by_host(host)?;
    let values = [("host", host.into()), ("app", taken.name.as_str().into())];
    Some(words.with("protect-host-taken", &values))
}

/// Reads who is in a new group, as people write it: logins and groups, with blanks or commas between.
async fn members(
    text: &str,
    words: Words,
    (world, api): (&World, &Api),
) -> Result<Result<Vec<String>, String>, Failure> {
    let named: Vec<&str> = text.split([',', ';', ' ', '\t']).filter(|name| !name.is_empty()).collect();
    if named.is_empty() {
        return Ok(Err(words.say("protect-no-members")));
    }
    if named.len() > MOST_MEMBERS {
        return Ok(Err(words.say("protect-many-members")));
    }
    let mut members = Vec::with_capacity(named.len());
    for name in named {
        let (login, group) = match name.split_once(':') {
            Some(("user", login)) => (Some(login), None),
            Some(("group", group)) => (None, Some(group)),
            Some(_) | None => (Some(name), Some(name)),
        };
        let group = group.and_then(|group| group.parse::<GroupName>().ok());
        let group = group.filter(|group| world.group(group).is_some());
        let login = match login {
            Some(login) => api.people.find(login).await?.map(|_id| login),
            None => None,
        };
        match (login, group) {
            (Some(login), None) => members.push(format!("user:{login}")),
            (None, Some(group)) => members.push(format!("group:{group}")),
            (Some(_), Some(_)) => return Ok(Err(words.with("protect-both", &[("name", name.into())]))),
            (None, None) => return Ok(Err(words.with("protect-no-member", &[("name", name.into())]))),
        }
    }
    Ok(Ok(members))
}

/// 4,000 characters of certificates fit into an address with all the rest; more are a matter for files.
const MOST_CA: usize = 4_000;

/// 50 people and groups are written into a line; more are a matter for files.
const MOST_MEMBERS: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_suggested_where_an_address_says_something() {
        for (upstream, name, host) in [
            ("http://wiki.internal:3000", "wiki", "wiki.example.com"),
            ("https://Grafana", "grafana", "grafana.example.com"),
            ("http://127.0.0.1:3000", "", ""),
            ("http://[::1]:3000", "", ""),
            ("http://localhost:3000", "", ""),
            ("https://www.internal", "", ""),
            ("wiki", "", ""),
        ] {
            let mut draft = Draft::of(Fields::from([(UPSTREAM.to_owned(), upstream.to_owned())]));
            draft.suggest("example.com");
            assert_eq!((draft.get(NAME), draft.get(HOST)), (name, host), "{upstream}");
        }
        let typed = [(UPSTREAM, "http://a"), (NAME, "b"), (HOST, "c.d")];
        let mut draft = Draft::of(typed.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
        draft.suggest("example.com");
        assert_eq!((draft.get(NAME), draft.get(HOST)), ("b", "c.d"), "what was typed stays");
    }

    #[test]
    fn addresses_carry_what_was_typed_and_nothing_else() {
        let typed = [(NAME, "a&b=c"), ("evil", "x"), ("csrf", "token"), (HOST, "  ")];
        let draft = Draft::of(typed.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
        assert_eq!(draft.url("who"), "/apps/new?name=a%26b%3Dc&step=who");
        assert_eq!(
            draft.carried(&[]).into_string(),
            "<input type=\"hidden\" name=\"name\" value=\"a&amp;b=c\">"
        );
    }
}
