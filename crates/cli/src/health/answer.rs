//! What is answered: three paths, to GET and HEAD.

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::uri::Authority;
use http::{Method, Response, StatusCode};
use http_body_util::Full;
use serde_json::json;

use super::{Health, text};

impl Health {
    /// The answer to a request, of which no body is read.
    pub(super) fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response<Full<Bytes>> {
        if !is_asked_here(headers) {
            let told = "ask for an address or for localhost: no host of that name is here\n";
            return plain(StatusCode::MISDIRECTED_REQUEST, told);
        }
        let found: fn(&Self) -> Response<Full<Bytes>> = match path {
            "/livez" => Self::live,
            "/readyz" => Self::ready,
            "/metrics" => |health| respond(StatusCode::OK, text::CONTENT_TYPE, health.metrics()),
            _ => return plain(StatusCode::NOT_FOUND, "there are /livez, /readyz and /metrics here\n"),
        };
        if !matches!(*method, Method::GET | Method::HEAD) {
            let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "this answers GET and HEAD\n");
            refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return refused;
        }
        found(self)
    }

    fn live(&self) -> Response<Full<Bytes>> {
        match self.stuck() {
            None => plain(StatusCode::OK, "ok\n"),
            Some(since) => {
                let told = format!(
                    "the process has not come to its tasks for {} s: start it anew\n",
                    since.as_secs()
                );
                plain(StatusCode::SERVICE_UNAVAILABLE, told)
            }
        }
    }

    fn ready(&self) -> Response<Full<Bytes>> {
        let checks = self.checks();
        let ready = checks.iter().all(|check| check.ok);
        let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        let told = json!({ "ready": ready, "checks": checks });
        respond(status, "application/json", format!("{told}\n"))
    }
}

/// A page in a browser on this machine could have the name of its own host lead here and read the answer. What is asked
/// under a name is refused, then, but for the one that always is this machine.
fn is_asked_here(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST) else { return true };
    let Ok(authority) = Authority::try_from(host.as_bytes()) else { return false };
    let name = authority.host();
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || address.parse::<std::net::IpAddr>().is_ok()
}

fn plain(status: StatusCode, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    respond(status, "text/plain; charset=utf-8", text)
}

fn respond(status: StatusCode, kind: &'static str, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::*;

    fn status(method: &Method, path: &str, host: Option<&str>) -> u16 {
        let mut headers = HeaderMap::new();
        headers.extend(host.map(|host| (header::HOST, HeaderValue::from_str(host).unwrap())));
        Health::new().answer(method, path, &headers).status().as_u16()
    }

    #[test]
    fn three_paths_answer_to_two_methods() {
        let get = |path| status(&Method::GET, path, None);
        assert_eq!(["/livez", "/readyz", "/metrics"].map(get), [200, 503, 200]);
        assert_eq!(["/", "/livez/", "/metrics/x", "/debug"].map(get), [404; 4]);
        assert_eq!(status(&Method::HEAD, "/livez", None), 200);
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS, Method::TRACE] {
            assert_eq!(status(&method, "/livez", None), 405);
        }
    }

    #[tokio::test]
    async fn a_process_that_does_not_come_to_its_tasks_is_to_be_started_anew() {
        let health = Health::new();
        let live =
            |health: &Health| health.answer(&Method::GET, "/livez", &HeaderMap::new()).status().as_u16();
        let since = |seconds| Instant::now().checked_sub(Duration::from_secs(seconds));
        assert_eq!(live(&health), 200, "nothing is to be served yet");
        health.pulse.send_replace(since(29));
        assert_eq!(live(&health), 200);
        health.pulse.send_replace(since(31));
        assert_eq!(live(&health), 503);
        let beating = tokio::time::timeout(Duration::from_millis(20), health.beat());
        assert!(beating.await.is_err());
        assert_eq!(live(&health), 200);
    }

    #[test]
    fn nothing_is_answered_under_the_name_of_a_site() {
        for host in ["127.0.0.1:9464", "[::1]:9464", "localhost", "LocalHost:1", "10.0.0.9"] {
            assert_eq!(status(&Method::GET, "/metrics", Some(host)), 200, "{host}");
        }
        for host in ["evil.example", "evil.example:9464", "localhost.evil.example", "[evil]", "a b", ""] {
            assert_eq!(status(&Method::GET, "/metrics", Some(host)), 421, "{host}");
        }
    }
}
