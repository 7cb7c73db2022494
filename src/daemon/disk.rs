//! Room under the data folder: polling stops while there is still room for what was promised.

use super::Khyber;

/// Free space and what of it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Room {
    pub free: u64,
    pub reserve: u64,
}

impl Room {
    pub fn is_short(self) -> bool {
        self.free < self.reserve
    }
}

impl Khyber {
    /// `None` where the system does not say.
    pub fn room(&self) -> Option<Room> {
        let stat = rustix::fs::statvfs(&self.config.data_dir).ok()?;
        Some(Room { free: stat.f_bavail.saturating_mul(stat.f_frsize), reserve: self.config.retention.reserve })
    }

    /// Polling stops first: new entries can wait, but an outcome that can't be written down is a mail sent twice.
    pub fn has_room_to_poll(&self) -> bool {
        self.room().is_none_or(|room| !room.is_short())
    }
}
