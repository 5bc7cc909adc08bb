//! What a consent covers, and for what purpose.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::ids::ReportId;
use crate::records::Category;

/// Why a record is looked at: codes of HL7 v3 PurposeOfUse.
///
/// Matched exactly, never through the code system's hierarchy: BTG is a child of TREAT there and must
/// never be reached by a treatment consent.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, VariantArray,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Purpose {
    /// Treatment.
    Treat,
    /// Emergency treatment.
    Etreat,
    /// Break the glass.
    Btg,
    /// Care management.
    Caremgt,
    /// Coverage under a policy or programme.
    Coverage,
    /// Payment.
    Hpaymt,
    /// Healthcare operations.
    Hoperat,
    /// Research.
    Hresch,
    /// At the patient's request.
    Patrqt,
    /// Public health.
    Pubhlth,
}

impl Purpose {
    /// Every purpose, in the order above.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// In plain words.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Treat => "treatment",
            Self::Etreat => "emergency treatment",
            Self::Btg => "breaking the glass",
            Self::Caremgt => "care management",
            Self::Coverage => "coverage",
            Self::Hpaymt => "payment",
            Self::Hoperat => "healthcare operations",
            Self::Hresch => "research",
            Self::Patrqt => "your own request",
            Self::Pubhlth => "public health",
        }
    }

    /// Whether a patient's consent can name it. BTG has a path of its own, which alarms everyone.
    pub const fn can_be_consented_to(self) -> bool {
        !matches!(self, Self::Btg)
    }
}

/// What a consent opens, before its exceptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Scope {
    /// Every report, those to come included.
    Everything {},
    /// Every report of these categories.
    Categories {
        /// At least one.
        categories: BTreeSet<Category>,
    },
    /// These reports only.
    Reports {
        /// At least one.
        reports: BTreeSet<ReportId>,
    },
}

/// What a consent keeps shut whatever its scope says. An exception always wins.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Exceptions {
    /// Whole categories.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub categories: BTreeSet<Category>,
    /// Single reports.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub reports: BTreeSet<ReportId>,
}

/// Most categories or reports one consent may name: its event must fit a line.
pub const NAMED_MAX: usize = 200;

impl Scope {
    /// Whether the scope, exceptions apart, covers a report.
    pub fn covers(&self, report: ReportId, category: Category) -> bool {
        match self {
            Self::Everything {} => true,
            Self::Categories { categories } => categories.contains(&category),
            Self::Reports { reports } => reports.contains(&report),
        }
    }

    /// Whether it names something, and not too much.
    pub fn is_sound(&self) -> bool {
        match self {
            Self::Everything {} => true,
            Self::Categories { categories } => !categories.is_empty(),
            Self::Reports { reports } => (1..=NAMED_MAX).contains(&reports.len()),
        }
    }
}

impl Exceptions {
    /// Whether a report is kept shut.
    pub fn shut(&self, report: ReportId, category: Category) -> bool {
        self.reports.contains(&report) || self.categories.contains(&category)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{OTHER_REPORT, REPORT, report};

    fn of_categories(categories: &[Category]) -> Scope {
        Scope::Categories { categories: categories.iter().copied().collect() }
    }

    fn of_reports(count: u32) -> Scope {
        Scope::Reports { reports: (0..count).map(report).collect() }
    }

    #[test]
    fn a_scope_covers_what_it_names_and_nothing_else() {
        let imaging = of_categories(&[Category::Imaging]);
        let one = Scope::Reports { reports: [REPORT].into() };
        for category in Category::ALL.iter().copied() {
            assert!(Scope::Everything {}.covers(REPORT, category));
            assert_eq!(imaging.covers(REPORT, category), category == Category::Imaging);
            assert!(one.covers(REPORT, category) && !one.covers(OTHER_REPORT, category));
        }
    }

    #[test]
    fn an_exception_shuts_by_category_and_by_report() {
        let exceptions =
            Exceptions { categories: [Category::Imaging].into(), reports: [REPORT].into() };
        assert!(exceptions.shut(OTHER_REPORT, Category::Imaging));
        assert!(exceptions.shut(REPORT, Category::Laboratory));
        assert!(!exceptions.shut(OTHER_REPORT, Category::Laboratory));
        assert!(!Exceptions::default().shut(REPORT, Category::Imaging));
    }

    #[test]
    fn a_scope_names_something_and_not_too_much() {
        let most = u32::try_from(NAMED_MAX).unwrap();
        for (scope, sound) in [
            (Scope::Everything {}, true),
            (of_categories(&[]), false),
            (of_categories(Category::ALL), true),
            (of_reports(0), false),
            (of_reports(1), true),
            (of_reports(most), true),
            (of_reports(most + 1), false),
        ] {
            assert_eq!(scope.is_sound(), sound, "{scope:?}");
        }
    }

    #[test]
    fn no_consent_breaks_the_glass_and_every_purpose_has_words_of_its_own() {
        let mut words = BTreeSet::new();
        for purpose in Purpose::ALL.iter().copied() {
            assert_eq!(purpose.can_be_consented_to(), purpose != Purpose::Btg, "{purpose:?}");
            assert!(words.insert(purpose.in_words()), "{purpose:?}");
        }
        assert_eq!(Purpose::Treat.in_words(), "treatment");
    }
}
