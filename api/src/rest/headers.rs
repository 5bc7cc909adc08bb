//! Headers of ours, as the description names them.

use actix_web::HttpRequest;
use utoipa::PartialSchema;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};

use crate::problem::{BAD_HEADER, Problem};

/// What a request says in a header; none where it has no such header.
pub(super) fn read<'a>(request: &'a HttpRequest, name: &str) -> Result<Option<&'a str>, Problem> {
    let value = request.headers().get(name).map(|value| value.to_str());
    value.transpose().map_err(|_| BAD_HEADER.into())
}

/// How the description tells of a header.
pub(super) fn described<T: PartialSchema>(
    name: &str,
    required: Required,
    description: &str,
) -> Vec<Parameter> {
    let header = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(description))
        .schema(Some(T::schema()));
    vec![header.build()]
}
