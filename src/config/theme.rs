//! `[templates]`: the theme file, with which an operator changes the mail's first and last lines and its colours.

use super::load::read_text;
use super::report::{At, Report};
use super::section::{Document, Section};
use super::setting::{Word, Wrong};
use crate::model::{Lang, Theme, theme};
use std::path::{Path, PathBuf};

const FILE: &str = "theme.toml";
const MAX_TEXT: usize = 300;

/// WCAG 2, 1.4.3: level AA for text of any size.
const READABLE: f64 = 4.5;

/// What stands on or under the theme's colours in the mail's style sheets.
const PAPER: &str = "#ffffff";
const PAPER_DARK: &str = "#1b1b1a";
const INK: [&str; 2] = ["#1c1c1a", "#5f5d57"];
const INK_DARK: [&str; 2] = ["#eceae4", "#a9a69d"];

pub(super) fn read(top: &Section<'_>, base: &Path, texts: &mut Vec<(PathBuf, String)>) -> Theme {
    let section = top.section("templates");
    let dir = section.get::<String>("dir");
    let report = section.report();
    let theme = dir.and_then(|dir| {
        let file = base.join(&dir.value).join(FILE);
        if !file.is_file() {
            let help = Some(format!("a folder with a {FILE}; `khyber init` writes one with every key"));
            report.error(&dir.place, &dir.key, format!("{} is not there", file.display()), help);
            return None;
        }
        let text = read_text(&file, report)?;
        let theme = written(&file, &text, report);
        texts.push((file, text));
        Some(theme)
    });
    section.finish();
    theme.unwrap_or_default()
}

fn written(file: &Path, text: &str, report: &Report) -> Theme {
    let document = Document::parse(file, text, report);
    let top = document.top(report, None);
    let (masthead, footer) = (lines(top.section("masthead")), lines(top.section("footer")));
    let section = top.section("colours");
    let colour = |key| section.get::<Colour>(key);
    let theme = colours(
        [colour("accent"), colour("accent_dark"), colour("tint"), colour("tint_dark")],
        Theme { masthead, footer, ..Theme::default() },
        report,
    );
    section.finish();
    top.finish();
    theme
}

fn lines(section: Section<'_>) -> Vec<(Lang, String)> {
    let keys = [(Lang::En, "en"), (Lang::Ur, "ur"), (Lang::Ps, "ps"), (Lang::Fa, "fa")];
    let mut lines = Vec::new();
    for (lang, key) in keys {
        let Some(at) = section.get::<String>(key) else { continue };
        if at.value.chars().count() > MAX_TEXT {
            let message = format!("`{key}` is longer than {MAX_TEXT} characters");
            section.report().error(&at.place, &at.key, message, Some("one or two sentences".to_owned()));
        }
        lines.push((lang, at.value));
    }
    section.finish();
    lines
}

/// Each colour is set where letters in it, or on it, can be read.
fn colours(set: [Option<At<Colour>>; 4], mut theme: Theme, report: &Report) -> Theme {
    let value = |at: &Option<At<Colour>>, ours: &str| at.as_ref().map_or(ours.to_owned(), |at| at.value.0.clone());
    let [accent, accent_dark, tint, tint_dark] = &set;
    let light = (value(accent, theme::ACCENT), value(tint, theme::TINT));
    let dark = (value(accent_dark, theme::ACCENT_DARK[0]), value(tint_dark, theme::TINT_DARK));
    for (letters, ground, (on, under), inks, paper) in
        [(accent, tint, &light, INK, PAPER), (accent_dark, tint_dark, &dark, INK_DARK, PAPER_DARK)]
    {
        let of_letters = [(paper, "the mail's own ground"), (under.as_str(), "the tint")];
        let faint = of_letters.into_iter().find(|(ground, _)| contrast(on, ground) < READABLE);
        if let (Some(at), Some((ground, name))) = (letters, faint) {
            too_faint(at, contrast(on, ground), name, report);
        }
        let faint = inks.into_iter().chain([on.as_str()]).find(|ink| contrast(ink, under) < READABLE);
        if let (Some(at), Some(ink)) = (ground, faint) {
            too_faint(at, contrast(ink, under), "letters", report);
        }
    }
    let [accent, accent_dark, tint, tint_dark] = set.map(|at| at.map(|at| at.value.0));
    (theme.accent, theme.accent_dark, theme.tint, theme.tint_dark) = (accent, accent_dark, tint, tint_dark);
    theme
}

