//! What commands print besides text, which goes by `evidence::terminal`: values as JSON, bars for a person
//! who waits, log lines.

use std::io::IsTerminal as _;

use evidence::{say, terminal};

/// A bar on stderr that shows itself only to a person.
pub(crate) fn progress(length: u64, what: &'static str) -> indicatif::ProgressBar {
    let form = "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}";
    let bar = indicatif::ProgressBar::new(length).with_message(what);
    match indicatif::ProgressStyle::with_template(form) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Prints a value as JSON.
pub(crate) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    say!("{}", terminal::json(value)?);
    Ok(())
}

/// Log lines go to stderr; `MEDLOCK_LOG` says which.
pub(crate) fn start_logging(quiet: bool) {
    use tracing_subscriber::EnvFilter;
    // The server's own lines about its threads tell nobody anything.
    let default = if quiet { "warn" } else { "info,actix_server=warn" };
    let filter = EnvFilter::builder().with_env_var("MEDLOCK_LOG").try_from_env();
    let filter = filter.unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Colours are for people: in a file they are noise.
    let builder = builder.with_ansi(std::io::stderr().is_terminal()).with_target(false);
    // Somebody else's subscriber stays: tests install one.
    let _ = builder.try_init();
}
