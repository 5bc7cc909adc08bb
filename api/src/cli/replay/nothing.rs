//! Why a replay printed nothing: a word that nothing in the log answers to is said, with what there is, and
//! is never silence.

use domain::journal::{Envelope, Position};
use evidence::complain;
use evidence::ports::OpenedLog;

use super::ReplayArgs;
use crate::cli::{CliError, CliResult};

/// What was met between the positions that were asked for.
#[derive(Debug, Default)]
pub(super) struct Replayed {
    /// How many lines were printed.
    pub(super) printed: u64,
    looked_at: u64,
    of_the_types: bool,
    by_the_actor: bool,
    early_enough: bool,
}

impl Replayed {
    /// Notes an event, and answers whether it is one that was asked for.
    pub(super) fn take(&mut self, args: &ReplayArgs, envelope: &Envelope<'_>) -> bool {
        let of_the_types = args.kind.as_ref().is_none_or(|wanted| wanted.cover(envelope.kind));
        let actor = args.actor.map(|actor| actor.to_string());
        let by_the_actor = actor.is_none_or(|actor| envelope.actor == actor);
        let early_enough = args.until.is_none_or(|until| envelope.time <= until);
        self.looked_at += 1;
        self.of_the_types |= of_the_types;
        self.by_the_actor |= by_the_actor;
        self.early_enough |= early_enough;
        of_the_types && by_the_actor && early_enough
    }
}

fn usage(what: String) -> CliResult {
    Err(CliError::Usage(anyhow::anyhow!(what)))
}

/// A range that holds nothing, whatever the log is.
pub(super) fn range(args: &ReplayArgs) -> CliResult {
    match args.to_position {
        Some(to) if to < args.from_position => usage(format!(
            "there is nothing from position {} to position {to}: the smaller one goes first",
            args.from_position
        )),
        Some(_) | None => Ok(()),
    }
}

/// Says why nothing was printed. Exit code 2 where a word of the question is in no event of the log; where
/// each is in one, only never in the same, nothing is wrong.
pub(super) async fn why(args: &ReplayArgs, log: &OpenedLog, seen: &Replayed) -> CliResult {
    let length = log.length;
    if length == 0 {
        complain!("The log is empty.");
        return Ok(());
    }
    if args.from_position >= length {
        let from = args.from_position;
        return usage(format!("there is no position {from}: the log has {length} events"));
    }
    if let Some(stream) = &args.stream {
        let lengths = log.lines.lengths(std::slice::from_ref(stream)).await;
        if lengths.map_err(anyhow::Error::from)?.iter().all(|length| *length == 0) {
            return usage(format!("the log has no stream {stream}"));
        }
    }
    if let Some(types) = args.kind.as_ref().filter(|types| !seen.of_the_types && !types.are_known())
    {
        let near = types.nearest().join(", ");
        return usage(format!("no event is of a type that begins with {types}; there are {near}"));
    }
    if let Some(actor) = args.actor.filter(|_| !seen.by_the_actor) {
        return usage(format!("{actor} did nothing in what was looked through"));
    }
    if let Some(until) = args.until.filter(|_| !seen.early_enough) {
        let first = log.lines.of_log(Position(0), 1).await.map_err(anyhow::Error::from)?;
        let first = first.first().and_then(|line| Envelope::read(&line.bytes).ok().map(|e| e.time));
        let first = first.map_or(String::new(), |time| format!("; the first event is of {time}"));
        return usage(format!("nothing had happened up to {until}{first}"));
    }
    complain!("No event is as asked for: {} were looked through.", seen.looked_at);
    Ok(())
}
