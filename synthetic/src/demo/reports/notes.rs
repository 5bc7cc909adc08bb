//! Plain text, as an old practice system would print it.

use textwrap::{Options, WordSplitter, WrapAlgorithm};

use super::case::{Case, SYNTHETIC};
use super::chance::Chance;

const COLUMNS: usize = 76;

/// What was said and found in a consultation.
pub(super) fn consultation(case: &Case, chance: &mut Chance, date: &str) -> Vec<u8> {
    let illness = case.illness;
    let mut note = head("CONSULTATION NOTE", case, date);
    section(&mut note, "Reason", illness.complaint);
    section(&mut note, "History", illness.history);
    section(&mut note, "Findings", illness.findings);
    note.push_str("\nMeasured\n--------\n");
    let measured = [
        (
            "Blood pressure",
            format!("{:.0}/{:.0}", chance.between(112.0, 148.0), chance.between(70.0, 92.0)),
            "mmHg",
        ),
        ("Pulse", format!("{:.0}", chance.between(58.0, 104.0)), "1/min"),
        ("Temperature", format!("{:.1}", chance.between(36.3, 38.9)), "°C"),
        ("Weight", format!("{:.1}", chance.between(54.0, 98.0)), "kg"),
    ];
    for (name, value, unit) in measured {
        note.push_str(&format!("{name:<20}{value:>10} {unit}\n"));
    }
    note.push_str("\nPlan\n----\n");
    for step in illness.follow_up {
        note.push_str(&wrapped(step, "- ", "  "));
    }
    note.push_str(&format!("\n{}\n", case.doctor));
    note.into_bytes()
}

/// The paper for the employer: no diagnosis on it.
pub(super) fn certificate(case: &Case, chance: &mut Chance, date: &str) -> Vec<u8> {
    let mut note = head("CERTIFICATE OF INCAPACITY FOR WORK", case, date);
    let days = 3 + chance.below(12);
    let text = format!(
        "This is to certify that the person named above is unable to work for {days} days from \
         {date}, that day included."
    );
    section(&mut note, "For the employer", &text);
    let kinds = ["First certificate.", "Follow-up certificate."];
    section(&mut note, "Kind", kinds[chance.below(2)]);
    note.push_str(&format!("\n{}\n", case.doctor));
    note.into_bytes()
}

fn head(title: &str, case: &Case, date: &str) -> String {
    let place = "Practice at the Old Mill";
    let gap = COLUMNS - title.len() - place.len();
    let line = "=".repeat(COLUMNS);
    format!(
        "{title}{:gap$}{place}\n{line}\n{SYNTHETIC}\n\n\
         Patient:  {}\nBorn:     {}\nNumber:   {}\nDate:     {date}\n",
        "", case.patient, case.born, case.number
    )
}

fn section(note: &mut String, name: &str, text: &str) {
    note.push_str(&format!("\n{name}\n{}\n", "-".repeat(name.len())));
    note.push_str(&wrapped(text, "", ""));
}

fn wrapped(text: &str, first: &str, rest: &str) -> String {
    let page = Options::new(COLUMNS).initial_indent(first).subsequent_indent(rest);
    let page = page.word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(text, page.wrap_algorithm(WrapAlgorithm::FirstFit)) + "\n"
}
