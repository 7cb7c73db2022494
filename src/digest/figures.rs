//! Figures side by side: where publishers count the same thing differently, each number with the words it stood in.
//!
//! Precision comes before recall: a number counts only in a phrase whose grammar is known, and a publisher that gives two
//! numbers for one thing, or a sentence that looks back over years, says nothing here. Numbers are never added or averaged.

mod lexicon;
mod numbers;

use super::board::sentences;
use crate::model::digest::{Figure, Said};
use crate::model::{Lang, RelevantEntry, Story};
use lexicon::{Bound, Class, Lexicon};
use numbers::{Number, Token, tokens};
use std::collections::BTreeMap;

/// Words allowed between a number and what is counted: `12 people were reported killed`.
const REACH: usize = 5;

/// One number in one text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Count {
    noun: &'static str,
    class: Class,
    value: u64,
    bound: Bound,
    words: String,
}

/// What the reports of a story count differently.
pub(super) fn figures(story: &Story) -> Vec<Figure> {
    let mut told: BTreeMap<(&'static str, Class), Vec<(&RelevantEntry, Count)>> = BTreeMap::new();
    for lead in story.reports.iter().map(|unique| &unique.lead).filter(|lead| !lead.kind.is_opinion()) {
        for count in counts(&lead.entry.headline, &lead.entry.summary, lead.entry.lang) {
            told.entry((count.noun, count.class)).or_default().push((lead, count));
        }
    }
    told.into_iter()
        .filter_map(|((noun, _), told)| {
            let mut said = of_each_publisher(told);
            differ(&said).then(|| {
                said.sort_by_key(|(lead, count)| (lead.entry.at(), count.value));
                Figure {
                    noun: noun.to_owned(),
                    said: said.into_iter().map(|(lead, count)| as_said(lead, count)).collect(),
                }
            })
        })
        .collect()
}

/// One number a publisher; one that gives two in this story may count two things.
fn of_each_publisher(told: Vec<(&RelevantEntry, Count)>) -> Vec<(&RelevantEntry, Count)> {
    let mut by_publisher: BTreeMap<&str, Vec<(&RelevantEntry, Count)>> = BTreeMap::new();
    for (lead, count) in told {
        by_publisher.entry(lead.entry.publisher.as_str()).or_default().push((lead, count));
    }
    by_publisher
        .into_values()
        .filter(|counts| counts.iter().all(|(_, count)| count.value == counts[0].1.value))
        .filter_map(|counts| counts.into_iter().next())
        .collect()
}

/// `12` and `at least 10` may both be true; `12` and `at least 15`, and `12` and `14`, are told apart.
fn differ(said: &[(&RelevantEntry, Count)]) -> bool {
    let apart = |one: &Count, other: &Count| match (one.bound, other.bound) {
        (a, b) if a == b => one.value != other.value,
        (Bound::Exact, Bound::AtLeast) => one.value < other.value,
        (Bound::Exact, Bound::AtMost) => one.value > other.value,
        (Bound::AtLeast, Bound::AtMost) => one.value > other.value,
        _ => false,
    };
    let pairs =
        said.iter().enumerate().flat_map(|(at, one)| said[at + 1..].iter().map(move |other| (&one.1, &other.1)));
    pairs.into_iter().any(|(one, other)| apart(one, other) || apart(other, one))
}

fn as_said(lead: &RelevantEntry, count: Count) -> Said {
    Said {
        publisher: lead.entry.publisher.clone(),
        words: count.words,
        lang: lead.entry.lang,
        at: lead.entry.at(),
        url: lead.entry.url.as_ref().map(|url| url.as_str().to_owned()),
    }
}

/// The numbers of a text; a thing that it counts in two ways is left out.
fn counts(headline: &str, summary: &str, lang: Lang) -> Vec<Count> {
    let Some(lexicon) = Lexicon::of(lang) else { return Vec::new() };
    let mut found: Vec<Count> = Vec::new();
    for sentence in std::iter::once(headline).chain(sentences(summary)) {
        let tokens = tokens(sentence);
        if tokens.iter().any(|token| lexicon.looks_back.contains(&token.text.as_str())) {
            continue;
        }
        found.extend((0..tokens.len()).filter_map(|at| count_at(sentence, &tokens, at, &lexicon)));
    }
    let unsure = |count: &Count| {
        found.iter().any(|other| (other.noun, other.class) == (count.noun, count.class) && other.value != count.value)
    };
    let sure: Vec<Count> = found.iter().filter(|count| !unsure(count)).cloned().collect();
    let mut once: Vec<Count> = Vec::new();
    for count in sure {
        if !once.iter().any(|known| (known.noun, known.class) == (count.noun, count.class)) {
            once.push(count);
        }
    }
    once
}

/// The number at this token, if the words around it say what it counts.
fn count_at(sentence: &str, tokens: &[Token<'_>], at: usize, lexicon: &Lexicon) -> Option<Count> {
    let number = Number::at(tokens, at, lexicon.multipliers)?;
    if is_end_of_range(&tokens[..at], lexicon) {
        return None;
    }
    let after = &tokens[number.end..];
    let before = &tokens[..at];
    let (bound, bound_words) = lexicon.bound(before, after)?;
    let start = at - bound_words.before;
    let (noun, class, end) = forward(after, bound_words.after, lexicon)
        .map(|(noun, class, used)| (noun, class, number.end + used))
        .or_else(|| {
            backward(&tokens[..start], after, lexicon).map(|(noun, class, used)| (noun, class, number.end + used))
        })?;
    let begins = if end == number.end { start.saturating_sub(1) } else { start };
    let (from, to) = (tokens[begins].start, tokens[end - 1].end);
    Some(Count { noun, class, value: number.value, bound, words: sentence[from..to].to_owned() })
}

/// `between 10 and 15`.
fn is_end_of_range(before: &[Token<'_>], lexicon: &Lexicon) -> bool {
    let [.., from, between] = before else { return false };
    ["and", "to", "or", "سے", "تا", "یا", "او", "و"].contains(&between.text.as_str())
        && Number::at(std::slice::from_ref(from), 0, lexicon.multipliers).is_some()
}

/// `12 people were killed`, `2,000 lorries`, `۱۲ تنه ووژل شول`.
fn forward(after: &[Token<'_>], skip: usize, lexicon: &Lexicon) -> Option<(&'static str, Class, usize)> {
    let mut class = Class::People;
    for (at, token) in after.iter().enumerate().skip(skip).take(REACH) {
        // A comma or bracket ends the phrase.
        if token.breaks {
            return None;
        }
        let word = token.text.as_str();
        if let Some(noun) = lexicon.done(after, at) {
            return Some((noun.0, class, at + noun.1));
        }
        if let Some(noun) = lexicon.counted(word) {
            return (class == Class::People).then_some((noun, Class::People, at + 1));
        }
        match lexicon.class(word) {
            Some(found) if class == Class::People => class = found,
            Some(_) => return None,
            None if lexicon.fillers.contains(&word) => {}
            None => return None,
        }
    }
    None
}

/// `killed 12 soldiers`, `toll rises to 41`.
fn backward(before: &[Token<'_>], after: &[Token<'_>], lexicon: &Lexicon) -> Option<(&'static str, Class, usize)> {
    let noun = lexicon.doing(before)?;
    match after.first() {
        None => Some((noun, Class::People, 0)),
        Some(next) if next.breaks || lexicon.ends.contains(&next.text.as_str()) => Some((noun, Class::People, 0)),
        Some(next) => lexicon.class(&next.text).map(|class| (noun, class, 1)),
    }
}

#[cfg(test)]
mod tests;
