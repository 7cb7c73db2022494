//! The sample feeds: invented publishers, invented news, written for this project.

use crate::model::{FeedKind, Lang, Side};

/// One sample feed: who publishes it, and the template of its documents.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    pub id: &'static str,
    pub publisher: &'static str,
    pub side: Side,
    pub country: &'static str,
    pub lang: Lang,
    pub kind: FeedKind,
    /// Path on the loopback server.
    pub path: &'static str,
    pub content_type: &'static str,
    pub template: &'static str,
}

const RSS: &str = "application/rss+xml; charset=utf-8";
const RDF: &str = "application/rdf+xml; charset=utf-8";
const ATOM: &str = "application/atom+xml; charset=utf-8";
const JSON: &str = "application/feed+json";

/// The last one is broken: a maintenance page where a feed should be.
pub const SAMPLES: &[Sample] = &[
    Sample {
        id: "indus-courier",
        publisher: "Indus Courier",
        side: Side::Pakistan,
        country: "PK",
        lang: Lang::En,
        kind: FeedKind::News,
        path: "/indus-courier/rss.xml",
        content_type: RSS,
        template: include_str!("feeds/indus-courier.rss"),
    },
    Sample {
        id: "frontier-ledger",
        publisher: "Frontier Ledger",
        side: Side::Pakistan,
        country: "PK",
        lang: Lang::En,
        kind: FeedKind::News,
        path: "/frontier-ledger/feed",
        content_type: RSS,
        template: include_str!("feeds/frontier-ledger.rss"),
    },
    Sample {
        id: "sahil",
        publisher: "روزنامہ ساحل",
        side: Side::Pakistan,
        country: "PK",
        lang: Lang::Ur,
        kind: FeedKind::News,
        path: "/sahil/rss",
        content_type: RSS,
        template: include_str!("feeds/sahil.rss"),
    },
    Sample {
        id: "margalla-review",
        publisher: "The Margalla Review",
        side: Side::Pakistan,
        country: "PK",
        lang: Lang::En,
        kind: FeedKind::Opinion,
        path: "/margalla-review/atom.xml",
        content_type: ATOM,
        template: include_str!("feeds/margalla-review.atom"),
    },
    Sample {
        id: "hindukush-wire",
        publisher: "Hindukush Wire",
        side: Side::Regional,
        country: "UZ",
        lang: Lang::En,
        kind: FeedKind::News,
        path: "/hindukush-wire/atom.xml",
        content_type: ATOM,
        template: include_str!("feeds/hindukush-wire.atom"),
    },
    Sample {
        id: "meridian-world",
        publisher: "Meridian World Service",
        side: Side::International,
        country: "INT",
        lang: Lang::En,
        kind: FeedKind::News,
        path: "/meridian/world/rss.xml",
        content_type: "text/xml; charset=utf-8",
        template: include_str!("feeds/meridian-world.rss"),
    },
    Sample {
        id: "kabul-lantern",
        publisher: "Kabul Lantern",
        side: Side::AfghanistanExile,
        country: "AF",
        lang: Lang::En,
        kind: FeedKind::News,
        path: "/kabul-lantern/feed.json",
        content_type: JSON,
        template: include_str!("feeds/kabul-lantern.json"),
    },
    Sample {
        id: "pul-e-roshan",
        publisher: "پل روشن",
        side: Side::AfghanistanExile,
        country: "AF",
        lang: Lang::Fa,
        kind: FeedKind::News,
        path: "/pul-e-roshan/atom.xml",
        content_type: ATOM,
        template: include_str!("feeds/pul-e-roshan.atom"),
    },
    Sample {
        id: "loy-watan",
        publisher: "لوی وطن خبري آژانس",
        side: Side::AfghanistanState,
        country: "AF",
        lang: Lang::Ps,
        kind: FeedKind::Official,
        path: "/loy-watan/index.rdf",
        content_type: RDF,
        template: include_str!("feeds/loy-watan.rdf"),
    },
    Sample {
        id: "relief-ledger",
        publisher: "Relief Ledger",
        side: Side::UnNgo,
        country: "INT",
        lang: Lang::En,
        kind: FeedKind::News,
        path: "/relief-ledger/updates.xml",
        content_type: RSS,
        template: include_str!("feeds/relief-ledger.rss"),
    },
    Sample {
        id: "gandhara-bulletin",
        publisher: "Gandhara Bulletin",
        side: Side::Pakistan,
        country: "PK",
        lang: Lang::En,
        kind: FeedKind::News,
        path: "/gandhara-bulletin/rss.xml",
        content_type: "text/html; charset=utf-8",
        template: include_str!("feeds/gandhara-bulletin.html"),
    },
];

/// The id of the sample that no reader can make a feed of.
pub const BROKEN: &str = "gandhara-bulletin";
