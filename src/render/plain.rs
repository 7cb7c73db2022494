//! The plain-text mail: readable by itself, wrapped at 72 columns, right-to-left lines marked as such.

use super::page::{Page, SectionBlock};
use super::story::{Source, StoryBlock, is_rtl};
use super::words::Words;
use askama::Template;
use unicode_segmentation::UnicodeSegmentation;

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
    new_heading: &'static str,
    new: Vec<String>,
    sections: Vec<PlainSection>,
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
    let setter = Setter { rtl: page.dir == "rtl", words: page.words };
    let foot = &page.foot;
    let leave = match &foot.leave {
        Some(link) => format!("{}:\n{link}", page.words.leave),
        None => page.words.leave_by_answer.to_owned(),
    };
    let times = setter.wrapped(&foot.times, "");
    let lines = [Some(foot.tally.as_str()), foot.silent.as_deref()].into_iter().flatten();
    let mut notes: Vec<String> = lines.map(|line| setter.wrapped(line, "")).collect();
    notes.extend([times, setter.wrapped(&foot.why, ""), leave]);
    let view = TextView {
        title: setter.wrapped(&page.title.text, ""),
        date: setter.wrapped(&page.date, ""),
        counts: setter.wrapped(&page.counts, ""),
        empty: page.is_empty().then_some(page.words.nothing_new_long),
        new_heading: page.words.whats_new,
        new: page.new.iter().map(|line| setter.item(&line.headline.text, "- ")).collect(),
        sections: page.sections.iter().map(|section| setter.section(section, page)).collect(),
        foot: notes,
    };
    view.render()
}

struct Setter {
    rtl: bool,
    words: &'static Words,
}

impl Setter {
    fn section(&self, section: &SectionBlock, page: &Page) -> PlainSection {
        let rule = |title: &str| "=".repeat(title.graphemes(true).count().min(WIDTH));
        let title = &section.title.text;
        PlainSection {
            title: format!("{title}\n{}", rule(title)),
            stories: section.stories.iter().map(|story| self.story(story)).collect(),
            opinion_heading: format!("{}\n{}", page.words.opinion_heading, "-".repeat(20)),
            opinions: section.opinions.iter().map(|story| self.story(story)).collect(),
            more: section.more.as_ref().map(|more| format!("[{more}]")),
        }
    }

    fn story(&self, story: &StoryBlock) -> String {
        let mut lines = vec![wrap(&story.headline.text, "")];
        let marks: Vec<&str> = [story.kind.unwrap_or(""), &story.status, &story.meta]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        lines.push(self.wrapped(&format!("[{}]", marks.join(" · ")), ""));
        lines.extend(story.lead.as_ref().map(|lead| wrap(&lead.text, "")));
        for source in story.sources.iter().take(1).chain(&story.contrasts).chain(story.sources.iter().skip(1)) {
            let shows_headline = story.contrasts.iter().any(|contrast| std::ptr::eq(contrast, source));
            lines.push(self.source(source, shows_headline.then_some(source.headline.text.as_str())));
        }
        lines.extend(story.more.as_ref().map(|more| self.wrapped(&format!("+ {more}"), "  ")));
        lines.join("\n")
    }

    fn source(&self, source: &Source, headline: Option<&str>) -> String {
        let mut line = format!("{} ({}", source.publisher.text, source.side);
        if let Some(mark) = &source.lang_mark {
            line.push_str(self.words.semicolon);
            line.push_str(&mark.text);
        }
        line.push(')');
        for part in [source.kind, source.credit.as_deref()].into_iter().flatten() {
            line.push_str(&format!(" · {part}"));
        }
        line.push_str(&format!(" · {}", source.time));
        let mut lines = vec![self.item(&line, "- ")];
        lines.extend(headline.map(|headline| wrap(headline, "  ")));
        lines.extend(source.copies.as_ref().map(|copies| self.wrapped(copies, "  ")));
        lines.extend(source.link.as_ref().map(|link| format!("  {link}")));
        lines.extend(source.further.iter().map(|further| format!("  {}", further.link)));
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

/// Lines of at most `WIDTH` characters; a word longer than that stays whole.
pub(super) fn wrap(text: &str, indent: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut width = WIDTH;
    for word in text.split_whitespace() {
        let length = word.graphemes(true).count();
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
