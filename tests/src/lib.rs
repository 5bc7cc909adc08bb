//! What the stories share: a house on a free port with a clock that stands still, and the cast.

pub mod cast;
pub mod house;
pub mod program;
