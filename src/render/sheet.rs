//! The stylesheet, written into the elements: mail programs that drop `<style>` still show the mail as it was made.
//!
//! Rules name single classes only, so the style of an element follows from its `class` alone. `css-inline` makes it once for
//! each list of classes; a mail is then set in one pass over its text.

use crate::model::Theme;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

/// Rules for elements.
const SHEET: &str = include_str!("../../templates/mail.css");
/// Rules that only a `<style>` can hold: dark mode, small screens.
const STYLES: &str = include_str!("../../templates/mail-media.css");

static INLINER: LazyLock<RwLock<HashMap<String, String>>> = LazyLock::new(RwLock::default);

const MARK: &str = " class=\"";

/// Each `class` of a rendered mail gets its `style`. Text cannot hold the mark: quotation marks in it are escaped.
pub fn inline(html: &str, theme: &Theme) -> String {
    let mut set = String::with_capacity(html.len() * 2);
    let mut rest = html;
    while let Some(at) = rest.find(MARK) {
        let (before, after) = rest.split_at(at + MARK.len());
        let Some(end) = after.find('"') else { break };
        set.push_str(before);
        set.push_str(&after[..=end]);
        with_style(&after[..end], |style| {
            if !style.is_empty() {
                set.push_str(" style=\"");
                set.push_str(&coloured(style, theme));
                set.push('"');
            }
        });
        rest = &after[end + 1..];
    }
    set.push_str(rest);
    set
}

/// The media queries in the theme's colours.
pub fn styles(theme: &Theme) -> Cow<'static, str> {
    coloured(STYLES, theme)
}

fn coloured<'a>(css: &'a str, theme: &Theme) -> Cow<'a, str> {
    let colours = theme.colours();
    colours.fold(
        Cow::Borrowed(css),
        |css, (ours, theirs)| {
            if css.contains(ours) { Cow::Owned(css.replace(ours, theirs)) } else { css }
        },
    )
}

fn with_style(classes: &str, mut use_it: impl FnMut(&str)) {
    if let Some(style) = INLINER.read().unwrap_or_else(PoisonError::into_inner).get(classes) {
        return use_it(style);
    }
    let style = style_of(classes);
    use_it(&style);
    INLINER.write().unwrap_or_else(PoisonError::into_inner).insert(classes.to_owned(), style);
}

fn style_of(classes: &str) -> String {
    let element = format!("<div class=\"{classes}\">.</div>");
    let inlined = css_inline::inline_fragment(&element, SHEET).unwrap_or_default();
    let style = inlined.split_once("style=\"").and_then(|(_, rest)| rest.split_once('"'));
    style.map_or_else(String::new, |(style, _)| style.replace(": ", ":").trim_end_matches(';').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_gets_its_declarations_and_the_later_rule_wins() {
        let set = inline("<h3 class=\"headline ur\">x</h3><p>y</p><p class=\"nothing\">z</p>", &Theme::plain());
        let style = set.split("style=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        assert!(style.contains("Nastaliq") && style.contains("font-weight:700") && !style.contains("Georgia"), "{set}");
        assert_eq!(style.matches("line-height").count(), 1, "{set}");
        assert!(set.ends_with("</h3><p>y</p><p class=\"nothing\">z</p>"), "{set}");
    }

    #[test]
    fn a_theme_colours_the_sheets_and_no_text() {
        let theme =
            Theme { accent: Some("#123456".to_owned()), accent_dark: Some("#abcdef".to_owned()), ..Theme::plain() };
        let set = inline("<p class=\"is-new\">#0d5c4b</p>", &theme);
        assert!(set.contains("color:#123456") && set.contains(">#0d5c4b<"), "{set}");
        let styles = styles(&theme);
        for ours in crate::model::theme::ACCENT_DARK {
            assert!(STYLES.contains(ours) && !styles.contains(ours), "{styles}");
        }
        for ours in [crate::model::theme::ACCENT, crate::model::theme::TINT] {
            assert!(SHEET.contains(ours));
        }
        assert!(STYLES.contains(crate::model::theme::TINT_DARK));
    }

    #[test]
    fn the_sheet_holds_only_what_can_be_inlined() {
        let rules: Vec<&str> = SHEET.split('}').filter(|rule| !rule.trim().is_empty()).collect();
        for rule in &rules {
            let selectors = rule.rsplit("*/").next().and_then(|rule| rule.split('{').next()).unwrap();
            for selector in selectors.split(',') {
                let name = selector.trim().strip_prefix('.').unwrap_or_else(|| panic!("{selector} is no class"));
                assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{selector} is not one class");
            }
            assert!(!rule.contains('"') && !rule.contains("!important") && !rule.contains('@'), "{rule}");
        }
        assert!(rules.len() > 20);
    }
}
