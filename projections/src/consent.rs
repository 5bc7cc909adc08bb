//! Consent, as the doctor sees it.

pub mod kept_shut;
pub mod my_patients;
