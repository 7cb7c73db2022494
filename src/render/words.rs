//! The words of mails and pages, in the four languages, from one message file each; everything else in a digest speaks its own language.

use crate::model::{Kind, Lang, Side};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use std::collections::HashMap;
use std::sync::LazyLock;
use unic_langid::LanguageIdentifier;

/// The message files; a test holds them to the same messages with the same variables.
pub const FILES: [(Lang, &str); 4] = [
    (Lang::En, include_str!("../../templates/messages/en.ftl")),
    (Lang::Ur, include_str!("../../templates/messages/ur.ftl")),
    (Lang::Ps, include_str!("../../templates/messages/ps.ftl")),
    (Lang::Fa, include_str!("../../templates/messages/fa.ftl")),
];

static ALL: LazyLock<[Words; 4]> = LazyLock::new(|| FILES.map(|(lang, text)| Words::read(lang, text)));

/// One language's words.
pub struct Words {
    /// One of the four.
    pub lang: Lang,
    bundle: FluentBundle<FluentResource>,
    /// Messages without variables, formatted once.
    plain: HashMap<&'static str, String>,
}

impl Words {
    pub fn of(lang: Lang) -> &'static Words {
        let at = FILES.iter().position(|(known, _)| *known == lang).unwrap_or(0);
        &ALL[at]
    }

    fn read(lang: Lang, text: &'static str) -> Words {
        let id: LanguageIdentifier = lang.code().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Direction is the layout's matter, and the mail holds no invisible characters.
        bundle.set_use_isolating(false);
        // Damaged lines are left out; the test of the files finds them.
        let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(read, _)| read);
        bundle.add_resource_overriding(resource);
        let mut words = Words { lang, bundle, plain: HashMap::new() };
        words.plain = ids(text).filter_map(|id| Some((id, words.format(id, None)?))).collect();
        words
    }

    /// `None`: there is no such message, or it needs variables that are not given.
    fn format(&self, id: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, args, &mut errors).into_owned();
        errors.is_empty().then_some(text)
    }

    /// A message without variables.
    pub fn say(&self, id: &str) -> &str {
        let text = self.plain.get(id);
        debug_assert!(text.is_some(), "{id} is no message without variables");
        text.map_or("", String::as_str)
    }

    /// A message with its variables.
    pub fn fill(&self, id: &str, variables: &[(&'static str, &str)]) -> String {
        let mut args = FluentArgs::with_capacity(variables.len());
        variables.iter().for_each(|(name, value)| args.set(*name, *value));
        self.formatted(id, &args)
    }

    /// A counted phrase; `shown` is the number as the language writes it.
    pub fn count(&self, id: &str, n: usize, shown: &str) -> String {
        let mut args = FluentArgs::with_capacity(2);
        args.set("n", n);
        args.set("num", shown);
        self.formatted(id, &args)
    }

    fn formatted(&self, id: &str, args: &FluentArgs<'_>) -> String {
        let text = self.format(id, Some(args));
        debug_assert!(text.is_some(), "{id} is no message, or has other variables");
        text.unwrap_or_default()
    }

    pub fn side(&self, side: Side) -> &str {
        self.say(match side {
            Side::Pakistan => "side-pakistan",
            Side::AfghanistanState => "side-afghanistan-state",
            Side::AfghanistanExile => "side-afghanistan-exile",
            Side::Regional => "side-regional",
            Side::International => "side-international",
            Side::UnNgo => "side-un-ngo",
            Side::Unknown => "side-unknown",
        })
    }

    /// The mark of a kind; news goes without one.
    pub fn kind(&self, kind: Kind) -> Option<&str> {
        match kind {
            Kind::Opinion | Kind::Analysis | Kind::Official | Kind::Live => Some(self.say(kind.name())),
            Kind::News | Kind::Service | Kind::Sport => None,
        }
    }
}

/// Names of the messages of a file, in order.
fn ids(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
        .filter_map(|line| line.split_once(" = "))
        .map(|(id, _)| id)
}

/// The language's own name for itself, as a mark on a link that leads to a text in it.
pub fn own_name(lang: Lang) -> Option<&'static str> {
    match lang {
        Lang::En => Some("English"),
        Lang::Ur => Some("اردو"),
        Lang::Ps => Some("پښتو"),
        Lang::Fa => Some("دری"),
        Lang::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Each message with the variables it names.
    fn shape(text: &'static str) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
        let mut shape: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut current = "";
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(id) = ids(line).next() {
                assert!(shape.insert(id, BTreeSet::new()).is_none(), "{id} comes twice");
                current = id;
            }
            let name = |rest: &'static str| rest.split(|c: char| !c.is_ascii_alphanumeric()).next();
            shape.entry(current).or_default().extend(line.split('$').skip(1).filter_map(name));
        }
        shape
    }

    #[test]
    fn the_four_files_say_the_same_things() {
        let english = shape(FILES[0].1);
        assert!(english.len() > 50);
        for (lang, text) in FILES {
            assert_eq!(shape(text), english, "{lang:?}");
            assert!(FluentResource::try_new(text.to_owned()).is_ok(), "{lang:?} can't be read whole");
            for (id, variables) in &english {
                let mut args = FluentArgs::new();
                variables.iter().for_each(|name| args.set(*name, 2));
                let said = Words::of(lang).format(id, Some(&args)).unwrap_or_default();
                assert!(!said.is_empty(), "{lang:?} says nothing for {id}");
            }
        }
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(Words::of(Lang::En).count("publishers", 1, "1"), "1 publisher");
        assert_eq!(Words::of(Lang::En).count("publishers", 12, "12"), "12 publishers");
        assert_eq!(Words::of(Lang::Ps).count("stories", 12, "۱۲"), "۱۲ خبرونه");
        assert_eq!(Words::of(Lang::Other).say("comma"), ", ");
    }
}
