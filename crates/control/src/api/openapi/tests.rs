use std::collections::BTreeSet;
use std::path::Path;

use bartizan_model::{
    DecisionId, Denial, DenyReason, Outcome, Problem, Remedy, RemedyKind, RequestId, Resource, Revision,
    Subject, UserId,
};
use bartizan_policy::{Condition, Finding, PolicyEffect, Severity, Trace, TracedPolicy};
use serde_json::{Value, json};

use super::*;

fn described() -> Value {
    serde_json::to_value(document()).unwrap()
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push((method.clone(), path.clone(), operation.clone()));
        }
    }
    operations
}

/// Every value of a field of this name, wherever it is.
fn each<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get(name));
            fields.values().for_each(|inner| each(inner, name, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| each(inner, name, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_document_is_openapi_3_1_and_points_nowhere_else() {
    let document = described();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], "Bartizan");
    let mut references = Vec::new();
    each(&document, "$ref", &mut references);
    assert!(references.len() > 50, "{}", references.len());
    for reference in references {
        let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
    // Types of the same name would take each other's place.
    let mut schemas: Vec<(String, Value)> = routes::all()
        .into_iter()
        .flat_map(|route| route.schemas)
        .map(|(name, schema)| (name, serde_json::to_value(schema).unwrap()))
        .collect();
    schemas.sort_by(|a, b| a.0.cmp(&b.0));
    schemas.dedup();
    let names: BTreeSet<&String> = schemas.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), schemas.len());
}

#[test]
fn every_call_is_in_the_document_once_and_whole() {
    let document = described();
    let operations = operations(&document);
    let table: BTreeSet<(String, String)> = routes::all()
        .iter()
        .map(|route| (routes::method_name(&route.method).to_owned(), route.template()))
        .collect();
    assert_eq!(table.len(), routes::all().len(), "no call takes the place of another");
    let written: BTreeSet<(String, String)> =
        operations.iter().map(|(method, path, _)| (method.clone(), path.clone())).collect();
    assert_eq!(written, table);

    let mut ids = BTreeSet::new();
    for (method, path, operation) in &operations {
        let summary = operation["summary"].as_str().unwrap();
        assert!(summary.ends_with('.') && summary.matches(". ").count() == 0, "{method} {path}: {summary}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{method} {path}");
        let in_path: BTreeSet<&str> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let named: BTreeSet<&str> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        assert_eq!(named, in_path, "{method} {path}");
        assert!(parameters.iter().all(|parameter| parameter["schema"].is_object()), "{method} {path}");

        let responses = operation["responses"].as_object().unwrap();
        assert!(["200", "401", "403", "500", "503"].iter().all(|status| responses.contains_key(*status)));
        for (status, response) in responses {
            let problem = response["content"]["application/problem+json"]["schema"]["$ref"].as_str();
            let expected = (status != "200").then_some("#/components/schemas/Problem");
            assert_eq!(problem, expected, "{method} {path} {status}");
        }
        // Without a right stands what says nothing of this deployment, or to somebody who they are.
        let without = ["/api/v1/openapi.json", "/api/v1/whoami"].contains(&path.as_str());
        assert_eq!(operation["description"].is_null(), without, "{method} {path}");
    }
}

#[test]
fn a_change_by_cookie_is_said_to_need_a_proof_and_nothing_else_is() {
    let document = described();
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    assert_eq!(schemes[CSRF]["name"], "Bartizan-Csrf");
    for (method, path, operation) in operations(&document) {
        let ways = operation["security"].as_array().unwrap();
        for way in ways {
            let way = way.as_object().unwrap();
            assert!(way.keys().all(|name| schemes.contains_key(name)));
            assert_eq!(
                way.contains_key(CSRF),
                method != "get" && way.contains_key(COOKIE),
                "{method} {path}"
            );
        }
        assert_eq!(ways.len(), 3);
    }
}

