//! A linter for HTML mail, over every mail this crate can render: what mail programs do not support does not stand in one.
//! The table of CSS follows the data of caniemail.com: properties that Gmail, Outlook and Apple Mail all show or all may ignore.

use dom_query::{Document, NodeRef};
use khyber::model::digest::Reach;
use khyber::model::{Digest, EntryId, Kind, Lang, MailFormat, Owner, Selection, Side, StoryView, Theme};
use khyber::render::{Audience, Links, MAX_HTML, PLAIN, Reader, render};
use std::collections::HashSet;

/// Properties that may stand in an element: shown everywhere, or harmless where they are not (rounded corners).
const CSS: [&str; 22] = [
    "margin",
    "padding",
    "background",
    "color",
    "font-family",
    "font-size",
    "font-weight",
    "line-height",
    "width",
    "max-width",
    "max-height",
    "overflow",
    "display",
    "border",
    "border-top",
    "border-bottom",
    "border-left-width",
    "border-right-width",
    "border-radius",
    "text-decoration",
    "word-wrap",
    "overflow-wrap",
];
/// Of `display`, what Outlook on Windows knows.
const DISPLAY: [&str; 3] = ["none", "block", "inline-block"];
const ELEMENTS: [&str; 18] = [
    "html", "head", "meta", "title", "style", "body", "div", "table", "tbody", "tr", "td", "h1", "h2", "h3", "p", "a",
    "span", "bdi",
];

/// Everything that is wrong with one mail.
fn lint(html: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let document = Document::from(html);
    let mut ids = HashSet::new();
    if html.len() >= MAX_HTML {
        wrong.push(format!("{} bytes", html.len()));
    }
    if !html.starts_with("<!doctype html>") {
        wrong.push("no doctype".to_owned());
    }
    for node in document.select("*").nodes() {
        element(node, &mut wrong);
        if let Some(id) = node.attr("id")
            && !ids.insert(id.to_string())
        {
            wrong.push(format!("two elements have the id {id}"));
        }
    }
    for node in document.select("a").nodes() {
        let href = node.attr("href").unwrap_or_default().to_string();
        let leads = href.strip_prefix('#').map_or_else(
            || ["https://", "http://", "mailto:"].iter().any(|scheme| href.starts_with(scheme)),
            |id| ids.contains(id),
        );
        if !leads {
            wrong.push(format!("a link leads to {href:?}"));
        }
        if node.text().trim().is_empty() {
            wrong.push(format!("the link to {href} has no words"));
        }
    }
    let order: Vec<u8> =
        (document.select("h1, h2, h3").nodes().iter()).filter_map(|node| node.node_name()?.bytes().last()).collect();
    if order.first() != Some(&b'1') || order.iter().filter(|level| **level == b'1').count() != 1 {
        wrong.push("not one h1, and first".to_owned());
    }
    if order.windows(2).any(|pair| pair[1] > pair[0] + 1) {
        wrong.push("a level of headings is left out".to_owned());
    }
    if document.select("[role=article][lang][dir]").length() != 1 {
        wrong.push("no block with role, lang and dir: Gmail drops them on <html>".to_owned());
    }
    wrong
}

fn element(node: &NodeRef<'_>, wrong: &mut Vec<String>) {
    let Some(name) = node.node_name() else { return };
    let name = name.to_string();
    if !ELEMENTS.contains(&name.as_str()) && name != "br" {
        wrong.push(format!("<{name}>"));
    }
    if name == "table" && node.attr("role").as_deref() != Some("presentation") {
        wrong.push("a table of layout is read out as one of data".to_owned());
    }
    for attribute in node.attrs() {
        let attribute = attribute.name.local.to_string();
        if attribute.starts_with("on") || ["src", "background", "srcset", "poster"].contains(&attribute.as_str()) {
            wrong.push(format!("<{name} {attribute}>"));
        }
    }
    if let Some(lang) = node.attr("lang")
        && !["en", "ur", "ps", "fa", ""].contains(&&*lang)
    {
        wrong.push(format!("lang={lang}"));
    }
    let rtl = node.attr("lang").is_some_and(|lang| ["ur", "ps", "fa"].contains(&&*lang));
    if rtl && node.attr("dir").is_some_and(|dir| &*dir == "ltr") {
        wrong.push(format!("<{name}> runs the wrong way"));
    }
    let style = node.attr("style").unwrap_or_default().to_string();
    for declaration in style.split(';').filter(|declaration| !declaration.trim().is_empty()) {
        let Some((property, value)) = declaration.split_once(':') else {
            wrong.push(format!("style {declaration:?}"));
            continue;
        };
        let property = property.trim();
        if !CSS.contains(&property) || (property == "display" && !DISPLAY.contains(&value.trim())) {
            wrong.push(format!("{property}: {value}"));
        }
        if value.contains("url(") || value.contains("var(") || value.contains("calc(") {
            wrong.push(format!("{property}: {value}"));
        }
    }
    if name == "style" {
        let text = node.text().to_string();
        for reach in ["url(", "@import", "@font-face", "<"] {
            if text.contains(reach) {
                wrong.push(format!("the style sheet has {reach}"));
            }
        }
    }
}

