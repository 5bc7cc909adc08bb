//! Where a request came from, as far as its connection says.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::{IpAddr, SocketAddr};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

/// Who is at the other end of the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) Option<SocketAddr>);

impl Peer {
    /// As throttles count it.
    pub(crate) fn source(self) -> String {
        source(self.0)
    }
}

impl FromRequest for Peer {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.peer_addr())))
    }
}

/// The peer's address; of IPv6 the /64, which is what one customer gets.
pub(crate) fn source(peer: Option<SocketAddr>) -> String {
    match peer.map(|peer| peer.ip()) {
        Some(IpAddr::V4(ip)) => ip.to_string(),
        Some(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "unknown".to_owned(),
    }
}

/// Whether it is the machine we run on.
pub(crate) fn is_this_machine(peer: Option<SocketAddr>) -> bool {
    peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_this_machine;

    #[test]
    fn only_loopback_is_this_machine() {
        for here in ["127.0.0.1:5", "127.9.9.9:5", "[::1]:5", "[::ffff:127.0.0.1]:5"] {
            assert!(is_this_machine(here.parse().ok()), "{here}");
        }
        for there in ["10.0.0.1:5", "192.168.1.2:5", "[fe80::1]:5", "[::ffff:10.0.0.1]:5"] {
            assert!(!is_this_machine(there.parse().ok()), "{there}");
        }
        assert!(!is_this_machine(None));
    }
}
