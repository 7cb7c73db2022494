//! Where returned mail is read from: a maildir by the daemon and by one round, and a mailbox over IMAP.

use crate::support::daemon::Daemon;
use crate::support::imap::{ImapServer, Manner, Tls};
use crate::support::smtp::fixture;
use khyber::config;
use khyber::daemon::Khyber;
use khyber::deliver::token::{Purpose, TokenKey};
use khyber::model::Timestamp;
use khyber::store::{DeliveryFilter, Store};
use std::path::Path;
use std::process::{Command, Output, Stdio};

const READER: &str = "reader@x.test";
const PASSWORD: &str = "open-sesame-4471";

fn morning() -> Timestamp {
    "2026-03-01T06:05:00Z".parse().unwrap()
}

/// A folder with a configuration and the edition of the first morning.
struct Desk(tempfile::TempDir);

impl Desk {
    async fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk(folder);
        desk.configure(more);
        let khyber = Khyber::open(desk.config(), morning()).await.unwrap();
        khyber.publish_due(None, morning()).await.unwrap();
        khyber.store.close().await;
        desk
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn configure(&self, more: &str) {
        let text = format!(
            "data_dir = \"data\"\n[mail]\nfrom = \"khyber@desk.test\"\n[bounce]\naddress = \"bounces@desk.test\"\n{more}\n\
             [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\nwhen_empty = \"send\"\n\
             [[subscriber]]\nemail = \"{READER}\"\n[[subscriber]]\nemail = \"other@x.test\"\n"
        );
        std::fs::write(self.path().join("khyber.toml"), text).unwrap();
    }

    fn config(&self) -> config::Config {
        let loaded = config::load(&self.path().join("khyber.toml"), &|_| None);
        loaded.unwrap_or_else(|problems| panic!("{problems}")).0
    }

    async fn store(&self) -> Store {
        Store::open(&self.path().join("data")).await.unwrap()
    }

    /// A report that the reader's address does not exist, under the token of their mail.
    async fn bounce(&self) -> Vec<u8> {
        let store = self.store().await;
        let rows = store.deliveries(&DeliveryFilter::default()).await.unwrap();
        let row = rows.iter().find(|row| row.subscriber.as_str() == READER).unwrap();
        let token = TokenKey::new(&store.salt().await.unwrap(), Purpose::Bounce).token(&[&row.message_id]);
        store.close().await;
        format!(
            "To: bounces+{token}@desk.test\r\nSubject: {{99}} Undelivered\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\n\
             Final-Recipient: rfc822; {READER}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
        )
        .into_bytes()
    }

    async fn suppressed(&self) -> Vec<String> {
        let store = self.store().await;
        let list = store.suppressions().await.unwrap().into_iter().map(|one| one.address.as_str().to_owned()).collect();
        store.close().await;
        list
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_khyber"));
        command.current_dir(self.path()).env_clear().env("KHYBER_LOG", "trace").args(arguments);
        command
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.stdin(Stdio::null()).output().unwrap()).await.unwrap()
    }

    fn maildir(&self) -> std::path::PathBuf {
        let maildir = self.path().join("bounces");
        for name in ["new", "cur", "tmp"] {
            std::fs::create_dir_all(maildir.join(name)).unwrap();
        }
        maildir
    }
}

fn imap(port: u16, more: &str) -> String {
    format!(
        "[imap]\nhost = \"localhost\"\nport = {port}\nuser = \"desk\"\npassword = \"{PASSWORD}\"\nca_file = \"{}\"\n{more}",
        fixture("cert.pem").display()
    )
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

const LETTER: &[u8] = b"From: reader@x.test\r\nTo: bounces@desk.test\r\nSubject: please stop\r\n\r\nThank you.\r\n";
const ABSENCE: &[u8] =
    b"From: reader@x.test\r\nTo: bounces@desk.test\r\nAuto-Submitted: auto-replied\r\nSubject: away\r\n\r\nOn Monday.\r\n";

#[tokio::test]
async fn the_daemon_reads_the_maildir_by_itself() {
    let desk = Desk::new("maildir = \"bounces\"").await;
    let bounce = desk.bounce().await;
    // Before the mail server has made it, nothing is wrong.
    let mut daemon = Daemon::start(desk.command(&["run"]).env("KHYBER_LOG", "info"));
    daemon.until("running");
    daemon.stop();
    assert!(!daemon.said.contains("ERROR"), "{}", daemon.said);

    let maildir = desk.maildir();
    std::fs::write(maildir.join("new/1.mx"), bounce).unwrap();
    let mut daemon = Daemon::start(&mut desk.command(&["run"]));
    while !maildir.join("cur/1.mx:2,S").is_file() {
        assert!(daemon.is_running(), "the daemon ended");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    daemon.stop();
    assert_eq!(desk.suppressed().await, [READER]);
}

#[tokio::test]
async fn one_round_reads_the_maildir_too() {
    let desk = Desk::new("maildir = \"bounces\"").await;
    let once = ["run", "--once", "--at", "2026-03-01T07:00:00Z"];
    let before = desk.run(&once).await;
    assert!(before.status.success() && !text(&before).contains("bounces:"), "{}", text(&before));
    let maildir = desk.maildir();
    std::fs::write(maildir.join("new/1.mx"), desk.bounce().await).unwrap();
    std::fs::write(maildir.join("new/2.mx"), LETTER).unwrap();
    let output = desk.run(&once).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("bounces: read 2, suppressed 1, left 0, not understood 1\n"), "{}", text(&output));
    assert_eq!(desk.suppressed().await, [READER]);
    let next = desk.run(&["run", "--once", "--at", "2026-03-02T06:05:00Z"]).await;
    assert!(next.status.success(), "{}", text(&next));
    let outbox = desk.run(&["outbox", "--edition", "2", "--json"]).await;
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&outbox.stdout).unwrap();
    assert_eq!(rows.iter().filter(|row| row["status"] == "accepted").count(), 1, "{rows:?}");
}

