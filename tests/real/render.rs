//! The mail in a real browser: nothing wider than a phone, nothing too small or too faint to read, light and dark.

use crate::{Need, needing};
use khyber::model::{Digest, Lang, MailFormat, Selection};
use khyber::render::{Audience, Links, Reader, render};
use libtest_mimic::Trial;
use std::path::Path;
use std::process::Command;

pub fn tests() -> Vec<Trial> {
    vec![
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
            assert!(measured.smallest >= 13.0, "{lang:?} at {width} px has {} px type", measured.smallest);
            assert!(measured.faintest >= 4.5, "{lang:?} has contrast {}", measured.faintest);
        }
    }
}

fn mail(lang: Lang) -> String {
    let mut digest: Digest = serde_json::from_str(include_str!("../it/fixtures/digest/rich.json")).unwrap();
    // A word that no line can hold.
    digest.sections[0].stories[0].headline = format!("Shelling {}", "x".repeat(120));
    let reader = Reader {
        lang,
        select: &Selection::default(),
        timezone: chrono_tz::Asia::Karachi,
        format: MailFormat::Both,
        links: Links { unsubscribe: Some("mailto:leave@desk.example"), ..Links::default() },
        audience: Audience::Subscriber,
    };
    render(&digest, &reader).unwrap().html.unwrap()
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
