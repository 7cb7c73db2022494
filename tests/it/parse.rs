//! Documents as they come: broken, old, foreign, hostile; read as far as they can be, and none brings the process down.

use khyber::model::{Document, FeedHealth, FeedId, Lang, NewEntry, Timestamp};
use khyber::parse::{self, FeedContext, Format, Oddity, ParseError, ParsedFeed};
use std::path::Path;

fn now() -> Timestamp {
    Timestamp::from_timestamp(1_789_600_000, 0).unwrap()
}

fn document(bytes: impl Into<Vec<u8>>) -> Document {
    Document { url: "https://desk.example/feeds/all.xml".parse().unwrap(), content_type: None, bytes: bytes.into() }
}

fn parsed(bytes: impl Into<Vec<u8>>) -> Result<ParsedFeed, ParseError> {
    let feed: FeedId = "desk".parse().unwrap();
    parse::parse(&document(bytes), &FeedContext { feed: &feed, lang: None, now: now() })
}

fn fixture(name: &str) -> ParsedFeed {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/feeds").join(name);
    parsed(std::fs::read(path).unwrap()).unwrap()
}

fn url(entry: &NewEntry) -> &str {
    entry.url.as_ref().map_or("", |url| url.as_str())
}

fn day(entry: &NewEntry) -> String {
    entry.published.map_or_else(String::new, |date| date.format("%Y-%m-%d %H:%M").to_string())
}

fn item(inside: &str) -> NewEntry {
    parsed(format!("<rss version='2.0'><channel><item>{inside}</item></channel></rss>")).unwrap().entries.remove(0)
}

#[test]
fn a_feed_with_everything_wrong_is_read() {
    let feed = fixture("torn.xml");
    assert_eq!(feed.title.as_deref(), Some("Frontier Desk & Wire"));
    assert_eq!(feed.ttl.map(|ttl| ttl.as_secs()), Some(3_600));
    let [first, second, third] = feed.entries.as_slice() else { panic!("{:#?}", feed.entries) };
    assert_eq!(first.headline, "طورخم سرحد پر بات چیت – نیا دور");
    assert_eq!((url(first), day(first).as_str()), ("https://desk.example/stories/1?id=7", "2026-09-15 13:28"));
    assert_eq!(first.summary, "دونوں فریق AT&T کے دفتر میں ملے مذاکرات جاری ہیں۔");
    assert_eq!(first.lang, Lang::Ur);
    assert_eq!(second.headline, "Chaman reopens – for now");
    assert_eq!((second.guid.as_deref(), second.key.0.as_str()), (Some("desk-2"), "id:desk-2"));
    assert_eq!((second.summary.as_str(), day(second).as_str()), ("Trucks moved again.", "2026-09-16 09:00"));
    assert_eq!(third.headline, "Cut in the mid");
    assert!(feed.warnings.iter().any(|warning| warning.oddity == Oddity::Truncated));
    let about_second = feed.warnings.iter().find(|warning| warning.oddity == Oddity::NoLink).unwrap();
    assert!(about_second.to_string().contains("Chaman reopens"), "{about_second}");
}

#[test]
fn old_dialects_are_read() {
    let feed = fixture("old.rdf");
    assert_eq!((feed.format, feed.entries.len()), (Format::Rdf, 2));
    assert_eq!(feed.entries[0].key.0, "id:https://hill.example/a1");
    assert_eq!(
        (feed.entries[1].key.0.as_str(), feed.entries[1].headline.as_str()),
        ("url:https://hill.example/a2", "Polio drive & schools")
    );

    let feed = fixture("atom03.xml");
    let entry = &feed.entries[0];
    assert_eq!((feed.format, entry.lang), (Format::Atom03, Lang::Ps));
    assert_eq!((entry.headline.as_str(), url(entry)), ("د تورخم لار پرانیستل شوه", "https://kabul.example/story/9"));
    assert_eq!((day(entry).as_str(), entry.summary.as_str()), ("2026-09-15 05:30", "د لاري پوها"));
}

