//! A directory keeps people and groups over SCIM: with the tools of others, in the shapes that Entra ID and Okta send, and up to
//! what it ends.

mod leaving;
mod tools;
mod wrong;

use std::path::Path;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::cookies::Browser;
use crate::demo::Demo;
use crate::http::{Answer, Client, block_on};

/// A provisioner with a token.
struct Provisioner {
    client: Client,
    token: String,
}

impl Provisioner {
    /// By the token of somebody who signs in for that.
    async fn of(demo: &Demo, person: &str, app: &str) -> Self {
        let token = Browser::signed_in(demo, person, app).await.token("auth").await;
        Self { client: Client::new(demo), token }
    }

    fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Request<Full<Bytes>> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/scim/v2{path}"))
            .header("host", self.client.host("auth"))
            .header("authorization", format!("Bearer {}", self.token));
        if body.is_some() {
            request = request.header("content-type", "application/scim+json");
        }
        request.body(body.map(Value::to_string).unwrap_or_default().into()).unwrap()
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        Answer::read(self.client.send("auth", self.request(method, path, body)).await).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    async fn patch(&self, path: &str, operations: Value) -> Answer {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
        });
        self.send(Method::PATCH, path, Some(&body)).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// The id of the only resource that a filter finds.
    async fn only(&self, kind: &str, filter: &str) -> String {
        let found = self.get(&format!("/{kind}?filter={}", escaped(filter))).await.json();
        assert_eq!(found["totalResults"], 1, "{filter}: {found}");
        found["Resources"][0]["id"].as_str().unwrap().to_owned()
    }
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn user(name: &str) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name })
}

fn group(name: &str) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name })
}

