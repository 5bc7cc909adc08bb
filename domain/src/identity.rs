//! Identity: who a person is to Medlock, whether a doctor may act, which sessions are open.

pub mod admins;
pub mod doctor;
pub mod event;
pub mod factors;
pub mod login;
pub mod name_lists;
pub mod registration;
pub mod session;
pub mod specialty;
