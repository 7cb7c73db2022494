//! `[web]`: where the daemon answers readers, and under which address they find it.

use super::host::is_loopback;
use super::section::Section;
use super::setting::{Word, Wrong, one_of};
use super::{Archive, Secret, Subscribing, WebConfig};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use url::Url;

one_of!(Archive, "\"private\" or \"public\"", "private" => Archive::Private, "public" => Archive::Public);
one_of!(Subscribing, "\"closed\" or \"open\"", "closed" => Subscribing::Closed, "open" => Subscribing::Open);

/// `None` when the section is absent or can't be used; why is reported.
pub(super) fn read(top: &Section<'_>) -> Option<WebConfig> {
    let section = top.section("web");
    let archive = section.or("archive", Archive::Private);
    let subscribe = section.or("subscribe", Subscribing::Closed);
    let client_header = section.get::<Header>("client_header").map(|at| at.value.0);
    let status_token = section.get::<Token>("status_token").map(|at| at.value.0);
    if !section.is_used("listen") && !section.is_used("public_url") {
        section.get::<Listen>("listen");
        section.get::<PublicUrl>("public_url");
        section.finish();
        return None;
    }
    let listen = section.required::<Listen>("listen", "an address and port: listen = \"127.0.0.1:8080\"");
    let help = "the address of your reverse proxy as readers see it: public_url = \"https://digest.example.org\"";
    let public_url = section.required::<PublicUrl>("public_url", help);
    let on_loopback = listen.as_ref().is_none_or(|at| at.value.0.ip().is_loopback());
    if let Some(at) = listen.as_ref().filter(|_| !on_loopback) {
        let message = format!("{} is reachable from other machines, and these pages speak plain HTTP", at.value.0);
        let help = "listen on 127.0.0.1 and let a web server with TLS pass requests on; deploy/ has an example";
        section.report().warning(&at.place, &at.key, message, Some(help.to_owned()));
    }
    if subscribe == Subscribing::Open && on_loopback && client_header.is_none() {
        let (place, key) = (section.key_place("subscribe"), section.path_of("subscribe"));
        let message = "subscribing is open, and all who come through the proxy share one limit of requests";
        let help = "let the proxy set a header to the client's address and name it: client_header = \"x-real-ip\"";
        section.report().warning(&place, &key, message, Some(help.to_owned()));
    }
    section.finish();
    let (listen, public_url) = (listen?.value.0, public_url?.value.0);
    Some(WebConfig { listen, public_url, archive, subscribe, client_header, status_token })
}

/// The name of a header, in lower case.
struct Header(String);

impl Word for Header {
    const WANTS: &'static str = "the name of a header such as \"x-real-ip\"";

    fn parse(word: &str) -> Result<Self, Wrong> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if word.is_empty() || !word.bytes().all(fits) {
            return Err(Wrong::new(format!("`{word}` is not the name of a header")).help("x-real-ip, x-forwarded-for"));
        }
        Ok(Self(word.to_ascii_lowercase()))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// Long enough that nobody guesses it; never shown.
struct Token(Secret);

impl Word for Token {
    const WANTS: &'static str = "a string of 16 to 200 letters and digits";

    fn parse(word: &str) -> Result<Self, Wrong> {
        let fits = (16..=200).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_graphic());
        let help = "`openssl rand -hex 16` makes one";
        if fits {
            Ok(Self(Secret::new(word.to_owned())))
        } else {
            Err(Wrong::new("is too short or has blanks").help(help))
        }
    }

    fn show(&self) -> String {
        "…".to_owned()
    }

    fn number(_digits: &str) -> Option<Wrong> {
        Some(Wrong::new("wants a string, not a number").help("put it in quotes"))
    }
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
    fn a_token_is_long_and_never_repeated() {
        assert!(Token::parse("0123456789abcdef").is_ok());
        for word in ["", "0123456789", "with blanks in it, long enough", &"x".repeat(201)] {
            let wrong = Token::parse(word).err().unwrap();
            assert!(word.is_empty() || !wrong.message.contains(word), "{wrong:?}");
        }
        assert!(Header::parse("X-Real-IP").is_ok_and(|header| header.0 == "x-real-ip"));
        assert!(Header::parse("x real ip").is_err() && Header::parse("").is_err());
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
