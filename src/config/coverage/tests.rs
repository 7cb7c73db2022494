//! Mistakes in a coverage file, each with its key.

use super::*;

fn problems(text: &str) -> Vec<String> {
    let (coverage, problems) = read(text, Path::new("c.toml"));
    assert_eq!(coverage.is_some(), problems.is_empty());
    problems.into_iter().map(|problem| format!("{}: {}", problem.key, problem.message)).collect()
}

#[test]
fn the_default_is_sound() {
    let (coverage, problems) = read(DEFAULT, Path::new(DEFAULT_FILE));
    assert_eq!(problems, []);
    let coverage = coverage.unwrap();
    assert_eq!(coverage.topics.len(), 8);
    assert!(coverage.topics.iter().all(|topic| topic.titles.len() == 4));
}

#[test]
fn every_mistake_is_named_at_once() {
    let text = r#"
id = "x"
[[entity]]
id = "one"
kind = "place"
scope = "pk"
names = { en = ["Chaman"] }
[[entity]]
id = "two"
kind = "place"
scope = "pk"
weight = 9.0
names = { en = ["chaman"], xx = ["y"] }
[[entity]]
id = "two"
kind = "place"
scope = "none"
[[topic]]
id = "empty"
titles = { en = "Empty" }
"#;
    let found = problems(text);
    for part in [
        "entity[1].weight",
        "`chaman` is already a name of `one`",
        "`xx` is not a language",
        "`two` is already the id",
        "entity[2].scope",
        "entity `two` has no name",
        "nothing can match topic `empty`",
    ] {
        assert!(found.iter().any(|problem| problem.contains(part)), "{part}: {found:#?}");
    }
}

#[test]
fn a_syntax_error_has_its_place() {
    let (coverage, problems) = read("id = \"x\"\nentity = 3\n", Path::new("c.toml"));
    assert!(coverage.is_none());
    assert!(problems[0].span.is_some());
}

#[test]
fn names_that_no_text_or_every_text_matches_are_told() {
    let text = r#"
id = "x"
[[home]]
scope = "pk"
country = "PAK"
[[home]]
scope = "af"
country = "af"
[[home]]
scope = "af"
country = "AF"
[[entity]]
id = "one"
kind = "place"
scope = "pk"
weight = nan
names = { en = ["", "the", "…", "Kabul", "kabul"], fa = ["در"], ur = ["US", "Kabul"] }
[[context]]
id = "cricket"
effect = "sport"
[[context]]
id = "cricket"
effect = "sport"
[[context.terms]]
weight = 0
en = ["wicket*", "w*"]
[[topic]]
id = "empty"
titles = { en = "Empty" }
[[topic.terms]]
weight = 1
en = ["the"]
[[topic]]
id = "Trade and more"
titles = { de = "Handel" }
[[topic.terms]]
weight = 1
en = ["trade"]
[[topic.terms]]
weight = 2
ur = ["Trade"]
"#;
    let found = problems(text);
    for part in [
        "home[0].country: `PAK` is not a country",
        "home[2].country: `AF` already has a home",
        "entity[0].weight: a weight of NaN is out of range",
        "entity[0].names.en: an empty name",
        "entity[0].names.en: `the` is a stop word",
        "entity[0].names.en: `…` has no letter",
        "entity[0].names.en: `kabul` stands twice",
        "entity[0].names.fa: `در` is a stop word",
        "context[0].terms: context `cricket` has no terms",
        "context[1].id: `cricket` is already the id",
        "context[1].terms[0].weight: a weight of 0 is out of range",
        "context[1].terms[0].en: `w*` begins half of all words",
        "topic[0].terms[0].en: `the` is a stop word",
        "topic[0].terms: nothing can match topic `empty`",
        "topic[1].id",
        "topic[1].titles: `de` is not a language",
        "topic[1].terms[1].ur: `Trade` already weighs 1 here",
    ] {
        assert!(found.iter().any(|problem| problem.starts_with(part)), "{part}: {found:#?}");
    }
    assert_eq!(found.len(), 17, "{found:#?}");
}

#[test]
fn a_language_that_terms_cannot_have_has_its_line() {
    let text =
        "id = \"x\"\n[[context]]\nid = \"c\"\neffect = \"sport\"\n[[context.terms]]\nweight = 1\nde = [\"Ball\"]\n";
    let (coverage, problems) = read(text, Path::new("c.toml"));
    assert!(coverage.is_none());
    assert!(problems[0].message.contains("unknown field `de`"), "{problems:?}");
    assert_eq!(&text[problems[0].span.clone().unwrap()], "de");
}

/// What must hold of the coverage that Khyber brings along, whatever is added to it.
#[test]
fn the_default_knows_what_a_desk_knows_in_four_scripts() {
    use crate::model::matcher::Matcher;
    use crate::model::words::words;
    let coverage = read(DEFAULT, Path::new(DEFAULT_FILE)).0.unwrap();
    let mut matcher = Matcher::default();
    for (at, entity) in coverage.entities.iter().enumerate() {
        entity.aliases.iter().for_each(|alias| matcher.add(alias, at));
    }
    let known = |text: &str| -> Vec<&str> {
        matcher.find(&words(text)).into_iter().map(|found| coverage.entities[found.target].id.as_str()).collect()
    };
    for (id, spellings) in [
        ("torkham", ["Torkham", "طورخم", "تورخم", "د تورخم"]),
        ("chaman", ["Spin Boldak", "سپین بولدک", "سپین بولدک ته", "اسپین‌بولدک"]),
        ("durand", ["Durand Line", "ڈیورنڈ لائن", "د ډیورنډ کرښه", "خط دیورند"]),
        ("af-places", ["Nangarhar", "ننگرہار", "ننګرهار کې", "ننگرهار"]),
        ("tribal-districts", ["North Waziristan", "شمالی وزیرستان", "شمالي وزیرستان", "وزیرستان شمالی"]),
        ("ttp", ["Tehreek-e-Taliban Pakistan", "کالعدم ٹی ٹی پی", "پاکستاني طالبان", "تحریک طالبان پاکستان"]),
        ("taliban", ["Talibans", "طالبان", "طالبانو", "طالبان"]),
        ("af-leaders", ["Amir Khan Muttaqi", "امیر خان متقی", "امير خان متقي", "امیرخان متقی"]),
    ] {
        for spelling in spellings {
            assert_eq!(known(spelling), [id], "{spelling}");
        }
    }
    assert_eq!(known("a SWAT raid in a hub, said the bar"), [""; 0]);
}

#[test]
fn a_shared_name_needs_countries_that_share_it() {
    let entity = "id = \"x\"\n[[entity]]\nid = \"one\"\nkind = \"office\"\nscope = \"pk\"\nshared = true\nnames = { en = [\"Senate\"] }\n";
    assert_eq!(problems(entity), ["entity[0].shared: nothing says which countries share the name"]);
    let owner = "[[context]]\nid = \"abroad\"\neffect = \"owner\"\n[[context.terms]]\nweight = 1\nen = [\"France\"]\n";
    assert_eq!(problems(&format!("{entity}{owner}")), Vec::<String>::new());
    let wrong = entity.replace("shared = true", "shared = \"yes\"");
    let (coverage, found) = read(&wrong, Path::new("c.toml"));
    assert!(coverage.is_none());
    assert!(found[0].span.clone().is_some_and(|span| wrong[span].contains("yes")), "{found:?}");
}
