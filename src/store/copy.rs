//! A desk moved from SQLite to PostgreSQL: every table in one transaction, read back and compared before it is committed.

use super::sql::without_nul;
use super::transaction::Connection;
use super::{Result, Store, StoreError};
use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, ColumnIndex, Decode, PgConnection, Postgres, Row, SqliteConnection, Type};

/// Rows that go over at once, unless they weigh more than this.
const ROWS: usize = 1_000;
const BYTES: usize = 4 << 20;

/// One table that was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    pub table: String,
    pub rows: u64,
    /// Over every value of every row, whatever their order.
    pub checksum: u128,
}

struct Table {
    name: String,
    columns: Vec<(String, Kind)>,
    /// `ORDER BY rowid`, where there is one: what has no number of its own keeps its order.
    order: &'static str,
}

#[derive(Clone, Copy)]
enum Kind {
    Int,
    Text,
    Bytes,
}

/// The values of one column of some rows.
enum Column {
    Int(Vec<Option<i64>>),
    Text(Vec<Option<String>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

impl Store {
    /// Copies everything into `to`, which must be empty. Neither may be in use; nothing is left there if anything differs.
    pub async fn copy_to(&self, to: &Store) -> Result<Vec<Copied>> {
        // Both hold off other writers until the end.
        let (mut source, mut target) = (self.writer.begin().await?, to.writer.begin().await?);
        let copied = {
            let (Connection::Sqlite(from), Connection::Postgres(into)) = (&mut *source, &mut *target) else {
                return Err(StoreError::Copy("a desk goes from SQLite to PostgreSQL".to_owned()));
            };
            copy_all(from, into).await?
        };
        target.commit().await?;
        to.fill_search().await?;
        to.fill_told().await?;
        Ok(copied)
    }
}

async fn copy_all(from: &mut SqliteConnection, into: &mut PgConnection) -> Result<Vec<Copied>> {
    let tables = tables(from).await?;
    for table in &tables {
        let filled = format!("SELECT EXISTS (SELECT 1 FROM {})", table.name);
        let filled: bool = sqlx::query_scalar(AssertSqlSafe(filled)).fetch_one(&mut *into).await.map_err(of(table))?;
        if filled && table.name != "installation" {
            return Err(StoreError::Copy(format!("the target is no empty desk: there are rows in `{}`", table.name)));
        }
    }
    // Its salt makes the links and Message-IDs of the mails that were sent: it moves too.
    sqlx::query("DELETE FROM installation").execute(&mut *into).await?;
    let mut copied = Vec::new();
    for table in &tables {
        let sent = send(table, from, into).await?;
        let back = read_back(table, into).await?;
        if sent != back {
            let (sent, back) = (sent.rows, back.rows);
            let what = format!("`{}` differs after the copy: {sent} rows were sent, {back} came back", table.name);
            return Err(StoreError::Copy(what));
        }
        copied.push(sent);
    }
    number_on(from, into).await?;
    // What can be made again is: the indexes of words.
    for refill in [
        "INSERT INTO search_backlog SELECT max(id) FROM entries HAVING max(id) IS NOT NULL",
        "UPDATE search_filled SET upto = (SELECT COALESCE(max(id), 0) FROM entries)",
        "INSERT INTO told_backlog SELECT 0, max(id) FROM editions HAVING max(id) IS NOT NULL",
    ] {
        sqlx::query(refill).execute(&mut *into).await?;
    }
    Ok(copied)
}

fn of(table: &Table) -> impl Fn(sqlx::Error) -> StoreError {
    let name = table.name.clone();
    move |error| match StoreError::of_postgres(error) {
        StoreError::Sql(error) => StoreError::Copy(format!("`{name}`: {error}")),
        away => away,
    }
}

/// Every table that holds what can't be made again, those that are referred to before those that refer.
async fn tables(from: &mut SqliteConnection) -> Result<Vec<Table>> {
    let names: Vec<(String, bool)> = sqlx::query_as(
        "SELECT name, NOT wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
            AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT IN ('_sqlx_migrations', 'search_backlog', 'search_filled', 'told', 'told_backlog', 'workers', 'claims') ORDER BY name",
    )
    .fetch_all(&mut *from)
    .await?;
    let mut waiting = Vec::new();
    for (name, has_rowid) in names {
        let columns: Vec<(String, String)> =
            sqlx::query_as("SELECT name, type FROM pragma_table_xinfo($1) WHERE hidden = 0 ORDER BY cid")
                .bind(&name)
                .fetch_all(&mut *from)
                .await?;
        let columns = columns.into_iter().map(|(column, kind)| Ok((column, kind_of(&kind)?))).collect::<Result<_>>()?;
        let parents: Vec<String> = sqlx::query_scalar("SELECT \"table\" FROM pragma_foreign_key_list($1)")
            .bind(&name)
            .fetch_all(&mut *from)
            .await?;
        waiting.push((Table { name, columns, order: if has_rowid { "ORDER BY rowid" } else { "" } }, parents));
    }
    let mut sorted: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let free = waiting
            .iter()
            .position(|(table, parents)| {
                parents.iter().all(|parent| *parent == table.name || sorted.iter().any(|done| done.name == *parent))
            })
            .ok_or_else(|| StoreError::Copy("the tables refer to each other in a circle".to_owned()))?;
        sorted.push(waiting.remove(free).0);
    }
    Ok(sorted)
}

fn kind_of(declared: &str) -> Result<Kind> {
    match declared {
        "INTEGER" => Ok(Kind::Int),
        "TEXT" => Ok(Kind::Text),
        "BLOB" => Ok(Kind::Bytes),
        other => Err(StoreError::Copy(format!("a column of the unknown type {other}"))),
    }
}

impl Table {
    fn names(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        names.join(", ")
    }

