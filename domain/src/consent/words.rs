//! What a consent opens, as its patient reads it: no more and no less than its scope and exceptions say.

use std::collections::BTreeSet;

use super::scope::{Exceptions, Scope};
use crate::records::Category;

/// The reports that a consent opens, without those it keeps shut: what stands behind "you let Dr Bo see".
pub fn what_it_opens(scope: &Scope, exceptions: &Exceptions) -> String {
    let opened = match scope {
        Scope::Everything {} => "every report of yours, those to come included".to_owned(),
        Scope::Categories { categories } => {
            format!("these of your reports, those to come included: {}", listed(kinds(categories)))
        }
        Scope::Reports { reports } => format!("{} of yours and no other", counted(reports.len())),
    };
    match what_stays_shut(exceptions) {
        Some(shut) => format!("{opened} (but not {shut})"),
        None => opened,
    }
}

/// How many of how many reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportsOpened {
    /// So many are opened.
    pub opened: usize,
    /// Of so many.
    pub of: usize,
}

/// How many reports of today a consent would open: what stands behind "it opens".
pub fn what_it_would_open(counted: ReportsOpened, those_to_come: bool) -> String {
    let opened = match counted {
        ReportsOpened { of: 0, .. } => "no report of today, for you have none".to_owned(),
        ReportsOpened { opened: 0, of } => format!("none of your {}", of_today(of)),
        ReportsOpened { opened: 1, of: 1 } => "your one report".to_owned(),
        ReportsOpened { opened, of } if opened == of => format!("all {of} of your reports"),
        ReportsOpened { opened: 1, of } => format!("one of your {}", of_today(of)),
        ReportsOpened { opened, of } => format!("{opened} of your {}", of_today(of)),
    };
    if those_to_come { format!("{opened} and those to come") } else { opened }
}

fn of_today(reports: usize) -> String {
    if reports == 1 {
        "reports, of which there is one".to_owned()
    } else {
        format!("{reports} reports")
    }
}

fn what_stays_shut(exceptions: &Exceptions) -> Option<String> {
    let Exceptions { categories, reports } = exceptions;
    let single = (!reports.is_empty()).then(|| counted(reports.len()));
    let words: Vec<String> = kinds(categories).into_iter().chain(single).collect();
    (!words.is_empty()).then(|| listed(words))
}

fn kinds(categories: &BTreeSet<Category>) -> Vec<String> {
    categories.iter().map(|category| category.in_words().to_owned()).collect()
}

fn counted(reports: usize) -> String {
    if reports == 1 { "one report".to_owned() } else { format!("{reports} reports") }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(words: Vec<String>) -> String {
    match words.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        Some(_) | None => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{OTHER_REPORT, REPORT};

    #[test]
    fn every_scope_and_every_exception_is_said() {
        let all = Scope::Everything {};
        let of = |categories: &[Category]| Scope::Categories {
            categories: categories.iter().copied().collect(),
        };
        let two = of(&[Category::Imaging, Category::Laboratory]);
        let one = Scope::Reports { reports: [REPORT].into() };
        let both = Scope::Reports { reports: [REPORT, OTHER_REPORT].into() };
        let none = Exceptions::default();
        let report = Exceptions { reports: [REPORT].into(), ..Exceptions::default() };
        let much = Exceptions {
            categories: [Category::Vaccination, Category::Other].into(),
            reports: [REPORT, OTHER_REPORT].into(),
        };
        let cases = [
            (&all, &none, "every report of yours, those to come included"),
            (
                &all,
                &much,
                "every report of yours, those to come included (but not vaccinations, what is \
                 filed as other and 2 reports)",
            ),
            (
                &two,
                &report,
                "these of your reports, those to come included: laboratory results and imaging \
                 (but not one report)",
            ),
            (&one, &none, "one report of yours and no other"),
            (&both, &report, "2 reports of yours and no other (but not one report)"),
        ];
        for (scope, exceptions, words) in cases {
            assert_eq!(what_it_opens(scope, exceptions), words);
        }
        let mut said = BTreeSet::new();
        for category in Category::ALL {
            assert!(said.insert(what_it_opens(&of(&[*category]), &none)), "{category:?}");
        }
    }
}
