//! What is counted, in the four languages, as data: verbs and nouns beside a number, and the words that bind or spoil them.

use super::numbers::Token;
use crate::model::Lang;

/// Whom a number counts: 12 militants and 12 civilians are not the same figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    People,
    Civilians,
    Forces,
    Militants,
    Children,
    Women,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    Exact,
    AtLeast,
    AtMost,
}

/// Words of a bound, before and after the number.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct BoundWords {
    pub before: usize,
    pub after: usize,
}

type Names = &'static [(&'static str, &'static [&'static str])];

pub(super) struct Lexicon {
    /// After the number, persons between: `12 … killed`. Phrases of one or two words.
    done: Names,
    /// Before the number: `killing 12`. Phrases of up to four words.
    doing: Names,
    /// Directly after the number: `2,000 lorries`.
    counted: Names,
    classes: &'static [(Class, &'static [&'static str])],
    at_least: &'static [&'static str],
    at_most: &'static [&'static str],
    /// After the number: `12 سے زائد`.
    at_least_after: &'static [&'static str],
    /// Roundly: no number to set beside another.
    spoils_before: &'static [&'static str],
    spoils_after: &'static [&'static str],
    pub fillers: &'static [&'static str],
    /// What may follow `killed 12` when no person does.
    pub ends: &'static [&'static str],
    pub looks_back: &'static [&'static str],
    pub multipliers: &'static [(&'static str, u64)],
}

impl Lexicon {
    pub fn of(lang: Lang) -> Option<Lexicon> {
        match lang {
            Lang::En => Some(EN),
            Lang::Ur => Some(UR),
            Lang::Ps => Some(PS),
            Lang::Fa => Some(FA),
            Lang::Other => None,
        }
    }

