//! What a form or a one-click POST asks for.

use crate::model::{Kind, Lang, MailFormat, Scope, TopicId};
use crate::store::Choice;
use chrono::Weekday;

/// Days that the form offers.
pub(super) const PAUSES: [u16; 4] = [7, 14, 30, 90];
const LONGEST_PAUSE: u16 = 365;
/// Kinds of text that a story may be led by.
pub(super) const KINDS: [Kind; 5] = [Kind::News, Kind::Official, Kind::Live, Kind::Analysis, Kind::Opinion];
const MOST_STORIES: usize = 500;
pub(super) const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

/// One change that a reader wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    LeaveDigest,
    LeaveAll,
    /// Days.
    Pause(u16),
    Choose(Choice),
    ComeBack,
}

/// `None`: not understood; nothing is guessed.
pub(super) fn read(fields: &[(String, String)], known: &[TopicId]) -> Option<Wish> {
    let value = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
    // RFC 8058 §3.2: this pair, as a whole body.
    if value("List-Unsubscribe") == Some("One-Click") {
        return Some(Wish::LeaveDigest);
    }
    match value("action")? {
        "leave" => Some(Wish::LeaveDigest),
        "leave-all" => Some(Wish::LeaveAll),
        "pause" => {
            let days = value("days")?.parse().ok()?;
            (1..=LONGEST_PAUSE).contains(&days).then_some(Wish::Pause(days))
        }
        "choose" => choice(fields, known),
        "come-back" => Some(Wish::ComeBack),
        _ => None,
    }
}

/// The whole form at once. No box of a kind means all of them; of days, those of the digest.
fn choice(fields: &[(String, String)], known: &[TopicId]) -> Option<Wish> {
    let topic = |name: &str| known.iter().find(|topic| topic.as_str() == name).cloned();
    let scope = |name: &str| Scope::ALL.into_iter().find(|scope| scope.name() == name);
    let kind = |name: &str| KINDS.into_iter().find(|kind| kind.name() == name);
    let lang = |name: &str| Lang::DIGEST.into_iter().find(|lang| lang.code() == name);
    let number = |name: &str| name.parse().ok().filter(|number| (1..=MOST_STORIES).contains(number));
    let format = |name: &str| MailFormat::ALL.into_iter().find(|format| format.name() == name);
    let hour = |name: &str| name.parse().ok().filter(|hour| *hour < 24);
    let day = |name: &str| DAYS.into_iter().find(|(known, _)| *known == name).map(|(_, day)| day);
    Some(Wish::Choose(Choice {
        topics: Some(ticked(fields, "topic", topic)?),
        scopes: Some(ticked(fields, "scope", scope)?),
        kinds: Some(ticked(fields, "kind", kind)?),
        langs: Some(ticked(fields, "reads", lang)?),
        max_stories: chosen(fields, "stories", number)?,
        format: chosen(fields, "format", format)?,
        hour: chosen(fields, "hour", hour)?,
        days: Some(ticked(fields, "day", day)?).filter(|days| !days.is_empty()),
        zone: chosen(fields, "zone", |name| name.parse().ok())?,
        lang: chosen(fields, "language", lang)?,
    }))
}

/// Boxes of one name; `None` if one is not ours.
fn ticked<T: PartialEq>(fields: &[(String, String)], name: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let mut found = Vec::new();
    for (_, value) in fields.iter().filter(|(field, _)| field == name) {
        let value = read(value)?;
        if !found.contains(&value) {
            found.push(value);
        }
    }
    Some(found)
}

/// One of a list: `Some(None)` if it is left open, `None` if it is not ours.
fn chosen<T>(fields: &[(String, String)], name: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    match fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str()) {
        None | Some("") => Some(None),
        Some(value) => read(value).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(fields: &[(&str, &str)]) -> Option<Wish> {
        let fields: Vec<(String, String)> =
            fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        read(&fields, &["security".parse().unwrap(), "trade".parse().unwrap()])
    }

    #[test]
    fn one_click_as_in_rfc_8058() {
        assert_eq!(wish(&[("List-Unsubscribe", "One-Click")]), Some(Wish::LeaveDigest));
        assert_eq!(wish(&[("List-Unsubscribe", "yes")]), None);
    }

    #[test]
    fn choices_are_taken_whole_or_not_at_all() {
        let chosen = wish(&[("action", "choose"), ("topic", "trade"), ("topic", "trade"), ("hour", "18")]);
        let all_of_each = Choice {
            topics: Some(Vec::new()),
            scopes: Some(Vec::new()),
            kinds: Some(Vec::new()),
            langs: Some(Vec::new()),
            ..Choice::default()
        };
        let topics = Some(vec!["trade".parse().unwrap()]);
        assert_eq!(chosen, Some(Wish::Choose(Choice { topics, hour: Some(18), ..all_of_each.clone() })));
        let all = [
            ("scope", "pk"),
            ("kind", "news"),
            ("kind", "official"),
            ("reads", "ur"),
            ("stories", "12"),
            ("format", "text"),
            ("day", "mon"),
            ("day", "fri"),
            ("zone", "Asia/Kabul"),
            ("language", "fa"),
            ("action", "choose"),
        ];
        let choice = Choice {
            topics: Some(Vec::new()),
            scopes: Some(vec![Scope::Pk]),
            kinds: Some(vec![Kind::News, Kind::Official]),
            langs: Some(vec![Lang::Ur]),
            max_stories: Some(12),
            format: Some(MailFormat::Text),
            hour: None,
            days: Some(vec![Weekday::Mon, Weekday::Fri]),
            zone: Some(chrono_tz::Asia::Kabul),
            lang: Some(Lang::Fa),
        };
        assert_eq!(wish(&all), Some(Wish::Choose(choice)));
        let none = Some(Wish::Choose(all_of_each));
        assert_eq!(wish(&[("action", "choose"), ("hour", "")]), none);
        for wrong in [
            [("action", "choose"), ("topic", "sport")],
            [("action", "choose"), ("hour", "24")],
            [("action", "choose"), ("hour", "six")],
            [("action", "choose"), ("scope", "none")],
            [("action", "choose"), ("kind", "sport")],
            [("action", "choose"), ("reads", "de")],
            [("action", "choose"), ("stories", "0")],
            [("action", "choose"), ("stories", "501")],
            [("action", "choose"), ("format", "pdf")],
            [("action", "choose"), ("day", "someday")],
            [("action", "choose"), ("zone", "Mars/Base")],
            [("action", "choose"), ("language", "und")],
            [("action", "pause"), ("days", "0")],
            [("action", "pause"), ("days", "366")],
            [("action", "pause"), ("for", "7")],
            [("action", ""), ("days", "7")],
            [("days", "7"), ("hour", "7")],
        ] {
            assert_eq!(wish(&wrong), None, "{wrong:?}");
        }
    }
}
