//! A theme: what an operator may change of a mail's looks and of its first and last lines.

use super::Lang;

/// The accent on white, and what it is called in the style sheets; a theme replaces it there.
pub const ACCENT: &str = "#0d5c4b";
/// The accent in dark mode, of letters and of lines.
pub const ACCENT_DARK: [&str; 2] = ["#7fd0b8", "#5fb9a0"];
/// Under *What changed*.
pub const TINT: &str = "#eef4f1";
pub const TINT_DARK: &str = "#22302b";

/// From the theme file. What is not set stays as it comes with the program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Theme {
    /// A line below the date, by the reader's language; English where there is none.
    pub masthead: Vec<(Lang, String)>,
    /// A line before the foot.
    pub footer: Vec<(Lang, String)>,
    /// `#rrggbb`, as all colours.
    pub accent: Option<String>,
    pub accent_dark: Option<String>,
    pub tint: Option<String>,
    pub tint_dark: Option<String>,
}

impl Theme {
    /// The mail as it comes with the program.
    pub const fn plain() -> Self {
        Self { masthead: Vec::new(), footer: Vec::new(), accent: None, accent_dark: None, tint: None, tint_dark: None }
    }

    /// Each colour of the style sheets and what stands in its place.
    pub fn colours(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            (ACCENT, &self.accent),
            (ACCENT_DARK[0], &self.accent_dark),
            (ACCENT_DARK[1], &self.accent_dark),
            (TINT, &self.tint),
            (TINT_DARK, &self.tint_dark),
        ]
        .into_iter()
        .filter_map(|(ours, theirs)| Some((ours, theirs.as_deref()?)))
    }
}
