//! Kind: what form of text an entry is, from its address, headline form, categories, byline; never from its viewpoint.

use super::{ContextHit, Text};
use crate::model::coverage::Effect;
use crate::model::words::is_common;
use crate::model::{Entry, Evidence, FeedKind, Kind};

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
            Effect::Namesake | Effect::Elsewhere => continue,
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
        let total = |kind: Kind| self.weights.iter().filter(|(k, _)| *k == kind).map(|(_, w)| w).sum::<f64>();
        let mut best = (Kind::News, FORM - 1e-9);
        for kind in KINDS {
            let weight = total(kind);
            if weight > best.1 {
                best = (kind, weight);
            }
        }
        // Live is a manner of telling: a live report of a match is sport.
        if best.0 == Kind::Live && total(Kind::Sport) >= FORM { Kind::Sport } else { best.0 }
    }
}

/// Sections that a publisher names in the address.
const SECTIONS: [(&str, Kind); 41] = [
    ("lifeandstyle", Kind::Analysis),
    ("tv-and-radio", Kind::Analysis),
    ("culture", Kind::Analysis),
    ("global-development", Kind::Analysis),
    ("audio", Kind::Analysis),
    ("magazine", Kind::Analysis),
    ("opinion", Kind::Opinion),
    ("opinions", Kind::Opinion),
    ("op-ed", Kind::Opinion),
    ("oped", Kind::Opinion),
    ("editorial", Kind::Opinion),
    ("editorials", Kind::Opinion),
    ("commentisfree", Kind::Opinion),
    ("comment", Kind::Opinion),
    ("columns", Kind::Opinion),
    ("columnists", Kind::Opinion),
    ("blogs", Kind::Opinion),
    ("letters", Kind::Opinion),
    ("review", Kind::Opinion),
    ("reviews", Kind::Opinion),
    ("film", Kind::Opinion),
    ("stage", Kind::Opinion),
    ("analysis", Kind::Analysis),
    ("explainer", Kind::Analysis),
    ("explainers", Kind::Analysis),
    ("explained", Kind::Analysis),
    ("features", Kind::Analysis),
    ("longform", Kind::Analysis),
    ("program", Kind::Analysis),
    ("long-read", Kind::Analysis),
    ("fact-check", Kind::Analysis),
    ("sport", Kind::Sport),
    ("sports", Kind::Sport),
    ("cricket", Kind::Sport),
    ("football", Kind::Sport),
    ("live", Kind::Live),
    ("liveblog", Kind::Live),
    ("gallery", Kind::Analysis),
    ("quiz", Kind::Service),
    ("weather", Kind::Service),
    ("horoscope", Kind::Service),
];

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
            signs.add(*kind, 1.1, start, "headline");
        }
    }
    for (kind, weight, parts) in PARTS {
        if let Some(part) = parts.iter().find(|part| lower.contains(**part)) {
            signs.add(*kind, *weight, part, "headline");
        }
    }
    let story = lower.trim_start_matches(['‘', '\'', '“', '"']);
    if ["how ", "a year since ", "the long ", "the harsh ", "the secrets ", "return of ", "every ", "on this day in "]
        .iter()
        .any(|start| story.starts_with(start))
    {
        signs.add(Kind::Analysis, 0.4, "a feature's headline", "headline");
    }
    let question = ["why ", "how ", "what ", "who ", "can ", "is ", "does ", "will ", "when "];
    let asks = question.iter().find(|word| lower.starts_with(**word) || lower.contains(&format!(": {word}")));
    if let (Some(word), true) = (asks, lower.trim_end().ends_with('?')) {
        signs.add(Kind::Analysis, 1.0, word, "headline");
    } else if let Some(word) = ["why ", "how ", "what "].iter().find(|word| lower.starts_with(**word)) {
        signs.add(Kind::Analysis, 0.9, word, "headline");
    } else if lower.trim_end().ends_with('?') {
        signs.add(Kind::Analysis, 0.6, "?", "headline");
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

const PREFIXES: &[(Kind, &[&str])] = &[
    (
        Kind::Opinion,
        &[
            "opinion:",
            "opinion |",
            "editorial:",
            "op-ed:",
            "comment:",
            "column:",
            "view:",
            "letter:",
            "letters:",
            "the guardian view",
            "smokers' corner",
            "اداریہ",
            "کالم",
            "سرمقاله",
            "دیدگاه",
            "یادداشت",
        ],
    ),
    (
        Kind::Analysis,
        &[
            "analysis:",
            "analysis |",
            "explainer:",
            "explained:",
            "situationer",
            "timeline:",
            "factbox:",
            "fact check",
            "fact-check",
            "factcheck",
            "in pictures",
            "profile:",
            "background:",
            "interview:",
            "a timeline of",
            "inside story",
            "تجزیہ",
            "تحلیل",
            "شننه",
            "شنونه",
        ],
    ),
    (Kind::Live, &["live:", "live updates", "live blog", "as it happened"]),
];

const PARTS: &[(Kind, f64, &[&str])] = &[
    (Kind::Opinion, 1.1, &[" | opinion", " review –", " review -", "| letters", "the week in "]),
    (Kind::Opinion, 0.6, &["we must ", "let's ", "i have a question", "can't afford to"]),
    (
        Kind::Analysis,
        1.0,
        &[
            "what you need to know",
            "what we know",
            "takeaways",
            "things to know",
            "things we learn",
            "everything you need",
            "here's how",
            "here's why",
            "here are all",
            "does that look like",
            "explained",
            "what is behind",
            "what's behind",
            "in charts",
            "in numbers",
            "at a glance",
            "a history of",
            "legal experts",
            "why it's",
            "in pictures",
            "lessons from",
            "the rise of",
            "inside the",
            "the making",
        ],
    ),
    (Kind::Live, 1.1, &["– live", "- live", "live updates"]),
    (
        Kind::Service,
        1.1,
        &[
            "best photos",
            "in pictures:",
            "quiz",
            "briefing:",
            "gold rate",
            "gold price today",
            "prayer time",
            "currency rates",
            "weather update",
            "horoscope",
            "wordle",
        ],
    ),
];

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
    for (weight, part) in voice(text) {
        signs.add(Kind::Opinion, weight, part, "summary");
    }
    let lower = entry.summary.to_lowercase().replace('’', "'");
    if let Some(sign) =
        ["the writer is ", "the author is ", "the writers are ", "this article was originally published"]
            .iter()
            .find(|sign| lower.contains(**sign))
    {
        signs.add(Kind::Opinion, 1.2, sign, "summary");
    }
}

/// How a comment speaks: of what must and should be done, and in the first person; each sign counts by its number.
fn voice(text: &Text) -> impl Iterator<Item = (f64, &'static str)> {
    const SIGNS: [(&str, f64); 8] = [
        ("must", 0.12),
        ("should", 0.1),
        ("indeed", 0.15),
        ("perhaps", 0.15),
        ("ought", 0.2),
        ("hollow", 0.2),
        ("sadly", 0.25),
        ("ironically", 0.25),
    ];
    let body: Vec<&str> = text.words.iter().skip(text.headline).map(|word| word.text.as_str()).collect();
    SIGNS.into_iter().filter_map(move |(sign, weight)| {
        let times = body.iter().filter(|word| **word == sign).count().min(4);
        (times > 0).then_some((weight * times as f64, sign))
    })
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
