//! One process per data folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often and at what distance a lock that our own process seems to hold is tried again.
const TRIES: u32 = 20;
const BETWEEN: Duration = Duration::from_millis(10);

/// Held while a process polls, publishes or dispatches. The kernel lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("{}: another Khyber ({holder}) is at work on this data folder; stop it, or give this one another `data_dir`", path.display())]
    Held { path: PathBuf, holder: String },
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
}

impl DataLock {
    pub fn acquire(folder: &Path) -> Result<Self, LockError> {
        let path = folder.join("khyber.lock");
        let failed = |source| LockError::Io { path: path.clone(), source };
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        let mine = format!("process {}", std::process::id());
        let mut tries = 0;
        while let Err(refused) = file.try_lock() {
            let TryLockError::WouldBlock = refused else { return Err(failed(io::Error::from(refused))) };
            let mut holder = String::new();
            let _ = file.rewind().and_then(|()| file.read_to_string(&mut holder));
            let holder = holder.trim();
            // A child of ours that has forked but not yet become its own program holds what we have just let go of.
            if holder != mine || tries == TRIES {
                let holder = if holder.is_empty() { "unknown" } else { holder }.to_owned();
                return Err(LockError::Held { path, holder });
            }
            tries += 1;
            std::thread::sleep(BETWEEN);
        }
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        writeln!(file, "{mine}").map_err(failed)?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_one_says_who_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = DataLock::acquire(folder.path()).unwrap();
        let error = DataLock::acquire(folder.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
        drop(first);
        DataLock::acquire(folder.path()).unwrap();
    }
}