    /// All columns as arrays, so that one statement takes many rows.
    fn insert(&self) -> String {
        let kind = |kind: &Kind| match kind {
            Kind::Int => "bigint",
            Kind::Text => "text",
            Kind::Bytes => "bytea",
        };
        let arrays = self.columns.iter().zip(1..).map(|((_, of), at)| format!("${at}::{}[]", kind(of)));
        let arrays: Vec<String> = arrays.collect();
        format!("INSERT INTO {} ({}) SELECT * FROM unnest({})", self.name, self.names(), arrays.join(", "))
    }

    fn empty(&self) -> Vec<Column> {
        let column = |(_, kind): &(String, Kind)| match kind {
            Kind::Int => Column::Int(Vec::new()),
            Kind::Text => Column::Text(Vec::new()),
            Kind::Bytes => Column::Bytes(Vec::new()),
        };
        self.columns.iter().map(column).collect()
    }
}

async fn send(table: &Table, from: &mut SqliteConnection, into: &mut PgConnection) -> Result<Copied> {
    let select = format!("SELECT {} FROM {} {}", table.names(), table.name, table.order);
    let insert = table.insert();
    let mut total = Copied { table: table.name.clone(), rows: 0, checksum: 0 };
    let (mut batch, mut held, mut weight) = (table.empty(), 0, 0);
    let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(from);
    while let Some(row) = rows.try_next().await? {
        weight += take::<SqliteRow>(&row, &mut batch, &mut total)?;
        held += 1;
        if held >= ROWS || weight >= BYTES {
            flush(&insert, std::mem::replace(&mut batch, table.empty()), into).await.map_err(of(table))?;
            (held, weight) = (0, 0);
        }
    }
    if held > 0 {
        flush(&insert, batch, into).await.map_err(of(table))?;
    }
    Ok(total)
}

async fn flush(insert: &str, batch: Vec<Column>, into: &mut PgConnection) -> std::result::Result<(), sqlx::Error> {
    let query: Query<'_, Postgres, PgArguments> = sqlx::query(AssertSqlSafe(insert.to_owned()));
    let query = batch.into_iter().fold(query, |query, column| match column {
        Column::Int(values) => query.bind(values),
        Column::Text(values) => query.bind(values),
        Column::Bytes(values) => query.bind(values),
    });
    query.execute(into).await.map(|_| ())
}

async fn read_back(table: &Table, into: &mut PgConnection) -> Result<Copied> {
    let select = format!("SELECT {} FROM {}", table.names(), table.name);
    let mut total = Copied { table: table.name.clone(), rows: 0, checksum: 0 };
    let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(into);
    while let Some(row) = rows.try_next().await.map_err(of(table))? {
        take::<PgRow>(&row, &mut table.empty(), &mut total)?;
    }
    Ok(total)
}

/// Moves a row into the columns and adds it to the checksum; returns how much it weighs.
fn take<'r, R>(row: &'r R, into: &mut [Column], total: &mut Copied) -> Result<usize>
where
    R: Row,
    usize: ColumnIndex<R>,
    Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
    Option<String>: Decode<'r, R::Database> + Type<R::Database>,
    Option<Vec<u8>>: Decode<'r, R::Database> + Type<R::Database>,
{
    let (mut hash, mut weight) = (Sha256::new(), 0);
    let mut add = |bytes: Option<&[u8]>| {
        hash.update(bytes.map_or(u64::MAX, |bytes| bytes.len() as u64).to_le_bytes());
        hash.update(bytes.unwrap_or_default());
        weight += 8 + bytes.map_or(0, <[u8]>::len);
    };
    for (at, column) in into.iter_mut().enumerate() {
        match column {
            Column::Int(values) => {
                let value: Option<i64> = row.try_get(at)?;
                add(value.map(i64::to_le_bytes).as_ref().map(<[u8; 8]>::as_slice));
                values.push(value);
            }
            Column::Text(values) => {
                let value = row.try_get::<Option<String>, _>(at)?.map(without_nul);
                add(value.as_deref().map(str::as_bytes));
                values.push(value);
            }
            Column::Bytes(values) => {
                let value: Option<Vec<u8>> = row.try_get(at)?;
                add(value.as_deref());
                values.push(value);
            }
        }
    }
    let half = hash.finalize().iter().take(16).fold(0, |sum, byte| sum << 8 | u128::from(*byte));
    total.rows += 1;
    total.checksum = total.checksum.wrapping_add(half);
    Ok(weight)
}

/// A number that was used is never used again, also that of a row which is gone.
async fn number_on(from: &mut SqliteConnection, into: &mut PgConnection) -> Result<()> {
    let used: Vec<(String, i64)> =
        sqlx::query_as("SELECT name, seq FROM sqlite_sequence WHERE seq > 0").fetch_all(from).await?;
    for (table, last) in used {
        sqlx::query("SELECT setval(pg_get_serial_sequence($1, 'id'), $2)")
            .bind(table)
            .bind(last)
            .execute(&mut *into)
            .await?;
    }
    Ok(())
}
