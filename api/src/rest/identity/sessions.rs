//! Logging in, sessions, and the keys of machine tokens.

mod end_session;
mod key_set;
mod log_in;
mod log_out;
mod me;
mod my_sessions;
mod opened;
mod refresh;
mod second_factor;

use utoipa_actix_web::service_config::ServiceConfig;

use self::opened::{Holder, SessionOpen, opened};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(log_in::log_in)
        .service(second_factor::second_factor)
        .service(refresh::refresh)
        .service(me::me)
        .service(my_sessions::my_sessions)
        .service(log_out::log_out)
        .service(end_session::end_session)
        .service(key_set::key_set);
}
