//! Getting feeds in and seeing how they do, as a new user would: from a site's address, another reader's file, the list.

use crate::support::web::{Web, answer};
use std::path::Path;
use std::process::{Command, Output, Stdio};

const RSS: &str = "<rss version=\"2.0\"><channel><title>Hill Post</title><item><title>Crossing at Torkham reopens between \
    Pakistan and Afghanistan</title><link>/article</link><guid>1</guid><description>Trucks move again.</description>\
    <pubDate>Sun, 01 Mar 2026 03:00:00 GMT</pubDate></item></channel></rss>";
const FEEDS: &str = "# Kept by hand.\n\n[[feed]]\nid = \"river\"   # ours\nurl = \"https://river.example/rss\"\npublisher = \"River\"\n\n# The end.\n";

/// A site: its page names three feeds, one of them broken, one of comments; another page names none.
async fn site() -> Web {
    Web::start(|head| match head.split(' ').nth(1).unwrap() {
        "/" => answer(
            "200 OK\nContent-Type: text/html",
            b"<!doctype html><html><head><title>Hill</title><base href='/news/'>\
              <link rel=alternate type=application/rss+xml title='Hill &raquo; Comments' href=/comments/feed>\
              <link rel=alternate type=application/rss+xml title='Old' href=old.xml>\
              <link rel=alternate type=application/rss+xml title='Hill Post' href=rss></head><body>News</body></html>",
        ),
        "/moved" => answer("301 Moved Permanently\nLocation: /news/rss", b""),
        "/silent" | "/silent/" => {
            answer("200 OK\nContent-Type: text/html", b"<!doctype html><html><title>No feed here</title><p>News")
        }
        "/wall" => answer("403 Forbidden", b"<html>no</html>"),
        "/news/rss" | "/rss.xml" | "/comments/feed" => {
            let validators = "200 OK\nContent-Type: application/rss+xml; charset=utf-8\nETag: \"one\"";
            if head.to_lowercase().contains("if-none-match: \"one\"") {
                answer("304 Not Modified\nETag: \"one\"", b"")
            } else {
                answer(validators, RSS.as_bytes())
            }
        }
        "/article" => answer("200 OK\nContent-Type: text/html", b"<html><body>short</body></html>"),
        _ => answer("404 Not Found", b""),
    })
    .await
}

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        desk.write(
            "khyber.toml",
            "data_dir = \"data\"\ninclude = [\"feeds.toml\"]\n[fetch]\nallow_private = [\"127.0.0.1\"]\n\
             [mail]\nfrom = \"khyber@desk.test\"\n[[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\n\
             [[subscriber]]\nemail = \"reader@x.test\"\ndigest = \"daily\"\n",
        );
        desk.write("feeds.toml", FEEDS);
        desk
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    fn feeds(&self) -> String {
        std::fs::read_to_string(self.path().join("feeds.toml")).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_khyber"));
        command.current_dir(self.path()).env_clear().args(arguments).stdin(Stdio::null());
        command
    }

    /// Exit code, and what was said on both streams.
    fn khyber(&self, arguments: &[&str]) -> (i32, String) {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        (status.code().unwrap(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
    }

    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let out = self.command(arguments).arg("--json").output().unwrap();
        serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&out.stderr)))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sites_address_finds_its_feed() {
    let (desk, site) = (Desk::new(), site().await);
    let home = site.url("/").to_string();
    let (code, said) = desk.khyber(&["feeds", "add", &home, "--dry-run", "--side", "pakistan", "--country", "pk"]);
    assert_eq!(code, 0, "{said}");
    for words in ["names 3 feeds", "* RSS", "/news/rss  \"Hill Post\"", "(readers' comments)", "old.xml: answered 404"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(said.contains("id = \"hill-post\"") && said.contains("country = \"PK\""), "{said}");
    assert_eq!(desk.feeds(), FEEDS, "a dry run writes nothing");

    let (code, said) = desk.khyber(&["feeds", "add", &home, "--side", "pakistan", "--lang", "en", "--full-text"]);
    assert_eq!(code, 0, "{said}");
    let added = format!(
        "\n[[feed]]\nid = \"hill-post\"\nurl = \"{}\"\npublisher = \"Hill Post\"\nside = \"pakistan\"\nlang = \"en\"\nfull_text = true\n",
        site.url("/news/rss")
    );
    assert_eq!(desk.feeds(), FEEDS.replace("\n\n# The end.", &format!("\n{added}\n# The end.")));
    assert_eq!(desk.khyber(&["check"]).0, 0);

    for again in [home.clone(), site.url("/moved").to_string(), site.url("/news/rss/").to_string()] {
        let (code, said) = desk.khyber(&["feeds", "add", &again]);
        assert_eq!((code, said.contains("already, as feed `hill-post`")), (1, true), "{said}");
    }
    let (code, said) = desk.khyber(&["feeds", "add", site.url("/comments/feed").as_str()]);
    assert_eq!(code, 0, "{said}");
    assert!(desk.feeds().contains("id = \"hill-post-2\""), "a feed's own address is taken as it is: {}", desk.feeds());
    assert_eq!(desk.feeds().matches("side = \"pakistan\"").count(), 2, "the side is that of the site's other feed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_found_is_told_and_nothing_is_guessed_unasked() {
    let (desk, site) = (Desk::new(), site().await);
    let silent = site.url("/silent").to_string();
    let (code, said) = desk.khyber(&["feeds", "add", &silent]);
    assert_eq!(code, 1);
    assert!(said.contains("names no feed") && said.contains("--guess"), "{said}");
    assert_eq!(site.heads().len(), 1, "one request and no guess");
    let (code, said) = desk.khyber(&["feeds", "add", &silent, "--guess", "--dry-run"]);
    assert!(code == 0 && said.contains("/rss.xml is RSS 2.0 with 1 entry"), "{said}");
    let before = site.heads().len();
    let (code, said) = desk.khyber(&["feeds", "add", site.url("/wall").as_str(), "--guess"]);
    assert!(code == 1 && said.contains("403 Forbidden") && said.contains("feeds test"), "{said}");
    assert_eq!(site.heads().len() - before, 1, "nothing is guessed at a site that turns us away");

    for (wrong, told) in [
        (&["feeds", "add", "ftp://x.example/"][..], "http and https"),
        (&["feeds", "add", "https://me:pw@x.example/"], "before the `@`"),
        (&["feeds", "add", "https://10.0.0.1/"], "private"),
        (&["feeds", "add", "river.example/rss"], "already, as feed `river`"),
        (&["feeds", "add", &silent, "--id", "river"], "is taken"),
        (&["feeds", "add", &silent, "--side", "left"], "afghanistan-state"),
        (&["feeds", "add", &silent, "--country", "Pakistan"], "ISO 3166-1"),
    ] {
        let (code, said) = desk.khyber(wrong);
        assert!(code != 0 && said.contains(told) && !said.contains("me:pw"), "{wrong:?}: {said}");
    }
    assert_eq!(desk.feeds(), FEEDS);
    desk.write("feeds.toml", "[[feed]]\nid = 'x'\n");
    assert_eq!(desk.khyber(&["feeds", "add", site.url("/").as_str()]).0, 3, "a wrong configuration is put right first");
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_test_tells_everything_about_one_fetch() {
    let (desk, site) = (Desk::new(), site().await);
    desk.write(
        "feeds.toml",
        &format!("[[feed]]\nid = \"hill\"\nurl = \"{}\"\npublisher = \"Hill\"\nfull_text = true\n", site.url("/moved")),
    );
    let (code, said) = desk.khyber(&["feeds", "test", "hill"]);
    assert_eq!(code, 0, "{said}");
    for words in [
        "1  301  ",
        "from 127.0.0.1 (IPv4) by HTTP/1.1",
        "2  200  ",
        "etag: \"one\"",
        "moved for good: change its url",
        "validators: 304",
        "RSS 2.0 \"Hill Post\", 1 entry, UTF-8",
        "headlines: full_text = true would",
        "bilateral, news  Crossing at Torkham",
        "/article, is not read: no article was found on the page",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let told = desk.json(&["feeds", "test", "hill"]);
    assert_eq!(told["hops"].as_array().unwrap().len(), 2);
    assert_eq!(told["conditional"]["answer"], "not-modified");
    assert_eq!((&told["feed"]["encoding"], &told["feed"]["first"][0]["scope"]), (&"UTF-8".into(), &"bilateral".into()));
    let (code, said) = desk.khyber(&["feeds", "test", "hil"]);
    assert!(code == 1 && said.contains("did you mean `hill`?"), "{said}");
    assert_eq!(desk.json(&["feeds", "test", site.url("/wall").as_str()])["health"], "blocked");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_says_what_can_be_done() {
    let (desk, site) = (Desk::new(), site().await);
    let feed = |id: &str, path: &str| {
        format!("[[feed]]\nid = \"{id}\"\nurl = \"{}\"\npublisher = \"{id}\"\n\n", site.url(path))
    };
    desk.write("feeds.toml", &[feed("hill", "/news/rss"), feed("wall", "/wall"), feed("page", "/silent")].concat());
    assert_eq!(desk.khyber(&["poll", "--at", "2026-03-01T06:00:00Z"]).0, 4);
    let lines = desk.json(&["feeds", "list"]);
    let health: Vec<&str> = lines.as_array().unwrap().iter().map(|line| line["health"].as_str().unwrap()).collect();
    assert_eq!(health, ["ok", "blocked", "broken"]);
    assert!(lines[0]["interval"].as_i64().unwrap() >= 3600 && lines[0]["next_check"].is_string(), "{lines}");
    assert!(lines[1]["advice"].as_str().unwrap().contains("browser"), "{lines}");
    assert!(lines[2]["advice"].as_str().unwrap().contains("khyber feeds test page"), "{lines}");
    let failing = desk.khyber(&["feeds", "list", "--failing"]).1;
    assert!(!failing.contains("hill") && failing.contains("403 Forbidden"), "{failing}");
    assert_eq!(desk.json(&["feeds", "list", "--stale"]), serde_json::json!([]));

    let (code, said) = desk.khyber(&["feeds", "pause", "wall", "pge"]);
    assert!(code == 4 && said.contains("did you mean `page`?"), "{said}");
    assert_eq!(desk.khyber(&["feeds", "pause", "page", "--until", "2020-01-01"]).0, 1, "in the past");
    assert_eq!(desk.khyber(&["feeds", "pause", "page", "--until", "2099-01-01"]).0, 0);
    let (code, said) = desk.khyber(&["poll", "--at", "2026-03-05T06:00:00Z"]);
    assert!(code == 0 && said.contains("polled 1 feed"), "{said}");
    let lines = desk.json(&["feeds", "list"]);
    assert_eq!((&lines[1]["health"], &lines[2]["paused_until"]), (&"paused".into(), &"2099-01-01T00:00:00Z".into()));
    let (_, said) = desk.khyber(&["poll", "--at", "2099-01-02T06:00:00Z"]);
    assert!(said.contains("polled 2 feeds"), "the pause ends by itself: {said}");
    assert_eq!(desk.khyber(&["feeds", "resume", "wall"]).0, 0);

    assert_eq!(desk.khyber(&["feeds", "remove", "wall"]).0, 0);
    assert!(desk.feeds().contains("wall"), "without a terminal and without --yes nothing is removed");
    let (code, said) = desk.khyber(&["feeds", "remove", "wall", "nobody", "--yes"]);
    assert!(code == 4 && !desk.feeds().contains("wall") && desk.feeds().contains("page"), "{said}");
    assert_eq!(desk.khyber(&["check"]).0, 0);
}

#[test]
fn another_readers_file_is_taken_in_and_given_back() {
    let desk = Desk::new();
    let file = "<opml version=\"2.0\"><body>\n<outline text=\"Regional\">\n<outline text=\"Hill\" xmlUrl=\"https://hill.example/rss\"/>\n\
        <outline text=\"River\" xmlUrl=\"https://river.example/rss\"/>\n<outline text=\"Bad\" xmlUrl=\"javascript:1\"/></outline></body></opml>";
    desk.write("other.opml", file);
    let (code, said) = desk.khyber(&["feeds", "import", "other.opml", "--dry-run"]);
    assert_eq!(code, 4, "{said}");
    for words in [
        "other.opml: line 3: new feed `hill` of Hill (regional)",
        "line 4: `River` is there already, as `river`",
        "line 5: `Bad` is left out",
        "1 new feed would be written into feeds.toml; nothing was",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(desk.feeds(), FEEDS);
    assert_eq!(desk.json(&["feeds", "import", "other.opml", "--dry-run"])[2]["outcome"], "refused");
    assert_eq!(desk.khyber(&["feeds", "import", "other.opml", "--yes"]).0, 4);
    assert!(desk.feeds().starts_with("# Kept by hand.") && desk.feeds().contains("id = \"hill\""), "{}", desk.feeds());
    let exported = desk.command(&["feeds", "export"]).output().unwrap().stdout;
    desk.write("back.opml", &String::from_utf8(exported).unwrap());
    let (code, said) = desk.khyber(&["feeds", "import", "back.opml"]);
    assert!(code == 0 && said.contains("no new feed") && said.contains("as `hill`"), "{said}");
    desk.write("broken.opml", "<opml>\n<body>\n<outline text='a\n");
    let (code, said) = desk.khyber(&["feeds", "import", "broken.opml"]);
    assert!(code == 1 && said.contains("broken.opml: line 3"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_online_tries_every_feed_and_sums_up() {
    let (desk, site) = (Desk::new(), site().await);
    let feed = |id: &str, path: &str| {
        format!("[[feed]]\nid = \"{id}\"\nurl = \"{}\"\npublisher = \"{id}\"\n\n", site.url(path))
    };
    let paused = "[[feed]]\nid = \"off\"\nurl = \"https://off.example/\"\npublisher = \"Off\"\nenabled = false\n";
    desk.write(
        "feeds.toml",
        &[&feed("hill", "/news/rss"), &feed("wall", "/wall"), &feed("old", "/moved"), paused].concat(),
    );
    let (code, said) = desk.khyber(&["check", "--online"]);
    assert_eq!(code, 4, "{said}");
    for words in ["feed `wall`", "403 Forbidden", "3 feeds tried: 1 blocked", "feed `old`", "moved for good"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains('\u{1b}') && !said.contains('\r'), "no bar where there is no terminal");
    let told = desk.json(&["check", "--online"]);
    assert_eq!((&told["ok"], &told["online"]["summary"]["blocked"]), (&true.into(), &1.into()));
    assert_eq!(told["online"]["feeds"][0]["entries"], 1);
    desk.write("feeds.toml", &feed("none", "/404"));
    assert_eq!(desk.khyber(&["check", "--online"]).0, 4);
    desk.write("feeds.toml", "[[feed]]\n");
    assert_eq!(desk.khyber(&["check", "--online"]).0, 3, "the files come first");
}

#[test]
fn a_misspelt_variable_is_pointed_out() {
    let desk = Desk::new();
    let mut check = desk.command(&["check"]);
    check.envs([("KHYBER_FETCH__INTERVALL", "2h"), ("KHYBER_LOG", "error"), ("KHYBER_FETCH__INTERVAL", "3h")]);
    let said = String::from_utf8(check.output().unwrap().stdout).unwrap();
    assert!(
        said.contains("KHYBER_FETCH__INTERVALL") && said.contains("did you mean KHYBER_FETCH__INTERVAL?"),
        "{said}"
    );
    assert!(!said.contains("KHYBER_LOG"), "{said}");
}

/// As in `khyber … | head`, with a reader that has gone before the first word.
#[test]
fn a_closed_pipe_ends_every_list_without_a_word() {
    let desk = Desk::new();
    for arguments in [
        &["feeds", "list"][..],
        &["feeds", "list", "--json"],
        &["feeds", "export"],
        &["check"],
        &["check", "--json"],
        &["status"],
        &["completions", "bash"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let done = desk.command(arguments).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!((done.status.code(), said.as_str()), (Some(0), ""), "{arguments:?}");
    }
}
