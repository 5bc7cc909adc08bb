//! Given facts: events as they stand in a log, for tests.
