//! Which URLs may be asked: scheme, port and address, checked again at every redirect.

use super::address::special;
use crate::config::FetchConfig;
use std::net::IpAddr;
use url::{Host, Url};

/// Why a URL is not asked. No connection was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("not asked: only http and https are, not `{0}`")]
    Scheme(String),
    #[error("not asked: the URL names no host")]
    NoHost,
    #[error("not asked: port {0} is not allowed (see allow_private under [fetch])")]
    Port(u16),
    #[error("not asked: {address} is {what} address (see allow_private under [fetch])")]
    Literal { address: IpAddr, what: &'static str },
    #[error("not asked: the host's address {address} is {what} address (see allow_private under [fetch])")]
    Resolved { address: IpAddr, what: &'static str },
}

/// The rule, made from `[fetch]`.
#[derive(Debug, Clone)]
pub struct Guard {
    private: Vec<String>,
    ports: Vec<u16>,
}

impl Guard {
    pub fn new(config: &FetchConfig) -> Self {
        // In the form that `Url` gives hosts: lower case, A-labels.
        let plain = |host: &String| {
            let parsed = Host::parse(host).map_or_else(|_| host.to_ascii_lowercase(), |host| host.to_string());
            parsed.trim_start_matches('[').trim_end_matches(']').to_owned()
        };
        Self { private: config.allow_private.iter().map(plain).collect(), ports: config.ports.clone() }
    }

    /// Whether the operator named this host as one of the own network.
    pub fn is_private(&self, host: &str) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        self.private.iter().any(|known| known.eq_ignore_ascii_case(host))
    }

    /// Everything that can be said before names are resolved. `Url` has already turned `127.1`, `0x7f.1`, `2130706433`
    /// and full-width digits into literals; the resolver is never asked about those, so they are judged here.
    pub fn check(&self, url: &Url) -> Result<(), Refused> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refused::Scheme(url.scheme().to_owned()));
        }
        let host = url.host().ok_or(Refused::NoHost)?;
        if self.is_private(&host.to_string()) {
            return Ok(());
        }
        let literal = match host {
            Host::Ipv4(v4) => Some(IpAddr::V4(v4)),
            Host::Ipv6(v6) => Some(IpAddr::V6(v6)),
            Host::Domain(_) => None,
        };
        if let Some(address) = literal
            && let Some(what) = special(address)
        {
            return Err(Refused::Literal { address, what });
        }
        let port = url.port_or_known_default().unwrap_or(0);
        if self.ports.contains(&port) { Ok(()) } else { Err(Refused::Port(port)) }
    }

    /// The addresses of `host` that may be dialled. One private address among public ones is left out; only such: refused.
    pub fn vet(&self, host: &str, found: Vec<IpAddr>) -> Result<Vec<IpAddr>, Refused> {
        if self.is_private(host) {
            return Ok(found);
        }
        let public: Vec<IpAddr> = found.iter().copied().filter(|address| special(*address).is_none()).collect();
        match found.iter().find_map(|address| special(*address).map(|what| (*address, what))) {
            Some((address, what)) if public.is_empty() => Err(Refused::Resolved { address, what }),
            _ => Ok(public),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(private: &[&str]) -> Guard {
        let allow_private = private.iter().map(|host| (*host).to_owned()).collect();
        Guard::new(&FetchConfig { allow_private, ..FetchConfig::default() })
    }

    #[test]
    fn scheme_port_and_literal() {
        let guard = guard(&["intranet.example", "[::1]"]);
        let check = |text: &str| guard.check(&Url::parse(text).unwrap());
        for fine in [
            "https://example.org/",
            "http://example.org:80/",
            "http://8.8.8.8/",
            "http://INTRANET.example:8080/",
            "http://[::1]:9/",
        ] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
        assert_eq!(check("ftp://example.org/"), Err(Refused::Scheme("ftp".into())));
        assert_eq!(check("file:///etc/passwd"), Err(Refused::Scheme("file".into())));
        assert_eq!(check("http://example.org:22/"), Err(Refused::Port(22)));
        assert!(matches!(check("http://2130706433/"), Err(Refused::Literal { what: "a loopback", .. })));
    }

    #[test]
    fn only_public_addresses_are_left() {
        let guard = guard(&["intranet.example"]);
        let [public, private]: [IpAddr; 2] = ["93.184.216.34".parse().unwrap(), "10.0.0.1".parse().unwrap()];
        assert_eq!(guard.vet("a.example", vec![private, public]), Ok(vec![public]));
        assert!(matches!(guard.vet("a.example", vec![private]), Err(Refused::Resolved { what: "a private", .. })));
        assert_eq!(guard.vet("Intranet.Example", vec![private]), Ok(vec![private]));
        assert_eq!(guard.vet("a.example", vec![]), Ok(vec![]));
    }
}
