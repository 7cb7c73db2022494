//! One sentence about the sender's standing, and the record to publish where one is missing.

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Fine,
    /// Good to know; nothing has to be done.
    Note,
    Wrong,
    /// Nobody answered: neither fine nor wrong.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub about: &'static str,
    pub state: State,
    pub says: String,
    pub publish: Option<Record>,
}

/// A TXT record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    pub name: String,
    pub text: String,
}

impl Record {
    /// As a zone file has it: strings of at most 255 octets (RFC 1035 §3.3).
    pub fn zone_line(&self) -> String {
        let pieces: Vec<String> = self
            .text
            .as_bytes()
            .chunks(250)
            .map(|piece| format!("\"{}\"", String::from_utf8_lossy(piece).replace('\\', "\\\\").replace('"', "\\\"")))
            .collect();
        match pieces.as_slice() {
            [one] => format!("{}. IN TXT {one}", self.name),
            several => format!("{}. IN TXT ( {} )", self.name, several.join(" ")),
        }
    }
}

impl Finding {
    pub fn new(about: &'static str, state: State, says: impl Into<String>) -> Self {
        Self { about, state, says: says.into(), publish: None }
    }

    pub fn publish(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.publish = Some(Record { name: name.into(), text: text.into() });
        self
    }

    pub fn is_trouble(&self) -> bool {
        matches!(self.state, State::Wrong | State::Unknown)
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mark = match self.state {
            State::Fine => "ok",
            State::Note => "note",
            State::Wrong => "WRONG",
            State::Unknown => "unknown",
        };
        write!(f, "{mark:<7} {}: {}", self.about, self.says)?;
        match &self.publish {
            Some(record) => write!(f, "\n        publish: {}", record.zone_line()),
            None => Ok(()),
        }
    }
}

/// `tag=value` pairs separated by semicolons, as DKIM and DMARC records have them.
pub fn tags(text: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (tag, value) = part.split_once('=')?;
        Some((tag.trim().to_ascii_lowercase(), value.trim().to_owned()))
    };
    text.split(';').filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_record_is_cut_as_zone_files_want_it() {
        let record = Record { name: "a._domainkey.x.test".to_owned(), text: "p".repeat(400) };
        let line = record.zone_line();
        let pieces: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
        assert!(line.starts_with("a._domainkey.x.test. IN TXT ( \"") && line.ends_with("\" )"), "{line}");
        assert_eq!((pieces.concat(), pieces.len()), (record.text, 2));
        let short = Record { name: "_dmarc.x.test".to_owned(), text: "v=DMARC1; p=none".to_owned() };
        assert_eq!(short.zone_line(), "_dmarc.x.test. IN TXT \"v=DMARC1; p=none\"");
    }

    #[test]
    fn tags_are_read_as_written() {
        let read = tags("v=DKIM1; K = rsa ;p=AA==;;x");
        let read: Vec<(&str, &str)> = read.iter().map(|(tag, value)| (tag.as_str(), value.as_str())).collect();
        assert_eq!(read, [("v", "DKIM1"), ("k", "rsa"), ("p", "AA==")]);
    }
}
