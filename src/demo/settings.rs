//! The configuration of a demo run, written as the TOML that an operator would have written.

use super::SAMPLES;
use crate::model::{FeedKind, Lang, Timestamp};
use chrono::Timelike;
use chrono_tz::Asia::Karachi;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// The zone of the demo's digest: no summer time, so that both days' editions fall on the same hour.
const ZONE: chrono_tz::Tz = Karachi;

/// Four readers of the same digest, each in their own language; the first reads English.
pub const READERS: [(&str, &str, Lang); 4] = [
    ("desk@reader.example", "The Desk", Lang::En),
    ("idara@reader.example", "ادارہ", Lang::Ur),
    ("khabartya@reader.example", "خبرتیا", Lang::Ps),
    ("daftar@reader.example", "دفتر", Lang::Fa),
];

/// Where the demo's two servers listen, both on 127.0.0.1.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    pub feeds: u16,
    pub mail: u16,
}

/// Writes `khyber.toml` into `folder`: a daily digest at the hour and minute of `slot`.
pub fn write(folder: &Path, ports: Ports, slot: Timestamp) -> io::Result<PathBuf> {
    let file = folder.join("khyber.toml");
    std::fs::write(&file, text(ports, slot).map_err(io::Error::other)?)?;
    Ok(file)
}

fn text(ports: Ports, slot: Timestamp) -> Result<String, std::fmt::Error> {
    let mut toml = String::new();
    let local = slot.with_timezone(&ZONE);
    let (minute, hour, mail) = (local.minute(), local.hour(), ports.mail);
    write!(
        toml,
        r#"# Written by `khyber demo`: loopback feeds, loopback mail.
data_dir = "data"

[fetch]
contact = "demo@khyber.example"
allow_private = ["127.0.0.1"]

[mail]
from = "digest@khyber.example"
from_name = "Khyber"

[smtp]
host = "127.0.0.1"
port = {mail}
tls = "none"

[[digest]]
id = "daily"
title = "Pakistan–Afghanistan daily"
schedule = "{minute} {hour} * * *"
timezone = "{ZONE}"
scope = ["bilateral", "pk", "af"]
first_run = "24h"
"#
    )?;
    for (email, name, lang) in READERS {
        let lang = lang.code();
        write!(
            toml,
            "\n[[subscriber]]\nemail = \"{email}\"\nname = \"{name}\"\ndigest = \"daily\"\nlanguage = \"{lang}\"\n"
        )?;
    }
    for sample in SAMPLES {
        let (id, publisher, path, country) = (sample.id, sample.publisher, sample.path, sample.country);
        let (side, lang, kind, port) = (sample.side.name(), sample.lang.code(), kind(sample.kind), ports.feeds);
        write!(
            toml,
            "\n[[feed]]\nid = \"{id}\"\nurl = \"http://127.0.0.1:{port}{path}\"\npublisher = \"{publisher}\"\n\
             side = \"{side}\"\ncountry = \"{country}\"\nlang = \"{lang}\"\nkind = \"{kind}\"\n"
        )?;
    }
    Ok(toml)
}

fn kind(kind: FeedKind) -> &'static str {
    match kind {
        FeedKind::News => "news",
        FeedKind::Opinion => "opinion",
        FeedKind::Analysis => "analysis",
        FeedKind::Official => "official",
        FeedKind::Aggregator => "aggregator",
    }
}
