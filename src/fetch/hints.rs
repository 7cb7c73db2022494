//! What an answer says about when to come back: Cache-Control, Expires, Retry-After.

use crate::model::Timestamp;
use chrono::{DateTime, NaiveDateTime};
use reqwest::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, HeaderMap, HeaderName, RETRY_AFTER};
use std::time::Duration;

/// How long the answer stays fresh (RFC 9111 §4.2): max-age less Age, else Expires less Date. `no-cache` and `no-store`
/// speak about stored answers, so they leave the feed's own interval in charge. `s-maxage` is for shared caches only.
pub fn fresh_for(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let control = joined(headers, &CACHE_CONTROL).to_ascii_lowercase();
    let directives = || control.split(',').map(str::trim);
    if directives().any(|word| matches!(word.split('=').next(), Some("no-cache" | "no-store"))) {
        return None;
    }
    let max_age = directives().find_map(|word| seconds(word.strip_prefix("max-age")?.trim_start().strip_prefix('=')?));
    let length = match max_age {
        Some(length) => length.saturating_sub(text(headers, &AGE).and_then(seconds).unwrap_or_default()),
        None => until(http_date(text(headers, &EXPIRES)?)?, headers, now),
    };
    (!length.is_zero()).then_some(length)
}

/// RFC 9110 §10.2.3: seconds or a date. A date in the past asks for nothing.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = text(headers, &RETRY_AFTER)?;
    let length = seconds(value).or_else(|| http_date(value).map(|date| until(date, headers, now)))?;
    (!length.is_zero()).then_some(length)
}

/// Measured on the server's own clock where it tells it: the two clocks need not agree.
fn until(date: Timestamp, headers: &HeaderMap, now: Timestamp) -> Duration {
    let server_now = text(headers, &DATE).and_then(http_date).unwrap_or(now);
    (date - server_now).to_std().unwrap_or_default()
}

/// Delta-seconds, with the quotes that some servers add; more digits than a number holds means "very long".
fn seconds(text: &str) -> Option<Duration> {
    let digits = text.trim().trim_matches('"');
    let all_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    all_digits.then(|| Duration::from_secs(digits.parse().unwrap_or(u64::from(u32::MAX))))
}

/// The three forms of RFC 9110 §5.6.7.
fn http_date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(date) = DateTime::parse_from_rfc2822(text) {
        return Some(date.to_utc());
    }
    let forms = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(|date| date.and_utc())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn joined(headers: &HeaderMap, name: &HeaderName) -> String {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs = &'static [(&'static str, &'static str)];

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())).collect()
    }

    fn now() -> Timestamp {
        "2022-12-18T06:00:00Z".parse().unwrap()
    }

    #[test]
    fn freshness() {
        let cases: [(Pairs, Option<u64>); 9] = [
            (&[("cache-control", "public, max-age=3600")], Some(3600)),
            (&[("cache-control", "Max-Age=\"600\"")], Some(600)),
            (&[("cache-control", "max-age=600"), ("age", "200")], Some(400)),
            (&[("cache-control", "max-age=600"), ("age", "900")], None),
            (&[("cache-control", "no-cache, max-age=600")], None),
            (&[("cache-control", "max-age=0"), ("expires", "Sun, 18 Dec 2022 07:00:00 GMT")], None),
            (&[("expires", "Sun, 18 Dec 2022 07:00:00 GMT")], Some(3600)),
            (&[("expires", "Sun, 18 Dec 2022 07:00:00 GMT"), ("date", "Sun, 18 Dec 2022 06:59:00 GMT")], Some(60)),
            (&[("expires", "0"), ("cache-control", "s-maxage=99")], None),
        ];
        for (pairs, expected) in cases {
            assert_eq!(fresh_for(&headers(pairs), now()), expected.map(Duration::from_secs), "{pairs:?}");
        }
    }

    #[test]
    fn retry() {
        let cases = [
            ("120", Some(120)),
            ("Sun, 18 Dec 2022 06:02:00 GMT", Some(120)),
            ("Sunday, 18-Dec-22 06:02:00 GMT", Some(120)),
            ("Sun Dec 18 06:02:00 2022", Some(120)),
            ("Sun, 18 Dec 2022 05:00:00 GMT", None),
            ("99999999999999999999999", Some(u64::from(u32::MAX))),
            ("soon", None),
            ("-5", None),
            ("0", None),
        ];
        for (value, expected) in cases {
            let found = retry_after(&headers(&[("retry-after", value)]), now());
            assert_eq!(found, expected.map(Duration::from_secs), "{value}");
        }
    }
}
