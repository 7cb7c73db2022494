//! Lists for people and for scripts: aligned columns, or JSON with `--json`.

use super::Global;
use serde::Serialize;
use std::io::Write;

/// Prints rows as JSON, or as columns made by `cells` under `heads`.
pub fn print<T: Serialize>(
    global: &Global,
    heads: &[&str],
    rows: &[T],
    cells: impl Fn(&T) -> Vec<String>,
) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if global.json {
        serde_json::to_writer_pretty(&mut out, rows)?;
        writeln!(out)?;
        return Ok(());
    }
    let lines: Vec<Vec<String>> =
        std::iter::once(heads.iter().map(|head| (*head).to_owned()).collect()).chain(rows.iter().map(cells)).collect();
    let widths: Vec<usize> = (0..heads.len())
        .map(|column| {
            lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    for line in &lines {
        let mut text = String::new();
        for (cell, width) in line.iter().zip(&widths) {
            text.push_str(cell);
            text.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
        }
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(())
}

/// `2 of 3 feeds`, for one sentence summaries.
pub fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// `2026-01-31 06:00Z`, or `–`.
pub fn when(at: Option<crate::model::Timestamp>) -> String {
    at.map_or_else(|| "–".to_owned(), |at| at.format("%Y-%m-%d %H:%MZ").to_string())
}
