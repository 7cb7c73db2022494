//! Words for PostgreSQL's text index. FTS5 takes the endings off English words itself; here it is done before.

use super::transaction::Connection;
use super::{Result, sql};
use crate::model::words::words;
use rust_stemmers::{Algorithm, Stemmer};
use std::collections::BTreeSet;

/// PostgreSQL refuses a lexeme of 2 KiB, and a vector of 1 MiB.
const LONGEST: usize = 500;
const MOST_BYTES: usize = 400_000;

/// Puts the words of these texts in place of those that the row had in `table`.
pub(super) async fn put(tx: &mut Connection<'_>, table: &'static str, id: i64, texts: &[&str]) -> Result<()> {
    let insert = format!(
        "INSERT INTO {table} (rowid, words) VALUES ($1, array_to_tsvector(ARRAY(SELECT value FROM json_each($2))))
         ON CONFLICT (rowid) DO UPDATE SET words = excluded.words"
    );
    sql::query(sqlx::AssertSqlSafe(insert)).bind(id).bind(of(texts)).execute(tx).await?;
    Ok(())
}

/// Every word once, as a JSON array.
fn of(texts: &[&str]) -> String {
    let stemmer = Stemmer::create(Algorithm::English);
    let mut bytes = 0;
    let all = texts.iter().flat_map(|text| words(text));
    let lexemes: BTreeSet<String> = all
        .map(|word| lexeme(&stemmer, &word.text))
        .take_while(|lexeme| {
            bytes += lexeme.len();
            bytes <= MOST_BYTES
        })
        .collect();
    serde_json::to_string(&lexemes).unwrap_or_else(|_| "[]".to_owned())
}

/// The query in PostgreSQL's language: each word in quotes, all of them wanted.
pub(super) fn wanted(words: &[String]) -> String {
    let stemmer = Stemmer::create(Algorithm::English);
    let quoted: Vec<String> = words
        .iter()
        .map(|word| format!("'{}'", lexeme(&stemmer, word).replace('\\', "\\\\").replace('\'', "''")))
        .collect();
    quoted.join(" & ")
}

fn lexeme(stemmer: &Stemmer, word: &str) -> String {
    let word = &word[..word.floor_char_boundary(LONGEST)];
    if word.is_ascii() { stemmer.stem(word).into_owned() } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_word_is_an_operator() {
        let words = ["borders".to_owned(), "o'neil\\".to_owned(), "کابل".to_owned()];
        assert_eq!(wanted(&words), "'border' & 'o''neil\\\\' & 'کابل'");
    }

    #[test]
    fn an_endless_text_stays_within_what_a_vector_holds() {
        let text: Vec<String> = (0..200_000).map(|number| format!("w{number}")).collect();
        let json = of(&["", &text.join(" ")]);
        assert!(json.len() < 1_000_000 && json.contains("\"w1\""), "{}", json.len());
    }
}
