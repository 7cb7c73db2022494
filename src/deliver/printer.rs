//! The mails of one edition as sheets: the first two to readers with equal wishes are made whole; if the second comes out of the first
//! one's sheet, so do all others, and nothing of them is rendered or encoded.

use super::message::{ComposeError, MessageKey, Own, compose_unsigned, sign};
use crate::config::MailConfig;
use crate::model::{OutgoingMessage, PrintedMessage, RenderedDigest, Sheet, Subscriber, Timestamp};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Sheets and first mails that are kept; where more wishes than this differ, little is shared.
const KEPT: usize = 256;

/// A mail, whole or as a sheet and what is its reader's own.
#[derive(Debug)]
pub enum Made {
    Whole(OutgoingMessage),
    Printed(PrintedMessage),
}

/// Makes the mails of one edition. `K`: everything in which two readers' mails can differ, but for their own addresses and links.
#[derive(Debug)]
pub struct Printer<K> {
    known: Mutex<HashMap<K, Known>>,
    sheets: AtomicU64,
}

impl<K> Default for Printer<K> {
    fn default() -> Self {
        Self { known: Mutex::default(), sheets: AtomicU64::new(0) }
    }
}

#[derive(Debug)]
enum Known {
    First {
        unsigned: Vec<u8>,
        own: Own,
    },
    Sheet {
        sheet: Arc<Sheet>,
        number: u64,
    },
    /// They differ in more than is known here: each is made whole.
    Unlike,
}

impl<K: Eq + Hash> Printer<K> {
    /// The same bytes as `compose` gives of what `render` renders.
    pub fn mail<E: From<ComposeError>>(
        &self,
        wish: K,
        mail: &MailConfig,
        subscriber: &Subscriber,
        key: &MessageKey<'_>,
        date: Timestamp,
        render: impl FnOnce() -> Result<RenderedDigest, E>,
    ) -> Result<Made, E> {
        let own = Own::of(mail, subscriber, key)?;
        let known = match self.known().get(&wish) {
            Some(Known::Sheet { sheet, number }) => Some((sheet.clone(), *number)),
            _ => None,
        };
        if let Some((sheet, number)) = known
            && let Some(unsigned) = sheet.with(&own.values(""))
        {
            return Ok(Made::Printed(printed(&unsigned, own, sheet, number, mail, subscriber, date)?));
        }
        let unsigned = compose_unsigned(&render()?, mail, subscriber, key, date)?;
        match self.learn(wish, &unsigned, &own) {
            Some((sheet, number)) => Ok(Made::Printed(printed(&unsigned, own, sheet, number, mail, subscriber, date)?)),
            None => Ok(Made::Whole(OutgoingMessage {
                envelope_from: own.envelope_from,
                to: subscriber.email.clone(),
                message_id: own.message_id,
                bytes: sign(unsigned, mail, date)?,
            })),
        }
    }

    /// The sheet of this mail, if it comes out of another's.
    fn learn(&self, wish: K, unsigned: &[u8], own: &Own) -> Option<(Arc<Sheet>, u64)> {
        let first = match self.known().get_mut(&wish) {
            None => None,
            Some(known @ Known::First { .. }) => Some(std::mem::replace(known, Known::Unlike)),
            Some(_) => return None,
        };
        let Some(Known::First { unsigned: other, own: theirs }) = first else {
            let mut known = self.known();
            if known.len() >= KEPT {
                known.clear();
            }
            known.insert(wish, Known::First { unsigned: unsigned.to_owned(), own: own.clone() });
            return None;
        };
        let sheet = Sheet::of(&other, &theirs.values(""))
            .filter(|sheet| sheet.with(&own.values("")).is_some_and(|mail| mail == unsigned));
        let sheet = Arc::new(sheet?);
        let number = self.sheets.fetch_add(1, Ordering::Relaxed);
        self.known().insert(wish, Known::Sheet { sheet: sheet.clone(), number });
        Some((sheet, number))
    }

    fn known(&self) -> MutexGuard<'_, HashMap<K, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn printed(
    unsigned: &[u8],
    own: Own,
    sheet: Arc<Sheet>,
    sheet_number: u64,
    mail: &MailConfig,
    subscriber: &Subscriber,
    date: Timestamp,
) -> Result<PrintedMessage, ComposeError> {
    let mut hash = Sha256::new();
    let mut signature = String::new();
    if !mail.dkim.is_empty() {
        let signed = sign(unsigned.to_vec(), mail, date)?;
        signature = String::from_utf8_lossy(&signed[..signed.len() - unsigned.len()]).into_owned();
    }
    hash.update(signature.as_bytes());
    hash.update(unsigned);
    Ok(PrintedMessage {
        own: own.values(&signature),
        envelope_from: own.envelope_from,
        to: subscriber.email.clone(),
        message_id: own.message_id,
        sheet,
        sheet_number,
        hash: hex::encode(hash.finalize()),
    })
}
