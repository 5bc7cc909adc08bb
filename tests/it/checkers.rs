//! Checkers that are not ours read what we make, and refuse, in words, what was damaged.

mod python;
