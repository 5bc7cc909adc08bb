//! Which part of a file is asked for: `Range`, as far as `If-Range` lets it count (RFC 9110, 14.2).

use actix_web::HttpRequest;
use actix_web::http::header::{ETag, EntityTag, Header as _, IfNoneMatch, IfRange, Range};
use commands::access::downloading::FilePart;

/// What is asked for of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum AskedFor {
    /// All of it.
    Whole,
    /// Some bytes in a row.
    Part(FilePart),
    /// Bytes that it does not have.
    Nothing,
}

/// Reads what is asked for of a file with this tag and so many bytes. What is no range of bytes, or several
/// at once, asks for the whole.
pub(super) fn asked_for(request: &HttpRequest, tag: &EntityTag, size: u64) -> AskedFor {
    let Ok(Range::Bytes(ranges)) = Range::parse(request) else { return AskedFor::Whole };
    let [range] = ranges.as_slice() else { return AskedFor::Whole };
    let still_so = match IfRange::parse(request) {
        Ok(IfRange::EntityTag(known)) => known.strong_eq(tag),
        Ok(IfRange::Date(_)) => false,
        Err(_) => !request.headers().contains_key("If-Range"),
    };
    if !still_so {
        return AskedFor::Whole;
    }
    let part = range.to_satisfiable_range(size);
    part.map_or(AskedFor::Nothing, |(first, last)| AskedFor::Part(FilePart { first, last }))
}

/// Whether the caller has what they ask for.
pub(in crate::rest) fn has_it(request: &HttpRequest, ETag(tag): &ETag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn of_ten(lines: &[(&'static str, &str)]) -> AskedFor {
        let request =
            lines.iter().fold(TestRequest::default(), |request, line| request.insert_header(*line));
        asked_for(&request.to_http_request(), &EntityTag::new_strong("now".to_owned()), 10)
    }

    #[test]
    fn a_part_is_what_there_is_of_it() {
        for (range, first, last) in
            [("0-0", 0, 0), ("3-", 3, 9), ("-4", 6, 9), ("-40", 0, 9), ("2-400", 2, 9)]
        {
            let part = AskedFor::Part(FilePart { first, last });
            assert_eq!(of_ten(&[("Range", &format!("bytes={range}"))]), part, "{range}");
        }
        for beyond in ["bytes=10-", "bytes=400-500", "bytes=-0"] {
            assert_eq!(of_ten(&[("Range", beyond)]), AskedFor::Nothing, "{beyond}");
        }
        for other in ["bytes=", "bytes=x", "bytes=5-2", "bytes=0-1,4-5", "pages=1-2", "bytes"] {
            assert_eq!(of_ten(&[("Range", other)]), AskedFor::Whole, "{other}");
        }
        assert_eq!(of_ten(&[]), AskedFor::Whole);
    }

    #[test]
    fn a_part_of_something_else_is_the_whole() {
        let range = ("Range", "bytes=0-3");
        let part = AskedFor::Part(FilePart { first: 0, last: 3 });
        assert_eq!(of_ten(&[range, ("If-Range", "\"now\"")]), part);
        for other in ["\"then\"", "W/\"now\"", "Mon, 23 Nov 2026 08:00:00 GMT", "now"] {
            assert_eq!(of_ten(&[range, ("If-Range", other)]), AskedFor::Whole, "{other}");
        }
    }
}
