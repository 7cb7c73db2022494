//! A SQLite VFS that passes everything on to the usual one and keeps a log of writes, truncations, syncs and deletions.
//!
//! The only unsafe code of the project, in a crate that only tests link: SQLite's VFS is a table of C functions. The usual VFS
//! opens the file; then the three functions of its table that change a file are exchanged for ours, which log and call it.

mod disk;

pub use disk::{Disk, Loss, Op};

use libsqlite3_sys as ffi;
use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

struct Opened {
    path: PathBuf,
    usual: *const ffi::sqlite3_io_methods,
}

#[derive(Default)]
struct State {
    /// By the address of the file's structure.
    opened: HashMap<usize, Opened>,
    /// Only files below it are logged.
    folder: Option<PathBuf>,
    log: Vec<Op>,
}

// SAFETY: the pointers are to tables of functions that live as long as the process.
unsafe impl Send for State {}

static STATE: Mutex<Option<State>> = Mutex::new(None);
static mut USUAL: *mut ffi::sqlite3_vfs = std::ptr::null_mut();

fn state() -> MutexGuard<'static, Option<State>> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the recorder the default VFS of this process, and logs what happens below `folder` from now on.
pub fn record(folder: PathBuf) {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        // SAFETY: the usual VFS is found before ours exists, its table is copied whole, and both live for ever.
        unsafe {
            USUAL = ffi::sqlite3_vfs_find(std::ptr::null());
            assert!(!USUAL.is_null(), "SQLite has no default VFS");
            let mut own = std::ptr::read(USUAL);
            own.zName = c"recorder".as_ptr();
            own.pNext = std::ptr::null_mut();
            own.xOpen = Some(open);
            own.xDelete = Some(delete);
            let registered = ffi::sqlite3_vfs_register(Box::into_raw(Box::new(own)), 1);
            assert_eq!(registered, ffi::SQLITE_OK);
        }
    });
    let mut state = state();
    let state = state.get_or_insert_default();
    state.folder = Some(folder);
    state.log.clear();
}

/// Puts a mark into the log: whatever came before it was acknowledged.
pub fn mark(number: usize) {
    log(Op::Mark(number));
}

/// Ends the recording and returns the log.
pub fn stop() -> Vec<Op> {
    let mut state = state();
    let state = state.get_or_insert_default();
    state.folder = None;
    std::mem::take(&mut state.log)
}

fn log(op: Op) {
    let mut state = state();
    let state = state.get_or_insert_default();
    let wanted = state.folder.as_ref().is_some_and(|folder| op.path().is_none_or(|path| path.starts_with(folder)));
    // What is shared between processes while they live is made anew after a power cut.
    let shared_memory = op.path().is_some_and(|path| path.to_string_lossy().ends_with("-shm"));
    if wanted && !shared_memory {
        state.log.push(op);
    }
}

fn opened(file: *mut ffi::sqlite3_file) -> Option<(PathBuf, *const ffi::sqlite3_io_methods)> {
    let state = state();
    let found = state.as_ref()?.opened.get(&(file as usize))?;
    Some((found.path.clone(), found.usual))
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: the arguments are SQLite's own, handed on unchanged; the table is copied before three of its entries change.
    unsafe {
        let usual = USUAL;
        let Some(call) = (*usual).xOpen else { return ffi::SQLITE_ERROR };
        let result = call(usual, name, file, flags, out);
        if result != ffi::SQLITE_OK || name.is_null() || (*file).pMethods.is_null() {
            return result;
        }
        let path = PathBuf::from(CStr::from_ptr(name).to_string_lossy().into_owned());
        let methods = (*file).pMethods;
        let mut own = std::ptr::read(methods);
        own.xClose = Some(close);
        own.xWrite = Some(write);
        own.xTruncate = Some(truncate);
        own.xSync = Some(sync);
        state().get_or_insert_default().opened.insert(file as usize, Opened { path, usual: methods });
        // A few bytes a file, for ever: SQLite may look at the table until the process ends.
        (*file).pMethods = Box::into_raw(Box::new(own));
        result
    }
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: as above.
    unsafe {
        let Some(call) = (*USUAL).xDelete else { return ffi::SQLITE_ERROR };
        let result = call(USUAL, name, sync_folder);
        if result == ffi::SQLITE_OK {
            log(Op::Delete(PathBuf::from(CStr::from_ptr(name).to_string_lossy().into_owned())));
        }
        result
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    let found = state().as_mut().and_then(|state| state.opened.remove(&(file as usize)));
    let Some(found) = found else { return ffi::SQLITE_ERROR };
    // SAFETY: the usual table is put back before its own function is called.
    unsafe {
        (*file).pMethods = found.usual;
        (*found.usual).xClose.map_or(ffi::SQLITE_ERROR, |call| call(file))
    }
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, data: *const c_void, length: c_int, offset: i64) -> c_int {
    let Some((path, usual)) = opened(file) else { return ffi::SQLITE_ERROR };
    // SAFETY: SQLite promises `length` readable bytes at `data`.
    unsafe {
        let bytes = std::slice::from_raw_parts(data.cast::<u8>(), usize::try_from(length).unwrap_or(0)).to_vec();
        let Some(call) = (*usual).xWrite else { return ffi::SQLITE_ERROR };
        let result = call(file, data, length, offset);
        if result == ffi::SQLITE_OK {
            log(Op::Write { path, offset: usize::try_from(offset).unwrap_or(0), bytes });
        }
        result
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    let Some((path, usual)) = opened(file) else { return ffi::SQLITE_ERROR };
    // SAFETY: as above.
    let result = unsafe { (*usual).xTruncate.map_or(ffi::SQLITE_ERROR, |call| call(file, size)) };
    if result == ffi::SQLITE_OK {
        log(Op::Truncate { path, size: usize::try_from(size).unwrap_or(0) });
    }
    result
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    let Some((path, usual)) = opened(file) else { return ffi::SQLITE_ERROR };
    // SAFETY: as above.
    let result = unsafe { (*usual).xSync.map_or(ffi::SQLITE_ERROR, |call| call(file, flags)) };
    if result == ffi::SQLITE_OK {
        log(Op::Sync(path));
    }
    result
}
