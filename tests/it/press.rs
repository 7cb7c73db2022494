//! A mail from the press is, byte for byte, the mail that is set for its reader alone.

use khyber::model::{Digest, EntryId, Lang, MailFormat, RenderedDigest, Selection, StoryView};
use khyber::render::{Audience, Links, MAX_HTML, PLAIN, Press, Reader, render};
use proptest::prelude::*;

fn rich() -> Digest {
    serde_json::from_str(include_str!("fixtures/digest/rich.json")).unwrap()
}

/// Long enough that a mail with all of it does not fit.
fn long(times: usize) -> Digest {
    let mut digest = rich();
    let mut next = 10_000;
    for section in &mut digest.sections {
        let models = section.stories.clone();
        for model in models.iter().cycle().take(times) {
            next += 1;
            section.stories.push(StoryView { id: EntryId(next), ..model.clone() });
        }
    }
    digest
}

const FORMATS: [MailFormat; 3] = [MailFormat::Both, MailFormat::Html, MailFormat::Text];
const AUDIENCES: [Audience; 3] = [Audience::Subscriber, Audience::Discreet, Audience::Everybody];

/// Own links of several kinds: of the web, by mail, with all that HTML escapes, none, and such as are no links.
fn own_links() -> Vec<Links<'static>> {
    let long: &str = Box::leak(format!("https://desk.example/leave/{}?lang=ur", "a".repeat(900)).into_boxed_str());
    let page = |unsubscribe, change, pause| Links { unsubscribe, change, pause, view: None };
    let (web, odd) = (Some("https://desk.example/leave/x1?lang=en"), Some("https://desk.example/o'b?a=\"1\"&b=<2>#c"));
    let view = Some("https://desk.example/edition/daily/1-abc?lang=en&x=1");
    vec![
        Links::default(),
        page(web, Some("https://desk.example/leave/x1?lang=en#change"), Some("https://desk.example/leave/x1#pause")),
        Links { view, ..page(web, web, web) },
        Links { view, ..page(Some(long), Some(long), None) },
        page(odd, odd, odd),
        page(Some("mailto:leave@desk.example?subject=unsubscribe%20daily%20tok&body='&'"), None, None),
        page(Some("<mailto:b@desk.example>"), None, web),
        page(Some("javascript:alert(1)"), Some("https://user:pw@desk.example/"), None),
    ]
}

fn reader<'a>(lang: Lang, select: &'a Selection, links: Links<'a>) -> Reader<'a> {
    let timezone = if lang == Lang::Ur { chrono_tz::Asia::Karachi } else { chrono_tz::Asia::Kabul };
    let (format, audience) = (MailFormat::Both, Audience::Subscriber);
    Reader { lang, select, timezone, format, links, audience, theme: &PLAIN }
}

fn assert_same(press: &Press<'_>, digest: &Digest, reader: &Reader<'_>) -> RenderedDigest {
    let (pressed, alone) = (press.mail(reader).unwrap(), render(digest, reader).unwrap());
    assert!(pressed == alone, "another mail for {reader:?}");
    pressed
}

#[test]
fn every_language_form_audience_and_link_gives_the_same_bytes() {
    let few = Selection { max_stories: Some(3), ..Selection::default() };
    let digest = rich();
    let press = Press::new(&digest, &PLAIN);
    let mut mails = 0;
    for lang in Lang::DIGEST.into_iter().chain([Lang::Other]) {
        for (format, audience) in FORMATS.into_iter().flat_map(|format| AUDIENCES.map(|audience| (format, audience))) {
            for links in own_links() {
                let reader = Reader { format, audience, ..reader(lang, &few, links) };
                let pressed = assert_same(&press, &digest, &reader);
                assert!(!format!("{pressed:?}").contains("own.invalid"), "a mark is left");
                mails += 1;
            }
        }
    }
    assert_eq!(mails, 5 * 9 * 8);
}

#[test]
fn links_reach_the_reader_they_belong_to() {
    let (digest, select) = (rich(), Selection::default());
    let press = Press::new(&digest, &PLAIN);
    for n in 0..50 {
        let leave = format!("https://desk.example/leave/{n:032}?lang=en");
        let change = format!("{leave}#change");
        let links = Links { unsubscribe: Some(&leave), change: Some(&change), ..Links::default() };
        let mail = press.mail(&reader(Lang::En, &select, links)).unwrap();
        for part in [&mail.text, &mail.html.unwrap()] {
            assert_eq!(part.matches(&format!("leave/{n:032}")).count(), 2);
            assert_eq!(part.matches("desk.example/leave/").count(), 2, "another reader's link");
        }
    }
}

/// Three links of so many bytes together.
fn links_of(bytes: usize) -> [String; 3] {
    let base = "https://desk.example/leave/";
    let more = bytes - 3 * base.len();
    [more / 3, more / 3, more - more / 3 * 2].map(|more| format!("{base}{}", "a".repeat(more)))
}

/// With longer links a mail tells less, and with shorter ones more again: whichever came first, and to the byte.
#[test]
fn the_level_of_detail_follows_the_length_of_the_links() {
    const MOST: usize = 5_700;
    let select = Selection::default();
    let mut edges = 0;
    for (times, lang) in [(4, Lang::En), (6, Lang::Ur), (6, Lang::Ps), (7, Lang::Fa), (9, Lang::En)] {
        let digest = long(times);
        let set = |press: &Press<'_>, bytes: usize| {
            let [leave, change, pause] = links_of(bytes);
            let own = Links { unsubscribe: Some(&leave), change: Some(&change), pause: Some(&pause), view: None };
            assert_same(press, &digest, &reader(lang, &select, own)).html.unwrap()
        };
        let press = Press::new(&digest, &PLAIN);
        let short = set(&press, 100).len();
        assert!(short < MAX_HTML);
        // The fewest bytes of links for which this level has no room.
        let edge = (MAX_HTML - (short - 100)).clamp(101, MOST);
        let before = set(&press, edge - 1).len();
        let after = set(&press, edge).len();
        edges += usize::from(before == MAX_HTML - 1 && after < before);
        // From the other side: a press whose first reader has the longest links.
        let press = Press::new(&digest, &PLAIN);
        for bytes in [MOST, edge, edge - 1, 100, edge] {
            assert!(set(&press, bytes).len() < MAX_HTML);
        }
    }
    assert!(edges > 0, "no mail came to the edge of its level");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_links_in_any_order_give_the_same_bytes(
        times in 0_usize..10,
        paths in prop::collection::vec(("[ -~]{0,200}", "[ -~]{0,20}", 0_usize..1_800), 1..5),
        lang in 0_usize..4,
    ) {
        let (digest, select) = (long(times), Selection::default());
        let press = Press::new(&digest, &PLAIN);
        for (first, second, more) in paths {
            let leave = format!("https://desk.example/{first}{}", "a".repeat(more));
            let change = format!("https://desk.example/{second}");
            let links = Links { unsubscribe: Some(&leave), change: Some(&change), ..Links::default() };
            let reader = reader(Lang::DIGEST[lang], &select, links);
            prop_assert!(press.mail(&reader).unwrap() == render(&digest, &reader).unwrap());
        }
    }
}
