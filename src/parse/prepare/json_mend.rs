//! Broken JSON made sound: what is open is closed, what is missing between two values is put there, what is no JSON is left out.
//!
//! Only tried where strict reading fails: documents cut by a time-out, written by hand, or by a printer of another language.

/// Sound JSON with whatever could be told of the broken one. One pass; nesting costs a byte a level.
pub(super) fn mend(text: &str) -> String {
    let mut mender =
        Mender { rest: text, out: String::with_capacity(text.len() + 64), open: Vec::new(), key: None, first: true };
    while mender.step() {
        if mender.open.is_empty() && !mender.out.is_empty() {
            break;
        }
    }
    while let Some(close) = mender.open.pop() {
        mender.out.push(char::from(close));
    }
    mender.out
}

struct Mender<'a> {
    rest: &'a str,
    out: String,
    /// The closing marks that are due.
    open: Vec<u8>,
    /// Read and not yet written: a key without a value is left out.
    key: Option<String>,
    /// Nothing stands before the next value in its list or object.
    first: bool,
}

impl Mender<'_> {
    /// Takes one token; false at the end.
    fn step(&mut self) -> bool {
        self.rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '\u{FEFF}'));
        let Some(next) = self.rest.chars().next() else { return false };
        match next {
            '{' | '[' => self.enter(if next == '{' { b'}' } else { b']' }),
            '}' | ']' => self.leave(next as u8),
            '"' | '\'' => {
                let text = self.string(next);
                self.value(&text);
            }
            '/' if self.rest.starts_with("//") || self.rest.starts_with("/*") => self.comment(),
            _ => {
                let word = self.word();
                self.value(&word);
            }
        }
        true
    }

    fn enter(&mut self, close: u8) {
        self.rest = &self.rest[1..];
        self.before();
        self.out.push(if close == b'}' { '{' } else { '[' });
        self.open.push(close);
        self.first = true;
    }

    /// Ends the innermost list or object of this kind, and what is open in it; one that nothing opened is left out.
    fn leave(&mut self, close: u8) {
        self.rest = &self.rest[1..];
        // What lies deeper than any feed has is not searched: else a flood of ends is quadratic.
        let Some(depth) = self.open.iter().rev().take(64).position(|open| *open == close) else { return };
        self.key = None;
        for _ in 0..=depth {
            if let Some(open) = self.open.pop() {
                self.out.push(char::from(open));
            }
        }
        self.first = false;
    }

    /// What has to stand before a value: a comma, and in an object a key.
    fn before(&mut self) {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        if self.open.last() == Some(&b'}') {
            let key = self.key.take().unwrap_or_else(|| "\"\"".to_owned());
            self.out.push_str(&key);
            self.out.push(':');
        }
    }

    /// A string or a word: a key where an object waits for one.
    fn value(&mut self, written: &str) {
        let names = self.open.last() == Some(&b'}') && self.rest.trim_start().starts_with(':');
        if names {
            let quoted = written.starts_with('"');
            self.key = Some(if quoted { written.to_owned() } else { format!("\"{}\"", written.trim_matches('"')) });
        } else if self.open.last() == Some(&b']') || self.key.is_some() {
            self.before();
            self.out.push_str(written);
        }
    }

    fn comment(&mut self) {
        let end =
            if self.rest.starts_with("//") { self.rest.find('\n') } else { self.rest.find("*/").map(|at| at + 2) };
        self.rest = end.map_or("", |end| &self.rest[end..]);
    }

    /// A number, `true`, `null`, or what other languages write for them; anything else becomes a string.
    fn word(&mut self) -> String {
        let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ':' | '{' | '}' | '[' | ']' | '"');
        let end = self.rest.find(ends).unwrap_or(self.rest.len()).max(1);
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "true" | "True" => "true".to_owned(),
            "false" | "False" => "false".to_owned(),
            "null" | "None" | "nil" | "undefined" | "NaN" | "Infinity" | "-Infinity" => "null".to_owned(),
            _ if serde_json::from_str::<serde_json::Number>(word).is_ok() => word.to_owned(),
            // Cut in the middle of a word that stood for nothing.
            _ if rest.is_empty() => "null".to_owned(),
            _ => serde_json::Value::from(word).to_string(),
        }
    }

    /// A string in sound spelling.
    fn string(&mut self, quote: char) -> String {
        let mut text = String::new();
        let mut rest = &self.rest[1..];
        loop {
            let plain = rest.find([quote, '\\', '\n']).unwrap_or(rest.len());
            text.push_str(&rest[..plain]);
            rest = &rest[plain..];
            match rest.bytes().next() {
                None => break,
                Some(b'\\') => rest = escape(rest, &mut text),
                Some(b'\n') => {
                    let after = rest.trim_start();
                    if begins_next(after) {
                        rest = after;
                        break;
                    }
                    text.push('\n');
                    rest = after;
                }
                Some(_) => {
                    rest = &rest[1..];
                    if is_end(rest) {
                        break;
                    }
                    text.push(quote);
                }
            }
        }
        self.rest = rest;
        serde_json::Value::from(text).to_string()
    }
}

