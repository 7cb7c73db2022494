//! What mails of one edition to readers with equal wishes have in common, with gaps for each reader's own values: the bytes of each can
//! be put together again, and are kept once.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Final bytes with gaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Piece {
    Text(String),
    /// All of the value of this number.
    Own(usize),
    /// Its bytes from here to there: quoted-printable broke the line within it.
    Part(usize, usize, usize),
    /// Characters from here to there of the base64 of these bytes, the value, and these bytes.
    Base64(Vec<u8>, usize, Vec<u8>, usize, usize),
}

/// The SHA-256 of a sheet's stored text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetPrint([u8; 32]);

impl SheetPrint {
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// What a mail of this sheet and these values is known by: the SHA-256 over both parts, from which its bytes follow. That over the
    /// whole mail takes a hundred times as long, for a hundred thousand readers seconds.
    pub fn with(&self, values: &[String]) -> String {
        let mut hash = Sha256::new();
        hash.update(self.0);
        for value in values {
            hash.update((value.len() as u64).to_le_bytes());
            hash.update(value);
        }
        format!("{OF_PARTS}{}", hex::encode(hash.finalize()))
    }
}

/// Before it; what begins otherwise is the SHA-256 of the whole, as it was once kept.
pub const OF_PARTS: &str = "parts:";

/// RFC 2045 §6.8.
const LINE: usize = 76;
const BASE64: &str = "Content-Transfer-Encoding: base64\r\n";

impl Sheet {
    /// The sheet of `mail`, in which each of `values` is wherever it stands in it, plain or encoded; empty ones stand nowhere, but
    /// the first of them goes on top of all. What else is its reader's own is not known here: see with another reader's mail
    /// whether it comes out.
    pub fn of(mail: &[u8], values: &[String]) -> Option<Sheet> {
        let mail = std::str::from_utf8(mail).ok().filter(|mail| mail.is_ascii())?;
        let mut sheet = vec![Piece::Own(0)];
        let mut rest = mail;
        while let Some(at) = rest.find(BASE64) {
            let Some(head) = rest[at..].find("\r\n\r\n") else { break };
            let (before, body) = rest.split_at(at + head + 4);
            plain(before, values, &mut sheet);
            let (body, after) = body.split_at(body.find("\r\n--").unwrap_or(body.len()));
            base64(body, values, &mut sheet)?;
            rest = after;
        }
        plain(rest, values, &mut sheet);
        let sheet = Sheet(sheet);
        (sheet.with(values)? == mail.as_bytes()).then_some(sheet)
    }

    /// The mail with these values; `None` if they are not this sheet's.
    pub fn with(&self, values: &[String]) -> Option<Vec<u8>> {
        let mut mail = Vec::with_capacity(self.0.len() * 64 + self.text());
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => mail.extend_from_slice(text.as_bytes()),
                Piece::Own(value) => mail.extend_from_slice(values.get(*value)?.as_bytes()),
                Piece::Part(value, from, to) => mail.extend_from_slice(values.get(*value)?.as_bytes().get(*from..*to)?),
                Piece::Base64(before, value, after, from, to) => {
                    let whole = [before, values.get(*value)?.as_bytes(), after].concat();
                    mail.extend_from_slice(STANDARD.encode(whole).as_bytes().get(*from..*to)?);
                }
            }
        }
        Some(mail)
    }

    /// Whether `with` gives a mail, without making it.
    pub fn fits(&self, values: &[String]) -> bool {
        let has = |value: usize| values.get(value).map(String::as_bytes);
        self.0.iter().all(|piece| match piece {
            Piece::Text(_) => true,
            Piece::Own(value) => has(*value).is_some(),
            Piece::Part(value, from, to) => has(*value).is_some_and(|value| value.get(*from..*to).is_some()),
            Piece::Base64(before, value, after, from, to) => has(*value)
                .is_some_and(|value| from <= to && *to <= (before.len() + value.len() + after.len()).div_ceil(3) * 4),
        })
    }

    /// As it is stored, and what stands for it in `fingerprint`.
    pub fn written(&self) -> Result<(String, SheetPrint), serde_json::Error> {
        let text = serde_json::to_string(self)?;
        let print = SheetPrint::of(&text);
        Ok((text, print))
    }

    /// Bytes that all have in common.
    pub fn text(&self) -> usize {
        self.0.iter().map(|piece| if let Piece::Text(text) = piece { text.len() } else { 0 }).sum()
    }
}