#[tokio::test]
async fn a_mailbox_is_read_once_and_nothing_of_it_is_lost() {
    for (tls, words) in [(Tls::First, ""), (Tls::Later, "tls = \"starttls\"\n")] {
        let desk = Desk::new("").await;
        let (bounce, huge) = (desk.bounce().await, vec![b'x'; 10 << 20]);
        let huge = [b"From: a@b.test\r\nSubject: large\r\n\r\n", huge.as_slice()].concat();
        let server = ImapServer::start(Manner::Sound, tls, &[&bounce, LETTER, ABSENCE, &huge, &bounce]).await;
        desk.configure(&imap(server.port, &format!("{words}move_to = \"Old bounces\"\n")));
        let output = desk.run(&["-vvv", "run", "--once", "--at", "2026-03-01T07:00:00Z"]).await;
        let said = text(&output);
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(said.contains("bounces: read 5, suppressed 1, left 0, not understood 1\n"), "{said}");
        assert!(!said.contains(PASSWORD), "the log of the IMAP library would hold it");
        assert_eq!(desk.suppressed().await, [READER]);

        let kept = server.held(|held| std::mem::take(&mut held.messages));
        let places: Vec<_> = kept.iter().map(|kept| (kept.folder.as_str(), kept.flags.as_str())).collect();
        let gone = ("Old bounces", "\\Seen");
        assert_eq!(places, [gone, ("INBOX", "\\Seen \\Flagged"), gone, gone, gone]);
        assert_eq!(
            kept.iter().map(|kept| kept.bytes.as_slice()).collect::<Vec<_>>(),
            [&bounce, LETTER, ABSENCE, &huge, &bounce]
        );
        let commands = server.held(|held| std::mem::take(&mut held.commands));
        assert!(commands.iter().all(|line| !line.contains("EXPUNGE") && !line.contains("\\Deleted")), "{commands:?}");
        let clear: Vec<_> = commands.iter().filter(|line| line.starts_with('!')).collect();
        assert_eq!(clear.len(), usize::from(tls == Tls::Later), "{clear:?}");
        assert!(clear.iter().all(|line| line.ends_with(" STARTTLS")), "{clear:?}");

        server.held(|held| held.messages = kept);
        let again = desk.run(&["bounce", "--imap"]).await;
        assert!(text(&again).contains("read 0, suppressed 0, left 0\n"), "{}", text(&again));
    }
}

#[tokio::test]
async fn what_was_read_and_not_marked_is_read_again_without_harm() {
    let desk = Desk::new("").await;
    let bounce = desk.bounce().await;
    let server = ImapServer::start(Manner::Still, Tls::First, &[&bounce]).await;
    desk.configure(&imap(server.port, "move_to = \"Old\"\n"));
    assert!(desk.run(&["bounce", "--imap"]).await.status.success());
    server.held(|held| held.messages[0].flags.clear());
    let output = desk.run(&["bounce", "--imap"]).await;
    assert!(text(&output).contains("read 1, suppressed 0, left 0\n"), "{}", text(&output));
    let kept = server.held(|held| held.messages[0].clone());
    assert_eq!(
        (kept.folder.as_str(), kept.flags.as_str()),
        ("INBOX", "\\Seen"),
        "a server that can't move leaves it there"
    );
}

