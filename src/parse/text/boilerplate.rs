//! Sentences that publishing systems hang onto every summary.

use super::html::BLOCK_END;

/// The summary without its tails.
pub(super) fn strip(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let shorter = tail(text);
        if shorter.len() == text.len() {
            return text;
        }
        text = shorter.trim_end();
    }
}

/// Ends that say nothing, lower case, with what systems put them there.
const ENDS: [&str; 19] = [
    // WordPress and its themes
    "continue reading",
    "continue reading...",
    "continue reading…",
    "continue reading →",
    "read more",
    "read more...",
    "read more…",
    "read more »",
    "read more →",
    "[read more]",
    "[&#8230;]",
    "(more…)",
    "(more...)",
    "[link] [comments]",
    // Feed generators
    "comments",
    "read full story",
    "read full article",
    "مزید پڑھیں",
    "ادامه مطلب",
];

fn tail(text: &str) -> &str {
    if let Some(start) = appeared_first(text) {
        return &text[..start];
    }
    let last = text.as_bytes().last().map(u8::to_ascii_lowercase);
    let ends = ENDS.into_iter().filter(|end| end.as_bytes().last().copied() == last).find_map(|end| {
        let start = text.len().checked_sub(end.len())?;
        let found = text.get(start..)?;
        // A sentence may well end in "… to read more"; only a sentence of its own goes.
        let before = text[..start].trim_end();
        let own_block = text[..start].ends_with(BLOCK_END);
        let apart = own_block || before.ends_with(['.', '!', '?', '…', ']', '"', '”', '’', '۔', '؟', ')']);
        (apart && found.to_lowercase() == end).then_some(start)
    });
    ends.map_or(text, |start| &text[..start])
}

/// `The post HEADLINE appeared first on SITE.` of WordPress, in either word order.
fn appeared_first(text: &str) -> Option<usize> {
    let last = &text[text.ceil_char_boundary(text.len().saturating_sub(600))..];
    // By its letter first: looking for it from behind costs more than all the rest here.
    let last_of = |phrase| last.rmatch_indices('T').find(|(at, _)| last[*at..].starts_with(phrase)).map(|(at, _)| at);
    let start = last_of("The post ").or_else(|| last_of("The article "))?;
    let phrase = ["appeared first on", "first appeared on"].into_iter().any(|phrase| last[start..].contains(phrase));
    phrase.then_some(text.len() - last.len() + start)
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn tails_go() {
        assert_eq!(strip("Torkham opens. The post Torkham opens appeared first on Frontier Desk."), "Torkham opens.");
        assert_eq!(strip("Torkham opens. The post Torkham opens first appeared on Frontier Desk."), "Torkham opens.");
        assert_eq!(strip("Torkham opens. Continue reading..."), "Torkham opens.");
        assert_eq!(strip("Torkham opens… Read more »"), "Torkham opens…");
        assert_eq!(strip("Torkham opens\u{2029}Read more"), "Torkham opens");
    }

    #[test]
    fn sentences_stay() {
        for text in ["Children want to read more", "The post was closed.", "He wrote: The post appeared empty."] {
            assert_eq!(strip(text), text);
        }
    }
}
