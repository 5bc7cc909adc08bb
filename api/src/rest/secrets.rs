//! What callers send and nobody may read again: it is kept in memory that is wiped, and never logged.

use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

/// A password: 10 to 256 characters.
#[derive(Deserialize, ToSchema)]
#[schema(value_type = String, format = Password, min_length = 10, max_length = 256)]
#[serde(transparent)]
pub(crate) struct Password(pub(crate) SecretString);

/// A token or a code, as it was given out.
#[derive(Deserialize, ToSchema)]
#[schema(value_type = String)]
#[serde(transparent)]
pub(crate) struct SecretText(pub(crate) SecretString);
