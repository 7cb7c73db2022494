//! What one reader gets of an edition: the stories and reports that their wishes leave, in the edition's order.

use crate::model::{Digest, Kind, Lang, Report, Section, Selection, StoryView};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// A section as one reader gets it.
pub struct Picked<'a> {
    pub section: &'a Section,
    pub stories: Vec<Pick<'a>>,
    pub opinions: Vec<Pick<'a>>,
    /// Stories that limits left out: the edition's and the reader's. What wishes leave out is not missed and not counted.
    pub more: usize,
}

/// A story as one reader gets it.
#[derive(Clone)]
pub struct Pick<'a> {
    pub story: &'a StoryView,
    /// Never empty; the first is told in full. The edition's lead, unless the reader does not read its language.
    pub reports: Vec<&'a Report>,
}

impl Pick<'_> {
    /// The report that is told in full is the edition's own lead.
    pub fn is_own_lead(&self) -> bool {
        let entry = |reports: Option<&Report>| reports.map(|report| report.entry);
        entry(self.reports.first().copied()) == entry(self.story.reports.first())
    }

    pub fn lang(&self) -> Lang {
        match self.reports.first() {
            Some(report) if !self.is_own_lead() => report.lang,
            _ => self.story.lang,
        }
    }

    /// Of the report that is told in full.
    pub fn kind(&self) -> Kind {
        self.reports.first().map_or(Kind::News, |report| report.kind)
    }

    pub fn is_opinion(&self) -> bool {
        self.kind().is_opinion()
    }
}

impl Picked<'_> {
    fn is_empty(&self) -> bool {
        self.stories.is_empty() && self.opinions.is_empty()
    }
}

/// The sections that hold anything for a reader with these wishes.
pub fn select<'a>(digest: &'a Digest, wishes: &Selection) -> Vec<Picked<'a>> {
    let wanted =
        digest.sections.iter().filter(|section| wishes.topics.is_empty() || wishes.topics.contains(&section.topic));
    let mut sections: Vec<Picked<'a>> = wanted
        .map(|section| {
            let pick = |stories: &'a [StoryView]| stories.iter().filter_map(|story| pick(story, wishes)).collect();
            let (stories, opinions) = (pick(&section.stories), pick(&section.opinions));
            Picked { section, stories, opinions, more: section.more }
        })
        .filter(|section| !section.is_empty())
        .collect();
    if let Some(max) = wishes.max_stories {
        limit(&mut sections, max);
    }
    sections
}

fn pick<'a>(story: &'a StoryView, wishes: &Selection) -> Option<Pick<'a>> {
    if !wishes.scopes.is_empty() && !wishes.scopes.contains(&story.scope) {
        return None;
    }
    let kind = story.reports.first()?.kind;
    if !wishes.kinds.is_empty() && !wishes.kinds.contains(&kind) {
        return None;
    }
    let mut reports: Vec<&Report> =
        story.reports.iter().filter(|report| wishes.kinds.is_empty() || wishes.kinds.contains(&report.kind)).collect();
    if !wishes.langs.is_empty() {
        reports.retain(|report| wishes.langs.contains(&report.lang));
        // Opinion does not come to lead news because the news is in a language not read.
        let lead = reports.iter().position(|report| report.kind.is_opinion() == kind.is_opinion())?;
        reports[..=lead].rotate_right(1);
    }
    Some(Pick { story, reports })
}

/// The edition's order of importance: news by weight, then opinion by weight.
pub fn by_importance(a: &StoryView, b: &StoryView) -> Ordering {
    let is_opinion = |story: &StoryView| story.reports.first().is_some_and(|report| report.kind.is_opinion());
    is_opinion(a).cmp(&is_opinion(b)).then(b.weight.total_cmp(&a.weight)).then(a.id.cmp(&b.id))
}

/// Keeps the most important stories; a section that loses all of them goes.
fn limit(sections: &mut Vec<Picked<'_>>, max: usize) {
    let mut ranked: Vec<&StoryView> =
        sections.iter().flat_map(|of| of.stories.iter().chain(&of.opinions)).map(|pick| pick.story).collect();
    ranked.sort_by(|a, b| by_importance(a, b));
    let kept: BTreeSet<_> = ranked.into_iter().take(max).map(|story| story.id).collect();
    for section in &mut *sections {
        let before = section.stories.len() + section.opinions.len();
        section.stories.retain(|pick| kept.contains(&pick.story.id));
        section.opinions.retain(|pick| kept.contains(&pick.story.id));
        section.more += before - section.stories.len() - section.opinions.len();
    }
    sections.retain(|section| !section.is_empty());
}
