//! A synthetic clinic with five weeks of history, made up by doing what people do.

pub mod cast;
mod clinic;
mod clock;
mod installation;
pub mod reports;
mod story;
mod telling;

pub use self::clinic::DemoClinic;
pub use self::clock::DemoClock;
pub use self::installation::Installation;
pub use self::story::{OPENED_DAYS_AGO, Story};
pub use self::telling::{Guide, Kept};
