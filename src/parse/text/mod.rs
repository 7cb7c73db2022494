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

/// A summary: captions and boilerplate off, at most 4,000 characters, cut at a word.
pub fn summary(body: &Text) -> String {
    let text = plain(body);
    let text = boilerplate::strip(caption::strip(&text));
    match text.char_indices().nth(limits::SUMMARY) {
        None => text.to_owned(),
        Some((end, _)) => at_word(&text[..end]).to_owned(),
    }
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
    fn long_texts_are_cut_at_a_word() {
        let long = Text::Html("word ".repeat(2_000));
        assert!(summary(&long).chars().count() <= limits::SUMMARY && summary(&long).ends_with("word"));
        assert!(headline(&long).len() <= limits::HEADLINE);
        assert_eq!(headline(&Text::Plain("پ".repeat(1_000))).len(), limits::HEADLINE);
        assert_eq!(stand_in("short"), "short");
        assert!(stand_in(&"word ".repeat(50)).ends_with("word…"));
    }
}