/// Whether it was refused so, in the words of RFC 7644.
fn is_refused(answer: &Answer, status: u16, scim_type: Option<&str>) {
    let said = answer.json();
    assert_eq!(answer.status, status, "{said}");
    assert_eq!(answer.headers["content-type"], "application/scim+json");
    assert_eq!(said["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(said["status"], status.to_string());
    assert_eq!(said["scimType"].as_str(), scim_type, "{said}");
}

#[test]
fn only_a_token_for_it_provisions() {
    let demo = Demo::start();
    block_on(async {
        let mut browser = Browser::signed_in(&demo, "ada", "console").await;
        let (wiki, auth) = (browser.token("wiki").await, browser.token("auth").await);
        let client = Client::new(&demo);
        // What a browser brings along is no credential here, and what it is refused for is nothing else.
        let by_cookie = browser.ask(Method::GET, "auth", "/scim/v2/Users", &[], None).await;
        for (answer, what) in [
            (client.get("auth", "/scim/v2/Users", None).await, "nothing"),
            (client.get("auth", "/scim/v2/Users", Some(&wiki)).await, "a token for something else"),
            (
                client.get("auth", "/scim/v2/Users", Some(&format!("bzn_{}", "x".repeat(43)))).await,
                "a made-up token",
            ),
            (client.get("auth", "/scim/v2/nothing", None).await, "nothing, at no address"),
            (by_cookie, "a cookie"),
        ] {
            assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"scim\"", "{what}");
            is_refused(&answer, 401, None);
        }
        let mut anonymous =
            Request::builder().method("POST").uri("/scim/v2/Users").header("host", client.host("auth"));
        anonymous = anonymous.header("content-type", "application/scim+json");
        let answer = client.send("auth", anonymous.body(user("x").to_string().into()).unwrap()).await;
        is_refused(&Answer::read(answer).await, 401, None);
        let ada = Provisioner { client, token: auth };
        assert_eq!(ada.get("/Users").await.status, 200);
        is_refused(&ada.get("/nothing").await, 404, None);
        is_refused(&ada.get("/Me").await, 501, None);
        let no_such_method = ada.delete("/Users").await;
        assert_eq!(no_such_method.headers["allow"], "GET, HEAD, POST");
        is_refused(&no_such_method, 405, None);
        is_refused(&ada.get("/Schemas?filter=id%20pr").await, 403, None);
        // Who may not administer people learns nothing of them.
        let eve = Provisioner::of(&demo, "eve", "wiki").await;
        for path in ["/Users", "/Groups", "/ServiceProviderConfig", "/Schemas", "/ResourceTypes"] {
            is_refused(&eve.get(path).await, 403, None);
        }
        is_refused(&eve.post("/Users", &user("mallory")).await, 403, None);
        is_refused(&eve.post("/Groups", &group("x")).await, 403, None);
    });
}

#[test]
fn a_directory_has_a_key_of_its_own_and_no_other_right() {
    let demo = Demo::start();
    let book = include_str!("../../../docs/book/scim.md");
    let block = |kind: &str| book.split(&format!("```{kind}\n")).nth(1).unwrap().split("```").next().unwrap();
    let files = folder("entra.toml", block("toml"));
    std::fs::write(files.path().join("entra.cedar"), block("cedar")).unwrap();
    apply(&demo, files.path());
    let made = demo.json(&["client", "key", "entra", "--app", "auth", "--ttl", "365d"]);
    let token = made["key"].as_str().unwrap().to_owned();
    block_on(async {
        let entra = Provisioner { client: Client::new(&demo), token };
        let zoe = entra.post("/Users", &user("zoe")).await;
        assert_eq!(zoe.status, 201, "{}", String::from_utf8_lossy(&zoe.body));
        let id = zoe.json()["id"].as_str().unwrap().to_owned();
        let written = demo.json(&["history", "user", "zoe"]);
        assert_eq!(written[0]["author"], "service:entra", "{written}");
        let staff = entra.post("/Groups", &group("Rowers")).await;
        assert_eq!(staff.status, 201, "{}", String::from_utf8_lossy(&staff.body));
        assert_eq!(entra.only("Users", "userName eq \"zoe\"").await, id);
        let console = entra.client.get("console", "/api/v1/users", Some(&entra.token)).await;
        assert_eq!(console.status, 401);
        let key = made["id"].as_str().unwrap();
        tokio::task::block_in_place(|| demo.json(&["client", "end-key", "entra", key]));
        assert_eq!(entra.get("/Users").await.status, 401);
    });
}

#[test]
fn a_person_is_made_found_changed_and_gone() {
    let demo = Demo::start();
    block_on(async {
        let entra = Provisioner::of(&demo, "ada", "console").await;
        let mut sent = user("Grace.Hopper@example.org");
        sent["externalId"] = "1".into();
        sent["name"] = json!({ "givenName": "Grace", "familyName": "Hopper" });
        sent["emails"] = json!([{ "value": "grace@example.org", "type": "work", "primary": true }]);
        sent["password"] = "never kept".into();
        let made = entra.post("/Users", &sent).await;
        assert_eq!(made.status, 201, "{:?}", made.body);
        let (grace, location) = (made.json(), made.headers["location"].to_str().unwrap().to_owned());
        let id = grace["id"].as_str().unwrap().to_owned();
        assert_eq!(location, format!("https://{}/scim/v2/Users/{id}", entra.client.host("auth")));
        assert_eq!(
            (&grace["userName"], &grace["active"]),
            (&json!("Grace.Hopper@example.org"), &json!(true))
        );
        assert!(grace.get("password").is_none() && grace["meta"]["created"] == grace["meta"]["lastModified"]);
        let listed = demo.json(&["get", "user", "grace.hopper@example.org"]);
        assert_eq!(listed["spec"]["display"], "Grace Hopper");
        assert_eq!(
            (&listed["spec"]["mail"], &listed["author"]),
            (&json!("grace@example.org"), &json!("ada"))
        );
        // Nothing personal lies open, not even what the directory calls her.
        for file in ["bartizan.db", "bartizan.db-wal"] {
            let stored = std::fs::read(demo.dir.join(file)).unwrap_or_default();
            for personal in ["Hopper", "hopper", "grace@"] {
                assert!(
                    !stored.windows(personal.len()).any(|part| part == personal.as_bytes()),
                    "{personal} in {file}"
                );
            }
        }
        // Found by what she is called, however it is spelled; by id; and by what the directory calls her.
        for filter in [
            "userName eq \"GRACE.hopper@example.org\"",
            "externalId eq \"1\"",
            &format!("id eq \"{id}\""),
            "emails[type eq \"work\" and value sw \"grace\"]",
            "name.familyName eq \"hopper\" and active eq true",
        ] {
            assert_eq!(entra.only("Users", filter).await, id);
        }
        for filter in [
            "userName eq \"nobody\"",
            "externalId eq \"2\"",
            "id eq \"1\"",
            "externalId eq \"1\" and active eq false",
        ] {
            let none = entra.get(&format!("/Users?filter={}", escaped(filter))).await.json();
            assert_eq!((&none["totalResults"], &none["Resources"]), (&json!(0), &json!([])), "{filter}");
        }
        is_refused(&entra.get("/Users?filter=nobody%20eq%201").await, 400, Some("invalidFilter"));
        is_refused(&entra.post("/Users", &user("grace.hopper@EXAMPLE.org")).await, 409, Some("uniqueness"));
        let mut other = user("other");
        other["externalId"] = "1".into();
        is_refused(&entra.post("/Users", &other).await, 409, Some("uniqueness"));
        is_refused(&entra.post("/Users", &user("not a name")).await, 400, Some("invalidValue"));
        // Versions.
        let version = made.headers["etag"].clone();
        let with = |name: &'static str, method: Method, body: Option<&Value>| {
            let mut request = entra.request(method, &format!("/Users/{id}"), body);
            request.headers_mut().insert(name, version.clone());
            entra.client.send("auth", request)
        };
        assert_eq!(with("if-none-match", Method::GET, None).await.status(), 304);
        let patch =
            json!({ "Operations": [{ "op": "replace", "path": "name.familyName", "value": "Murray" }] });
        let renamed = Answer::read(with("if-match", Method::PATCH, Some(&patch)).await).await;
        assert_eq!((renamed.status, &renamed.json()["name"]["familyName"]), (200, &json!("Murray")));
        assert_ne!(renamed.headers["etag"], version);
        assert_eq!(with("if-none-match", Method::GET, None).await.status(), 200);
        for (method, body) in
            [(Method::PATCH, Some(&patch)), (Method::PUT, Some(&sent)), (Method::DELETE, None)]
        {
            is_refused(&Answer::read(with("if-match", method, body).await).await, 412, None);
        }
        // The same once more is no change.
        let again = entra.patch(&format!("/Users/{id}"), patch["Operations"].clone()).await;
        assert_eq!(again.headers["etag"], renamed.headers["etag"]);
        // Another login name, under which she is found from then on.
        let moved = entra
            .patch(
                &format!("/Users/{id}"),
                json!([{ "op": "Replace", "path": "userName", "value": "grace" }]),
            )
            .await;
        assert_eq!((moved.status, &moved.json()["userName"]), (200, &json!("grace")));
        assert_eq!(entra.only("Users", "userName eq \"grace\"").await, id);
        let taken = entra
            .patch(&format!("/Users/{id}"), json!([{ "op": "replace", "path": "userName", "value": "bob" }]))
            .await;
        is_refused(&taken, 409, Some("uniqueness"));
        // PUT leaves nothing of what it does not say, but whether she may act.
        entra
            .patch(&format!("/Users/{id}"), json!([{ "op": "replace", "path": "active", "value": "False" }]))
            .await;
        let put = entra.put(&format!("/Users/{id}"), &user("grace")).await.json();
        assert!(
            put.get("emails").is_none() && put.get("externalId").is_none() && put["active"] == false,
            "{put}"
        );
        for invalid in [user("bob"), user("<x>"), json!({ "userName": "grace" })] {
            assert!(
                [400, 409].contains(&entra.put(&format!("/Users/{id}"), &invalid).await.status),
                "{invalid}"
            );
        }
        // Which attributes are shown.
        let only = entra.get(&format!("/Users/{id}?attributes=userName")).await.json();
        assert_eq!(only.as_object().unwrap().len(), 3, "{only}");
        // Gone, and gone it stays.
        assert_eq!(entra.delete(&format!("/Users/{id}")).await.status, 204);
        for answer in [
            entra.get(&format!("/Users/{id}")).await,
            entra.delete(&format!("/Users/{id}")).await,
            entra.put(&format!("/Users/{id}"), &user("grace")).await,
            entra.patch(&format!("/Users/{id}"), json!([{ "op": "remove", "path": "name" }])).await,
        ] {
            is_refused(&answer, 404, None);
        }
        assert_eq!(entra.post("/Users", &sent).await.status, 201, "the name is free again");
    });
}

