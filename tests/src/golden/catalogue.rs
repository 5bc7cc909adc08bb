//! The catalogue of events: read off the samples and the comments of `event.rs`, so that it cannot say
//! anything else than they do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use domain::fact::Fact;
use domain::journal::line::Envelope;
use domain::journal::note::{Note, SignatureLine, VerifierKey};
use serde_json::Value;
use uuid::Uuid;

use super::{NoSample, no_sample, samples};

const HEADER: &str = "\
# Events

Written by `cargo run --package tests --features write --example golden` from the samples in `tests/golden/events/` and the
comments in `domain/src/*/event.rs`; a test fails when it is not up to date. This is what stands in an event's `data`; the
members around it are those of `domain/src/journal/line.rs`. *Sealed personal text* are ciphertext under the key of the person
they are about; everything else stands in the clear. Texts are listed as far as samples show them.
";

/// The file the catalogue is kept in.
pub fn file() -> PathBuf {
    root().join("docs/EVENTS.md")
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Writes the catalogue anew.
pub fn write() -> Result<PathBuf, NoSample> {
    fs::write(file(), render()?).map_err(no_sample)?;
    Ok(file())
}

/// The catalogue as it should be.
pub fn render() -> Result<String, NoSample> {
    let mut text = HEADER.to_owned();
    let mut feature_before = "";
    for kind in Fact::kinds() {
        let feature = kind.split('.').next().unwrap_or_default();
        if feature != feature_before {
            let _ = write!(text, "\n## {feature}\n");
            feature_before = feature;
        }
        text.push_str(&entry(feature, kind)?);
    }
    Ok(text)
}

fn entry(feature: &str, kind: &str) -> Result<String, NoSample> {
    // What the log says about itself is a feature with a name of its own.
    let folder = if feature == "log" { "audit" } else { feature };
    let path = format!("domain/src/{folder}/event.rs");
    let source = fs::read_to_string(root().join(&path)).map_err(no_sample)?;
    let (sentence, body) = declared(&source, kind)
        .ok_or_else(|| no_sample(format!("{path} does not declare {kind}")))?;
    let lines = samples(kind).map_err(no_sample)?;
    let one = |line: &String| {
        let envelope = Envelope::read(line.as_bytes()).map_err(no_sample)?;
        serde_json::from_str::<Value>(envelope.data).map_err(no_sample)
    };
    let data = lines.iter().map(one).collect::<Result<Vec<_>, _>>()?;
    let stream = stream(lines.first().map_or("", String::as_str))?;
    let mut text = format!(
        "\n### `{kind}`\n{sentence} On `{stream}`.\n\n| member | form | what it is |\n|---|---|---|\n"
    );
    for (member, doc) in members(&source, &body) {
        let values: Vec<_> = data.iter().filter_map(|data| data.get(&member)).collect();
        let form = form(&values, values.len() < data.len());
        let _ = writeln!(text, "| `{member}` | {form} | {doc} |");
    }
    Ok(text)
}

fn stream(line: &str) -> Result<String, NoSample> {
    let envelope = Envelope::read(line.as_bytes()).map_err(no_sample)?;
    let stream = envelope.stream.as_str();
    let Some((kind, id)) = stream.split_once('-') else { return Ok(stream.to_owned()) };
    let id = match id.len() {
        36 => "<uuid>",
        64 => "<hash>",
        _ => "<n>",
    };
    Ok(format!("{kind}-{id}"))
}

/// The sentence above a type in `facts! { … }`, and the struct that holds it.
fn declared(source: &str, kind: &str) -> Option<(String, String)> {
    let mut sentence = Vec::new();
    for line in source.lines().map(str::trim) {
        if let Some(doc) = line.strip_prefix("///") {
            sentence.push(doc.trim());
        } else if line.ends_with(&format!("\"{kind}\",")) {
            let body = line.split_once('(')?.1.split_once(')')?.0;
            return Some((sentence.join(" "), body.to_owned()));
        } else {
            sentence.clear();
        }
    }
    None
}

/// The fields of a struct with what is said about them.
fn members(source: &str, body: &str) -> Vec<(String, String)> {
    let header = format!("pub struct {body} {{");
    let lines = source.lines().map(str::trim).skip_while(|line| *line != header).skip(1);
    let mut doc = Vec::new();
    let mut found = Vec::new();
    for line in lines.take_while(|line| *line != "}") {
        if let Some(text) = line.strip_prefix("///") {
            doc.push(text.trim());
        } else if let Some((name, _)) =
            line.strip_prefix("pub ").and_then(|field| field.split_once(':'))
        {
            found.push((name.to_owned(), doc.join(" ")));
            doc.clear();
        }
    }
    found
}

/// What values look like, from all samples of them.
fn form(values: &[&Value], optional: bool) -> String {
    let mut kinds = BTreeSet::new();
    let mut examples = BTreeSet::new();
    let mut inside: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    let mut items = Vec::new();
    let mut objects = 0;
    for value in values {
        match value {
            Value::String(text) => match text_form(text) {
                Some(form) => drop(kinds.insert(form.to_owned())),
                None => drop(examples.insert(format!("`{text}`"))),
            },
            Value::Number(_) => drop(kinds.insert("integer".to_owned())),
            Value::Bool(_) => drop(kinds.insert("true or false".to_owned())),
            Value::Array(list) => items.extend(list),
            Value::Object(members) if members.contains_key("sealed") => {
                kinds.insert("sealed personal text".to_owned());
            }
            Value::Object(members) => {
                objects += 1;
                members
                    .iter()
                    .for_each(|(name, value)| inside.entry(name).or_default().push(value));
            }
            Value::Null => {}
        }
    }
    if !examples.is_empty() {
        let examples: Vec<_> = examples.into_iter().collect();
        kinds.insert(format!("text: {}", examples.join(", ")));
    }
    if !items.is_empty() {
        kinds.insert(format!("list of {}", form(&items, false)));
    }
    if objects > 0 {
        let member = |(name, values): (&&str, &Vec<&Value>)| {
            format!("`{name}` {}", form(values, values.len() < objects))
        };
        let members: Vec<_> = inside.iter().map(member).collect();
        kinds.insert(format!("object: {}", members.join("; ")));
    }
    let kinds: Vec<_> = kinds.into_iter().collect();
    kinds.join(" or ") + if optional { " (optional)" } else { "" }
}

/// What a text is when it is not just a text.
fn text_form(text: &str) -> Option<&'static str> {
    let hex = text.bytes().all(|b| b.is_ascii_hexdigit());
    match text.len() {
        27 if text.parse::<domain::time::Moment>().is_ok() => Some("time"),
        32 if hex => Some("16 bytes, hex"),
        64 if hex => Some("32 bytes, hex"),
        36 if Uuid::try_parse(text).is_ok() => Some("UUID"),
        _ if text.parse::<domain::actor::Actor>().is_ok() => Some("actor: role and UUID"),
        _ if text.strip_prefix("0x").is_some_and(|hex| hex::decode(hex).is_ok()) => {
            Some("bytes, hex after 0x")
        }
        _ if text.parse::<VerifierKey>().is_ok() => Some("vkey"),
        _ if text.trim_end().parse::<SignatureLine>().is_ok() => Some("signature line"),
        _ if Note::parse(text.as_bytes()).is_ok() => Some("signed note"),
        _ => None,
    }
}