/// What is written has the fields that the schema of this name requires, and none that it does not have.
fn fits(document: &Value, name: &str, written: &Value) {
    let schema = &document["components"]["schemas"][name];
    let all = match schema["allOf"].as_array() {
        Some(parts) => parts.iter().map(|part| whole(document, part)).collect(),
        None => vec![schema.clone()],
    };
    let fields: BTreeSet<&str> = written.as_object().unwrap().keys().map(String::as_str).collect();
    let names = |field: fn(&Value) -> Vec<&str>| all.iter().flat_map(field).collect::<BTreeSet<&str>>();
    let known = names(|part| part["properties"].as_object().unwrap().keys().map(String::as_str).collect());
    let required =
        names(|part| part["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect());
    assert!(fields.is_subset(&known), "{name}: {fields:?} of {known:?}");
    assert!(required.is_subset(&fields), "{name}: {required:?} in {fields:?}");
}

fn whole(document: &Value, schema: &Value) -> Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap().clone(),
        None => schema.clone(),
    }
}

fn values(document: &Value, name: &str) -> Vec<Value> {
    document["components"]["schemas"][name]["enum"].as_array().unwrap().clone()
}

fn written<T: serde::Serialize>(values: &[T]) -> Vec<Value> {
    values.iter().map(|value| serde_json::to_value(value).unwrap()).collect()
}

#[test]
fn what_is_described_here_is_written_so_elsewhere() {
    let document = described();
    let (request_id, subject) = (RequestId::from_bytes([3; 16]), Subject::User(UserId::from_bytes([2; 16])));
    let remedy = Remedy { kind: RemedyKind::Wait, text: String::from("Wait"), url: None, said: None };
    let denial = Denial {
        reason: DenyReason::DeniedByPolicy,
        request_id,
        decision_id: DecisionId::from_bytes([4; 16]),
        revision: Revision::new(1),
        subject,
        resource: Resource::App("wiki".parse().unwrap()),
        remedies: vec![remedy.clone()],
        policies: Vec::new(),
    };
    let problem = serde_json::to_value(Problem::from(&denial)).unwrap();
    fits(&document, "Problem", &problem);
    fits(&document, "Remedy", &json!(remedy));
    fits(&document, "Subject", &problem["subject"]);
    fits(&document, "Resource", &problem["resource"]);
    let finding = Finding {
        file: String::from("a.cedar"),
        line: 1,
        column: 1,
        severity: Severity::Advice,
        message: String::from("What"),
        help: None,
    };
    fits(&document, "Finding", &json!(finding));
    let condition = Condition { text: String::new(), value: String::new(), holds: true };
    let policy = TracedPolicy {
        id: "one".parse().unwrap(),
        effect: PolicyEffect::Permit,
        satisfied: true,
        about: None,
        conditions: vec![condition.clone()],
    };
    fits(&document, "Condition", &json!(condition));
    fits(&document, "TracedPolicy", &json!(policy));
    let trace =
        Trace { outcome: Outcome::Permit, reason: None, revision: Revision::new(1), policies: vec![policy] };
    fits(&document, "Trace", &json!(trace));
    let mut explanation = json!(trace);
    explanation["remedies"] = json!([]);
    fits(&document, "Explanation", &explanation);

    assert_eq!(values(&document, "PolicyEffect"), written(&[PolicyEffect::Permit, PolicyEffect::Forbid]));
    assert_eq!(
        values(&document, "Severity"),
        written(&[Severity::Error, Severity::Warning, Severity::Advice])
    );
    let outcomes = [Outcome::Permit, Outcome::Deny, Outcome::Cut, Outcome::Ok, Outcome::Failed];
    assert_eq!(values(&document, "Outcome"), written(&outcomes));
    for kind in values(&document, "EventKind") {
        assert!(serde_json::from_value::<bartizan_model::EventKind>(kind.clone()).is_ok(), "{kind}");
    }
    for kind in values(&document, "RemedyKind") {
        assert!(serde_json::from_value::<RemedyKind>(kind.clone()).is_ok(), "{kind}");
    }
    for state in values(&document, "UserState") {
        assert!(serde_json::from_value::<bartizan_model::UserState>(state.clone()).is_ok(), "{state}");
    }
}

#[test]
fn the_document_is_the_one_in_the_documentation() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let now = format!("{}\n", document().to_pretty_json().unwrap());
    if std::env::var_os("BARTIZAN_WRITE_DOCS").is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == now,
        "docs/openapi.json differs: BARTIZAN_WRITE_DOCS=1 cargo test -p bartizan-control openapi"
    );
}
