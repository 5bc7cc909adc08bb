//! The names of facts and commands, gathered from where they are declared.

use crate::rust::Source;
use crate::tree::sources;

/// Types of facts: `ConsentGranted`, and the enums that hold them: `ConsentFact`.
pub(crate) fn facts() -> Vec<String> {
    let events = sources().iter().filter(|source| declares_events(&source.path));
    events.flat_map(facts_of).collect()
}

/// The files in which event types may stand as text.
pub(crate) fn declares_events(path: &str) -> bool {
    path.starts_with("domain/src/") && path.ends_with("/event.rs")
}

/// The facts one file declares in `facts! { … }`.
fn facts_of(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for (_, row) in source.live() {
        let code = row.code.trim();
        if let Some(name) = code.strip_suffix("Fact {")
            && name.chars().all(char::is_alphanumeric)
        {
            found.push(format!("{name}Fact"));
        }
        // `Granted(ConsentGranted) = "",`, the type's text emptied.
        if let Some((variant, body)) = code.split_once('(')
            && let Some((body, rest)) = body.split_once(')')
            && variant.chars().all(char::is_alphanumeric)
            && rest.trim_start().starts_with("= \"")
        {
            found.push(body.to_owned());
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
    let name = |code: &str| {
        let rest = code.trim().strip_prefix("impl Command for ")?;
        Some(rest.split([' ', '<', '{']).next()?.to_owned())
    };
    source.live().filter_map(|(_, row)| name(&row.code)).collect()
}

#[test]
fn facts_and_commands_are_found() {
    let event = Source::of(
        "domain/src/x/event.rs",
        "facts! {\n/// Doc.\nConsentFact {\n    Granted(ConsentGranted) = \"consent.granted.v1\",\n}\n}\n",
    );
    assert_eq!(facts_of(&event), ["ConsentFact", "ConsentGranted"]);
    let command = Source::of("commands/src/x.rs", "impl Command for GrantConsent {\n");
    assert_eq!(commands_of(&command), ["GrantConsent"]);
    let kinds = domain::fact::Fact::kinds().count();
    let bodies = facts().iter().filter(|name| !name.ends_with("Fact")).count();
    assert_eq!(bodies, kinds, "every event type has its struct");
    assert!(commands().contains(&"RevokeConsent".to_owned()));
}
