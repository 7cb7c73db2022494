//! The configuration that comes with the program: what `khyber init` writes, and the built-in coverage.

use super::coverage;

pub const KHYBER: &str = include_str!("../../config/khyber.toml");
pub const FEEDS: &str = include_str!("../../config/feeds.toml");
pub const THEME: &str = include_str!("../../config/theme/theme.toml");
pub const SUBSCRIBERS: &str = include_str!("../../config/subscribers.toml");

/// Every file of the starter configuration, with its path under the chosen folder.
pub const FILES: [(&str, &str); 5] = [
    ("khyber.toml", KHYBER),
    ("feeds.toml", FEEDS),
    ("subscribers.toml", SUBSCRIBERS),
    ("theme/theme.toml", THEME),
    ("coverage/pakistan-afghanistan.toml", coverage::DEFAULT),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::examine;
    use crate::model::Side;
    use std::collections::BTreeMap;

    /// `section.key` → (commented, value) of every line that sets or shows a key.
    fn shown() -> BTreeMap<String, (bool, &'static str)> {
        let mut shown = BTreeMap::new();
        let mut section = "";
        for line in KHYBER.lines() {
            let (commented, line) = line.strip_prefix("# ").map_or((false, line), |rest| (true, rest));
            if line.starts_with('[') {
                section = line.trim_matches(['[', ']']);
            } else if let Some((key, value)) = line.split_once(" = ")
                && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
            {
                let twice = shown.insert(format!("{section}.{key}"), (commented, value));
                assert_eq!(twice, None, "{section}.{key} comes twice");
            }
        }
        shown
    }

    #[test]
    fn the_shipped_file_shows_every_key_and_its_default() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("khyber.toml");
        let key = include_str!("../../tests/it/fixtures/dkim/ed25519.pem");
        std::fs::write(dir.path().join("dkim.pem"), key).unwrap();
        let text = "[[dkim]]\nselector = 's'\nkey_file = 'dkim.pem'\n[[feed]]\nid = 'a'\nurl = 'https://example.org/f'\npublisher = 'A'\n[smtp]\nhost = 'mail.example.org'\n\
            [mail]\nfrom = 'a@example.org'\n[[digest]]\nid = 'd'\ntitle = 'D'\nschedule = '@daily'\n[[subscriber]]\nemail = 'r@example.org'\n";
        std::fs::write(&file, text).unwrap();
        let loaded = examine(&file, &|_| None);
        assert!(loaded.config.is_some(), "{}", loaded.problems);
        let mut shown = shown();
        for asked in &loaded.asked {
            let name = format!("{}.{}", asked.section, asked.key);
            let (commented, value) = shown.remove(&name).unwrap_or_else(|| panic!("khyber.toml does not show {name}"));
            if let (true, Some(default)) = (commented, &asked.default) {
                assert_eq!(value.split(" #").next(), Some(default.as_str()), "the default of {name}");
            }
        }
        assert_eq!(shown.keys().collect::<Vec<_>>(), Vec::<&String>::new(), "khyber.toml shows keys that do not exist");
        assert!(loaded.asked.len() > 60, "{}", loaded.asked.len());
    }

    #[test]
    fn the_starter_is_a_valid_configuration() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in FILES {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let loaded = examine(&dir.path().join("khyber.toml"), &|_| None);
        let config = loaded.config.unwrap_or_else(|| panic!("{}", loaded.problems));
        let messages: Vec<&str> = loaded.problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(messages, ["there is no [[subscriber]]: nobody will get mail"]);
        assert!(config.coverage.topics.len() >= 8);
        assert!((55..=70).contains(&config.feeds.len()));
        // No side of the story is carried by one feed only; a second regional one was not seen to work.
        for side in Side::ALL.into_iter().filter(|side| *side != Side::Unknown) {
            let of_side = config.feeds.iter().filter(|feed| feed.side == side).count();
            assert!(of_side >= if side == Side::Regional { 1 } else { 2 }, "{}: {of_side}", side.name());
        }
    }
}
