//! The gate: a hostile document costs itself only. Each is read by a process of its own on a 2 MB stack; it may not die, take more
//! than 64 MB + 10 × its size of memory, or more than 1 s + 1 s/MB of processor time.

use serde_json::Value;
use std::process::Command;

/// Reads the document in a process of its own and holds it to the gate; returns what was measured and what was read.
fn gated(name: &str, bytes: &[u8]) -> (Value, Value) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("feed");
    std::fs::write(&file, bytes).unwrap();
    let run = |flags: &str| {
        // `ulimit -s` is the main thread's stack; threads of ours have 2 MB by themselves.
        let script = format!("ulimit -s 2048 && exec \"$0\" parse {flags} \"$1\"");
        let ran =
            Command::new("sh").arg("-c").arg(script).arg(env!("CARGO_BIN_EXE_khyber")).arg(&file).output().unwrap();
        let code = ran.status.code();
        assert!(matches!(code, Some(0 | 1 | 4)), "{name}: {:?}\n{}", ran.status, String::from_utf8_lossy(&ran.stderr));
        serde_json::from_slice::<Value>(&ran.stdout).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    let cost = run("--measure");
    let gave_up = cost["error"].as_str().is_some_and(|error| error.contains("gave up"));
    assert!(!gave_up, "{name}: a panic was caught: {cost}");
    let megabytes = bytes.len() as f64 / f64::from(1 << 20);
    if let (Some(peak), Some(seconds)) = (cost["peak_bytes"].as_f64(), cost["cpu_seconds"].as_f64()) {
        assert!(peak / f64::from(1 << 20) <= 64.0 + 10.0 * megabytes, "{name}: {cost}");
        assert!(seconds <= 1.0 + megabytes, "{name}: {cost}");
    }
    (cost, run(""))
}

fn rss(inside: &str) -> String {
    format!("<rss version='2.0'><channel><title>Gate</title>{inside}</channel></rss>")
}

fn item(inside: &str) -> String {
    rss(&format!("<item><title>Sound</title><link>https://desk.example/1</link>{inside}</item>"))
}

/// The document is read, and its sound entry is there.
fn read_whole(name: &str, text: &str) {
    let (cost, read) = gated(name, text.as_bytes());
    assert_eq!(
        (&cost["ok"], &read["entries"][0]["title"]),
        (&Value::Bool(true), &Value::from("Sound")),
        "{name}: {cost}"
    );
}

fn nested(open: &str, close: &str, times: usize) -> String {
    format!("{}{}", open.repeat(times), close.repeat(times))
}

#[test]
fn nested_media_groups() {
    for depth in [912, 5_000, 50_000] {
        read_whole("media:group", &item(&nested("<media:group>", "</media:group>", depth)));
        read_whole("media:group, never closed", &item(&"<media:group>".repeat(depth)));
    }
}

#[test]
fn nested_itunes_categories() {
    read_whole("itunes:category", &item(&nested("<itunes:category text='a'>", "</itunes:category>", 40_000)));
    let channel = nested("<itunes:category text='a'>", "</itunes:category>", 40_000);
    let (cost, _) = gated("itunes:category of the channel", rss(&channel).as_bytes());
    assert_eq!(cost["ok"], true);
}

#[test]
fn ten_megabytes_of_empty_items() {
    let text = rss(&"<item/>".repeat((10 << 20) / 7 - 100));
    let (cost, _) = gated("<item/>", text.as_bytes());
    assert_eq!(cost["ok"], true);
}

