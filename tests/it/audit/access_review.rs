//! An officer asks whether every access had a permit, why one was refused, and what a further rule would
//! have changed: the real binary on the folder of an installation.

use std::path::Path;
use std::sync::Arc;

use commands::ports::key_vault::KeyVault as _;
use domain::access::event::{AccessFact, PageShown, RecordViewed, ViewingEnded};
use domain::consent::event::ConsentFact;
use domain::fact::Fact;
use domain::fold::Recorded;
use domain::journal::{self, Draft, Leaf, Line, StreamVersion};
use domain::samples;
use infra::entropy::OsEntropy;
use infra::vault::{MasterKey, SqliteKeyVault};
use serde_json::{Value, json};

use super::folder::{app_with_history, copy, medlock, patient_stream};
use super::said;
use super::tamper::tamper;

/// Where things stand in the log of the installation with a history.
struct Places {
    granted: u64,
    revoked: u64,
    viewed: Recorded,
    opened: RecordViewed,
}

fn places(log: &[Line]) -> Places {
    let facts: Vec<Recorded> = log.iter().map(|line| line.recorded().unwrap()).collect();
    let place = |wanted: fn(&Fact) -> bool| {
        facts.iter().find(|recorded| wanted(&recorded.fact)).unwrap().clone()
    };
    let granted = place(|fact| matches!(fact, Fact::Consent(ConsentFact::Granted(_))));
    let revoked = place(|fact| matches!(fact, Fact::Consent(ConsentFact::Revoked(_))));
    let viewed = place(|fact| matches!(fact, Fact::Access(AccessFact::Viewed(_))));
    let Fact::Access(AccessFact::Viewed(opened)) = viewed.fact.clone() else { unreachable!() };
    Places { granted: granted.position.0, revoked: revoked.position.0, viewed, opened }
}

const POLICY: [&str; 4] = ["verify", "--policy", "--output", "json"];

