//! The pages about points on other machines.

use bartizan_model::AppName;

use super::*;
use crate::api::points::{Asks, Made, Shown as Point};
use crate::error::Error;
use crate::points::PointRole;

fn point(name: &str) -> Point {
    Point {
        id: format!("id-of-{name}"),
        name: name.to_owned(),
        role: PointRole::Gateway.as_str(),
        scope: None,
        joined: now(),
        connected: true,
        revision: Some(Revision::new(60)),
        lag_ms: Some(0),
        lease_ms: Some(29_400),
        backlog: Some(2),
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        live_grants: Some(3),
    }
}

/// One of each standing.
fn all() -> Vec<Point> {
    let only = |apps: &[&str]| Some(apps.iter().map(|app| app.parse::<AppName>().unwrap()).collect());
    vec![
        Point { scope: only(&["payroll", "wiki"]), ..point("fresh") },
        Point { lag_ms: Some(4000), revision: Some(Revision::new(57)), ..point("slow") },
        Point { connected: false, lease_ms: Some(12_100), version: Some("0.0.9".into()), ..point("away") },
        Point { connected: false, lease_ms: None, ..point("out") },
        Point {
            connected: false,
            revision: Some(Revision::new(0)),
            lease_ms: None,
            backlog: None,
            version: Some(String::new()),
            live_grants: Some(0),
            ..point("unheard")
        },
    ]
}

fn view_in(language: Language, listens: bool, points: Vec<Point>) -> points::View {
    points::View { frame: frame_in(language), done: Some(String::from("Done")), listens, points }
}

fn view(listens: bool, points: Vec<Point>) -> points::View {
    view_in(Language::English, listens, points)
}