#[test]
fn json_with_loose_types_is_read() {
    let feed = fixture("loose.json");
    let [first, second] = feed.entries.as_slice() else { panic!("{:#?}", feed.entries) };
    assert_eq!(
        (first.key.0.as_str(), url(first), day(first).as_str()),
        ("id:41", "https://loose.example/a/41", "2026-09-15 10:00")
    );
    assert_eq!(
        (first.headline.as_str(), first.author.as_deref()),
        ("Refugees return through Spin Boldak.", Some("张三"))
    );
    assert_eq!((second.summary.as_str(), second.published), ("Body", None));
    let warnings: Vec<String> = feed.warnings.iter().map(ToString::to_string).collect();
    assert!(
        warnings.iter().any(|warning| warning == "entry `Second`: `soon` is no date that can be read"),
        "{warnings:?}"
    );
}

#[test]
fn what_is_no_feed_says_what_it_is() {
    let health = |text: &str| {
        let error = parsed(text).unwrap_err();
        (error.health(), error)
    };
    assert!(matches!(health(" \n\u{FEFF}\0"), (FeedHealth::Failing, ParseError::Empty)));
    let (blocked, _) = health(
        "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Enable JavaScript and cookies</body></html>",
    );
    assert_eq!(blocked, FeedHealth::Blocked);
    let (broken, error) = health("<html><head><title>Old news</title></head><body><p>Not here</p></body></html>");
    assert_eq!((broken, error), (FeedHealth::Broken, ParseError::HtmlPage(Some("Old news".into()))));
    assert!(matches!(health("<opml version='2.0'><body/></opml>").1, ParseError::NotAFeed(_)));
    assert!(matches!(health("{\"name\": \"no feed\"}").1, ParseError::NotAFeed(_)));
    assert!(matches!(parsed(vec![b' '; (10 << 20) + 1]).unwrap_err(), ParseError::TooLarge { .. }));
}

#[test]
fn fields_fall_back_on_their_neighbours() {
    let entry = item(
        "<guid>https://desk.example/7</guid><dc:title>By Dublin Core</dc:title><content:encoded>&lt;p&gt;Body&lt;/p&gt;</content:encoded>",
    );
    assert_eq!(
        (entry.headline.as_str(), url(&entry), entry.summary.as_str()),
        ("By Dublin Core", "https://desk.example/7", "Body")
    );
    let entry = item(
        "<title></title><atom:link rel='self' href='/self'/><atom:link href='/8'/><description>Only a summary here</description>",
    );
    assert_eq!((entry.headline.as_str(), url(&entry)), ("Only a summary here", "https://desk.example/8"));
    let entry = item(
        "<title>T</title><media:group><media:content><media:description>M</media:description></media:content></media:group>",
    );
    assert_eq!(entry.summary, "M");
    let entry = item(
        "<title>T</title><author>desk@desk.example (Z. Khan)</author><source url='x'>AFP</source><category>Trade</category>",
    );
    assert_eq!(
        (entry.author.as_deref(), entry.source.as_deref(), entry.categories),
        (Some("Z. Khan"), Some("AFP"), vec!["Trade".to_owned()])
    );
}

#[test]
fn absurd_dates_are_none_and_told() {
    let feed = parsed("<rss><channel><item><title>A</title><pubDate>Fri, 31 Dec 9999 23:59:59 GMT</pubDate></item><item><title>B</title><pubDate>1970-01-01T00:00:00Z</pubDate></item></channel></rss>").unwrap();
    assert!(feed.entries.iter().all(|entry| entry.published.is_none()));
    for (entry, warning) in ["A", "B"]
        .iter()
        .zip(feed.warnings.iter().filter(|w| matches!(w.oddity, Oddity::AbsurdDate(_) | Oddity::UnreadableDate(_))))
    {
        assert_eq!(warning.entry.as_deref(), Some(*entry));
    }
}

#[test]
fn text_can_not_turn_or_hide_what_stands_around_it() {
    let entry = item("<title>A\u{202E}B\u{200B}C &#8238;D&#x7;</title><description>x\u{0}y</description>");
    assert_eq!((entry.headline.as_str(), entry.summary.as_str()), ("ABC D", "xy"));
}

#[test]
fn keys_are_stable_over_polls() {
    let text = "<rss><channel><item><title>No id, no link</title><pubDate>Tue, 15 Sep 2026 18:28:00 PKT</pubDate></item></channel></rss>";
    assert_eq!(parsed(text).unwrap(), parsed(text).unwrap());
}

