//! The read side over a real log and a real read store: the loop, the models, the words.

mod catch_up;
mod lists;
mod personal_text;
mod store;
mod world;
