//! What a disk holds after a power cut: everything synced, and of the rest any part.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Smaller pieces than this are written whole or not at all.
const SECTOR: usize = 512;

/// One change of a file, or a mark between two.
#[derive(Debug, Clone)]
pub enum Op {
    Write { path: PathBuf, offset: usize, bytes: Vec<u8> },
    Truncate { path: PathBuf, size: usize },
    Sync(PathBuf),
    Delete(PathBuf),
    Mark(usize),
}

impl Op {
    pub fn path(&self) -> Option<&Path> {
        match self {
            Op::Write { path, .. } | Op::Truncate { path, .. } | Op::Sync(path) | Op::Delete(path) => Some(path),
            Op::Mark(_) => None,
        }
    }
}

/// What happens to what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// All of it is lost.
    Everything,
    /// Each write is kept, lost, or torn between two sectors; in no order.
    Any,
    /// The first part was written, the rest not.
    Tail,
}

/// The files of a folder as the disk holds them.
#[derive(Debug, Default, Clone)]
pub struct Disk {
    files: BTreeMap<PathBuf, File>,
}

#[derive(Debug, Default, Clone)]
struct File {
    durable: Option<Vec<u8>>,
    pending: Vec<Op>,
}

fn put(bytes: &mut Vec<u8>, offset: usize, part: &[u8]) {
    if bytes.len() < offset + part.len() {
        bytes.resize(offset + part.len(), 0);
    }
    bytes[offset..offset + part.len()].copy_from_slice(part);
}

impl File {
    fn apply(held: &mut Option<Vec<u8>>, op: &Op, keep: &mut dyn FnMut() -> bool) {
        match op {
            Op::Write { offset, bytes, .. } => {
                let held = held.get_or_insert_default();
                let mut at = 0;
                while at < bytes.len() {
                    let end = ((offset + at) / SECTOR + 1) * SECTOR - offset;
                    let part = &bytes[at..end.min(bytes.len())];
                    if keep() {
                        put(held, offset + at, part);
                    }
                    at += part.len();
                }
            }
            Op::Truncate { size, .. } if keep() => held.get_or_insert_default().truncate(*size),
            Op::Delete(_) if keep() => *held = None,
            _ => {}
        }
    }

    fn sync(&mut self) {
        for op in std::mem::take(&mut self.pending) {
            Self::apply(&mut self.durable, &op, &mut || true);
        }
    }
}

impl Disk {
    /// The disk goes on by one change.
    pub fn go_on(&mut self, op: &Op) {
        let Some(path) = op.path() else { return };
        let file = self.files.entry(path.to_owned()).or_default();
        match op {
            Op::Sync(_) => {
                file.sync();
                // Removing a name is a change of the folder, which a journalling file system writes with the next sync of any file in it.
                let deleted = |file: &&mut File| matches!(file.pending.last(), Some(Op::Delete(_)));
                self.files.values_mut().filter(deleted).for_each(File::sync);
            }
            op => file.pending.push(op.clone()),
        }
    }

    /// Bytes that would be lost if nothing more were written.
    pub fn unsynced(&self) -> usize {
        let size = |op: &Op| if let Op::Write { bytes, .. } = op { bytes.len() } else { 0 };
        self.files.values().flat_map(|file| &file.pending).map(size).sum()
    }

    /// The power fails now: what is found afterwards, file by file. `dice` gives numbers below its argument.
    pub fn cut(&self, loss: Loss, dice: &mut dyn FnMut(usize) -> usize) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        for (path, file) in &self.files {
            let mut held = file.durable.clone();
            let kept = dice(file.pending.len() + 1);
            for (index, op) in file.pending.iter().enumerate() {
                // Whole, lost or torn, for each change.
                let fate = dice(3);
                let mut keep = || match loss {
                    Loss::Everything => false,
                    Loss::Tail => index < kept,
                    Loss::Any => fate == 0 || fate == 2 && dice(2) == 0,
                };
                File::apply(&mut held, op, &mut keep);
            }
            found.extend(held.map(|bytes| (path.clone(), bytes)));
        }
        found
    }
}
