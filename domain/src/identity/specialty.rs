//! A doctor's specialty as a coarse code: it stands in the clear, so that figures can be made of it.

use serde::{Deserialize, Serialize};

/// One of twelve groups of specialties. A doctor's own words of it are sealed beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Specialty {
    /// General practice and family medicine.
    GeneralPractice,
    /// Internal medicine and its branches: cardiology, oncology …
    InternalMedicine,
    /// Children and adolescents.
    Paediatrics,
    /// Surgery and its branches, orthopaedics included.
    Surgery,
    /// Obstetrics and gynaecology.
    ObstetricsGynaecology,
    /// Psychiatry and psychotherapy.
    Psychiatry,
    /// Neurology.
    Neurology,
    /// Radiology and nuclear medicine.
    Radiology,
    /// Laboratory medicine and pathology.
    LaboratoryMedicine,
    /// Anaesthesia, intensive care and emergency medicine.
    AnaesthesiaEmergency,
    /// Dentistry and oral medicine.
    Dentistry,
    /// Any other: skin, eyes, ears …
    Other,
}

impl Specialty {
    /// Every group.
    pub const ALL: [Self; 12] = [
        Self::GeneralPractice,
        Self::InternalMedicine,
        Self::Paediatrics,
        Self::Surgery,
        Self::ObstetricsGynaecology,
        Self::Psychiatry,
        Self::Neurology,
        Self::Radiology,
        Self::LaboratoryMedicine,
        Self::AnaesthesiaEmergency,
        Self::Dentistry,
        Self::Other,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_all_of_them() {
        assert!(Specialty::ALL.is_sorted_by(|one, next| one < next));
        assert_eq!(Specialty::ALL.len(), Specialty::Other as usize + 1);
    }
}
