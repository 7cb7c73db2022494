//! The message files against the source: whatever is asked for is there, and nothing is there that nobody asks for.

use khyber::model::Kind;
use std::collections::BTreeSet;
use std::path::Path;

/// All that speaks to readers: sources without their tests, and templates.
fn speakers() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<_> = ["src/render", "src/web", "templates"].iter().map(|folder| root.join(folder)).collect();
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|kind| ["rs", "html", "txt", "xml"].iter().any(|known| kind == *known))
            {
                let text = std::fs::read_to_string(path).unwrap();
                texts.push(text.split("#[cfg(test)]").next().unwrap().to_owned());
            }
        }
    }
    assert!(texts.len() > 40, "{}", texts.len());
    texts
}

fn messages() -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/messages/en.ftl");
    let text = std::fs::read_to_string(file).unwrap();
    let named = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    named.filter_map(|line| Some(line.split_once(" = ")?.0.to_owned())).collect()
}

#[test]
fn every_message_that_is_asked_for_is_there() {
    let messages = messages();
    let mut asked = 0;
    for text in speakers() {
        for start in ["say(\"", "fill(\"", "count(\"", "counted(\"", "count(lang, \""] {
            for rest in text.split(start).skip(1) {
                let id = rest.split('"').next().unwrap();
                assert!(messages.contains(id), "{id}");
                asked += 1;
            }
        }
    }
    assert!(asked > 120, "{asked}");
}

#[test]
fn every_message_is_asked_for() {
    let speakers = speakers();
    let is_kind = |id: &str| Kind::SHOWN.into_iter().any(|kind| kind.name() == id);
    for id in messages() {
        let literal = format!("\"{id}\"");
        assert!(is_kind(&id) || speakers.iter().any(|text| text.contains(&literal)), "nobody says {id}");
    }
}
