//! Sends a request over TLS, and brings the answer back: one connection, no cookies, and not a step to anywhere else.
//!
//! A build for development or with the feature of the tests connects to this machine alone.

use std::env;
use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use ureq::http::{self, Uri};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

use super::Sender;
use super::answer::Answer;
use super::fill::Request;
use crate::disk;

/// A bound: how long one question takes at most.
const PATIENCE: Duration = Duration::from_secs(15);

/// A bound: how long it takes at most to get a connection.
const CONNECT: Duration = Duration::from_secs(8);

/// A bound: of a longer answer the rest is not read.
const LONGEST: u64 = 1 << 20;

/// A bound: no bundle of authorities is longer.
const LONGEST_BUNDLE: u64 = 8 << 20;

/// Names the authorities that are trusted instead of those that are built in, as for OpenSSL.
const BUNDLE: &str = "SSL_CERT_FILE";

/// The way to providers.
pub(crate) struct Network {
    pub(super) roots: Option<Vec<Certificate<'static>>>,
    pub(super) patience: Duration,
    /// The port of this machine on which all hosts are, for a build for development.
    pub(super) port: Option<u16>,
}

/// Whether this is a build for development or for tests, which reaches this machine alone.
const STAYS: bool = cfg!(any(debug_assertions, feature = "network-tests"));

/// Names that port.
const PORT: &str = "KEYWARD_TEST_PROVIDERS";

impl Network {
    /// With the authorities that the environment names, or those that are built in.
    ///
    /// # Errors
    /// When the file that it names can't be read, or holds none.
    pub(crate) fn from_env() -> Result<Self, String> {
        let Some(file) = env::var_os(BUNDLE).filter(|it| !it.is_empty()) else {
            return Ok(Self::new(None));
        };
        let unfit = |why: &str| format!("{BUNDLE} {why}: name a file of certificates, or unset it");
        let text = disk::read_regular(Path::new(&file), LONGEST_BUNDLE)
            .map_err(|error| unfit(&format!("can't be read ({error})")))?
            .ok_or_else(|| unfit("names no file"))?;
        let items = parse_pem(&text).filter_map(|item| match item {
            Ok(PemItem::Certificate(it)) => Some(it),
            _ => None,
        });
        let roots: Vec<Certificate<'static>> = items.collect();
        match roots.is_empty() {
            true => Err(unfit("holds no certificate")),
            false => Ok(Self::new(Some(roots))),
        }
    }

    fn new(roots: Option<Vec<Certificate<'static>>>) -> Self {
        let port = || env::var(PORT).ok()?.parse().ok();
        Self {
            roots,
            patience: PATIENCE,
            port: if STAYS { port() } else { None },
        }
    }

    fn agent(&self, request: &Request) -> Agent {
        let roots = match &self.roots {
            Some(roots) => RootCerts::new_with_certs(roots),
            None => RootCerts::WebPki,
        };
        let config = Agent::config_builder()
            .https_only(true)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(self.patience))
            .timeout_connect(Some(CONNECT))
            .max_response_header_size(64 << 10)
            .user_agent("keyward")
            .accept("application/json")
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build();
        let resolver = Near {
            host: request.host.clone(),
            is_own: request.is_own,
            port: self.port,
        };
        Agent::with_parts(config, DefaultConnector::default(), resolver)
    }
}

impl Sender for Network {
    fn send(&self, request: &Request) -> Result<Answer, String> {
        let mut made = http::Request::builder()
            .method(request.method.as_str())
            .uri(request.url());
        for (name, value) in &request.headers {
            made = made.header(name, value);
        }
        // The error would tell the address, which may have the key.
        let unfit = |_| "the key has a form that can't be sent".to_owned();
        let agent = self.agent(request);
        let answer = match (&request.body, request.method.as_str()) {
            (Some(body), _) => agent.run(made.body(body.as_bytes()).map_err(unfit)?),
            (None, "POST" | "PUT" | "PATCH") => agent.run(made.body(&b""[..]).map_err(unfit)?),
            (None, _) => agent.run(made.body(()).map_err(unfit)?),
        };
        let answer = answer.map_err(|error| why(&error, &request.host))?;
        let (parts, body) = answer.into_parts();
        let mut content = Vec::new();
        let read = body
            .into_reader()
            .take(LONGEST + 1)
            .read_to_end(&mut content);
        let is_cut = content.len() as u64 > LONGEST;
        if read.is_err() && !is_cut {
            return Err("the answer broke off".to_owned());
        }
        let headers = parts.headers.iter();
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: headers
                .map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes());
                    (name.as_str().to_owned(), value.into_owned())
                })
                .collect(),
            body: content,
            is_cut,
            is_own_trust: self.roots.is_some(),
        })
    }
}

