//! What a command costs: wall clock, processor, and the memory of its largest process.

use anyhow::Context;
use std::process::Command;
use std::time::Instant;
use wait4::Wait4;

/// Seconds, seconds, megabytes.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub wall: f64,
    pub processor: f64,
    pub memory: f64,
}

/// Runs it to its end; its children count if it waits for them.
pub fn run(command: &mut Command) -> anyhow::Result<Cost> {
    let shown = format!("{command:?}");
    let began = Instant::now();
    let mut child = command.spawn().with_context(|| format!("{shown} does not start"))?;
    let used = child.wait4()?;
    let wall = began.elapsed().as_secs_f64();
    anyhow::ensure!(used.status.success(), "{shown} ended with {}", used.status);
    let processor = used.rusage.utime.as_secs_f64() + used.rusage.stime.as_secs_f64();
    Ok(Cost { wall, processor, memory: used.rusage.maxrss as f64 / (1024.0 * 1024.0) })
}

/// The middle one, each column by itself.
pub fn median(costs: &[Cost]) -> Cost {
    let middle = |column: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = costs.iter().map(column).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    };
    Cost { wall: middle(|cost| cost.wall), processor: middle(|cost| cost.processor), memory: middle(|cost| cost.memory) }
}
