use std::time::Duration;

use super::*;
use crate::{Align, Column, Outcome, Page, Rendered, Table, id_chip, lint, outcome_badge, time};

fn places() -> Vec<Vec<ShellLink<'static>>> {
    let groups: [&[(&str, &str)]; 3] = [
        &[("Overview", "/"), ("Decisions", "/decisions"), ("Sessions", "/sessions")],
        &[("People", "/people"), ("Apps", "/apps")],
        &[("Points", "/points"), ("Log", "/log")],
    ];
    let link = |(name, url): &(&str, &'static str)| ShellLink { name: (*name).to_owned(), url, key: "x" };
    groups.iter().map(|group| group.iter().map(link).collect()).collect()
}

fn page(language: Language, lag: Lag, rows: Vec<Vec<Markup>>) -> Rendered {
    let shell = Shell {
        language,
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
    Page::new("Decisions", shell.markup("Decisions", &table.markup()))
        .language(language)
        .posts([])
        .finds()
        .render()
}

fn rows(language: Language) -> Vec<Vec<Markup>> {
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
                time("2026-11-24T12:00:00Z", Duration::from_secs(n * 50), language),
                outcome_badge(outcome, Some(reason), language),
                person_chip("Bob Lindgren", state, language),
                html! { code { "/pages/" (n) } },
                html! { (n * 37) },
                id_chip("0192f0c1-2b3c-7d4e-8f50-112233445566", Some("/decisions/1"), language),
            ]
        })
        .collect()
}

#[test]
fn the_frame_keeps_what_pages_have_to_keep() {
    for language in Language::ALL {
        let tag = language.tag();
        for (name, page) in [
            ("console", page(language, Lag::None, rows(language))),
            ("console_empty", page(language, Lag::Behind, Vec::new())),
        ] {
            assert_eq!(lint::faults(&page), Vec::<String>::new(), "{name} {tag}");
            // To look at them: BARTIZAN_PAGES=<folder> cargo test -p bartizan-ui frame
            if let Some(folder) = option_env!("BARTIZAN_PAGES") {
                let file = std::path::Path::new(folder).join(format!("{name}.{tag}.html"));
                std::fs::write(file, page.html).unwrap();
            }
        }
    }
}

#[test]
fn the_place_that_is_shown_is_marked() {
    let html = page(Language::English, Lag::None, Vec::new()).html;
    assert!(html.contains("href=\"/decisions\" data-key=\"x\" aria-current=\"page\""));
    assert_eq!(html.matches("aria-current=\"page\"").count(), 2, "in the rail and in the sheet");
}

#[test]
fn the_parts_speak_the_language_of_the_reader() {
    let html = page(Language::German, Lag::Behind, rows(Language::German)).html;
    for words in ["Holt auf", "Zum Inhalt springen", "Verweigert", "Gesperrt", "vor 1 Minute", "gerade eben"]
    {
        assert!(html.contains(words), "{words}");
    }
    // What the script says is said to it.
    assert!(html.contains("data-copied=\"Kopiert\" data-failed=\"Markieren und kopieren\""));
    for words in ["Catching up", "Denied", "Disabled", " ago", "Copied", ">Copy<"] {
        let body = html.split("<script>").next().unwrap();
        assert!(!body.contains(words), "{words}");
    }
}
