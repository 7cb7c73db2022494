//! Offices whose name several countries share ("National Assembly"): whose one is meant.

use super::Text;
use super::scope::note;
use crate::model::matcher::Found;
use crate::model::{Coverage, Evidence, Scope};

/// Words between another country's name and the office it owns, at most: "France's lower National Assembly".
const BEFORE: usize = 1;

/// The names without shared offices of another country: one named as the owner, or one named at all where the text and its
/// publisher have nothing else to do with the region. What is taken away stands in the evidence, with no weight.
pub(super) fn ours(
    coverage: &Coverage,
    text: &Text,
    mut found: Vec<Found>,
    owners: &[Found],
    home: Option<Scope>,
    evidence: &mut Vec<Evidence>,
) -> Vec<Found> {
    let shared = |found: &Found| coverage.entities.get(found.target).is_some_and(|entity| entity.shared);
    let ours = home.is_some() || found.iter().any(|found| !shared(found));
    found.retain(|name| {
        let owner = owners.iter().find(|owner| shared(name) && (!ours || owns(text, owner, name)));
        if let Some(owner) = owner {
            let (hit, owner_hit) = (text.hit(*name), text.hit(*owner));
            let id = coverage.contexts.get(owner.target).map_or("owner", |context| context.id.as_str());
            evidence.push(note(id, &format!("{} ({})", hit.words, owner_hit.words), hit.place.name(), 0.0));
        }
        owner.is_none()
    });
    found
}

/// "French National Assembly", "National Assembly of France".
fn owns(text: &Text, owner: &Found, name: &Found) -> bool {
    let before = owner.end <= name.start && name.start - owner.end <= BEFORE;
    let of = |at: usize| text.words.get(at).is_some_and(|word| matches!(word.text.as_str(), "of" | "in"));
    before || (owner.start == name.end + 1 && of(name.end))
}
