//! From what the store holds to what a page of the archive shows: links, titles, lines of stories.

use super::Site;
use super::frame::{Frame, Way};
use crate::daemon::Place;
use crate::model::{Digest, DigestId, EntryId, Kind, Lang, StoryView, TopicId};
use crate::render::dates::Calendar;
use crate::render::{Text, Words, clean, unlabelled};
use crate::store::EditionKey;
use std::collections::HashSet;

/// Characters of a headline.
pub(super) const HEADLINE: usize = 180;

/// A story in a list.
pub(super) struct StoryLine {
    pub headline: Text,
    pub link: String,
    /// `18 Dec · 3 publishers`.
    pub meta: String,
    pub thread: EntryId,
}

/// Which feeds go with a page.
pub(super) enum Head<'a> {
    Plain,
    /// Those of this digest or topic.
    Feeds(Place<'a>),
}

/// Each thread once, as the newest of these editions told it; news before opinion, the weightiest first within an edition.
pub(super) fn story_lines(
    site: &Site,
    lang: Lang,
    contents: &[(EditionKey, Digest)],
    topic: Option<&TopicId>,
) -> Vec<StoryLine> {
    let mut seen = HashSet::new();
    let mut lines = Vec::new();
    for (key, digest) in contents {
        let calendar = Calendar { lang, zone: site.zone_of(&key.digest) };
        for story in stories_of(digest, topic) {
            if seen.insert(story.thread) {
                lines.push(StoryLine {
                    headline: headline(story),
                    link: site.link(Place::Story(story.thread), lang),
                    meta: meta(story, calendar, key),
                    thread: story.thread,
                });
            }
        }
    }
    lines
}

/// The stories of one topic, or of all.
pub(super) fn stories_of<'a>(digest: &'a Digest, topic: Option<&'a TopicId>) -> Vec<&'a StoryView> {
    let sections = digest.sections.iter().filter(|section| topic.is_none_or(|topic| section.topic == *topic));
    let (mut news, mut opinions) = (Vec::new(), Vec::new());
    for section in sections {
        news.extend(&section.stories);
        opinions.extend(&section.opinions);
    }
    news.sort_by(|a: &&StoryView, b| b.weight.total_cmp(&a.weight));
    news.into_iter().chain(opinions).collect()
}

fn meta(story: &StoryView, calendar: Calendar, key: &EditionKey) -> String {
    let date = calendar.short_date(key.slot);
    told_by(&date, story.publishers, calendar)
}

/// `18 Dec · 3 publishers`; of one alone nothing need be said.
pub(super) fn told_by(date: &str, publishers: usize, calendar: Calendar) -> String {
    match publishers {
        0 | 1 => date.to_owned(),
        n => format!("{date} · {}", calendar.count("publishers", n)),
    }
}

/// A feed that gives no headline leaves the start of its text, or at least its publisher's name.
pub(super) fn headline(story: &StoryView) -> Text {
    let publisher = story.reports.first().map_or("", |report| report.publisher.as_str());
    let kind = story.reports.first().map_or(Kind::News, |report| report.kind);
    let names = [unlabelled(&story.headline, kind), story.summary.as_str(), publisher, "—"];
    let name = names.into_iter().map(|name| clean::shortened(name, HEADLINE)).find(|name| !name.is_empty());
    Text::new(name.unwrap_or_default(), story.lang)
}

impl Site {
    /// The path of a page as a link of ours, with the language that its reader has chosen.
    pub fn link(&self, place: Place<'_>, lang: Lang) -> String {
        self.link_to(&self.khyber.archive_path(place), lang)
    }

    pub fn link_to(&self, path: &str, lang: Lang) -> String {
        let lang = if lang == Lang::Other { Lang::En } else { lang };
        format!("{}/{path}?lang={}", self.prefix(), lang.code())
    }

    pub fn path(&self, place: Place<'_>) -> String {
        format!("{}/{}", self.prefix(), self.khyber.archive_path(place))
    }

    fn prefix(&self) -> &str {
        self.khyber.config.web.as_ref().map_or("", |web| web.prefix())
    }

    /// Kind and path of the two feeds of a digest or topic.
    pub fn feed_links(&self, place: Place<'_>) -> Vec<(&'static str, String)> {
        let path = self.path(place);
        vec![("Atom", format!("{path}/atom.xml")), ("JSON Feed", format!("{path}/feed.json"))]
    }

    pub fn frame(&self, lang: Lang, title: &str, head: Head<'_>) -> Frame {
        let mut frame = Frame::personal(lang, &clean::line(title));
        frame.open = self.khyber.archive_is_public();
        frame.ways = self.ways(lang);
        if let Head::Feeds(place) = head {
            let path = self.path(place);
            let feed = |kind, file: &str| (kind, frame.title.clone(), format!("{path}/{file}"));
            frame.feeds = vec![feed("application/atom+xml", "atom.xml"), feed("application/feed+json", "feed.json")];
        }
        frame
    }

    /// From every page of a public archive to its others; in a private one a page's link opens no other.
    pub fn ways(&self, lang: Lang) -> Vec<Way> {
        let words = Words::of(lang);
        let mut ways = Vec::new();
        if self.khyber.archive_is_public() {
            ways.push(Way { link: self.link(Place::Index, lang), name: words.say("archive-title") });
            ways.push(Way { link: self.link(Place::Search, lang), name: words.say("archive-search") });
            if self.subscribing_is_open() {
                ways.push(Way { link: self.link_to("subscribe", lang), name: words.say("archive-subscribe") });
            }
        }
        ways
    }

    pub fn zone_of(&self, digest: &DigestId) -> chrono_tz::Tz {
        self.khyber.config.digest(digest).map_or(chrono_tz::Tz::UTC, |spec| spec.timezone)
    }

    pub fn topic_title(&self, id: &TopicId, lang: Lang) -> Text {
        let topic = self.khyber.config.coverage.topics.iter().find(|topic| topic.id == *id);
        match topic.and_then(|topic| lang.title(&topic.titles)) {
            Some((lang, title)) => Text::new(clean::line(title), lang),
            None => Text::new(id.to_string(), Lang::En),
        }
    }
}
