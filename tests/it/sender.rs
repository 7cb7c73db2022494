//! Who may send: `khyber check --online` about login, SPF, DKIM, DMARC and the rules of Gmail and Yahoo; `khyber dkim`.

use super::support::dns::{NameServer, Zone};
use super::support::smtp::{At, Fault, FaultServer, Script, fixture as tls_fixture};
use khyber::cli::check_online::finding::{Finding, State};
use khyber::cli::check_online::senders;
use khyber::config::{self, Config};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The relay's name is nobody's: what is asked about it, is asked of the zone.
const RELAY: &str = "relay.desk.test";

struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new(servers: SocketAddr, smtp: &str, more: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for key in ["rsa.pem", "ed25519.pem"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/dkim").join(key);
            std::fs::copy(path, dir.path().join(key)).unwrap();
        }
        std::fs::write(dir.path().join("password"), "open sesame").unwrap();
        let text = format!(
            "[mail]\nfrom = 'digest@news.desk.test'\nreply_to = 'editor@desk.test'\n[dns]\nservers = ['{servers}']\n\
             [smtp]\n{smtp}\n{more}\n[[digest]]\nid = 'daily'\ntitle = 'Daily'\nschedule = '@daily'\n\
             [[subscriber]]\nemail = 'reader@x.test'\n"
        );
        std::fs::write(dir.path().join("khyber.toml"), text).unwrap();
        Self { dir }
    }

    fn config(&self) -> Config {
        config::load(&self.dir.path().join("khyber.toml"), &|_| None).unwrap_or_else(|problems| panic!("{problems}")).0
    }

    async fn khyber(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_khyber"));
        command.current_dir(self.dir.path()).env_clear().args(arguments).stdin(Stdio::null());
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }
}

const KEYS: &str =
    "[[dkim]]\nselector = 'r1'\nkey_file = 'rsa.pem'\n[[dkim]]\nselector = 'e1'\nkey_file = 'ed25519.pem'\n";
const WEB: &str = "[web]\nlisten = '127.0.0.1:0'\npublic_url = 'https://digest.desk.test'\n";
const SPF: &str = "v=spf1 include:_spf.relay.test -all";
const DMARC: &str = "v=DMARC1; p=quarantine; rua=mailto:reports@desk.test";

fn record(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/dkim").join(file);
    std::fs::read_to_string(path).unwrap().trim().to_owned()
}

fn rsa() -> String {
    format!("v=DKIM1; k=rsa; p={}", record("rsa.public"))
}

fn ed25519() -> String {
    format!("v=DKIM1; k=ed25519; p={}", record("ed25519.public"))
}

/// Everything but the named part as it should be.
fn zone(without: &str) -> Zone {
    let records = [
        ("news.desk.test", "google-site-verification=abc".to_owned()),
        ("news.desk.test", SPF.to_owned()),
        ("_spf.relay.test", "v=spf1 ip4:192.0.2.0/24 -all".to_owned()),
        ("r1._domainkey.news.desk.test", rsa()),
        ("e1._domainkey.news.desk.test", ed25519()),
        ("_dmarc.desk.test", DMARC.to_owned()),
    ];
    let kept = records
        .into_iter()
        .filter(|(name, text)| without.is_empty() || !(name.contains(without) || text.starts_with(without)));
    let zone = Zone::default().address(RELAY, "192.0.2.7").address("desk.test", "192.0.2.1");
    kept.fold(zone, |zone, (name, text)| zone.text(name, &text))
}

async fn findings(zone: Zone, more: &str) -> Vec<Finding> {
    let server = NameServer::start(zone).await;
    let desk = Desk::new(server.address, &format!("host = '{RELAY}'"), more);
    senders::check(&desk.config()).await.unwrap()
}

fn told(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("{finding}\n")).collect()
}

