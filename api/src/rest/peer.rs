//! Where a request came from: the one place that reads the connection's address and what proxies say.
//!
//! A proxy in front makes every request come from itself. What it says of the true source counts only if it
//! stands in a network that the settings trust; everybody else could say anything.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::{IpAddr, SocketAddr};

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::header::{
    FORWARDED, HeaderMap, HeaderName, X_FORWARDED_FOR, X_FORWARDED_PROTO,
};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};

use crate::config::{HttpSettings, Networks, ProxyHeader};

/// Who made a request, as far as can be believed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Peer {
    ip: Option<IpAddr>,
    /// A header says that it was passed on, and nobody whom we trust wrote it.
    passed_on_by_strangers: bool,
    /// A trusted proxy passed it on.
    by_proxy: bool,
    /// A trusted proxy says that it was made by TLS.
    by_tls: bool,
}

/// Whose word counts, and in which header.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProxyTrust {
    networks: Networks,
    header: ProxyHeader,
}

impl ProxyTrust {
    /// As the settings say.
    pub(crate) fn new(settings: &HttpSettings) -> Self {
        Self { networks: settings.trusted_proxies.clone(), header: settings.proxy_header }
    }

    /// Notes with a request who made it, for everybody who asks later.
    pub(crate) fn note(&self, request: &ServiceRequest) -> Peer {
        let peer = self.judge(request.peer_addr(), request.headers());
        request.extensions_mut().insert(peer);
        peer
    }

    fn judge(&self, connected: Option<SocketAddr>, headers: &HeaderMap) -> Peer {
        let ip = connected.map(|peer| peer.ip().to_canonical());
        let trusted = ip.is_some_and(|ip| self.networks.contains(ip));
        if !trusted {
            let says = [FORWARDED, X_FORWARDED_FOR].iter().any(|name| headers.contains_key(name));
            return Peer { ip, passed_on_by_strangers: says, by_proxy: false, by_tls: false };
        }
        let source = match self.header {
            ProxyHeader::XForwardedFor => self.source(&said(headers, &X_FORWARDED_FOR), address),
            ProxyHeader::Forwarded => self.source(&said(headers, &FORWARDED), forwarded_for),
        };
        let by_tls = match self.header {
            ProxyHeader::XForwardedFor => last(&said(headers, &X_FORWARDED_PROTO)) == Some("https"),
            ProxyHeader::Forwarded => {
                let hops = said(headers, &FORWARDED);
                last(&hops).and_then(|hop| parameter(hop, "proto")) == Some("https")
            }
        };
        Peer { ip: source.or(ip), passed_on_by_strangers: false, by_proxy: true, by_tls }
    }

    /// The rightmost address that is no trusted proxy's; the leftmost if all are. None if a hop on the way
    /// there is not of its form: nothing left of it can be believed.
    fn source(&self, hops: &[&str], read: impl Fn(&str) -> Option<IpAddr>) -> Option<IpAddr> {
        let mut leftmost = None;
        for hop in hops.iter().rev() {
            let ip = read(hop)?;
            leftmost = Some(ip);
            if !self.networks.contains(ip) {
                break;
            }
        }
        leftmost
    }
}

impl Peer {
    /// As throttles count it.
    pub(crate) fn source(self) -> String {
        source(self.ip)
    }

    /// Whether it is the machine we run on, and no proxy on it that passes on what others send.
    pub(crate) fn is_this_machine(self) -> bool {
        !self.passed_on_by_strangers && self.ip.is_some_and(|ip| ip.is_loopback())
    }

    /// Whether it is in one of these networks; nobody is who is passed on by strangers.
    pub(crate) fn is_in(self, networks: &Networks) -> bool {
        !self.passed_on_by_strangers && self.ip.is_some_and(|ip| networks.contains(ip))
    }

    /// Whether a trusted proxy passed it on.
    pub(crate) fn by_proxy(self) -> bool {
        self.by_proxy
    }

    /// Whether a trusted proxy says that the request reached it by TLS.
    pub(crate) fn by_tls(self) -> bool {
        self.by_tls
    }
}

impl FromRequest for Peer {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(request.extensions().get::<Self>().copied().unwrap_or_default()))
    }
}

/// The address; of IPv6 the /64, which is what one customer gets.
pub(crate) fn source(ip: Option<IpAddr>) -> String {
    match ip {
        Some(IpAddr::V4(ip)) => ip.to_string(),
        Some(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "unknown".to_owned(),
    }
}

/// The elements of a list header, in order; a line that is no text is an element that nobody can read.
fn said<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    let lines = headers.get_all(name).map(|value| value.to_str().unwrap_or("?"));
    lines.flat_map(|line| line.split(',')).map(str::trim).collect()
}

fn last<'a>(elements: &[&'a str]) -> Option<&'a str> {
    elements.last().copied()
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let ip = text.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|with| with.ip()));
    let ip = ip.ok().or_else(|| text.strip_prefix('[')?.strip_suffix(']')?.parse().ok());
    ip.map(|ip| ip.to_canonical())
}

/// The address in an element of `Forwarded`.
fn forwarded_for(hop: &str) -> Option<IpAddr> {
    address(parameter(hop, "for")?)
}

