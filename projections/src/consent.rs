//! Consent, from the doctor's side of the desk.

pub mod my_patients;
