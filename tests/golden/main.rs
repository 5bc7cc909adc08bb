//! Writes what the golden tests compare: with no argument `docs/EVENTS.md`; with a type and its data a
//! new sample, beside those that are there. Never changes a sample.

use std::process::ExitCode;

use tests::golden::{add, catalogue};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let added = match arguments.as_slice() {
        [] => Ok(None),
        [kind, data] => add(kind, data).map(Some),
        _ => {
            eprintln!("usage: golden [TYPE DATA]");
            return ExitCode::from(2);
        }
    };
    let written = added.and_then(|added| match added {
        Some(sample) => Ok(sample),
        None => catalogue::write(),
    });
    match written {
        Ok(file) => {
            println!("{}", file.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
