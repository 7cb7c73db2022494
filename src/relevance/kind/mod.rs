//! Kind: what form of text an entry is, from its address, headline form, categories, byline; never from its viewpoint.

mod lists;

use super::{ContextHit, Text};
use crate::model::coverage::Effect;
use crate::model::words::is_common;
use crate::model::{Entry, Evidence, FeedKind, Kind, Lang};
use lists::{ATTRIBUTION, BYLINES, MODALS, OWN_VOICE, PARTS, PREFIXES, QUESTIONS, SECTIONS, VOICE};

/// Words of a sporting or service context weigh this much before they decide.
const CONTEXT: f64 = 1.6;
/// Signs of opinion or analysis weigh this much before they decide.
const FORM: f64 = 1.0;

pub(super) fn kind(entry: &Entry, text: &Text, contexts: &[ContextHit], evidence: &mut Vec<Evidence>) -> Kind {
    let mut signs = Signs { evidence, weights: Vec::new() };
    address(entry, &mut signs);
    categories(entry, &mut signs);
    headline(&entry.headline, &mut signs);
    opening(entry, text, &mut signs);
    feed(entry, &mut signs);
    for context in contexts {
        let kind = match context.effect {
            Effect::Sport => Kind::Sport,
            Effect::Service => Kind::Service,
            Effect::Namesake | Effect::Elsewhere | Effect::Owner => continue,
        };
        signs.add(kind, context.weight * FORM / CONTEXT, &context.words, context.place.name());
    }
    signs.strongest()
}

/// Signs collected for each kind.
struct Signs<'a> {
    evidence: &'a mut Vec<Evidence>,
    weights: Vec<(Kind, f64)>,
}

impl Signs<'_> {
    fn add(&mut self, kind: Kind, weight: f64, words: &str, place: &str) {
        self.weights.push((kind, weight));
        let words: String = words.chars().take(80).collect();
        self.evidence.push(Evidence { what: kind.name().to_owned(), words, place: place.to_owned(), weight });
    }

    fn strongest(&self) -> Kind {
        // In the order in which a tie is decided.
        const KINDS: [Kind; 6] =
            [Kind::Sport, Kind::Service, Kind::Opinion, Kind::Analysis, Kind::Live, Kind::Official];
        let own = |kind: Kind| self.weights.iter().filter(|(k, _)| *k == kind).map(|(_, w)| w).sum::<f64>();
        // Comment and analysis share their signs: the lesser supports the greater.
        let (opinion, analysis) = (own(Kind::Opinion), own(Kind::Analysis));
        let total = |kind: Kind| match kind {
            Kind::Opinion if opinion >= analysis => opinion + analysis / 2.0,
            Kind::Analysis if analysis > opinion => analysis + opinion / 2.0,
            _ => own(kind),
        };
        let mut best = (Kind::News, FORM - 1e-9);
        for kind in KINDS {
            let weight = total(kind);
            if weight > best.1 {
                best = (kind, weight);
            }
        }
        // Live is a manner of telling: a live report of a match is sport.
        if best.0 == Kind::Live && own(Kind::Sport) >= FORM { Kind::Sport } else { best.0 }
    }
}

fn section(name: &str) -> Option<Kind> {
    SECTIONS.iter().find(|(section, _)| *section == name).map(|(_, kind)| *kind)
}

fn address(entry: &Entry, signs: &mut Signs) {
    let Some(url) = entry.url.as_ref().and_then(|url| url::Url::parse(url.as_str()).ok()) else { return };
    let segments: Vec<String> = url.path_segments().into_iter().flatten().map(str::to_lowercase).collect();
    let folders = segments.len().saturating_sub(1);
    for segment in segments.iter().take(folders.max(1)) {
        if let Some(kind) = section(segment) {
            signs.add(kind, 1.2, segment, "url");
        }
    }
}

fn categories(entry: &Entry, signs: &mut Signs) {
    for category in &entry.categories {
        let name = category.trim().to_lowercase().replace(' ', "-");
        if let Some(kind) = section(&name) {
            signs.add(kind, 1.0, category, "category");
        }
    }
}

