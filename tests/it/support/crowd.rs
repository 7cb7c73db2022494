//! A thousand feeds on one server, of which fifty hang, fifty drip and fifty are bombs of several kinds.

use super::web::{Step, Web, answer};
use std::io::Write;
use std::time::Duration;

pub const FEEDS: usize = 1_000;
/// Feeds that are read; fifty each of the other three kinds.
pub const GOOD: usize = 850;
/// In each of them, as a news feed has.
pub const ENTRIES: usize = 20;
const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Good,
    Hangs,
    Drips,
    Bomb,
}

/// How the feed of this number behaves; spread, so that every kind is met early and late.
pub fn manner(number: usize) -> Manner {
    match number % 20 {
        3 => Manner::Hangs,
        9 => Manner::Drips,
        15 => Manner::Bomb,
        _ => Manner::Good,
    }
}

pub fn id(number: usize) -> String {
    format!("feed-{number}")
}

pub fn number(id: &str) -> usize {
    id.rsplit('-').next().unwrap().parse().unwrap()
}

/// The server; it answers `/N` as feed N.
pub async fn start() -> Web {
    let bombs = bombs();
    Web::start(move |head| {
        let number: usize = head.split(' ').nth(1).unwrap()[1..].parse().unwrap();
        let part = |text: &str| Step::Send(format!("{HEAD}{text}").into_bytes());
        match manner(number) {
            Manner::Good => answer("200 OK\nContent-Type: application/rss+xml", feed(number, 0).as_bytes()),
            // Half of them before the headers, half within the body.
            Manner::Hangs if number % 40 < 20 => vec![Step::Hang],
            Manner::Hangs => vec![part("\r\n<rss>"), Step::Hang],
            Manner::Drips => vec![part("\r\n<rss>"), Step::Drip(Duration::from_secs(1))],
            Manner::Bomb => match number / 20 % 5 {
                0 => vec![part("\r\n"), Step::Endless(vec![b' '; 64 << 10])],
                1 => vec![part(""), Step::Endless(b"X-Filler: 0123456789\r\n".repeat(1_000))],
                kind => {
                    let (coding, bytes) = &bombs[kind - 2];
                    answer(&format!("200 OK\nContent-Encoding: {coding}"), bytes)
                }
            },
        }
    })
    .await
}

/// 64 MiB of nothing in each coding.
fn bombs() -> [(&'static str, Vec<u8>); 3] {
    let nothing = vec![0; 64 << 20];
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&nothing).unwrap();
    let mut br = Vec::new();
    brotli::CompressorWriter::new(&mut br, 64 << 10, 1, 22).write_all(&nothing).unwrap();
    [("gzip", gzip.finish().unwrap()), ("br", br), ("zstd", zstd::encode_all(nothing.as_slice(), 1).unwrap())]
}

/// The entries from `first` on.
pub fn feed(number: usize, first: usize) -> String {
    let entries: String = (first..first + ENTRIES)
        .map(|entry| {
            format!(
                "<item><title>Report {entry} of wire {number}</title><link>https://wire-{number}.example/{entry}</link>\
                 <pubDate>Sun, 01 Mar 2026 {:02}:00:00 GMT</pubDate><description>{}</description></item>",
                entry % ENTRIES,
                "Traders at the crossing waited for the gates to open. ".repeat(8)
            )
        })
        .collect();
    format!("<rss version=\"2.0\"><channel><title>Wire {number}</title>{entries}</channel></rss>")
}

/// A configuration over those feeds of the server that are chosen.
pub fn write_config(folder: &std::path::Path, web: &Web, fetch: &str, chosen: impl Fn(Manner) -> bool) {
    let feeds: String = (0..FEEDS)
        .filter(|number| chosen(manner(*number)))
        .map(|number| {
            format!(
                "[[feed]]\nid = \"{}\"\nurl = \"{}\"\npublisher = \"Wire\"\n",
                id(number),
                web.url(&format!("/{number}"))
            )
        })
        .collect();
    let text = format!(
        "data_dir = \"data\"\n[fetch]\nallow_private = [\"127.0.0.1\"]\n{fetch}\n[mail]\nfrom = \"khyber@desk.test\"\n{feeds}\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\ntimezone = \"UTC\"\n\
         [[subscriber]]\nemail = \"reader@x.test\"\ndigest = \"daily\"\n"
    );
    std::fs::write(folder.join("khyber.toml"), text).unwrap();
}

/// The most memory a running process has held, in KiB; `None` when it has ended.
pub fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
