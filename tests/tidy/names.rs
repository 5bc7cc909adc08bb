//! The names of facts and commands, gathered from where they are declared.

use std::collections::BTreeSet;

use crate::rust::Source;
use crate::tree::sources;
use crate::types::implemented;

/// An event type, as its feature declares it in `facts! { … }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventType {
    /// `ConsentFact`
    pub(crate) family: String,
    /// `Granted`
    pub(crate) variant: String,
    /// `ConsentGranted`
    pub(crate) body: String,
    /// `consent.granted.v1`
    pub(crate) kind: String,
}

/// Every event type, in the order of the features.
pub(crate) fn event_types() -> Vec<EventType> {
    let events = sources().iter().filter(|source| declares_events(&source.path));
    events.flat_map(event_types_of).collect()
}

/// Types of facts: `ConsentGranted`, and the enums that hold them: `ConsentFact`.
pub(crate) fn facts() -> Vec<String> {
    let types = event_types().into_iter().flat_map(|of| [of.family, of.body]);
    types.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The files in which event types may stand as text.
pub(crate) fn declares_events(path: &str) -> bool {
    path.starts_with("domain/src/") && path.ends_with("/event.rs")
}

/// The event types one file declares.
fn event_types_of(source: &Source) -> Vec<EventType> {
    let mut family = String::new();
    let mut found = Vec::new();
    for (_, row) in source.live() {
        let code = row.code.trim();
        if let Some(name) = code.strip_suffix("Fact {")
            && name.chars().all(char::is_alphanumeric)
        {
            family = format!("{name}Fact");
        }
        // `Granted(ConsentGranted) = "",`, the type's text emptied.
        if let Some((variant, body)) = code.split_once('(')
            && let Some((body, rest)) = body.split_once(')')
            && variant.chars().all(char::is_alphanumeric)
            && rest.trim_start().starts_with("= \"")
        {
            let (variant, body) = (variant.to_owned(), body.to_owned());
            let kind = row.strings.concat();
            found.push(EventType { family: family.clone(), variant, body, kind });
        }
    }
    found
}

/// Names of commands, from `impl Command for …`.
pub(crate) fn commands() -> Vec<String> {
    let sources = sources().iter().filter(|source| source.path.starts_with("commands/src/"));
    sources.flat_map(commands_of).collect()
}

/// The commands one file implements.
pub(crate) fn commands_of(source: &Source) -> Vec<String> {
    let commands = implemented(source).into_iter().filter(|one| one.name == "Command");
    commands.map(|one| one.by).collect()
}

#[test]
fn facts_and_commands_are_found() {
    let event = Source::of(
        "domain/src/x/event.rs",
        "facts! {\n/// Doc.\nConsentFact {\n    Granted(ConsentGranted) = \"consent.granted.v1\",\n}\n}\n",
    );
    let granted = EventType {
        family: "ConsentFact".to_owned(),
        variant: "Granted".to_owned(),
        body: "ConsentGranted".to_owned(),
        kind: "consent.granted.v1".to_owned(),
    };
    assert_eq!(event_types_of(&event), [granted]);
    let both = "impl Command for GrantConsent {}\nimpl<B: UploadBody> Command for Upload<B> {}\n";
    assert_eq!(commands_of(&Source::of("commands/src/x.rs", both)), ["GrantConsent", "Upload"]);
    let declared: BTreeSet<_> = event_types().into_iter().map(|of| of.kind).collect();
    let known: BTreeSet<_> = domain::fact::Fact::kinds().map(str::to_owned).collect();
    assert_eq!(declared, known, "every event type is found where it is declared");
    assert!(commands().contains(&"RevokeConsent".to_owned()));
}
