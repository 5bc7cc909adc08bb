//! Golden samples and the catalogue made of them: a change there is the change under review.

use std::fs;

use domain::fact::Fact;
use tests::golden::{catalogue, decode, file, samples};

#[test]
fn every_event_type_has_samples_that_are_read_for_ever() {
    for kind in Fact::kinds() {
        let lines = samples(kind).unwrap_or_else(|error| panic!("{kind} has no sample: {error}"));
        assert!(!lines.is_empty(), "{kind} has no sample");
        for line in &lines {
            decode(kind, line).unwrap_or_else(|error| panic!("{kind}: {error}"));
        }
    }
}

#[test]
fn no_sample_is_of_a_type_nobody_reads_any_more() {
    let folder = file("x").parent().unwrap().to_owned();
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let kind = name.strip_suffix(".jsonl").unwrap_or_else(|| panic!("{name} is no sample"));
        assert!(Fact::kinds().any(|known| known == kind), "nothing reads {kind}");
    }
}

#[test]
fn a_sample_that_says_more_than_its_fact_is_noticed() {
    let line = samples("consent.revoked.v1").unwrap().remove(0);
    let more = line.replace(r#""data":{"#, r#""data":{"at":1,"#);
    assert!(decode("consent.revoked.v1", &more).unwrap_err().to_string().contains("written as"));
    assert!(decode("consent.granted.v1", &line).is_err());
    assert!(decode("consent.revoked.v1", &line.replace("consent\":\"", "x\":\"")).is_err());
}

#[test]
fn the_catalogue_of_events_is_up_to_date() {
    let written = fs::read_to_string(catalogue::file()).unwrap_or_default();
    assert_eq!(
        written,
        catalogue::render().unwrap(),
        "write it anew: cargo run --package tests --features write --example golden"
    );
}
