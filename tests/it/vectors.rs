//! The Rust against `tests/vectors`: what a second implementation wrote must come out byte for byte.

use domain::actor::Actor;
use domain::ids::EventHash;
use domain::journal::chain::{Broken, ChainCheck};
use domain::journal::request::RequestKey;
use domain::journal::tree::{TreeRoot, leaf_hash};
use domain::journal::{
    Draft, Envelope, Leaf, Line, LineError, Position, StreamKey, StreamVersion, canonical, hash,
};
use infra::crypto::container::{ContainerError, Decryptor, Encryptor};
use infra::crypto::sealed::{SealError, SealingKey, open, seal};
use infra::crypto::wrap::{WrapError, unwrap, wrap};
use infra::crypto::{commitment, derive_sealing, derive_wrapping};
use serde_json::Value;
use sha2::{Digest, Sha256};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors/medlock.json")).unwrap()
}

fn rows(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    hex::decode(text(value)).unwrap().try_into().unwrap()
}

fn line(row: &Value) -> Vec<u8> {
    if let Some(line) = row.get("line") {
        return text(line).into();
    }
    if let Some(hexadecimal) = row.get("line_hex") {
        return hex::decode(text(hexadecimal)).unwrap();
    }
    let parts = &row["line_parts"];
    let middle = text(&parts["repeat"]).repeat(number(&parts["count"]));
    [text(&parts["start"]), &middle, text(&parts["end"])].concat().into()
}

/// The bytes that our own writer makes of what a line says. `None` where the line has members that this
/// release does not write.
fn written_again(line: &[u8]) -> Option<Vec<u8>> {
    let value: Value = serde_json::from_slice(line).unwrap();
    let envelope = Envelope::read(line).unwrap();
    if value.get("zone").is_some() {
        return None;
    }
    let behalf = envelope.behalf.map(|behalf| behalf.parse().unwrap());
    let draft = Draft {
        id: envelope.id.uuid(),
        source: envelope.source,
        kind: envelope.kind,
        time: envelope.time,
        stream: &envelope.stream,
        version: envelope.version,
        prev: envelope.prev,
        salt: bytes(&value["salt"]),
        actor: &envelope.actor.parse().unwrap(),
        behalf: behalf.as_ref(),
        cause: envelope.cause.parse().unwrap(),
        cause_event: envelope.cause_event,
        request: envelope.request,
        data: &value["data"],
    };
    Some(draft.write().unwrap())
}

#[test]
fn every_event_line_is_read_written_and_hashed_alike() {
    let vectors = vectors();
    let mut written = 0;
    for row in rows(&vectors["events"]) {
        let name = text(&row["name"]);
        let line = line(row);
        assert_eq!(hash(&line).to_string(), text(&row["hash"]), "{name}");
        assert_eq!(hex::encode(Sha256::digest(&line)), text(&row["sha256"]), "{name}");
        let mut canonical = Vec::new();
        canonical::write(&serde_json::from_slice(&line).unwrap(), &mut canonical).unwrap();
        assert!(canonical == line, "{name}: {}", String::from_utf8_lossy(&canonical));
        if let Some(again) = written_again(&line) {
            assert!(again == line, "{name}: {}", String::from_utf8_lossy(&again));
            written += 1;
        }
    }
    assert_eq!(written, rows(&vectors["events"]).len() - 1);
}

#[test]
fn the_first_three_lines_are_a_chain() {
    let vectors = vectors();
    let mut check = ChainCheck::default();
    let mut head = EventHash::ZERO;
    for row in &rows(&vectors["events"])[..3] {
        let line = line(row);
        assert_eq!(Envelope::read(&line).unwrap().prev, head);
        head = check.take_bytes(&line).unwrap();
        assert_eq!(head.to_string(), text(&row["hash"]));
    }
}

