//! A rate such as "60/min": so many in any span of that length.

use super::setting::{Word, Wrong};
use std::time::Duration;

/// No more than `mails` in any span as long as `span`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub mails: u32,
    pub span: Duration,
}

const SPANS: [(&str, u64); 4] = [("s", 1), ("min", 60), ("h", 3_600), ("day", 86_400)];

/// Each mail of a span is remembered; nobody sends more than this through one relay.
const MOST: u32 = 100_000;

impl Word for Rate {
    const WANTS: &'static str = "a rate such as \"60/min\"";

    fn parse(word: &str) -> Result<Self, Wrong> {
        let help = "a number and one of /s, /min, /h and /day";
        let wrong = || Wrong::new(format!("`{word}` is not {}", Self::WANTS)).help(help);
        let (mails, span) = word.split_once('/').ok_or_else(wrong)?;
        let (mails, span) = (mails.trim(), span.trim());
        let (_, seconds) = SPANS.iter().find(|(name, _)| *name == span).ok_or_else(wrong)?;
        if mails.is_empty() || !mails.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        match mails.parse() {
            Ok(mails @ 1..=MOST) => Ok(Self { mails, span: Duration::from_secs(*seconds) }),
            _ => Err(Wrong::new(format!("`{word}` is out of range")).help(format!("from 1/{span} to {MOST}/{span}"))),
        }
    }

    fn show(&self) -> String {
        let name = SPANS.iter().find(|(_, seconds)| *seconds == self.span.as_secs()).map_or("s", |(name, _)| name);
        format!("{}/{name}", self.mails)
    }

    fn number(digits: &str) -> Option<Wrong> {
        Some(
            Wrong::new(format!("{digits} has no span; this key wants {}", Self::WANTS))
                .help(format!("write \"{digits}/min\"")),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_and_a_span() {
        for (word, mails, seconds) in [("60/min", 60, 60), ("5 / s", 5, 1), ("500/day", 500, 86_400), ("1/h", 1, 3_600)]
        {
            let rate = Rate::parse(word).unwrap();
            assert_eq!((rate.mails, rate.span.as_secs()), (mails, seconds), "{word}");
            assert_eq!(Rate::parse(&rate.show()), Ok(rate));
        }
        for word in ["", "60", "/min", "60/", "60/week", "60min", "-1/s", "+1/s", "1.5/s", "60/min/s"] {
            let wrong = Rate::parse(word).unwrap_err();
            assert!(wrong.help.is_some_and(|help| help.contains("/min")), "{word}");
        }
        for word in ["0/min", "100001/day", "99999999999999/s"] {
            assert!(Rate::parse(word).unwrap_err().message.contains("out of range"), "{word}");
        }
    }
}
