//! What of an upstream's answer head a client may see.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::request::{connection_options, is_our_cookie, is_returnable};

/// Keeps of an answer's fields those that may pass, and of its cookies those that are not ours.
pub(crate) fn keep_passable(headers: &mut HeaderMap) {
    // What cannot be read names nothing.
    let named = connection_options(headers).unwrap_or_default();
    let drop: Vec<HeaderName> = headers
        .keys()
        .filter(|name| {
            let option =
                named.contains(name) && **name != header::SET_COOKIE && **name != header::CONTENT_LENGTH;
            !is_returnable(name.as_str()) || option
        })
        .cloned()
        .collect();
    for name in drop {
        headers.remove(name);
    }
    rewrite(headers, &header::SET_COOKIE, cookie);
}

fn rewrite(headers: &mut HeaderMap, name: &HeaderName, each: impl Fn(&HeaderValue) -> Option<HeaderValue>) {
    if !headers.contains_key(name) {
        return;
    }
    let kept: Vec<HeaderValue> = headers.get_all(name).iter().filter_map(each).collect();
    headers.remove(name);
    for value in kept {
        headers.append(name.clone(), value);
    }
}

/// A cookie as an app may set it: not one of ours, and for its own host only. An upstream that could set cookies for the
/// whole domain could set them for our own hosts, too.
fn cookie(value: &HeaderValue) -> Option<HeaderValue> {
    let bytes = value.as_bytes();
    let mut parts = bytes.split(|byte| *byte == b';');
    let pair = parts.next()?.trim_ascii();
    // RFC 6265bis, 5.6: without `=` the name is empty and all of it the value; so `=__Host-…` is sent back as ours would be.
    let name = pair.strip_prefix(b"=").unwrap_or(pair).trim_ascii_start();
    if is_our_cookie(name) {
        return None;
    }
    let is_domain = |part: &[u8]| {
        let name = part.split(|byte| *byte == b'=').next().unwrap_or_default();
        name.trim_ascii().eq_ignore_ascii_case(b"domain")
    };
    if !parts.clone().any(is_domain) {
        return Some(value.clone());
    }
    let mut kept = pair.to_vec();
    for part in parts.filter(|part| !is_domain(part)) {
        kept.push(b';');
        kept.extend_from_slice(part);
    }
    HeaderValue::from_bytes(&kept).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(pairs: &[(&str, &str)]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        keep_passable(&mut headers);
        let mut fields: Vec<String> =
            headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        fields.sort();
        fields
    }

    #[test]
    fn what_concerns_one_connection_or_is_ours_to_say_stays_behind() {
        let pairs = [
            ("content-type", "text/plain"),
            ("connection", "x-hop, content-length"),
            ("x-hop", "1"),
            ("keep-alive", "9"),
            ("transfer-encoding", "chunked"),
            ("bartizan-request-id", "forged"),
            ("bartizan-user", "x"),
            ("alt-svc", "h3=\":443\""),
            ("strict-transport-security", "max-age=1; includeSubDomains"),
            ("clear-site-data", "\"cookies\""),
            ("content-length", "5"),
            ("upgrade", "h2c"),
            ("x-app", "2"),
        ];
        assert_eq!(kept(&pairs), ["content-length: 5", "content-type: text/plain", "x-app: 2"]);
    }

    #[test]
    fn no_upstream_sets_or_clears_a_cookie_of_ours() {
        for ours in [
            "__Host-bartizan=bza_x; Path=/; Secure",
            "__host-BARTIZAN=; Max-Age=0",
            "__Host-bartizan-start-1=x",
            " __Host-bartizan =x",
            "=__Host-bartizan=x",
            "__Host-bartizan",
        ] {
            assert_eq!(kept(&[("set-cookie", ours), ("set-cookie", "a=1")]), ["set-cookie: a=1"], "{ours}");
        }
    }

    #[test]
    fn a_cookie_of_an_app_is_for_its_host() {
        for (set, passed) in [
            ("a=1; Path=/; HttpOnly", "a=1; Path=/; HttpOnly"),
            ("a=1; Domain=example.org; Path=/", "a=1; Path=/"),
            ("a=1;domain = .example.org;Secure", "a=1;Secure"),
            ("a=1; DOMAIN", "a=1"),
            ("domain=1; Path=/", "domain=1; Path=/"),
        ] {
            assert_eq!(kept(&[("set-cookie", set)]), [format!("set-cookie: {passed}")]);
        }
    }
}
