//! `khyber … | head`: when the reader of our output has gone, the command ends without a word.

use super::Exit;
use std::io::ErrorKind;
use std::process::exit;

/// `println!` panics when its pipe is closed, since Rust ignores SIGPIPE, and setting that back needs unsafe code. Any other
/// panic is told as before.
pub fn end_quietly() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let words = panic.payload_as_str().unwrap_or("");
        if words.starts_with("failed printing to stdout") && words.contains("Broken pipe") {
            exit(Exit::Fine as i32);
        }
        usual(panic);
    }));
}

/// Whether an error only says that nobody reads any more: writing to standard output is never given a context, what else
/// may break (a mail program, a connection) always is.
pub fn is_closed(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    let json = error.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
    kind.or(json) == Some(ErrorKind::BrokenPipe)
}
