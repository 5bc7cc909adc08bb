//! From cookie or token to the person: who is signed in, in which session, asked of the log each time.

use std::future::Future;
use std::pin::Pin;

use actix_web::cookie::Cookie;
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use commands::access::viewing::DoctorCaller;
use commands::identity::log_in::LogInRejection;
use commands::identity::sessions::SignedIn;
use domain::actor::Actor;
use domain::ids::{AdminId, PatientId};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::problem::{CSRF, NOT_FOUND, Problem, WRONG_ROLE};
use crate::wiring::App;

/// The session cookie. `__Host-` makes browsers insist on Secure, Path=/ and no Domain.
pub(crate) const COOKIE: &str = "__Host-medlock";
/// The header that proves a request was made by our page, not by somebody else's.
const CSRF_HEADER: &str = "X-CSRF-Token";

/// Who makes the request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Requester(pub(crate) SignedIn);

impl Requester {
    pub(crate) fn actor(&self) -> Actor {
        self.0.actor
    }

    /// The patient, if it is the one whose record is asked for; other people's records do not exist.
    pub(crate) fn owner_of(&self, patient: PatientId) -> Result<PatientId, Problem> {
        match self.0.actor {
            Actor::Patient(me) if me == patient => Ok(me),
            Actor::Patient(_) => Err(NOT_FOUND.into()),
            Actor::Doctor(_) | Actor::Manager(_) | Actor::Admin(_) | Actor::System => {
                Err(WRONG_ROLE.into())
            }
        }
    }

    /// The patient, and nobody else: to everybody else it does not exist.
    pub(crate) fn only(&self, patient: PatientId) -> Result<PatientId, Problem> {
        match self.0.actor {
            Actor::Patient(me) if me == patient => Ok(me),
            Actor::Patient(_)
            | Actor::Doctor(_)
            | Actor::Manager(_)
            | Actor::Admin(_)
            | Actor::System => Err(NOT_FOUND.into()),
        }
    }

    /// The doctor.
    pub(crate) fn doctor(&self) -> Result<DoctorCaller, Problem> {
        match self.0.actor {
            Actor::Doctor(doctor) => Ok(DoctorCaller { doctor, session: self.0.session }),
            Actor::Patient(_) | Actor::Manager(_) | Actor::Admin(_) | Actor::System => {
                Err(WRONG_ROLE.into())
            }
        }
    }

    /// The admin.
    pub(crate) fn admin(&self) -> Result<AdminId, Problem> {
        match self.0.actor {
            Actor::Admin(admin) => Ok(admin),
            Actor::Patient(_) | Actor::Doctor(_) | Actor::Manager(_) | Actor::System => {
                Err(WRONG_ROLE.into())
            }
        }
    }
}

impl FromRequest for Requester {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { authenticate(&request).await.map(Self) })
    }
}

async fn authenticate(request: &HttpRequest) -> Result<SignedIn, Problem> {
    let not_signed_in = || Problem::from(LogInRejection::NotSignedIn.rejection());
    let app = request.app_data::<web::Data<App>>().ok_or_else(not_signed_in)?;
    if let Some(value) = request.headers().get(header::AUTHORIZATION) {
        let token = value.to_str().ok().and_then(|value| value.strip_prefix("Bearer "));
        return Ok(app.sessions.by_token(token.ok_or_else(not_signed_in)?).await?);
    }
    let cookie = request.cookie(COOKIE).ok_or_else(not_signed_in)?;
    let secret = SecretString::from(cookie.value().to_owned());
    let signed_in = app.sessions.by_cookie(&secret).await?;
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        check_csrf(app, request, &secret)?;
    }
    Ok(signed_in)
}

/// A cookie travels by itself; the token bound to it does not.
fn check_csrf(app: &App, request: &HttpRequest, secret: &SecretString) -> Result<(), Problem> {
    let sent = request.headers().get(CSRF_HEADER).and_then(|value| value.to_str().ok());
    let right = app.csrf_tokens.of(secret);
    let same = sent.is_some_and(|sent| bool::from(sent.as_bytes().ct_eq(right.as_bytes())));
    if same { Ok(()) } else { Err(CSRF.into()) }
}

/// The cookie that holds a session.
pub(crate) fn session_cookie(secret: &SecretString) -> Cookie<'static> {
    Cookie::build(COOKIE, secret.expose_secret().to_owned())
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(actix_web::cookie::SameSite::Strict)
        .finish()
}

/// The cookie that removes it.
pub(crate) fn no_cookie() -> Cookie<'static> {
    let mut cookie = session_cookie(&SecretString::from(String::new()));
    cookie.make_removal();
    cookie
}
