//! People who want something, in a real browser and with the clock running.

use serde_json::json;

use crate::book::{README, World, blocks, commands};
use crate::browser::{drive, run_with};
use crate::demo::Demo;

/// The commands of the README, and the files that it has saved, in its order. Nobody who follows it is told more.
struct Reading {
    world: World,
    steps: Vec<Step>,
    /// How many commands were typed, again or for the first time.
    count: usize,
}

enum Step {
    Type(String),
    Save(String, String),
}

impl Reading {
    fn begin() -> Self {
        let mut steps = Vec::new();
        for block in blocks(README) {
            if let Some(name) = &block.saved_as {
                steps.push(Step::Save(name.clone(), block.text.clone()));
            } else if block.language == "console" {
                steps.extend(commands(&block).into_iter().map(|command| Step::Type(command.text)));
            }
        }
        steps.reverse();
        Self { world: World::new(), steps, count: 0 }
    }

    /// Does what comes next up to the next command, and says what that prints.
    fn next(&mut self) -> String {
        loop {
            match self.steps.pop().expect("the README goes on") {
                Step::Save(name, text) => self.world.save(&name, &text),
                Step::Type(command) => return self.typed(&command),
            }
        }
    }

    fn typed(&mut self, command: &str) -> String {
        self.count += 1;
        let ran = self.world.run(command);
        assert_eq!(ran.code, 0, "`{command}`: {}", ran.said);
        ran.said
    }
}

#[test]
fn a_stranger_has_an_app_of_their_own_and_a_denial_explained_within_five_minutes() {
    let mut reading = Reading::begin();
    let given = json!({
        "journey": "stranger", "domain": "bartizan.localhost", "port": reading.world.port(), "ca": reading.world.path("ca.pem"),
    });
    drive("journeys", given, |asked| match asked.split_once(' ') {
        Some(("NEXT", "the demo")) => {
            let said = reading.next();
            std::fs::copy(reading.world.option("--ca"), reading.world.path("ca.pem")).unwrap();
            // A table: person, password, and what they are.
            let rows = said.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
            let people = rows.filter_map(|row| match row.as_slice() {
                [name @ ("ada" | "bob" | "eve"), password, ..] => Some(((*name).to_owned(), json!(password))),
                _ => None,
            });
            serde_json::Value::Object(people.collect()).to_string()
        }
        Some(("NEXT", _)) => reading.next(),
        Some(("CODE", name)) => reading.typed(&format!("target/release/bartizan demo code {name}")),
        _ => {
            assert!(reading.count <= 6, "{} commands are too many", reading.count);
            reading.count.to_string()
        }
    });
}

#[test]
fn whoever_is_denied_is_back_at_work_by_the_way_that_the_page_shows() {
    run_with(&Demo::start(), "journeys", json!({ "journey": "denied" }));
}

#[test]
fn from_a_request_id_to_the_condition_that_failed_it_is_three_clicks_at_most() {
    run_with(&Demo::start(), "journeys", json!({ "journey": "administrator" }));
}
