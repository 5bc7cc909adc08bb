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
/// `…/{session}` or `…/{consent}`, that takes other methods.
pub(super) fn not_of_its_form(request: &HttpRequest) -> HttpResponse {
    let takes = |allowed: &HeaderValue| {
        let names = allowed.to_str().unwrap_or_default();
        names.split(", ").any(|name| name == request.method().as_str())
    };
    let own = by_address()
        .iter()
        .find(|(pattern, allowed)| fits(pattern, request.path()) && !takes(allowed));
    let own = own.map(|(_, allowed)| allowed.clone());
    own.map_or_else(|| Problem::from(NOT_FOUND).error_response(), other_method)
}

/// Whether a path is of this pattern, and ends in the same word.
fn fits(pattern: &str, path: &str) -> bool {
    let (parts, said) = (pattern.split('/'), path.split('/'));
    let same_length = parts.clone().count() == said.clone().count();
    same_length
        && parts.clone().next_back() == said.clone().next_back()
        && parts.zip(said).all(|(part, said)| part == said || part.starts_with('{'))
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
