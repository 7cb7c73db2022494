//! What an entry says in any language: numbers, what happened, and names by their consonants. Two reports of one event in two
//! languages have no other words in common, besides the names of the coverage file.

use crate::model::matcher::Matcher;
use crate::model::words::{Word, is_common, words};
use std::collections::HashSet;
use std::sync::LazyLock;

/// Ideas, a line each, with their words in four languages.
const IDEAS: &str = include_str!("concepts.txt");

/// An idea ("closed") beside other terms.
const IDEA: f64 = 1.0;
/// A name that sounds alike. Without names by sound precision on our own events falls from 0.95 to 0.89.
const SOUND: f64 = 0.9;
/// Fewer consonants sound like too much.
const LEAST_CONSONANTS: usize = 3;

static LEXICON: LazyLock<(Matcher, Vec<&'static str>)> = LazyLock::new(|| {
    let mut matcher = Matcher::default();
    let mut ideas = Vec::new();
    for line in IDEAS.lines().filter(|line| !line.starts_with('#')) {
        let mut parts = line.split_whitespace();
        let Some(idea) = parts.next() else { continue };
        for phrase in parts.map(|phrase| phrase.replace('+', " ")) {
            let one_common = words(&phrase).iter().all(|word| is_common(&word.text) && !is_digit(idea));
            if !one_common {
                matcher.add(&phrase, ideas.len());
            }
        }
        ideas.push(idea);
    }
    (matcher, ideas)
});

fn is_digit(idea: &str) -> bool {
    idea.starts_with(|c: char| c.is_ascii_digit())
}

/// Each with its weight: a number as it is written in a text, an idea behind a tilde, a sound behind a caret.
/// No sound is made of `countries`, which have names of their own.
pub fn terms(text: &[Word], countries: &HashSet<String>) -> Vec<(String, f64)> {
    let (matcher, ideas) = &*LEXICON;
    let mut terms = Vec::new();
    for found in matcher.find(text) {
        if let Some(idea) = ideas.get(found.target) {
            terms.push(if is_digit(idea) { ((*idea).to_owned(), 1.0) } else { (format!("~{idea}"), IDEA) });
        }
    }
    for word in text.iter().filter(|word| !is_common(&word.text) && !countries.contains(&word.text)) {
        if word.text.starts_with(|c: char| c.is_numeric()) {
            terms.push((word.text.clone(), 1.0));
        } else if word.title || !word.text.is_ascii() {
            terms.extend(sound(&word.text).map(|sound| (format!("^{sound}"), SOUND)));
        }
    }
    terms
}

/// A place by its sound, however short.
pub fn place(word: &Word) -> String {
    format!("%{}", consonants(&word.text))
}

fn sound(word: &str) -> Option<String> {
    Some(consonants(word)).filter(|sound| sound.len() >= LEAST_CONSONANTS)
}

/// The consonants that survive on the way from one script to the other: Korangi and کورنگی are `krng`, Badghis and بادغیس `bdgs`.
fn consonants(word: &str) -> String {
    let mut out = String::new();
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied();
        let consonant = match letter {
            's' | 'ش' | 'س' | 'ص' | 'ث' | 'ښ' => 's',
            'c' if next == Some('h') => 'c',
            'چ' | 'څ' => 'c',
            'c' | 'k' | 'q' | 'x' | 'ک' | 'ق' | 'خ' => 'k',
            'g' | 'گ' | 'غ' | 'ږ' => 'g',
            'p' if next == Some('h') => 'f',
            'b' | 'ب' => 'b',
            'p' | 'پ' => 'p',
            't' | 'ت' | 'ط' | 'ٹ' | 'ټ' => 't',
            'd' | 'د' | 'ڈ' | 'ډ' => 'd',
            'j' | 'ج' => 'j',
            'z' | 'ز' | 'ذ' | 'ض' | 'ظ' | 'ژ' | 'ځ' => 'z',
            'r' | 'ر' | 'ڑ' | 'ړ' => 'r',
            'f' | 'ف' => 'f',
            'l' | 'ل' => 'l',
            'm' | 'م' => 'm',
            'n' | 'ن' | 'ڼ' => 'n',
            _ => continue,
        };
        if !out.ends_with(consonant) {
            out.push(consonant);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        terms(&words(text), &HashSet::new()).into_iter().map(|(term, _)| term).collect()
    }

    #[test]
    fn names_sound_alike_in_both_scripts() {
        for (latin, arabic) in [
            ("Korangi", "کورنگی"),
            ("Badghis", "بادغیس"),
            ("Ankara", "انقرہ"),
            ("Nuristan", "نورستان"),
            ("Shehbaz", "شہباز"),
            ("Gwadar", "گوادر"),
        ] {
            let folded = &words(arabic)[0].text;
            assert_eq!(sound(&latin.to_lowercase()), sound(folded), "{latin}");
        }
    }

    #[test]
    fn what_happened_is_one_in_four_languages() {
        let texts =
            ["Six killed as Torkham closes", "طورخم بند، چھ ہلاک", "تورخم وتړل شو، شپږ مړه", "تورخم بسته شد؛ شش کشته"];
        for text in texts {
            let said = said(text);
            for wanted in ["6", "~killed", "~closed"] {
                assert!(said.iter().any(|term| term == wanted), "{text}: {said:?}");
            }
        }
    }

    #[test]
    fn every_word_of_the_list_is_found_and_no_idea_stands_twice() {
        let mut names = Vec::new();
        for line in IDEAS.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let mut parts = line.split_whitespace();
            let idea = parts.next().unwrap();
            names.push(idea);
            assert!(parts.clone().count() >= 3, "{line}");
            assert!(parts.any(|phrase| !said(&phrase.replace('+', " ")).is_empty()), "{line}");
        }
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
