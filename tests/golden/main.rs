//! Writes what the golden tests compare: with no argument the documents made of the code; with a type and
//! its data a new sample, beside those that are there; with `folder` and a file the archive of a data
//! folder, to be kept when the format has changed. Never changes a sample.

use std::path::PathBuf;
use std::process::ExitCode;

use tests::documents;
use tests::golden::{add, catalogue};
use tests::permissions::permissions;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let written = match arguments.as_slice() {
        [] => write_all(),
        [what, file] if what == "folder" => write_folder(PathBuf::from(file)),
        [kind, data] => add(kind, data).map(|sample| vec![sample]).map_err(|why| why.to_string()),
        _ => {
            eprintln!("usage: golden [TYPE DATA | folder FILE]");
            return ExitCode::from(2);
        }
    };
    match written {
        Ok(files) => {
            files.iter().for_each(|file| println!("{}", file.display()));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn write_folder(file: PathBuf) -> Result<Vec<PathBuf>, String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(tests::kept::write(&file));
    Ok(vec![file])
}

fn write_all() -> Result<Vec<PathBuf>, String> {
    let mut files = vec![catalogue::write().map_err(|why| why.to_string())?];
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let documents = [
        ("openapi.json", documents::openapi()),
        ("problems.md", documents::problems()),
        ("settings.md", documents::settings()),
        ("permissions.txt", runtime.block_on(permissions())),
    ];
    for (name, text) in documents {
        let file = documents::file(name);
        std::fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
        files.push(file);
    }
    Ok(files)
}
