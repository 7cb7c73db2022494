//! The pre-pass is idempotent: a prepared document is left as it is.
#![no_main]

use khyber::parse::prepare::prepare;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let url: url::Url = "https://feeds.example/dir/feed.xml".parse().unwrap();
    if let Ok(once) = prepare(text, &url) {
        let twice = prepare(&once.document, &url).expect("a prepared document is one");
        assert_eq!(once.document, twice.document);
    }
});
