//! A digest whose outside says nothing of its inside: for readers whose locked phone others can see.

use super::dates::Calendar;
use super::words::Words;
use super::{Reader, plain};
use crate::model::{RenderedDigest, Timestamp};

/// Lock screens and lists of mails show the subject and up to some 200 characters of the text.
const SHOWN: usize = 240;

/// The same mail under a subject and behind an opening that fit any digest.
pub fn discreet(rendered: RenderedDigest, reader: &Reader<'_>, at: Timestamp) -> RenderedDigest {
    let words = Words::of(reader.lang);
    let opening = words.say("discreet-opening");
    let date = Calendar { lang: reader.lang, zone: reader.timezone }.long_date(at);
    let rule = "-".repeat(plain::WIDTH);
    RenderedDigest {
        subject: words.fill("neutral-subject", &[("date", &date)]),
        text: format!("{}\n{rule}\n{rule}\n\n{}", plain::wrap(opening, ""), rendered.text),
        html: rendered.html.map(|html| behind(&html, opening)),
    }
}

/// First thing in the body, unseen in the opened mail, with figure spaces that keep a preview from reading on.
fn behind(html: &str, opening: &str) -> String {
    let body = html.find("<body").and_then(|at| html[at..].find('>').map(|end| at + end + 1)).unwrap_or(0);
    let room = "&#847;&#8199;".repeat(SHOWN.saturating_sub(opening.chars().count()) / 2);
    let (head, rest) = html.split_at(body);
    format!("{head}<div style=\"display:none;max-height:0;overflow:hidden\">{opening}{room}</div>{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Lang, MailFormat, Selection};
    use crate::render::{Audience, Links};

    #[test]
    fn what_a_locked_screen_shows_is_the_same_for_every_digest() {
        for lang in [Lang::En, Lang::Ur, Lang::Ps, Lang::Fa] {
            let zone = chrono_tz::Asia::Kabul;
            let reader = Reader {
                lang,
                select: &Selection::default(),
                timezone: zone,
                format: MailFormat::Both,
                links: Links::default(),
                audience: Audience::Discreet,
                theme: &crate::render::PLAIN,
            };
            let digest = |content: &str| RenderedDigest {
                subject: format!("{content} in the subject"),
                text: format!("{content}\n"),
                html: Some(format!("<html><body class=\"mail\"><p>{content}</p></body></html>")),
            };
            let slot: Timestamp = "2022-12-17T20:00:00Z".parse().unwrap();
            let one = discreet(digest("Torkham closed"), &reader, slot);
            let two = discreet(digest("Something else"), &reader, slot);
            assert_eq!(one.subject, two.subject);
            assert!(lang != Lang::En || one.subject == "Your digest · Sunday, 18 December 2022", "{}", one.subject);
            let first = |text: &str| text.chars().take(SHOWN).collect::<String>();
            assert_eq!(first(&one.text), first(&two.text));
            assert!(one.text.ends_with("\n\nTorkham closed\n") && one.text.lines().all(|l| l.chars().count() <= 72));
            let html = one.html.unwrap();
            let (before, after) = html.split_once("</div>").unwrap();
            assert!(before.starts_with("<html><body class=\"mail\"><div style=") && !before.contains("Torkham"));
            assert_eq!(after, "<p>Torkham closed</p></body></html>");
            assert!(before.len() < 1_900, "80,000 octets and this stay below 80 KiB: {}", before.len());
        }
    }
}