/// What went wrong, in words that hold nothing of what was sent.
fn why(error: &Error, host: &str) -> String {
    let host = host.split(':').next().unwrap_or(host);
    match error {
        Error::Timeout(_) => format!("{host} did not answer in time"),
        Error::HostNotFound => format!("{host} can't be found: is there a network?"),
        Error::ConnectProxyFailed(_) | Error::InvalidProxyUrl => {
            format!("the proxy does not let it through to {host}: see HTTPS_PROXY and NO_PROXY")
        }
        Error::Tls(_) | Error::Pem(_) | Error::Rustls(_) => untrusted(host),
        Error::Io(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            format!("{host} has an address in a private network, and no key is sent there")
        }
        Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => untrusted(host),
        Error::Io(_) | Error::ConnectionFailed => format!("{host} can't be reached"),
        Error::BodyExceedsLimit(_) | Error::LargeResponseHeader(..) => {
            format!("{host} answers more than is read of an answer")
        }
        _ => format!("{host} answers in a way that is none of HTTP"),
    }
}

fn untrusted(host: &str) -> String {
    format!(
        "the certificate of {host} is of no authority that is trusted: if a proxy of yours reads along, name its \
         authority by {BUNDLE}"
    )
}

/// Finds the addresses of hosts, and none in a private network unless a person named the host.
#[derive(Debug)]
struct Near {
    host: String,
    is_own: bool,
    port: Option<u16>,
}

impl Resolver for Near {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        if STAYS {
            return on_this_machine(self, uri);
        }
        let found = DefaultResolver::default().resolve(uri, config, timeout)?;
        // A proxy may be anywhere.
        let is_target = uri.authority().is_some_and(|it| it.as_str() == self.host);
        let is_private = found.iter().any(|it| !is_public(it.ip()));
        if is_target && is_private && !self.is_own {
            return Err(std::io::Error::from(std::io::ErrorKind::PermissionDenied).into());
        }
        Ok(found)
    }
}

/// The address for a host in a build for development: one on this machine, or none.
fn on_this_machine(resolver: &Near, uri: &Uri) -> Result<ResolvedSocketAddrs, Error> {
    let is_loopback = |it: &str| it == "localhost" || it == "127.0.0.1";
    let authority = uri.authority().ok_or(Error::HostNotFound)?;
    let port = match authority.port_u16() {
        Some(port) if is_loopback(authority.host()) => Some(port),
        _ => resolver.port,
    };
    let mut all = resolver.empty();
    all.push(SocketAddr::from((
        [127, 0, 0, 1],
        port.ok_or(Error::HostNotFound)?,
    )));
    Ok(all)
}

/// Whether an address is one of the internet.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => {
            let [first, second, ..] = it.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            !(it.is_private()
                || it.is_loopback()
                || it.is_link_local()
                || it.is_unspecified()
                || it.is_broadcast()
                || it.is_multicast()
                || is_shared
                || first == 0)
        }
        IpAddr::V6(it) => match it.to_ipv4_mapped() {
            Some(mapped) => is_public(IpAddr::V4(mapped)),
            None => {
                !(it.is_loopback()
                    || it.is_unspecified()
                    || it.is_unique_local()
                    || it.is_unicast_link_local()
                    || it.is_multicast())
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_sent_into_a_private_network() {
        for (address, expected) in [
            ("140.82.121.6", true),
            ("2606:50c0:8000::153", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("0.0.0.0", false),
            ("::1", false),
            ("::ffff:169.254.169.254", false),
            ("fd00:ec2::254", false),
            ("fe80::1", false),
        ] {
            let address = address.parse().expect("an address");
            assert_eq!(is_public(address), expected, "{address}");
        }
    }
}
