//! The plain-text mail: readable by itself, wrapped at 72 columns, right-to-left lines marked as such.

use super::board::BoardLine;
use super::clean;
use super::page::{Page, SectionBlock};
use super::story::{FigureBlock, Source, StoryBlock, is_rtl};
use super::words::Words;
use askama::Template;
use std::cell::RefCell;
use std::collections::HashMap;

/// RFC 3676 §4.2 advises 78 at most; 72 leaves room for quoting.
pub(super) const WIDTH: usize = 72;

/// Tells a mail program that guesses by the first letter that the line runs from the right.
const RIGHT_TO_LEFT_MARK: char = '\u{200F}';

#[derive(Template)]
#[template(path = "digest/body.txt")]
struct TextView {
    title: String,
    date: String,
    counts: String,
    empty: Option<&'static str>,
    changed: Option<String>,
    board: Option<String>,
    sections: Vec<PlainSection>,
    notes_heading: &'static str,
    notes: Vec<String>,
    foot: Vec<String>,
}

struct PlainSection {
    title: String,
    stories: Vec<String>,
    opinion_heading: String,
    opinions: Vec<String>,
    more: Option<String>,
}

pub fn render(page: &Page) -> Result<String, askama::Error> {
    let setter = Setter { rtl: page.dir == "rtl", words: page.words, notes: RefCell::default() };
    let foot = &page.foot;
    let lines = [foot.failing.as_deref(), foot.silent.as_deref(), Some(foot.tally.as_str())].into_iter().flatten();
    let mut last: Vec<String> = foot.theme.iter().map(|line| setter.wrapped(&line.text, "")).collect();
    last.extend(lines.map(|line| setter.wrapped(line, "")));
    last.extend(
        [setter.wrapped(&foot.times, ""), setter.wrapped(&foot.why, "")].into_iter().filter(|line| !line.is_empty()),
    );
    last.extend(foot.ways.iter().map(|way| format!("{}:\n{}", way.label, way.link)));
    if foot.leave_by_answer {
        last.push(setter.wrapped(page.words.say("leave-by-answer"), ""));
    }
    let date = [Some(page.date.as_str()), page.number.as_deref()];
    let date: Vec<&str> = date.into_iter().flatten().collect();
    let (changed, board) = (setter.changed(page), setter.board(page));
    let sections = page.sections.iter().map(|section| setter.section(section, page)).collect();
    let mut notes: Vec<(String, usize)> = setter.notes.take().into_iter().collect();
    notes.sort_unstable_by_key(|(_, number)| *number);
    let view = TextView {
        title: setter.wrapped(&page.title.text, ""),
        date: setter.wrapped(&date.join(" · "), ""),
        counts: [Some(page.counts.as_str()), page.masthead.as_ref().map(|line| line.text.as_str())]
            .into_iter()
            .flatten()
            .map(|line| setter.wrapped(line, ""))
            .collect::<Vec<_>>()
            .join("\n"),
        empty: page.is_empty().then(|| page.words.say("nothing-new-long")),
        changed,
        board,
        sections,
        notes_heading: page.words.say("links"),
        notes: notes.into_iter().map(|(link, number)| format!("[{number}] {link}")).collect(),
        foot: last,
    };
    view.render()
}

struct Setter {
    rtl: bool,
    words: &'static Words,
    /// Each link and the number of its note.
    notes: RefCell<HashMap<String, usize>>,
}

impl Setter {
    /// ` [7]`, where the seventh note leads; one link is one note.
    fn note(&self, link: Option<&String>) -> String {
        let Some(link) = link else { return String::new() };
        let mut notes = self.notes.borrow_mut();
        let next = notes.len() + 1;
        let number = notes.get(link).copied().unwrap_or(next);
        if number == next {
            notes.insert(link.clone(), next);
        }
        format!(" [{number}]")
    }

    fn changed(&self, page: &Page) -> Option<String> {
        let mut lines = Vec::new();
        for change in &page.changes {
            lines.push(self.wrapped(&change.label, ""));
            lines.extend(change.lines.iter().map(|line| self.item(&line.headline.text, "- ")));
        }
        if let Some(quiet) = &page.quiet {
            let names: Vec<String> = quiet
                .lines
                .iter()
                .map(|line| format!("{}{}", line.headline.text, self.note(line.link.as_ref())))
                .collect();
            lines.push(self.wrapped(&format!("{} {}", quiet.label, names.join(" · ")), ""));
        }
        (!lines.is_empty()).then(|| format!("{}\n{}", page.changed_heading, lines.join("\n")))
    }

    fn board(&self, page: &Page) -> Option<String> {
        let line = |line: &BoardLine| {
            let old = line.old.map_or_else(String::new, |old| format!(" · {old}"));
            let source = format!("{}{}", line.publisher.text, self.note(line.link.as_ref()));
            let comma = self.words.say("comma");
            self.item(&format!("{}: {} — {source}{comma}{}{old}", line.name.text, line.status, line.time), "- ")
        };
        let lines: Vec<String> = page.board.iter().map(line).collect();
        (!lines.is_empty()).then(|| format!("{}\n{}", ruled(page.words.say("board"), "="), lines.join("\n")))
    }

