//! Text for readers: markup off, entities decoded once, NFC, no control or bidi characters, no boilerplate.

mod boilerplate;
mod caption;
mod clean;
pub(super) mod html;
pub(super) mod mojibake;
pub mod references;

use super::limits;
use super::read::Text;
pub use clean::clean;

/// One line of plain text.
pub fn plain(text: &Text) -> String {
    match text {
        Text::Plain(text) if html::looks_like(text) => clean(&html::to_text(text)),
        Text::Plain(text) => clean(text),
        Text::Html(text) => clean(&html::to_text(text)),
    }
}

/// A headline: one line, capped.
pub fn headline(title: &Text) -> String {
    cut(plain(title), limits::HEADLINE)
}

/// A summary: captions and boilerplate off, items of a list as sentences, at most 4,000 characters, cut at a word.
pub fn summary(body: &Text) -> String {
    let text = match body {
        Text::Plain(text) if !html::looks_like(text) => clean(text),
        Text::Plain(text) | Text::Html(text) => {
            let text = html::to_text(text);
            let blocks = text.split(html::BLOCK_END).map(clean).filter(|block| !block.is_empty());
            blocks.collect::<Vec<_>>().join("\u{2029}")
        }
    };
    let text = sentences(boilerplate::strip(caption::strip(&text)));
    if text.len() <= limits::SUMMARY {
        return text;
    }
    match text.char_indices().nth(limits::SUMMARY) {
        None => text,
        Some((end, _)) => at_word(&text[..end]).to_owned(),
    }
}

/// One line: a block that ends without a mark gets the text's own full stop, unless the next goes on in small letters.
fn sentences(text: &str) -> String {
    let stop = if text.contains('۔') { '۔' } else { '.' };
    let mut line = String::with_capacity(text.len());
    for block in text.split(html::BLOCK_END).filter(|block| !block.is_empty()) {
        if !line.is_empty() {
            let begins =
                block.starts_with(|c: char| (c.is_alphanumeric() && !c.is_lowercase()) || "\"'“‘«([".contains(c));
            let ends = |c: char| c.is_alphanumeric() || matches!(c, '"' | '\'' | '”' | '’' | '»' | ')' | ']');
            let said = line.trim_end_matches(|c: char| ends(c) && !c.is_alphanumeric());
            if begins && line.ends_with(ends) && said.ends_with(char::is_alphanumeric) {
                line.push(stop);
            }
            line.push(' ');
        }
        line.push_str(block);
    }
    line
}

/// The start of a summary in place of a missing headline.
pub fn stand_in(summary: &str) -> String {
    let end = summary.char_indices().nth(90).map_or(summary.len(), |(end, _)| end);
    if end == summary.len() { summary.to_owned() } else { format!("{}…", at_word(&summary[..end])) }
}

fn at_word(text: &str) -> &str {
    text.rfind(' ').map_or(text, |space| text[..space].trim_end())
}

fn cut(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        let end = (0..=bytes).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text = at_word(&text).to_owned();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_of_each_kind() {
        let html = Text::Html("<p>Torkham&nbsp;crossing <b>re</b>opened</p><p>AT&amp;amp;T</p>".into());
        assert_eq!(plain(&html), "Torkham crossing reopened AT&T".replace("AT&T", "AT&amp;T"));
        assert_eq!(plain(&Text::Plain("1 < 2 & 3 > 2".into())), "1 < 2 & 3 > 2");
        assert_eq!(plain(&Text::Plain("<p>undeclared</p>".into())), "undeclared");
    }

    #[test]
    fn items_of_a_list_and_paragraphs_are_sentences() {
        let shown = |html: &str| summary(&Text::Html(html.to_owned()));
        assert_eq!(
            shown(
                "<ul><li>Family crossed to settle for winter</li><li>Police confirm three dead.</li><li>“Late”</li><li>Aid</li></ul>"
            ),
            "Family crossed to settle for winter. Police confirm three dead. “Late”. Aid"
        );
        assert_eq!(
            shown("<p>The gate, closed since May</p><p>and shut again<br>on Monday, opened</p>"),
            "The gate, closed since May and shut again on Monday, opened"
        );
        assert_eq!(shown("<p>طورخم بند ہے</p><p>تجارت رک گئی۔</p>"), "طورخم بند ہے۔ تجارت رک گئی۔");
        assert_eq!(
            shown("<table><tr><td>Killed</td><td>5</td></tr><tr><td>Wounded</td><td>9</td></tr></table>"),
            "Killed 5. Wounded 9"
        );
        let caption = "<p>Burnt lorries seen near the gate on May 3, 2026. — Reporter</p><ul><li>12 drivers hurt at the gate</li><li>Police arrive</li></ul>";
        assert_eq!(shown(caption), "12 drivers hurt at the gate. Police arrive");
        assert_eq!(headline(&Text::Html("<p>Gate opens</p><p>Again</p>".into())), "Gate opens Again");
    }

    #[test]
    fn long_texts_are_cut_at_a_word() {
        let long = Text::Html("word ".repeat(2_000));
        assert!(summary(&long).chars().count() <= limits::SUMMARY && summary(&long).ends_with("word"));
        assert!(headline(&long).len() <= limits::HEADLINE);
        assert_eq!(headline(&Text::Plain("پ".repeat(1_000))).len(), limits::HEADLINE);
        assert_eq!(stand_in("short"), "short");
        assert!(stand_in(&"word ".repeat(50)).ends_with("word…"));
    }
}