/// A parameter of an element of `Forwarded`, without its quotes.
fn parameter<'a>(hop: &'a str, name: &str) -> Option<&'a str> {
    let pairs = hop.split(';').filter_map(|pair| pair.trim().split_once('='));
    let mut named = pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let value = named.next()?;
    // Said twice: whoever reads the first and whoever reads the last would differ.
    named.next().is_none().then(|| value.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn trust(header: ProxyHeader) -> ProxyTrust {
        let networks = Networks::of(["10.0.0.0/8", "192.0.2.1", "fd00::/8"]).unwrap();
        ProxyTrust { networks, header }
    }

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let name = HeaderName::try_from(*name).unwrap();
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn judged(header: ProxyHeader, from: &str, lines: &[(&str, &str)]) -> Peer {
        trust(header).judge(Some(SocketAddr::new(from.parse().unwrap(), 5)), &headers(lines))
    }

    fn by_list(from: &str, list: &str) -> String {
        judged(ProxyHeader::XForwardedFor, from, &[("x-forwarded-for", list)]).source()
    }

    #[test]
    fn the_rightmost_address_that_is_not_trusted_counts() {
        for (list, source) in [
            ("203.0.113.9", "203.0.113.9"),
            ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
            ("127.0.0.1, 203.0.113.9, 10.9.9.9", "203.0.113.9"),
            ("203.0.113.9,10.9.9.9,192.0.2.1", "203.0.113.9"),
            ("10.1.1.1, 10.2.2.2", "10.1.1.1"),
            ("203.0.113.9:4711", "203.0.113.9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("::ffff:203.0.113.9, ::ffff:10.1.1.1", "203.0.113.9"),
            ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
            ("[2001:db8:1:2:3::4]:80", "2001:db8:1:2::/64"),
            ("[2001:db8:1:2:3::4]", "2001:db8:1:2::/64"),
        ] {
            assert_eq!(by_list("10.0.0.1", list), source, "{list}");
            assert_eq!(by_list("::ffff:10.0.0.1", list), source, "{list}");
        }
    }

    #[test]
    fn what_is_not_of_its_form_is_not_read_past() {
        for list in ["", "unknown", "203.0.113.9, ", "198.51.100.1, x, 10.2.2.2", "1.2.3", "a:b"] {
            assert_eq!(by_list("10.0.0.1", list), "10.0.0.1", "{list}");
        }
        // Left of the one that counts it may say anything.
        assert_eq!(by_list("10.0.0.1", "<script>, 203.0.113.9"), "203.0.113.9");
        let silent = judged(ProxyHeader::XForwardedFor, "10.0.0.1", &[]);
        assert_eq!(silent.source(), "10.0.0.1");
    }

    #[test]
    fn strangers_say_nothing_of_themselves() {
        for from in ["203.0.113.7", "127.0.0.1", "::1", "11.0.0.1"] {
            let lines = [
                ("x-forwarded-for", "127.0.0.1"),
                ("forwarded", "for=127.0.0.1;proto=https"),
                ("x-forwarded-proto", "https"),
            ];
            for header in [ProxyHeader::XForwardedFor, ProxyHeader::Forwarded] {
                let peer = judged(header, from, &lines);
                assert_eq!(peer.source(), source(from.parse().ok()));
                assert!(!peer.is_this_machine() && !peer.by_tls(), "{from}");
            }
        }
    }

    #[test]
    fn lines_of_one_header_are_one_list_and_the_other_header_is_not_read() {
        let lines = [("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "203.0.113.9")];
        let peer = judged(ProxyHeader::XForwardedFor, "10.0.0.1", &lines);
        assert_eq!(peer.source(), "203.0.113.9");
        let lines = [("forwarded", "for=198.51.100.1;proto=https"), lines[1]];
        let peer = judged(ProxyHeader::XForwardedFor, "10.0.0.1", &lines);
        assert_eq!((peer.source().as_str(), peer.by_tls()), ("203.0.113.9", false));
        let peer = judged(ProxyHeader::Forwarded, "10.0.0.1", &lines);
        assert_eq!((peer.source().as_str(), peer.by_tls()), ("198.51.100.1", true));
    }

    #[test]
    fn the_standard_header_is_read_as_its_rfc_says() {
        let source =
            |value| judged(ProxyHeader::Forwarded, "10.0.0.1", &[("forwarded", value)]).source();
        assert_eq!(source("for=192.0.2.60;proto=http;by=203.0.113.43"), "192.0.2.60");
        assert_eq!(source("For=\"[2001:db8:cafe::17]:4711\""), "2001:db8:cafe:0::/64");
        assert_eq!(source("for=192.0.2.43, for=198.51.100.17"), "198.51.100.17");
        for hidden in ["for=_hidden", "for=unknown", "by=203.0.113.43", "for=1.1.1.1;for=2.2.2.2"] {
            assert_eq!(source(hidden), "10.0.0.1", "{hidden}");
        }
    }

    #[test]
    fn only_loopback_is_this_machine() {
        let here = |from: &str| judged(ProxyHeader::XForwardedFor, from, &[]).is_this_machine();
        for machine in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(here(machine), "{machine}");
        }
        for machine in ["10.0.0.1", "192.168.1.2", "fe80::1", "::ffff:10.0.0.1"] {
            assert!(!here(machine), "{machine}");
        }
        assert!(!Peer::default().is_this_machine());
        let through = [("x-forwarded-for", "127.0.0.1")];
        assert!(judged(ProxyHeader::XForwardedFor, "10.0.0.1", &through).is_this_machine());
    }
}
