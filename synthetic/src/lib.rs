//! What does it look like, how fast is it? The demonstration's clinic. It gets the running application handed
//! in, and knows no adapter, no read model and nothing of the web.

pub mod demo;