/// Whether `error` is one that the reason code of the vectors allows.
fn says(error: &Broken, reason: &str) -> bool {
    match error {
        Broken::Line(LineError::TooLong(65_537)) => reason == "line_too_long",
        Broken::Line(LineError::BadMember(member)) => {
            reason == "missing_member" || reason == format!("bad_{member}")
        }
        Broken::Line(LineError::NotCanonical(problem)) => {
            canonical_reasons(problem.why).contains(&reason)
        }
        Broken::Version { .. } => reason == "version_gap",
        Broken::Prev { .. } => reason == "wrong_prev",
        Broken::Stream { .. } => reason == "wrong_stream",
        Broken::Line(LineError::TooLong(_) | LineError::ClearWords(_))
        | Broken::Filed { .. }
        | Broken::Position { .. }
        | Broken::Leaf
        | Broken::Tag
        | Broken::Source
        | Broken::Continuation
        | Broken::OlderRoot => false,
    }
}

/// Our checker walks the bytes once and stops at the first that does not fit; the vectors' parses first
/// and compares then. So one code there can be several here.
fn canonical_reasons(why: &str) -> &'static [&'static str] {
    match why {
        "whitespace" | "member_order" => &["not_canonical"],
        "trailing_bytes" => &["not_canonical", "not_json"],
        "object_expected" => &["not_canonical", "byte_order_mark"],
        "escape" => &["not_canonical", "not_json", "lone_surrogate"],
        "syntax" | "control_character" => &["not_json"],
        "integer_form" => &["negative_zero", "not_json"],
        "duplicate_member" => &["duplicate_member"],
        "member_name" => &["member_name"],
        "integer_range" => &["integer_range"],
        "float" => &["float"],
        "null" => &["null"],
        "depth" => &["depth"],
        "utf8" => &["not_utf8"],
        _ => &[],
    }
}

#[test]
fn every_line_that_must_be_refused_is_and_for_its_reason() {
    let vectors = vectors();
    let empty = Vec::new();
    for row in rows(&vectors["refused_lines"]) {
        let name = text(&row["name"]);
        let line = line(row);
        let mut check = ChainCheck::default();
        let mut stream = Envelope::read(&line).ok().map(|envelope| envelope.stream);
        for before in row.get("after").map_or(empty.as_slice(), |after| rows(after)) {
            let before = text(before).as_bytes();
            stream = Some(Envelope::read(before).unwrap().stream);
            check.take_bytes(before).unwrap();
        }
        let reason = text(&row["reason"]);
        let refused = match stream {
            // A log holds many streams; the wrong one is seen because the store filed the line elsewhere.
            Some(stream) if reason == "wrong_stream" => {
                let position = Position(check.taken());
                let version = StreamVersion(1);
                let leaf = Leaf::of(&StreamKey([0; 32]), version, &line);
                check.take(&Line { position, stream, version, bytes: line, leaf })
            }
            Some(_) | None => check.take_bytes(&line),
        };
        let error = refused.expect_err(name);
        assert!(says(&error, reason), "{name}: {error:?}, expected {reason}");
    }
}

#[test]
fn tags_leaves_and_roots_agree() {
    let vectors = vectors();
    let tree = &vectors["tree"];
    let key = |stream: &Value| StreamKey(bytes(&tree["stream_keys"][text(stream)]));
    let version = |row: &Value| StreamVersion(u32::try_from(number(&row["version"])).unwrap());
    for row in rows(&tree["tags"]) {
        let leaf = Leaf::of(&key(&row["stream"]), version(row), b"");
        assert_eq!(leaf.0[4..36], bytes::<32>(&row["tag"]));
    }
    let mut root = TreeRoot::default();
    let mut roots = vec![root.root()];
    for row in rows(&tree["leaves"]) {
        let events = rows(&vectors["events"]);
        let line = line(events.iter().find(|event| event["hash"] == row["event_hash"]).unwrap());
        let leaf = Leaf::of(&key(&row["stream"]), version(row), &line);
        assert_eq!(leaf.0, bytes(&row["leaf"]));
        assert!(leaf.matches(&line) && leaf.tagged(&key(&row["stream"]), version(row)));
        assert_eq!(leaf_hash(&leaf.0), bytes(&row["leaf_hash"]));
        root.push(&leaf.0);
        roots.push(root.root());
    }
    for row in rows(&tree["roots"]) {
        assert_eq!(roots[number(&row["size"])], bytes(&row["root"]));
    }
    assert_eq!(roots.len(), rows(&tree["roots"]).len());
}

