//! What a command costs: wall clock, processor, and the memory of its largest process.

use anyhow::Context;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use wait4::Wait4;

/// How often memory is looked at.
const SAMPLE: Duration = Duration::from_millis(2);

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
    let (pid, ended) = (child.id(), Arc::new(AtomicBool::new(false)));
    let watched = Arc::clone(&ended);
    // The kernel's own maximum counts what the child was before it became its own program: us.
    let watcher = std::thread::spawn(move || {
        let mut most = 0;
        while !watched.load(Ordering::SeqCst) {
            most = most.max(largest(pid));
            std::thread::sleep(SAMPLE);
        }
        most
    });
    let used = child.wait4()?;
    let wall = began.elapsed().as_secs_f64();
    ended.store(true, Ordering::SeqCst);
    let most = watcher.join().unwrap_or(0);
    anyhow::ensure!(used.status.success(), "{shown} ended with {}", used.status);
    let processor = used.rusage.utime.as_secs_f64() + used.rusage.stime.as_secs_f64();
    Ok(Cost { wall, processor, memory: most as f64 / 1024.0 })
}

/// The most that the process, or one below it, has held so far, in KiB (proc(5): VmHWM).
fn largest(pid: u32) -> u64 {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
    let own =
        read("status").lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
    let below = read(&format!("task/{pid}/children"));
    below.split_whitespace().filter_map(|child| child.parse().ok()).map(largest).fold(own.unwrap_or(0), u64::max)
}

/// The middle one, each column by itself.
pub fn median(costs: &[Cost]) -> Cost {
    let middle = |column: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = costs.iter().map(column).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    };
    Cost {
        wall: middle(|cost| cost.wall),
        processor: middle(|cost| cost.processor),
        memory: middle(|cost| cost.memory),
    }
}
