//! How much work a page would be for an HTML parser: counted tag by tag, without building a tree.

/// Start tags of a page. News pages have 1,000 to 8,000.
pub const ELEMENTS: usize = 50_000;
/// Open elements at once. News pages have 20 to 60.
const DEPTH: usize = 300;
/// Sum over all start tags of what is open there. A tree builder may search or rebuild all of it at each of them: 1.1 MB
/// of `<div>` takes it 40 s.
const WORK: usize = 3_000_000;

/// Character references. Pages that write every letter as one have up to 50,000; 600,000 took 16 s.
const REFERENCES: usize = 100_000;

const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// Closed by what follows; only deep where another element is.
const CLOSED_BY_OTHERS: [&str; 11] = ["p", "li", "dt", "dd", "tr", "td", "th", "option", "thead", "tbody", "tfoot"];
/// Opened again in every block until closed by an end tag of its own (HTML, "list of active formatting elements").
const FORMATTING: [&str; 13] =
    ["b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
/// What is in them is text for a tree builder too.
const RAW: [&str; 5] = ["script", "style", "textarea", "title", "iframe"];
/// Inside these a `<style>` or `<title>` holds elements like any other.
const FOREIGN: [&str; 2] = ["svg", "math"];

/// Whether the page would cost a tree builder more than any news page does.
pub fn is_heavy(html: &str) -> bool {
    if html.bytes().filter(|byte| *byte == b'&').count() > REFERENCES {
        return true;
    }
    let mut open = Open::default();
    let mut rest = html;
    // Searched for in vain once, an end tag is not looked for again: else the pass is quadratic itself.
    let mut unclosed: Vec<&str> = Vec::new();
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let (ends, name) = tag_name(rest);
        if name.is_empty() {
            continue;
        }
        if ends {
            open.end(name)
        } else {
            open.start(name)
        }
        if open.elements > ELEMENTS || open.depth() > DEPTH || open.work > WORK {
            return true;
        }
        let raw = RAW.iter().find(|raw| raw.eq_ignore_ascii_case(name) && !unclosed.contains(raw));
        if let Some(raw) = raw.filter(|_| !ends && !open.is_in_foreign()) {
            match after_raw(rest, raw) {
                Some(after) => {
                    rest = after;
                    open.end(raw);
                }
                // Its tags are counted: too much work rather than too little.
                None => unclosed.push(raw),
            }
        }
    }
    false
}

/// The text behind the end tag of a raw element.
fn after_raw<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let end = |at: usize| at + 2 + name.len();
    let ends = |at: &usize| text.get(at + 2..end(*at)).is_some_and(|found| found.eq_ignore_ascii_case(name));
    let at = text.match_indices("</").map(|(at, _)| at).find(ends)?;
    Some(&text[end(at)..])
}

fn tag_name(text: &str) -> (bool, &str) {
    let (ends, text) = text.strip_prefix('/').map_or((false, text), |text| (true, text));
    if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return (ends, "");
    }
    (ends, &text[..text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(text.len())])
}

fn is_one_of(list: &[&str], name: &str) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[derive(Default)]
struct Open<'t> {
    blocks: Vec<&'t str>,
    formatting: Vec<&'t str>,
    elements: usize,
    work: usize,
}

impl<'t> Open<'t> {
    fn depth(&self) -> usize {
        self.blocks.len() + self.formatting.len()
    }

    fn is_in_foreign(&self) -> bool {
        self.blocks.iter().any(|open| is_one_of(&FOREIGN, open))
    }

    fn start(&mut self, name: &'t str) {
        self.elements += 1;
        self.work += self.depth();
        if is_one_of(&VOID, name) || is_one_of(&CLOSED_BY_OTHERS, name) {
            return;
        }
        if is_one_of(&FORMATTING, name) { self.formatting.push(name) } else { self.blocks.push(name) }
    }

    /// An end tag closes the nearest element of its name and what is open inside; formatting goes on after a block.
    fn end(&mut self, name: &str) {
        let nearest = |list: &[&str]| list.iter().rposition(|open| open.eq_ignore_ascii_case(name));
        if let Some(at) = nearest(&self.formatting) {
            self.formatting.remove(at);
        } else if let Some(at) = nearest(&self.blocks) {
            self.blocks.truncate(at);
        }
    }
}
