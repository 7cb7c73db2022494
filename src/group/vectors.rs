//! Entries as weighted words: what a headline and its lead say, with words rare in this news counting most.

use crate::model::matcher::Matcher;
use crate::model::words::{Word, is_common, stem, words};
use crate::model::{Coverage, Entry, Evidence, Timestamp};
use std::collections::{BTreeMap, HashMap};

/// Words of the lead that are compared.
const LEAD_WORDS: usize = 60;
/// A headline's word counts this often.
const HEADLINE: f64 = 2.0;
/// A name from the coverage file, besides the words it is made of.
const NAME: f64 = 0.5;
/// A number, besides other words.
const NUMBER: f64 = 0.7;

/// What of an entry is compared.
pub struct TextOf<'a> {
    pub headline: &'a str,
    pub lead: &'a str,
    pub at: Timestamp,
}

impl<'a> TextOf<'a> {
    pub fn entry(entry: &'a Entry) -> Self {
        Self { headline: &entry.headline, lead: &entry.summary, at: entry.at() }
    }
}

/// A term's number and its weight, sorted by number; of length one.
pub type Vector = Vec<(u32, f64)>;

/// One entry, ready to be compared.
pub struct Doc {
    pub all: Vector,
    pub headline: Vector,
    pub at: Timestamp,
    /// Words that tell something, those of the headline twice.
    pub length: f64,
}

/// All entries of a window with the words they share.
pub struct Corpus {
    pub docs: Vec<Doc>,
    pub terms: Vec<String>,
    pub frequency: Vec<usize>,
}

impl Corpus {
    /// `background` is other news of the same days: it tells which words are rare, and is not grouped.
    pub fn new(texts: &[TextOf], background: &[TextOf], coverage: &Coverage) -> Self {
        let names = names(coverage);
        let mut vocabulary = Vocabulary::default();
        let counted: Vec<((Counts, f64), Counts)> = texts.iter().map(|text| vocabulary.count(text, &names)).collect();
        let own = vocabulary.frequency.clone();
        for text in background {
            vocabulary.count(text, &names);
        }
        let frequency = std::mem::replace(&mut vocabulary.frequency, own);
        let (few, all) = (texts.len(), texts.len() + background.len());
        // A handful of entries can't tell a rare word from a common one, but they all share what they were kept for.
        let common_here = |df: usize| if background.is_empty() { 0.0 } else { df as f64 / few.max(1) as f64 };
        let idf: Vec<f64> = frequency
            .iter()
            .enumerate()
            .map(|(at, df)| {
                let here = vocabulary.frequency.get(at).copied().unwrap_or(0);
                idf(*df, all) * (1.0 - common_here(here)).powf(1.5)
            })
            .collect();
        let docs = texts
            .iter()
            .zip(counted)
            .map(|(text, (all, headline))| Doc {
                all: vector(&all.0, &idf),
                headline: vector(&headline, &idf),
                at: text.at,
                length: all.1,
            })
            .collect();
        Self { docs, terms: vocabulary.terms, frequency: vocabulary.frequency }
    }

    pub fn len(&self) -> usize {
        self.docs.len()
    }

    pub fn is_empty(&self) -> bool {
        self.docs.is_empty()
    }

    /// The words that make two entries alike, the strongest first.
    pub fn shared(&self, a: usize, b: usize) -> Vec<Evidence> {
        let (Some(a), Some(b)) = (self.docs.get(a), self.docs.get(b)) else { return Vec::new() };
        let mut shared: Vec<(f64, u32)> = Vec::new();
        each_shared(&a.all, &b.all, |term, x, y| shared.push((x * y, term)));
        shared.sort_by(|x, y| y.0.total_cmp(&x.0).then(x.1.cmp(&y.1)));
        let evidence = |(weight, term): (f64, u32)| Evidence {
            what: "shared".to_owned(),
            words: self.terms.get(term as usize).cloned().unwrap_or_default(),
            place: "headline and lead".to_owned(),
            weight,
        };
        shared.into_iter().take(8).map(evidence).collect()
    }
}

