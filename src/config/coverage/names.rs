//! Names and terms as they will be looked for: what no text can match, or every text would.

use crate::model::words::{is_common, words};

/// A name or term folded to what is compared, or why it cannot be one.
pub(super) fn folded(phrase: &str) -> Result<String, Unusable> {
    let open = phrase.trim_end().ends_with('*');
    let found = words(phrase);
    match found.as_slice() {
        [] if phrase.trim().is_empty() => return Err(Unusable::Empty),
        [] => return Err(Unusable::NoLetter),
        // `US` and `IT` are looked for in capitals; "us" and "it" are not names.
        [only] if !only.capitals && is_common(&only.text) => return Err(Unusable::Common),
        [only] if open && only.text.chars().count() < 2 => return Err(Unusable::TooOpen),
        _ => {}
    }
    let word = |w: &crate::model::words::Word| if w.capitals { w.text.to_uppercase() } else { w.text.clone() };
    let mut text = found.iter().map(word).collect::<Vec<_>>().join(" ");
    if open {
        text.push('*');
    }
    Ok(text)
}

/// Why a phrase is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unusable {
    Empty,
    NoLetter,
    Common,
    TooOpen,
}

impl Unusable {
    pub fn message(self, phrase: &str) -> String {
        match self {
            Unusable::Empty => "an empty name".to_owned(),
            Unusable::NoLetter => format!("`{phrase}` has no letter that could be found"),
            Unusable::Common => format!("`{phrase}` is a stop word: it stands in every text"),
            Unusable::TooOpen => format!("`{phrase}` begins half of all words"),
        }
    }

    pub fn help(self) -> &'static str {
        match self {
            Unusable::Empty | Unusable::NoLetter => "write the name or take the entry out",
            Unusable::Common => "add a word that makes it particular, or write an abbreviation in capitals",
            Unusable::TooOpen => "write at least two letters before the `*`",
        }
    }
}
