//! Finding the coverage's names and terms in a text: word boundaries, inflections, the longest match first.

use super::words::{Word, forms, words};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// One phrase to look for, pointing at what it stands for.
#[derive(Debug, Clone)]
struct Phrase {
    words: Vec<Word>,
    /// The last word is a beginning.
    open: bool,
    target: usize,
}

/// Phrases by their first word.
#[derive(Debug, Clone, Default)]
pub struct Matcher {
    phrases: Vec<Phrase>,
    by_word: Table,
    /// Phrases of one open word, by their first three letters.
    by_beginning: Table,
    starts: Starts,
}

/// Which beginnings the phrases' first words have: most words of a text fall out here, before any table is asked. A word and
/// its forms share their first three bytes, since a form has four letters or is the word itself.
#[derive(Debug, Clone)]
struct Starts([u64; 64]);

impl Default for Starts {
    fn default() -> Self {
        Self([0; 64])
    }
}

impl Starts {
    fn place(word: &str) -> (usize, u64) {
        let key = word.bytes().take(3).fold(0_u32, |key, byte| key << 8 | u32::from(byte));
        let hash = key.wrapping_mul(0x9e37_79b1) >> 20;
        (hash as usize >> 6, 1 << (hash & 63))
    }

    fn add(&mut self, word: &str) {
        let (at, bit) = Self::place(word);
        self.0[at] |= bit;
    }

    fn may_hold(&self, word: &str) -> bool {
        let (at, bit) = Self::place(word);
        self.0[at] & bit != 0
    }
}

/// Phrases by a word of the coverage file. Only the file's words are kept, so no text of a feed can fill one bucket, and a quick
/// hash does: every word of every entry is looked up in a dozen tables.
type Table = HashMap<String, Vec<usize>, BuildHasherDefault<Letters>>;

/// FNV-1a, eight bytes at a time.
#[derive(Debug, Clone)]
struct Letters(u64);

impl Default for Letters {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Letters {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let value = chunk.iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
            self.0 = (self.0 ^ value).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29);
        }
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

/// A phrase found: `start..end` are word positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub target: usize,
    pub start: usize,
    pub end: usize,
}

impl Matcher {
    pub fn add(&mut self, phrase: &str, target: usize) {
        let open = phrase.ends_with('*');
        let words = words(phrase);
        let Some(first) = words.first() else { return };
        let at = self.phrases.len();
        self.starts.add(&first.text);
        if open && words.len() == 1 {
            self.by_beginning.entry(beginning(&first.text).to_owned()).or_default().push(at);
        } else {
            self.by_word.entry(first.text.clone()).or_default().push(at);
        }
        self.phrases.push(Phrase { words, open, target });
    }

    /// All matches from left to right; a word belongs to one match only, the longest that begins there.
    pub fn find(&self, text: &[Word]) -> Vec<Found> {
        let shouting = text.len() > 3 && text.iter().filter(|word| word.capitals).count() * 2 > text.len();
        let mut found = Vec::new();
        let mut start = 0;
        while start < text.len() {
            match self.longest_at(text, start, shouting) {
                Some(hit) => {
                    start = hit.end;
                    found.push(hit);
                }
                None => start += 1,
            }
        }
        found
    }

    fn longest_at(&self, text: &[Word], start: usize, shouting: bool) -> Option<Found> {
        let word = text.get(start).filter(|word| self.starts.may_hold(&word.text))?;
        let whole = forms(&word.text).filter_map(|form| self.by_word.get(form)).flatten();
        let beginnings = self.by_beginning.get(beginning(&word.text)).into_iter().flatten();
        let hit = |at: &usize| {
            let phrase = self.phrases.get(*at)?;
            let here = text.get(start..start + phrase.words.len())?;
            phrase.fits(here, shouting).then_some(Found {
                target: phrase.target,
                start,
                end: start + phrase.words.len(),
            })
        };
        whole.chain(beginnings).filter_map(hit).max_by_key(|found| (found.end, std::cmp::Reverse(found.target)))
    }
}

fn beginning(word: &str) -> &str {
    word.char_indices().nth(3).and_then(|(end, _)| word.get(..end)).unwrap_or(word)
}

impl Phrase {
    fn fits(&self, text: &[Word], shouting: bool) -> bool {
        let last = self.words.len() - 1;
        self.words.iter().zip(text).enumerate().all(|(at, (own, word))| {
            let same = if at == last && self.open {
                word.text.starts_with(&own.text)
            } else {
                own.text == word.text || forms(&word.text).any(|form| form == own.text)
            };
            same && (shouting || same_case(own, word))
        })
    }
}

/// `ISI` is not "isi", and the valley Swat is not a SWAT team; long names do not mind.
fn same_case(own: &Word, word: &Word) -> bool {
    if own.capitals {
        return word.capitals;
    }
    !(own.title && word.capitals && own.text.len() <= 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(phrases: &[&str], text: &str) -> Vec<usize> {
        let mut matcher = Matcher::default();
        for (target, phrase) in phrases.iter().enumerate() {
            matcher.add(phrase, target);
        }
        matcher.find(&words(text)).into_iter().map(|found| found.target).collect()
    }

    #[test]
    fn the_longest_name_wins_and_words_have_borders() {
        assert_eq!(targets(&["Waziristan", "South Waziristan"], "Raid in South Waziristan"), [1]);
        assert_eq!(targets(&["Swat"], "Swatting flies; a SWAT officer; floods in Swat"), [0]);
        assert_eq!(targets(&["ISI"], "the isi of it, said ISI"), [0]);
    }

    #[test]
    fn inflections_and_beginnings() {
        assert_eq!(targets(&["deport*", "afghan"], "Deportations of Afghans"), [0, 1]);
        assert_eq!(targets(&["طالبان", "افغان"], "طالبانو ویل افغانان"), [0, 1]);
        assert_eq!(targets(&["suicide bomb*"], "a suicide bomber struck"), [0]);
    }
}
