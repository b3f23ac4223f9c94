//! The document of the API, as it is served, against the API.

use std::process::{Command, Stdio};

use http::Method;
use serde_json::Value;

use crate::cookies::Browser;
use crate::demo::Demo;
use crate::http::{Answer, Client, block_on};

const DOCUMENT: &str = "/api/v1/openapi.json";

async fn ask(client: &Client, method: Method, path: &str, token: &str) -> Answer {
    let mut request = client.request("console", path, Some(token));
    *request.method_mut() = method;
    Answer::read(client.send("console", request).await).await
}

#[test]
fn what_the_document_names_is_there_and_nothing_else_is() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    let admin = demo.ready["admin_token"].as_str().unwrap();
    block_on(async {
        let answer = client.get("console", DOCUMENT, Some(admin)).await;
        assert_eq!(
            (answer.status, &answer.headers["content-type"]),
            (200, &"application/json".parse().unwrap())
        );
        let document = answer.json();
        assert_eq!(document["openapi"], "3.1.0");
        let paths = document["paths"].as_object().unwrap();
        assert!(paths.len() >= 30 && paths.contains_key(DOCUMENT), "{}", paths.len());
        let all = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        for (template, item) in paths {
            // Nothing is called that, so nothing is changed.
            let path =
                template.replace("{name}", "nobody-at-all").replace("{id}", "x").replace("{path}", "tile/x");
            for method in &all {
                let answer = ask(&client, method.clone(), &path, admin).await;
                let documented = item.get(method.as_str().to_lowercase());
                assert_eq!(answer.status == 405, documented.is_none(), "{method} {path}: {}", answer.status);
                let Some(operation) = documented else { continue };
                let said = &operation["responses"][answer.status.to_string()]["content"];
                let kind = answer.headers["content-type"].to_str().unwrap();
                assert!(said.get(kind).is_some(), "{method} {path}: {} with {kind}", answer.status);
                if answer.status != 200 {
                    let title = answer.json()["title"].clone();
                    assert_ne!(title, "There is no such page", "{method} {path}");
                }
            }
        }
        for other in [
            "/api/v1/",
            "/api/v1/objects",
            "/api/v1/objects/credential",
            "/api/v1/users/nobody/x",
            "/api/v2/why",
        ] {
            let answer = ask(&client, Method::GET, other, admin).await;
            assert_eq!(
                (answer.status, answer.json()["title"].clone()),
                (404, "There is no such page".into()),
                "{other}"
            );
        }

        let unread = client.get("console", "/api/v1/users?limit=x", Some(admin)).await;
        assert_eq!((unread.status, unread.json()["reason"].clone()), (422, "invalid".into()));

        // The gateway decides who reads it: who may open the console.
        assert_eq!(client.get("console", DOCUMENT, None).await.status, 401);
        let mut bob = Browser::signed_in(&demo, "bob", "wiki").await;
        assert_eq!(bob.go("console", DOCUMENT).await.answer.status, 403);
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        assert_eq!(ada.go("console", DOCUMENT).await.answer.json(), document);
        validate(&demo, &document);
    });
}

#[test]
fn what_is_answered_has_the_fields_that_the_document_says() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    let admin = demo.ready["admin_token"].as_str().unwrap();
    block_on(async {
        let denied = client.get("payroll", "/salaries", Some(&demo.token("eve"))).await;
        let document = client.get("console", DOCUMENT, Some(admin)).await.json();
        let why = format!("/api/v1/why/{}", denied.request_id());
        assert_eq!(client.get("console", &why, Some(admin)).await.status, 200);
        for (path, schema) in [
            ("/api/v1/users", "Person"),
            ("/api/v1/sessions", "Session"),
            ("/api/v1/objects/app", "Object"),
            ("/api/v1/log/search?kind=decision", "Event"),
        ] {
            let answered = client.get("console", path, Some(admin)).await.json();
            let schema = &document["components"]["schemas"][schema];
            let known = schema["properties"].as_object().unwrap();
            for item in answered.as_array().unwrap() {
                let fields = item.as_object().unwrap();
                assert!(fields.keys().all(|field| known.contains_key(field)), "{path}: {item}");
                let mut required = schema["required"].as_array().unwrap().iter().filter_map(Value::as_str);
                assert!(required.all(|field| fields.contains_key(field)), "{path}: {item}");
            }
            assert!(!answered.as_array().unwrap().is_empty(), "{path}");
        }
    });
}

/// Lets a validator of others read the document.
fn validate(demo: &Demo, document: &Value) {
    let have =
        Command::new("python3").args(["-c", "import openapi_spec_validator"]).stderr(Stdio::null()).status();
    if !have.is_ok_and(|status| status.success()) {
        println!("SKIPPED openapi_spec_validator: python3 or it is not installed");
        return;
    }
    let file = demo.dir.join("openapi.json");
    std::fs::write(&file, document.to_string()).unwrap();
    let script = "import json, sys, openapi_spec_validator as v; v.validate(json.load(open(sys.argv[1])))";
    let output = Command::new("python3").args(["-c", script]).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
