//! Which methods an address takes, as `Allow` says it to whoever tried another (RFC 9110, 15.5.6). The
//! description of the API knows.

use std::collections::HashMap;
use std::sync::OnceLock;

use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};

use super::head::answers_head;
use super::web_app;
use crate::problem::{METHOD, NOT_FOUND, Problem};

/// What no route matches: the web app has it, or the address takes other methods, or there is none.
pub(crate) async fn no_route(request: HttpRequest) -> HttpResponse {
    if let Some(answer) = web_app::elsewhere(&request) {
        return answer;
    }
    let known = request.resource_map();
    let pattern = known.match_pattern(request.path());
    if pattern.is_none() && known.match_name(request.path()).is_none() {
        return Problem::from(NOT_FOUND).error_response();
    }
    let allowed = pattern.and_then(|pattern| by_address().get(&pattern).cloned());
    other_method(allowed.unwrap_or_else(|| HeaderValue::from_static("GET, HEAD")))
}

/// What an address says whose parts are not of their form: it names nothing; or it is one of our own, beside
/// `…/{session}`, that takes other methods.
pub(super) fn not_of_its_form(request: &HttpRequest) -> HttpResponse {
    let own = by_address().get(request.path()).cloned();
    own.map_or_else(|| Problem::from(NOT_FOUND).error_response(), other_method)
}

fn other_method(allowed: HeaderValue) -> HttpResponse {
    let mut answer = Problem::from(METHOD).error_response();
    answer.headers_mut().insert(ALLOW, allowed);
    answer
}

/// Every address of the description with its methods; made once.
fn by_address() -> &'static HashMap<String, HeaderValue> {
    static ALLOWED: OnceLock<HashMap<String, HeaderValue>> = OnceLock::new();
    ALLOWED.get_or_init(|| {
        let document = super::openapi();
        let paths = document["paths"].as_object().into_iter().flatten();
        let allowed = paths.filter_map(|(path, operations)| {
            let mut methods: Vec<String> =
                operations.as_object()?.keys().map(|name| name.to_uppercase()).collect();
            if methods.iter().any(|name| name == "GET") && answers_head(path) {
                methods.push("HEAD".to_owned());
            }
            methods.sort_unstable();
            Some((path.clone(), methods.join(", ").parse().ok()?))
        });
        allowed.collect()
    })
}
