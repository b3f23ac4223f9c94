use std::time::Duration;

use super::*;
use crate::{Align, Column, Outcome, Page, Rendered, Table, id_chip, lint, outcome_badge, time};

fn places() -> Vec<Vec<ShellLink<'static>>> {
    let groups: [&[(&str, &str)]; 3] = [
        &[("Overview", "/"), ("Decisions", "/decisions"), ("Sessions", "/sessions")],
        &[("People", "/people"), ("Apps", "/apps")],
        &[("Points", "/points"), ("Log", "/log")],
    ];
    let link = |(name, url): &(&str, &'static str)| ShellLink { name: (*name).to_owned(), url };
    groups.iter().map(|group| group.iter().map(link).collect()).collect()
}

fn page(lag: Lag, rows: Vec<Vec<Markup>>) -> Rendered {
    let shell = Shell {
        places: places(),
        here: "/decisions",
        revision: 4182,
        lag,
        person: "Ann Berg",
        account_url: "https://auth.test/account",
    };
    let table = Table {
        caption: "Decisions",
        columns: &[
            Column { name: "When", align: Align::Start },
            Column { name: "Outcome", align: Align::Start },
            Column { name: "Person", align: Align::Start },
            Column { name: "Path", align: Align::Start },
            Column { name: "µs", align: Align::End },
            Column { name: "Request", align: Align::Start },
        ],
        rows,
        empty: html! { "Decisions show here as they are made. Open an app to make the first one." },
    };
    Page::new("Decisions", shell.markup("Decisions", &table.markup())).copies().render()
}

fn rows() -> Vec<Vec<Markup>> {
    let outcomes = [
        (Outcome::Permit, "permitted", PersonState::Active),
        (Outcome::StepUp, "step_up_required", PersonState::Active),
        (Outcome::Deny, "denied_by_policy", PersonState::Disabled),
        (Outcome::Cut, "session_ended", PersonState::Active),
    ];
    (1..)
        .zip(outcomes)
        .map(|(n, (outcome, reason, state))| {
            vec![
                time("2026-11-24T12:00:00Z", Duration::from_secs(n * 50)),
                outcome_badge(outcome, Some(reason)),
                person_chip("Bob Lindgren", state),
                html! { code { "/pages/" (n) } },
                html! { (n * 37) },
                id_chip("0192f0c1-2b3c-7d4e-8f50-112233445566", Some("/decisions/1")),
            ]
        })
        .collect()
}

#[test]
fn the_frame_keeps_what_pages_have_to_keep() {
    for (name, page) in
        [("console", page(Lag::None, rows())), ("console_empty", page(Lag::Behind, Vec::new()))]
    {
        assert_eq!(lint::faults(&page), Vec::<String>::new(), "{name}");
        // To look at them: BARTIZAN_PAGES=<folder> cargo test -p bartizan-ui frame
        if let Some(folder) = option_env!("BARTIZAN_PAGES") {
            std::fs::write(std::path::Path::new(folder).join(format!("{name}.html")), page.html).unwrap();
        }
    }
}

#[test]
fn the_place_that_is_shown_is_marked() {
    let html = page(Lag::None, Vec::new()).html;
    assert!(html.contains("href=\"/decisions\" aria-current=\"page\""));
    assert!(!html.contains("href=\"/people\" aria-current"));
}
