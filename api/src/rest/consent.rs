//! Consents: who can see my record now, let somebody in, take it back.

mod grant;
mod revoke;
mod who_can_see;

use crate::rest::ids::ReportUuid;
use std::collections::BTreeSet;

use domain::consent::grantee::Grantee;
use domain::consent::scope::Purpose;
use domain::records::Category;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(grant::grant).service(revoke::revoke).service(who_can_see::who_can_see);
}

/// HL7 v3 PurposeOfUse.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy)]
#[schema(value_type = String, examples("TREAT"))]
#[serde(transparent)]
pub(super) struct PurposeCode(pub(super) Purpose);

/// Broad category.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[schema(value_type = String, examples("laboratory"))]
#[serde(transparent)]
pub(super) struct CategoryCode(pub(super) Category);

/// A doctor, or a practice.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy)]
#[schema(value_type = String, examples("doctor:0192f3c4-0000-7000-8000-0000000000b0"))]
#[serde(transparent)]
pub(super) struct GranteeName(pub(super) Grantee);

/// What a custom consent opens.
#[derive(Deserialize, Serialize, ToSchema, Clone)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum ScopeBody {
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
struct ExceptionsBody {
    /// Whole categories.
    categories: BTreeSet<CategoryCode>,
    /// Single reports.
    reports: BTreeSet<ReportUuid>,
}
