//! What grouping costs, counted and not timed, and that density alone parts no reports that are nearly the same.

use super::shared::Shared;
use super::vectors::{Corpus, TextOf};
use super::{cluster, pairs, threads};
use crate::model::{Coverage, Timestamp};

fn corpus(texts: &[(String, String)]) -> Corpus {
    let publishers: Vec<String> = (0..texts.len()).map(|at| at.to_string()).collect();
    let texts: Vec<TextOf> = texts
        .iter()
        .zip(&publishers)
        .map(|((headline, lead), publisher)| TextOf {
            lang: crate::model::Lang::En,
            headline,
            lead,
            publisher,
            at: Timestamp::UNIX_EPOCH,
            is_opinion: false,
            kept: true,
        })
        .collect();
    Corpus::new(&texts, &[], &Coverage::default())
}

/// The most additions that an entry may cost: its words, each looked up where few have it.
const A_FEW: usize = 120 * 400;

fn costs_no_square(texts: &[(String, String)]) {
    let corpus = corpus(texts);
    let mut shared = Shared::new(corpus.terms.len(), corpus.len());
    let mut pairs = pairs::alike(&corpus, &[], &mut shared);
    assert!(shared.added() <= texts.len() * A_FEW, "{} additions", shared.added());
    assert!(pairs.len() <= texts.len() * pairs::MOST_COMPARED);
    let mut neighbours = Shared::new(corpus.len(), corpus.len());
    pairs::share_neighbours(&corpus, &mut pairs, &mut neighbours);
    assert!(neighbours.added() <= texts.len() * A_FEW, "{} additions for neighbours", neighbours.added());
    let labels = cluster::cluster(corpus.len(), &pairs);
    assert_eq!(labels.len(), texts.len());
    let mut threads = Shared::new(corpus.terms.len(), texts.len());
    threads::threads_counted(&corpus, &labels, &mut threads);
    assert!(threads.added() <= texts.len() * threads::MOST_WORDS * threads::COMMON);
}

#[test]
fn ten_thousand_equal_or_hostile_headlines_cost_no_square() {
    let bare = |headline: &str| (headline.to_owned(), String::new());
    let equal: Vec<_> = (0..10_000).map(|_| bare("The same headline in every entry of all")).collect();
    costs_no_square(&equal);
    let one_word: Vec<_> = (0..10_000).map(|_| bare("Kabul")).collect();
    costs_no_square(&one_word);
    // Words that stand in as many entries as are looked up, again and again.
    let groups: Vec<_> = (0..1_200).map(|at| bare(&format!("bridge{0} river{0} valley{0}", at / 400))).collect();
    costs_no_square(&groups);
    let odd = ["", "x", "🎉🎉🎉", "\u{202e}\u{2066}\u{0}", "کابل Kabul Кабул 喀布尔", &"Kabul talks ".repeat(9_000)];
    let odd: Vec<_> = (0..300).map(|at| (odd[at % odd.len()].to_owned(), odd[at / 50].to_owned())).collect();
    costs_no_square(&odd);
}

/// Eighty reports near to all others: each of these would be held against all others through each of those.
#[test]
fn a_report_that_is_near_to_all_costs_no_square() {
    let (hubs, count) = (80, 2_000);
    let texts: Vec<_> = (0..count).map(|at| (format!("Matter{at}"), String::new())).collect();
    let corpus = corpus(&texts);
    let pair = |a, b| pairs::Pair { a, b, score: 0.5 };
    let mut pairs: Vec<_> = (0..hubs).flat_map(|hub| (hubs..count).map(move |at| pair(hub, at))).collect();
    pairs.extend((hubs..count - 1).map(|at| pair(at, at + 1)));
    let mut neighbours = Shared::new(count, count);
    pairs::share_neighbours(&corpus, &mut pairs, &mut neighbours);
    assert!(neighbours.added() <= count * pairs::POPULAR, "{} additions", neighbours.added());
}

#[test]
fn a_long_headline_is_read_to_its_cap() {
    let words: Vec<String> = (0..20_000).map(|at| format!("word{at}")).collect();
    let corpus = corpus(&[(words.join(" "), words.join(" "))]);
    assert!(corpus.terms.len() <= 200, "{}", corpus.terms.len());
}

/// Each report's surroundings are the others of its own event: near alike, they still make one story.
#[test]
fn an_event_that_all_tell_at_length_is_one_story() {
    let lead: Vec<String> = (0..40).map(|at| format!("detail{at}")).collect();
    let texts: Vec<(String, String)> = (0..30)
        .map(|at| {
            let mut lead = lead.clone();
            lead[at] = format!("other{at}");
            (format!("Bridge falls into river after flood paper{at}"), lead.join(" "))
        })
        .chain((0..30).map(|at| (format!("Matter{at} of its{at} own{at}"), format!("nothing{at} shared{at}"))))
        .collect();
    let corpus = corpus(&texts);
    let labels = cluster::cluster(corpus.len(), &pairs::pairs(&corpus, &[]));
    assert!(labels.iter().take(30).all(|label| *label == 0), "{labels:?}");
    assert!(labels.iter().skip(30).enumerate().all(|(at, label)| *label == at + 30), "{labels:?}");
}
