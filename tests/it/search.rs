//! Finding entries by words: across spellings, in step with what is kept, and whatever is typed in.

use super::support::pages::{desk, links, morning};
use chrono::TimeDelta;
use khyber::model::EntryId;
use khyber::store::Store;
use proptest::prelude::*;

async fn headlines(store: &Store, query: &str) -> Vec<String> {
    let found = store.search(query, None, 30).await.unwrap();
    found.into_iter().map(|found| found.entry.entry.headline).collect()
}

#[tokio::test]
async fn words_are_found_in_any_order_case_ending_and_spelling() {
    let desk = desk("archive = \"public\"").await;
    let store = &desk.khyber.store;
    for query in [
        "torkham",
        "TORKHAM Crossings",
        "exchanged fire",
        "reopening torkham",
        "\"torkham\" AND (pakistan)",
        "торкхам torkham",
    ] {
        let wanted = if query.starts_with('т') { 0 } else { 2 };
        assert_eq!(headlines(store, query).await.len(), wanted, "{query}");
    }
    // Arabic kaf and yeh, a vowel mark and a tatweel for the Urdu letters.
    for query in ["طورخم", "پاكستان", "افغـانستان", "تجارتِ طورخم"] {
        assert_eq!(headlines(store, query).await.len(), 1, "{query}");
    }
    assert!(headlines(store, "torkham karachi").await.is_empty(), "every word is wanted");
    assert!(headlines(store, "").await.is_empty() && headlines(store, "🎉 * \" ( ^").await.is_empty());
}

#[tokio::test]
async fn what_was_edited_or_removed_is_found_no_more() {
    let desk = desk("").await;
    let store = &desk.khyber.store;
    assert_eq!(headlines(store, "closed after forces").await.len(), 0, "the headline of yesterday was replaced");
    assert_eq!(headlines(store, "reopens").await.len(), 2, "`reopen` and `reopens` are one word");
    let later = morning() + TimeDelta::days(400);
    let removed = store.prune(later, later, later).await.unwrap();
    assert_eq!(removed.entries, 3);
    assert!(headlines(store, "torkham").await.is_empty());
}

#[tokio::test]
async fn what_was_stored_before_there_was_an_index_is_taken_in() {
    let desk = desk("").await;
    let database = desk.khyber.store.path().to_owned();
    desk.khyber.store.close().await;
    let statements = "DELETE FROM entries_text WHERE rowid IN (SELECT id FROM entries); INSERT INTO search_backlog SELECT max(id) FROM entries; \
        DELETE FROM told; INSERT INTO told_backlog SELECT 0, max(id) FROM editions";
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&database);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::raw_sql(statements).execute(&pool).await.unwrap();
    pool.close().await;
    let store = Store::open(database.parent().unwrap()).await.unwrap();
    assert_eq!(headlines(&store, "torkham").await.len(), 2);
    assert_eq!(store.search("طورخم", None, 9).await.unwrap().len(), 1);
    assert_eq!((told(&store, "closed torkham").await.len(), told(&store, "طورخم").await.len()), (1, 1));
}

async fn told(store: &Store, query: &str) -> Vec<String> {
    store.search_stories(query, 9).await.unwrap().into_iter().map(|story| story.headline).collect()
}

