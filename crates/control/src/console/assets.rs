//! Stylesheet and scripts of the console's pages.
//!
//! They take no proof of a right, because they say nothing about the deployment: they are in every copy of Bartizan. The
//! gateway decides on a request for one as on any of this host, and has it in the log: once for each browser and release,
//! because they are kept for good.

use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use bartizan_enforce::Caller;
use bartizan_ui::Asset;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::api::failure::no_such_call;

pub(super) async fn show(
    Path(name): Path<String>,
    headers: HeaderMap,
    caller: Option<axum::Extension<Caller>>,
) -> Response {
    let Some(asset) = Asset::named(&name) else { return no_such_call(caller).await };
    let packed = takes_gzip(&headers).then(|| asset.gzip()).flatten();
    let mut response = match packed {
        Some(bytes) => ([(header::CONTENT_ENCODING, "gzip")], bytes).into_response(),
        None => asset.bytes().into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind()));
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether gzip is among what a client takes (RFC 9110, 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING);
    let each = lists.iter().filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(','));
    each.map(|each| each.split_once(';').unwrap_or((each, ""))).any(|(coding, weight)| {
        let weight = weight.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
        coding.trim().eq_ignore_ascii_case("gzip") && weight.is_ok_and(|weight| weight > 0.0)
    })
}

/// For good: another content has another name. For pages of this host alone.
const FIXED: [(HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    (header::VARY, "accept-encoding"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_who_takes_it() {
        for (said, takes) in [
            ("gzip, deflate, br, zstd", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("gzip;q=x", false),
            ("br, x-gzip", false),
            ("identity", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(said))]);
            assert_eq!(takes_gzip(&headers), takes, "{said}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