#[tokio::test]
async fn a_sender_in_order_is_told_so() {
    let found = findings(zone(""), &[KEYS, WEB].concat()).await;
    let said = told(&found);
    assert!(!found.iter().any(Finding::is_trouble), "{said}");
    for words in [
        "ok      SPF: news.desk.test has one record, with 1 of 10 questions",
        "note    SPF: mail from the relay's own address 192.0.2.7 passes. The relay may send from other addresses",
        "ok      DKIM: r1._domainkey.news.desk.test holds the rsa key that signs",
        "ok      DKIM: e1._domainkey.news.desk.test holds the ed25519 key that signs",
        "ok      DMARC: news.desk.test is under the record of desk.test, which asks receivers to put mail",
        "ok      Gmail and Yahoo, any sender",
        "ok      Gmail and Yahoo, bulk sender",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
}

#[tokio::test]
async fn what_is_missing_is_said_with_the_record_to_publish() {
    let found = findings(Zone::default(), KEYS).await;
    let said = told(&found);
    let publish = |name: &str| {
        let record = found.iter().filter_map(|finding| finding.publish.as_ref()).find(|record| record.name == name);
        record.unwrap_or_else(|| panic!("{name}\n{said}")).text.clone()
    };
    assert_eq!(publish("r1._domainkey.news.desk.test"), rsa());
    assert_eq!(publish("e1._domainkey.news.desk.test"), ed25519());
    assert!(publish("news.desk.test").starts_with("v=spf1 include:"));
    assert_eq!(publish("_dmarc.news.desk.test"), "v=DMARC1; p=none; rua=mailto:editor@desk.test");
    for words in [
        "WRONG   SPF: news.desk.test has no SPF record: nothing says that relay.desk.test may send its mail",
        "WRONG   DMARC: neither news.desk.test nor a domain above it has a DMARC record",
        "WRONG   Gmail and Yahoo, any sender: mail without SPF and DKIM is refused",
        "SPF; DKIM; DMARC (p=none is enough); leaving by one click",
        "r1._domainkey.news.desk.test. IN TXT ( \"v=DKIM1; k=rsa; p=MII",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
}

#[tokio::test]
async fn each_mistake_in_the_records_has_its_sentence() {
    let of = |without: &str, name: &str, text: &str| zone(without).text(name, text);
    let spf = |text: &str| of("v=spf1 include", "news.desk.test", text);
    let key = |text: &str| of("e1._domainkey", "e1._domainkey.news.desk.test", text);
    let many: String = (0..11).map(|at| format!("a:a{at}.desk.test ")).collect();
    let nested = spf("v=spf1 include:one.test include:two.test ~all")
        .text("one.test", &format!("v=spf1 {}-all", "mx ".repeat(5)))
        .text("two.test", &format!("v=spf1 {}-all", "exists:%{i}.x.test ".repeat(5)));
    let other = rsa().replace("MIIBIjAN", "MIIBIjAM");
    let cases = [
        (zone("").text("news.desk.test", "v=spf1 -all"), "has 2 SPF records"),
        (spf("v=spf1 ipv4:192.0.2.0/24 -all"), "can't be read"),
        (spf("v=spf1 +all"), "anybody may send as news.desk.test"),
        (spf("v=spf1 a"), "says nothing of other senders"),
        (spf("v=spf1 ?all"), "says nothing of other senders"),
        (spf(&format!("v=spf1 {many}~all")), "needs 11 questions to the DNS"),
        (nested, "needs 12 questions to the DNS"),
        (spf("v=spf1 include:news.desk.test ~all"), "questions to the DNS, and receivers stop"),
        (spf("v=spf1 include:nowhere.test ~all"), "include:nowhere.test leads to no SPF record"),
        (spf("v=spf1 redirect=nowhere.test"), "redirect=nowhere.test leads to no SPF record"),
        (spf("v=spf1 ip4:198.51.100.1 -all"), "mail from the relay's own address 192.0.2.7 fails"),
        (key("v=DKIM1; k=ed25519; p="), "was revoked"),
        (key("v=DKIM1; k=ed25519"), "has no p="),
        (key("v=DKIM1; k=ed25519; p=AAAA"), "holds another key than the one that signs"),
        (key("v=DKIM1; k=ed25519; p=A"), "is not base64"),
        (key(&rsa()), "holds a key of the kind rsa, and mails are signed by one of the kind ed25519"),
        (key(&format!("{}; t=s:y", ed25519())), "says t=y (testing)"),
        (key(&format!("{}; h=sha1", ed25519())), "h= without sha256"),
        (key(&format!("{}; s=tlsrpt", ed25519())), "s= without email"),
        (key(&format!("k=ed25519; v=DKIM1; p={}", record("ed25519.public"))), "does not begin with v=DKIM1"),
        (zone("").text("e1._domainkey.news.desk.test", &other), "has 2 TXT records"),
        (of("_dmarc", "_dmarc.news.desk.test", "v=DMARC1; p=none"), "which is enough for Gmail and Yahoo"),
        (of("_dmarc", "_dmarc.news.desk.test", "v=DMARC1; p=none"), "has no rua="),
        (of("_dmarc", "_dmarc.desk.test", "v=DMARC1; p=none; sp=reject; rua=mailto:a@desk.test"), "to refuse mail"),
        (of("_dmarc", "_dmarc.news.desk.test", "v=DMARC1; rua=mailto:a@desk.test; p=maybe"), "can't be read"),
        (zone("").text("_dmarc.desk.test", DMARC), "has 2 DMARC records"),
        // A record at a top-level domain is nobody's.
        (of("_dmarc", "_dmarc.test", DMARC), "neither news.desk.test nor a domain above it"),
    ];
    for (zone, words) in cases {
        let said = told(&findings(zone, &[KEYS, WEB].concat()).await);
        assert!(said.contains(words), "{words}\n{said}");
    }
}

#[tokio::test]
async fn a_signature_of_another_domain_does_not_count() {
    let key = |domain: &str| format!("[[dkim]]\nselector = 'r1'\nkey_file = 'rsa.pem'\ndomain = '{domain}'\n");
    let zone = |dmarc: &str| {
        let zone = zone("_dmarc").text("_dmarc.desk.test", dmarc);
        ["desk.test", "lists.desk.test", "other.test"]
            .iter()
            .fold(zone, |zone, domain| zone.text(&format!("r1._domainkey.{domain}"), &rsa()))
    };
    let relaxed = "v=DMARC1; p=none; rua=mailto:a@desk.test";
    let strict = "v=DMARC1; p=none; adkim=s; rua=mailto:a@desk.test";
    for (dmarc, domain, counts) in [
        (relaxed, "news.desk.test", true),
        (relaxed, "desk.test", true),
        (relaxed, "lists.desk.test", true),
        (relaxed, "other.test", false),
        (strict, "news.desk.test", true),
        (strict, "desk.test", false),
    ] {
        let said = told(&findings(zone(dmarc), &[&key(domain), WEB].concat()).await);
        assert_eq!(!said.contains("which does not count for news.desk.test"), counts, "{domain}\n{said}");
        assert_eq!(!said.contains("missing"), counts, "{domain}\n{said}");
    }
}

/// Receivers ask the SPF record of the envelope sender, which is the bounce address.
#[tokio::test]
async fn the_domain_of_bounces_is_the_one_that_spf_is_about() {
    let bounce = |domain: &str| format!("[bounce]\naddress = 'bounces@{domain}'\n");
    let dmarc = |tags: &str| format!("v=DMARC1; p=none; rua=mailto:a@desk.test{tags}");
    let zone = |domain: &str, tags: &str| zone("_dmarc").text("_dmarc.desk.test", &dmarc(tags)).text(domain, SPF);
    for (domain, tags, keys, words) in [
        ("mail.desk.test", "", KEYS, "ok      SPF: mail.desk.test has one record"),
        ("mail.desk.test", "; aspf=s", KEYS, "SPF does not count for news.desk.test under aspf=s: the signature alone"),
        (
            "bounces.test",
            "",
            KEYS,
            "note    DMARC: bounces go to bounces.test, so SPF does not count for news.desk.test",
        ),
        ("bounces.test", "", "", "WRONG   DMARC: bounces go to bounces.test"),
    ] {
        let said = told(&findings(zone(domain, tags), &[keys, WEB, &bounce(domain)].concat()).await);
        assert!(said.contains(words), "{words}\n{said}");
        assert_eq!(
            said.contains("so SPF does not count"),
            words.contains("does not count") || keys.is_empty(),
            "{said}"
        );
    }
    let said = told(&findings(super::sender::zone(""), &[KEYS, WEB, &bounce("mail.desk.test")].concat()).await);
    assert!(said.contains("WRONG   SPF: mail.desk.test has no SPF record"), "{said}");
    let own = told(&findings(super::sender::zone(""), &[KEYS, WEB, &bounce("news.desk.test")].concat()).await);
    assert!(own.contains("ok      SPF: news.desk.test") && !own.contains("bounces go to"), "{own}");
}

#[tokio::test]
async fn no_answer_is_not_taken_for_no_record() {
    let mut broken = zone("");
    for name in
        ["news.desk.test", "r1._domainkey.news.desk.test", "e1._domainkey.news.desk.test", "_dmarc.news.desk.test"]
    {
        broken = broken.broken(name);
    }
    let found = findings(broken, &[KEYS, WEB].concat()).await;
    let said = told(&found);
    let unknown: Vec<&str> =
        found.iter().filter(|finding| finding.state == State::Unknown).map(|finding| finding.about).collect();
    assert_eq!(unknown, ["SPF", "DKIM", "DKIM", "DMARC"], "{said}");
    assert!(!found.iter().any(|finding| finding.state == State::Wrong || finding.publish.is_some()), "{said}");
    assert!(said.contains("the DNS gave no answer for news.desk.test") && !said.contains("missing ("), "{said}");
}

#[tokio::test]
async fn a_public_mailbox_is_no_sender_for_a_list() {
    let server = NameServer::start(Zone::default()).await;
    let desk = Desk::new(server.address, &format!("host = '{RELAY}'"), "");
    let at = |from: &str, relay: &str| {
        let mut config = desk.config();
        config.mail.from = from.parse().unwrap();
        if let config::ChannelConfig::Smtp(smtp) = &mut config.mail.channel {
            smtp.host = relay.to_owned();
        }
        config
    };
    let said = told(&senders::check(&at("desk@gmail.com", RELAY)).await.unwrap());
    assert!(said.starts_with("WRONG   From: gmail.com is a public mailbox provider"), "{said}");
    let said = told(&senders::check(&at("desk@gmail.com", "smtp.gmail.com")).await.unwrap());
    assert!(said.starts_with("note    From: gmail.com"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_login_is_tried_and_nothing_is_sent() {
    let names = NameServer::start(zone("")).await;
    let relay = |port: u16| {
        let trusted = tls_fixture("cert.pem");
        format!(
            "host = 'localhost'\nport = {port}\nuser = 'desk'\npassword_file = 'password'\nca_file = '{}'",
            trusted.display()
        )
    };
    let server = FaultServer::start(Script::sound()).await;
    let desk = Desk::new(names.address, &relay(server.port), &[KEYS, WEB].concat());
    let done = desk.khyber(&["check", "--online"]).await;
    let said = String::from_utf8(done.stdout).unwrap();
    assert_eq!(done.status.code(), Some(0), "{said}");
    assert!(said.contains(&format!("mail: localhost:{} answers and takes the login", server.port)), "{said}");
    assert!(said.contains("note    SPF: the relay localhost is on this machine"), "{said}");
    let commands = server.seen(|seen| seen.commands.clone());
    let words: Vec<&str> = commands.iter().map(|line| line.split([' ', ':']).next().unwrap()).collect();
    assert_eq!(words, ["!EHLO", "!STARTTLS", "EHLO", "AUTH", "QUIT"], "{commands:?}");

    let refusing = FaultServer::start(Script::failing(At::Auth, Fault::Always)).await;
    let desk = Desk::new(names.address, &relay(refusing.port), &[KEYS, WEB].concat());
    let done = desk.khyber(&["check", "--online", "--json"]).await;
    assert_eq!(done.status.code(), Some(4));
    let said = String::from_utf8(done.stdout).unwrap();
    let told: serde_json::Value = serde_json::from_str(&said).unwrap();
    let remark = format!("localhost:{}: answered 554 5.7.1 (Auth)", refusing.port);
    assert_eq!(
        (&told["online"]["mail"]["ok"], &told["online"]["mail"]["remark"]),
        (&false.into(), &remark.as_str().into())
    );
    assert_eq!(told["online"]["sender"][0]["about"], "SPF");
    assert!(!said.contains("sesame"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_prints_the_records_of_the_keys() {
    let nobody: SocketAddr = "127.0.0.1:9".parse().unwrap();
    let desk = Desk::new(nobody, &format!("host = '{RELAY}'"), KEYS);
    let said = String::from_utf8(desk.khyber(&["dkim"]).await.stdout).unwrap();
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.contains(&format!("e1._domainkey.news.desk.test. IN TXT \"{}\"", ed25519())), "{said}");
    let told: serde_json::Value = serde_json::from_slice(&desk.khyber(&["dkim", "--json"]).await.stdout).unwrap();
    assert_eq!((&told[0]["name"], &told[0]["text"]), (&"r1._domainkey.news.desk.test".into(), &rsa().as_str().into()));
    let none = Desk::new(nobody, &format!("host = '{RELAY}'"), "");
    let said = String::from_utf8(none.khyber(&["dkim"]).await.stdout).unwrap();
    assert!(said.contains("openssl genpkey") && said.contains("[[dkim]]"), "{said}");
}

#[test]
fn keys_that_cannot_sign_are_named_with_their_place() {
    let dir = tempfile::tempdir().unwrap();
    let fixture = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/dkim").join(name);
    for key in ["rsa-1024.pem", "ec.pem", "rsa.pem"] {
        std::fs::copy(fixture(key), dir.path().join(key)).unwrap();
    }
    std::fs::write(dir.path().join("empty.pem"), "").unwrap();
    let file = dir.path().join("khyber.toml");
    let problems = |text: &str, credentials: Option<&Path>| {
        std::fs::write(&file, text).unwrap();
        let env =
            |name: &str| credentials.filter(|_| name == "CREDENTIALS_DIRECTORY").map(|dir| dir.display().to_string());
        config::examine(&file, &env).problems.to_string()
    };
    let with = |keys: &str| format!("[mail]\nfrom = 'a@desk.test'\n{keys}");
    let cases = [
        ("[[dkim]]\nselector = 's'\nkey_file = 'absent.pem'", "khyber.toml:5:12", "can't be read from"),
        ("[[dkim]]\nselector = 's'\nkey_file = 'empty.pem'", "khyber.toml:5:12", "holds no private key in PEM form"),
        ("[[dkim]]\nselector = 's'\nkey_file = 'rsa-1024.pem'", "khyber.toml:5:12", "less than 2048 bits"),
        ("[[dkim]]\nselector = 's'\nkey_file = 'ec.pem'", "khyber.toml:5:12", "neither RSA nor Ed25519"),
        ("[[dkim]]\nselector = 's'", "khyber.toml:3:1", "LoadCredential=dkim-s:/path"),
        ("[[dkim]]\nselector = 's p'\nkey_file = 'rsa.pem'", "khyber.toml:4:12", "is not a name in the DNS"),
        ("[[dkim]]\nkey_file = 'rsa.pem'", "khyber.toml:3:1", "`selector` is missing"),
        ("[[dkim]]\nselector = 's'\nkey = 'MIIEsecret'", "khyber.toml:5:1", "does not belong into this file"),
        (
            "[[dkim]]\nselector = 's'\nkey_file = 'rsa.pem'\ndomain = 'other.test'",
            "khyber.toml:6:10",
            "DMARC wants one domain",
        ),
        (
            "[[dkim]]\nselector = 's'\nkey_file = 'rsa.pem'\n[[dkim]]\nselector = 's'\nkey_file = 'rsa.pem'",
            "khyber.toml:6:1",
            "two keys are for s._domainkey.desk.test",
        ),
        ("[dkim]\nselector = 's'", "khyber.toml:3:1", "with two brackets"),
    ];
    for (keys, place, words) in cases {
        let said = problems(&with(keys), None);
        assert!(said.contains(place) && said.contains(words), "{words}\n{said}");
        assert!(!said.contains("MIIEsecret"), "{said}");
    }
    // systemd's credential of the selector's name, readable by others: taken, with a warning.
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::copy(fixture("rsa.pem"), dir.path().join("dkim-s")).unwrap();
    std::fs::set_permissions(dir.path().join("dkim-s"), open).unwrap();
    let said = problems(&with("[[dkim]]\nselector = 's'"), Some(dir.path()));
    assert!(
        said.contains("every user of this machine can read the DKIM key file") && said.contains("0 errors"),
        "{said}"
    );
}