#[test]
fn ten_megabytes_of_empty_json() {
    let objects = "{},".repeat((10 << 20) / 3 - 100);
    let text = format!("{{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[{objects}{{}}]}}");
    gated("{}", text.as_bytes());
    gated(
        "[",
        format!("{{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":{}", "[".repeat(1 << 20)).as_bytes(),
    );
    gated("{ in {", "{\"items\":".repeat(1 << 17).as_bytes());
}

#[test]
fn groups_times_thumbnails() {
    let thumbnails = "<media:thumbnail url='https://x.example/t.png'/>".repeat(1_500);
    let group = format!(
        "<media:group>{}{thumbnails}</media:group>",
        "<media:content url='https://x.example/c'/>".repeat(2_500)
    );
    read_whole("group × thumbnail", &item(&group));
    read_whole("groups", &item(&format!("<media:group>{thumbnails}</media:group>").repeat(40)));
}

#[test]
fn authors_with_brackets_of_another_script() {
    for author in
        ["张三（a@example.com）", "（a@example.com）张三", "a@example.com (张三", "(((", "）（", "خان (a@example.com)"]
    {
        read_whole(author, &item(&format!("<author>{author}</author><managingEditor>{author}</managingEditor>")));
    }
}

#[test]
fn wide_encodings_and_late_or_second_declarations() {
    let text = item("<description>بسم</description>");
    let wide = |order: fn(u16) -> [u8; 2]| {
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(order).collect::<Vec<u8>>()
    };
    for bytes in [wide(u16::to_be_bytes), wide(u16::to_le_bytes)] {
        let (_, read) = gated("UTF-16", &bytes);
        assert_eq!(read["entries"][0]["summary"], "بسم");
    }
    let late = format!(
        "<?xml version='1.0'{}encoding='windows-1252'?>{}",
        " ".repeat(80),
        item("<description>caf\u{1}</description>")
    );
    let late: Vec<u8> = late.bytes().map(|b| if b == 1 { 0xE9 } else { b }).collect();
    let (_, read) = gated("a declaration that ends past byte 64", &late);
    assert_eq!(read["entries"][0]["summary"], "café");
    read_whole("a second declaration", &item("<description>x<?xml version='1.0' encoding='utf-16'?>y</description>"));
    read_whole(
        "a declaration twice",
        &format!("<?xml version='1.0'?><?xml version='1.0' encoding='koi8-r'?>{}", item("")),
    );
}

#[test]
fn durations_of_any_size_and_script() {
    for duration in ["99999999999999999999", "٠١:٢٣:٤٥", "1:2:3:4:5:6", "-1", "", "18446744073709551616:60"] {
        read_whole(duration, &item(&format!("<itunes:duration>{duration}</itunes:duration>")));
    }
}

#[test]
fn markup_that_cleaners_choke_on() {
    let (div, escaped) = ("<div>".repeat(220_000), "&lt;div&gt;".repeat(90_000));
    read_whole("div", &item(&format!("<description><![CDATA[{div}]]></description>")));
    read_whole("bare div", &item(&format!("<description>{div}</description>")));
    read_whole("escaped div", &item(&format!("<description>{escaped}</description>")));
    read_whole("ampersands", &item(&format!("<description>{}</description>", "&".repeat(2_000_000))));
    read_whole("references", &item(&format!("<description>{}</description>", "&amp;lt;".repeat(250_000))));
    read_whole("open tags", &item(&format!("<description>{}</description>", "<".repeat(2_000_000))));
    read_whole("open comments", &item(&format!("<description><![CDATA[{}]]></description>", "<!--".repeat(500_000))));
    read_whole("quotes", &item(&format!("<description><![CDATA[<a href=\"{}]]></description>", "'".repeat(1_000_000))));
    read_whole("tables", &item(&format!("<description><![CDATA[{}]]></description>", "<table><td>".repeat(90_000))));
    read_whole(
        "formatting",
        &item(&format!("<description><![CDATA[{}]]></description>", "<a><b><i><p>".repeat(80_000))),
    );
}

#[test]
fn xhtml_attributes_stay_escaped() {
    let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title><id>f</id><updated>2026-01-01T00:00:00Z</updated><entry>\
        <id>e</id><title>Sound</title><updated>2026-01-01T00:00:00Z</updated><content type='xhtml'>\
        <div xmlns='http://www.w3.org/1999/xhtml'><p title='&quot;&gt;&lt;script&gt;x()&lt;/script&gt;'>text</p></div></content></entry></feed>";
    let (_, read) = gated("xhtml", atom.as_bytes());
    assert!(!read["entries"][0].to_string().contains("<script>"), "{read}");
}

#[test]
fn attributes_without_end() {
    let many: String = (0..100_000).map(|n| format!(" a{n}='x'")).collect();
    read_whole("attributes", &item(&format!("<x{many}/>")));
    read_whole("one attribute", &item(&format!("<x a='{}'/>", "y".repeat(4 << 20))));
    let prefixes: String = (0..50_000).map(|n| format!(" xmlns:p{n}='urn:{n}'")).collect();
    let (cost, _) = gated(
        "namespaces",
        format!("<rss{prefixes}><channel><item><title>Sound</title></item></channel></rss>").as_bytes(),
    );
    assert_eq!(cost["ok"], true);
}

#[test]
fn entities_without_end() {
    let defined: String = (0..60).map(|n| format!("<!ENTITY e{} '&e{n};&e{n};'>", n + 1)).collect();
    let text = format!("<!DOCTYPE r [<!ENTITY e0 'ha'>{defined}]>{}", item("<description>&e60;</description>"));
    read_whole("a billion laughs", &text);
    read_whole("an open doctype", &format!("{}{}", "<!DOCTYPE r [", item("")).replace("[<rss", "[]><rss"));
    gated("doctypes", "<!DOCTYPE r [".repeat(100_000).as_bytes());
}

#[test]
fn packed_documents_that_grow() {
    let pack = |text: &str| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut packed, text.as_bytes()).unwrap();
        packed.finish().unwrap()
    };
    gated("packed blanks", &pack(&" ".repeat(200 << 20)));
    gated("packed elements", &pack(&item(&"<a/>".repeat(10 << 20))));
}

#[test]
fn broken_json_of_any_shape() {
    let head = "{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[";
    for (name, flood) in [
        ("ends", "]}"),
        ("strings", "\"a\" "),
        ("lines", "\"\n"),
        ("blanks", "\n"),
        ("quotes", "x\"y "),
        ("escapes", "\"\\u"),
        ("lists", "[{"),
    ] {
        gated(name, format!("{head}{}", flood.repeat(400_000)).as_bytes());
        gated(name, format!("{head}\"{}", flood.repeat(400_000)).as_bytes());
    }
}