fn folder(name: &str, text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    folder
}

fn apply(demo: &Demo, folder: &Path) {
    demo.json(&["apply", "-f", folder.to_str().unwrap()]);
}

/// A provisioner that may do no more than it needs: keep people, and the groups that it makes.
#[test]
fn a_provisioner_keeps_its_own_groups_and_no_others() {
    let demo = Demo::start();
    let policy = "@id(\"directory\")\npermit (principal in Group::\"finance\", action in Action::\"admin\", resource == Admin::\"people\");\n\
         @id(\"later\")\npermit (principal in Group::\"vault-keepers\", action in Action::\"http\", resource == App::\"payroll\");\n";
    apply(&demo, folder("directory.cedar", policy).path());
    block_on(async {
        let bob = Provisioner::of(&demo, "bob", "wiki").await;
        let ada = Provisioner::of(&demo, "ada", "console").await;
        let eve = bob.only("Users", "userName eq \"eve\"").await;
        let made = bob.post("/Groups", &group("Sales (EU)")).await;
        assert_eq!(made.status, 201, "{:?}", made.body);
        assert_eq!(
            (&made.json()["id"], &made.json()["displayName"]),
            (&json!("sales-eu"), &json!("Sales (EU)"))
        );
        is_refused(&bob.post("/Groups", &group("sales EU")).await, 409, Some("uniqueness"));
        // Others than its own are not there for it, and it makes none that would mean something already.
        let listed = bob.get("/Groups").await.json();
        assert_eq!((&listed["totalResults"], &listed["Resources"][0]["id"]), (&json!(1), &json!("sales-eu")));
        assert_eq!(ada.get("/Groups").await.json()["totalResults"], 5);
        for answer in [
            bob.get("/Groups/finance").await,
            bob.delete("/Groups/finance").await,
            bob.put("/Groups/finance", &group("finance")).await,
            bob.patch(
                "/Groups/finance",
                json!([{ "op": "add", "path": "members", "value": [{ "value": eve }] }]),
            )
            .await,
        ] {
            is_refused(&answer, 404, None);
        }
        is_refused(&bob.post("/Groups", &group("finance")).await, 409, Some("uniqueness"));
        is_refused(&bob.post("/Groups", &group("vault-keepers")).await, 403, None);
        is_refused(&bob.post("/Groups", &group("Admins")).await, 403, Some("mutability"));
        is_refused(&ada.post("/Groups", &group("admins")).await, 403, Some("mutability"));
        // Members come and go, in every shape.
        let members = |answer: Answer| {
            assert_eq!(answer.status, 200, "{:?}", answer.body);
            answer.json()["members"].as_array().map_or(0, Vec::len)
        };
        let bobs = json!({ "value": bob.only("Users", "userName eq \"bob\"").await });
        let path = "/Groups/sales-eu";
        let all = bob.get("/Users?attributes=id").await.json();
        let everybody: Vec<Value> =
            all["Resources"].as_array().unwrap().iter().map(|one| json!({ "value": one["id"] })).collect();
        assert_eq!(
            members(bob.patch(path, json!([{ "op": "Add", "path": "members", "value": everybody }])).await),
            3
        );
        assert_eq!(
            members(
                bob.patch(path, json!([{ "op": "remove", "path": format!("members[value eq \"{eve}\"]") }]))
                    .await
            ),
            2
        );
        assert_eq!(
            members(bob.patch(path, json!([{ "op": "Remove", "path": "members", "value": [bobs] }])).await),
            1
        );
        assert_eq!(
            members(
                bob.patch(
                    path,
                    json!([{ "op": "replace", "value": { "id": "sales-eu", "displayName": "Sales" } }])
                )
                .await
            ),
            1
        );
        assert_eq!(bob.get(path).await.json()["displayName"], "Sales");
        assert_eq!(members(bob.put(path, &group("Sales")).await), 0);
        let nobody = bob
            .patch(
                path,
                json!([{ "op": "add", "path": "members", "value": [{ "value": "fake-member-id" }] }]),
            )
            .await;
        is_refused(&nobody, 400, Some("invalidValue"));
        let itself = bob
            .patch(path, json!([{ "op": "add", "path": "members", "value": [{ "value": "sales-eu" }] }]))
            .await;
        is_refused(&itself, 400, Some("invalidValue"));
        let as_group = bob
            .patch(
                path,
                json!([{ "op": "add", "path": "members", "value": [{ "value": eve, "type": "Group" }] }]),
            )
            .await;
        is_refused(&as_group, 400, Some("invalidValue"));
        // Who administers everything changes every group; what a file says of the members leaves the group to its keeper.
        let finance = ada.get("/Groups/finance").await.json();
        assert_eq!(finance["members"].as_array().map(Vec::len), Some(1));
        apply(&demo, folder("sales.toml", "[[group]]\nname = \"sales-eu\"\nmembers = [\"eve\"]\n").path());
        assert_eq!(bob.get(path).await.json()["members"].as_array().map(Vec::len), Some(1));
        assert_eq!(bob.get(path).await.json()["displayName"], "Sales");
        assert_eq!(bob.delete(path).await.status, 204);
        is_refused(&bob.get(path).await, 404, None);
        // CVE class 19: the id of somebody else is an `externalId` like any, and each directory has its own.
        let mut sent = user("new");
        sent["externalId"] = eve.as_str().into();
        let new = bob.post("/Users", &sent).await.json()["id"].clone();
        assert_eq!(bob.only("Users", &format!("externalId eq \"{eve}\"")).await, new.as_str().unwrap());
        assert_eq!(bob.get(&format!("/Users/{eve}")).await.json()["userName"], "eve");
        let of_another =
            ada.get(&format!("/Users?filter={}", escaped(&format!("externalId eq \"{eve}\"")))).await;
        assert_eq!(of_another.json()["totalResults"], 0);
        let theirs = ada
            .patch(&format!("/Users/{eve}"), json!([{ "op": "add", "path": "externalId", "value": eve }]))
            .await;
        assert_eq!(theirs.status, 200, "what another directory calls somebody else is not taken");
        assert!(bob.get(&format!("/Users/{eve}")).await.json().get("externalId").is_none());
        // It administers nothing else, however it asks.
        let console = bob.client.get("console", "/api/v1/objects/group", Some(&bob.token)).await;
        assert!([401, 403].contains(&console.status), "{}", console.status);
    });
}

