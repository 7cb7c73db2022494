//! A discreet mail, from the feed to the bytes that the relay gets: its outside is the same whatever it is about.

use super::support::site::Site;
use khyber::config;
use khyber::daemon::{Khyber, Which};
use khyber::model::Timestamp;
use khyber::store::DeliveryFilter;
use mail_parser::MessageParser;

const SHUT: (&str, &str, &str, &str) = (
    "shut",
    "Torkham border crossing closed after Pakistani and Afghan forces exchange fire",
    "The Torkham crossing between Pakistan and Afghanistan was closed to trade and travellers after an exchange of fire.",
    "Sun, 01 Mar 2026 03:00:00 +0000",
);
/// Whatever tells a stranger what the mail is about.
const TELLING: [&str; 9] =
    ["Torkham", "Pakistan", "Afghan", "border", "fire", "Frontier", "Desk of", "stories", "story"];

fn morning() -> Timestamp {
    "2026-03-01T06:05:00Z".parse().unwrap()
}

/// The mails of one morning by reader; `digest` and `reader` are further lines of the two tables.
async fn mails(digest: &str, reader: &str) -> Vec<(String, Vec<u8>)> {
    let (folder, site) = (tempfile::tempdir().unwrap(), Site::start().await);
    site.set_feed("indus", &[SHUT]);
    let text = format!(
        "data_dir = \"data\"\n[fetch]\nallow_private = [\"127.0.0.1\"]\n[mail]\nfrom = \"news@desk.test\"\n\
         from_name = \"Desk of the Frontier\"\nlist_domain = \"lists.desk.test\"\n\
         [web]\nlisten = \"127.0.0.1:0\"\npublic_url = \"https://digest.desk.test\"\n\
         [[feed]]\nid = \"indus\"\nurl = \"{}\"\npublisher = \"Indus\"\n\
         [[digest]]\nid = \"d1\"\ntitle = \"Frontier daily\"\nschedule = \"0 6 * * *\"\n{digest}\n\
         [[subscriber]]\nemail = \"hidden@x.test\"\n{reader}\n[[subscriber]]\nemail = \"open@x.test\"\n",
        site.url("indus")
    );
    std::fs::write(folder.path().join("khyber.toml"), text).unwrap();
    let loaded = config::load(&folder.path().join("khyber.toml"), &|_| None);
    let (config, _) = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    let khyber = Khyber::open(config, morning()).await.unwrap();
    khyber.poll_once(Which::Due, morning(), &|_| {}).await.unwrap();
    khyber.publish_due(None, morning()).await.unwrap();
    let mut mails = Vec::new();
    for row in khyber.store.deliveries(&DeliveryFilter::default()).await.unwrap() {
        let bytes = khyber.store.delivery_bytes(row.id).await.unwrap().unwrap();
        mails.push((row.subscriber.as_str().to_owned(), bytes));
    }
    mails.sort();
    assert_eq!(mails.len(), 2);
    mails
}

/// Headers and the beginning of the text, as a mail program decodes and lists them.
fn outside(mail: &[u8]) -> String {
    let parsed = MessageParser::default().parse(mail).unwrap();
    let from = parsed.from().unwrap().first().unwrap();
    let text = parsed.body_text(0).unwrap();
    let first: String = text.chars().take(240).collect();
    let raw: String = parsed.headers_raw().map(|(name, value)| format!("{name}:{value}")).collect();
    format!("{:?}\n{}\n{raw}\n{first}", from.name(), parsed.subject().unwrap())
}

#[tokio::test]
async fn nothing_outside_a_discreet_mail_says_what_is_inside() {
    for (digest, reader, hidden) in [("discreet = true", "", [true, true]), ("", "discreet = true", [true, false])] {
        for ((name, mail), hidden) in mails(digest, reader).await.into_iter().zip(hidden) {
            let outside = outside(&mail);
            let told: Vec<&str> = TELLING.into_iter().filter(|word| outside.contains(word)).collect();
            if !hidden {
                assert!(told.contains(&"Torkham") && told.contains(&"Desk of"), "{name}: {told:?}\n{outside}");
                continue;
            }
            assert_eq!(told, Vec::<&str>::new(), "{name}: {outside}");
            assert!(outside.starts_with("Some(\"Digest\")\nYour digest · Sunday, 1 March 2026\n"), "{outside}");
            let parsed = MessageParser::default().parse(&mail).unwrap();
            let (text, html) = (parsed.body_text(0).unwrap(), parsed.body_html(0).unwrap());
            assert!(text.contains("Torkham") && html.contains("Torkham"), "the inside is the digest");
            let body = html.split_once("<body").unwrap().1;
            let shown = body.find("Torkham").unwrap();
            assert!(body[..shown].contains("locked screen"), "a preview of the HTML begins with the opening too");
            let title = html.split_once("<title>").unwrap().1.split("</title>").next().unwrap();
            assert!(!TELLING.iter().any(|word| title.contains(word)), "{title}");
        }
    }
}
