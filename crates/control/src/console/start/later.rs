//! Which of the first steps somebody has left out, as their browser keeps it. It changes nothing but what they are shown.

use std::collections::BTreeSet;

use bartizan_identity::web::find_cookie;
use http::HeaderMap;

use super::Step;

/// The steps that are left out for now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Later(BTreeSet<Step>);

impl Later {
    /// What a browser says; what it says of anything else is nothing.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let named = find_cookie(headers, COOKIE).unwrap_or_default().split('.');
        Self(named.filter_map(|name| Step::ALL.into_iter().find(|step| step.as_str() == name)).collect())
    }

    pub(super) fn has(&self, step: Step) -> bool {
        self.0.contains(&step)
    }

    pub(super) fn leave(&mut self, step: Step) {
        self.0.insert(step);
    }

    pub(super) fn take_up(&mut self, step: Step) {
        self.0.remove(&step);
    }

    /// The cookie that keeps it, for this host only and no script.
    pub(super) fn cookie(&self) -> String {
        let steps: Vec<&str> = self.0.iter().map(|step| step.as_str()).collect();
        format!("{COOKIE}={}; Path=/; Max-Age={A_YEAR}; Secure; HttpOnly; SameSite=Lax", steps.join("."))
    }
}

/// Of our own cookies, which alone reach our own hosts, one that proves nothing.
const COOKIE: &str = "__Host-bartizan-later";

/// A year, in seconds.
const A_YEAR: u32 = 31_536_000;

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header};

    use super::*;

    #[test]
    fn what_a_browser_keeps_is_read_again_and_nothing_else_is() {
        let mut later = Later::default();
        later.leave(Step::Denial);
        later.leave(Step::App);
        let cookie = later.cookie();
        let (pair, rest) = cookie.split_once(';').unwrap();
        assert_eq!(pair, "__Host-bartizan-later=app.denial");
        assert!(rest.contains("Secure; HttpOnly; SameSite=Lax"), "{rest}");
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1"));
        headers.append(header::COOKIE, HeaderValue::from_str(&format!("b=2; {pair}; c=3")).unwrap());
        assert_eq!(Later::of(&headers), later);
        for other in ["__Host-bartizan-later=x.<app>", "bartizan-later=app", "app"] {
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(other).unwrap())]);
            assert_eq!(Later::of(&headers), Later::default(), "{other}");
        }
    }
}
