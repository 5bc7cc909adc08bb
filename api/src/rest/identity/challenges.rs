//! A challenge, and what answers it: a code, or a passkey.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use commands::identity::account_factors::MayAnswer;
use commands::identity::step_up::{Proof, StepUp};
use domain::ids::ChallengeId;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use crate::problem::{BAD_FORM, BAD_HEADER, Problem, ProblemField};
use crate::rest::HandlerResult;
use crate::rest::headers;
use crate::rest::secrets::SecretText;

/// A challenge, and what may answer it.
#[derive(Serialize, ToSchema)]
pub(super) struct Challenged {
    challenge: String,
    /// Whether a code was sent that answers it. None is once the account has something stronger.
    letter: bool,
    /// Whether a passkey may answer it, in a code's place.
    passkey: bool,
    /// Whether the code of an authenticator app answers it.
    app: bool,
    /// Whether a recovery code does.
    recovery: bool,
}

impl Challenged {
    pub(super) fn of(challenge: ChallengeId, may_answer: MayAnswer) -> Self {
        let MayAnswer { letter, passkey, app, recovery } = may_answer;
        Self { challenge: challenge.to_string(), letter, passkey, app, recovery }
    }
}

pub(super) fn challenged(challenge: ChallengeId, may_answer: MayAnswer) -> HandlerResult {
    Ok(HttpResponse::Accepted().json(Challenged::of(challenge, may_answer)))
}

/// What a browser answered: the JSON of a `PublicKeyCredential` (`toJSON()`).
#[derive(Deserialize, ToSchema)]
#[schema(value_type = HashMap<String, Value>)]
#[serde(transparent)]
pub(super) struct Credential(Map<String, Value>);

impl Credential {
    pub(super) fn text(self) -> SecretString {
        SecretString::from(Value::Object(self.0).to_string())
    }
}

/// A code or a passkey's answer, never both.
pub(super) fn step_up(
    challenge: &str,
    code: Option<SecretText>,
    passkey: Option<Credential>,
) -> Result<StepUp, Problem> {
    let proof = match (code, passkey) {
        (Some(code), None) => Proof::Code(code.0),
        (None, Some(passkey)) => Proof::Passkey(passkey.text()),
        (None, None) | (Some(_), Some(_)) => {
            return Err(field("/code", "be given, or a passkey's answer in its place"));
        }
    };
    Ok(StepUp { challenge: challenge_id(challenge)?, proof })
}

pub(super) fn challenge_id(text: &str) -> Result<ChallengeId, Problem> {
    let read = text.to_ascii_lowercase().parse();
    read.map_err(|_| field("/challenge", "be a challenge's id"))
}

fn field(pointer: &str, must: &str) -> Problem {
    let error = ProblemField { pointer: pointer.to_owned(), detail: format!("must {must}") };
    Problem { errors: vec![error], ..BAD_FORM.into() }
}

/// `Medlock-Step-Up: challenge=<id>; code=<code>`, or `passkey=<base64url of its JSON>` in the code's place,
/// where a request has it. One that is not of its form is told only to those who may ask at all.
pub(crate) struct StepUpHeader(pub(crate) Result<Option<StepUp>, Problem>);

impl StepUpHeader {
    const NAME: &str = "Medlock-Step-Up";

    fn read(request: &HttpRequest) -> Result<Option<StepUp>, Problem> {
        let Some(value) = headers::read(request, Self::NAME)? else { return Ok(None) };
        let part = |name: &str| {
            value.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
        };
        let challenge = part("challenge")
            .and_then(|id| id.to_ascii_lowercase().parse().ok())
            .ok_or(BAD_HEADER)?;
        let proof = match (part("code"), part("passkey")) {
            (Some(code), None) => Proof::Code(code.to_owned().into()),
            (None, Some(passkey)) => Proof::Passkey(read_passkey(passkey).ok_or(BAD_HEADER)?),
            (None, None) | (Some(_), Some(_)) => return Err(BAD_HEADER.into()),
        };
        Ok(Some(StepUp { challenge, proof }))
    }
}

fn read_passkey(text: &str) -> Option<SecretString> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    String::from_utf8(bytes).ok().map(SecretString::from)
}

impl FromRequest for StepUpHeader {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(Self::read(request))))
    }
}

impl IntoParams for StepUpHeader {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let form =
            "challenge=<id>; code=<code>, or passkey=<base64url of its JSON> in the code's place";
        headers::described::<String>(Self::NAME, Required::False, form)
    }
}
