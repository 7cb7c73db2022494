//! Languages that Khyber writes and reads.

use serde::{Deserialize, Serialize};

/// The language of an entry or of a subscriber's mail. `Other` is any language outside the four.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    #[default]
    En,
    Ur,
    Ps,
    Fa,
    Other,
}

impl Lang {
    /// The title in this language, else in English, else in whatever there is.
    pub fn title(self, titles: &[(Lang, String)]) -> Option<(Lang, &str)> {
        let titled = |lang: Lang| titles.iter().find(|(known, _)| *known == lang);
        let found = titled(self).or_else(|| titled(Lang::En)).or(titles.first());
        found.map(|(lang, title)| (*lang, title.as_str()))
    }

    /// The languages of digests, in the order of the coverage file.
    pub const DIGEST: [Lang; 4] = [Lang::En, Lang::Ur, Lang::Ps, Lang::Fa];

    /// BCP 47 primary subtag; `und` for `Other`.
    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ur => "ur",
            Lang::Ps => "ps",
            Lang::Fa => "fa",
            Lang::Other => "und",
        }
    }

    /// From a BCP 47 tag such as `en-GB`, `fa-AF`, `prs` (Dari) or `pus`.
    pub fn from_tag(tag: &str) -> Lang {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or("").to_ascii_lowercase();
        match primary.as_str() {
            "en" | "eng" => Lang::En,
            "ur" | "urd" => Lang::Ur,
            "ps" | "pus" | "pbt" | "pst" => Lang::Ps,
            "fa" | "fas" | "per" | "prs" | "dr" => Lang::Fa,
            _ => Lang::Other,
        }
    }

    /// `rtl` or `ltr`, as HTML names them.
    pub fn dir(self) -> &'static str {
        if self.is_rtl() { "rtl" } else { "ltr" }
    }

    pub fn is_rtl(self) -> bool {
        matches!(self, Lang::Ur | Lang::Ps | Lang::Fa)
    }
}
