//! The bytes of mails: whole, or a sheet that many share and what is each reader's own, put together when they are wanted.

use super::sql::{On, Row};
use super::{Result, Store, StoreError, sql};
use crate::model::sheet::OF_PARTS;
use crate::model::{Sheet, SheetPrint};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

/// Sheets that are kept in memory weigh no more than this together.
const KEPT: usize = 16 << 20;

/// Sheets that were read before.
#[derive(Debug, Default)]
pub(super) struct Known {
    sheets: HashMap<i64, (Arc<Sheet>, SheetPrint)>,
    weight: usize,
}

/// The columns of a delivery in which its bytes are.
pub(super) const BYTES: &str = "bytes, sheet, own, hash";

/// A mail's bytes as they are kept.
pub(super) struct Kept {
    bytes: Option<Vec<u8>>,
    parts: Option<(i64, String, String)>,
}

impl Kept {
    pub fn read(row: &Row) -> Result<Self> {
        let (sheet, own, hash): (Option<i64>, Option<String>, Option<String>) =
            (row.try_get("sheet")?, row.try_get("own")?, row.try_get("hash")?);
        let parts = sheet.zip(own).zip(hash).map(|((sheet, own), hash)| (sheet, own, hash));
        Ok(Self { bytes: row.try_get("bytes")?, parts })
    }
}

impl Store {
    /// The exact bytes; `None` if they were removed. What does not come out as it was put in is an error, and no mail.
    pub(super) async fn whole<'a>(&self, kept: Kept, on: impl Into<On<'a>>) -> Result<Option<Vec<u8>>> {
        let Some((sheet, own, hash)) = kept.parts else { return Ok(kept.bytes) };
        let wrong = |reason: &str| StoreError::Corrupt { what: "the parts of a mail", reason: reason.to_owned() };
        let values: Vec<String> = serde_json::from_str(&own).map_err(|error| wrong(&error.to_string()))?;
        let (sheet, print) = self.sheet(sheet, on).await?.ok_or_else(|| wrong("its sheet is gone"))?;
        let bytes = sheet.with(&values).ok_or_else(|| wrong("these values are not its sheet's"))?;
        let found = match hash.starts_with(OF_PARTS) {
            true => print.with(&values),
            false => hex::encode(Sha256::digest(&bytes)),
        };
        if found == hash { Ok(Some(bytes)) } else { Err(wrong("another hash")) }
    }

    async fn sheet<'a>(&self, id: i64, on: impl Into<On<'a>>) -> Result<Option<(Arc<Sheet>, SheetPrint)>> {
        if let Some(sheet) = self.sheets.lock().unwrap_or_else(PoisonError::into_inner).sheets.get(&id) {
            return Ok(Some(sheet.clone()));
        }
        let text = sql::query_scalar("SELECT text FROM sheets WHERE id = $1").bind(id);
        let Some(text) = text.fetch_optional::<String>(on).await? else { return Ok(None) };
        let sheet: Sheet = serde_json::from_str(&text)
            .map_err(|error| StoreError::Corrupt { what: "sheets.text", reason: error.to_string() })?;
        let sheet = (Arc::new(sheet), SheetPrint::of(&text));
        let mut known = self.sheets.lock().unwrap_or_else(PoisonError::into_inner);
        if known.weight + text.len() > KEPT {
            *known = Known::default();
        }
        known.weight += text.len();
        known.sheets.insert(id, sheet.clone());
        Ok(Some(sheet))
    }
}
