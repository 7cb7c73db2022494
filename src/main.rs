//! Parse the arguments, start, print the error once, exit with its code.

use clap::Parser;
use khyber::cli::{Cli, Exit};
use std::process::ExitCode;

fn main() -> ExitCode {
    khyber::cli::end_quietly();
    let cli = Cli::parse();
    cli.start_log();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("khyber: the runtime could not be started: {error}");
            return ExitCode::from(Exit::Failed as u8);
        }
    };
    let exit = runtime.block_on(cli.run()).unwrap_or_else(|error| khyber::cli::report(&error));
    ExitCode::from(exit as u8)
}
