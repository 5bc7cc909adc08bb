//! Refusals that an operation names because they do not follow from what it takes (`description.rs`). What
//! each of them is, the table of refusals says.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{RefOr, Response};

/// Answers by the name of their status.
macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $status:literal;)*) => {
        $($(#[$doc])* pub(crate) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                BTreeMap::from([($status.to_owned(), RefOr::T(Response::default()))])
            }
        })*
    };
}

refusals! {
    /// Who asks is not known.
    NotSignedIn = "401";
    /// Who asks may not do this.
    Forbidden = "403";
    /// What is asked for is not there for whoever asks.
    NotFound = "404";
    /// What is asked for does not fit what happened before.
    Conflict = "409";
    /// What is there is no longer what the sender saw.
    Changed = "412";
    /// What was sent has the right form and cannot be.
    Unprocessable = "422";
}
