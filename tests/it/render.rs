//! The mail as a reader gets it: compared byte for byte with tests/it/snapshots, and held to its promises.
//! `UPDATE_SNAPSHOTS=1 cargo test --test it render::` rewrites the snapshots after a wanted change.

use chrono_tz::{Asia, Tz};
use khyber::model::{Digest, Lang, MailFormat, RenderedDigest, Report, Selection, StoryView};
use khyber::render::{Audience, Links, MAX_HTML, PLAIN, Reader, render, stories_for};
use proptest::prelude::*;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use unicode_segmentation::UnicodeSegmentation;

fn rich() -> Digest {
    serde_json::from_str(include_str!("fixtures/digest/rich.json")).unwrap()
}

fn reader(lang: Lang) -> Reader<'static> {
    let timezone: Tz = if matches!(lang, Lang::Ps | Lang::Fa) { Asia::Kabul } else { Asia::Karachi };
    let links = Links { unsubscribe: Some("mailto:leave@desk.example?subject=unsubscribe"), ..Links::default() };
    let select = Box::leak(Box::default());
    Reader { lang, select, timezone, format: MailFormat::Both, links, audience: Audience::Subscriber, theme: &PLAIN }
}

fn rendered(digest: &Digest, reader: &Reader<'_>) -> RenderedDigest {
    render(digest, reader).unwrap()
}

fn html(digest: &Digest, lang: Lang) -> String {
    rendered(digest, &reader(lang)).html.unwrap()
}

/// The values of an attribute, entities as written.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    html.split(start.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

fn snapshot(name: &str, actual: &str) {
    let file: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots").join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = expected.lines().zip(actual.lines()).position(|(a, b)| a != b);
    assert!(expected == actual, "{name} differs from its snapshot, first at line {:?}", differs.map(|line| line + 1));
}

#[test]
fn the_mail_of_each_language_is_as_it_was() {
    for lang in Lang::DIGEST {
        let mail = rendered(&rich(), &reader(lang));
        let code = lang.code();
        snapshot(&format!("digest-{code}.txt"), &format!("Subject: {}\n\n{}", mail.subject, mail.text));
        snapshot(&format!("digest-{code}.html"), &mail.html.unwrap());
    }
}

#[test]
fn the_subject_names_the_digest_the_day_and_the_weightiest_story() {
    let mail = rendered(&rich(), &reader(Lang::En));
    assert_eq!(
        mail.subject,
        "Border Desk Daily · 2 Mar · Shelling shuts the Dosti gate for a second day as each side blames…"
    );
    // In the reader's language where a report of the story has it.
    let mail = rendered(&rich(), &reader(Lang::Ur));
    assert!(mail.subject.contains("بابِ دوستی دوسرے روز بھی بند"), "{}", mail.subject);
}

#[test]
fn nothing_in_a_mail_reaches_out() {
    for lang in Lang::DIGEST {
        let html = html(&rich(), lang);
        for reach in ["<img", "<script", "<link", "<iframe", "<form", "url(", "@import", " src=", "background="] {
            assert!(!html.to_lowercase().contains(reach), "{reach}");
        }
        let links = values(&html, "href");
        assert!(links.len() > 30);
        let known: HashSet<&str> = values(&html, "id").into_iter().collect();
        for link in links {
            let anchored = link.strip_prefix('#').is_some_and(|id| known.contains(id));
            let leads_to_publisher = link.starts_with("https://") && link.contains(".example/");
            assert!(anchored || leads_to_publisher || link.starts_with("mailto:leave@"), "{link}");
        }
    }
}

#[test]
fn anchors_are_unique() {
    let html = html(&rich(), Lang::En);
    let ids = values(&html, "id");
    assert_eq!(ids.len(), ids.iter().collect::<HashSet<_>>().len());
}