#[test]
fn several_operations_are_done_in_one_request() {
    let demo = Demo::start();
    block_on(async {
        let ada = Provisioner::of(&demo, "ada", "console").await;
        let mut team = group("team");
        team["members"] = json!([{ "value": "bulkId:u1" }, { "value": "bulkId:u2" }]);
        let bob = ada.only("Users", "userName eq \"bob\"").await;
        let bulk = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [
                { "method": "POST", "path": "/Groups", "bulkId": "g", "data": team },
                { "method": "POST", "path": "/Users", "bulkId": "u1", "data": user("one") },
                { "method": "POST", "path": "/Users", "bulkId": "u2", "data": user("two") },
                { "method": "POST", "path": "/Users", "bulkId": "u3", "data": user("bob") },
                { "method": "PATCH", "path": format!("/Users/{bob}"), "data": {
                    "Operations": [{ "op": "replace", "path": "displayName", "value": "Bob" }] } },
                { "method": "DELETE", "path": "/Users/nobody" },
                { "method": "PUT", "path": format!("/Users/{bob}"), "version": "W/\"1\"", "data": user("bob") },
            ],
        });
        let done = ada.post("/Bulk", &bulk).await;
        assert_eq!(done.status, 200, "{:?}", done.body);
        let done = done.json();
        let statuses: Vec<&str> = done["Operations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["status"].as_str().unwrap())
            .collect();
        assert_eq!(statuses, ["201", "201", "201", "409", "200", "404", "412"], "{done}");
        assert_eq!(done["Operations"][3]["response"]["scimType"], "uniqueness");
        let team = ada.get("/Groups/team").await.json();
        assert_eq!(team["members"].as_array().map(Vec::len), Some(2));
        // After so many errors nothing more is done.
        let stop = json!({ "failOnErrors": 1, "Operations": [
            { "method": "DELETE", "path": "/Users/nobody" },
            { "method": "POST", "path": "/Users", "bulkId": "x", "data": user("three") },
        ]});
        assert_eq!(ada.post("/Bulk", &stop).await.json()["Operations"].as_array().map(Vec::len), Some(1));
        is_refused(
            &ada.post("/Bulk", &json!({ "Operations": [{ "method": "GET", "path": "/Users" }] })).await,
            400,
            Some("invalidSyntax"),
        );
        let many = vec![json!({ "method": "DELETE", "path": "/Users/x" }); 101];
        is_refused(&ada.post("/Bulk", &json!({ "Operations": many })).await, 413, None);
    });
}

#[test]
fn of_many_who_make_one_person_or_change_one_version_one_does() {
    let demo = Demo::start();
    block_on(async {
        let ada = Provisioner::of(&demo, "ada", "console").await;
        let sent = user("one");
        let made = futures_util::future::join_all((0..20).map(|_| ada.post("/Users", &sent))).await;
        let count =
            |answers: &[Answer], status: u16| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((count(&made, 201), count(&made, 409)), (1, 19));
        let one = made.iter().find(|answer| answer.status == 201).unwrap();
        let path = format!("/Users/{}", one.json()["id"].as_str().unwrap());
        let changes = (0..20).map(|number| {
            let name = json!([{ "op": "replace", "path": "displayName", "value": number.to_string() }]);
            let mut request = ada.request(Method::PATCH, &path, Some(&json!({ "Operations": name })));
            request.headers_mut().insert("if-match", one.headers["etag"].clone());
            async { Answer::read(ada.client.send("auth", request).await).await }
        });
        let changed = futures_util::future::join_all(changes).await;
        assert_eq!((count(&changed, 200), count(&changed, 412)), (1, 19));
    });
}
