//! Policy tests, run against the text and the people and apps that there are. They are not kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use bartizan_policy::Finding;
use bartizan_ui::{Icon, Words, icon};
use maud::{Markup, html};

use super::Draft;
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadPeople};
use crate::console::frame::Frame;
use crate::console::words::many;
use crate::files::{Supposed, policy_cases};

/// What came of them.
#[derive(Debug)]
pub(super) struct Cases {
    /// Each by its name, with what is not as expected; else what is wrong with how they are written.
    ran: Result<Vec<(String, Option<Finding>)>, Vec<Finding>>,
}

/// Runs them. Who asks in them is whoever has the name.
pub(super) async fn run(
    _people: &Admitted<ReadPeople>,
    api: &Arc<Api>,
    words: Words,
    draft: &Draft,
    text: &str,
) -> Result<Cases, Failure> {
    let cases = if text.len() > MAX_TEXT {
        Err(vec![too_many(words)])
    } else {
        policy_cases(FILE, text)
            .and_then(|cases| if cases.len() > MAX_CASES { Err(vec![too_many(words)]) } else { Ok(cases) })
    };
    let cases = match cases {
        Ok(cases) => cases,
        Err(findings) => return Ok(Cases { ran: Err(findings) }),
    };
    let mut people = BTreeMap::new();
    for login in cases.iter().filter_map(|case| case.user()) {
        if !people.contains_key(login)
            && let Some(id) = api.people.find(login).await?
        {
            people.insert(login.to_owned(), id);
        }
    }
    let supposed = Supposed { world: draft.directory.world().clone(), people };
    let ran = cases.iter().map(|case| (case.name.clone(), case.run(&draft.after, &supposed))).collect();
    Ok(Cases { ran: Ok(ran) })
}

fn too_many(words: Words) -> Finding {
    Finding {
        file: String::from(FILE),
        line: 1,
        column: 1,
        severity: bartizan_policy::Severity::Error,
        message: words.with("try-too-many", &[("count", many(MAX_CASES).into())]),
        help: None,
    }
}

impl Cases {
    pub(super) fn markup(&self, frame: &Frame) -> Markup {
        let words = frame.words;
        let ran = match &self.ran {
            Ok(ran) => ran,
            Err(findings) => {
                return html! {
                    p role="status" { strong { (words.say("try-unread")) } }
                    ul .ways { @for finding in findings { li { (finding) } } }
                };
            }
        };
        let failed = ran.iter().filter(|(_, finding)| finding.is_some()).count();
        let said = [("count", many(ran.len()).into()), ("failed", many(failed).into())];
        html! {
            p role="status" { strong { (words.with(if failed == 0 { "try-passed" } else { "try-failed" }, &said)) } }
            ul .steps {
                @for (name, finding) in ran {
                    li {
                        @match finding {
                            None => {
                                span .permit { (icon(Icon::Permit)) }
                                span { span .unseen { (words.say("try-as-expected")) } (name) }
                            }
                            Some(finding) => {
                                span .deny { (icon(Icon::Deny)) }
                                span { (finding.message) @if let Some(help) = &finding.help { " · " span .muted { (help) } } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What findings call the text of the tests.
const FILE: &str = "tests.test.toml";

/// 200 tests, with some queries of the store each.
const MAX_CASES: usize = 200;

/// 64 KiB, as much as a policy may have.
const MAX_TEXT: usize = 64 * 1024;
