//! The history, narrowed: page, total and the table for a spreadsheet go through one filter.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment};
use tests::door::Reply;

/// A history of two doctors and two reports, some of it two hours later, and where it is.
struct Told {
    app: TestApp,
    ana: Person,
    bo: Person,
    eve: Person,
    letter: String,
    later_on: String,
    path: String,
}

async fn told() -> Told {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let eve = app.doctor(&cy, "Dr Eve Engel", "eve@example.org").await;
    let letter = ana.letter(&app, &ana.id, "=HYPERLINK(\"http://evil\")").await;
    let scan = ana.write(&app, &ana.id, "Scan, \"left\"", "imaging").await;
    for doctor in [&bo, &eve] {
        ana.grant(&app, all_for_treatment(&app, &doctor.id)).await.expect(201);
    }
    bo.open(&app, &ana.id, &letter).await;
    app.later(Duration::from_secs(2 * 3_600));
    let later_on = app.now().to_string();
    eve.open(&app, &ana.id, &scan).await;
    let consents = format!("/api/v1/patients/{}/consents", ana.id);
    let of_bo = ana.list(&app, &consents).await.expect(200).items()[1]["consent"].clone();
    let revoke = format!("{consents}/{}/revoke", of_bo.as_str().unwrap());
    ana.request(&app, Method::POST, &revoke).send().await.unwrap();
    let path = format!("/api/v1/patients/{}/access-history", ana.id);
    Told { app, ana, bo, eve, letter, later_on, path }
}

/// The history as a table, everything that happened so far included.
async fn table(told: &Told, query: &str) -> Reply {
    let path = format!("{}?{query}&min_position={}", told.path, told.app.newest());
    let request = told.ana.request(&told.app, Method::GET, &path);
    Reply::to(request.header("Accept", "text/csv")).await
}

/// The cells of a table, row by row.
fn cells(reply: &Reply) -> Vec<Vec<String>> {
    let text = String::from_utf8(reply.bytes.to_vec()).unwrap();
    let text = text.strip_prefix('\u{feff}').expect("the mark of UTF-8");
    let line = |line: &str| {
        let inner = line.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
        inner.split("\",\"").map(|cell| cell.replace("\"\"", "\"")).collect()
    };
    text.split_terminator("\r\n").map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn page_total_and_table_go_through_one_filter() {
    let told = told().await;
    let Told { app, ana, bo, eve, letter, later_on, path } = &told;
    let every = ana.list(app, path).await.expect(200);
    let judge = |wanted: &dyn Fn(&Value) -> bool| {
        every.items().into_iter().filter(|entry| wanted(entry)).collect::<Vec<_>>()
    };
    let of = |id: &str, entry: &Value| entry["doctor"] == id;
    let late = |entry: &Value| entry["at"].as_str().unwrap() >= later_on.as_str();
    for (query, wanted) in [
        ("kind=viewed".to_owned(), judge(&|entry| entry["kind"] == "viewed")),
        (format!("doctor={}", bo.id.to_uppercase()), judge(&|entry| of(&bo.id, entry))),
        (format!("report={letter}"), judge(&|entry| entry["report"] == **letter)),
        (format!("from={later_on}"), judge(&late)),
        (format!("until={later_on}"), judge(&|entry| !late(entry))),
        (
            format!("doctor={}&from={later_on}&kind=viewed", eve.id),
            judge(&|entry| of(&eve.id, entry) && late(entry) && entry["kind"] == "viewed"),
        ),
    ] {
        assert!(!wanted.is_empty() && wanted.len() < every.items().len(), "{query}");
        let page = ana.list(app, &format!("{path}?{query}&limit=1")).await.expect(200);
        assert_eq!(page.json()["total"], wanted.len(), "{query}");
        let whole = ana.list(app, &format!("{path}?{query}")).await.expect(200);
        assert_eq!(whole.items(), wanted, "{query}");
        let rows = cells(&table(&told, &query).await.expect(200));
        let events: Vec<_> = rows[1..].iter().map(|row| row.last().unwrap().clone()).collect();
        assert_eq!(events, whole.column("event"), "{query}");
    }
    // Whose consent was taken back stands with the doctor it named.
    let revoked = ana.list(app, &format!("{path}?kind=revoked&doctor={}", bo.id)).await;
    assert_eq!(revoked.expect(200).json()["total"], 1);
    for wrong in ["kind=opened", "doctor=bo", "report=", "from=yesterday", "to=2026-11-24"] {
        ana.get(app, &format!("{path}?{wrong}")).await.refused(400, "bad_query");
    }
    let empty = format!("{path}?from={later_on}&until={later_on}");
    ana.get(app, &empty).await.refused(400, "bad_query");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_holds_what_was_written_and_no_formula() {
    let told = told().await;
    let reply = table(&told, "").await.expect(200);
    assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(
        reply.header("content-disposition"),
        "attachment; filename=\"medlock-history-2026-11-23.csv\""
    );
    assert_eq!(
        (reply.header("vary"), reply.header("cache-control")),
        ("accept".into(), "no-store".into())
    );
    let rows = cells(&reply);
    let (head, rows) = rows.split_first().unwrap();
    let entries = told.ana.list(&told.app, &told.path).await.expect(200).items();
    assert_eq!(rows.len(), entries.len());
    for (row, entry) in rows.iter().zip(&entries) {
        assert_eq!(row.len(), head.len());
        for (name, cell) in head.iter().zip(row) {
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{name}: {cell}");
            let said = entry[name].as_str().map_or_else(
                || entry.get(name).map(Value::to_string).unwrap_or_default(),
                str::to_owned,
            );
            let formula = said.starts_with('=');
            assert_eq!(*cell, if formula { format!("'{said}") } else { said }, "{name}");
        }
    }
    let titles = rows.iter().map(|row| &row[9]);
    assert!(titles.clone().any(|title| title.starts_with("'=HYPERLINK")), "{rows:?}");
    // Pages are of lists, and a table is one's own.
    table(&told, "limit=5").await.refused(400, "bad_query");
    let request = told.bo.request(&told.app, Method::GET, &told.path);
    let by_bo = Reply::to(request.header("Accept", "text/csv")).await;
    by_bo.refused(403, "wrong_role");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_did_not_change_keeps_its_tag_though_its_cursor_is_new() {
    let told = told().await;
    let Told { app, ana, path, .. } = &told;
    let first = format!("{path}?limit=2");
    let (one, two) = (ana.list(app, &first).await, ana.list(app, &first).await);
    assert_ne!(one.text("next"), two.text("next"), "it is sealed afresh");
    assert_eq!(one.header("etag"), two.header("etag"));
    let known = ana.request(app, Method::GET, &first).header("If-None-Match", one.header("etag"));
    assert_eq!(Reply::to(known).await.expect(304).bytes.len(), 0);
    // The cursor of the answer that is still so goes on where it did.
    let next = format!("{path}?limit=2&cursor={}", one.text("next"));
    ana.get(app, &next).await.expect(200);
    ana.letter(app, &ana.id, "Another").await;
    let after = ana.list(app, &first).await.expect(200);
    assert_ne!(after.header("etag"), one.header("etag"));
}
