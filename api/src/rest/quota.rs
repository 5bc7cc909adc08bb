//! How often one may ask, as answers say it: `RateLimit-Policy` and `RateLimit`
//! (draft-ietf-httpapi-ratelimit-headers).

use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

/// The span in which a full quota comes together again, seconds: a sixth of a minute's may come at once.
const WINDOW_SECONDS: u32 = 10;

/// The quota of requests from one address.
#[derive(Debug, Clone)]
pub(crate) struct Quota {
    policy: HeaderValue,
}

/// What is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// So many more may come at once.
    Requests(u32),
    /// None, for so long.
    NoneFor(Duration),
}

impl Quota {
    /// Of so many requests a minute.
    pub(crate) fn new(requests_per_minute: u32) -> Self {
        let quota = (requests_per_minute / 6).max(1);
        let policy = format!("\"requests\";q={quota};w={WINDOW_SECONDS}");
        // Digits and letters only, as the line above shows.
        let policy = policy.parse().unwrap_or_else(|_| HeaderValue::from_static(""));
        Self { policy }
    }

    /// Says in an answer how often one may ask, and how much of that is left.
    pub(crate) fn say(&self, left: Left, headers: &mut HeaderMap) {
        headers.insert(HeaderName::from_static("ratelimit-policy"), self.policy.clone());
        let left = match left {
            Left::Requests(left) => format!("\"requests\";r={left}"),
            Left::NoneFor(wait) => format!("\"requests\";r=0;t={}", wait.as_secs().max(1)),
        };
        if let Ok(left) = left.parse() {
            headers.insert(HeaderName::from_static("ratelimit"), left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_said_beside_what_there_is() {
        let said = |left| {
            let mut headers = HeaderMap::new();
            Quota::new(6_000).say(left, &mut headers);
            ["ratelimit-policy", "ratelimit"]
                .map(|name| headers.get(name).unwrap().to_str().unwrap().to_owned())
        };
        let policy = "\"requests\";q=1000;w=10";
        assert_eq!(said(Left::Requests(7)), [policy, "\"requests\";r=7"]);
        let wait = Left::NoneFor(Duration::from_millis(2_400));
        assert_eq!(said(wait), [policy, "\"requests\";r=0;t=2"]);
    }
}
