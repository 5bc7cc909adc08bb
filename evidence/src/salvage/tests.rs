//! Logs with holes, flipped bits and lines that stand elsewhere, sifted.

use domain::actor::Actor;
use domain::ids::{EventHash, StreamName};
use domain::journal::{Draft, StreamKey};
use domain::samples;
use serde_json::json;

use super::*;

fn stream(number: u64) -> StreamName {
    format!("patient-00000000-0000-4000-8000-00000000000{number}").parse().unwrap()
}

/// A log of so many events in three streams that take turns.
fn log(events: u64) -> Vec<Candidate> {
    let mut heads = [(0, EventHash::ZERO); 3];
    let line = |position: u64| {
        let at = usize::try_from(position % 3).unwrap();
        let (version, prev) = heads[at];
        let (stream, data) = (stream(position % 3), json!({ "n": position }));
        let actor = Actor::System;
        let draft = samples::draft(&stream, &actor, "consent.granted.v1", &data);
        let version = StreamVersion(version);
        let bytes = Draft { version, prev, ..draft }.write().unwrap();
        heads[at] = (version.0 + 1, domain::journal::hash(&bytes));
        let leaf = Leaf::of(&StreamKey([3; 32]), version, &bytes);
        Candidate { bytes, leaf }
    };
    (0..events).map(line).collect()
}

/// Sifts what was found; the public files reach so far.
fn sift(
    found: Vec<Vec<Candidate>>,
    public: &[Leaf],
) -> (Vec<Option<(PlaceProof, bool)>>, SalvageReport) {
    let mut sifting = Sifting::default();
    let taken = found.into_iter().enumerate().map(|(at, found)| {
        let sifted = sifting.take(found, public.get(at).copied())?;
        assert_eq!(sifted.line.position, Position(at as u64));
        Some((sifted.proof, sifted.in_prefix))
    });
    let taken = taken.collect();
    (taken, sifting.end())
}

fn each(log: &[Candidate]) -> Vec<Vec<Candidate>> {
    log.iter().map(|one| vec![one.clone()]).collect()
}

#[test]
fn a_whole_log_is_whole() {
    let log = log(12);
    let public: Vec<Leaf> = log[..7].iter().map(|one| one.leaf).collect();
    let (taken, report) = sift(each(&log), &public);
    assert_eq!((report.events, report.whole, report.prefix), (12, 12, 12));
    assert!(report.missing.is_empty() && report.streams.is_empty());
    for (at, taken) in taken.into_iter().enumerate() {
        let proof = if at < 7 { PlaceProof::PublicFiles } else { PlaceProof::Chain };
        assert_eq!(taken, Some((proof, true)));
    }
}

#[test]
fn behind_a_hole_events_are_kept_and_say_what_proves_them() {
    let log = log(12);
    let mut found = each(&log);
    found[4].clear();
    found[5].clear();
    let (taken, report) = sift(found.clone(), &[]);
    assert_eq!((report.events, report.whole, report.prefix, report.unplaced), (12, 10, 4, 2));
    assert_eq!(report.missing, [MissingRange { from: Position(4), to: Position(5) }]);
    let gap = |number| {
        let (from, to) = (StreamVersion(1), StreamVersion(1));
        MissingVersions { stream: stream(number), from, to }
    };
    assert_eq!(report.streams, [gap(1), gap(2)]);
    assert_eq!(taken[6], Some((PlaceProof::Chain, false)));
    assert_eq!(taken[7], Some((PlaceProof::Nothing, false)));
    assert_eq!(taken[10], Some((PlaceProof::Chain, false)), "on from there it is chained again");
    // The public files prove every place, whatever is missing before it.
    let public: Vec<Leaf> = log.iter().map(|one| one.leaf).collect();
    let (taken, report) = sift(found, &public);
    assert_eq!((taken[7], report.unplaced), (Some((PlaceProof::PublicFiles, false)), 0));
}

#[test]
fn any_one_bit_is_turned_back_and_two_are_not() {
    let log = log(6);
    let length = log[3].bytes.len();
    for bit in (0..(length + Leaf::BYTES) * 8).step_by(13) {
        let mut found = each(&log);
        let hit = &mut found[3][0];
        match bit / 8 < length {
            true => hit.bytes[bit / 8] ^= 1 << (bit % 8),
            false => hit.leaf.0[bit / 8 - length] ^= 1 << (bit % 8),
        }
        let tag = (length + 4..length + 36).contains(&(bit / 8));
        let mended = if tag { &[][..] } else { &[Position(3)] };
        let (_, report) = sift(found.clone(), &[]);
        assert_eq!((report.whole, report.mended.as_slice()), (6, mended), "bit {bit}");
        // Where the public files reach, they know the leaf, tag and all.
        let public: Vec<Leaf> = log.iter().map(|one| one.leaf).collect();
        let (_, report) = sift(found.clone(), &public);
        let line = bit / 8 < length;
        assert_eq!((report.whole, report.mended.len()), (6, usize::from(line)));
        found[3][0].bytes[bit % length] ^= 1 << ((bit + 1) % 8);
        found[3][0].bytes[(bit + 7) % length] ^= 1 << ((bit + 1) % 8);
        let (_, report) = sift(found, &[]);
        assert_eq!((report.whole, report.missing.len()), (5, 1), "bit {bit}");
    }
}

#[test]
fn what_does_not_belong_there_is_left_out() {
    let log = log(9);
    let mut other = log.clone();
    other[4] = log[7].clone();
    let public: Vec<Leaf> = log.iter().map(|one| one.leaf).collect();
    let (_, report) = sift(each(&other), &public);
    assert_eq!(report.missing, [MissingRange { from: Position(4), to: Position(4) }]);
    // Where nothing outside knows the place, a later line of a stream could stand there: it is kept once, and
    // said to be proven by nothing.
    let (taken, report) = sift(each(&other), &[]);
    assert_eq!(taken[4], Some((PlaceProof::Nothing, false)));
    assert_eq!((report.whole, report.prefix, report.unplaced), (8, 4, 1));
    // The right one is found wherever it is in the row of what was found.
    let mut found = each(&log);
    found[4].insert(0, log[1].clone());
    let (_, report) = sift(found, &[]);
    assert_eq!((report.whole, report.prefix), (9, 9));
}
