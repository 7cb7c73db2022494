//! Pages that stand in front of a feed: captchas and other walls against machines.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

/// Only such walls carry these words, whatever the page is otherwise.
const SURE: [&str; 10] = [
    "cdn-cgi/challenge-platform",
    "cf-chl-",
    "<title>just a moment",
    "<title>attention required!",
    "<title>access denied",
    "checking your browser",
    "verify you are human",
    "verifying you are human",
    "_incapsula_resource",
    "ddos-guard",
];

/// Ordinary pages have these too (a contact form's captcha), so they count on short pages only.
const ON_SHORT_PAGES: [&str; 5] =
    ["captcha", "access denied", "are you a robot", "unusual traffic", "enable javascript and cookies"];
const SHORT: usize = 16 << 10;

/// A wall that the status or a header admits to, whatever the body says.
pub fn admits(status: StatusCode, headers: &HeaderMap) -> bool {
    let challenge = ["cf-mitigated", "x-amzn-waf-action", "sg-captcha", "x-datadome"];
    matches!(status, StatusCode::FORBIDDEN | StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS)
        || challenge.iter().any(|name| headers.contains_key(*name) && (*name != "x-datadome" || status.as_u16() >= 400))
}

/// The title of a wall that came in place of a feed, or `None` where the body is something else.
pub fn page(bytes: &[u8]) -> Option<String> {
    if !is_html(bytes) {
        return None;
    }
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(64 << 10)]);
    let words: Vec<&str> = start.split_whitespace().collect();
    let lower = words.join(" ").to_ascii_lowercase();
    let short = bytes.len() < SHORT && ON_SHORT_PAGES.iter().any(|words| lower.contains(words));
    (short || SURE.iter().any(|words| lower.contains(words))).then(|| title(&start))
}

/// By its first words: nearly every document is a feed, and is not read for this.
fn is_html(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes).trim_ascii_start();
    let front = String::from_utf8_lossy(&text[..text.len().min(64)]);
    let words: Vec<&str> = front.split_whitespace().take(2).collect();
    let lower = words.join(" ").to_ascii_lowercase();
    lower.starts_with("<!doctype html") || lower.starts_with("<html")
}

fn title(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let inside = || {
        let open = lower.find("<title")?;
        let from = open + lower[open..].find('>')? + 1;
        let to = from + lower[from..].find('<')?;
        page.get(from..to)
    };
    let words: Vec<&str> = inside().unwrap_or("").split_whitespace().collect();
    words.join(" ").chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walls_are_told_from_feeds_and_from_plain_pages() {
        let wall = b"\n<!DOCTYPE html><html><head><title>Just a\n moment...</title>";
        assert_eq!(page(wall).as_deref(), Some("Just a moment..."));
        assert_eq!(page(b"<html><body>Please solve this CAPTCHA</body>").as_deref(), Some(""));
        let long =
            format!("<html><title>News</title>{}<script src=recaptcha.js></script>", "<p>text</p>".repeat(3_000));
        assert_eq!(page(long.as_bytes()), None, "a contact form is no wall");
        assert_eq!(page(b"<rss><channel><title>Just a moment with a captcha</title></channel></rss>"), None);
        assert_eq!(page(b""), None);
    }
}