#[tokio::test]
async fn a_server_that_misbehaves_is_told_and_changes_nothing() {
    let desk = Desk::new("").await;
    let bounce = desk.bounce().await;
    for (manner, tls, wants) in [
        (Manner::RefusesLogin, Tls::First, "login: refused by the server"),
        (Manner::Preauth, Tls::Later, "greeting: refused by the server"),
        (Manner::Boasts, Tls::First, "fetch a message: not IMAP, or more than is read"),
        (Manner::Babbles, Tls::First, "search: not IMAP, or more than is read"),
        (Manner::HangsUp, Tls::First, "fetch a message: the server hung up"),
    ] {
        let server = ImapServer::start(manner, tls, &[&bounce]).await;
        let mode = if tls == Tls::Later { "tls = \"starttls\"\n" } else { "" };
        desk.configure(&imap(server.port, mode));
        let output = desk.run(&["-vvv", "bounce", "--imap", "--at", "2026-03-01T07:00:00Z"]).await;
        let said = text(&output);
        if manner == Manner::HangsUp {
            // It hung up behind its answer: that one was heard.
            assert_eq!(output.status.code(), Some(4), "{said}");
            continue;
        }
        assert_eq!(output.status.code(), Some(4), "{manner:?}: {said}");
        assert!(said.contains(&format!("localhost:{}: {wants}", server.port)), "{manner:?}: {said}");
        assert!(!said.contains(PASSWORD), "{manner:?}");
        assert_eq!(server.held(|held| held.messages[0].flags.clone()), "");
        assert!(desk.suppressed().await.is_empty());
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused_before_the_login() {
    let desk = Desk::new("").await;
    let server = ImapServer::start(Manner::Sound, Tls::First, &[]).await;
    desk.configure(&imap(server.port, "").replace("\"localhost\"", "\"127.0.0.1\""));
    let output = desk.run(&["bounce", "--imap"]).await;
    assert!(text(&output).contains("TLS: invalid peer certificate"), "{}", text(&output));
    assert!(server.held(|held| held.commands.is_empty()));
}

#[tokio::test]
async fn bounces_that_cannot_be_read_are_a_trouble_once_it_lasts() {
    let desk = Desk::new("").await;
    let server = ImapServer::start(Manner::RefusesLogin, Tls::First, &[]).await;
    desk.configure(&imap(server.port, ""));
    let khyber = Khyber::open(desk.config(), morning()).await.unwrap();
    let after = |minutes| morning() + chrono::TimeDelta::minutes(minutes);
    for minutes in 0..31 {
        khyber.read_bounces(after(minutes)).await.unwrap();
    }
    assert!(khyber.troubles(after(29)).await.unwrap().is_empty());
    let troubles = khyber.troubles(after(30)).await.unwrap();
    let wants = format!(
        "bounces can't be read since 2026-03-01 06:05Z: localhost:{}: login: refused by the server",
        server.port
    );
    assert_eq!(troubles.iter().map(|one| one.text.clone()).collect::<Vec<_>>(), [wants]);
    let sound = ImapServer::start(Manner::Sound, Tls::First, &[]).await;
    desk.configure(&imap(sound.port, ""));
    let khyber = khyber.reconfigured(desk.config()).await.unwrap();
    khyber.read_bounces(after(31)).await.unwrap();
    assert!(khyber.troubles(after(300)).await.unwrap().is_empty());
}

#[test]
fn the_section_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("khyber.toml");
    let login = "user = 'a'\npassword = 'b'\n";
    let bounce = "[bounce]\naddress = 'b@desk.test'\n";
    for (text, wants) in [
        (format!("[imap]\nhost = 'imap.test'\n{login}"), "there is no [bounce]"),
        (format!("{bounce}[imap]\n{login}"), "`host` is missing"),
        (format!("{bounce}[imap]\nhost = 'imap.test'"), "`user` and its password are missing"),
        (format!("{bounce}[imap]\nhost = 'imap.test'\nuser = 'a'"), "LoadCredential=imap-password"),
        (format!("{bounce}[imap]\nhost = 'imap.test'\nuser = 'a'\npassword_file = 'absent'"), "can't be read from"),
        (format!("{bounce}[imap]\nhost = 'imap.test'\n{login}tls = 'none'"), "is for a server on this machine"),
        (format!("{bounce}[imap]\nhost = 'imap.test:993'\n{login}"), "without scheme and port"),
        (format!("{bounce}[imap]\nhost = 'imap.test'\n{login}move_to = 'inbox'"), "`move_to` is the mailbox itself"),
        (format!("{bounce}[imap]\nhost = 'imap.test'\n{login}ca_file = 'absent.pem'"), "absent.pem is not there"),
        (format!("{bounce}[imap]\nhost = 'imap.test'\n{login}mailbx = 'X'"), "did you mean `mailbox`"),
        (format!("{bounce}[imap]\nhost = 'imap.test'\n{login}"), "the password stands in the configuration file"),
    ] {
        std::fs::write(&file, &text).unwrap();
        let problems = config::examine(&file, &|_| None).problems.to_string();
        assert!(problems.contains(wants), "{text}: {problems}");
    }
    std::fs::write(&file, format!("{bounce}[imap]\nhost = 'imap.test'\nuser = 'a'")).unwrap();
    let env = |name: &str| (name == "KHYBER_IMAP__PASSWORD").then(|| "sesame".to_owned());
    let imap = config::load(&file, &env).unwrap().0.bounce.unwrap().imap.unwrap();
    assert_eq!((imap.port, imap.mailbox.as_str(), imap.credentials.password.expose()), (993, "INBOX", "sesame"));
}
