//! The language of an entry: the operator's word, then the letters, then what the feed says of itself.

use crate::model::Lang;

/// Letters that only Pashto writes.
const PASHTO: &str = "ټډړښځڅېۍږګڼ";
/// Letters that only Urdu writes.
const URDU: &str = "ٹڈڑےںہھ";
/// Letters and forms that tell Persian and Dari where neither of those stands.
const PERSIAN_WORDS: [&str; 8] = ["است", "این", "که", "می", "را", "برای", "های", "شد"];

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

fn by_letters(text: &str) -> Script {
    let (mut arabic, mut latin, mut other, mut pashto, mut urdu) = (0_usize, 0_usize, 0_usize, 0_usize, 0_usize);
    for c in text.chars().take(1_500) {
        match c {
            '\u{600}'..='\u{6FF}' | '\u{750}'..='\u{77F}' => {
                arabic += 1;
                pashto += usize::from(PASHTO.contains(c));
                urdu += usize::from(URDU.contains(c));
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
        std::cmp::Ordering::Equal if text.split_whitespace().any(|word| PERSIAN_WORDS.contains(&word)) => {
            Script::Of(Lang::Fa)
        }
        std::cmp::Ordering::Equal => Script::Arabic,
    }
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