fn rich() -> Digest {
    serde_json::from_str(include_str!("fixtures/digest/rich.json")).unwrap()
}

fn html(digest: &Digest, lang: Lang) -> String {
    mail(digest, lang, Audience::Subscriber).0
}

fn mail(digest: &Digest, lang: Lang, audience: Audience) -> (String, String, String) {
    let links = Links {
        unsubscribe: Some("https://desk.example/leave/x?a=1&b=2"),
        change: Some("https://desk.example/leave/x#change"),
        pause: Some("https://desk.example/leave/x#pause"),
        view: Some("https://desk.example/e/12"),
    };
    let (select, timezone, format) = (&Selection::default(), chrono_tz::Asia::Karachi, MailFormat::Both);
    let mail = render(digest, &Reader { lang, select, timezone, format, links, audience, theme: &PLAIN }).unwrap();
    (mail.html.unwrap(), mail.text, mail.subject)
}

fn each_story(digest: &mut Digest, change: impl Fn(&mut StoryView)) {
    digest
        .sections
        .iter_mut()
        .flat_map(|section| section.stories.iter_mut().chain(&mut section.opinions))
        .for_each(change);
}

/// An edition of so many stories.
fn crowded(stories: i64) -> Digest {
    let mut digest = rich();
    let sections = digest.sections.len() as i64;
    for (at, section) in (0..).zip(&mut digest.sections) {
        let model = section.stories[0].clone();
        let ids = (0..stories / sections).map(|n| EntryId(100_000 * (at + 1) + n));
        section.stories = ids.map(|id| StoryView { id, ..model.clone() }).collect();
    }
    digest
}

/// Editions of every kind, by name.
fn editions() -> Vec<(&'static str, Digest)> {
    let changed = |change: fn(&mut StoryView)| {
        let mut digest = rich();
        each_story(&mut digest, change);
        digest
    };
    let mut empty = rich();
    (empty.sections, empty.board, empty.quiet) = (Vec::new(), Vec::new(), Vec::new());
    let mut old = rich();
    (old.number, old.feeds, old.reach) = (0, khyber::model::digest::FeedCount::default(), Vec::new());
    vec![
        ("rich", rich()),
        ("no summary", changed(|story| story.summary.clear())),
        ("emoji only", changed(|story| story.headline = "🚛🚧🇵🇰🇦🇫".to_owned())),
        ("10 KB headline", changed(|story| story.headline = "Torkham opens again ".repeat(512))),
        ("one long word", changed(|story| story.headline = "x".repeat(10_240))),
        (
            "markup",
            changed(|story| {
                story.headline =
                    "<img src=x onerror=alert(1)><b class=\"story\" style=\"position:fixed\">Hi</b>".to_owned();
                story.summary = "</td></table><script>x</script>&lt;b&gt;".to_owned();
                story.url = Some("javascript:alert(1)".to_owned());
            }),
        ),
        ("bidi", changed(|story| story.headline = "\u{202E}lautca\u{202C} سرحد \u{2066}x".to_owned())),
        ("all opinion", changed(|story| story.reports.iter_mut().for_each(|report| report.kind = Kind::Opinion))),
        ("no links", changed(|story| story.url = None)),
        ("5,000 stories", crowded(5_000)),
        ("empty", empty),
        ("from an older version", old),
    ]
}

