//! A demo with a past: what the overview shows of it is what the log has, and each decision in it can be explained.

use std::collections::BTreeMap;

use serde_json::Value;
use tempfile::TempDir;

use crate::cookies::Browser;
use crate::demo::Demo;
use crate::http::block_on;

fn with_past(days: &str) -> (TempDir, Demo) {
    let dir = tempfile::tempdir().unwrap();
    let demo = Demo::start_in(dir.path(), &["--past", days]);
    (dir, demo)
}

/// Events about apps, which are not our own hosts, as `log search` finds them; it must find fewer than it may.
fn searched(demo: &Demo, since: &str, until: &str, filter: &[&str]) -> Vec<Value> {
    let args = [&["log", "search", "--since", since, "--until", until, "--limit", "1000", "--json"], filter];
    let output = demo.cli(&args.concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let found: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(found.len() < 1000, "the rest would be missing");
    let own = |event: &Value| {
        let name = event["resource"]["name"].as_str();
        event["resource"]["type"] != "App" || ["auth", "console"].map(Some).contains(&name)
    };
    found.into_iter().filter(|event| !own(event)).collect()
}

/// What a link leads to: the fields of its query.
fn query(link: &str) -> BTreeMap<String, String> {
    let (_, query) = link.split_once('?').unwrap();
    let fields = query.split("&amp;").map(|field| field.split_once('=').unwrap());
    fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The texts between two others.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> Vec<&'a str> {
    text.split(begin).skip(1).filter_map(|rest| rest.split_once(end)).map(|(found, _)| found).collect()
}

/// The rows of the chart's table: of each the links and the numbers, in the order of its columns.
fn rows(page: &str) -> Vec<Vec<(Option<String>, String)>> {
    let (_, table) = page.split_once("Show as table").unwrap();
    let (table, _) = table.split_once("</table>").unwrap();
    let cells = |row: &str| {
        let cell = |cell: &str| {
            let text = between(&format!(">{cell}<"), ">", "<").concat();
            (between(cell, "href=\"", "\"").first().map(|link| (*link).to_owned()), text)
        };
        row.split("<td").skip(1).map(cell).collect::<Vec<_>>()
    };
    table.split("<tr").map(cells).filter(|cells| !cells.is_empty()).collect()
}

fn number(text: &str) -> usize {
    // What comes before the text of a cell are its attributes.
    let digits = text.rsplit('>').next().unwrap().replace(',', "");
    digits.parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

#[test]
fn the_overview_counts_what_the_log_has_and_its_columns_lead_there() {
    let (_dir, demo) = with_past("7");
    // The last decision of the start: once it is found, so is all before it.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while searched(&demo, "2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z", &["--user", "eve", "--app", "wiki"])
        .is_empty()
    {
        assert!(std::time::Instant::now() < deadline, "the index of the log does not catch up");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let page = ada.go("console", "/?span=7d").await;
        assert_eq!(page.answer.status, 200, "{}", page.text());
        let text = page.text();
        assert!(text.contains("<svg viewBox=") && text.contains("Tess Halloran"), "{text}");

        // Each number of the table is how many events the log has, and the first row has their sums.
        let rows = rows(&text);
        let (sums, spans) = rows.split_first().unwrap();
        assert!(spans.len() > 10, "{}", spans.len());
        let mut counted = [0; 4];
        for row in spans {
            let within = query(row[0].0.as_ref().unwrap());
            let (since, until) = (&within["since"], &within["until"]);
            let decisions = searched(&demo, since, until, &["--kind", "decision"]);
            let cuts = searched(&demo, since, until, &["--kind", "grant.end", "--outcome", "cut"]);
            let better = |event: &&Value| {
                ["sign_in_required", "step_up_required"].map(Some).contains(&event["reason"].as_str())
            };
            let permitted = decisions.iter().filter(|event| event["outcome"] == "permit").count();
            let stepped_up = decisions.iter().filter(better).count();
            let denied = decisions.len() - permitted - stepped_up;
            let found = [permitted, stepped_up, denied, cuts.len()];
            for (at, found) in found.into_iter().enumerate() {
                assert_eq!(number(&row[at + 1].1), found, "{since}, column {at}");
                counted[at] += found;
            }
        }
        let sums: Vec<usize> = sums[1..].iter().map(|(_, sum)| number(sum)).collect();
        assert_eq!(sums, counted);
        assert!(counted.into_iter().all(|count| count > 0), "{counted:?}");

        // A column leads to its decisions, and a number to those that it counts.
        let columns = between(&text, "<ol class=\"spans\">", "</ol>").concat();
        let links = between(&columns, "<a href=\"", "\"");
        assert_eq!(links.len(), spans.len());
        let listed = async |ada: &mut Browser, link: &str| {
            let page = ada.go("console", &link.replace("&amp;", "&")).await.text();
            page.matches("<tr role=\"row\">").count() - 1
        };
        let few = |row: &&Vec<(Option<String>, String)>| {
            let all: usize = row[1..4].iter().map(|(_, count)| number(count)).sum();
            (2..50).contains(&all) && number(&row[1].1) > 0
        };
        assert!(spans.iter().any(|row| few(&row)));
        for row in spans.iter().filter(few).take(3) {
            let link = row[0].0.as_ref().unwrap();
            assert!(links.contains(&link.as_str()), "{link}");
            let all: usize = row[1..4].iter().map(|(_, count)| number(count)).sum();
            assert_eq!(listed(&mut ada, link).await, all, "{link}");
            let permitted = row[1].0.as_ref().unwrap();
            assert_eq!(listed(&mut ada, permitted).await, number(&row[1].1), "{permitted}");
        }
        let cut = spans.iter().find(|row| number(&row[4].1) > 0).unwrap();
        assert_eq!(listed(&mut ada, cut[4].0.as_ref().unwrap()).await, number(&cut[4].1));
    });
}

#[test]
fn decisions_of_the_past_are_explained_as_they_were_and_are_in_a_log_that_verifies() {
    let (_dir, demo) = with_past("7");
    let since = "2020-01-01T00:00:00Z";
    let until = "2100-01-01T00:00:00Z";
    for reason in
        ["denied_by_policy", "session_ended", "risk_too_high", "subject_disabled", "step_up_required"]
    {
        let events = searched(&demo, since, until, &["--kind", "decision", "--reason", reason]);
        // Which of them a week has depends on its days; those of what went wrong are in each.
        let Some(event) = events.first() else {
            assert!(["session_ended", "step_up_required"].contains(&reason), "there is no {reason}");
            continue;
        };
        let why = demo.json(&["why", event["decision_id"].as_str().unwrap()]);
        assert_eq!((&why["outcome"], &why["reason"]), (&event["outcome"], &event["reason"]), "{why}");
        // Nothing had to be assumed: all that it was decided on is there.
        assert_eq!(why.get("notes"), None, "{why}");
        assert_eq!(why["revision"], event["revision"]);
    }
    let cut = searched(&demo, since, until, &["--outcome", "cut"]);
    assert!(cut.len() >= 4, "{cut:?}");
    let risky = cut.iter().find(|event| event["reason"] == "risk_too_high").unwrap();
    assert!(cut.iter().any(|event| event["reason"] == "subject_disabled"));
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let page = ada.go("console", &format!("/decisions/{}", risky["decision_id"].as_str().unwrap())).await;
        assert!(page.answer.status == 200 && page.plain().contains("Noor El-Amin"), "{}", page.text());
        // Nobody of the past is signed in, and one of them is disabled.
        let sessions = demo.json(&["session", "list"]);
        assert!(
            sessions
                .as_array()
                .unwrap()
                .iter()
                .all(|session| { ["ada", "bob", "eve"].contains(&session["user"].as_str().unwrap()) })
        );
        let users = demo.json(&["user", "list"]);
        let state = |name: &str| {
            let user = users.as_array().unwrap().iter().find(|user| user["name"] == name).unwrap();
            user["state"].as_str().unwrap().to_owned()
        };
        assert_eq!((state("viktor"), state("noor")), (String::from("disabled"), String::from("active")));
    });
    assert_eq!(demo.json(&["log", "verify"])["ok"], true);
}

#[test]
fn a_script_gets_a_demo_without_a_past_and_a_folder_keeps_the_one_that_it_has() {
    let dir = tempfile::tempdir().unwrap();
    let people = |demo: &Demo| demo.json(&["user", "list"]).as_array().unwrap().len();
    let demo = Demo::start_in(dir.path(), &[]);
    assert_eq!(people(&demo), 3);
    assert!(demo.interrupt());
    // There was a demo in it, so it gets none, and one that is there does not come twice.
    let demo = Demo::start_in(dir.path(), &["--past", "7"]);
    assert_eq!(people(&demo), 3);
    drop(demo);
    let (other, demo) = with_past("2");
    assert_eq!(people(&demo), 15);
    assert!(demo.interrupt());
    let demo = Demo::start_in(other.path(), &["--past", "2"]);
    assert_eq!(people(&demo), 15);
    assert_eq!(demo.json(&["log", "verify"])["ok"], true);
}
