//! Places at which a test can make the process die: the crash sweeps end it at each of them, the first time or the nth.
//!
//! Only in builds with debug assertions: `KHYBER_FAIL_POINT=store.recorded:3` aborts at the third time that name is reached, and
//! `KHYBER_FAIL_POINT=store.recorded:3:panic` panics there. In a release build nothing of this is left.

/// Every place, in the order in which a mail comes by. A sweep goes through this list; a name missing here can't be hit.
pub const ALL: [&str; 15] = [
    "store.edition",
    "store.edition.done",
    "store.recover",
    "store.recover.done",
    "store.lease",
    "store.lease.done",
    "smtp.connected",
    "smtp.written",
    "smtp.answered",
    "smtp.body",
    "store.dot",
    "store.dot.done",
    "deliver.outcome",
    "store.record",
    "store.record.done",
];

/// Says that the place `name` was reached.
#[inline]
pub fn reached(name: &'static str) {
    #[cfg(debug_assertions)]
    chosen::reached(name);
    #[cfg(not(debug_assertions))]
    let _ = name;
}

#[cfg(debug_assertions)]
mod chosen {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    struct Chosen {
        name: String,
        left: AtomicU32,
        panics: bool,
    }

    pub(super) fn reached(name: &'static str) {
        debug_assert!(super::ALL.contains(&name), "`{name}` is missing in failpoint::ALL");
        static CHOSEN: OnceLock<Option<Chosen>> = OnceLock::new();
        let Some(chosen) = CHOSEN.get_or_init(read) else { return };
        if chosen.name != name || chosen.left.fetch_sub(1, Ordering::SeqCst) != 1 {
            return;
        }
        if chosen.panics {
            panic!("fail-point {name}");
        }
        std::process::abort();
    }

    fn read() -> Option<Chosen> {
        let text = std::env::var("KHYBER_FAIL_POINT").ok()?;
        let mut parts = text.split(':');
        let name = parts.next()?.to_owned();
        let left = AtomicU32::new(parts.next().and_then(|nth| nth.parse().ok()).unwrap_or(1));
        Some(Chosen { name, left, panics: parts.next() == Some("panic") })
    }
}
