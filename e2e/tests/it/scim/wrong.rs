//! What is not sent right, or leads nowhere.

use http::Method;
use http_body_util::Full;
use serde_json::json;

use super::{Provisioner, group, is_refused, user};
use crate::demo::Demo;
use crate::http::{Answer, block_on};

#[test]
fn what_was_not_sent_right_is_refused_and_nothing_breaks() {
    let demo = Demo::start();
    block_on(async {
        let ada = Provisioner::of(&demo, "ada", "console").await;
        let raw = |body: &str, media_type: &str| {
            let mut request = ada.request(Method::POST, "/Users", Some(&json!(0)));
            *request.body_mut() = Full::from(body.to_owned());
            request.headers_mut().insert("content-type", media_type.parse().unwrap());
            ada.client.send("auth", request)
        };
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let twice =
            r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a","userName":"b"}"#;
        for body in ["", "{", "[]", "null", "\u{1}", &deep, twice] {
            is_refused(
                &Answer::read(raw(body, "application/json; charset=utf-8").await).await,
                400,
                Some("invalidSyntax"),
            );
        }
        is_refused(&Answer::read(raw("{}", "text/plain").await).await, 415, None);
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(2 << 20));
        assert_eq!(raw(&large, "application/json").await.status(), 413);
        // CVE class 18, through everything that stands before it.
        for open in ["(", "not (", "emails["] {
            let search = json!({ "filter": format!("{}userName pr", open.repeat(100_000)) });
            is_refused(&ada.post("/Users/.search", &search).await, 400, Some("invalidFilter"));
            let path = format!("emails[{}type pr", open.repeat(100_000));
            let id = ada.only("Users", "userName eq \"bob\"").await;
            let patch = ada.patch(&format!("/Users/{id}"), json!([{ "op": "remove", "path": path }])).await;
            is_refused(&patch, 400, Some("invalidFilter"));
        }
        // CVE class 33.
        for (query, items) in [
            ("count=0", 0),
            ("count=-1", 0),
            ("startIndex=-1&count=2", 2),
            ("startIndex=99999999999999999999", 0),
            ("count=99999999999999999999999", 3),
        ] {
            let found = ada.get(&format!("/Users?{query}")).await.json();
            assert_eq!(found["itemsPerPage"], items, "{query}: {found}");
            assert_eq!(found["totalResults"], 3, "{query}");
        }
        for query in ["count=x", "startIndex=1.5", "count=1&count=2", "attributes=id&excludedAttributes=id"] {
            assert_eq!(ada.get(&format!("/Users?{query}")).await.status, 400, "{query}");
        }
        // Everything still works.
        let page = ada.get("/Users?startIndex=2&count=1&filter=userName%20pr").await.json();
        assert_eq!((&page["startIndex"], &page["itemsPerPage"]), (&json!(2), &json!(1)));
        let both = ada.get("?count=200").await.json();
        assert_eq!(both["totalResults"], 7, "three people, four groups: {both}");
    });
}

/// CVE class 20: an id of one type is none of another, and that of nobody is nothing.
#[test]
fn class_20_an_id_leads_only_to_what_it_is_of() {
    let demo = Demo::start();
    block_on(async {
        let ada = Provisioner::of(&demo, "ada", "console").await;
        let bob = ada.only("Users", "userName eq \"bob\"").await;
        let session = demo.json(&["session", "list", "--user", "bob"])[0]["id"].as_str().unwrap().to_owned();
        let strange = [
            format!("/Groups/{bob}"),
            String::from("/Users/finance"),
            format!("/Users/{session}"),
            format!("/Users/{}", bob.to_uppercase()),
            String::from("/Users/bob"),
            String::from("/Users/00000000-0000-4000-8000-000000000000"),
            String::from("/Groups/nothing"),
            String::from("/Groups/wiki"),
            String::from("/Groups/admins"),
            String::from("/Users/%00"),
        ];
        for path in &strange {
            let sent = if path.starts_with("/Users") { user("bob") } else { group("x") };
            for answer in [
                ada.get(path).await,
                ada.put(path, &sent).await,
                ada.patch(path, json!([{ "op": "remove", "path": "externalId" }])).await,
                ada.delete(path).await,
            ] {
                assert_eq!(answer.status, if path.ends_with("%00") { 400 } else { 404 }, "{path}");
            }
        }
        assert_eq!(ada.get(&format!("/Users/{bob}")).await.json()["userName"], "bob");
    });
}