fn typed(fields: &[(&str, &str)]) -> Fields {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn join_view(listens: bool, fields: &[(&str, &str)], problem: Option<(&'static str, &str)>) -> join::View {
    join::View {
        frame: frame(),
        listens,
        apps: ["pulse", "wiki"].map(str::to_owned).into(),
        typed: typed(fields),
        problem: problem.map(|(field, problem)| (field, problem.to_owned())),
    }
}

#[test]
fn every_page_about_points_keeps_what_pages_have_to_keep() {
    for language in Language::ALL {
        every_page_is_in_order(language);
    }
}

fn every_page_is_in_order(language: Language) {
    let join_view = |listens, fields: &[(&str, &str)], problem| {
        let view = join_view(listens, fields, problem);
        join::View { frame: frame_in(language), ..view }
    };
    for listens in [true, false] {
        for points in [Vec::new(), all()] {
            in_order("points", &points::page(&view_in(language, listens, points)));
        }
        in_order("join", &join::page(&join_view(listens, &[], None)));
    }
    for point in all() {
        in_order("remove", &points::ask_page(&frame_in(language), &point));
    }
    for problem in [("name", "No <name>."), ("scope", "No <app>."), ("", "No <room>.")] {
        let page = join::page(&join_view(true, &[("name", "\"><x>"), ("app:wiki", "on")], Some(problem)));
        in_order("join", &page);
        assert!(!page.html.contains("<x>") && page.html.contains("No &lt;"));
    }
    let made =
        Made { token: String::from("bzj_secret"), name: String::from("gateway-1"), expires: now().plus(TEN) };
    for apps in [Vec::new(), vec![String::from("wiki")]] {
        in_order("made", &join::made_page(&frame_in(language), &apps, &made));
    }
}

const TEN: std::time::Duration = std::time::Duration::from_secs(600);

#[test]
fn how_a_point_stands_is_said_in_words_and_never_better_than_it_is() {
    let html = points::page(&view(true, all())).html;
    for words in [
        "payroll, wiki",
        "every app",
        "Behind</span><span class=\"muted under\">for 4 seconds",
        "3 behind<",
        "decides for 13 s at most",
        "decides nothing",
        "not heard of since the start",
        "0.0.9</span><span class=\"muted under\">control: ",
        "/points/remove?name=id-of-away",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    assert_eq!(html.matches("Up to date</span></td>").count(), 1, "{html}");
    let tally = standing::Tally::of(&all());
    assert_eq!(tally, standing::Tally { up_to_date: 1, behind: 1, away: 3 });
    let line = tally.line(frame().words).into_string();
    assert!(line.contains("5 points on other machines") && line.contains("3 away"), "{line}");
    assert_eq!(
        standing::Tally::default().line(frame().words).into_string(),
        "",
        "without points the line is left out"
    );
}

#[test]
fn how_a_point_stands_is_said_in_the_language_of_the_reader() {
    let html = points::page(&view_in(Language::German, true, all())).html;
    for words in [
        "Im Rückstand</span><span class=\"muted under\">schon 4 Sekunden",
        "entscheidet noch höchstens 13 s",
        "3 zurück<",
        "beigetreten <time",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    let [_, _, away, _, _] = all().try_into().unwrap();
    let html = points::ask_page(&frame_in(Language::Spanish), &away).html;
    assert!(html.contains("3 conexiones abiertas</strong> de allí acabarían con su plazo."), "{html}");
    assert!(html.contains("13 segundos como máximo"), "{html}");
}

#[test]
fn without_a_listener_the_pages_say_what_to_configure_and_offer_no_form() {
    for page in [points::page(&view(false, Vec::new())), join::page(&join_view(false, &[], None))] {
        assert!(page.html.contains("[points]\naddress = &quot;0.0.0.0:8444&quot;"), "{}", page.html);
        assert!(!page.html.contains("/points/join\""), "{}", page.html);
    }
}

#[test]
fn removing_a_point_says_first_what_ends() {
    let html = points::ask_page(&frame(), &point("fresh")).html;
    assert!(html.contains("Remove fresh and cut 3 live streams</button>"), "{html}");
    assert!(html.contains("<input type=\"hidden\" name=\"name\" value=\"id-of-fresh\">"), "{html}");
    let [_, _, away, out, _] = all().try_into().unwrap();
    let own = points::ask_page(&frame(), &away).html;
    assert!(own.contains("until its lease is over: 13 seconds at most"), "{own}");
    assert!(own.contains("3 live streams</strong> there would end with its lease"), "{own}");
    assert!(!html.contains("the answer waits"), "{html}");
    assert!(points::ask_page(&frame(), &out).html.contains("Remove out</button>"));
}

#[test]
fn a_form_asks_for_what_is_ticked_and_keeps_it_when_it_is_refused() {
    let asked =
        join::read(&typed(&[("csrf", "x"), ("name", " eu-1 "), ("app:wiki", "on"), ("app:pulse", "on")]));
    let Ok(Asks { role, scope, name, ttl_seconds }) = asked else { panic!("{asked:?}") };
    assert_eq!((role.as_str(), name.as_deref(), ttl_seconds), ("gateway", Some("eu-1"), Some(600)));
    assert_eq!(scope, Some(vec![String::from("pulse"), String::from("wiki")]));
    let every = join::read(&typed(&[("name", ""), ("ttl_seconds", "3600")])).unwrap();
    assert_eq!((every.scope, every.name, every.ttl_seconds), (None, None, Some(3600)));
    let wrong = join::read(&typed(&[("ttl_seconds", "soon")]));
    assert!(matches!(wrong, Err(Error::Field { name: "ttl_seconds", .. })), "{wrong:?}");

    // An app that is gone stays ticked: dropped, a choice of it alone would have become one of every app.
    let kept = [("name", "eu 1"), ("app:gone", "on"), ("ttl_seconds", "3600")];
    let html = join::page(&join_view(true, &kept, Some(("name", "No.")))).html;
    for words in [
        "value=\"eu 1\"",
        "name=\"app:gone\" value=\"on\" checked",
        "<option value=\"3600\" selected>",
        "aria-describedby=\"name-problem name-hint\"",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
}