/// The word after `label` in a line of `tlog.txt`.
fn field<'a>(line: &'a str, label: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(label)?;
    rest.split_whitespace().next()
}

#[test]
fn roots_agree_with_certificate_transparency_and_the_go_library() {
    let mut certificate = TreeRoot::default();
    let mut demo = vec![TreeRoot::default().root()];
    let mut growing = TreeRoot::default();
    for i in 0..300 {
        growing.push(&[b"demo-leaf/v1\0", &*Sha256::digest(format!("event-{i}"))].concat());
        demo.push(growing.root());
    }
    let mut compared = 0;
    for line in include_str!("../vectors/tlog.txt").lines() {
        let Some(expected) = field(line, "root[") else { continue };
        let (size, expected) = expected
            .split_once("]=")
            .map_or_else(
                || {
                    expected
                        .split_once(']')
                        .map(|(size, _)| (size, line.rsplit(' ').next().unwrap()))
                },
                Some,
            )
            .unwrap();
        if let Some(leaf) = field(line, "leaf[") {
            let data = hex::decode(leaf.split_once("]=").unwrap().1).unwrap();
            assert_eq!(Some(hex::encode(leaf_hash(&data)).as_str()), field(line, "leafhash="));
            certificate.push(&data);
        }
        let size: usize = size.parse().unwrap();
        let root = if line.starts_with("B ") { certificate.root() } else { demo[size] };
        assert_eq!(hex::encode(root), expected, "{line}");
        compared += 1;
    }
    assert_eq!(compared, 9 + 6);
}

#[test]
fn subject_keys_give_the_same_subkeys_and_sealed_values() {
    let vectors = vectors();
    let sealed = &vectors["sealed"];
    let subject_key = bytes(&sealed["subject_key"]);
    let sealing = derive_sealing(&subject_key);
    assert_eq!(*sealing, bytes(&sealed["sealing_key"]));
    assert_eq!(*derive_wrapping(&subject_key), bytes(&sealed["wrapping_key"]));
    assert_eq!(commitment(&subject_key), text(&sealed["commitment"]));
    let key = SealingKey { id: bytes(&sealed["key_id"]), key: sealing };
    for row in rows(&sealed["values"]) {
        let (event_id, pointer) = (text(&row["event_id"]), text(&row["pointer"]));
        let (words, expected) = (text(&row["words"]), text(&row["sealed"]));
        assert_eq!(seal(&key, bytes(&row["nonce"]), event_id, pointer, words), expected);
        assert_eq!(*open(&key, event_id, pointer, expected).unwrap(), words);
    }
    for row in rows(&sealed["refused"]) {
        let refused =
            open(&key, text(&row["event_id"]), text(&row["pointer"]), text(&row["sealed"]));
        let reason = match refused.expect_err(text(&row["name"])) {
            SealError::Form => "form",
            SealError::Key => "key",
            SealError::Refused => "refused",
            SealError::Padding => "padding",
            SealError::NotUtf8 => "not_utf8",
        };
        assert_eq!(reason, text(&row["reason"]), "{}", row["name"]);
    }
}

#[test]
fn a_sealed_value_in_a_line_opens_by_the_line_alone() {
    let vectors = vectors();
    let sealed = &vectors["sealed"];
    let line = line(&vectors["events"][1]);
    let envelope = Envelope::read(&line).unwrap();
    let data: Value = serde_json::from_str(envelope.data).unwrap();
    let key = SealingKey {
        id: bytes(&sealed["key_id"]),
        key: derive_sealing(&bytes(&sealed["subject_key"])),
    };
    let title = text(&data["title"]["sealed"]);
    let opened = open(&key, &envelope.id.to_string(), "/data/title", title).unwrap();
    assert_eq!(*opened, text(&sealed["values"][0]["words"]));
}

