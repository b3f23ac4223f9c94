//! A browser without a screen: keeps cookies by host, follows redirects, fills in forms.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;

use crate::http::{Answer, Client};

pub(crate) struct Browser {
    client: Client,
    /// Cookies by host, then by name.
    pub(crate) jar: BTreeMap<String, BTreeMap<String, String>>,
    /// Every address that was asked for.
    pub(crate) visited: Vec<String>,
}

/// A page and where it is.
pub(crate) struct Page {
    pub(crate) host: String,
    pub(crate) target: String,
    pub(crate) answer: Answer,
}

impl Page {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.answer.body).into_owned()
    }

    /// The value of a hidden field.
    fn hidden(&self, name: &str) -> String {
        let text = self.text();
        let from = text.find(&format!("name=\"{name}\" value=\"")).expect("the page has the field");
        let value = text.get(from..).unwrap().split("value=\"").nth(1).unwrap();
        value.split('"').next().unwrap().to_owned()
    }

    /// Where the first form posts to.
    fn action(&self) -> String {
        let text = self.text();
        let action = text.split("action=\"").nth(1).expect("the page has a form").split('"').next().unwrap();
        action.replace("&amp;", "&")
    }
}

impl Browser {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, jar: BTreeMap::new(), visited: Vec::new() }
    }

    /// Goes to a page as a person does, and on to where it leads.
    pub(crate) async fn go(&mut self, app: &str, target: &str) -> Page {
        let (mut app, mut target) = (app.to_owned(), target.to_owned());
        for _ in 0..10 {
            let answer = self.ask(Method::GET, &app, &target, None).await;
            let Some(location) = answer.headers.get("location").filter(|_| answer.status == 303) else {
                return Page { host: app, target, answer };
            };
            (app, target) = self.resolve(&app, location.to_str().unwrap());
        }
        panic!("it leads round in circles: {:?}", self.visited)
    }

    /// Fills in the form of a page, and goes on to where it leads.
    pub(crate) async fn send(&mut self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let csrf = page.hidden("csrf");
        self.post(&page.host, &page.action(), &[fields, &[("csrf", &csrf)]].concat()).await
    }

    pub(crate) async fn post(&mut self, app: &str, target: &str, fields: &[(&str, &str)]) -> Page {
        let form: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let answer = self.ask(Method::POST, app, target, Some(form.join("&"))).await;
        match answer.headers.get("location").filter(|_| answer.status == 303) {
            None => Page { host: app.to_owned(), target: target.to_owned(), answer },
            Some(location) => {
                let (app, target) = self.resolve(app, location.to_str().unwrap());
                self.go(&app, &target).await
            }
        }
    }

    async fn ask(&mut self, method: Method, app: &str, target: &str, form: Option<String>) -> Answer {
        self.visited.push(format!("{app}{target}"));
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header("host", self.client.host(app))
            .header("accept", "text/html")
            .header("user-agent", "Rhabarber/7 Firefox/1")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-site", if form.is_some() { "same-origin" } else { "none" });
        if form.is_some() {
            request = request
                .header("origin", format!("https://{}", self.client.host(app)))
                .header("content-type", "application/x-www-form-urlencoded");
        }
        if let Some(cookies) = self.jar.get(app).filter(|cookies| !cookies.is_empty()) {
            let cookies: Vec<String> =
                cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", cookies.join("; "));
        }
        let request = request.body(Full::new(Bytes::from(form.unwrap_or_default()))).unwrap();
        let answer = Answer::read(self.client.send(app, request).await).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap();
            let jar = self.jar.entry(app.to_owned()).or_default();
            if attributes.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    fn resolve(&self, app: &str, location: &str) -> (String, String) {
        let Some(rest) = location.strip_prefix("https://") else {
            return (app.to_owned(), location.to_owned());
        };
        let at = rest.find('/').unwrap_or(rest.len());
        let (host, target) = rest.split_at(at);
        let app = host.split('.').next().unwrap().to_owned();
        assert_eq!(host, self.client.host(&app), "it leads away");
        (app, target.to_owned())
    }

    /// Signs in on the page that was arrived at.
    pub(crate) async fn sign_in(&mut self, page: &Page, login: &str, password: &str, code: &str) -> Page {
        assert!(page.target.starts_with("/sign-in"), "{}", page.target);
        let second = self.send(page, &[("login", login), ("password", password)]).await;
        assert!(second.target.starts_with("/code"), "{}", second.text());
        self.send(&second, &[("code", code)]).await
    }
}

fn escaped(value: &str) -> String {
    value
        .bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}
