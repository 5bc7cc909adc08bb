//! Specialties, as requests and answers say them.

use domain::identity::specialty::Specialty;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One of twelve groups of specialties.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy)]
#[schema(value_type = String, examples("radiology"))]
#[serde(transparent)]
pub(crate) struct SpecialtyCode(pub(crate) Specialty);
