//! An edition on its way into the store: its mails come in portions, in one transaction.

use super::editions::{NewDelivery, insert_delivery};
use super::transaction::Transaction;
use super::{Result, StoreError, secs, sql, wake};
use crate::failpoint;
use crate::model::{EditionId, PrintedMessage, Timestamp};
use std::collections::HashMap;

/// Mails that go over in one statement.
const AT_ONCE: usize = 100;

/// A mail of an edition, whole or printed from a sheet.
#[derive(Debug)]
pub enum NewMail {
    Whole(NewDelivery),
    Printed(PrintedMessage),
}

/// Gone without a trace unless it is finished.
pub struct Issue {
    tx: Transaction<'static>,
    edition: i64,
    now: Timestamp,
    /// Sheets by their number among those of this edition.
    sheets: HashMap<u64, i64>,
}

impl Issue {
    pub(super) fn new(tx: Transaction<'static>, edition: i64, now: Timestamp) -> Self {
        Self { tx, edition, now, sheets: HashMap::new() }
    }

    /// Adds mails, in this order.
    pub async fn add(&mut self, mails: Vec<NewMail>) -> Result<()> {
        let mut printed = Vec::new();
        for mail in mails {
            match mail {
                NewMail::Printed(mail) => printed.push(mail),
                NewMail::Whole(mail) => {
                    self.add_printed(&std::mem::take(&mut printed)).await?;
                    insert_delivery(&mut self.tx, self.edition, mail, self.now).await?;
                }
            }
        }
        self.add_printed(&printed).await
    }

    async fn add_printed(&mut self, mails: &[PrintedMessage]) -> Result<()> {
        for mails in mails.chunks(AT_ONCE) {
            let text = format!(
                "INSERT INTO deliveries (edition, subscriber, status, next_attempt_at, created_at, message_id, envelope_from, sheet, own, hash)
                 VALUES {}",
                sql::places(&self.tx, mails.len(), 10)
            );
            let mut insert = sql::query(sqlx::AssertSqlSafe(text));
            for mail in mails {
                let own = serde_json::to_string(&mail.own).map_err(unreadable)?;
                let sheet = self.sheet(mail).await?;
                insert = insert
                    .bind(self.edition)
                    .bind(mail.to.as_str())
                    .bind("queued")
                    .bind(secs(self.now))
                    .bind(secs(self.now))
                    .bind(&mail.message_id)
                    .bind(mail.envelope_from.as_str())
                    .bind(sheet)
                    .bind(own)
                    .bind(&mail.hash);
            }
            insert.execute(&mut *self.tx).await?;
        }
        Ok(())
    }

    async fn sheet(&mut self, mail: &PrintedMessage) -> Result<i64> {
        if let Some(id) = self.sheets.get(&mail.sheet_number) {
            return Ok(*id);
        }
        let text = serde_json::to_string(mail.sheet.as_ref()).map_err(unreadable)?;
        let insert = sql::query_scalar("INSERT INTO sheets (edition, text) VALUES ($1, $2) RETURNING id");
        let id = insert.bind(self.edition).bind(text).fetch_one(&mut *self.tx).await?;
        self.sheets.insert(mail.sheet_number, id);
        Ok(id)
    }

    /// From here on the edition is there, with all its mails. Those to suppressed addresses have ended as suppressed.
    pub async fn finish(mut self) -> Result<EditionId> {
        sql::query(
            "UPDATE deliveries SET status = 'suppressed', ended_at = $2, sheet = NULL, own = NULL, hash = NULL
             WHERE edition = $1 AND own IS NOT NULL AND subscriber IN (SELECT address FROM stopped, editions
                WHERE (until IS NULL OR until > $2) AND editions.id = $1
                    AND (stopped.digest IS NULL OR stopped.digest = editions.digest))",
        )
        .bind(self.edition)
        .bind(secs(self.now))
        .execute(&mut *self.tx)
        .await?;
        wake::tell(&mut self.tx).await?;
        failpoint::reached("store.edition");
        self.tx.commit().await?;
        failpoint::reached("store.edition.done");
        Ok(EditionId(self.edition))
    }
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::Corrupt { what: "a mail's parts", reason: error.to_string() }
}
