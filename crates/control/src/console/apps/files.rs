//! What is made of the answers: object files, exactly those that `bartizan apply` would be given.

use bartizan_ui::Words;
use serde::Serialize;

use super::draft::{Asks, Entering, Place, Whom};

/// The files, each by name.
pub(super) fn files(words: Words, place: &Place, entering: &Entering) -> [(String, String); 2] {
    let name = place.name.as_str();
    let group = match &entering.whom {
        Whom::New(name, members) => vec![Group { name: name.as_str(), members }],
        Whom::Group(_) | Whom::Everybody => Vec::new(),
    };
    let app = App {
        name,
        host: &place.host,
        upstream: place.upstream.to_string(),
        pass_host: (!place.pass_host).then_some(false),
        upstream_plaintext: place.plaintext.then_some("accepted"),
        ca: place.ca.as_deref(),
    };
    let objects = Objects { app: [app], group };
    // Texts and lists of texts always have a form in TOML.
    let objects = toml::to_string(&objects).unwrap_or_default();
    [(format!("{name}.toml"), objects), (format!("{name}.cedar"), policy(words, place, entering))]
}

#[derive(Serialize)]
struct Objects<'a> {
    app: [App<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    group: Vec<Group<'a>>,
}

#[derive(Serialize)]
struct App<'a> {
    name: &'a str,
    host: &'a str,
    upstream: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pass_host: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream_plaintext: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca: Option<&'a str>,
}

#[derive(Serialize)]
struct Group<'a> {
    name: &'a str,
    members: &'a [String],
}

fn policy(words: Words, place: &Place, entering: &Entering) -> String {
    let Place { name, policy, .. } = place;
    let values = |group: &str| [("group", group.to_owned()), ("app", name.to_string())];
    let said = |id: &'static str, group: &str| {
        let values = values(group);
        words.with(id, &values.each_ref().map(|(name, text)| (*name, text.into())))
    };
    let (principal, who) = match &entering.whom {
        Whom::Everybody => (String::from("principal is User"), said("protect-reason-everybody", "")),
        Whom::Group(group) | Whom::New(group, _) => {
            (format!("principal in Group::\"{group}\""), said("protect-reason-group", group.as_str()))
        }
    };
    let (when, how) = match entering.asks {
        Asks::Any => (String::new(), String::new()),
        Asks::Strong => (
            String::from("\nwhen { context.session.level == \"strong\" }"),
            words.say("protect-reason-strong"),
        ),
        Asks::Today => (
            format!(
                "\nwhen {{ context.session.level == \"strong\" && context.session.mfa_age < {WORKING_DAY} }}"
            ),
            words.say("protect-reason-today"),
        ),
    };
    format!(
        "@id(\"{policy}\")\n@reason(\"{who}{how}\")\n\
         permit ({principal}, action in Action::\"http\", resource == App::\"{name}\"){when};\n"
    )
}

/// 8 hours, in seconds.
const WORKING_DAY: u32 = 28_800;

#[cfg(test)]
mod tests {
    use bartizan_policy::Engine;
    use bartizan_ui::Language;

    use super::super::super::texts::CATALOG;
    use super::*;
    use crate::files::Files;

    fn place() -> Place {
        Place {
            name: "wiki".parse().unwrap(),
            host: String::from("wiki.example.com"),
            upstream: "http://10.0.0.7:3000".parse().unwrap(),
            ca: None,
            pass_host: false,
            plaintext: true,
            policy: "wiki-access".parse().unwrap(),
        }
    }

    #[test]
    fn what_is_made_are_files_in_order_in_every_language() {
        let new = Whom::New(
            "wiki-people".parse().unwrap(),
            vec![String::from("user:ann"), String::from("group:ops")],
        );
        for language in Language::ALL {
            for whom in [Whom::Everybody, Whom::Group("ops".parse().unwrap()), new.clone()] {
                for asks in [Asks::Any, Asks::Strong, Asks::Today] {
                    let entering = Entering { whom: whom.clone(), asks };
                    let files = files(CATALOG.words(language), &place(), &entering);
                    let read = Files::read(&files).unwrap_or_else(|wrong| panic!("{wrong:?} in {files:?}"));
                    assert_eq!(read.apps.len(), 1);
                    assert_eq!(read.groups.len(), usize::from(matches!(whom, Whom::New(..))));
                    let policies: Vec<_> = read.policies.into_values().collect();
                    let engine = Engine::compile(Default::default(), &policies, None).unwrap();
                    assert_eq!(engine.findings(), [], "{files:?}");
                }
            }
        }
    }

    #[test]
    fn they_read_as_people_write_them() {
        let words = CATALOG.words(Language::English);
        let entering = Entering {
            whom: Whom::New("wiki-people".parse().unwrap(), vec![String::from("user:ann")]),
            asks: Asks::Today,
        };
        let [(toml, objects), (cedar, policy)] = files(words, &place(), &entering);
        assert_eq!((toml.as_str(), cedar.as_str()), ("wiki.toml", "wiki.cedar"));
        assert_eq!(
            objects,
            "[[app]]\nname = \"wiki\"\nhost = \"wiki.example.com\"\nupstream = \"http://10.0.0.7:3000\"\n\
             pass_host = false\nupstream_plaintext = \"accepted\"\n\n\
             [[group]]\nname = \"wiki-people\"\nmembers = [\"user:ann\"]\n"
        );
        assert_eq!(
            policy,
            "@id(\"wiki-access\")\n\
             @reason(\"Group wiki-people may open wiki, after a strong sign-in of the last 8 hours\")\n\
             permit (principal in Group::\"wiki-people\", action in Action::\"http\", resource == App::\"wiki\")\n\
             when { context.session.level == \"strong\" && context.session.mfa_age < 28800 };\n"
        );
    }
}
