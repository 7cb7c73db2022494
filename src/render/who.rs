//! Who covers a story: publishers by side, whose press is missing, and voices that one owner has several of.

use super::clean;
use super::dates::Calendar;
use super::story::MAX_PUBLISHER;
use super::words::Words;
use crate::model::digest::Reach;
use crate::model::{Scope, Side, StoryView};

const MAX_OWNERS: usize = 2;

/// A line, where more than one publisher has the story and something is known of them.
pub(super) fn who(story: &StoryView, reach: &[Reach], calendar: &Calendar, words: &Words) -> Option<String> {
    let is_known = story.sides.iter().any(|(side, _)| *side != Side::Unknown) || !story.owners.is_empty();
    if story.publishers < 2 || !is_known {
        return None;
    }
    let side = |(side, count): &(Side, usize)| format!("{} {}", words.side(*side), calendar.number(*count));
    let mut parts: Vec<String> = story.sides.iter().map(side).collect();
    parts.extend(missing(story, reach).map(|id| words.say(id).to_owned()));
    parts.extend(story.owners.iter().take(MAX_OWNERS).map(|(owner, publishers)| {
        let owner = clean::shortened(owner, MAX_PUBLISHER);
        words.fill("one-owner", &[("owner", &owner), ("n", &calendar.number(*publishers))])
    }));
    Some(format!("{}: {}", words.say("who-covers"), parts.join(words.say("semicolon"))))
}

/// Which country is not heard: said of the country that a story is about, and never where a publisher of unknown side may be
/// of that country.
fn missing<'a>(story: &'a StoryView, reach: &'a [Reach]) -> impl Iterator<Item = &'static str> + 'a {
    let is_unknown = reach.is_empty()
        || reach.iter().any(|reach| reach.side == Side::Unknown)
        || story.sides.iter().any(|(side, _)| *side == Side::Unknown);
    let countries: [(&[Side], Scope, [&str; 2]); 2] = [
        (&[Side::AfghanistanState, Side::AfghanistanExile], Scope::Af, ["afghan-not-in-feeds", "afghan-not-heard"]),
        (&[Side::Pakistan], Scope::Pk, ["pakistani-not-in-feeds", "pakistani-not-heard"]),
    ];
    countries.into_iter().filter_map(move |(sides, scope, [not_in_feeds, not_heard])| {
        let concerns = story.scope == Scope::Bilateral || story.scope == scope;
        if is_unknown || !concerns || story.sides.iter().any(|(side, _)| sides.contains(side)) {
            return None;
        }
        let own = reach.iter().filter(|reach| sides.contains(&reach.side));
        let (publishers, silent) = own.fold((0, 0), |sum, own| (sum.0 + own.publishers, sum.1 + own.silent));
        // Of publishers that were read, nothing is said: their report may stand in a story of its own, in another language.
        if publishers == 0 { Some(not_in_feeds) } else { (silent >= publishers).then_some(not_heard) }
    })
}
