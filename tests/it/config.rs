//! `khyber check` and what stands behind it: every mistake is named, with its place and a way out.

use khyber::config::{self, ChannelConfig, Config, Problems, Severity, TlsMode};
use khyber::model::{FirstRun, Lang, Scope};
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

/// A folder with configuration files and an environment.
struct Desk {
    dir: tempfile::TempDir,
    env: HashMap<String, String>,
}

impl Desk {
    fn new(main: &str) -> Self {
        Self { dir: tempfile::tempdir().unwrap(), env: HashMap::new() }.file("khyber.toml", main)
    }

    fn file(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn load(&self) -> Result<(Config, Vec<String>), Problems> {
        let env = |name: &str| self.env.get(name).cloned();
        config::load(&self.path("khyber.toml"), &env)
            .map(|(config, warnings)| (config, warnings.into_iter().map(|problem| problem.message).collect()))
    }

    fn fine(&self) -> Config {
        self.load().unwrap_or_else(|problems| panic!("{problems}")).0
    }

    fn refused(&self) -> Problems {
        self.load().err().unwrap_or_else(|| panic!("taken although wrong"))
    }
}

const GOOD: &str = r#"
[[feed]]
id = "herald"
url = "https://herald.example/feed.xml"
publisher = "Herald"

[[digest]]
id = "daily"
title = "Daily"
schedule = "0 6 * * *"

[[subscriber]]
email = "reader@example.org"
"#;

#[test]
fn an_id_used_twice_is_told_beside_other_mistakes_of_the_same_feeds() {
    let feed = |url: &str| format!("[[feed]]\nid = \"a\"\nurl = \"{url}\"\npublisher = \"A\"\n");
    let desk = Desk::new(&(feed("ftp://a.example/feed") + &feed("https://a.example/feed")));
    let problems = config::examine(&desk.path("khyber.toml"), &|_| None).problems.to_string();
    assert!(problems.contains("two feeds have the id `a`") && problems.contains("`ftp:`"), "{problems}");
}

#[test]
fn ten_mistakes_are_ten_errors() {
    let desk = Desk::new(
        r#"data_dri = "var"

[fetch]
interval = 90

[mail]
from = "digest at example.org"

[smtp]
host = "mail.example.org"
tls = "none"
user = "digest"
password_file = "secret"

[[feed]]
id = "herald"
url = "ftp://herald.example/feed"
publisher = "Herald"

[[feed]]
id = "herald"
url = "https://herald.example/other"
publisher = "Herald"

[[digest]]
id = "daily"
title = "Daily"
schedule = "0 6 30 2 *"
timezone = "Asia/Karchi"
max_stories = 0

[[subscriber]]
email = "reader@example.org"
digest = "dayli"
"#,
    )
    .file("secret", "hunter2\n");
    let problems = desk.refused();
    let shown = problems.to_string();
    let expected = [
        ("khyber.toml:1:1", "unknown key `data_dri`", "did you mean `data_dir`?"),
        ("khyber.toml:4:12", "90 has no unit", "\"90s\" or \"90m\""),
        ("khyber.toml:7:8", "is not a mail address", ""),
        ("khyber.toml:11:7", "is for a server on this machine", "starttls"),
        ("khyber.toml:12:8", "the password would go to `mail.example.org` unprotected", "starttls"),
        ("khyber.toml:17:7", "has the scheme `ftp:`", "https://"),
        ("khyber.toml:28:12", "never fires", ""),
        ("khyber.toml:29:12", "`Asia/Karchi` is not a time zone", "did you mean `Asia/Karachi`?"),
        ("khyber.toml:30:15", "`max_stories` = 0 is out of range", "from 1 to 500"),
        ("khyber.toml:21:6", "two feeds have the id `herald`", ""),
        ("khyber.toml:34:10", "there is no digest `dayli`", "did you mean `daily`?"),
    ];
    let blocks: Vec<&str> = shown.split("\n\n").collect();
    for (place, message, help) in expected {
        let block = blocks.iter().find(|block| block.contains(message)).unwrap_or_else(|| panic!("{message}\n{shown}"));
        assert!(block.contains(place), "{place}\n{block}");
        assert!(block.contains(help) && block.contains('^'), "{help}\n{block}");
    }
    assert_eq!(problems.count(Severity::Error), expected.len(), "{shown}");
    assert!(!shown.contains("hunter2") && !shown.contains("reader@"), "{shown}");
}

#[test]
fn syntax_errors_stop_nothing_else() {
    let desk =
        Desk::new("include = ['feeds.toml']\n[mail]\nfrom = \"a@example.org\nretry_for = 5\n[fetch]\nconcurency = 3\n")
            .file("feeds.toml", "[[feed]]\nid = 'a b'\nurl = 'https://x.example/f'\npublisher = \n");
    let shown = desk.refused().to_string();
    for part in [
        "khyber.toml:3:",
        "khyber.toml:4:13",
        "did you mean `concurrency`?",
        "feeds.toml:2:6",
        "feeds.toml:4:",
        "not TOML",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    assert!(!shown.contains("`publisher` is missing"), "the broken value is reported once\n{shown}");
}

#[test]
fn two_mistakes_on_one_line() {
    let desk = Desk::new("smtp = { hots = 'h', tls = 'tsl', port = '25' }\n");
    let shown = desk.refused().to_string();
    for part in [
        "khyber.toml:1:10",
        "did you mean `host`?",
        "khyber.toml:1:28",
        "`tsl` is not",
        "khyber.toml:1:42",
        "without quotes",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
}

#[test]
fn values_of_the_wrong_kind() {
    let desk = Desk::new(
        "data_dir = 5\ninclude = 'feeds.toml'\nfetch = 'x'\n[[feed]]\nid = 'a'\nurl = 'example.org/feed'\npublisher = ''\nenabled = 'yes'\n\
         side = 'pakistn'\ncountry = 'Pakistan'\n[digest]\nid = 'x'\n[[subscriber]]\nemail = 'Reader <r@example.org>'\ntopics = [1]\n",
    );
    let shown = desk.refused().to_string();
    let parts = [
        "`data_dir` wants a string, not an integer",
        "write include = [\"feeds.toml\"]",
        "write it as a section: [fetch]",
        "did you mean `https://example.org/feed`?",
        "`publisher` is empty",
        "`enabled` wants true or false",
        "did you mean `pakistan`?",
        "`Pakistan` is not a country code",
        "under [[digest]], with two brackets",
        "only the address itself goes here",
        "`topics` wants a topic",
    ];
    for part in parts {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
}

#[test]
fn topics_are_those_of_the_coverage() {
    let text = GOOD.replace("schedule =", "topics = [\"security\", \"trdae\"]\nschedule =");
    let shown = Desk::new(&format!("{text}topics = ['refugeees', 'cricket']\n")).refused().to_string();
    for part in [
        "did you mean `trade`?",
        "did you mean `refugees`?",
        "the coverage has no topic `cricket`",
        "its topics are security",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    let own = Desk::new("coverage = 'mine.toml'\n").file("mine.toml", "[[topic]]\nid = 'a'\ntitel = { en = 'A' }\n");
    let shown = own.refused().to_string();
    assert!(shown.contains("mine.toml:3:1") && shown.contains("titel"), "{shown}");
}

#[test]
fn one_mistake_is_said_once() {
    let text = "\u{feff}nope = 1\r\n[[digest]]\r\nid = 'd'\r\ntitle = 't'\r\nschedule = '0 6 * * moon'\r\n\
        scope = ['pakistan']\r\nfirst_run = 'new-only'\r\n[[digest]]\r\nid = 'e'\r\ntitle = 't'\r\nschedule = '@daily'\r\n\
        scope = []\r\nfirst_run = '24'\r\n";
    let problems = Desk::new(text).refused();
    let errors: Vec<String> = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| format!("{:?} {}", problems.position(problem).unwrap(), problem.message))
        .collect();
    let expected = [
        "(1, 1) unknown key `nope` at the top level",
        "(5, 12) `schedule`: `moon` means nothing",
        "(6, 10) `scope`: `pakistan` is not a scope",
        "(7, 13) `first_run`: `new-only` is not \"only-new\" or a duration",
        "(8, 1) `scope` is empty",
        "(13, 13) `first_run`: 24 has no unit",
    ];
    assert_eq!(errors.len(), expected.len(), "{errors:#?}");
    for (error, expected) in errors.iter().zip(expected) {
        assert!(error.starts_with(expected), "{expected}\n{error}");
    }
}

#[test]
fn a_feed_says_what_it_lacks() {
    let shown = Desk::new("[[feed]]\nurl = 'https://user:pw@herald.example/f'\n").refused().to_string();
    for part in
        ["khyber.toml:1:1", "`id` is missing", "id = \"dawn-home\"", "`publisher` is missing", "user name or password"]
    {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    assert!(!shown.contains("user:pw"), "{shown}");
}

#[test]
fn files_that_are_not_there() {
    let desk = Desk::new("include = ['feed.toml', 'none/*.toml']\ncoverage = 'c.toml'\n").file("feeds.toml", GOOD);
    let shown = desk.refused().to_string();
    for part in
        ["feed.toml is not there", "did you mean `feeds.toml`?", "`none/*.toml` matches no file", "c.toml is not there"]
    {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    let absent = Desk::new("").path("nothing.toml");
    let problems = config::load(&absent, &|_| None).err().unwrap().to_string();
    assert!(problems.contains("nothing.toml can't be read"), "{problems}");
    let desk = Desk::new("");
    std::fs::write(desk.path("khyber.toml"), b"a = 1\nb = \"\xff\"\n").unwrap();
    assert!(desk.refused().to_string().contains("is not UTF-8 (line 2)"));
}

#[test]
fn included_files_are_read_in_order_and_hold_lists_only() {
    let desk = Desk::new("include = ['s/*.toml', 's/a.toml']\n")
        .file("s/b.toml", "[[feed]]\nid = 'b'\nurl = 'https://b.example/f'\npublisher = 'B'\n")
        .file("s/a.toml", GOOD);
    let ids: Vec<String> = desk.fine().feeds.iter().map(|feed| feed.id.to_string()).collect();
    assert_eq!(ids, ["herald", "b"]);
    let shown = desk.file("s/c.toml", "[smtp]\nhost = 'h.example'\n").refused().to_string();
    assert!(shown.contains("c.toml:1:2") && shown.contains("`smtp` belongs in"), "{shown}");
}

#[test]
fn nothing_configured_is_said_and_not_refused() {
    let (config, warnings) = Desk::new("").load().unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    let ChannelConfig::File { dir } = &config.mail.channel else { panic!("{:?}", config.mail.channel) };
    assert_eq!(*dir, config.data_dir.join("outbox"));
}

#[test]
fn every_key_arrives() {
    let desk = Desk::new(
        r#"data_dir = "/var/lib/khyber"
operator = "desk@example.org"
[fetch]
interval = "90m"
max_bytes = "512KiB"
allow_private = ["127.0.0.1"]
[mail]
from = "digest@Example.org"
[smtp]
host = "mail.example.org"
tls = "implicit"
dot_timeout = "11m"
[retention]
messages = "2w"
[[feed]]
id = "herald"
url = "http://127.0.0.1:8080/feed.xml"
publisher = "Herald"
country = "pk"
lang = "ur"
interval = "15m"
[[digest]]
id = "daily"
title = "Daily"
schedule = "0 6 * * *"
scope = ["bilateral"]
first_run = "only-new"
language = "fa"
[[subscriber]]
email = "reader@example.org"
digests = ["daily"]
schedule = "@daily"
format = "text"
"#,
    );
    let (config, warnings) = desk.load().unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!(config.data_dir, PathBuf::from("/var/lib/khyber"));
    assert!(config.fetch.user_agent.ends_with("(+mailto:desk@example.org)"), "{}", config.fetch.user_agent);
    assert_eq!((config.fetch.interval.as_secs(), config.fetch.max_bytes), (5_400, 512 << 10));
    let ChannelConfig::Smtp(smtp) = &config.mail.channel else { panic!() };
    assert_eq!((smtp.port, smtp.tls, smtp.hello.as_str()), (465, TlsMode::Implicit, "example.org"));
    assert_eq!((smtp.timeouts.dot.as_secs(), smtp.timeouts.greeting.as_secs()), (660, 300));
    assert_eq!(config.retention.messages, Duration::from_secs(14 * 86_400));
    assert_eq!((config.feeds[0].country.as_str(), config.feeds[0].lang), ("PK", Some(Lang::Ur)));
    assert_eq!(config.feeds[0].interval, Some(Duration::from_secs(900)));
    assert_eq!(
        (config.digests[0].scopes.as_slice(), config.digests[0].first_run),
        ([Scope::Bilateral].as_slice(), FirstRun::OnlyNew)
    );
    assert_eq!(config.subscribers[0].lang, Lang::Fa, "the digest's language, unless the subscriber has one");
}

#[test]
fn the_environment_overrides_and_is_named_in_errors() {
    let desk = Desk::new(GOOD)
        .env("KHYBER_SMTP__HOST", "localhost")
        .env("KHYBER_SMTP__TLS", "none")
        .env("KHYBER_MAIL__FROM", "digest@example.org")
        .env("KHYBER_DATA_DIR", "/srv/khyber")
        .env("KHYBER_FETCH__ALLOW_PRIVATE", "127.0.0.1, ::1")
        .env("KHYBER_FETCH__CONCURRENCY", "3");
    let config = desk.fine();
    let ChannelConfig::Smtp(smtp) = &config.mail.channel else { panic!() };
    assert_eq!((smtp.host.as_str(), smtp.port, smtp.tls), ("localhost", 25, TlsMode::None));
    assert_eq!(config.data_dir, PathBuf::from("/srv/khyber"));
    assert_eq!(config.fetch.allow_private, ["127.0.0.1", "::1"]);
    assert_eq!(config.fetch.concurrency, 3);

    let shown = desk.env("KHYBER_SMTP__PORT", "many").env("KHYBER_FETCH__INTERVAL", "15").refused().to_string();
    for part in [
        "environment variable KHYBER_SMTP__PORT",
        "`many` is not a whole number",
        "environment variable KHYBER_FETCH__INTERVAL",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
}

const RELAY: &str = "[mail]\nfrom = 'digest@example.org'\n[smtp]\nhost = 'mail.example.org'\nuser = 'digest'\n";

fn password(config: &Config) -> String {
    match &config.mail.channel {
        ChannelConfig::Smtp(smtp) => smtp.credentials.as_ref().unwrap().password.expose().to_owned(),
        ChannelConfig::File { .. } => panic!("no relay"),
    }
}

#[test]
fn passwords_come_from_outside_the_file() {
    let shown = Desk::new(&format!("{RELAY}{GOOD}")).refused().to_string();
    assert!(shown.contains("there is no password") && shown.contains("KHYBER_SMTP__PASSWORD"), "{shown}");

    let by_env =
        Desk::new(&format!("{RELAY}password_file = 'absent'\n{GOOD}")).env("KHYBER_SMTP__PASSWORD", "from-env");
    assert_eq!(password(&by_env.fine()), "from-env");

    let by_file = Desk::new(&format!("{RELAY}password_file = 'secret'\n{GOOD}")).file("secret", "from file \n");
    assert_eq!(password(&by_file.fine()), "from file ");

    let by_systemd = Desk::new(&format!("{RELAY}{GOOD}")).file("creds/smtp-password", "from systemd");
    let dir = by_systemd.path("creds").display().to_string();
    assert_eq!(password(&by_systemd.env("CREDENTIALS_DIRECTORY", &dir).fine()), "from systemd");

    let inline = Desk::new(&format!("{RELAY}password = 'hunter2'\n{GOOD}"));
    let (config, warnings) = inline.load().unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(warnings, ["the password stands in the configuration file"]);
    assert!(!format!("{config:?}").contains("hunter2"));

    let unread = Desk::new(&format!("{RELAY}password_file = 'absent'\n{GOOD}")).refused().to_string();
    assert!(unread.contains("can't be read") && !unread.contains("there is no password"), "{unread}");
}

#[test]
fn a_relay_needs_a_sender() {
    let shown = Desk::new(&format!("[smtp]\nhost = 'mail.example.org'\n{GOOD}")).refused().to_string();
    assert!(shown.contains("`from` is missing") && shown.contains("digest@your-domain.example"), "{shown}");
}

#[test]
fn several_digests_must_be_named() {
    let second = "[[digest]]\nid = 'weekly'\ntitle = 'W'\nschedule = '@weekly'\n";
    let shown = Desk::new(&format!("{GOOD}{second}")).refused().to_string();
    assert!(shown.contains("names no digest") && shown.contains("digests are daily, weekly"), "{shown}");
    assert!(!shown.contains("reader@"), "{shown}");
}

#[test]
fn warnings_point_at_what_will_not_work() {
    let text = "[fetch]\ninterval = '10m'\n[[feed]]\nid = 'near'\nurl = 'http://127.0.0.1/f'\npublisher = 'N'\n\
        [[feed]]\nid = 'again'\nurl = 'https://herald.example/feed.xml'\npublisher = 'A'\n\
        [[feed]]\nid = 'port'\nurl = 'https://herald.example:8443/f'\npublisher = 'P'\n\
        [[feed]]\nid = 'six'\nurl = 'http://[::1]:81/f'\npublisher = 'S'\n";
    let text = text.replace("[fetch]", "[fetch]\nallow_private = ['::1']");
    let (_, warnings) = Desk::new(&format!("{text}{GOOD}")).load().unwrap_or_else(|problems| panic!("{problems}"));
    let expected = ["more often than once an hour", "`127.0.0.1` is an address", "poll the same URL", "port 8443"];
    for part in expected {
        assert!(warnings.iter().any(|warning| warning.contains(part)), "{part}: {warnings:?}");
    }
    assert_eq!(warnings.len(), expected.len(), "{warnings:?}");
}

#[test]
fn a_folder_may_have_brackets_in_its_name() {
    let desk = Desk::new("").file("a[1]/khyber.toml", "include = ['s*.toml']\n").file("a[1]/s.toml", GOOD);
    let (config, _) =
        config::load(&desk.path("a[1]/khyber.toml"), &|_| None).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(config.feeds.len(), 1);
}

#[test]
fn no_address_and_no_password_is_ever_shown() {
    let texts = [
        "[smtp]\nhost = 'canary-reader@example.org'\npassword = 'canary-pw'\nport = 'x'",
        "smtp = { password = 'canary-pw', hots = 1 }",
        "[smtp]\npasswd = 'canary-pw'",
        "[smtp]\npassword = canary-pw",
        "[smtp]\npassword = ['canary-pw']",
        "[smtp]\npassword = \"\"\"\ncanary-pw\"\"\"",
        "[[subscriber]]\nemail = 'canary-reader@example..org'",
        "[[subscriber]]\nemail = 'canary-reader@example.org'\ndigest = 'canary-reader@example.org'",
        "[[subscriber]]\nemail = 'canary-reader@example.org'\n[[subscriber]]\nemail = 'canary-reader@example.org'",
        "[[feed]]\nid = 'a'\npublisher = 'A'\nurl = 'https://canary-reader:canary-pw@example.org/'",
    ];
    for text in texts {
        let desk = Desk::new(text);
        let loaded = config::examine(&desk.path("khyber.toml"), &|_| None);
        let shown = format!("{}\n{:?}\n{:?}", loaded.problems, loaded.config, loaded.problems.warnings());
        assert!(loaded.problems.has_errors() || shown.contains("warning"), "{text}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}

mod damage {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever a hand or a disk does to the file: an answer, never a crash, and every problem can be shown.
        #[test]
        fn a_damaged_file_is_answered(cuts in prop::collection::vec((0usize..12_000, 0usize..40, ".{0,6}"), 1..6)) {
            let mut text: Vec<char> = config::starter::KHYBER.replace("# ", "").chars().collect();
            for (at, length, instead) in cuts {
                let at = at.min(text.len());
                let end = (at + length).min(text.len());
                text.splice(at..end, instead.chars());
            }
            let text: String = text.into_iter().collect();
            let desk = Desk::new(&text);
            let loaded = config::examine(&desk.path("khyber.toml"), &|_| None);
            let shown = loaded.problems.to_string();
            prop_assert_eq!(loaded.config.is_none(), loaded.problems.has_errors(), "{}", shown);
            for problem in loaded.problems.iter().filter(|problem| problem.span.is_some()) {
                prop_assert!(loaded.problems.position(problem).is_some(), "{:?}", problem);
            }
        }
    }
}
