//! local
use std::path::PathBuf;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let args = khyber::cli::eval::EvalArgs {
        entries: PathBuf::from(&a[1]),
        out: PathBuf::from(&a[2]),
        coverage: a.get(3).map(PathBuf::from),
    };
    let rt = tokio::runtime::Builder::new_current_thread().build().unwrap();
    rt.block_on(khyber::cli::eval::run(&args, &khyber::cli::Global::default())).unwrap();
}