#[test]
fn every_mail_is_one_that_mail_programs_show() {
    for (name, digest) in editions() {
        for lang in Lang::DIGEST {
            assert_eq!(lint(&html(&digest, lang)), Vec::<String>::new(), "{name} in {lang:?}");
        }
    }
}

#[test]
fn the_linter_finds_what_it_looks_for() {
    let good = html(&rich(), Lang::En);
    for (what, from, to) in [
        ("an image", "</h1>", "</h1><img src=\"https://x.example/p.gif\">"),
        ("a table of data", " role=\"presentation\"", ""),
        ("a script", "</h1>", "</h1><script>x</script>"),
        ("CSS of few programs", "font-size:27px", "position:fixed"),
        ("flex", "display:block", "display:flex"),
        ("a picture from afar", "background:#eef4f1", "background:url(https://x.example/a.png)"),
        ("a link to nowhere", "href=\"#s110\"", "href=\"#s999999\""),
        ("a script behind a link", "https://indus.example/101", "javascript:alert(1)"),
        ("an id twice", "id=\"s110\"", "id=\"s101\""),
        ("a heading left out", "<h2", "<h4"),
        ("a handler", "<h1 ", "<h1 onclick=\"x\" "),
        ("text that runs the wrong way", "lang=\"ur\" dir=\"rtl\"", "lang=\"ur\" dir=\"ltr\""),
        ("no article", "role=\"article\"", ""),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(good, bad, "{what}: nothing was changed");
        assert_ne!(lint(&bad), Vec::<String>::new(), "{what} was not found");
    }
}

#[test]
fn what_a_mail_has_no_room_for_is_one_link_away() {
    let digest = crowded(160);
    let shown = |html: &str| html.matches("<div class=\"story\"").count();
    let (html, text, _) = mail(&digest, Lang::En, Audience::Subscriber);
    let (page, ..) = mail(&digest, Lang::En, Audience::Everybody);
    let all = digest.stories();
    assert!(html.len() < MAX_HTML && shown(&html) < all && shown(&page) == all, "{} of {all}", shown(&html));
    let links: usize = (html.split("href=\"https://desk.example/e/12\">").skip(1))
        .filter_map(|rest| rest.split_once(" more stories left out here</a>")?.0.parse::<usize>().ok())
        .sum();
    assert_eq!(links, all - shown(&html) + digest.sections.iter().map(|section| section.more).sum::<usize>());
    let limited = digest.sections.iter().any(|section| section.more > 0);
    assert_eq!(text.contains("left out here"), limited, "the text has room for all");
}

#[test]
fn a_theme_speaks_at_the_top_and_in_the_foot() {
    let theme = Theme {
        masthead: vec![(Lang::En, "The <b>desk</b>".to_owned()), (Lang::Ur, "ڈیسک".to_owned())],
        footer: vec![(Lang::Ur, "تصحیح".to_owned())],
        accent: Some("#7a1020".to_owned()),
        ..Theme::plain()
    };
    let set = |lang| {
        let (select, timezone, format) = (&Selection::default(), chrono_tz::Asia::Karachi, MailFormat::Both);
        let links = Links::default();
        let reader = Reader { lang, select, timezone, format, links, audience: Audience::Subscriber, theme: &theme };
        let mail = render(&rich(), &reader).unwrap();
        (mail.html.unwrap(), mail.text)
    };
    for (lang, top, foot) in
        [(Lang::En, "The <b>desk</b>", None), (Lang::Ur, "ڈیسک", Some("تصحیح")), (Lang::Fa, "The <b>desk</b>", None)]
    {
        let (html, text) = set(lang);
        assert_eq!(lint(&html), Vec::<String>::new());
        let (head, _) = text.split_once("\n\n").unwrap();
        assert!(head.contains(top) && html.contains(&top.replace('<', "&#60;").replace('>', "&#62;")), "{head}");
        assert_eq!((text.contains("تصحیح"), html.contains("تصحیح")), (foot.is_some(), foot.is_some()));
        assert!(html.contains("border-top:6px solid #7a1020") && !html.contains("#0d5c4b"));
    }
}