/// What a headline begins with, before `:` or `|`, and what form it has.
fn headline(headline: &str, signs: &mut Signs) {
    let lower = headline.to_lowercase().replace('’', "'");
    for (kind, starts) in PREFIXES {
        if let Some(start) = starts.iter().find(|start| lower.starts_with(**start)) {
            signs.add(*kind, 1.6, start, "headline");
        }
    }
    for (kind, weight, parts) in PARTS {
        if let Some(part) = parts.iter().find(|part| lower.contains(**part)) {
            signs.add(*kind, *weight, part, "headline");
        }
    }
    question(&lower, signs);
    // A thesis rather than an event: what could, must or should be; "Looking beyond …".
    if let Some(word) = lower.split_whitespace().find(|word| MODALS.contains(word)) {
        signs.add(Kind::Opinion, 0.3, word, "headline");
    }
    let opens = lower.split_whitespace().next().unwrap_or("");
    if opens.len() > 5 && opens.ends_with("ing") {
        signs.add(Kind::Opinion, 0.3, opens, "headline");
    }
    // The weekend magazines of the subcontinent print their features' headlines in capitals.
    let letters = headline.chars().filter(|c| c.is_alphabetic()).count();
    if letters >= 12
        && headline.chars().filter(|c| c.is_lowercase()).count() == 0
        && headline.chars().any(|c| c.is_ascii_uppercase())
    {
        signs.add(Kind::Analysis, 1.0, "capitals", "headline");
    }
}

/// Headlines that ask, or promise to tell how and why.
fn question(lower: &str, signs: &mut Signs) {
    let asked = lower.trim_end().ends_with(['?', '؟']);
    let word = QUESTIONS.iter().find(|word| lower.starts_with(**word) || lower.contains(&format!(": {word}")));
    match word {
        Some(word) if asked => signs.add(Kind::Analysis, 1.0, word, "headline"),
        Some(word) if ["why ", "how ", "what "].contains(word) && lower.starts_with(*word) => {
            signs.add(Kind::Analysis, 1.0, word, "headline");
        }
        _ if asked => signs.add(Kind::Analysis, 0.6, "?", "headline"),
        _ => {}
    }
}

/// The first words of the text: newspapers set the first word of a comment in capitals where news has a dateline.
fn opening(entry: &Entry, text: &Text, signs: &mut Signs) {
    let first = text.words.get(text.headline..).unwrap_or_default();
    // "THE talks …", "PAK-Afghan talks …", and "A WAR of words …", where the first word is a single letter.
    let initial = first.first().is_some_and(|word| word.title && word.text.chars().count() == 1);
    let opener = if initial { first.get(1) } else { first.first() };
    let drop_cap = opener.is_some_and(|word| word.capitals && (initial || is_plain_word(&word.text)));
    let dateline = entry.summary.chars().take(40).any(|c| c == ':') || entry.summary.starts_with('•');
    if drop_cap && !dateline {
        let opens = entry.summary.split_whitespace().next().unwrap_or("");
        signs.add(Kind::Opinion, 0.75, opens, "summary");
    }
    // Comment wears a short headline without a verb; news of such length has a dateline or a picture's caption.
    if (1..=5).contains(&text.headline) && !dateline && !entry.summary.is_empty() {
        signs.add(Kind::Opinion, 0.3, &entry.headline, "headline");
    }
    if !dateline && unattributed(entry, text) {
        signs.add(Kind::Opinion, 0.7, "nobody is quoted and no day is named", "summary");
        spoken(text, &OWN_VOICE, signs);
    }
    spoken(text, &VOICE, signs);
    let lower = entry.summary.to_lowercase().replace('’', "'");
    if let Some(sign) = BYLINES.iter().find(|sign| lower.contains(**sign)) {
        signs.add(Kind::Opinion, 1.2, sign, "summary");
    }
}

/// News says who said what and when within its first sentences; a text of some length that does neither argues.
fn unattributed(entry: &Entry, text: &Text) -> bool {
    let body: Vec<&str> = text.words.iter().skip(text.headline).take(120).map(|word| word.text.as_str()).collect();
    entry.lang == Lang::En && body.len() >= 100 && !body.iter().any(|word| ATTRIBUTION.contains(word))
}

/// How a comment speaks: of what must and should be done, and in the first person; each sign counts by its number.
fn spoken(text: &Text, voice: &[(&'static str, f64)], signs: &mut Signs) {
    let body: Vec<&str> = text.words.iter().skip(text.headline).map(|word| word.text.as_str()).collect();
    for (sign, weight) in voice {
        let times = body.iter().filter(|word| *word == sign).count().min(4);
        if times > 0 {
            signs.add(Kind::Opinion, weight * times as f64, sign, "summary");
        }
    }
}

/// A word in capitals that is no abbreviation.
fn is_plain_word(word: &str) -> bool {
    is_common(word) || word == "pak" || (word.len() >= 5 && word.chars().any(|c| "aeiou".contains(c)))
}

fn feed(entry: &Entry, signs: &mut Signs) {
    match entry.feed_kind {
        FeedKind::Opinion => signs.add(Kind::Opinion, 1.5, "opinion feed", "feed"),
        FeedKind::Analysis => signs.add(Kind::Analysis, 1.1, "analysis feed", "feed"),
        FeedKind::Official => signs.add(Kind::Official, 1.05, "official feed", "feed"),
        FeedKind::News | FeedKind::Aggregator => {}
    }
}
