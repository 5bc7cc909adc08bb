//! Consent, as the doctor sees it.

pub mod my_patients;
