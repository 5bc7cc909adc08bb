//! The house rules as tests: what must not be there, and what must not grow.
//!
//! Every rule is a function from a source, or from all of them, to findings. Each is tried on a bad
//! sample, so that a rule that cannot fail fails; an exception that excuses nothing fails too.

#[cfg(test)]
mod budgets;
#[cfg(test)]
mod circles;
#[cfg(test)]
mod complete;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod guarded;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod layers;
#[cfg(test)]
mod names;
#[cfg(test)]
mod public_names;
#[cfg(test)]
mod readers;
#[cfg(test)]
mod rust;
#[cfg(test)]
mod stands_on;
#[cfg(test)]
mod style;
#[cfg(test)]
mod taken_in;
#[cfg(test)]
mod told;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod types;
#[cfg(test)]
mod world;