    /// The noun that ends here, and how many words it has.
    pub fn done(&self, after: &[Token<'_>], at: usize) -> Option<(&'static str, usize)> {
        self.done.iter().find_map(|(noun, phrases)| {
            phrases.iter().find_map(|phrase| starts(&after[at..], phrase).map(|length| (*noun, length)))
        })
    }

    /// The noun of the verb that ends just before a number.
    pub fn doing(&self, before: &[Token<'_>]) -> Option<&'static str> {
        let ends = |phrase: &&str| ends(before, phrase).is_some();
        self.doing.iter().find(|(_, phrases)| phrases.iter().any(ends)).map(|(noun, _)| *noun)
    }

    pub fn counted(&self, word: &str) -> Option<&'static str> {
        self.counted.iter().find(|(_, words)| words.contains(&word)).map(|(noun, _)| *noun)
    }

    pub fn class(&self, word: &str) -> Option<Class> {
        self.classes.iter().find(|(_, words)| words.contains(&word)).map(|(class, _)| *class)
    }

    /// `None`: the number is round, a part of another, or not a count.
    pub fn bound(&self, before: &[Token<'_>], after: &[Token<'_>]) -> Option<(Bound, BoundWords)> {
        let last = before.last().map_or("", |token| token.text.as_str());
        let next = after.first().filter(|next| !next.breaks).map_or("", |token| token.text.as_str());
        if self.spoils_after.contains(&next) {
            return None;
        }
        if let Some(length) = self.at_least.iter().find_map(|phrase| ends(before, phrase)) {
            return Some((Bound::AtLeast, BoundWords { before: length, after: 0 }));
        }
        if let Some(length) = self.at_most.iter().find_map(|phrase| ends(before, phrase)) {
            return Some((Bound::AtMost, BoundWords { before: length, after: 0 }));
        }
        if let Some(length) = self.at_least_after.iter().find_map(|phrase| starts(after, phrase)) {
            return Some((Bound::AtLeast, BoundWords { before: 0, after: length }));
        }
        (!self.spoils_before.contains(&last)).then(|| (Bound::Exact, BoundWords::default()))
    }
}

fn starts(tokens: &[Token<'_>], phrase: &str) -> Option<usize> {
    let length = phrase.split(' ').count();
    let fits = tokens.len() >= length && phrase.split(' ').zip(tokens).all(|(word, token)| token.text == word);
    fits.then_some(length)
}

fn ends(tokens: &[Token<'_>], phrase: &str) -> Option<usize> {
    let length = phrase.split(' ').count();
    let from = tokens.len().checked_sub(length)?;
    starts(&tokens[from..], phrase)
}

const EN: Lexicon = Lexicon {
    done: &[
        ("killed", &["killed", "dead", "martyred", "died"]),
        ("wounded", &["wounded", "injured", "hurt"]),
        ("arrested", &["arrested", "detained"]),
        ("deported", &["deported", "expelled", "repatriated"]),
    ],
    doing: &[
        (
            "killed",
            &[
                "killed",
                "kills",
                "killing",
                "toll rises to",
                "toll rose to",
                "toll climbs to",
                "toll climbed to",
                "toll reaches",
                "toll reached",
                "toll hits",
            ],
        ),
        ("wounded", &["wounded", "wounding", "wounds", "injured", "injures", "injuring"]),
        ("arrested", &["arrested", "arrests", "arresting", "detained", "detains"]),
        ("deported", &["deported", "deports", "expelled", "expels"]),
    ],
    counted: &[
        ("returnees", &["returnees", "deportees"]),
        ("trucks", &["trucks", "lorries", "containers"]),
        ("families", &["families", "households"]),
    ],
    classes: &[
        (Class::People, &["people", "persons"]),
        (Class::Civilians, &["civilians", "villagers"]),
        (Class::Forces, &["soldiers", "troops", "policemen", "officers", "personnel", "guards"]),
        (Class::Militants, &["militants", "terrorists", "fighters", "insurgents"]),
        (Class::Children, &["children"]),
        (Class::Women, &["women"]),
    ],
    at_least: &["at least", "more than", "over", "no fewer than"],
    at_most: &["up to", "fewer than", "less than", "nearly", "almost"],
    at_least_after: &[],
    spoils_before: &[
        "about", "around", "some", "roughly", "another", "aged", "between", "every", "of", "no", "number", "than",
        "the", "these", "those", "other",
    ],
    spoils_after: &[
        "of",
        "out",
        "percent",
        "%",
        "per",
        "year",
        "years",
        "month",
        "months",
        "day",
        "days",
        "km",
        "more",
        "others",
        "other",
        "additional",
        "to",
        "or",
    ],
    fillers: &["were", "was", "are", "have", "has", "been", "reported", "confirmed"],
    ends: &["in", "at", "on", "near", "after", "and", "as", "when", "so"],
    looks_back: &[
        "since",
        "annually",
        "yearly",
        "decade",
        "decades",
        "years",
        "year",
        "previous",
        "previously",
        "earlier",
        "overall",
        "total",
        "so far",
        "months",
        "month",
        "anniversary",
        "ago",
        "last",
    ],
    multipliers: &[("thousand", 1_000), ("hundred", 100), ("million", 1_000_000), ("lakh", 100_000)],
};

const UR: Lexicon = Lexicon {
    done: &[
        ("killed", &["ہلاک", "جاں بحق", "شہید", "جان بحق", "مارے گئے"]),
        ("wounded", &["زخمی"]),
        ("arrested", &["گرفتار"]),
        ("deported", &["بے دخل", "ڈی پورٹ"]),
    ],
    doing: &[],
    counted: &[
        ("trucks", &["ٹرک", "گاڑیاں", "کنٹینر"]),
        ("families", &["خاندان", "گھرانے"]),
        ("returnees", &["واپس جانے والے"]),
    ],
    classes: &[
        (Class::People, &["افراد", "لوگ"]),
        (Class::Civilians, &["شہری"]),
        (Class::Forces, &["اہلکار", "فوجی", "جوان", "سپاہی"]),
        (Class::Militants, &["دہشت گرد", "دہشتگرد", "شدت پسند", "خوارج"]),
        (Class::Children, &["بچے"]),
        (Class::Women, &["خواتین"]),
    ],
    at_least: &["کم از کم"],
    at_most: &["تقریباً", "تقریبا", "قریباً"],
    at_least_after: &["سے زائد", "سے زیادہ"],
    spoils_before: &["مزید", "دیگر", "ان", "سال"],
    spoils_after: &["میں", "فیصد", "سال", "سالہ", "ماہ", "دن", "روز", "کلومیٹر", "بجے", "مزید", "دیگر", "سے"],
    fillers: &["ہو", "کے"],
    ends: &[],
    looks_back: &["سال", "سالوں", "ماہ", "مجموعی", "گزشتہ", "اب", "برس"],
    multipliers: &[("ہزار", 1_000), ("سو", 100), ("لاکھ", 100_000)],
};

const PS: Lexicon = Lexicon {
    done: &[
        ("killed", &["ووژل شول", "ووژل شوي", "وژل شوي", "مړه شول", "مړه شوي", "شهیدان شول", "شهیدان شوي"]),
        ("wounded", &["ټپیان شول", "ټپیان شوي", "ټپيان شول", "ټپيان شوي", "ټپیان"]),
        ("arrested", &["ونیول شول", "نیول شوي"]),
    ],
    doing: &[],
    counted: &[("families", &["کورنۍ"]), ("trucks", &["لارۍ", "موټر"])],
    classes: &[
        (Class::People, &["تنه", "تنو", "کسان", "کسه"]),
        (Class::Civilians, &["ملکیان", "ولسي"]),
        (Class::Forces, &["پوځیان", "پولیس", "سرتېري"]),
        (Class::Militants, &["وسله وال", "جنګیالي"]),
        (Class::Children, &["ماشومان"]),
        (Class::Women, &["ښځې"]),
    ],
    at_least: &["لږ تر لږه", "له"],
    at_most: &["نږدې", "شاوخوا"],
    at_least_after: &["ډېر", "زیات"],
    spoils_before: &["نور", "د", "په", "کال"],
    spoils_after: &["کلن", "کاله", "کال", "سلنه", "نور", "ورځې", "کیلومتره", "بجې"],
    fillers: &[],
    ends: &[],
    looks_back: &["کال", "کلونو", "میاشتو", "ټولټال", "تېر", "تېره"],
    multipliers: &[("زره", 1_000), ("سوه", 100)],
};

const FA: Lexicon = Lexicon {
    done: &[
        ("killed", &["کشته", "جان باختند", "جان باخته", "شهید"]),
        ("wounded", &["زخمی", "مجروح", "زخم"]),
        ("arrested", &["بازداشت", "دستگیر"]),
        ("deported", &["اخراج"]),
    ],
    doing: &[],
    counted: &[("families", &["خانواده", "خانوار"]), ("trucks", &["کامیون", "لاری", "موتر"])],
    classes: &[
        (Class::People, &["نفر", "تن"]),
        (Class::Civilians, &["غیرنظامی"]),
        (Class::Forces, &["سرباز", "پولیس", "نظامی"]),
        (Class::Militants, &["شورشی", "جنگجو"]),
        (Class::Children, &["کودک"]),
        (Class::Women, &["زن"]),
    ],
    at_least: &["دست‌کم", "دست کم", "حداقل", "بیش از"],
    at_most: &["نزدیک به", "حدود", "کمتر از"],
    at_least_after: &[],
    spoils_before: &["از", "دیگر", "سال", "ساعت"],
    spoils_after: &["ساله", "سال", "درصد", "دیگر", "روز", "ماه", "کیلومتر", "از"],
    fillers: &["را"],
    ends: &[],
    looks_back: &["سال", "سال‌های", "ماه", "مجموع", "گذشته", "تاکنون"],
    multipliers: &[("هزار", 1_000), ("صد", 100)],
};
