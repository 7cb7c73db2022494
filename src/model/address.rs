//! Mail addresses: one way in, and no way into a log unmasked.

use std::fmt;
use std::str::FromStr;

/// A mailbox address (RFC 5321 `local@domain`, domain kept in A-label form, lower case).
/// `Debug` and `Display` are masked so that a stray log line cannot carry a reader's address; `as_str` is the real one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    #[error("an address needs one `@` with something on both sides")]
    Shape,
    #[error("the part before `@` has a character that is not allowed there unquoted")]
    Local,
    #[error("the domain after `@` is not a host name")]
    Domain,
    #[error("an address may have 254 bytes at most, 64 of them before the `@` (RFC 5321 §4.5.3.1)")]
    TooLong,
}

impl EmailAddress {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// `r•••@example.org`: enough for an operator to recognise, too little to publish.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or(("", &self.0));
        let first: String = local.chars().take(1).collect();
        format!("{first}•••@{domain}")
    }
}

impl FromStr for EmailAddress {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(BadAddress::Shape)?;
        if local.is_empty() || domain.is_empty() {
            return Err(BadAddress::Shape);
        }
        let atext = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c) || !c.is_ascii();
        let dots_ok = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
        if !local.chars().all(atext) || local.chars().any(char::is_control) || !dots_ok {
            return Err(BadAddress::Local);
        }
        let host = match url::Host::parse(domain) {
            Ok(url::Host::Domain(host)) => host.to_lowercase(),
            _ => return Err(BadAddress::Domain),
        };
        let label_ok = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if !host.split('.').all(label_ok) {
            return Err(BadAddress::Domain);
        }
        if local.len() > 64 || local.len() + 1 + host.len() > 254 {
            return Err(BadAddress::TooLong);
        }
        Ok(Self(format!("{local}@{host}")))
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_door_in() {
        let good = ["desk@example.org", "a.b+c@sub.example.org", "o'brien@example.org", "x@localhost", "ж@пример.рф"];
        for text in good {
            assert!(text.parse::<EmailAddress>().is_ok(), "{text}");
        }
        let bad = [
            "",
            "desk",
            "@example.org",
            "desk@",
            "a b@example.org",
            ".a@example.org",
            "a..b@example.org",
            "a@exa mple.org",
            "a@-x.org",
            "a\r\n@x.org",
            "a@[127.0.0.1]",
            "a@b@c.org",
            "<a@x.org>",
        ];
        for text in bad {
            assert!(text.parse::<EmailAddress>().is_err(), "{text}");
        }
        let idn: EmailAddress = "desk@пример.рф".parse().unwrap();
        assert_eq!(idn.domain(), "xn--e1afmkfd.xn--p1ai");
    }

    #[test]
    fn never_printed_whole() {
        let address: EmailAddress = "reader@example.org".parse().unwrap();
        assert_eq!(format!("{address} {address:?}"), "r•••@example.org r•••@example.org");
    }
}