#[tokio::test]
async fn stories_are_found_by_all_their_words_and_outlive_their_entries() {
    let desk = desk("archive = \"public\"").await;
    let store = &desk.khyber.store;
    let newest = "Torkham border crossing: Pakistan and Afghanistan agree to reopen Torkham after exchange of fire";
    // By a word of the first day's headline, and told as on the second.
    assert_eq!(told(store, "closed FORCES torkham").await, [newest]);
    assert_eq!(told(store, "طورخم پاكستان").await.len(), 1);
    assert!(told(store, "karachi torkham").await.is_empty() && told(store, "🎉 \"").await.is_empty());
    let page = desk.page("/search?q=closed+forces").await;
    assert!(page.contains("<h2>Stories</h2>") && !page.contains("<h2>Reports</h2>"), "the headline was edited: {page}");
    let later = morning() + TimeDelta::days(100);
    store.prune(later, morning(), later).await.unwrap();
    assert!(headlines(store, "torkham").await.is_empty());
    assert_eq!(told(store, "torkham reopen").await, [newest]);
    let page = desk.page("/search?q=torkham").await;
    let story = links(&page, "/story/").remove(0);
    assert!(desk.page(desk.own(&story)).await.contains(newest));
    // What an edition told goes with it; the newest of each schedule stays.
    for (day, word) in [(2, "zeppelin"), (3, "balloon")] {
        let rename = |story: &mut khyber::model::StoryView| story.headline = format!("A {word} over Torkham");
        desk.tell_again("at noon", morning() + TimeDelta::days(day), rename).await;
    }
    assert_eq!(told(store, "zeppelin").await.len(), 1, "by a word of an earlier telling");
    store.prune(later, later, later).await.unwrap();
    assert!(told(store, "zeppelin").await.is_empty());
    assert_eq!(told(store, "agree to reopen").await, ["A balloon over Torkham"]);
}

#[tokio::test]
async fn the_page_leads_to_publishers_and_stories_and_to_older_ones() {
    let desk = desk("archive = \"public\"").await;
    let page = desk.page("/search?q=torkham").await;
    assert!(page.contains("https://indus.test/later") && page.contains("value=\"torkham\""), "{page}");
    let story = &links(&page, "/story/")[0];
    assert!(desk.page(desk.own(story)).await.contains("agree to reopen"));
    let found = desk.khyber.store.search("torkham", None, 1).await.unwrap();
    let older = desk.khyber.store.search("torkham", Some(found[0].entry.id), 5).await.unwrap();
    assert_eq!(older.len(), 1);
    assert!(older[0].entry.id < found[0].entry.id && found[0].entry.id > EntryId(0));
    assert!(
        desk.page("/search?q=%D8%B7%D9%88%D8%B1%D8%AE%D9%85&lang=ur").await.contains("<html lang=\"ur\" dir=\"rtl\">")
    );
    let (fine, said) = desk.run(&["search", "torkham", "reopen"]);
    assert!(fine && said.contains("agree to reopen Torkham") && said.contains("https://indus.test/later"), "{said}");
}

#[test]
fn no_query_is_an_error() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let desk = runtime.block_on(desk("archive = \"public\""));
    let fixed = [
        "\"",
        "\"\"",
        "torkham\" OR \"",
        "NEAR(a b, 5)",
        "headline:x",
        "a* -b +c ^d",
        "(((",
        "{a b}: c",
        "\0",
        "'; DROP TABLE entries; --",
        "%00",
        "&amp;<script>alert(1)</script>",
    ];
    let long = ["x".repeat(10_000), "torkham ".repeat(1_250), "\"(*".repeat(3_400), "د ".repeat(5_000)];
    runtime.block_on(async {
        for query in fixed.into_iter().map(str::to_owned).chain(long) {
            let encoded: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
            desk.khyber.store.search(&query, None, 30).await.unwrap_or_else(|error| panic!("{query:.60}: {error}"));
            // The longest lines are refused by their length, before anything reads them.
            let status = desk.status(&format!("/search?q={encoded}")).await;
            assert!(
                status == 200 || (status == 431 || status == 414) && encoded.len() > 15_000,
                "{query:.60}: {status}"
            );
        }
        let page = desk.page("/search?q=%3Cscript%3Ealert(1)%3C/script%3E").await;
        assert!(!page.contains("<script"), "{page}");
        assert_eq!(desk.status("/search?q=%FF%FE&before=x&lang=%00").await, 200);
    });
    let config = ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(query in "[\"()*^:+\\-{}a-z\\u{0600}-\\u{06FF} ]{0,60}|\\PC{0,80}")| {
        runtime.block_on(desk.khyber.store.search(&query, None, 5)).unwrap();
    });
}
