//! A browser without a screen: keeps cookies by host, follows redirects, fills in forms.

use std::collections::BTreeMap;
use std::process::Command;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;

use crate::demo::{Demo, binary, totp};
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
    /// The page without its stylesheet, which is the same on all.
    pub(crate) fn text(&self) -> String {
        let html = String::from_utf8_lossy(&self.answer.body).into_owned();
        match (html.split_once("<style>"), html.split_once("</style>")) {
            (Some((before, _)), Some((_, after))) => format!("{before}{after}"),
            (None, _) | (_, None) => html,
        }
    }

    /// What the page says, in characters as they are read.
    pub(crate) fn plain(&self) -> String {
        plain(&self.text())
    }

    /// The token that the forms of the page carry.
    pub(crate) fn csrf(&self) -> String {
        let hidden = self.hidden();
        let token = hidden.into_iter().find(|(name, _)| name == "csrf");
        token.unwrap_or_else(|| panic!("no token: {}", self.text())).1
    }

    /// The first form that changes something and needs no script, from its address on.
    fn form(&self) -> String {
        let text = self.text();
        let whole = |form: &&str| !form.split('>').next().unwrap().contains(" data-options=");
        let form = text.split("<form method=\"post\" action=\"").skip(1).find(whole);
        let form = form.unwrap_or_else(|| panic!("no form: {text}"));
        form.split("</form>").next().unwrap().to_owned()
    }

    /// Where the form posts to.
    fn action(&self) -> String {
        plain(self.form().split('"').next().unwrap())
    }

    /// What the form says by itself.
    fn hidden(&self) -> Vec<(String, String)> {
        let form = self.form();
        let fields = form.split("<input type=\"hidden\" name=\"").skip(1).map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            (name.to_owned(), plain(rest.split('"').next().unwrap()))
        });
        fields.collect()
    }
}

impl Browser {
    /// The values of all cookies but the one that says by what somebody last signed in, which is a word.
    pub(crate) fn secret_cookies(&self) -> Vec<String> {
        let all = self.jar.values().flatten();
        all.filter(|(name, _)| *name != "__Host-bartizan-last").map(|(_, value)| value.clone()).collect()
    }

    pub(crate) fn new(client: Client) -> Self {
        Self { client, jar: BTreeMap::new(), visited: Vec::new() }
    }

    /// That of somebody who has signed in to an app with password and code.
    pub(crate) async fn signed_in(demo: &Demo, name: &str, app: &str) -> Self {
        let mut browser = Self::new(Client::new(demo));
        let page = browser.go(app, "/").await;
        assert_eq!((page.host.as_str(), page.answer.status), ("auth", 200), "{}", page.text());
        let output =
            Command::new(binary()).args(["demo", "code", name, "--dir"]).arg(&demo.dir).output().unwrap();
        // One that goes on being served is no demo any more, and hands no codes out.
        let code = if output.status.success() {
            String::from_utf8(output.stdout).unwrap()
        } else {
            demo.code(name, 0)
        };
        let page = browser.sign_in(&page, name, &demo.password(name), code.trim()).await;
        assert_eq!(page.host, app, "{}", page.text());
        browser
    }

    /// Goes to a page as a person does, and on to where it leads.
    pub(crate) async fn go(&mut self, app: &str, target: &str) -> Page {
        let (mut app, mut target) = (app.to_owned(), target.to_owned());
        for _ in 0..10 {
            let answer = self.ask(Method::GET, &app, &target, &[], None).await;
            let Some(location) = answer.headers.get("location").filter(|_| answer.status == 303) else {
                return Page { host: app, target, answer };
            };
            (app, target) = self.resolve(&app, location.to_str().unwrap());
        }
        panic!("it leads round in circles: {:?}", self.visited)
    }

    /// Fills in the form of a page, and goes on to where it leads.
    pub(crate) async fn send(&mut self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let hidden = page.hidden();
        let hidden: Vec<(&str, &str)> =
            hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(&page.host, &page.action(), &[fields, &hidden].concat()).await
    }

    /// Sends fields as a page of this host would, and goes on to where it leads.
    pub(crate) async fn post(&mut self, app: &str, target: &str, fields: &[(&str, &str)]) -> Page {
        let form: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let answer = self.ask(Method::POST, app, target, &headers, Some(form.join("&"))).await;
        match answer.headers.get("location").filter(|_| answer.status == 303) {
            None => Page { host: app.to_owned(), target: target.to_owned(), answer },
            Some(location) => {
                let (app, target) = self.resolve(app, location.to_str().unwrap());
                self.go(&app, &target).await
            }
        }
    }

    /// One request with the cookies of its host, as a page of it makes one. What a test says in headers itself counts.
    pub(crate) async fn ask(
        &mut self,
        method: Method,
        app: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        self.visited.push(format!("{app}{target}"));
        let reads = method == Method::GET;
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header("host", self.client.host(app))
            .header("accept", "text/html")
            .header("user-agent", "Rhabarber/7 Firefox/1")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-site", if reads { "none" } else { "same-origin" });
        if !reads {
            request = request.header("origin", format!("https://{}", self.client.host(app)));
        }
        for (name, value) in headers {
            let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
            request.headers_mut().unwrap().insert(name, value.parse().unwrap());
        }
        if let Some(cookies) = self.jar.get(app).filter(|cookies| !cookies.is_empty()) {
            let cookies: Vec<String> =
                cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", cookies.join("; "));
        }
        let request = request.body(Full::new(Bytes::from(body.unwrap_or_default()))).unwrap();
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
        let app = crate::http::app_of(host.split(':').next().unwrap()).to_owned();
        assert_eq!(host, self.client.host(&app), "it leads away");
        (app, target.to_owned())
    }

    /// Claims an account by the code of its link, with this password; the secret of the authenticator app. They are signed in.
    pub(crate) async fn claim(&mut self, code: &str, password: &str) -> String {
        let page = self.go("auth", &format!("/claim?t={code}")).await;
        assert_eq!(page.answer.status, 200, "{}", page.text());
        let page = self.send(&page, &[("password", password)]).await;
        let text = page.text();
        let secret = text.split("secret=").nth(1).unwrap_or_else(|| panic!("no secret: {text}"));
        let secret: String = secret.chars().take_while(char::is_ascii_alphanumeric).collect();
        let page = self.send(&page, &[("code", &totp(&secret, 0))]).await;
        assert!(page.plain().contains("recovery codes"), "{}", page.text());
        let portal = self.send(&page, &[]).await;
        assert_eq!((portal.host.as_str(), portal.answer.status), ("portal", 200), "{}", portal.text());
        secret
    }

    /// A token for an app, from the account page.
    pub(crate) async fn token(&mut self, app: &str) -> String {
        let account = self.go("auth", "/").await;
        let made = self.post("auth", "/token", &[("csrf", &account.csrf()), ("app", app)]).await;
        let text = made.text();
        let token = text.split("bzn_").nth(1).unwrap_or_else(|| panic!("no token: {text}"));
        format!("bzn_{}", token.chars().take(43).collect::<String>())
    }

    /// Signs in on the page that was arrived at.
    pub(crate) async fn sign_in(&mut self, page: &Page, login: &str, password: &str, code: &str) -> Page {
        assert!(page.target.starts_with("/sign-in"), "{}", page.target);
        let second = self.send(page, &[("login", login), ("password", password)]).await;
        assert!(second.target.starts_with("/code"), "{}", second.text());
        self.send(&second, &[("code", code)]).await
    }
}

fn plain(html: &str) -> String {
    html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
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
