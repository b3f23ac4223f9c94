//! A person in a browser, as far as HTTP goes: keeps cookies by host, follows redirects, sends forms of pages.

use std::collections::BTreeMap;
use std::process::Command;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;

use crate::demo::{Demo, binary};
use crate::http::{Answer, Client};

pub(crate) struct Person {
    client: Client,
    /// By app: names and values.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    /// Where the last answer came from.
    pub(crate) app: String,
    pub(crate) path: String,
}

impl Person {
    /// Somebody who has signed in to an app with password and code.
    pub(crate) async fn signed_in(demo: &Demo, name: &str, app: &str) -> Self {
        let mut person = Self {
            client: Client::new(demo),
            cookies: BTreeMap::new(),
            app: app.to_owned(),
            path: String::from("/"),
        };
        let page = person.open(app, "/").await;
        assert_eq!((page.status, person.app.as_str()), (200, "auth"), "{}", text(&page));
        let password = demo.ready["people"][name]["password"].as_str().unwrap().to_owned();
        let page = person.fill(&page, &[("login", name), ("password", &password)]).await;
        let output =
            Command::new(binary()).args(["demo", "code", name, "--dir"]).arg(&demo.dir).output().unwrap();
        let code = String::from_utf8(output.stdout).unwrap();
        let page = person.fill(&page, &[("code", code.trim())]).await;
        assert_eq!(person.app, app, "{}", text(&page));
        person
    }

    /// Follows a link, and wherever it leads.
    pub(crate) async fn open(&mut self, app: &str, path: &str) -> Answer {
        (self.app, self.path) = (app.to_owned(), path.to_owned());
        let answer = self.send(Method::GET, &[], None).await;
        self.follow(answer).await
    }

    /// Sends the form of a page back to its own address, with its token.
    pub(crate) async fn fill(&mut self, page: &Answer, fields: &[(&str, &str)]) -> Answer {
        let html = text(page);
        let form =
            html.split("<form method=\"post\" action=\"").nth(1).unwrap_or_else(|| panic!("no form: {html}"));
        self.path = form.split('"').next().unwrap().replace("&amp;", "&");
        let csrf = csrf(&html);
        let hidden = form.split("<input type=\"hidden\" name=\"").skip(2).filter_map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"")?;
            Some((name.to_owned(), rest.split('"').next()?.to_owned()))
        });
        let own = [(String::from("csrf"), csrf)].into_iter().chain(hidden);
        let all: Vec<(String, String)> =
            own.chain(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).collect();
        let answer = self.post_form(&all).await;
        self.follow(answer).await
    }

    /// Posts fields as a page of this host would, to the current address.
    pub(crate) async fn post_form(&mut self, fields: &[(String, String)]) -> Answer {
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::POST, &headers, Some(pairs.join("&"))).await
    }

    /// One request to the current address with the cookies of its host.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let host = self.client.host(&self.app);
        let mut request = Request::builder()
            .method(&method)
            .uri(&self.path)
            .header("host", &host)
            .header("accept", "text/html,application/xhtml+xml")
            .header("sec-fetch-mode", "navigate");
        if method != Method::GET {
            request =
                request.header("origin", format!("https://{host}")).header("sec-fetch-site", "same-origin");
        }
        for (name, value) in headers {
            // What a test says itself counts.
            request
                .headers_mut()
                .unwrap()
                .insert(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        let cookies = self.cookies.entry(self.app.clone()).or_default();
        let kept: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !kept.is_empty() {
            request = request.header("cookie", kept.join("; "));
        }
        let request = request.body(Full::new(Bytes::from(body.unwrap_or_default()))).unwrap();
        let answer = Answer::read(self.client.send(&self.app, request).await).await;
        let cookies = self.cookies.entry(self.app.clone()).or_default();
        for set in answer.headers.get_all("set-cookie") {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if set.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    async fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..10 {
            if !(300..400).contains(&answer.status) {
                return answer;
            }
            let to = answer.headers["location"].to_str().unwrap().to_owned();
            match to.strip_prefix("https://") {
                Some(rest) => {
                    let (host, path) = rest.split_once('/').unwrap();
                    (self.app, self.path) = (host.split('.').next().unwrap().to_owned(), format!("/{path}"));
                }
                None => self.path = to,
            }
            answer = self.send(Method::GET, &[], None).await;
        }
        panic!("the redirects do not end at {}{}", self.app, self.path)
    }
}

/// A page without its stylesheet, which is the same on all.
pub(crate) fn text(answer: &Answer) -> String {
    let html = String::from_utf8_lossy(&answer.body).into_owned();
    match (html.split_once("<style>"), html.split_once("</style>")) {
        (Some((before, _)), Some((_, after))) => format!("{before}{after}"),
        (None, _) | (_, None) => html,
    }
}

/// The token that the forms of a page carry.
pub(crate) fn csrf(html: &str) -> String {
    let token = html.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    token.unwrap_or_else(|| panic!("no token: {html}")).to_owned()
}

fn encoded(value: &str) -> String {
    let mut encoded = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
