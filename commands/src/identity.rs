//! Identity: registering, being verified, logging in, being shown names.

pub mod admit_first_admin;
mod attempts;
mod awaited;
pub mod claim_login;
pub mod csrf;
pub mod end_session;
pub mod first_admin;
pub mod forms;
pub mod issue_first_admin_link;
pub mod letters;
pub mod log_in;
pub mod note_failed_login;
pub mod note_unknown_record;
pub mod open_session;
pub mod own_words;
pub mod register_admin;
pub mod register_doctor;
pub mod register_patient;
pub mod registration;
pub mod reinstate_doctor;
pub mod reject_doctor;
pub mod sessions;
pub mod show_name_list;
pub mod standing;
pub mod step_up;
pub mod suspend_doctor;
pub mod verify_doctor;
