//! Words and numbers of a sentence: `2,000`, `۱۲`, `twenty-five`, `9 thousand`.

use unicode_normalization::UnicodeNormalization;

/// A word with its place in the sentence.
#[derive(Debug, Clone)]
pub(super) struct Token<'a> {
    /// Lower case, without marks.
    pub text: String,
    pub raw: &'a str,
    pub start: usize,
    pub end: usize,
    /// A comma, bracket, dash or colon stands before it.
    pub breaks: bool,
}

pub(super) fn tokens(sentence: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut last = 0;
    for raw in sentence.split(|c: char| c.is_whitespace() || "()[]{}\"“”«»".contains(c)).filter(|word| !word.is_empty())
    {
        let from = raw.as_ptr() as usize - sentence.as_ptr() as usize;
        let trimmed = raw.trim_matches(|c: char| !c.is_alphanumeric() && c != '%' && c != '$' && c != '€' && c != '£');
        if trimmed.is_empty() {
            continue;
        }
        let start = trimmed.as_ptr() as usize - sentence.as_ptr() as usize;
        let between = &sentence[last..start];
        let breaks = between.chars().any(|c| !c.is_whitespace());
        last = start + trimmed.len();
        debug_assert!(from <= start);
        let text = trimmed.nfc().collect::<String>().to_lowercase();
        tokens.push(Token { text, raw: trimmed, start, end: last, breaks });
    }
    tokens
}

/// A number and the tokens it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub value: u64,
    /// The first token after it.
    pub end: usize,
}

const SMALL: [&str; 21] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];
const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

impl Number {
    pub fn at(tokens: &[Token<'_>], at: usize, multipliers: &[(&str, u64)]) -> Option<Self> {
        let token = tokens.get(at)?;
        // `10-15`, `2.5`, `06:00`, `12-year-old`, `F16` and `$12` are no counts by themselves.
        let plain = digits(token.raw);
        let value = plain.or_else(|| spelled(&token.text))?;
        let next = tokens.get(at + 1).filter(|next| !next.breaks);
        let factor = next.and_then(|next| multipliers.iter().find(|(word, _)| *word == next.text));
        if let Some((_, factor)) = factor {
            return Some(Self { value: value.checked_mul(*factor)?, end: at + 2 });
        }
        // Years, as written without a comma.
        let is_year = (1900..=2100).contains(&value) && !token.raw.contains([',', '٬', '،']);
        let is_counted = value >= 1 && !is_year && plain.is_none_or(|value| value < 1_000_000_000);
        is_counted.then_some(Self { value, end: at + 1 })
    }
}

/// Digits of any script, with commas between thousands.
fn digits(raw: &str) -> Option<u64> {
    let mut value: u64 = 0;
    let (mut since_comma, mut commas) = (0, 0);
    for c in raw.chars() {
        let digit = match c {
            '0'..='9' => c.to_digit(10)?,
            '۰'..='۹' => c as u32 - '۰' as u32,
            '٠'..='٩' => c as u32 - '٠' as u32,
            ',' | '٬' | '،' if commas == 0 || since_comma == 3 => {
                (since_comma, commas) = (0, commas + 1);
                continue;
            }
            _ => return None,
        };
        value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
        since_comma += 1;
    }
    (!raw.is_empty() && (commas == 0 || since_comma == 3)).then_some(value)
}

fn spelled(word: &str) -> Option<u64> {
    let small = |word: &str| SMALL.iter().position(|known| *known == word).and_then(|at| u64::try_from(at).ok());
    let tens = |word: &str| {
        TENS.iter().position(|known| !known.is_empty() && *known == word).and_then(|at| u64::try_from(at * 10).ok())
    };
    if let Some((ten, one)) = word.split_once('-') {
        return Some(tens(ten)? + small(one).filter(|one| (1..10).contains(one))?);
    }
    // "One" is an article as often as a number.
    small(word).filter(|value| *value > 1).or_else(|| tens(word))
}
