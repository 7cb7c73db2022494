//! The language of an entry: the operator's word, then the letters, then what the feed says of itself.

use crate::model::Lang;

/// Letters that only Pashto writes.
fn is_pashto(c: char) -> bool {
    matches!(c, 'ټ' | 'ډ' | 'ړ' | 'ښ' | 'ځ' | 'څ' | 'ې' | 'ۍ' | 'ږ' | 'ګ' | 'ڼ')
}

/// Letters that only Urdu writes.
fn is_urdu(c: char) -> bool {
    matches!(c, 'ٹ' | 'ڈ' | 'ڑ' | 'ے' | 'ں' | 'ہ' | 'ھ')
}

/// Small words that tell the language where no letter does; each stands in one list only.
const SMALL_WORDS: [(Lang, &[&str]); 4] = [
    (Lang::Fa, &["است", "این", "که", "می", "را", "برای", "های", "شد", "از", "در", "به", "با", "است.", "شده"]),
    (Lang::Ps, &["د", "په", "ته", "له", "سره", "او", "چي", "کي", "دي", "يو", "وويل", "وایي"]),
    (Lang::Ur, &["کا", "کی", "کو", "اور", "نے", "سے", "پر", "میں", "ہے"]),
    // Arabic is none of the four, and must not pass for Dari.
    (Lang::Other, &["في", "من", "على", "إلى", "أن", "هذا", "التي", "الذي", "عن", "مع"]),
];

pub(super) fn of(operator: Option<Lang>, text: &str, declared: Option<&str>) -> Lang {
    if let Some(lang) = operator {
        return lang;
    }
    let declared = declared.filter(|tag| !tag.trim().is_empty()).map(Lang::from_tag);
    match by_letters(text) {
        Script::Of(lang) => lang,
        // Arabic script without a telling letter: the feed's word, unless it says English of its site.
        Script::Arabic => match declared {
            Some(lang) if lang.is_rtl() => lang,
            Some(Lang::Other) => Lang::Other,
            _ => Lang::Fa,
        },
        Script::Latin => declared.filter(|lang| !lang.is_rtl()).unwrap_or(Lang::En),
        Script::Other => declared.filter(|lang| !matches!(lang, Lang::En)).unwrap_or(Lang::Other),
    }
}

enum Script {
    Of(Lang),
    Arabic,
    Latin,
    Other,
}

/// Letters that decide; there is no need to read on.
const LOOKED_AT: usize = 1_500;

fn by_letters(text: &str) -> Script {
    if text.as_bytes()[..text.len().min(LOOKED_AT)].is_ascii() {
        return Script::Latin;
    }
    let (mut arabic, mut latin, mut other, mut pashto, mut urdu) = (0_usize, 0_usize, 0_usize, 0_usize, 0_usize);
    for c in text.chars().take(LOOKED_AT) {
        match c {
            '\u{600}'..='\u{6FF}' | '\u{750}'..='\u{77F}' => {
                arabic += 1;
                pashto += usize::from(is_pashto(c));
                urdu += usize::from(is_urdu(c));
            }
            'a'..='z' | 'A'..='Z' | '\u{C0}'..='\u{24F}' => latin += 1,
            // Greek to Georgian, Indic scripts, kana, Han, Hangul: the ranges, since asking for each letter is slow.
            '\u{370}'..='\u{1FFF}' | '\u{3040}'..='\u{D7FF}' => other += 1,
            _ => {}
        }
    }
    if arabic + latin + other == 0 {
        return Script::Latin;
    }
    if arabic * 2 < latin.max(other) {
        return if latin >= other { Script::Latin } else { Script::Other };
    }
    // A name spelt the other way (ډ in an Urdu text) must not decide: the more frequent letters do.
    match pashto.cmp(&urdu) {
        std::cmp::Ordering::Greater => Script::Of(Lang::Ps),
        std::cmp::Ordering::Less => Script::Of(Lang::Ur),
        std::cmp::Ordering::Equal => by_small_words(text).map_or(Script::Arabic, Script::Of),
    }
}

/// The language most of whose small words stand in the text; `None` where two have as many.
fn by_small_words(text: &str) -> Option<Lang> {
    let mut counts = [0_usize; SMALL_WORDS.len()];
    for word in text.split_whitespace().take(300) {
        for (count, (_, words)) in counts.iter_mut().zip(SMALL_WORDS) {
            *count += usize::from(words.contains(&word));
        }
    }
    let most = *counts.iter().max().filter(|most| **most > 0)?;
    let mut best = counts.iter().zip(SMALL_WORDS).filter(|(count, _)| **count == most);
    let (_, (lang, _)) = best.next()?;
    best.next().is_none().then_some(lang)
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::model::Lang;

    #[test]
    fn letters_decide() {
        assert_eq!(of(None, "د طالبانو له خوا د تورخم لار خلاصه شوه، پوځ وايي چې ښه", Some("en")), Lang::Ps);
        assert_eq!(of(None, "طورخم سرحد آج دوبارہ کھول دیا گیا ہے", Some("en-US")), Lang::Ur);
        assert_eq!(of(None, "گذرگاه تورخم پس از سه روز باز شده است", None), Lang::Fa);
        assert_eq!(of(None, "Torkham crossing reopens", None), Lang::En);
    }

    #[test]
    fn small_words_decide_where_letters_do_not() {
        assert_eq!(of(None, "د زهرو کاروان", Some("fa")), Lang::Ps);
        assert_eq!(of(None, "کابل کا امن اور خطرات", None), Lang::Ur);
        assert_eq!(of(None, "کابل در انتظار", None), Lang::Fa);
        assert_eq!(of(None, "وصل الوفد إلى كابل في زيارة", None), Lang::Other);
        // Urdu quoting a Pashto name stays Urdu; Pashto under a feed that says Urdu is Pashto.
        assert_eq!(of(None, "ګلبدین حکمت یار کے بیٹے نے کابل میں کہا ہے", Some("ps")), Lang::Ur);
        assert_eq!(of(None, "په تورخم کې د ګمرک دفتر بیرته پرانیستل شو", Some("ur")), Lang::Ps);
    }

    #[test]
    fn the_feed_speaks_where_letters_do_not() {
        assert_eq!(of(None, "کابل", Some("ps-AF")), Lang::Ps);
        assert_eq!(of(None, "Réouverture du passage", Some("fr")), Lang::Other);
        assert_eq!(of(None, "", Some("en")), Lang::En);
    }

    #[test]
    fn the_operator_beats_both() {
        assert_eq!(of(Some(Lang::Fa), "Torkham", Some("en")), Lang::Fa);
    }
}