fn push(sheet: &mut Vec<Piece>, text: &str) {
    match sheet.last_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Text(last)) => last.push_str(text),
        _ => sheet.push(Piece::Text(text.to_owned())),
    }
}

fn plain(text: &str, values: &[String], sheet: &mut Vec<Piece>) {
    let (mut from, mut at) = (0, 0);
    while at < text.len() {
        let found = values.iter().enumerate().find_map(|(number, value)| found(&text[at..], number, value));
        let Some((pieces, length)) = found else {
            at += 1;
            continue;
        };
        push(sheet, &text[from..at]);
        for piece in pieces {
            match piece {
                Piece::Text(text) => push(sheet, &text),
                own => sheet.push(own),
            }
        }
        at += length;
        from = at;
    }
    push(sheet, &text[from..]);
}

/// The value at the beginning of `text`, with quoted-printable's soft line breaks in it or without, and how long it is there.
fn found(text: &str, number: usize, value: &str) -> Option<(Vec<Piece>, usize)> {
    if !text.starts_with(value.get(..1)?) {
        return None;
    }
    if text.starts_with(value) {
        return Some((vec![Piece::Own(number)], value.len()));
    }
    let (mut pieces, mut begun, mut at) = (Vec::new(), 0, 0);
    for (own, byte) in value.bytes().enumerate() {
        if own > 0 && text[at..].starts_with("=\r\n") {
            pieces.extend([Piece::Part(number, begun, own), Piece::Text("=\r\n".to_owned())]);
            (begun, at) = (own, at + 3);
        }
        if text.as_bytes().get(at) != Some(&byte) {
            return None;
        }
        at += 1;
    }
    pieces.push(Piece::Part(number, begun, value.len()));
    Some((pieces, at))
}