#[test]
fn a_wrapped_report_key_is_the_same_and_opens_for_its_version_only() {
    let vectors = vectors();
    let row = &vectors["wrapped_key"];
    let key = derive_wrapping(&bytes(&vectors["sealed"]["subject_key"]));
    let version = |row: &Value| u32::try_from(number(&row["version"])).unwrap();
    let report = text(&row["report"]);
    let report_key = bytes(&row["report_key"]);
    let wrapped = wrap(&key, bytes(&row["nonce"]), report, version(row), &report_key);
    assert_eq!(hex::encode(wrapped), text(&row["wrapped"]));
    assert_eq!(*unwrap(&key, report, version(row), &wrapped).unwrap(), report_key);
    for other in rows(&row["refused_as"]) {
        let refused = unwrap(&key, text(&other["report"]), version(other), &wrapped);
        assert_eq!(refused, Err(WrapError::Refused));
    }
}

fn plaintext(size: usize) -> Vec<u8> {
    (0..size).map(|i| u8::try_from(i * 31 % 251).unwrap()).collect()
}

fn container(containers: &Value, size: usize) -> Vec<u8> {
    let mut encryptor = Encryptor::new(&bytes(&containers["key"]), bytes(&containers["prefix"]));
    let mut out = encryptor.header().to_vec();
    assert_eq!(hex::encode(&out), text(&containers["header"]));
    encryptor.push(&plaintext(size), &mut out).unwrap();
    encryptor.finish(&mut out).unwrap();
    out
}

/// What comes out of a container that arrives in pieces of `step` bytes.
fn opened(key: &[u8; 32], container: &[u8], step: usize) -> Result<Vec<u8>, ContainerError> {
    let mut decryptor = Decryptor::new(key);
    let mut out = Vec::new();
    for piece in container.chunks(step) {
        decryptor.push(piece, &mut out)?;
    }
    decryptor.finish(&mut out)?;
    Ok(out)
}

#[test]
fn report_containers_are_the_same_and_open() {
    let vectors = vectors();
    let containers = &vectors["containers"];
    for row in rows(&containers["good"]) {
        let size = number(&row["plaintext_bytes"]);
        let made = container(containers, size);
        assert_eq!(made.len(), number(&row["container_bytes"]));
        assert_eq!(blake3::hash(&made).to_string(), text(&row["blake3"]));
        if let Some(whole) = row.get("container") {
            assert_eq!(hex::encode(&made), text(whole));
        } else {
            assert!(hex::encode(&made).starts_with(text(&row["first"])));
            assert!(hex::encode(&made).ends_with(text(&row["last"])));
        }
        assert!(opened(&bytes(&containers["key"]), &made, 9_999) == Ok(plaintext(size)));
    }
}

#[test]
fn every_damaged_container_is_refused_for_its_reason() {
    let vectors = vectors();
    let containers = &vectors["containers"];
    for row in rows(&containers["refused"]) {
        let piece = |piece: &Value| match piece.as_array() {
            Some(cut) => {
                container(containers, number(&cut[0]))[number(&cut[1])..number(&cut[2])].to_vec()
            }
            None => hex::decode(text(piece)).unwrap(),
        };
        let damaged = rows(&row["pieces"]).iter().flat_map(piece).collect::<Vec<u8>>();
        for step in [1_000, 1_000_000] {
            let refused = opened(&bytes(&containers["key"]), &damaged, step);
            let reason = match refused.expect_err(text(&row["name"])) {
                ContainerError::Header => "header",
                ContainerError::Chunk { .. } => "chunk",
                ContainerError::Truncated => "truncated",
                ContainerError::EmptyLastChunk => "empty_last_chunk",
                ContainerError::TooLong => "too_long",
            };
            assert_eq!(reason, text(&row["reason"]), "{}", row["name"]);
        }
    }
}

#[test]
fn a_request_gets_the_same_id_and_digest() {
    let vectors = vectors();
    let row = &vectors["requests"];
    let key = RequestKey(bytes(&row["request_key"]));
    let actor: Actor = text(&row["actor"]).parse().unwrap();
    let id = key.id(&actor, text(&row["idempotency_key"]));
    assert_eq!(id.to_string(), text(&row["request_id"]));
    let digest = key.digest(text(&row["canonical_request"]).as_bytes());
    assert_eq!(digest.to_string(), text(&row["request_digest"]));
}
