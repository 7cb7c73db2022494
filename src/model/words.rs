//! Words made comparable: folding of Latin and Arabic script, tokens with their place in the text, light stems.

mod function_words;

use function_words::COMMON;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Tokens beyond this are not looked at: a hostile headline costs no more than a long article.
const MOST_TOKENS: usize = 1_500;
/// A longer run of letters is no word.
const LONGEST_WORD: usize = 40;

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Folded: lower case, without diacritics, one letter for the variants of yeh, kaf and heh.
    pub text: String,
    /// Every letter was a capital and there were two or more.
    pub capitals: bool,
    /// The first letter was a capital.
    pub title: bool,
}

/// The words of `text` in order. Hyphens, ZWNJ and punctuation separate; an English possessive is taken off.
pub fn words(text: &str) -> Vec<Word> {
    first_words(text, MOST_TOKENS)
}

/// The first words of `text`, at most `most`; what follows them is not read.
pub fn first_words(text: &str, most: usize) -> Vec<Word> {
    let most = most.min(MOST_TOKENS);
    let mut out = Vec::new();
    let mut current = Draft::default();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\u{ad}' || c == '\u{640}' {
            continue;
        }
        let thousands = matches!(c, ',' | '.' | '٬') && current.numeric && chars.peek().is_some_and(|n| n.is_numeric());
        if thousands {
            if c == '.' {
                current.text.push('.');
            }
            continue;
        }
        if matches!(c, '\'' | '’') && !current.text.is_empty() && chars.peek().is_some_and(|n| n.is_alphabetic()) {
            current.apostrophe = Some(current.text.len());
            continue;
        }
        if c.is_alphanumeric() || is_combining_mark(c) {
            current.push(c);
        } else if current.finish(&mut out) >= most {
            return out;
        }
    }
    current.finish(&mut out);
    out
}

/// A word being read.
#[derive(Default)]
struct Draft {
    text: String,
    letters: usize,
    capitals: usize,
    title: bool,
    numeric: bool,
    apostrophe: Option<usize>,
}

impl Draft {
    fn push(&mut self, c: char) {
        if self.letters == 0 && self.text.is_empty() {
            self.title = c.is_uppercase();
            self.numeric = c.is_numeric();
        }
        self.numeric = self.numeric && c.is_numeric();
        if c.is_alphabetic() {
            self.letters += 1;
            self.capitals += usize::from(c.is_uppercase());
        }
        fold_into(c, &mut self.text);
    }

    /// Hands the word on; how many there are now.
    fn finish(&mut self, out: &mut Vec<Word>) -> usize {
        let mut draft = std::mem::take(self);
        if let Some(at) = draft.apostrophe
            && draft.text.get(at..) == Some("s")
        {
            draft.text.truncate(at);
            draft.letters = draft.letters.saturating_sub(1);
        }
        if !draft.text.is_empty() && draft.text.chars().count() <= LONGEST_WORD {
            let capitals = draft.capitals >= 2 && draft.capitals >= draft.letters;
            out.push(Word { text: draft.text, capitals, title: draft.title });
        }
        out.len()
    }
}

/// Folds one character onto the end of `out`.
fn fold_into(c: char, out: &mut String) {
    if c.is_ascii() {
        out.push(c.to_ascii_lowercase());
        return;
    }
    if let Some(digit) = arabic_digit(c) {
        out.push(digit);
        return;
    }
    match c {
        // Yeh in its Arabic, Persian, Urdu and Pashto shapes, with and without hamza.
        'ي' | 'ى' | 'ئ' | 'ې' | 'ۍ' | 'ے' | 'ۓ' | 'ێ' => out.push('ی'),
        'ك' | 'ڪ' => out.push('ک'),
        'ګ' => out.push('گ'),
        'ة' | 'ہ' | 'ۀ' | 'ە' | 'ھ' | 'ۂ' | 'ۃ' => out.push('ه'),
        'أ' | 'إ' | 'آ' | 'ٱ' => out.push('ا'),
        'ؤ' => out.push('و'),
        'ں' | 'ڼ' => out.push('ن'),
        'ء' | '\u{670}' => {}
        _ => {
            for base in c.to_lowercase().nfkd().filter(|c| !is_combining_mark(*c) && c.is_alphanumeric()) {
                out.push(base);
            }
        }
    }
}

fn arabic_digit(c: char) -> Option<char> {
    let value = match c {
        '٠'..='٩' => u32::from(c) - u32::from('٠'),
        '۰'..='۹' => u32::from(c) - u32::from('۰'),
        _ => return None,
    };
    char::from_digit(value, 10)
}

/// Endings of Urdu, Persian and Pashto nouns and adjectives, longest first; folded.
const ARABIC_ENDINGS: [&str; 14] =
    ["یانو", "های", "هایی", "ستان", "یان", "یون", "انو", "ونو", "ها", "ان", "ون", "ین", "ی", "و"];

/// The forms under which a word may stand in a list of names: as written, then without an inflection.
pub fn forms(word: &str) -> impl Iterator<Item = &str> {
    let latin = word.is_ascii();
    let bare =
        |ending: &'static str, least: usize| word.strip_suffix(ending).filter(|stem| stem.chars().count() >= least);
    let latin_form = if latin && !word.ends_with("ss") { bare("s", 4) } else { None };
    let endings: &[&str] = if latin { &[] } else { &ARABIC_ENDINGS };
    let arabic = endings.iter().filter(|e| **e != "ستان").filter_map(move |e| bare(e, 4));
    std::iter::once(word).chain(latin_form).chain(arabic)
}

/// A light stem for comparing texts: the English Porter stem, or the Arabic-script word without its ending.
pub fn stem(word: &str) -> String {
    if word.is_ascii() {
        return rust_stemmers::Stemmer::create(rust_stemmers::Algorithm::English).stem(word).into_owned();
    }
    forms(word).nth(1).unwrap_or(word).to_owned()
}

/// Words too common to tell one event from another, in the four languages; folded.
pub fn is_common(word: &str) -> bool {
    COMMON.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn latin_words_fold() {
        assert_eq!(
            texts("Pak-Afghan border’s 1,234 Türkiye O'Brien re\u{ad}open 3.5m"),
            ["pak", "afghan", "border", "1234", "turkiye", "obrien", "reopen", "3.5m"]
        );
        assert!(words("KP CM says")[0].capitals && !words("Swat")[0].capitals);
    }

    #[test]
    fn one_letter_for_its_variants() {
        assert_eq!(texts("پاكستاني"), texts("پاکستانی"));
        assert_eq!(texts("کُرّم ۱۲"), ["کرم", "12"]);
        assert_eq!(texts("طالبان\u{200c}ها"), ["طالبان", "ها"]);
        assert_eq!(texts("چهارشنبہ"), texts("چهارشنبه"));
        assert_eq!(texts("ګډ"), texts("گډ"));
    }

    #[test]
    fn inflected_names_are_found() {
        assert!(forms("afghans").any(|form| form == "afghan"));
        assert!(forms("افغانانو").any(|form| form == "افغان"));
        assert!(!forms("abbas").any(|form| form == "abb"));
    }

    #[test]
    fn hostile_text_is_cut() {
        assert_eq!(words(&"a ".repeat(100_000)).len(), MOST_TOKENS);
        assert!(words(&"x".repeat(100_000)).is_empty());
        assert!(words("🎉 \u{202e}\u{202d}").is_empty());
    }

    #[test]
    fn the_list_is_sorted() {
        assert!(COMMON.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(is_common("the") && is_common("در") && !is_common("torkham"));
    }
}
