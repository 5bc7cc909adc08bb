//! The web app, for browsers: its files, and its page at every address that is no other's. The app is built
//! from `dashboards/` and lies in the binary; which screen an address means, the app knows.

mod files;
mod page;

use actix_web::http::Method;
use actix_web::http::header::ACCEPT;
use actix_web::{HttpRequest, HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

/// Where machines ask: what is not there is told to them as a problem, and is never a page.
const FOR_MACHINES: [&str; 3] = ["/api/", "/log/", "/.well-known/"];

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(front);
}

/// The web app, for whoever asks for HTML; otherwise where to look, in plain text.
#[utoipa::path(
    tag = "health",
    security(()),
    responses((status = 200, description = "The web app, or plain text", content(
        (String = "text/html"),
        (String = "text/plain"),
    ))),
)]
#[get("/")]
async fn front(request: HttpRequest) -> HttpResponse {
    if asks_for_a_page(&request) {
        return page::page(&request);
    }
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(
        "Medlock answers here.\n\n\
         /                   the web app, in a browser\n\
         /api/docs/          the REST API, to read and to try\n\
         /api/openapi.json   the same for machines\n\
         /readyz  /metrics   how it is doing\n",
    )
}

/// What the app has at an address that is no route's: a file, or its page; none where it has nothing.
pub(super) fn elsewhere(request: &HttpRequest) -> Option<HttpResponse> {
    let path = request.path();
    if request.method() != Method::GET || FOR_MACHINES.iter().any(|root| path.starts_with(root)) {
        return None;
    }
    if let Some(file) = files::named(path) {
        return Some(file.answer(request));
    }
    (asks_for_a_page(request) && no_other_method(request)).then(|| page::page(request))
}

/// Whether somebody would rather have a page: browsers name HTML when they open an address, programs do not.
fn asks_for_a_page(request: &HttpRequest) -> bool {
    let mut accepted = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    accepted.any(|value| value.contains("text/html"))
}

/// Whether the address is nobody else's under another method.
fn no_other_method(request: &HttpRequest) -> bool {
    request.resource_map().match_pattern(request.path()).is_none()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_browser_asks_for_a_page_and_a_program_does_not() {
        let asks = |accept: Option<&'static str>| {
            let request = TestRequest::default();
            let request =
                accept.into_iter().fold(request, |r, value| r.insert_header((ACCEPT, value)));
            asks_for_a_page(&request.to_http_request())
        };
        assert!(asks(Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")));
        for program in [None, Some("*/*"), Some("application/json"), Some("text/event-stream")] {
            assert!(!asks(program), "{program:?}");
        }
    }
}
