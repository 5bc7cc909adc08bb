//! What does it look like, how fast is it? The demonstration's clinic and the measurements. Both get what
//! they need handed in, and know no adapter, no read model and no web framework.

pub mod bench;
pub mod demo;
mod letters;
