//! `medlock replay`: events as stored, or as a readable table.

mod nothing;

use std::io::{BufWriter, Write};

use clap::{Args, ValueEnum};
use commands::ports::event_store::{EventStore, ReadError};
use domain::actor::Actor;
use domain::fact::wanted::TypesWanted;
use domain::ids::StreamName;
use domain::journal::{Envelope, Line, Position, StreamVersion};
use domain::time::Moment;
use evidence::terminal;

use self::nothing::Replayed;
use super::names::{Names, NamesArgs};
use super::{CliError, CliResult, DataArgs, any_case, start_logging};
use crate::wiring::open_stored_log;

const LINES: usize = 1_024;

/// Print events as stored, or as a readable table, in position order.
///
/// Reads only; the service may run. What is sealed stays so; a table says doctors' names if the running
/// service is asked for them.
#[derive(Args)]
pub(crate) struct ReplayArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Only this stream: patient-<uuid>, doctor-<uuid>, session-<uuid>, admins …
    #[arg(long, value_name = "STREAM", value_parser = any_case::<StreamName>)]
    stream: Option<StreamName>,
    /// Only from this position on.
    #[arg(long, value_name = "P", default_value_t = 0)]
    from_position: u64,
    /// Only up to this position.
    #[arg(long, value_name = "Q")]
    to_position: Option<u64>,
    /// Only what happened up to this time (UTC): 2026-11-23T08:00:00Z, or a day to its end.
    #[arg(long, value_name = "TIME", value_parser = until)]
    until: Option<Moment>,
    /// Only this type, or every type that begins so: consent.granted.v1, consent.granted, consent.
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<TypesWanted>,
    /// Only what this account did: doctor:<uuid>, patient:<uuid>, admin:<uuid>, system.
    #[arg(long, value_name = "ACCOUNT", value_parser = any_case::<Actor>)]
    actor: Option<Actor>,
    /// How to print.
    #[arg(long, value_enum, default_value = "lines")]
    output: Form,
    #[command(flatten)]
    names: NamesArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The exact stored bytes, one event a line.
    Lines,
    /// Position, time, stream, version, type, actor.
    Table,
}

/// A time with fewer digits than the log's stands for its first microsecond, a day for its last.
pub(super) fn until(text: &str) -> Result<Moment, String> {
    let (whole, fraction) = match text.strip_suffix('Z').map(|rest| rest.split_once('.')) {
        Some(Some((whole, fraction))) => (whole.to_owned(), fraction.to_owned()),
        Some(None) => (text.trim_end_matches('Z').to_owned(), String::new()),
        None => (format!("{text}T23:59:59"), "999999".to_owned()),
    };
    format!("{whole}.{fraction:0<6}Z").parse().map_err(|_| {
        "not a time: 2026-11-23T08:00:00Z, with up to six decimals, or 2026-11-23".to_owned()
    })
}

pub(super) async fn run(args: &ReplayArgs) -> CliResult {
    start_logging(true);
    let config = args.data.settings()?;
    nothing::range(args)?;
    let names = args.names.names(&config).await?;
    let stored = open_stored_log(&config.data).await?;
    let mut out = BufWriter::new(terminal::exact());
    match print_all((args, &names), &*stored.events, &mut out).await {
        // Whoever reads has seen enough, as `head` does.
        Err(ReplayStop::Output(error)) if terminal::nobody_reads(&error) => Ok(()),
        Err(ReplayStop::Output(error)) => Err(anyhow::Error::from(error).into()),
        Err(ReplayStop::Log(error)) if error.damage().is_some() => {
            Err(CliError::Finding(format!("{error}; see medlock verify")))
        }
        Err(ReplayStop::Log(error)) => Err(anyhow::Error::from(error).into()),
        Ok(seen) if seen.printed == 0 => nothing::why(args, &stored.opened(), &seen).await,
        Ok(_) => Ok(()),
    }
}

enum ReplayStop {
    Output(std::io::Error),
    Log(ReadError),
}

impl From<std::io::Error> for ReplayStop {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error)
    }
}

async fn print_all(
    (args, names): (&ReplayArgs, &Names),
    events: &dyn EventStore,
    out: &mut impl Write,
) -> Result<Replayed, ReplayStop> {
    if args.output == Form::Table {
        let [position, time, stream, version, kind] = COLUMNS;
        writeln!(
            out,
            "{:>position$}  {:time$}  {:stream$}  {:>version$}  {:kind$}  actor",
            "position", "time", "stream", "version", "type"
        )?;
    }
    let mut seen = Replayed::default();
    let mut next = if args.stream.is_some() { 0 } else { args.from_position };
    loop {
        let read = match &args.stream {
            Some(stream) => {
                let version = StreamVersion(u32::try_from(next).unwrap_or(u32::MAX));
                events.read(stream, version, LINES).await
            }
            None => events.read_all(Position(next), LINES).await,
        };
        let lines = read.map_err(ReplayStop::Log)?;
        let last = args.to_position.unwrap_or(u64::MAX);
        let to_come = lines.last().is_some_and(|line| line.position.0 < last);
        for line in lines.iter().filter(|line| line.position.0 <= last) {
            print((args, names), line, (&mut seen, out))?;
        }
        if !to_come {
            out.flush()?;
            return Ok(seen);
        }
        next += lines.len() as u64;
    }
}

/// Widths of position, time, stream, version and type: of a table that is longer than memory nobody knows
/// the widest cell.
const COLUMNS: [usize; 5] = [8, 27, 44, 7, 36];

fn print(
    (args, names): (&ReplayArgs, &Names),
    line: &Line,
    (seen, out): (&mut Replayed, &mut impl Write),
) -> std::io::Result<()> {
    if line.position.0 < args.from_position {
        return Ok(());
    }
    let envelope = Envelope::read(&line.bytes);
    // A line that cannot be read is shown whatever was asked for: nobody can say that it was not meant.
    if envelope.as_ref().is_ok_and(|envelope| !seen.take(args, envelope)) {
        return Ok(());
    }
    seen.printed += 1;
    if args.output == Form::Lines {
        out.write_all(&line.bytes)?;
        return out.write_all(b"\n");
    }
    let [position, time, stream, version, kind] = COLUMNS;
    write!(out, "{:>position$}  ", line.position)?;
    match envelope {
        Ok(e) => {
            // Only strings know how to be padded.
            let moment = e.time.to_string();
            let name = e.stream.as_str();
            write!(out, "{moment:time$}  {name:stream$}  {:>version$}  ", e.version)?;
            let actor = e.actor.to_string();
            let name = names.get(&actor).map(|name| format!(" {name}")).unwrap_or_default();
            writeln!(out, "{:kind$}  {actor}{name}", e.kind)
        }
        Err(error) => {
            let nothing = "";
            let name = line.stream.as_str();
            write!(out, "{nothing:time$}  {name:stream$}  {:>version$}  ", line.version)?;
            writeln!(out, "not a valid line: {error}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_may_be_short() {
        for (text, meant) in [
            ("2026-11-23T08:00:00.000001Z", "2026-11-23T08:00:00.000001Z"),
            ("2026-11-23T08:00:00.5Z", "2026-11-23T08:00:00.500000Z"),
            ("2026-11-23T08:00:00Z", "2026-11-23T08:00:00.000000Z"),
            ("2026-11-23", "2026-11-23T23:59:59.999999Z"),
        ] {
            assert_eq!(until(text).unwrap().to_string(), meant);
        }
        for wrong in ["", "Z", "yesterday", "2026-11-23T08:00:00", "2026-13-01"] {
            assert!(until(wrong).is_err(), "{wrong}");
        }
    }
}
