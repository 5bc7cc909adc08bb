//! Which page made a request: browsers say it, and what changes something is taken from our own page only.

use actix_web::http::Method;
use actix_web::http::header::{HOST, HeaderMap, HeaderName, ORIGIN};

use crate::config::PublicUrl;
use crate::problem::{FOREIGN_ORIGIN, Problem};

/// What browsers say of the page's site, beside its origin (W3C Fetch Metadata).
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what a page of another address sends to change something. Whoever says nothing of a page is no
/// browser, or one that sends a cookie to nobody else (`SameSite=Strict`).
pub(super) fn refuse_foreign(
    method: &Method,
    headers: &HeaderMap,
    ours: Option<&PublicUrl>,
) -> Result<(), Problem> {
    if method.is_safe() {
        return Ok(());
    }
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let same_site = text(&SITE).is_none_or(|site| matches!(site, "same-origin" | "none"));
    let same_origin = text(&ORIGIN).is_none_or(|origin| match ours {
        Some(url) => origin == url.origin(),
        // Behind a proxy the scheme is not ours to know.
        None => origin.split_once("://").is_some_and(|(_, page)| Some(page) == text(&HOST)),
    });
    if same_site && same_origin { Ok(()) } else { Err(FOREIGN_ORIGIN.into()) }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn taken(url: Option<&str>, method: Method, lines: &[(HeaderName, &str)]) -> bool {
        let url = url.map(|url| PublicUrl::try_from(url.to_owned()).unwrap());
        let pairs = lines
            .iter()
            .map(|(name, text)| (name.clone(), HeaderValue::from_bytes(text.as_bytes()).unwrap()));
        let headers = pairs.collect();
        refuse_foreign(&method, &headers, url.as_ref()).is_ok()
    }

    #[test]
    fn a_page_of_another_address_changes_nothing() {
        let url = Some("https://medlock.example.org");
        let host = (HOST, "medlock.example.org");
        for foreign in [
            "https://evil.example",
            "https://medlock.example.org.evil.example",
            "https://medlock.example.org:8443",
            "https://app.medlock.example.org",
            "null",
            "",
            "m\u{fc}ll",
        ] {
            for ours in [url, None] {
                assert!(
                    !taken(ours, Method::POST, &[host.clone(), (ORIGIN, foreign)]),
                    "{foreign}"
                );
                assert!(taken(ours, Method::GET, &[host.clone(), (ORIGIN, foreign)]), "{foreign}");
            }
        }
        for site in ["cross-site", "same-site", "?"] {
            assert!(!taken(url, Method::PUT, &[(SITE, site)]), "{site}");
        }
    }

    #[test]
    fn our_own_page_and_whoever_is_no_browser_change_things() {
        let url = Some("https://medlock.example.org");
        let own = [(ORIGIN, "https://medlock.example.org"), (SITE, "same-origin")];
        assert!(taken(url, Method::DELETE, &own));
        assert!(taken(url, Method::POST, &[]));
        assert!(taken(url, Method::POST, &[(SITE, "none")]));
        assert!(taken(
            None,
            Method::POST,
            &[(HOST, "127.0.0.1:8480"), (ORIGIN, "http://127.0.0.1:8480")]
        ));
        // A proxy that names another host does not make another page ours.
        assert!(!taken(
            url,
            Method::POST,
            &[(HOST, "evil.example"), (ORIGIN, "https://evil.example")]
        ));
        assert!(!taken(url, Method::POST, &[(ORIGIN, "http://medlock.example.org")]));
    }
}
