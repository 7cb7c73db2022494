//! How many attributes the tags of a page could have: html5ever compares each with all before it in its tag, which takes
//! 216 s for 200,000 of them (1.8 MB).

/// Attributes of one tag. Pages have up to 30.
const MOST: u32 = 5_000;
/// Comparisons over all tags, 10 ns each. News pages need less than a million.
const COMPARED: u64 = 100_000_000;

/// Where a tokenizer is inside a tag (HTML, "tokenization"), as far as it matters for the count.
#[derive(Debug, Clone, Copy)]
enum At {
    TagName,
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    DoubleQuoted,
    SingleQuoted,
    Unquoted,
}

const ALL: [At; 8] = [
    At::TagName,
    At::BeforeName,
    At::Name,
    At::AfterName,
    At::BeforeValue,
    At::DoubleQuoted,
    At::SingleQuoted,
    At::Unquoted,
];

/// Whether some place where a tag may begin is followed by too many attributes. What is a comment or a script is not asked:
/// each `<` with a letter behind it counts, so nothing can be hidden in what only looks like one. Read from the end, each
/// byte is visited once: the attributes from there on, for each state that a tokenizer may be in.
pub fn are_too_many(html: &str) -> bool {
    let bytes = html.as_bytes();
    let mut ahead = [0_u32; ALL.len()];
    let mut compared = 0_u64;
    for (place, byte) in bytes.iter().enumerate().rev() {
        let starts = *byte == b'<' && bytes.get(place + 1).is_some_and(u8::is_ascii_alphabetic);
        if starts {
            let attributes = ahead[At::TagName as usize];
            compared += u64::from(attributes) * u64::from(attributes);
            if attributes > MOST || compared > COMPARED {
                return true;
            }
        }
        ahead = ALL.map(|at| match next(at, *byte) {
            None => 0,
            Some((then, begun)) => ahead[then as usize].saturating_add(begun),
        });
    }
    false
}

/// The state after a byte, and how many attributes begin with it; `None` at the tag's end.
fn next(at: At, byte: u8) -> Option<(At, u32)> {
    let blank = matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c);
    let then = match (at, byte) {
        (At::DoubleQuoted, b'"') | (At::SingleQuoted, b'\'') => At::BeforeName,
        (At::DoubleQuoted | At::SingleQuoted, _) => at,
        (_, b'>') => return None,
        (At::TagName | At::BeforeName | At::Unquoted, _) if blank => At::BeforeName,
        (At::TagName | At::BeforeName | At::Name | At::AfterName, b'/') => At::BeforeName,
        (At::TagName, _) => At::TagName,
        (At::Name | At::AfterName, _) if blank => At::AfterName,
        (At::Name | At::AfterName, b'=') => At::BeforeValue,
        (At::Name, _) => At::Name,
        (At::BeforeName | At::AfterName, _) => return Some((At::Name, 1)),
        (At::BeforeValue, b'"') => At::DoubleQuoted,
        (At::BeforeValue, b'\'') => At::SingleQuoted,
        (At::BeforeValue, _) if blank => At::BeforeValue,
        (At::BeforeValue | At::Unquoted, _) => At::Unquoted,
    };
    Some((then, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_counted_wherever_they_hide() {
        let many: String = (0..6_000).map(|n| format!("a{n}=1 ")).collect();
        let quoted: String = (0..6_000).map(|n| format!("a{n}='>'")).collect();
        for page in [
            format!("<div {many}>"),
            format!("<div {}", many.replace("=1 ", "/")),
            format!("<div x=\">\" {quoted}>"),
            format!("<!-- <a b=\" --><div {many}>"),
            format!("<div =\" {many}"),
            format!("<p {}>", "a ".repeat(300)).repeat(2_000),
        ] {
            assert!(are_too_many(&page), "{}", page.chars().take(40).collect::<String>());
        }
    }

    #[test]
    fn pages_as_they_are_have_few() {
        let tag =
            "<div class=\"a b c\" id='x' data-json='{\"a\": 1 > 0}' hidden aria-label=menu><br/>text with many words ";
        assert!(!are_too_many(&tag.repeat(10_000)));
        assert!(!are_too_many(&format!("<div data-x=\"{}\">", "word ".repeat(100_000))));
        assert!(!are_too_many(&"word > word < 3 ".repeat(50_000)));
    }
}