#[test]
fn each_headline_says_its_own_language_and_direction() {
    let html = html(&rich(), Lang::En);
    // The heading whose link leads there, up to its text.
    let heading = |html: &str, link: &str| {
        let headings = html.split("<h3").skip(1).map(|rest| rest.split("</h3>").next().unwrap().to_owned());
        headings.into_iter().find(|heading| heading.contains(link)).unwrap_or_else(|| panic!("{link} leads no story"))
    };
    let ur = heading(&html, "https://sarhad.example/121");
    assert!(ur.contains(r#"lang="ur" dir="rtl""#) && ur.contains(">دوحہ"), "{ur}");
    assert!(html.contains(r#"aria-labelledby="title" lang="en" dir="ltr">"#));
    let html = self::html(&rich(), Lang::Fa);
    assert!(html.contains(r#"aria-labelledby="title" lang="fa" dir="rtl">"#));
    let en = heading(&html, "https://indus.example/101");
    assert!(en.contains(r#"lang="en" dir="ltr""#) && en.contains(">Shelling"), "{en}");
}

#[test]
fn opinion_is_marked_and_a_running_story_says_since_when() {
    let mail = rendered(&rich(), &reader(Lang::En));
    let text = mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("What a fence cannot settle [Opinion · New · 05:30]"));
    let wanted = "[Developing · day 2 · first seen 1 Mar · Agency text · 09:40 · 11 publishers, 7 origins · 4 earlier";
    assert!(text.contains(wanted), "{text}");
    assert!(text.contains("[Official · Developing · day 12 · first seen 19 Feb · 08:10"), "{text}");
    // The same instant in the zone of a reader in Kabul.
    assert!(rendered(&rich(), &reader(Lang::Fa)).text.contains("۰۹:۱۰"));
}

#[test]
fn plain_text_is_wrapped_and_complete() {
    for lang in Lang::DIGEST {
        let digest = rich();
        let mail = rendered(&digest, &reader(lang));
        for line in mail.text.lines().filter(|line| !line.contains("://") && !line.starts_with("mailto:")) {
            let width = line.trim_start_matches('\u{200F}').graphemes(true).count();
            assert!(width <= 72, "{width}: {line}");
        }
        for url in
            digest.sections.iter().flat_map(|s| s.stories.iter().chain(&s.opinions)).filter_map(|s| s.url.as_ref())
        {
            assert!(mail.text.contains(&format!("] {url}\n")), "{url}");
        }
        assert!(mail.text.contains("mailto:leave@desk.example"));
        assert!(!mail.text.contains("\n\n\n\n"), "a hole in the text");
    }
}

#[test]
fn hostile_text_stays_text() {
    let mut digest = rich();
    let story = &mut digest.sections[0].stories[0];
    story.headline = "<script>alert(1)</script> \"onclick=\u{202E}x\r\nBcc: a@b.example".to_owned();
    story.summary = "</p></div><style>*{display:none}</style>&amp;".repeat(3);
    story.url = Some("javascript:alert(1)".to_owned());
    story.weight = 99.0;
    story.reports[0].url = Some("https://user:secret@evil.example/\"><b>".to_owned());
    story.reports[0].publisher = "A\u{0}<b>C".to_owned();
    story.reports[1].url = Some("https://hewad.example/?q=\"><script>".to_owned());
    digest.title = "Title\r\nX-Injected: yes".to_owned();
    let mail = rendered(&digest, &reader(Lang::En));
    let html = mail.html.unwrap();
    for text in [&html, &mail.text, &mail.subject] {
        assert!(!text.contains('\u{202E}') && !text.contains('\0') && !text.contains("evil.example"));
        assert!(!text.contains("javascript:"));
    }
    assert!(!html.contains("<script") && !html.contains("</style>&") && !html.contains("<b>"));
    assert_eq!(html.matches("<style>").count(), 1, "only the mail's own");
    assert!(!mail.subject.contains(['\r', '\n']));
    assert!(mail.subject.starts_with("Title X-Injected: yes · 2 Mar · <script>"));
}

#[test]
fn a_label_that_only_calls_is_not_shown_and_one_of_a_form_gives_way_to_its_badge() {
    let mut digest = rich();
    let story = &mut digest.sections[0].stories[0];
    story.headline = "First on Desk TV: Lorries pass the gate again".to_owned();
    story.summary = "Exclusive: The first lorries in nine days passed the gate at noon on Monday.".to_owned();
    story.reports[1].headline = "WATCH: Customs officers count what has rotted".to_owned();
    let opinion = digest.sections.iter_mut().find_map(|section| section.opinions.first_mut()).unwrap();
    opinion.headline = "Opinion | The gate is a wound that both sides keep open".to_owned();
    let mail = rendered(&digest, &reader(Lang::En));
    let text = mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
    for shown in ["Lorries pass the gate again", "The gate is a wound that both sides keep open"] {
        assert!(text.contains(shown) && mail.html.as_ref().unwrap().contains(shown), "{shown}: {text}");
    }
    for label in ["First on", "Exclusive:", "WATCH", "Opinion |"] {
        assert!(!text.contains(label) && !mail.html.as_ref().unwrap().contains(label), "{label}: {text}");
    }
    assert!(text.contains("The first lorries in nine days passed the gate"), "{text}");
}

#[test]
fn a_publisher_that_tells_it_otherwise_has_all_its_reports_in_one_place() {
    let mut digest = rich();
    let story = &mut digest.sections[0].stories[0];
    story.reports.truncate(2);
    story.reports[1].publisher = "Otherwise".to_owned();
    story.reports[1].headline = "Customs officers weigh what has rotted in the heat".to_owned();
    let second = Report {
        entry: khyber::model::EntryId(9_999),
        url: Some("https://otherwise.example/second".to_owned()),
        ..story.reports[1].clone()
    };
    story.reports.push(second);
    let mail = rendered(&digest, &reader(Lang::En));
    let html = mail.html.unwrap();
    assert_eq!(html.matches("Otherwise</bdi>").count(), 1);
    assert!(html.contains("href=\"https://otherwise.example/second\" aria-label=\"Otherwise 2\""));
    assert_eq!(mail.text.matches("- Otherwise").count(), 1, "{}", mail.text);
    assert!(mail.text.contains("https://otherwise.example/second"));
}

#[test]
fn a_text_browser_parts_what_stands_apart() {
    let everybody = Reader { audience: Audience::Everybody, links: Links::default(), ..reader(Lang::En) };
    let page = rendered(&rich(), &everybody).html.unwrap();
    assert!(!page.contains("class=\"peek\"") && html(&rich(), Lang::En).contains("class=\"peek\""));
    // Such a browser knows elements and blanks, and no `display: block`.
    assert!(page.contains("</span> <span class=\"by") && !page.contains("</span><span class=\"by"));
    assert!(!page.contains("</bdi><a class=\"nth\""));
    let jumps = page.matches("<a class=\"jump").count();
    assert!(jumps > 3 && page.matches("<div><a class=\"jump").count() == jumps);
}

/// A digest far too large for one mail: `stories` in each of its sections, each with `reports` reports in long words.
fn oversized(stories: usize, reports: usize) -> Digest {
    let mut digest = rich();
    let mut next = 10_000;
    for section in &mut digest.sections {
        let model = section.stories[0].clone();
        section.opinions.clear();
        section.more = 1;
        section.stories = (0..stories)
            .map(|_| {
                next += 1;
                let report = Report {
                    headline: "چمن سرحد پر & مذاکرات ".repeat(12), ..model.reports[0].clone()
                };
                StoryView {
                    id: khyber::model::EntryId(next),
                    headline: "د پولې & خبرې ".repeat(20),
                    summary: "\"A & B\" said it again. ".repeat(40),
                    reports: vec![report; reports],
                    ..model.clone()
                }
            })
            .collect();
    }
    digest
}

#[test]
fn a_large_digest_fits_and_counts_what_it_leaves_out() {
    for (stories, reports) in [(12, 8), (40, 8), (120, 12)] {
        let digest = oversized(stories, reports);
        let html = html(&digest, Lang::En);
        assert!(html.len() < MAX_HTML, "{stories} stories a section: {} bytes", html.len());
        let shown = html.matches(r#"<div class="story""#).count();
        let left_out: usize = html
            .split(r#"<p class="more""#)
            .skip(1)
            .map(|rest| rest.split('>').nth(1).unwrap().split(' ').next().unwrap().parse::<usize>().unwrap())
            .sum();
        assert!(shown >= digest.sections.len());
        assert_eq!(shown + left_out, digest.sections.len() * (stories + 1), "{stories} stories a section");
    }
}

#[test]
fn a_reader_gets_the_topics_they_chose() {
    let select = Selection { topics: vec!["diplomacy".parse().unwrap()], ..Selection::default() };
    let chosen = Reader { select: &select, ..reader(Lang::En) };
    let mail = rendered(&rich(), &chosen);
    assert_eq!(stories_for(&rich(), &select), 1);
    assert!(mail.text.contains("Diplomacy\n=") && !mail.text.contains("Trade and transit"));
    assert!(mail.text.contains(" reports, 1 story\n"));
}

#[test]
fn an_empty_digest_says_so() {
    let select = Selection { topics: vec!["health".parse().unwrap()], ..Selection::default() };
    for lang in Lang::DIGEST {
        let mail = rendered(&rich(), &Reader { select: &select, ..reader(lang) });
        let html = mail.html.unwrap();
        assert!(html.contains(r#"<p class="empty""#) && !html.contains(r#"<div class="story""#));
        assert!(mail.subject.ends_with(match lang {
            Lang::Ur => "کوئی نئی خبر نہیں",
            Lang::Ps => "نوی خبر نشته",
            Lang::Fa => "خبر تازه‌ای نیست",
            _ => "nothing new",
        }));
    }
}

#[test]
fn text_only_readers_get_no_html() {
    let mail = rendered(&rich(), &Reader { format: MailFormat::Text, ..reader(Lang::En) });
    assert_eq!(mail.html, None);
}

#[test]
fn there_is_always_a_way_out() {
    let link = |unsubscribe| {
        let links = Links { unsubscribe, ..Links::default() };
        rendered(&rich(), &Reader { links, ..reader(Lang::En) })
    };
    let web = link(Some("https://desk.example/leave/abc?x=1&y=2"));
    assert!(web.html.unwrap().contains("https://desk.example/leave/abc?x=1&#38;y=2"));
    assert!(web.text.contains("Unsubscribe:\nhttps://desk.example/leave/abc?x=1&y=2"));
    for none in [None, Some("javascript:alert(1)")] {
        let mail = link(none);
        assert!(mail.html.unwrap().contains("To leave, answer this mail."));
        assert!(mail.text.contains("To leave, answer this mail."));
    }
}

#[test]
fn the_same_digest_gives_the_same_bytes() {
    assert_eq!(rendered(&rich(), &reader(Lang::Ps)), rendered(&rich(), &reader(Lang::Ps)));
}

#[test]
fn one_publisher_stands_once_and_the_same_words_are_not_told_twice() {
    let mut digest = rich();
    let story = &mut digest.sections[1].stories[0];
    let again = Report { url: Some("https://spin.example/again".to_owned()), ..story.reports[0].clone() };
    story.reports.push(again);
    // Another side, but nearly the story's own words: named among the sources, not set beside the headline.
    story.reports[1].headline = "One register for two customs houses: wait at Torkham falls to three hours".to_owned();
    let mail = rendered(&digest, &reader(Lang::En));
    let html = mail.html.unwrap();
    let block = html.split(r#"id="s110""#).nth(1).and_then(|rest| rest.split(r#"<div class="story""#).next()).unwrap();
    assert_eq!(block.matches(">Spin Ghar News<").count(), 1);
    assert!(block.contains(r#"href="https://spin.example/again" aria-label="Spin Ghar News 2">2</a>"#));
    assert!(block.contains("Indus Courier") && !block.contains("houses: wait at Torkham"));
    let line = mail
        .text
        .lines()
        .find(|line| line.starts_with("- Spin Ghar News (Afghanistan, exile/independent) · 08:20 ["))
        .unwrap();
    let marks: Vec<&str> = line.split('[').skip(1).map(|mark| mark.trim_end_matches([']', ' '])).collect();
    assert_eq!(marks.len(), 2, "{line}");
    for (mark, url) in marks.iter().zip(["https://spin.example/110", "https://spin.example/again"]) {
        assert!(mail.text.contains(&format!("[{mark}] {url}\n")), "{line}");
    }
}

#[test]
fn a_story_without_headline_still_has_a_name() {
    let mut digest = rich();
    let story = &mut digest.sections[1].stories[0];
    (story.headline, story.weight) = ("\u{200B} ".to_owned(), 99.0);
    let mail = rendered(&digest, &reader(Lang::En));
    assert!(mail.subject.contains("Customs staff of both countries"));
    let story = &mut digest.sections[1].stories[0];
    story.summary.clear();
    let mail = rendered(&digest, &reader(Lang::En));
    assert!(mail.text.contains("\n- Spin Ghar News\n") && mail.html.unwrap().contains(">Spin Ghar News</a></h3>"));
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        Just("\u{202E}\u{0}\r\n".to_owned()),
        Just("<script src=//x.example>".to_owned()),
        Just("\"'><img src=x onerror=1>&{{ page }}".to_owned()),
        Just("چمن\u{200C}سرحد ".repeat(40)),
        Just("e\u{301}\u{302}".repeat(300)),
        Just("👩‍👩‍👧‍👦. ".repeat(50)),
        Just("w".repeat(3_000)),
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_text_breaks_a_mail(texts in prop::collection::vec(hostile(), 6), lang in 0..4_usize) {
        let mut digest = rich();
        for story in digest.sections.iter_mut().flat_map(|section| &mut section.stories) {
            story.headline.clone_from(&texts[0]);
            story.summary.clone_from(&texts[1]);
            story.url = Some(format!("https://press.example/{}", texts[2]));
            for report in &mut story.reports {
                report.headline.clone_from(&texts[3]);
                report.publisher.clone_from(&texts[4]);
                report.origin = Some(texts[5].clone());
            }
        }
        digest.title.clone_from(&texts[5]);
        digest.silent_publishers = texts.clone();
        let (model, lang) = (rendered(&rich(), &reader(Lang::En)).html.unwrap(), Lang::DIGEST[lang]);
        let mail = rendered(&digest, &reader(lang));
        let html = mail.html.unwrap();
        prop_assert!(html.len() < MAX_HTML);
        for tag in ["<script", "<img", "<style", "<html", "<body"] {
            prop_assert_eq!(html.matches(tag).count(), model.matches(tag).count(), "{}", tag);
        }
        for (open, close) in [("<div", "</div>"), ("<a ", "</a>"), ("<bdi", "</bdi>"), ("<p", "</p>"), ("<h3", "</h3>")] {
            prop_assert_eq!(html.matches(open).count(), html.matches(close).count(), "{}", open);
        }
        for text in [&html, &mail.subject] {
            let tricks = ['\u{202A}', '\u{202D}', '\u{202E}', '\u{200B}', '\r', '\0'];
            prop_assert!(!text.contains(tricks));
        }
        prop_assert!(!mail.subject.contains('\n') && mail.subject.graphemes(true).count() < 200);
        let longest = mail.text.lines().filter(|line| !line.contains("://")).map(str::len).max();
        prop_assert!(longest < Some(2_000));
    }
}
