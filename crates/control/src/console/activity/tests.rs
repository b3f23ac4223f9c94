use bartizan_ui::{Language, Page, lint, person_layout};

use super::*;
use crate::console::texts::CATALOG;

fn now() -> Timestamp {
    "2026-03-11T15:31:00Z".parse().unwrap()
}

fn count(at: &str, outcome: Outcome, reason: Option<&str>, count: u64) -> Count {
    Count { at: at.parse().unwrap(), app: None, outcome, reason: reason.map(str::to_owned), count }
}

fn page(activity: &Activity, language: Language) -> String {
    let words = CATALOG.words(language);
    let content =
        html! { h1 { "Title" } (activity.spans(words)) (activity.chart(words)) (activity.reasons(words)) };
    let page = Page::new("Title", person_layout(&content, &html! {})).render();
    assert_eq!(lint::faults(&page), Vec::<String>::new());
    page.html
}

#[test]
fn columns_end_on_the_clock_after_now_and_fill_the_span() {
    for (span, since, until, step) in [
        (Span::Day, "2026-03-10T16:00:00Z", "2026-03-11T16:00:00Z", 1800),
        (Span::Week, "2026-03-04T18:00:00Z", "2026-03-11T18:00:00Z", 3 * 3600),
        (Span::Month, "2026-02-10T00:00:00Z", "2026-03-12T00:00:00Z", 86_400),
    ] {
        let tally = Activity::new(span, false, now()).tally();
        assert_eq!((tally.since, tally.until), (since.parse().unwrap(), until.parse().unwrap()));
        assert_eq!((tally.step, tally.hosts), (Some(Duration::from_secs(step)), Hosts::Apps));
    }
    assert_eq!(Activity::new(Span::Day, true, now()).tally().hosts, Hosts::All);
}

#[test]
fn our_own_hosts_are_the_same_to_what_counts_and_to_what_lists() {
    assert_eq!(bartizan_evidence::OWN_APPS, crate::files::RESERVED);
}

#[test]
fn a_span_is_asked_for_by_its_code() {
    let asked = |code: &str| Span::asked(&Fields::from([(String::from("span"), String::from(code))]));
    let codes = ["24h", "7d", "30d", "x"].map(asked);
    assert_eq!(codes, [Span::Day, Span::Week, Span::Month, Span::Day]);
}

#[test]
fn numbers_lead_to_the_list_of_what_they_count() {
    let at = "2026-03-11T14:30:00Z";
    let counts = vec![
        count(at, Outcome::Permit, None, 1_200),
        count(at, Outcome::Deny, Some("sign_in_required"), 4),
        count(at, Outcome::Deny, Some("denied_by_policy"), 2),
        count(at, Outcome::Deny, Some("risk_too_high"), 1),
        count("2026-03-11T15:00:00Z", Outcome::Cut, Some("risk_too_high"), 1),
    ];
    let activity = Activity::new(Span::Day, false, now()).with(counts);
    let html = page(&activity, Language::English);
    let within = "/decisions?since=2026-03-11T14:30:00Z&amp;until=2026-03-11T15:00:00Z";
    for said in [
        format!(
            "href=\"{within}\" title=\"Wed 11, 14:30–15:00 UTC: 1,200 permitted, 4 asked for a better sign-in, 3 denied\""
        ),
        format!("<a href=\"{within}&amp;outcome=permit\">1,200</a>"),
        // One reason tells its list from others; of two, both are in one list.
        format!("<a href=\"{within}&amp;outcome=deny&amp;reason=sign_in_required\">4</a>"),
        format!("<a href=\"{within}&amp;outcome=deny\">3</a>"),
        String::from("until=2026-03-11T15:30:00Z&amp;outcome=cut\" title="),
        String::from(
            "since=2026-03-10T16:00:00Z&amp;until=2026-03-11T16:00:00Z&amp;outcome=deny&amp;reason=denied_by_policy\">2</a>",
        ),
    ] {
        assert!(html.contains(&said), "{said}\n{html}");
    }
    let german = page(&activity, Language::German);
    assert!(german.contains("Mi 11., 14:30–15:00 UTC: 1.200 erlaubt, "), "{german}");
}

#[test]
fn what_a_point_made_up_as_a_reason_changes_no_link() {
    let reason = Some("x&limit=1\"><script>");
    let counts = vec![count("2026-03-11T14:30:00Z", Outcome::Deny, reason, 1)];
    let html = page(&Activity::new(Span::Week, true, now()).with(counts), Language::French);
    assert!(!html.contains("limit=1") || !html.contains("reason=x"), "{html}");
    assert!(!html.contains("<script>") && html.contains("&amp;outcome=deny&amp;hosts=all\""), "{html}");
}

#[test]
fn where_nothing_was_decided_the_page_says_what_would_be_here() {
    let html = page(&Activity::new(Span::Month, false, now()), Language::English);
    assert!(
        html.contains("Nothing was decided about an app in this time.") && !html.contains("<svg viewBox")
    );
}
