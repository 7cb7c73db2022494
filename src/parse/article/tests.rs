//! Pages as news sites serve them, and pages made to hurt.

use super::*;

fn page(content_type: &str, html: &str) -> Document {
    Document {
        url: "https://wire.example/1".parse().unwrap(),
        content_type: Some(content_type.to_owned()),
        bytes: html.as_bytes().to_vec(),
    }
}

fn news(body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><title>Crossing reopens - Border Wire</title>\
         <script>var a = '<div><div>';</script></head><body><nav><ul><li><a href=/>Home</a><li><a href=/sport>Cricket</a></ul></nav>\
         <div class=sidebar><a href=/x>Ten dishes to cook tonight</a></div><article><h1>Crossing reopens</h1>{body}</article>\
         <footer>All rights reserved by the wire</footer></body></html>"
    )
}

const STORY: &str = "<p>The crossing at Torkham was opened to trucks on Sunday after a closure of nine days, officials of both \
    countries said, and the first convoys of fruit and cement passed before noon.</p><p>Traders in Peshawar and Jalalabad, who had \
    counted their losses day by day, said that they hoped the agreement would last longer than the previous one.</p>";

#[test]
fn the_article_is_found_and_the_rest_left() {
    let found = article(&page("text/html; charset=utf-8", &news(STORY))).unwrap();
    assert!(found.text.starts_with("The crossing at Torkham") && found.text.ends_with("previous one."), "{found:?}");
    assert!(found.headline.contains("Crossing reopens"), "{found:?}");
    for noise in ["Cricket", "dishes", "rights reserved", "var a"] {
        assert!(!found.text.contains(noise), "{noise}: {}", found.text);
    }
}

#[test]
fn a_page_names_its_own_encoding() {
    let html = news(&STORY.replace("Traders", "Tr\u{e4}ders")).replace("<head>", "<head><meta charset=\"iso-8859-1\">");
    let mut page = page("text/html", "");
    page.bytes = html.chars().map(|c| u8::try_from(c).unwrap()).collect();
    assert!(article(&page).unwrap().text.contains("Tr\u{e4}ders"));
}

#[test]
fn what_is_no_article_is_told() {
    let nothing = |html: &str| article(&page("text/html", html)).unwrap_err();
    assert_eq!(nothing(""), NoArticle::Nothing);
    assert_eq!(nothing("<html><body><p>Log in to read on.</p></body></html>"), NoArticle::Nothing);
    let pdf = article(&page("application/pdf; x=y", "%PDF-1.7"));
    assert_eq!(pdf, Err(NoArticle::NotHtml("application/pdf".to_owned())));
    let large = "x".repeat(LARGEST + 1);
    assert_eq!(nothing(&large), NoArticle::TooLarge);
}

#[test]
fn long_articles_are_cut_like_summaries() {
    let found = article(&page("text/html", &news(&STORY.repeat(40)))).unwrap();
    assert!(found.text.chars().count() <= 4_000, "{}", found.text.len());
}

#[test]
fn pages_made_to_hurt_are_refused_before_a_tree_is_built() {
    let tangles = [
        "<div>".repeat(200_000),
        "<b></x>".repeat(1_000),
        // Formatting that is opened again in every block.
        (0..2_000).map(|n| format!("<div><font size={n}></div>")).collect(),
        "<b><div></b>".repeat(1_000),
        "<i></i>".repeat(60_000),
        format!("{}{}", "<em>".repeat(250), "<p>x".repeat(40_000)),
        "<SPAN><SECTION>".repeat(400),
        "&amp;".repeat(150_000),
        format!("<div {}>", (0..20_000).map(|n| format!("a{n}=1 ")).collect::<String>()),
        "<script>".repeat(60_000),
        format!("<svg><title>{}</title>", "<div>".repeat(400)),
    ];
    for tangle in tangles {
        let refused = article(&page("text/html", &news(&tangle)));
        assert_eq!(refused, Err(NoArticle::TooHeavy), "{}", tangle.chars().take(60).collect::<String>());
    }
}

#[test]
fn sloppy_pages_are_read_all_the_same() {
    let sloppy = format!(
        "{STORY}<p>one<p>two<br><img src=a><li>three{}<!-- {} --><script>{}</script>",
        "<p><b>x</b><p>".repeat(400),
        "<div>".repeat(3),
        "if (a<b) { document.write('<div><div>') }".repeat(500)
    );
    assert!(article(&page("text/html", &news(&sloppy))).unwrap().text.contains("Torkham"));
}