#[test]
fn entity_bombs_and_outside_entities_are_inert() {
    let bomb = "<!DOCTYPE r [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'><!ENTITY f SYSTEM 'file:///etc/hostname'>]>\
                <rss><channel><item><title>&b; &f;</title><link>https://desk.example/1</link></item></channel></rss>";
    assert_eq!(parsed(bomb).unwrap().entries[0].headline, "&a;&a;&a; &f;");
}

/// Runs on the stack of a worker thread: recursion over the document's depth would abort the whole test run.
fn on_a_small_stack(text: Vec<u8>) -> Result<ParsedFeed, ParseError> {
    std::thread::Builder::new().stack_size(2 << 20).spawn(move || parsed(text)).unwrap().join().unwrap()
}

fn rss(inside: &str) -> String {
    format!(
        "<rss version='2.0'><channel><item><title>Sound</title><link>https://desk.example/1</link>{inside}</item></channel></rss>"
    )
}

#[test]
fn nesting_of_any_depth_costs_only_itself() {
    let nested = |open: &str, close: &str, times: usize| rss(&format!("{}{}", open.repeat(times), close.repeat(times)));
    for text in [
        nested("<media:group>", "</media:group>", 20_000),
        nested("<itunes:category>", "</itunes:category>", 20_000),
        nested("<x>", "", 100_000),
        rss(&format!("<description>{}</description>", "<div>".repeat(100_000))),
        rss(&format!("<description>{}</description>", "&lt;div&gt;".repeat(100_000))),
        rss(&format!("<description><![CDATA[{}]]></description>", "<svg>".repeat(100_000))),
    ] {
        let feed = on_a_small_stack(text.into_bytes()).unwrap();
        assert_eq!(feed.entries[0].headline, "Sound");
    }
    let deep = format!("{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":{}", "[".repeat(500_000));
    // Mended as far as it goes: lists in lists are no entries.
    assert!(on_a_small_stack(deep.into_bytes()).unwrap().entries.is_empty());
}

#[test]
fn floods_are_capped_and_told() {
    let items = format!(
        "<rss><channel>{}</channel></rss>",
        "<item><link>https://desk.example/live</link></item>".repeat(2_500)
    );
    let json = format!("{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{}{{}}]}}", "{},".repeat(300_000));
    for text in [items, format!("<rss><channel>{}", "<item/>".repeat(200_000)), json] {
        let feed = on_a_small_stack(text.into_bytes()).unwrap();
        assert!(feed.entries.len() <= 2_000);
        assert!(feed.warnings.iter().any(|warning| warning.oddity == Oddity::TooManyEntries));
    }
    let elements = on_a_small_stack(rss(&"<a/>".repeat(400_000)).into_bytes()).unwrap();
    assert!(elements.warnings.iter().any(|warning| warning.oddity == Oddity::TooManyElements));
    let field =
        on_a_small_stack(rss(&format!("<description>{}</description>", "&".repeat(2 << 20))).into_bytes()).unwrap();
    assert!(field.warnings.iter().any(|warning| warning.oddity == Oddity::LongField));
    assert_eq!(field.entries[0].summary.len(), 4_000);
}

#[test]
fn known_traps_of_the_parsers_beneath() {
    for inside in [
        "<author>张三（a@example.com）</author>",
        "<itunes:duration>99999999999999999999999</itunes:duration>",
        "<itunes:duration>٠١:٢٣:٤٥</itunes:duration>",
        "<content type='xhtml'><div title='a &quot; b'>x</div></content>",
        "<description xml:base='http://['>x</description>",
        "<media:content/><media:title type='odd/odd/odd'>x</media:title>",
        "<pubDate>2026-13-45T99:99:99+99:99</pubDate><updated>-</updated>",
    ] {
        assert_eq!(parsed(rss(inside)).unwrap().entries[0].headline, "Sound", "{inside}");
    }
    let wide: Vec<u8> = std::iter::once(0xFEFF).chain(rss("").encode_utf16()).flat_map(u16::to_be_bytes).collect();
    assert_eq!(parsed(wide).unwrap().entries[0].headline, "Sound");
}

#[test]
fn an_error_leaves_nothing_behind() {
    assert!(parsed("<html>no</html>").is_err());
    assert_eq!(parsed(rss("")).unwrap().entries.len(), 1);
}

mod whatever_comes {
    use super::{ParseError, ParsedFeed, parsed};
    use proptest::prelude::*;

    const PIECES: [&str; 36] = [
        "<rss>",
        "</rss>",
        "<feed>",
        "<channel>",
        "</channel>",
        "<item>",
        "</item>",
        "<entry ",
        ">",
        "<title>",
        "</title>",
        "<link href='",
        "'/>",
        "<description>",
        "</description>",
        "<content type=\"xhtml\">",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<!DOCTYPE x [",
        "<!ENTITY a \"b\">",
        "]>",
        "&",
        "&#",
        "&#x110000;",
        "&amp;",
        "<?xml encoding='",
        "?>",
        "{\"items\":[",
        "{}",
        "]}",
        "<pubDate>",
        "1 Jan 99999 25:61:61 +9999",
        "\u{FFFE}",
        "خ",
    ];

    /// A panic that was caught: safe, and still a fault.
    fn gave_up(read: &Result<ParsedFeed, ParseError>) -> bool {
        matches!(read, Err(ParseError::Unreadable(reason)) if reason.contains("gave up"))
    }

    proptest! {
        #[test]
        fn bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(!gave_up(&parsed(bytes)));
        }

        #[test]
        fn markup_in_any_order_is_read_or_refused(pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..60)) {
            let read = parsed(pieces.concat());
            prop_assert!(!gave_up(&read));
            if let Ok(feed) = read {
                for entry in feed.entries {
                    prop_assert!(!entry.headline.is_empty() && !entry.key.0.is_empty());
                }
            }
        }

        #[test]
        fn a_sound_feed_cut_anywhere_keeps_its_first_entry(cut in 0_usize..400) {
            let text = "<rss version='2.0'><channel><title>Desk</title><item><title>First</title><link>https://desk.example/1</link></item>\
                        <item><title>Second</title><description><![CDATA[<p>Body</p>]]></description></item></channel></rss>";
            let cut = 115 + cut % (text.len() - 115);
            let feed = parsed(&text[..cut]).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(&feed.entries[0].headline, "First");
        }
    }
}

#[test]
fn when_a_publisher_asks_not_to_be_read_is_known() {
    let feed = parsed(
        "<rss version='2.0'><channel><title>T</title><skipHours><hour>3</hour><hour>24</hour><hour>25</hour><hour>3</hour></skipHours>\
         <skipDays><day>Sunday</day><day>Friday</day><day>Someday</day></skipDays><item><title>A</title></item></channel></rss>",
    )
    .unwrap();
    assert_eq!(feed.skips, khyber::model::Skips { hours: 0b1001, days: 0b101_0000 });
    let never: String = (0..24).map(|hour| format!("<hour>{hour}</hour>")).collect();
    let feed =
        parsed(format!("<rss><channel><skipHours>{never}</skipHours><item><title>A</title></item></channel></rss>"));
    assert_eq!(feed.unwrap().skips, khyber::model::Skips::default());
}

#[test]
fn documents_in_a_wrapping_that_nobody_named_are_read() {
    let rss = "<rss version='2.0'><channel><title>T</title><item><title>Torkham opens</title></item></channel></rss>";
    let escaped = rss.replace('<', "&lt;").replace('>', "&gt;");
    let prefixed = rss.replace("</", "</x:").replace('<', "<x:").replace("<x:/x:", "</x:");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packed, rss.as_bytes()).unwrap();
    for bytes in [escaped.into_bytes(), prefixed.into_bytes(), packed.finish().unwrap()] {
        let feed = parsed(bytes.clone()).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&bytes)));
        assert_eq!(feed.entries[0].headline, "Torkham opens");
    }
}

#[test]
fn broken_json_is_read_as_far_as_it_goes() {
    let whole = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": "1", "title": "One"}, {"id": "2", "title": "Two"}]}"#;
    for (broken, entries) in [
        (whole[..whole.len() - 5].to_owned(), 2),
        (whole.replace('}', ",}"), 2),
        (whole.replace("\"title\": \"T\"", "\"x\": NaN"), 2),
        (format!("/* by hand */ {whole}"), 2),
        (format!("read({whole});"), 2),
    ] {
        let feed = parsed(broken.clone()).unwrap_or_else(|error| panic!("{error}: {broken}"));
        assert_eq!((feed.entries.len(), feed.entries[0].headline.as_str()), (entries, "One"), "{broken}");
    }
}
