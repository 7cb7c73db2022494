//! Mails were queued by another process: PostgreSQL tells those that listen.

use super::transaction::{Pool, Transaction};
use super::{Result, Store, sql};
use sqlx::postgres::PgListener;

/// Of this desk; several may share a database. A hash, as the name of a schema may fill the length of a channel's.
const CHANNEL: &str = "'khyber_' || hashtext(current_schema())";

/// Hears of mails that were queued, while the server can be reached.
pub struct Queued {
    store: Store,
    listener: Option<PgListener>,
}

impl Store {
    /// With SQLite nobody else queues mails.
    pub fn queued(&self) -> Queued {
        Queued { store: self.clone(), listener: None }
    }

    async fn listen(&self) -> Result<Option<PgListener>> {
        let Pool::Postgres(reader) = &self.reader else { return Ok(None) };
        let text = format!("SELECT {CHANNEL}");
        let channel: String = sql::query_scalar(sqlx::AssertSqlSafe(text)).fetch_one(&self.reader).await?;
        let mut listener = PgListener::connect_with(reader).await?;
        listener.listen(&channel).await?;
        Ok(Some(listener))
    }
}

impl Queued {
    /// Listens from now on, if it does not yet: what is queued after this is heard by `next`.
    pub async fn prepare(&mut self) {
        if self.listener.is_none() {
            // In vain while the server is away: whoever waits looks by itself at its next tick.
            self.listener = self.store.listen().await.unwrap_or_default();
        }
    }

    /// Waits until mails are queued, or may have been while the connection was broken; for ever, where nothing can be heard.
    pub async fn next(&mut self) {
        if let Some(listener) = &mut self.listener {
            match listener.try_recv().await {
                Ok(_) => return,
                Err(_) => self.listener = None,
            }
        }
        std::future::pending().await
    }
}

/// Heard when the transaction is committed.
pub(super) async fn tell(tx: &mut Transaction<'_>) -> Result<()> {
    if tx.is_postgres() {
        let text = format!("SELECT pg_notify({CHANNEL}, '')");
        sql::query(sqlx::AssertSqlSafe(text)).execute(&mut **tx).await?;
    }
    Ok(())
}