fn too_faint(at: &At<Colour>, contrast: f64, against: &str, report: &Report) {
    let message = format!("{} has a contrast of {contrast:.1} against {against}; {READABLE} can be read", at.value.0);
    let help = "for light mode a darker accent or a lighter tint, for dark mode the reverse";
    report.error(&at.place, &at.key, message, Some(help.to_owned()));
}

/// `#rrggbb`, in small letters.
struct Colour(String);

impl Word for Colour {
    const WANTS: &'static str = "a colour such as \"#0d5c4b\"";

    fn parse(word: &str) -> Result<Self, Wrong> {
        let hex =
            word.trim().strip_prefix('#').filter(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match hex {
            Some(hex) => Ok(Self(format!("#{}", hex.to_ascii_lowercase()))),
            None => {
                Err(Wrong::new(format!("wants {}, not `{word}`", Self::WANTS)).help("# and six hexadecimal digits"))
            }
        }
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// WCAG 2: from 1 (the same) to 21 (black on white).
fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let value = colour.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0);
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::examine;

    /// The theme and every problem as `file:line:column key: message`.
    fn read(theme: &str) -> (Option<Theme>, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("khyber.toml");
        let text = "[templates]\ndir = 'looks'\n[[feed]]\nid = 'a'\nurl = 'https://example.org/f'\npublisher = 'A'\n\
                    [[digest]]\nid = 'd'\ntitle = 'D'\nschedule = '@daily'\n[[subscriber]]\nemail = 'r@example.org'\n";
        std::fs::write(&file, text).unwrap();
        std::fs::create_dir(dir.path().join("looks")).unwrap();
        std::fs::write(dir.path().join("looks/theme.toml"), theme).unwrap();
        let loaded = examine(&file, &|_| None);
        let problems = loaded.problems.iter().map(|problem| {
            let (line, column) = loaded.problems.position(problem).unwrap();
            let name = problem.file.file_name().unwrap().to_string_lossy().into_owned();
            format!("{name}:{line}:{column} {}: {}", problem.key, problem.message)
        });
        (loaded.config.as_ref().map(|config| config.theme.clone()), problems.collect())
    }

    #[test]
    fn every_key_of_a_theme_is_read() {
        let (theme, problems) = read(
            "[masthead]\nen = 'Desk'\nur = 'ڈیسک'\n[footer]\nfa = 'میز'\n\
             [colours]\naccent = '#7A1020'\naccent_dark = '#f0a0a8'\ntint = '#f6eef0'\ntint_dark = '#301820'\n",
        );
        assert_eq!(problems, Vec::<String>::new());
        let theme = theme.unwrap();
        assert_eq!(theme.masthead, [(Lang::En, "Desk".to_owned()), (Lang::Ur, "ڈیسک".to_owned())]);
        assert_eq!(theme.footer, [(Lang::Fa, "میز".to_owned())]);
        assert_eq!((theme.accent.as_deref(), theme.tint_dark.as_deref()), (Some("#7a1020"), Some("#301820")));
    }

    #[test]
    fn a_mistake_in_a_theme_has_its_file_line_and_key() {
        let (theme, problems) = read(
            "[masthead]\nde = 'Redaktion'\n[colours]\naccent = 'green'\naccent_dark = '#333333'\ntint = '#777777'\n[banner]\n",
        );
        assert_eq!(theme, None);
        let expected = [
            "theme.toml:2:1 masthead.de: unknown key `de` in [masthead]",
            "theme.toml:4:10 colours.accent: `accent` wants a colour such as \"#0d5c4b\", not `green`",
            "theme.toml:5:15 colours.accent_dark: #333333 has a contrast of 1.4 against the mail's own ground; 4.5 can be read",
            "theme.toml:6:8 colours.tint: #777777 has a contrast of 3.8 against letters; 4.5 can be read",
            "theme.toml:7:2 banner: unknown key `banner` at the top level",
        ];
        assert_eq!(problems, expected);
    }

    #[test]
    fn the_colours_that_come_with_the_program_can_be_read() {
        let (theme, problems) = read(crate::config::starter::THEME);
        assert_eq!((theme, problems), (Some(Theme::default()), Vec::new()));
        for (on, under) in
            [(theme::ACCENT, theme::TINT), (theme::ACCENT, PAPER), (theme::ACCENT_DARK[0], theme::TINT_DARK)]
        {
            assert!(contrast(on, under) >= READABLE, "{on} on {under}");
        }
    }
}
