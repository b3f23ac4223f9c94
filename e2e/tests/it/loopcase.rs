//! One request through the whole loop: permitted, denied, explained.

use serde_json::json;

use crate::demo::Demo;
use crate::http::{Answer, Client, block_on};

#[test]
fn a_person_reaches_what_policy_permits_and_nothing_else() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    block_on(async {
        let (bob, eve) = (demo.token("bob"), demo.token("eve"));
        let wiki = client.get("wiki", "/", Some(&bob)).await;
        assert_eq!(wiki.status, 200);
        assert!(String::from_utf8_lossy(&wiki.body).contains("<h1>Wiki</h1>"));
        wiki.request_id();
        assert_eq!(client.get("payroll", "/", Some(&bob)).await.status, 200);
        assert_eq!(client.get("wiki", "/", Some(&eve)).await.status, 200);

        let denied = client.get("payroll", "/", Some(&eve)).await;
        assert_eq!(denied.status, 403);
        assert_eq!(denied.headers["content-type"], "application/problem+json");
        let problem = denied.json();
        assert_eq!(problem["type"], "urn:bartizan:problem:denied_by_policy");
        assert_eq!(problem["reason"], "denied_by_policy");
        assert_eq!(problem["status"], 403);
        assert_eq!(problem["request_id"], denied.request_id());
        assert_eq!(problem["subject"]["type"], "User");
        assert_eq!(problem["resource"], json!({ "type": "App", "name": "payroll" }));
        for field in ["title", "detail", "remedies"] {
            assert!(!problem[field].is_null(), "{field}");
        }

        let anonymous = client.get("wiki", "/", None).await;
        assert_eq!(anonymous.status, 401);
        assert_eq!(anonymous.json()["reason"], "sign_in_required");
    });
}

#[test]
fn a_denial_is_explained_by_its_request_id() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    let id = block_on(async {
        let denied = client.get("payroll", "/salaries", Some(&demo.token("eve"))).await;
        denied.request_id().to_owned()
    });
    let why = demo.json(&["why", &id]);
    assert_eq!(why["outcome"], "deny");
    assert_eq!(why["reason"], "denied_by_policy");
    let policies = why["policies"].as_array().unwrap();
    let forbid = policies.iter().find(|policy| policy["id"] == "payroll-no-contractors").unwrap();
    assert_eq!(forbid["effect"], "forbid");
    assert_eq!(forbid["satisfied"], true);
    let permit = policies.iter().find(|policy| policy["id"] == "payroll-finance").unwrap();
    assert_eq!(permit["satisfied"], false);
    let conditions = permit["conditions"].as_array().unwrap();
    let failing: Vec<_> = conditions.iter().filter(|condition| condition["holds"] == false).collect();
    assert!(
        failing.iter().any(|condition| condition["text"].as_str().unwrap().contains("finance")),
        "{failing:?}"
    );
    assert!(why["revision"].as_u64().unwrap() > 0);

    let permitted = block_on(client.get("wiki", "/", Some(&demo.token("eve"))));
    assert_eq!(demo.json(&["why", permitted.request_id()])["outcome"], "permit");
    let supposed = demo.json(&["why", "--user", "bob", "--app", "payroll"]);
    assert_eq!(supposed["outcome"], "permit");
    assert_eq!(demo.json(&["why", "--user", "eve", "--app", "payroll"])["outcome"], "deny");
}

#[test]
fn http_2_is_decided_like_http_1() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    block_on(async {
        let request = |app: &str, token: &str| {
            let uri = format!("https://{}/", client.host(app));
            http::Request::builder()
                .uri(uri)
                .header("bartizan-token", token)
                .body(http_body_util::Full::default())
        };
        let wiki = client.send2("wiki", request("wiki", &demo.token("bob")).unwrap()).await;
        assert_eq!(Answer::read(wiki).await.status, 200);
        let denied = client.send2("payroll", request("payroll", &demo.token("eve")).unwrap()).await;
        assert_eq!(Answer::read(denied).await.status, 403);
    });
}

#[test]
fn a_token_works_at_its_audiences_alone() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    block_on(async {
        // The token for the apps is none for the console, and the other way round.
        let console = client.get("console", "/api/v1/sessions", Some(&demo.token("ada"))).await;
        assert_eq!((console.status, console.json()["reason"].clone()), (401, json!("sign_in_required")));
        let admin = demo.ready["admin_token"].as_str().unwrap();
        assert_eq!(client.get("wiki", "/", Some(admin)).await.status, 401);
        assert_eq!(client.get("console", "/api/v1/sessions", Some(admin)).await.status, 200);
        // A person who does not administer gets no further with a token of their own.
        assert_eq!(client.get("console", "/api/v1/sessions", Some(&demo.token("bob"))).await.status, 401);
        let invented = format!("bzn_{}", "A".repeat(43));
        assert_eq!(client.get("wiki", "/", Some(&invented)).await.status, 401);
    });
}

#[test]
fn the_upstream_sees_who_asks_and_never_the_credential() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    block_on(async {
        let bob = demo.token("bob");
        let mut request = client.request("pulse", "/echo?q=1", None);
        let headers = request.headers_mut();
        headers.insert("authorization", format!("Bearer {bob}").parse().unwrap());
        headers.insert("cookie", "theirs=1; __Host-bartizan=x; more=2".parse().unwrap());
        headers.insert("bartizan-user", "root".parse().unwrap());
        headers.insert("x_forwarded_for", "6.6.6.6".parse().unwrap());
        headers.insert("x-forwarded-for", "6.6.6.6".parse().unwrap());
        headers.insert("x-original-url", "/admin".parse().unwrap());
        headers.insert("x-their-own", "kept".parse().unwrap());
        let answer = Answer::read(client.send("pulse", request).await).await;
        assert_eq!(answer.status, 200);
        let seen = answer.json();
        assert_eq!((seen["method"].clone(), seen["target"].clone()), (json!("GET"), json!("/echo?q=1")));
        let headers = seen["headers"].as_array().unwrap();
        let all = |name: &str| -> Vec<String> {
            let same = |header: &&serde_json::Value| header[0].as_str().unwrap().eq_ignore_ascii_case(name);
            headers.iter().filter(same).map(|header| header[1].as_str().unwrap().to_owned()).collect()
        };
        assert!(!seen.to_string().contains(&bob), "the credential reached the upstream");
        assert_eq!(all("authorization"), Vec::<String>::new());
        assert_eq!(all("x-forwarded-for"), ["127.0.0.1"]);
        assert_eq!(all("x-forwarded-proto"), ["https"]);
        assert_eq!(all("x-forwarded-host"), [client.host("pulse")]);
        assert!(all("x_forwarded_for").is_empty() && all("x-original-url").is_empty());
        assert_eq!(all("x-their-own"), ["kept"]);
        assert_eq!(all("host"), [client.host("pulse")]);
        assert_eq!(all("bartizan-user").len(), 1);
        assert_ne!(all("bartizan-user"), ["root"]);
        assert_eq!(all("bartizan-groups"), ["finance,staff"]);
        assert_eq!(all("bartizan-assertion").len(), 1);
        assert_eq!(all("cookie"), ["theirs=1; more=2"]);
    });
}
