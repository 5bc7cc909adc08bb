//! Tables as `text/csv` (RFC 4180), for people who open them in a spreadsheet.

use actix_web::http::header::{ACCEPT, Accept, CONTENT_DISPOSITION, Header as _, VARY};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};

/// Whether a caller would rather have a table than JSON.
pub(super) fn wants_csv(request: &HttpRequest) -> bool {
    let Ok(accept) = Accept::parse(request) else { return false };
    let ranked = accept.ranked();
    let known =
        ranked.iter().find(|kind| ["text/csv", "application/json"].contains(&kind.essence_str()));
    known.is_some_and(|kind| kind.essence_str() == "text/csv")
}

/// One row. Every cell stands in quotes, and one that a spreadsheet would take for a formula begins with an
/// apostrophe: what others wrote (a name, a title) must not be carried out on a patient's machine.
pub(super) fn row(cells: impl IntoIterator<Item = String>) -> String {
    let cells = cells.into_iter().map(|cell| {
        let formula = cell.starts_with(FORMULA);
        let quoted = cell.replace('"', "\"\"");
        format!("\"{}{quoted}\"", if formula { "'" } else { "" })
    });
    let mut line = cells.collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

/// How a formula begins, also in the wide forms that East Asian keyboards write, and behind what is skipped.
const FORMULA: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// A table to be saved under a name.
pub(super) struct CsvFile<'a>(&'a str);

impl<'a> CsvFile<'a> {
    /// The name is of our making: letters, digits, dots and dashes.
    pub(super) const fn named(name: &'a str) -> Self {
        Self(name)
    }

    /// Sends rows as they come. In front stands the mark by which spreadsheets know UTF-8.
    pub(super) fn answer(
        self,
        mut response: HttpResponseBuilder,
        rows: impl Stream<Item = std::io::Result<String>> + 'static,
    ) -> HttpResponse {
        let mark = futures::stream::once(async { Ok(Bytes::from_static(b"\xef\xbb\xbf")) });
        response
            .content_type("text/csv; charset=utf-8; header=present")
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", self.0)))
            .insert_header((VARY, ACCEPT.as_str()))
            .streaming(mark.chain(rows.map(|row| row.map(Bytes::from))))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_cell_is_a_word_and_never_a_formula() {
        let cells = [
            "plain",
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\u{ff1d}1",
            "a=b",
            "",
            "say \"A\", B",
        ];
        assert_eq!(
            row(cells.map(str::to_owned)),
            "\"plain\",\"'=1+1\",\"'+1\",\"'-1\",\"'@SUM(A1)\",\"'\t=1\",\"'\u{ff1d}1\",\"a=b\",\"\",\"say \"\"A\"\", B\"\r\n"
        );
    }

    #[test]
    fn a_table_is_sent_to_whoever_would_rather_have_one() {
        for (accept, wants) in [
            ("text/csv", true),
            ("text/csv, application/json;q=0.5", true),
            ("text/csv;q=0.5, application/json", false),
            ("application/json", false),
            ("*/*", false),
            ("text/html, */*;q=0.8", false),
            ("nonsense", false),
        ] {
            let request = TestRequest::default().insert_header((ACCEPT, accept)).to_http_request();
            assert_eq!(wants_csv(&request), wants, "{accept}");
        }
        assert!(!wants_csv(&TestRequest::default().to_http_request()));
    }
}