/// Values in what `body` encodes. `None` if two of them share a group of it, or it is not laid out as usual.
fn base64(body: &str, values: &[String], sheet: &mut Vec<Piece>) -> Option<()> {
    let encoded = body.replace("\r\n", "");
    let decoded = STANDARD.decode(&encoded).ok()?;
    // A character of the encoding stands here in the body.
    let place = |at: usize| (at + (at / LINE) * 2).min(body.len());
    let (mut done, mut at) = (0, 0);
    while at < decoded.len() {
        let here = |value: &&String| !value.is_empty() && decoded[at..].starts_with(value.as_bytes());
        let Some((number, value)) = values.iter().enumerate().find(|(_, value)| here(value)) else {
            at += 1;
            continue;
        };
        let (first, end) = (at / 3, (at + value.len()).div_ceil(3));
        let (before, after) = (&decoded[first * 3..at], &decoded[at + value.len()..decoded.len().min(end * 3)]);
        if first * 4 < done {
            return None;
        }
        push(sheet, body.get(place(done)..place(first * 4))?);
        let mut from = first * 4;
        while from < end * 4 {
            let to = ((from / LINE + 1) * LINE).min(end * 4);
            let (own, its) = (first * 4, number);
            sheet.push(Piece::Base64(before.to_vec(), its, after.to_vec(), from - own, to - own));
            // The break before the next line belongs to what follows.
            if to.is_multiple_of(LINE) && to < encoded.len() && to < end * 4 {
                push(sheet, "\r\n");
            }
            from = to;
        }
        (done, at) = (end * 4, at + value.len());
        // At the end of a line the break has not been written yet.
        if done.is_multiple_of(LINE) && done < encoded.len() {
            push(sheet, "\r\n");
        }
    }
    push(sheet, body.get(place(done)..)?);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(token: &str) -> Vec<String> {
        vec![String::new(), format!("To: <{token}@x.test>\r\n"), token.to_owned()]
    }

    fn mail(token: &str, indent: usize) -> String {
        let text = format!(
            "{}https://x.test/leave/{token}?lang=ur and once more {token}. Text after it. ",
            "x".repeat(indent)
        );
        let encoded = STANDARD.encode(text.repeat(3));
        let lines: Vec<&str> = encoded.as_bytes().chunks(LINE).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let base64 = lines.join("\r\n");
        format!(
            "To: <{token}@x.test>\r\nMessage-ID: <{token}.1>\r\n\r\n--b\r\n{}a soft {}=\r\n{} break\r\n--b\r\n{BASE64}X: y\r\n\r\n{base64}\r\n--b--\r\n",
            "x".repeat(indent),
            &token[..3],
            &token[3..]
        )
    }

    #[test]
    fn a_mail_comes_out_of_its_neighbours_sheet_whatever_the_encoding_and_wherever_the_lines_end() {
        for indent in 0..160 {
            let sheet = Sheet::of(mail("abcdefghij", indent).as_bytes(), &values("abcdefghij")).unwrap();
            let other = mail("qrstuvwxyz", indent);
            assert_eq!(String::from_utf8(sheet.with(&values("qrstuvwxyz")).unwrap()).unwrap(), other, "{indent}");
            let kept = serde_json::to_string(&sheet).unwrap();
            assert!(!kept.contains("abcdefghij") && !kept.contains(&STANDARD.encode("abcdefghi")), "{kept}");
            assert_eq!(serde_json::from_str::<Sheet>(&kept).unwrap(), sheet);
        }
    }

    /// Mails that wait in a database were made by an older Khyber: what a stored sheet comes to must never change.
    #[test]
    fn a_stored_sheet_comes_to_the_same_bytes_for_ever() {
        let stored = r#"[{"Own":0},{"Text":"To: "},{"Own":1},{"Text":"\r\n\r\na "},{"Part":[1,0,3]},{"Text":"=\r\n"},{"Part":[1,3,6]},{"Base64":[[104,105],1,[46],0,12]}]"#;
        let sheet: Sheet = serde_json::from_str(stored).unwrap();
        let own = ["S: x\r\n".to_owned(), "abcdef".to_owned()];
        assert_eq!(sheet.with(&own).unwrap(), b"S: x\r\nTo: abcdef\r\n\r\na abc=\r\ndefaGlhYmNkZWYu");
        let (written, print) = sheet.written().unwrap();
        assert_eq!(written, stored);
        assert_eq!(print.with(&own), "parts:c9896906b6fc092d91bbd493a453089d22f2f13c4f94e2fa7694d6a6382ca64b");
        assert_ne!(print.with(&own), print.with(&["S: x\r\na".to_owned(), "bcdef".to_owned()]));
        for (values, fits) in [(&own[..], true), (&own[..1], false), (&["".to_owned(), "abc".to_owned()], false)] {
            assert_eq!((sheet.fits(values), sheet.with(values).is_some()), (fits, fits), "{values:?}");
        }
    }

    #[test]
    fn a_mail_that_is_no_plain_text_has_no_sheet_and_values_that_are_not_there_give_no_mail() {
        assert_eq!(Sheet::of("Grüße".as_bytes(), &[]), None);
        let sheet = Sheet::of(mail("abcdefghij", 1).as_bytes(), &values("abcdefghij")).unwrap();
        assert_eq!(sheet.with(&values("abcdefghij")[..2]), None);
        assert_eq!(sheet.with(&values("short")), None);
        assert!(sheet.text() > 100);
    }
}
