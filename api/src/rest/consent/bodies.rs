//! What consents are made of, as requests and answers say it.

use std::collections::BTreeSet;

use domain::consent::scope::Purpose;
use domain::records::Category;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rest::ids::ReportUuid;

/// HL7 v3 PurposeOfUse.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy)]
#[schema(value_type = String, examples("TREAT"))]
#[serde(transparent)]
pub(crate) struct PurposeCode(pub(crate) Purpose);

/// Broad category.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[schema(value_type = String, examples("laboratory"))]
#[serde(transparent)]
pub(crate) struct CategoryCode(pub(crate) Category);

/// What a custom consent opens.
#[derive(Deserialize, Serialize, ToSchema, Clone)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ScopeBody {
    /// Everything, reports to come included.
    Everything {},
    /// Whole categories.
    Categories {
        /// At least one.
        categories: BTreeSet<CategoryCode>,
    },
    /// Single reports.
    Reports {
        /// 1 to 200.
        reports: BTreeSet<ReportUuid>,
    },
}

/// What stays shut all the same.
#[derive(Deserialize, Serialize, ToSchema, Clone, Default)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ExceptionsBody {
    /// Whole categories.
    pub(crate) categories: BTreeSet<CategoryCode>,
    /// Single reports.
    pub(crate) reports: BTreeSet<ReportUuid>,
}
