//! The few functions that turn ciphertext into something a person can read, and who may call them.

use crate::names::declares_events;
use crate::rust::{Source, names};
use crate::tree::{Excuse, excuse, none, sources};
use crate::world::naming;

/// A name that only these files may use outside tests.
struct Guard {
    /// What the rule must find.
    bad: &'static str,
    words: &'static [&'static str],
    /// Folders to look in; everywhere if empty.
    within: &'static [&'static str],
    only: &'static [Excuse],
    why: &'static str,
}

const OUTSIDE_INFRA: &[&str] =
    &["domain/", "commands/", "projections/", "transparency/", "synthetic/", "evidence/", "api/"];

const GUARDS: &[Guard] = &[
    Guard {
        bad: "Durable::vouch(fact);",
        words: &["vouch("],
        within: &[],
        only: &[
            ("domain/src/access/policy/permit.rs", "declares it"),
            ("commands/src/execute.rs", "the write loop, after the store has answered"),
        ],
        why: "only the write loop says that a fact is durable",
    },
    Guard {
        bad: "blobs.open(hash);",
        words: &[".open("],
        within: OUTSIDE_INFRA,
        only: &[("commands/src/access/reveal.rs", "asks for a permit")],
        why: "a blob is opened in one place",
    },
    Guard {
        bad: "self.reveal(&permit);",
        words: &["reveal("],
        within: OUTSIDE_INFRA,
        only: &[
            ("commands/src/access/reveal.rs", "declares it"),
            ("commands/src/access/viewing.rs", "pages, after their event"),
            ("commands/src/access/downloading.rs", "downloads, after theirs"),
        ],
        why: "log before reveal",
    },
    Guard {
        bad: "reader.open_text(&sealed);",
        words: &["open_text(", "open_text_if("],
        within: OUTSIDE_INFRA,
        only: &[
            ("projections/src/personal_text.rs", "asks for a permit"),
            ("projections/src/access/access_history/sentence.rs", "a history, for its patient"),
            ("projections/src/access/who_can_see/opened.rs", "consents, for their patient"),
            ("projections/src/consent/kept_shut/opened.rs", "what is kept shut, for their patient"),
            ("projections/src/consent/my_patients/opened.rs", "names of patients, for a doctor"),
            ("projections/src/identity/people/opened.rs", "the directory of doctors"),
            ("projections/src/identity/verification_queue/opened.rs", "the queue, for an admin"),
            ("projections/src/records/my_reports/opened.rs", "titles of reports"),
        ],
        why: "a list is opened where it is made, so that no way in does it in its own manner",
    },
    Guard {
        bad: "vault.unseal(owner);",
        words: &[".unseal("],
        within: OUTSIDE_INFRA,
        only: &[
            (
                "commands/src/identity/account_factors.rs",
                "the seed of an account's own app, to judge its codes",
            ),
            (
                "commands/src/identity/own_words.rs",
                "a person's own personal text, to write to them",
            ),
            ("projections/src/personal_text.rs", "asks for a permit"),
        ],
        why: "sealed personal text is opened at the edge, with a permit",
    },
];

impl Guard {
    fn findings(&self, sources: &[Source]) -> Vec<String> {
        let here = |source: &&Source| {
            self.within.is_empty() || self.within.iter().any(|w| source.path.starts_with(w))
        };
        let found = sources.iter().filter(here);
        found.flat_map(|source| naming(source, self.words, self.why)).collect()
    }
}

#[test]
fn what_reveals_is_called_from_one_place() {
    for guard in GUARDS {
        let path = format!("{}src/elsewhere.rs", guard.within.first().unwrap_or(&"api/"));
        assert_eq!(guard.findings(&[Source::of(&path, guard.bad)]).len(), 1, "{}", guard.bad);
        none(excuse(guard.findings(sources()), guard.only));
    }
}

/// Rows that build a permit by its fields.
fn builds_a_permit(source: &Source) -> Vec<String> {
    const TYPES: [&str; 3] = ["AccessPermit {", "PersonalTextPermit {", "Durable {"];
    let mut found = Vec::new();
    for (number, row) in source.numbered() {
        let code = row.code.trim();
        let declares = ["-> ", "impl ", "for ", "struct "];
        let hit = TYPES.iter().find(|name| {
            names(code, name) && !declares.iter().any(|d| code.contains(&format!("{d}{name}")))
        });
        found.extend(hit.map(|name| format!("{}:{number}: {name}", source.path)));
    }
    found
}

#[test]
fn a_permit_is_made_by_the_policy_only() {
    let bad =
        "let p = AccessPermit { patient };\nfn f() -> AccessPermit {}\nimpl AccessPermit {}\n";
    assert_eq!(builds_a_permit(&Source::of("commands/src/x.rs", bad)).len(), 1);
    none(sources().iter().flat_map(builds_a_permit).collect());
}

/// Whether a text has the form of an event type.
fn is_kind(text: &str) -> bool {
    let word = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let mut parts = text.split('.');
    let (feature, fact, version) = (parts.next(), parts.next(), parts.next());
    let number = version.and_then(|v| v.strip_prefix('v')).unwrap_or_default();
    feature.is_some_and(word)
        && fact.is_some_and(word)
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
        && parts.next().is_none()
}

/// Whether a text, or a literal that is nothing else, is how the types of some facts begin.
fn begins_kinds(text: &str, whole: bool) -> bool {
    let dotted = if whole { text } else { text.trim_end_matches('.') };
    dotted.contains('.') && domain::fact::Fact::kinds().any(|kind| kind.starts_with(text))
}

fn kinds_as_text(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for (number, row) in source.live() {
        for literal in &row.strings {
            let words = literal.split([' ', '%', '\'', '"', ',', '(', ')', '`']);
            let kinds = words.filter(|word| is_kind(word) || begins_kinds(word, *word == literal));
            found.extend(kinds.map(|kind| format!("{}:{number}: {kind} as text", source.path)));
        }
    }
    found
}

#[test]
fn an_event_type_is_text_in_one_place() {
    let bad = "sql(\"SELECT 1 FROM events WHERE type = 'consent.granted.v1'\");\nf(\"a.b.c\");\n\
               &[\"consent.\"];\n&[\"identity.patient_registered.\"];\nf(\"the consent.\");\n\
               sql(\"type LIKE 'identity.session_%' OR type LIKE 'access.page_shown'\");";
    assert_eq!(kinds_as_text(&Source::of("projections/src/x.rs", bad)).len(), 5);
    let declares = |path: &str| declares_events(path) || path == "domain/src/fact.rs";
    let elsewhere = sources().iter().filter(|source| !declares(&source.path));
    none(elsewhere.flat_map(kinds_as_text).collect());
}
