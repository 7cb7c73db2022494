//! The mails of one edition as sheets: the first two to readers with equal wishes are made whole; if the second comes out of the first
//! one's sheet, so do all others, and nothing of them is rendered or encoded.

use super::message::{ComposeError, MessageKey, Own, compose_unsigned, sign};
use crate::config::MailConfig;
use crate::model::{OutgoingMessage, PrintedMessage, RenderedDigest, Sheet, SheetPrint, Subscriber, Timestamp};
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

/// What the mails of one sheet share.
#[derive(Debug, Clone)]
struct Common {
    sheet: Arc<Sheet>,
    print: SheetPrint,
    number: u64,
}

#[derive(Debug)]
enum Known {
    First {
        unsigned: Vec<u8>,
        own: Own,
    },
    Sheet(Common),
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
            Some(Known::Sheet(common)) => Some(common.clone()),
            _ => None,
        };
        if let Some(common) = known
            && common.sheet.fits(&own.values(""))
        {
            return Ok(Made::Printed(printed(own, common, mail, subscriber, date)?));
        }
        let unsigned = compose_unsigned(&render()?, mail, subscriber, key, date)?;
        match self.learn(wish, &unsigned, &own) {
            Some(common) => Ok(Made::Printed(printed(own, common, mail, subscriber, date)?)),
            None => Ok(Made::Whole(OutgoingMessage {
                envelope_from: own.envelope_from,
                to: subscriber.email.clone(),
                message_id: own.message_id,
                bytes: sign(unsigned, mail, date)?,
            })),
        }
    }

    /// The sheet of this mail, if it comes out of another's.
    fn learn(&self, wish: K, unsigned: &[u8], own: &Own) -> Option<Common> {
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
        let sheet = sheet?;
        let (_, print) = sheet.written().ok()?;
        let number = self.sheets.fetch_add(1, Ordering::Relaxed);
        let common = Common { sheet: Arc::new(sheet), print, number };
        self.known().insert(wish, Known::Sheet(common.clone()));
        Some(common)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<K, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The mail itself is made here only to be signed.
fn printed(
    own: Own,
    common: Common,
    mail: &MailConfig,
    subscriber: &Subscriber,
    date: Timestamp,
) -> Result<PrintedMessage, ComposeError> {
    let mut signature = String::new();
    if !mail.dkim.is_empty()
        && let Some(unsigned) = common.sheet.with(&own.values(""))
    {
        let length = unsigned.len();
        let signed = sign(unsigned, mail, date)?;
        signature = String::from_utf8_lossy(&signed[..signed.len() - length]).into_owned();
    }
    let values = own.values(&signature);
    Ok(PrintedMessage {
        hash: common.print.with(&values),
        own: values,
        envelope_from: own.envelope_from,
        to: subscriber.email.clone(),
        message_id: own.message_id,
        sheet: common.sheet,
        sheet_number: common.number,
    })
}
