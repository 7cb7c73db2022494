//! The mail in a real browser: nothing wider than a phone, nothing too small, too faint or too near to its neighbour,
//! nothing that axe-core takes for a barrier, and nothing that reaches out.

use crate::{Need, browser, needing};
use khyber::model::{Digest, Lang, MailFormat, Selection, Theme};
use khyber::render::{Audience, Links, PLAIN, Reader, render};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

pub fn tests() -> Vec<Trial> {
    let browser = [Need::Program("chromium"), Need::Program("node"), Need::Modules];
    vec![
        needing("render::mails_have_no_barriers_and_hostile_news_is_inert", &browser, accessible),
        needing("render::fits_a_phone_and_is_readable_in_light", &[Need::Program("chromium")], light),
        needing("render::fits_a_phone_and_is_readable_in_dark", &[Need::Program("chromium")], dark),
    ]
}

fn light() {
    readable("1");
}

fn dark() {
    readable("0");
}

/// The smallest phones, the usual ones, and a desk.
const WIDTHS: [u32; 3] = [320, 360, 800];

/// What the measuring page finds in one mail.
#[derive(Debug, serde::Deserialize)]
struct Measured {
    /// Whether the browser took the mail for one in the wanted scheme.
    dark: bool,
    width: u32,
    /// The smallest visible type, in CSS pixels.
    smallest: f64,
    /// The lowest contrast of visible text against what lies under it (WCAG 2, 1.4.3 asks for 4.5).
    faintest: f64,
    texts: usize,
}

/// `scheme`: Blink's preferredColorScheme, 0 dark, 1 light.
fn readable(scheme: &str) {
    for lang in Lang::DIGEST {
        let mail = mail(lang);
        for (width, measured) in WIDTHS.into_iter().zip(measure(&mail, scheme)) {
            assert_eq!(measured.dark, scheme == "0");
            assert!(measured.width <= width, "{lang:?} at {width} px is {} px wide", measured.width);
            assert!(measured.texts > 60, "{lang:?}: only {} texts seen", measured.texts);
            assert!(measured.smallest >= 15.0, "{lang:?} at {width} px has {} px type", measured.smallest);
            assert!(measured.faintest >= 4.5, "{lang:?} has contrast {}", measured.faintest);
        }
    }
}

fn rich() -> Digest {
    serde_json::from_str(include_str!("../it/fixtures/digest/rich.json")).unwrap()
}

/// An edition whose every story has this headline and summary, and a link that is none.
fn hostile(text: &str) -> Digest {
    let mut digest = rich();
    for story in digest.sections.iter_mut().flat_map(|section| section.stories.iter_mut().chain(&mut section.opinions))
    {
        (story.headline, story.summary) = (text.to_owned(), text.to_owned());
        for report in &mut story.reports {
            (report.headline, report.publisher) = (text.to_owned(), text.to_owned());
            report.url = Some("javascript:alert(1)".to_owned());
        }
    }
    digest
}

fn accessible() {
    let dir = tempfile::tempdir().unwrap();
    let long = "Torkham opens again ".repeat(512);
    let markup = "</td></table><img src=https://x.example/p.gif onerror=alert(1)><script>alert(2)</script>\
                  <style>*{position:fixed}</style><svg onload=alert(3)>&lt;iframe src=//x.example&gt;\"'><form>";
    let theme = Theme {
        masthead: vec![(Lang::En, format!("Desk {markup}")), (Lang::Ur, "ڈیسک".to_owned())],
        accent: Some("#7a1020".to_owned()),
        accent_dark: Some("#f0a0a8".to_owned()),
        tint: Some("#f6eef0".to_owned()),
        tint_dark: Some("#301820".to_owned()),
        ..Theme::plain()
    };
    let editions = [
        ("rich", rich(), &PLAIN),
        ("themed", rich(), &theme),
        ("markup", hostile(markup), &PLAIN),
        ("bidi", hostile("\u{202E}lautca\u{202C} سرحد \u{2066}x\u{2069}"), &PLAIN),
        ("long", hostile(&long), &PLAIN),
        ("word", hostile(&"x".repeat(10_240)), &PLAIN),
        ("emoji", hostile("🚛🚧"), &PLAIN),
    ];
    let mut mails = Vec::new();
    for (name, digest, theme) in &editions {
        for lang in Lang::DIGEST.into_iter().filter(|lang| *name == "rich" || matches!(lang, Lang::En | Lang::Ur)) {
            let name = format!("{name}-{}", lang.code());
            std::fs::write(dir.path().join(format!("{name}.html")), set(digest, lang, theme)).unwrap();
            mails.push(name);
        }
    }
    let path = std::env::var_os("PATH").unwrap();
    let wish = json!({
        "folder": dir.path(), "mails": mails, "modules": browser::modules(),
        "chromium": std::env::split_paths(&path).map(|dir| dir.join("chromium")).find(|file| file.is_file()),
        // To look at the mails: a folder to put pictures into.
        "pictures": std::env::var("KHYBER_PICTURES").ok(),
    });
    let file = dir.path().join("wish.json");
    std::fs::write(&file, wish.to_string()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/mail.js");
    let ran = Command::new("node").arg(script).arg(&file).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let saw: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(saw["found"], json!([]), "{:#}", saw["found"]);
    assert_eq!(saw["looked"], 32);
}

fn mail(lang: Lang) -> String {
    let mut digest = rich();
    // A word that no line can hold.
    digest.sections[0].stories[0].headline = format!("Shelling {}", "x".repeat(120));
    set(&digest, lang, &PLAIN)
}

fn set(digest: &Digest, lang: Lang, theme: &Theme) -> String {
    let reader = Reader {
        lang,
        select: &Selection::default(),
        timezone: chrono_tz::Asia::Karachi,
        format: MailFormat::Both,
        links: Links {
            unsubscribe: Some("mailto:leave@desk.example"),
            change: Some("https://desk.example/leave/x#change"),
            pause: Some("https://desk.example/leave/x#pause"),
            view: Some("https://desk.example/e/12"),
        },
        audience: Audience::Subscriber,
        theme,
    };
    render(digest, &reader).unwrap().html.unwrap()
}

/// A frame gives the mail a viewport of exactly this width, which a browser window does not.
fn measure(mail: &str, scheme: &str) -> [Measured; WIDTHS.len()] {
    let dir = tempfile::tempdir().unwrap();
    let page = dir.path().join("measure.html");
    let escaped = mail.replace('&', "&amp;").replace('"', "&quot;");
    let frame =
        |width| format!(r#"<iframe style="border:0;width:{width}px;height:800px" srcdoc="{escaped}"></iframe>"#);
    let frames = WIDTHS.map(frame).concat();
    let script = include_str!("measure.js");
    std::fs::write(&page, format!("<!doctype html><body>{frames}<pre></pre><script>{script}</script>")).unwrap();
    let dom = browse(dir.path(), &page, scheme);
    let found = dom.split("<pre>").nth(1).and_then(|rest| rest.split("</pre>").next()).unwrap_or("");
    serde_json::from_str(found).unwrap_or_else(|error| panic!("{error}: {found}"))
}

fn browse(profile: &Path, page: &Path, scheme: &str) -> String {
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.join("profile").display()))
        .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
        .arg("--window-size=1000,900")
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}
