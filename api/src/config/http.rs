//! `[http]`: where requests are answered, how this installation is called, and whose word counts on where
//! a request came from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::Context as _;
use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sections::not_zero;

/// `[http]`: where requests are answered, and whose word counts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HttpSettings {
    /// Where to listen.
    #[schema(value_type = String)]
    pub listen: SocketAddr,
    /// Threads that answer requests; 0 = as many as cores.
    pub workers: usize,
    /// How people reach this installation, `https://medlock.example.org`: what every printed link begins
    /// with, and the only page that a browser may write from. The `Host` of a request if not set.
    #[schema(value_type = Option<String>)]
    pub public_url: Option<PublicUrl>,
    /// Certificate chain of TLS at our own port, PEM; read again when it changes.
    #[schema(value_type = Option<String>)]
    pub tls_certificate: Option<PathBuf>,
    /// Its private key, PEM, that others may not read.
    #[schema(value_type = Option<String>)]
    pub tls_key: Option<PathBuf>,
    /// Networks of the proxies in front. Only what these say of a request's source is believed.
    #[schema(value_type = Vec<String>)]
    pub trusted_proxies: Networks,
    /// The header in which they say it. The other one is passed on by many proxies as it came, and so is
    /// never believed.
    #[schema(value_type = String)]
    pub proxy_header: ProxyHeader,
    /// Networks that the first admin may come in from, beside this machine.
    #[schema(value_type = Vec<String>)]
    pub first_admin_from: Networks,
    /// Most connections at once. Less where the limit of open files has no room for them.
    pub connections_max: usize,
    /// Most connections at once from one address, or requests that trusted proxies pass on for it; never
    /// more than a quarter of all.
    pub connections_per_source_max: usize,
    /// How long the head of a request may take, milliseconds.
    pub head_millis: u64,
    /// How long a body may take, milliseconds; an upload as long as it needs, while bytes come.
    pub body_millis: u64,
    /// How long an upload, or whoever takes an answer, may stand still, milliseconds.
    pub stalled_millis: u64,
    /// How long a connection may be quiet between two requests, milliseconds.
    pub quiet_millis: u64,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8480)),
            workers: 0,
            public_url: None,
            tls_certificate: None,
            tls_key: None,
            trusted_proxies: Networks::default(),
            proxy_header: ProxyHeader::default(),
            first_admin_from: Networks::default(),
            connections_max: 4_096,
            connections_per_source_max: 256,
            head_millis: 10_000,
            body_millis: 10_000,
            stalled_millis: 30_000,
            quiet_millis: 75_000,
        }
    }
}

impl HttpSettings {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.tls_certificate.is_some() == self.tls_key.is_some(),
            "http.tls_certificate and http.tls_key are set together, or neither is"
        );
        // The framework looks at its clock twice a second.
        let coarse = [self.head_millis, self.quiet_millis];
        anyhow::ensure!(
            coarse.iter().all(|millis| *millis >= 1_000),
            "http.head_millis and http.quiet_millis are at least 1000"
        );
        let number = |size: usize| u64::try_from(size).unwrap_or(u64::MAX);
        not_zero([
            ("http.connections_max", number(self.connections_max)),
            ("http.connections_per_source_max", number(self.connections_per_source_max)),
            ("http.body_millis", self.body_millis),
            ("http.stalled_millis", self.stalled_millis),
        ])
    }

    /// The files of TLS, if it is answered here.
    pub(crate) fn tls(&self) -> Option<TlsFiles> {
        let (certificate, key) = (self.tls_certificate.clone()?, self.tls_key.clone()?);
        Some(TlsFiles { certificate, key })
    }

    /// `https` where TLS is answered here.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls_certificate.is_some() { "https" } else { "http" }
    }

    /// Whether what is said at `address` can be read on its way: no TLS here, and no proxy that has it.
    pub(crate) fn is_in_the_clear(&self, address: SocketAddr) -> bool {
        let only_here = address.ip().to_canonical().is_loopback();
        !only_here && self.tls_certificate.is_none() && self.trusted_proxies.is_empty()
    }

    /// Where this machine calls the service: certificates are made for the public name.
    pub(crate) fn call_base(&self) -> String {
        match &self.public_url {
            Some(url) if self.tls_certificate.is_some() => url.origin().to_owned(),
            Some(_) | None => format!("{}://{}", self.scheme(), reachable(self.listen)),
        }
    }

    /// What a link to this installation begins with, where it answers at `address`: no slash at its end.
    pub(crate) fn link_base(&self, address: SocketAddr) -> String {
        match &self.public_url {
            Some(url) => url.origin().to_owned(),
            None => format!("{}://{}", self.scheme(), opened_at(reachable(address))),
        }
    }
}

/// As people open it: passkeys are bound to names, and this machine's own is `localhost`.
fn opened_at(address: SocketAddr) -> String {
    if address.ip() == Ipv4Addr::LOCALHOST {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    }
}

/// Where certificate and key lie.
#[derive(Debug, Clone)]
pub(crate) struct TlsFiles {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// An address to listen at is not always one to call.
pub(crate) fn reachable(listen: SocketAddr) -> SocketAddr {
    let any = listen.ip().is_unspecified();
    let ip = if any { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { listen.ip() };
    SocketAddr::new(ip, listen.port())
}

/// Which header says where a request came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProxyHeader {
    /// `X-Forwarded-For`, with `X-Forwarded-Proto` beside it.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// The address of an installation as a browser writes an origin: scheme and host, the port where it is not
/// the scheme's own. Cookies belong to a whole host, so there is no path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The origin.
    pub fn origin(&self) -> &str {
        &self.0
    }

    /// Whether it is reached by TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let form = "must be like https://medlock.example.org: http or https, a host, no path";
        let url = reqwest::Url::parse(&text).map_err(|error| format!("{form} ({error})"))?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let nobody = url.username().is_empty() && url.password().is_none();
        let web = matches!(url.scheme(), "http" | "https") && url.has_host();
        if bare && nobody && web {
            Ok(Self(url.origin().ascii_serialization()))
        } else {
            Err(form.to_owned())
        }
    }
}

