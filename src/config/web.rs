//! `[web]`: where the daemon answers readers, and under which address they find it.

use super::WebConfig;
use super::host::is_loopback;
use super::section::Section;
use super::setting::{Word, Wrong};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use url::Url;

/// `None` when the section is absent or can't be used; why is reported.
pub(super) fn read(top: &Section<'_>) -> Option<WebConfig> {
    let section = top.section("web");
    if !section.is_used("listen") && !section.is_used("public_url") {
        section.get::<Listen>("listen");
        section.get::<PublicUrl>("public_url");
        section.finish();
        return None;
    }
    let listen = section.required::<Listen>("listen", "an address and port: listen = \"127.0.0.1:8080\"");
    let help = "the address of your reverse proxy as readers see it: public_url = \"https://digest.example.org\"";
    let public_url = section.required::<PublicUrl>("public_url", help);
    if let Some(at) = listen.as_ref().filter(|at| !at.value.0.ip().is_loopback()) {
        let message = format!("{} is reachable from other machines, and these pages speak plain HTTP", at.value.0);
        let help = "listen on 127.0.0.1 and let a web server with TLS pass requests on; deploy/ has an example";
        section.report().warning(&at.place, &at.key, message, Some(help.to_owned()));
    }
    section.finish();
    Some(WebConfig { listen: listen?.value.0, public_url: public_url?.value.0 })
}

/// An address of this machine, with a port.
struct Listen(SocketAddr);

impl Word for Listen {
    const WANTS: &'static str = "an address and port such as \"127.0.0.1:8080\"";

    fn parse(word: &str) -> Result<Self, Wrong> {
        if let Ok(at) = word.parse() {
            return Ok(Self(at));
        }
        let wrong = || Wrong::new(format!("`{word}` is not an address and port"));
        match word.rsplit_once(':') {
            Some(("localhost", port)) if port.parse::<u16>().is_ok() => {
                Err(wrong().help(format!("listen = \"127.0.0.1:{port}\"")))
            }
            _ if word.parse::<Ipv6Addr>().is_ok() => Err(wrong().help(format!("listen = \"[{word}]:8080\""))),
            _ if word.parse::<IpAddr>().is_ok() => Err(wrong().help(format!("listen = \"{word}:8080\""))),
            _ => Err(wrong().help("listen = \"127.0.0.1:8080\"")),
        }
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

/// RFC 8058 §3.1 wants HTTPS; plain HTTP only where it does not leave this machine.
struct PublicUrl(Url);

impl Word for PublicUrl {
    const WANTS: &'static str = "an https address such as \"https://digest.example.org\"";

    fn parse(word: &str) -> Result<Self, Wrong> {
        let wrong = |why: &str| Wrong::new(format!("`{word}` {why}"));
        let url = Url::parse(word.trim()).map_err(|_| wrong("is not an address of a web site"))?;
        let host = url.host_str().unwrap_or("").trim_matches(['[', ']']).to_owned();
        let https = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&host));
        if host.is_empty() || !https {
            return Err(wrong("does not start with https://").help("mail programs only post to https (RFC 8058 §3.1)"));
        }
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("has more than scheme, host, port and path"));
        }
        Ok(Self(url))
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_this_machine() {
        for word in
            ["https://digest.example.org", "https://example.org/khyber/", "http://127.0.0.1:8080", "http://[::1]"]
        {
            assert!(PublicUrl::parse(word).is_ok(), "{word}");
        }
        for word in [
            "http://digest.example.org",
            "digest.example.org",
            "https://u:p@x.org",
            "https://x.org/?a=1",
            "mailto:a@x.org",
            "",
        ] {
            assert!(PublicUrl::parse(word).is_err(), "{word}");
        }
    }

    #[test]
    fn near_misses_say_what_to_write() {
        let help = |word: &str| Listen::parse(word).err().and_then(|wrong| wrong.help).unwrap_or_default();
        assert_eq!(help("localhost:80"), "listen = \"127.0.0.1:80\"");
        assert_eq!(help("::1"), "listen = \"[::1]:8080\"");
        assert_eq!(help("8080"), "listen = \"127.0.0.1:8080\"");
        assert!(Listen::parse("[::1]:0").is_ok());
    }
}