/// Whether what follows a quotation mark shows that it ended the string.
fn is_end(after: &str) -> bool {
    let next = after.trim_start();
    let line = after[..after.len() - next.len()].contains('\n');
    line || next.is_empty() || next.starts_with([',', ':', '}', ']', '"', '{', '[', '/'])
}

/// Whether a line begins the next member of an object: the string before it was never closed.
fn begins_next(line: &str) -> bool {
    let Some(key) = line.strip_prefix('"') else { return false };
    let end = key.bytes().take(40).position(|b| !(b.is_ascii_alphanumeric() || b == b'_'));
    end.is_some_and(|end| key[end..].starts_with('"') && key[end + 1..].trim_start().starts_with(':'))
}

/// Reads an escape at the start of the text; what follows it.
fn escape<'a>(text: &'a str, out: &mut String) -> &'a str {
    let mut chars = text[1..].chars();
    let Some(kind) = chars.next() else { return "" };
    let rest = chars.as_str();
    match kind {
        'n' => out.push('\n'),
        't' => out.push('\t'),
        'r' => out.push('\r'),
        'b' | 'f' => {}
        'u' => return unicode(rest, out),
        other => out.push(other),
    }
    rest
}

/// Four hexadecimal digits, of a surrogate eight with a second `\u` between; halves alone are left out.
fn unicode<'a>(text: &'a str, out: &mut String) -> &'a str {
    let unit = |text: &str| text.get(..4).and_then(|hex| u16::from_str_radix(hex, 16).ok());
    let Some(first) = unit(text) else { return text };
    let rest = &text[4..];
    let second = rest.strip_prefix("\\u").and_then(unit);
    let (units, rest) = match second {
        Some(second) if (0xD800..0xDC00).contains(&first) => (vec![first, second], &rest[6..]),
        _ => (vec![first], rest),
    };
    out.extend(char::decode_utf16(units).filter_map(Result::ok));
    rest
}

#[cfg(test)]
mod tests {
    use super::mend;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn mended(text: &str) -> Value {
        let sound = mend(text);
        serde_json::from_str(&sound).unwrap_or_else(|error| panic!("{text} → {sound}: {error}"))
    }

    #[test]
    fn what_is_open_is_closed() {
        assert_eq!(mended(r#"{"items": [{"id": "1", "title": "Wh"#), json!({"items": [{"id": "1", "title": "Wh"}]}));
        assert_eq!(mended(r#"{"items": [{"id": "1"}, {"id":"#), json!({"items": [{"id": "1"}, {}]}));
        assert_eq!(mended(r#"{"items": [{"id": "1", "ti"#), json!({"items": [{"id": "1"}]}));
        assert_eq!(mended(r#"{"a": "\u00"#), json!({"a": "00"}));
        assert_eq!(mended(r#"{"a": [1, 2}, "b": 3}"#), json!({"a": [1, 2]}));
    }

    #[test]
    fn dialects_of_json() {
        assert_eq!(
            mended("{\"a\": [1, 2,], // two\n /* x */ 'b': NaN, c: 'x',}"),
            json!({"a": [1, 2], "b": null, "c": "x"})
        );
        assert_eq!(mended("{\"a\": \"one\ntwo\" \"b\": 01}"), json!({"a": "one\ntwo", "b": "01"}));
        assert_eq!(mended("{\"a\": \"open\n \"b\": \"x\"}"), json!({"a": "open", "b": "x"}));
        assert_eq!(
            mended(r#"{"a": "he said "no" twice", "b": "\x\ud800y"}"#),
            json!({"a": "he said \"no\" twice", "b": "xy"})
        );
    }

    proptest! {
        #[test]
        fn sound_json_keeps_its_meaning_and_all_else_becomes_sound(text in r#"[{}\[\]",:\\'a1 \n/u]{0,40}"#, cut in 0..40_usize) {
            let text = format!("{{{text}");
            let sound = mend(text.get(..cut.min(text.len())).unwrap_or(&text));
            prop_assert!(sound.is_empty() || serde_json::from_str::<Value>(&sound).is_ok(), "{sound}");
            let value = json!({ "a": [text, 1.5, null], "b": { "c": true } });
            let written = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(&mend(&written)).ok(), Some(value));
        }
    }
}
