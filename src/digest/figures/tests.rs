//! Numbers that are counted, and the traps around them.

use super::*;

fn read(text: &str, lang: Lang) -> Vec<(&'static str, u64, String)> {
    counts(text, "", lang).into_iter().map(|count| (count.noun, count.value, count.words)).collect()
}

fn one(text: &str, lang: Lang) -> (&'static str, u64, String) {
    let found = read(text, lang);
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    found.into_iter().next().unwrap()
}

#[test]
fn phrases_of_four_languages_are_read_with_their_words() {
    for (lang, text, noun, value, words) in [
        (Lang::En, "At least 12 people were killed near Torkham", "killed", 12, "At least 12 people were killed"),
        (Lang::En, "Blast kills 14 in Bannu", "killed", 14, "kills 14"),
        (Lang::En, "A raid killing nine militants ended at noon", "killed", 9, "nine militants"),
        (Lang::En, "Quake toll rises to 41 as crews arrive", "killed", 41, "to 41"),
        (Lang::En, "Twenty-five soldiers wounded in shelling", "wounded", 25, "Twenty-five soldiers wounded"),
        (Lang::En, "More than 2,000 lorries wait at the gate", "trucks", 2_000, "More than 2,000 lorries"),
        (Lang::En, "Some days: 9 thousand returnees in one day", "returnees", 9_000, "9 thousand returnees"),
        (Lang::Ur, "دھماکے میں 12 افراد جاں بحق", "killed", 12, "12 افراد جاں بحق"),
        (Lang::Ur, "حملے میں ۷ اہلکار زخمی", "wounded", 7, "۷ اہلکار زخمی"),
        (Lang::Ps, "په برید کې ۱۴ تنه ووژل شول", "killed", 14, "۱۴ تنه ووژل شول"),
        (Lang::Fa, "در این حمله دست‌کم ۱۵ تن کشته شدند", "killed", 15, "دست‌کم ۱۵ تن کشته"),
    ] {
        let found = one(text, lang);
        assert_eq!((found.0, found.1), (noun, value), "{text}: {found:?}");
        assert!(found.2.contains(words) || words.contains(&found.2), "{text}: {:?}", found.2);
        assert!(text.contains(&found.2));
    }
}

#[test]
fn traps_count_nothing() {
    for text in [
        "Dozens killed in shelling",
        "2 of 5 wounded men died later",
        "Two of the wounded were flown out",
        "A 12-year-old was killed",
        "Killed in 2021, remembered today",
        "21 December killed hopes of a truce",
        "About 40 people were killed",
        "Between 10 and 15 people were killed",
        "10-15 people killed",
        "12 more wounded",
        "3,400 killed since 2021",
        "Attacks killed 900 last year",
        "Prices killed 12 percent of trade",
        "The clash wounded 12 days of talks",
        "Court detains 5 years after the raid",
        "At 06:00 people were killed",
        "Flight 12, people were wounded",
        "$12 people killed",
        "one killed",
    ] {
        assert_eq!(read(text, Lang::En), [], "{text}");
    }
    assert_eq!(read("12 سالہ بچے زخمی", Lang::Ur), []);
    assert_eq!(read("در سال ۲۰۲۱ ۱۲ تن کشته شدند", Lang::Fa), []);
    assert_eq!(read("12 killed", Lang::Other), []);
}

#[test]
fn a_text_that_counts_one_thing_twice_counts_nothing() {
    assert_eq!(read("12 people killed, then 14 people killed", Lang::En), []);
    let both = read("12 people killed and 20 wounded", Lang::En);
    assert_eq!(both.iter().map(|count| (count.0, count.1)).collect::<Vec<_>>(), [("killed", 12), ("wounded", 20)]);
    let apart = read("12 soldiers killed, 14 militants killed", Lang::En);
    assert_eq!(apart.len(), 2, "{apart:?}");
}
