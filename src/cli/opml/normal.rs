//! OPML as other programs write it, brought into the one shape that the `opml` crate reads, with the line of each outline.

use crate::parse::text::references;
use anyhow::{Context, bail, ensure};
use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};

/// The `opml` crate reads recursively; a list of feeds is never nested or large like this.
const DEEPEST: usize = 32;
const LARGEST: usize = 8 << 20;

/// Attributes that mean something here, in their right spelling; others may hold what the crate refuses.
const ATTRIBUTES: [&str; 7] = ["text", "title", "type", "xmlUrl", "htmlUrl", "language", "category"];

/// A document that the crate reads, and the lines on which its outlines began, in order.
#[derive(Debug)]
pub struct Normal {
    pub xml: String,
    pub lines: Vec<usize>,
}

pub fn normal(text: &str) -> anyhow::Result<Normal> {
    ensure!(text.len() <= LARGEST, "the file is larger than {} MiB", LARGEST >> 20);
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_dangling_amp = true;
    let mut out = Out::default();
    let mut place = Place { text, at: 0, line: 1 };
    loop {
        let before = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let at = usize::try_from(reader.error_position()).unwrap_or(before);
                bail!("line {}: {error}", place.line_of(at));
            }
        };
        // Blanks in front of a tag are an event of their own: this is the tag's own line.
        let line = place.line_of(before);
        match event {
            Event::Start(tag) => out.open(&tag, line, Kind::Open)?,
            Event::Empty(tag) => out.open(&tag, line, Kind::Empty)?,
            Event::End(tag) => out.close(&tag.local_name().as_ref().to_ascii_lowercase()),
            Event::Eof => break,
            _ => {}
        }
    }
    ensure!(out.is_opml, "there is no <opml> in it: is it an OPML file?");
    ensure!(!out.lines.is_empty(), "there is no <outline> in it");
    let ends: String = out.open.iter().rev().map(|_| "</outline>").collect();
    let xml = format!("<opml version=\"2.0\"><head/><body>{}{ends}</body></opml>", out.xml);
    Ok(Normal { xml, lines: out.lines })
}

/// Lines counted as reading goes on, so that a long file is passed over once.
struct Place<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl Place<'_> {
    fn line_of(&mut self, at: usize) -> usize {
        let at = at.min(self.text.len());
        if at > self.at {
            self.line += self.text.as_bytes()[self.at..at].iter().filter(|byte| **byte == b'\n').count();
            self.at = at;
        }
        self.line
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Open,
    Empty,
}

#[derive(Default)]
struct Out {
    xml: String,
    /// One for each outline that is open.
    open: Vec<()>,
    lines: Vec<usize>,
    is_opml: bool,
}

impl Out {
    fn open(&mut self, tag: &BytesStart<'_>, line: usize, kind: Kind) -> anyhow::Result<()> {
        match tag.local_name().as_ref().to_ascii_lowercase().as_str() {
            "opml" => self.is_opml = true,
            "outline" => {
                ensure!(self.open.len() < DEEPEST, "line {line}: outlines are nested more than {DEEPEST} deep");
                self.lines.push(line);
                self.xml.push_str("<outline");
                self.attributes(tag).with_context(|| format!("line {line}"))?;
                self.xml.push_str(if kind == Kind::Empty { "/>" } else { ">" });
                if kind == Kind::Open {
                    self.open.push(());
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str) {
        if name == "outline" && self.open.pop().is_some() {
            self.xml.push_str("</outline>");
        }
    }

    fn attributes(&mut self, tag: &BytesStart<'_>) -> anyhow::Result<()> {
        let mut labels = Vec::new();
        let mut seen = Vec::new();
        for attribute in tag.html_attributes() {
            let attribute = attribute?;
            let name = attribute.key.as_ref().to_owned();
            let value = references::decode(&attribute.value).into_owned();
            labels.extend(label(&name, &value));
            let known = ATTRIBUTES.iter().find(|known| known.eq_ignore_ascii_case(&name));
            let Some(known) = known.filter(|known| !seen.contains(known)) else { continue };
            seen.push(known);
            if *known == "category" {
                labels.push(value);
            } else {
                self.attribute(known, &value);
            }
        }
        if !labels.is_empty() {
            self.attribute("category", &labels.join(","));
        }
        Ok(())
    }

    fn attribute(&mut self, name: &str, value: &str) {
        // Characters that XML can't hold would make the crate refuse the file.
        let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self.xml.push_str(&format!(" {name}=\"{}\"", escape(value.as_str())));
    }
}

/// What other readers know of a feed that means something here: Miniflux fetches pages and disables feeds, FreshRSS
/// fetches pages.
fn label(name: &str, value: &str) -> Option<String> {
    let yes = value.eq_ignore_ascii_case("true") || value == "1";
    match name.to_ascii_lowercase().as_str() {
        "miniflux:crawler" if yes => Some("/full-text".to_owned()),
        "miniflux:disabled" if yes => Some("/disabled".to_owned()),
        "frss:cssfullcontent" if !value.is_empty() => Some("/full-text".to_owned()),
        _ => None,
    }
}