impl From<PublicUrl> for String {
    fn from(url: PublicUrl) -> Self {
        url.0
    }
}

/// Networks, as `10.0.0.0/8` or as single addresses; in a list, or in one text with commas. IPv6 addresses
/// that stand for IPv4 ones count as these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "NetworksAsSaid", into = "Vec<String>")]
pub struct Networks(Vec<IpNet>);

#[derive(Deserialize)]
#[serde(untagged)]
enum NetworksAsSaid {
    List(Vec<String>),
    Text(String),
}

impl Networks {
    /// Whether an address lies in one of them.
    pub fn contains(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.0.iter().any(|network| network.contains(&ip))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads a list of networks.
    pub fn of<'a>(said: impl IntoIterator<Item = &'a str>) -> anyhow::Result<Self> {
        said.into_iter().map(network).collect::<anyhow::Result<_>>().map(Self)
    }
}

impl TryFrom<NetworksAsSaid> for Networks {
    type Error = String;

    fn try_from(said: NetworksAsSaid) -> Result<Self, String> {
        let read = match &said {
            NetworksAsSaid::List(list) => Self::of(list.iter().map(String::as_str)),
            NetworksAsSaid::Text(text) => {
                Self::of(text.split(',').map(str::trim).filter(|part| !part.is_empty()))
            }
        };
        read.map_err(|error| format!("{error:#}"))
    }
}

impl From<Networks> for Vec<String> {
    fn from(networks: Networks) -> Self {
        networks.0.iter().map(ToString::to_string).collect()
    }
}

fn network(text: &str) -> anyhow::Result<IpNet> {
    let network = match text.parse::<IpAddr>() {
        Ok(ip) => IpNet::from(ip),
        Err(_) => {
            text.parse().with_context(|| format!("{text:?} is no network: say 10.0.0.0/8"))?
        }
    };
    match network {
        IpNet::V6(six) if six.prefix_len() >= 96 => match six.addr().to_ipv4_mapped() {
            Some(four) => Ok(IpNet::V4(Ipv4Net::new(four, six.prefix_len() - 96)?)),
            None => Ok(network),
        },
        IpNet::V4(_) | IpNet::V6(_) => Ok(network),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_listens_everywhere_is_called_here() {
        let called = |listen: &str| reachable(listen.parse().unwrap()).to_string();
        assert_eq!(called("0.0.0.0:8480"), "127.0.0.1:8480");
        assert_eq!(called("[::]:80"), "127.0.0.1:80");
        assert_eq!(called("10.0.0.7:8480"), "10.0.0.7:8480");
    }

    #[test]
    fn what_listens_here_is_opened_by_name() {
        let link = |listen: &str| HttpSettings::default().link_base(listen.parse().unwrap());
        assert_eq!(link("127.0.0.1:8480"), "http://localhost:8480");
        assert_eq!(link("0.0.0.0:8480"), "http://localhost:8480");
        assert_eq!(link("10.0.0.7:8480"), "http://10.0.0.7:8480");
    }

    #[test]
    fn a_public_url_is_an_origin_as_browsers_write_it() {
        let url = |text: &str| PublicUrl::try_from(text.to_owned());
        for (said, meant) in [
            ("https://medlock.example.org", "https://medlock.example.org"),
            ("https://Medlock.Example.org:443/", "https://medlock.example.org"),
            ("http://127.0.0.1:8480", "http://127.0.0.1:8480"),
            ("https://[::1]:8480/", "https://[::1]:8480"),
            ("https://müller.example", "https://xn--mller-kva.example"),
        ] {
            assert_eq!(url(said).unwrap().origin(), meant);
        }
        for bad in [
            "",
            "medlock.example.org",
            "ftp://medlock.example.org",
            "https://",
            "https://medlock.example.org/app",
            "https://medlock.example.org/?x",
            "https://medlock.example.org/#x",
            "https://cy:secret@medlock.example.org",
        ] {
            assert!(url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn networks_are_said_in_a_list_or_in_a_text() {
        let read = |json: &str| serde_json::from_str::<Networks>(json);
        let both = Networks::of(["10.0.0.0/8", "::1"]).unwrap();
        assert_eq!(read(r#"["10.0.0.0/8", "::1"]"#).unwrap(), both);
        assert_eq!(read(r#""10.0.0.0/8, ::1""#).unwrap(), both);
        assert!(read(r#""""#).unwrap().is_empty());
        for bad in [r#"["10.0.0.0/33"]"#, r#""localhost""#, r#"["10.0.0.1:80"]"#, "7"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_address_of_ipv4_written_in_ipv6_counts_as_ipv4() {
        let networks =
            Networks::of(["10.0.0.0/8", "::ffff:192.0.2.0/120", "2001:db8::/32"]).unwrap();
        for inside in ["10.1.2.3", "::ffff:10.1.2.3", "192.0.2.7", "2001:db8::5"] {
            assert!(networks.contains(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["11.0.0.1", "::ffff:11.0.0.1", "192.0.3.1", "::1"] {
            assert!(!networks.contains(outside.parse().unwrap()), "{outside}");
        }
    }
}
