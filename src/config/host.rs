//! Host names and addresses, as [smtp], [fetch] and List-Id name them.

use super::setting::{Word, Wrong};
use std::net::IpAddr;

/// A host name or an IP address, without scheme, port or path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HostName(pub String);

impl Word for HostName {
    const WANTS: &'static str = "a host name such as \"mail.example.org\"";

    fn parse(word: &str) -> Result<Self, Wrong> {
        let bare = word.trim().trim_start_matches('[').trim_end_matches(']');
        if let Ok(ip) = bare.parse::<IpAddr>() {
            return Ok(HostName(ip.to_string()));
        }
        let wrong = || Wrong::new(format!("`{word}` is not a host name"));
        match url::Host::parse(word) {
            Ok(url::Host::Domain(name))
                if name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')) =>
            {
                Ok(HostName(name.to_lowercase()))
            }
            _ if word.contains("://") || word.contains(':') => {
                Err(wrong().help("without scheme and port; the port has a key of its own"))
            }
            _ => Err(wrong()),
        }
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_without_scheme_and_port() {
        for (word, host) in [("Mail.Example.org", "mail.example.org"), ("[::1]", "::1"), ("127.0.0.1", "127.0.0.1")] {
            assert_eq!(HostName::parse(word).map(|host| host.0), Ok(host.to_owned()));
        }
        for word in
            ["", "mail.example.org:587", "smtp://mail.example.org", "mail example.org", "mail/x", "a@b", "1.2.3"]
        {
            assert!(HostName::parse(word).is_err(), "{word}");
        }
    }

    #[test]
    fn loopback_is_this_machine_only() {
        for host in ["localhost", "mail.localhost", "127.0.0.1", "127.8.9.1", "::1"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example.org", "10.0.0.1", "0.0.0.0", "127.0.0.1.example.org", "::2"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