#[tokio::test(flavor = "multi_thread")]
async fn every_view_of_a_clean_log_had_a_permit() {
    let mut app = app_with_history().await;
    let running = medlock(&POLICY, &app.data());
    assert_eq!(running.code, 0, "{running:?}");
    app.stop().await;
    let report = said(&medlock(&POLICY, &app.data()));
    assert_eq!(report["access"], said(&running)["access"], "looking changes nothing");
    assert_eq!((&report["whole"], &report["access"]["permitted"]), (&json!(true), &json!(true)));
    assert_eq!(report["access"]["judged"], 3, "a token, a viewing, a page");
    assert_eq!(report["access"]["findings"], json!([]));
    let not_checked = report["access"]["not_checked"].to_string();
    assert!(not_checked.contains("never logged"), "{report}");
    assert_eq!(said(&medlock(&["verify", "--output", "json"], &app.data()))["access"], json!(null));

    let table = medlock(&["verify", "--policy"], &app.data());
    assert!(table.stdout.contains("Every access had a permit in force"), "{table:?}");

    let out = app.data().with_file_name("out");
    let out = out.to_str().unwrap();
    assert_eq!(medlock(&["export", "--all", out], &app.data()).code, 0);
    let exported = medlock(&["verify", "--policy", "--output", "json", out], &app.data());
    assert_eq!((exported.code, &said(&exported)["access"]), (0, &report["access"]));

    // What holds one subject's lines lacks the doctor's: nothing is said of its accesses, and it is said.
    let out_folder = Path::new(out);
    let (positions, manifest) = (out_folder.join("positions"), out_folder.join("manifest.json"));
    let whole = std::fs::read_to_string(&manifest).unwrap();
    let part = || {
        let part = medlock(&["verify", "--policy", "--output", "json", out], &app.data());
        assert_ne!(part.code, 0, "{part:?}");
        let access = &said(&part)["access"];
        assert_eq!(access["permitted"], json!(null), "{access}");
        assert!(access["verdict"].as_str().unwrap().contains("cannot be judged"), "{access}");
    };
    std::fs::write(&positions, "0\n").unwrap();
    part();
    std::fs::remove_file(&positions).unwrap();
    std::fs::write(&manifest, whole.replace("\"first\":0", "\"first\":3")).unwrap();
    part();
    std::fs::remove_file(&manifest).unwrap();
    part();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_names_the_rule_and_the_event_before_and_after_a_revoke() {
    let app = app_with_history().await;
    let places = places(&app.log().await);
    let (doctor, report) = (places.opened.doctor.to_string(), places.opened.report.to_string());
    let explain = |more: &[&str]| {
        let asked = ["explain", "--doctor", &doctor, "--report", &report, "--output", "json"];
        let outcome = medlock(&[&asked, more].concat(), &app.data());
        assert_eq!(outcome.code, 0, "{outcome:?}");
        said(&outcome)
    };
    let at_the_view = explain(&["--position", &places.viewed.position.to_string()]);
    assert_eq!(at_the_view["allowed"], true);
    assert_eq!(at_the_view["ground"], json!(places.opened.ground));
    assert_eq!(at_the_view["because"][0]["position"], places.granted);
    assert_eq!(at_the_view["because"][1]["type"], "identity.doctor_verified.v1");

    let before = explain(&["--position", &places.revoked.to_string()]);
    assert_eq!(before["allowed"], true, "the revoke itself is not taken in");
    let after = explain(&["--position", &(places.revoked + 1).to_string()]);
    assert_eq!((&after["allowed"], &after["rule"]), (&json!(false), &json!("consent_revoked")));
    assert_eq!(after["because"][0]["position"], places.revoked);
    assert_eq!(after["because"][0]["type"], "consent.revoked.v1");
    assert_eq!(after["because"][1]["position"], places.granted);
    // The clock stands still: all of the log happened at that time, the revoke included.
    assert_eq!(explain(&["--at", "2026-11-23T08:00:00Z"])["rule"], "consent_revoked");
    assert_eq!(explain(&["--at", "2026-11-22"])["rule"], "only_a_verified_doctor");
    let research = ["--position", &places.revoked.to_string(), "--purpose", "HRESCH"];
    assert_eq!(explain(&research)["rule"], "purpose_not_covered");

    let table = [
        "explain",
        "--doctor",
        &doctor,
        "--report",
        &report,
        "--position",
        &(places.revoked + 1).to_string(),
    ];
    let table = medlock(&table, &app.data());
    let expected = format!("because    position {}, consent.revoked.v1", places.revoked);
    assert!(table.stdout.starts_with("REFUSED by consent_revoked"), "{table:?}");
    assert!(table.stdout.contains(&expected), "{table:?}");
    let nothing = ["explain", "--doctor", &doctor, "--report", &doctor];
    let nothing = medlock(&nothing, &app.data());
    assert_eq!((nothing.code, nothing.stderr.contains("no such report")), (2, true));
    let nobody = medlock(&["explain", "--doctor", &report, "--report", &report], &app.data());
    assert_eq!((nobody.code, nobody.stderr.contains("no doctor ever registered")), (2, true));
    let ahead = ["explain", "--doctor", &doctor, "--report", &report, "--position", "100000"];
    assert_eq!(medlock(&ahead, &app.data()).code, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_further_rule_finds_exactly_the_views_it_would_have_refused() {
    let app = app_with_history().await;
    let viewed = places(&app.log().await).viewed.position.0;
    let file = app.data().with_file_name("rule.toml");
    let with = format!("--with={}", file.display());
    let asked = |rule: &str| {
        std::fs::write(&file, rule).unwrap();
        medlock(&[&POLICY[..], &[&with]].concat(), &app.data())
    };
    for (rule, refused) in [
        ("purposes = [\"ETREAT\"]", Some("purposes")),
        ("purposes = [\"ETREAT\", \"TREAT\"]", None),
        ("categories_closed = [\"consultation\"]", Some("categories_closed")),
        ("clients = [\"machine\"]", Some("clients")),
        ("hours = { from = \"08:01\", until = \"17:00\" }", Some("hours")),
        ("hours = { from = \"08:00\", until = \"17:00\" }", None),
        ("weekdays = [\"saturday\", \"sunday\"]", Some("weekdays")),
        ("consent_days_max = 6", Some("consent_days_max")),
        ("consent_days_max = 7\nviews_per_consent_max = 1", None),
        ("views_per_doctor_and_day_max = 0", Some("views_per_doctor_and_day_max")),
        ("doctor_verified_days_min = 1", Some("doctor_verified_days_min")),
    ] {
        let outcome = asked(rule);
        let what_if = &said(&outcome)["access"]["what_if"];
        assert_eq!(outcome.code, 0, "a further rule is no finding: {outcome:?}");
        let found: Vec<(&Value, &Value)> = what_if["refused"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (&one["position"], &one["clause"]))
            .collect();
        let expected = refused.map(|clause| (json!(viewed), json!(clause)));
        let expected: Vec<_> = expected.iter().map(|(place, clause)| (place, clause)).collect();
        assert_eq!(found, expected, "{rule}");
        assert_eq!(what_if["pages_of_these"], u64::from(refused.is_some()), "{rule}");
    }
    for (wrong, expected) in [
        ("purpose = [\"TREAT\"]", "unknown field"),
        ("", "no clause"),
        ("weekdays = []", "a list is empty"),
        ("hours = { from = \"8\", until = \"17:00\" }", "07:30"),
        ("purposes = [\"TREATMENT\"]", "unknown variant"),
        ("consent_days_max = -1", "consent_days_max"),
    ] {
        let outcome = asked(wrong);
        assert_eq!(
            (outcome.code, outcome.stderr.contains(expected)),
            (2, true),
            "{wrong}: {outcome:?}"
        );
    }
    assert_eq!(medlock(&["verify", &with], &app.data()).code, 2, "--with asks for --policy");

    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/what-if.toml");
    let outcome = asked(&std::fs::read_to_string(example).unwrap());
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(said(&outcome)["access"]["what_if"]["viewings"], 1);
    let table = medlock(&["verify", "--policy", &with], &app.data());
    assert!(table.stdout.contains("had the further rule held:"), "{table:?}");
}

/// The next line of the patient's stream as its owner would forge it: chained, tagged, with a leaf.
async fn forged(data: &Path, log: &[Line], fact: &Fact, actor: &str) -> String {
    let stream = patient_stream(log);
    let last = log.last().unwrap();
    let before = log.iter().rfind(|line| line.stream == stream).unwrap();
    let version = StreamVersion(before.version.0 + 1);
    let id = uuid::Uuid::from_u128(0x0192_f3c4_0000_7000_8000_0000_0000_abcd);
    let envelope = journal::Envelope::read(&before.bytes).unwrap();
    let actor = actor.parse().unwrap();
    let data_of_fact = fact.data().unwrap();
    let draft = Draft {
        id,
        source: envelope.source,
        time: journal::Envelope::read(&last.bytes).unwrap().time,
        version,
        prev: journal::hash(&before.bytes),
        cause: id,
        ..samples::draft(&stream, &actor, fact.kind(), &data_of_fact)
    };
    let bytes = draft.write().unwrap();
    let entropy = Arc::new(OsEntropy);
    let (key, vault) = (data.with_added_extension("key"), data.join("vault.db"));
    let (master, _) = MasterKey::load_or_make(&key, &vault, &*entropy).unwrap();
    let vault = SqliteKeyVault::open(&vault, master, entropy).await.unwrap();
    let key = vault.stream_key(&stream, stream.owner()).await.unwrap();
    let leaf = Leaf::of(&key, version, &bytes);
    format!(
        "INSERT INTO events SELECT {}, stream, {version}, x'{}', x'{}' FROM events WHERE position = {};",
        last.position.0 + 2,
        hex::encode(&bytes),
        hex::encode(leaf.0),
        before.position.0 + 1
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_owner_of_the_database_adds_is_judged_though_every_hash_is_right() {
    let mut app = app_with_history().await;
    let log = app.log().await;
    app.stop().await;
    let places = places(&log);
    let opened = &places.opened;
    let doctor = format!("doctor:{}", opened.doctor);
    let page: Fact = PageShown {
        viewing: opened.viewing,
        report: opened.report,
        doctor: opened.doctor,
        page: 2,
        ground: opened.ground,
        ..samples::page_shown()
    }
    .into();
    let again: Fact = opened.clone().into();
    let closed: Fact = ViewingEnded { viewing: opened.viewing, ..samples::viewing_ended() }.into();
    for (name, fact, rule, because) in [
        ("page", page, Some("consent_revoked"), Some(places.revoked)),
        ("view", again, Some("viewing_opened_twice"), Some(places.viewed.position.0)),
        ("close", closed, None, None),
    ] {
        let data = app.data().with_file_name(name);
        copy(&app.data(), &data);
        let sql = forged(&data, &log, &fact, &doctor).await;
        tamper(&data, sql).await;
        let outcome = medlock(&POLICY, &data);
        let report = said(&outcome);
        assert_eq!(report["whole"], true, "the bytes are in order: {report}");
        let checked = report["checked"].to_string();
        assert!(checked.contains(&format!("the tags of {} leaves", log.len() + 1)), "{report}");
        let access = &report["access"];
        assert_eq!(access["permitted"], rule.is_none(), "{name}: {access}");
        assert_eq!(outcome.code, i32::from(rule.is_some()), "{name}: {outcome:?}");
        let Some(rule) = rule else { continue };
        let finding = &access["findings"][0];
        assert_eq!(finding["position"], log.len() as u64, "{access}");
        assert_eq!(finding["rule"], rule, "{access}");
        assert_eq!(finding["because"][0]["position"], json!(because), "{access}");
        let verdict = format!("position {}, {}", log.len(), patient_stream(&log));
        assert!(outcome.stderr.contains(&verdict), "{outcome:?}");
    }
}