#[test]
fn a_discreet_mail_says_nothing_in_the_mailbox() {
    let (html, _, subject) = mail(&rich(), Lang::En, Audience::Discreet);
    let title = html.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap();
    assert_eq!((subject.as_str(), title), ("Your digest · Monday, 2 March 2026", "Your digest · Monday, 2 March 2026"));
    assert!(!html.contains("class=\"peek\""), "{html}");
    assert_eq!(lint(&html), Vec::<String>::new());
}

#[test]
fn nothing_is_concluded_from_a_side_that_is_not_known() {
    const NO_AFGHAN: &str = "no Afghan publisher in our feeds";
    let said = |digest: &Digest| {
        let text = mail(digest, Lang::En, Audience::Subscriber).1;
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(said(&rich()).contains(NO_AFGHAN));
    let mut mixed = rich();
    mixed.reach.push(Reach { side: Side::Unknown, publishers: 1, silent: 0 });
    assert!(!said(&mixed).contains(NO_AFGHAN), "the publisher in the feeds may be Afghan");
    let mut carried = rich();
    each_story(&mut carried, |story| story.sides = vec![(Side::Pakistan, 1), (Side::Unknown, 2)]);
    let mut silent = carried.clone();
    each_story(&mut silent, |story| {
        story.sides = vec![(Side::Unknown, 3)];
        story.reports.iter_mut().for_each(|report| report.side = Side::Unknown);
    });
    let text = said(&silent);
    assert!(!text.contains("Who covers it") && !text.contains("side unknown"), "{text}");
    assert!(text.contains("- Spin Ghar News · ") && text.contains("روزنامه هریرود (دری) · "), "{text}");
    assert_eq!(lint(&html(&silent, Lang::Ur)), Vec::<String>::new());
    let said = said(&carried);
    assert!(!said.contains("Pakistan; side") && !said.contains("(side unknown"), "{said}");
    assert!(!said.contains(NO_AFGHAN) && said.contains("Who covers it: Pakistan 1; side unknown 2"), "{said}");
}

#[test]
fn state_media_of_either_country_are_called_so_and_one_owner_is_one() {
    let mut digest = rich();
    each_story(&mut digest, |story| {
        story.reports.iter_mut().for_each(|report| (report.side, report.owner) = (Side::Pakistan, Owner::State));
        story.owners = vec![("Valley <Media> Group".to_owned(), 2)];
    });
    let (html, text, _) = mail(&digest, Lang::En, Audience::Subscriber);
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains("one owner (Valley <Media> Group): 2")
            && html.contains("one owner (Valley &#60;Media&#62; Group): 2")
    );
    assert!(flat.contains("(Pakistan) · State media · "), "{flat}");
    each_story(&mut digest, |story| {
        let private = Owner::Named("Kabul Press House".to_owned());
        story
            .reports
            .iter_mut()
            .for_each(|report| (report.side, report.owner) = (Side::AfghanistanState, private.clone()));
    });
    let (html, text, _) = mail(&digest, Lang::En, Audience::Subscriber);
    assert!(!text.contains("State media") && !html.contains("State media"), "its owner is configured");
    assert_eq!(lint(&html), Vec::<String>::new());
}

#[test]
fn the_text_tells_what_the_html_tells() {
    let (html, text, _) = mail(&rich(), Lang::En, Audience::Subscriber);
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = Document::from(html.as_str()).select("body").text().to_string();
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    for told in [
        "No. 12",
        "38 feeds read, 1248 reports, 8 stories, 2 opinion pieces",
        "3 of 41 feeds failing, one since Thursday.",
        "Who covers it: Pakistan 5; regional 2; international 4; no Afghan publisher in our feeds",
        "Different figures: “at least 12 people were killed” Indus Courier, 09:10",
        "World Desk changed this headline at 09:30; it was: “Afghan forces fire at a southern crossing”",
        "Quiet: Ghulam Khan traders end their sit-in",
        "6 publishers, 4 origins (Indus Courier, Spin Ghar News, روزنامه هریرود, وطن خبرونه)",
        "25 Feb 09:10 · no newer report",
    ] {
        assert!(shown.contains(told), "{told} is not in the HTML: {shown}");
        assert!(flat.contains(told), "{told} is not in the text: {text}");
    }
    for way in
        ["https://desk.example/e/12", "https://desk.example/leave/x#pause", "https://desk.example/leave/x?a=1&b=2"]
    {
        assert!(text.contains(&format!(":\n{way}\n")), "{way}");
    }
}
