//! The app's one page, as each reader gets it: with a nonce of its own for the styles that the app makes, and
//! a policy that lets nothing else in.

use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};

use super::files::index;
use crate::rest::state::HttpState;
use crate::wiring::App;

/// Scripts, styles and fonts come from files of ours, and styles that carry the page's nonce; pictures also
/// from what the app holds in memory (a report's page, a QR code). No form goes anywhere, nobody frames it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; \
                      img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; \
                      worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'; \
                      base-uri 'none'; form-action 'none'";

/// Where the built page has the nonce's place.
const NONCE_HERE: &str = "%STYLE_NONCE%";
/// Where it has the place of what the installation holds.
const DATA_HERE: &str = "%DATA%";

/// The page.
pub(super) fn page(request: &HttpRequest) -> HttpResponse {
    let app = request.app_data::<web::Data<App>>();
    // Without an installation there is no chance to draw from: then no style is let in.
    let nonce = app.map(|app| app.fresh.nonce()).unwrap_or_default();
    let synthetic =
        request.app_data::<web::Data<HttpState>>().is_some_and(|http| http.is_synthetic);
    let data = if synthetic { "synthetic" } else { "real" };
    let text = index().replace(NONCE_HERE, &nonce).replace(DATA_HERE, data);
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY.replace("{nonce}", &nonce)))
        .body(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_page_has_a_place_for_what_is_put_in() {
        assert_eq!(index().matches(NONCE_HERE).count(), 1);
        assert_eq!(index().matches(DATA_HERE).count(), 1);
        assert!(!POLICY.contains("unsafe"));
    }
}