    fn section(&self, section: &SectionBlock, page: &Page) -> PlainSection {
        PlainSection {
            title: ruled(&section.title.text, "="),
            stories: section.stories.iter().map(|story| self.story(story)).collect(),
            opinion_heading: ruled(page.words.say("opinion-heading"), "-"),
            opinions: section.opinions.iter().map(|story| self.story(story)).collect(),
            more: section
                .more
                .as_ref()
                .map(|more| self.wrapped(&format!("[{more}]{}", self.note(section.rest.as_ref())), "")),
        }
    }

    fn story(&self, story: &StoryBlock) -> String {
        let mut lines = vec![wrap(&story.headline.text, "")];
        let badges = story.badges.iter().map(|badge| badge.text.as_str());
        let marks: Vec<&str> = badges.chain([story.meta.as_str()]).filter(|part| !part.is_empty()).collect();
        lines.push(self.wrapped(&format!("[{}]", marks.join(" · ")), ""));
        lines.extend(story.lead.as_ref().map(|lead| wrap(&lead.text, "")));
        for source in story.sources.iter().take(1).chain(&story.contrasts).chain(story.sources.iter().skip(1)) {
            let shows_headline = story.contrasts.iter().any(|contrast| std::ptr::eq(contrast, source));
            lines.push(self.source(source, shows_headline.then_some(source.headline.text.as_str())));
        }
        lines.extend(story.more.as_ref().map(|more| self.wrapped(&format!("+ {more}"), "  ")));
        lines.extend(story.who.as_ref().map(|who| self.wrapped(who, "")));
        lines.extend(story.figures.iter().map(|figure| self.figure(figure)));
        lines.extend(
            story
                .rewrites
                .iter()
                .map(|rewrite| self.wrapped(&format!("{} “{}”", rewrite.intro, rewrite.before.text), "")),
        );
        lines.join("\n")
    }

    fn figure(&self, figure: &FigureBlock) -> String {
        let comma = self.words.say("comma");
        let said: Vec<String> = (figure.said.iter())
            .map(|said| format!("“{}” {}{comma}{}", said.words.text, said.publisher.text, said.time))
            .collect();
        self.wrapped(&format!("{}: {}", self.words.say("figures"), said.join(" · ")), "")
    }

    fn source(&self, source: &Source, headline: Option<&str>) -> String {
        let mut line = source.publisher.text.clone();
        let mark = source.lang_mark.as_ref().map(|mark| mark.text.as_str());
        let about: Vec<&str> = source.side.into_iter().chain(mark).collect();
        if !about.is_empty() {
            line.push_str(&format!(" ({})", about.join(self.words.say("semicolon"))));
        }
        for part in source.badges.iter().map(|badge| badge.text.as_str()).chain(source.credit.as_deref()) {
            line.push_str(&format!(" · {part}"));
        }
        line.push_str(&format!(" · {}{}", source.time, self.note(source.link.as_ref())));
        for further in &source.further {
            line.push_str(&self.note(Some(&further.link)));
        }
        let mut lines = vec![self.item(&line, "- ")];
        lines.extend(headline.map(|headline| wrap(headline, "  ")));
        lines.extend(source.copies.as_ref().map(|copies| self.wrapped(copies, "  ")));
        lines.join("\n")
    }

    /// A list item whose further lines stand under its first word.
    fn item(&self, text: &str, bullet: &str) -> String {
        let block = self.wrapped(text, "  ");
        match block.strip_prefix(RIGHT_TO_LEFT_MARK) {
            Some(rest) => format!("{RIGHT_TO_LEFT_MARK}{bullet}{}", rest.trim_start()),
            None => format!("{bullet}{}", block.trim_start()),
        }
    }

    fn wrapped(&self, text: &str, indent: &str) -> String {
        let block = wrap(text, indent);
        if !self.rtl || !text.chars().any(is_rtl) {
            return block;
        }
        let marked: Vec<String> = block.lines().map(|line| self.marked(line)).collect();
        marked.join("\n")
    }

    fn marked(&self, line: &str) -> String {
        let first = line.chars().find(|c| c.is_alphabetic());
        if first.is_some_and(is_rtl) { line.to_owned() } else { format!("{RIGHT_TO_LEFT_MARK}{line}") }
    }
}

/// A title with a line of the same length below it.
fn ruled(title: &str, mark: &str) -> String {
    let title = wrap(title, "");
    let width = title.lines().map(clean::width).max().unwrap_or(0);
    format!("{title}\n{}", mark.repeat(width.min(WIDTH)))
}

/// Lines of at most `WIDTH` characters; a word longer than that stays whole.
pub(super) fn wrap(text: &str, indent: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut width = WIDTH;
    for word in text.split_whitespace() {
        let length = clean::width(word);
        match lines.last_mut() {
            Some(line) if width + 1 + length <= WIDTH => {
                line.push(' ');
                line.push_str(word);
                width += 1 + length;
            }
            _ => {
                lines.push(format!("{indent}{word}"));
                width = indent.len() + length;
            }
        }
    }
    lines.join("\n")
}
