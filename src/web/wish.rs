//! What a form or a one-click POST asks for.

use crate::model::TopicId;

/// Days that the form offers.
pub(super) const PAUSES: [u16; 4] = [7, 14, 30, 90];
const LONGEST_PAUSE: u16 = 365;

/// One change that a reader wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    LeaveDigest,
    LeaveAll,
    /// Days.
    Pause(u16),
    /// `None`: as configured.
    Choose {
        topics: Option<Vec<TopicId>>,
        hour: Option<u8>,
    },
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

fn choice(fields: &[(String, String)], known: &[TopicId]) -> Option<Wish> {
    let ticked = fields.iter().filter(|(field, _)| field == "topic").map(|(_, value)| value);
    let mut topics = Vec::new();
    for name in ticked {
        let topic = known.iter().find(|topic| topic.as_str() == name)?;
        if !topics.contains(topic) {
            topics.push(topic.clone());
        }
    }
    let hour = match fields.iter().find(|(field, _)| field == "hour").map(|(_, value)| value.as_str()) {
        None | Some("") => None,
        Some(hour) => Some(hour.parse().ok().filter(|hour| *hour < 24)?),
    };
    Some(Wish::Choose { topics: (!topics.is_empty()).then_some(topics), hour })
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
        assert_eq!(chosen, Some(Wish::Choose { topics: Some(vec!["trade".parse().unwrap()]), hour: Some(18) }));
        let none = Some(Wish::Choose { topics: None, hour: None });
        assert_eq!(wish(&[("action", "choose"), ("hour", "")]), none);
        for wrong in [
            [("action", "choose"), ("topic", "sport")],
            [("action", "choose"), ("hour", "24")],
            [("action", "choose"), ("hour", "six")],
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