/// How much a word tells that stands in `df` of `n` texts.
fn idf(df: usize, n: usize) -> f64 {
    (1.0 + (n as f64 + 1.0) / (df as f64 + 0.5)).ln()
}

fn names(coverage: &Coverage) -> (Matcher, Vec<String>) {
    let mut matcher = Matcher::default();
    let mut labels = Vec::new();
    for entity in &coverage.entities {
        for alias in &entity.aliases {
            // Each line of the file may list several places: the alias tells them apart, except across scripts.
            matcher.add(alias, labels.len());
            labels.push(entity.id.clone());
        }
    }
    (matcher, labels)
}

type Counts = BTreeMap<u32, f64>;

#[derive(Default)]
struct Vocabulary {
    ids: HashMap<String, u32>,
    terms: Vec<String>,
    frequency: Vec<usize>,
    stems: HashMap<String, String>,
}

impl Vocabulary {
    fn count(&mut self, text: &TextOf, names: &(Matcher, Vec<String>)) -> ((Counts, f64), Counts) {
        let headline_words = words(text.headline);
        let lead_words: Vec<Word> = words(text.lead).into_iter().take(LEAD_WORDS).collect();
        let (mut all, mut headline) = (Counts::new(), Counts::new());
        let mut length = 0.0;
        for (place, found) in [(HEADLINE, &headline_words), (1.0, &lead_words)] {
            let mut terms: Vec<(String, f64)> = found.iter().filter_map(|word| self.term(word)).collect();
            length += terms.len() as f64 * place;
            for hit in names.0.find(found) {
                if let Some(label) = names.1.get(hit.target) {
                    terms.push((format!("@{label}"), NAME));
                }
            }
            for (term, weight) in terms {
                let id = self.id(term);
                *all.entry(id).or_default() += weight * place;
                if place > 1.0 {
                    *headline.entry(id).or_default() += weight;
                }
            }
        }
        for id in all.keys() {
            if let Some(df) = self.frequency.get_mut(*id as usize) {
                *df += 1;
            }
        }
        ((all, length), headline)
    }

    fn term(&mut self, word: &Word) -> Option<(String, f64)> {
        let number = word.text.starts_with(|c: char| c.is_numeric());
        if is_common(&word.text) || (!number && word.text.chars().count() < 2) {
            return None;
        }
        if number {
            return Some((word.text.clone(), NUMBER));
        }
        let stem = self.stems.entry(word.text.clone()).or_insert_with(|| stem(&word.text));
        Some((stem.clone(), 1.0))
    }

    fn id(&mut self, term: String) -> u32 {
        if let Some(id) = self.ids.get(&term) {
            return *id;
        }
        let id = self.terms.len() as u32;
        self.terms.push(term.clone());
        self.frequency.push(0);
        self.ids.insert(term, id);
        id
    }
}

fn vector(counts: &Counts, idf: &[f64]) -> Vector {
    let weigh =
        |(id, count): (&u32, &f64)| (*id, (1.0 + count.ln_1p()) * idf.get(*id as usize).copied().unwrap_or(0.0));
    let mut vector: Vector = counts.iter().map(weigh).collect();
    let length = vector.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|(_, weight)| *weight /= length);
    }
    vector
}

/// Calls `found` for each term in both.
pub fn each_shared(a: &Vector, b: &Vector, mut found: impl FnMut(u32, f64, f64)) {
    let (mut i, mut j) = (0, 0);
    while let (Some((x, wx)), Some((y, wy))) = (a.get(i), b.get(j)) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                found(*x, *wx, *wy);
                i += 1;
                j += 1;
            }
        }
    }
}

pub fn cosine(a: &Vector, b: &Vector) -> f64 {
    let mut sum = 0.0;
    each_shared(a, b, |_, x, y| sum += x * y);
    sum
}
