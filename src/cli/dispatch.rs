//! `khyber dispatch`

use super::at::At;
use super::{Exit, Global, setup};
use crate::daemon::DispatchReport;
use crate::model::{Role, Roles};

#[derive(Debug, clap::Args)]
pub struct DispatchArgs {
    #[command(flatten)]
    at: At,
}

pub async fn run(args: &DispatchArgs, global: &Global) -> anyhow::Result<Exit> {
    let now = args.at.now();
    let khyber = setup::open_as(Roles::from_iter([Role::Dispatch]), global, now).await?;
    let report = khyber.dispatch_due(now, &|| false).await;
    khyber.store.close().await;
    let report = report?;
    print(&report, global);
    Ok(exit(&report))
}

pub fn exit(report: &DispatchReport) -> Exit {
    if report.accepted == report.tried() {
        Exit::Fine
    } else if report.accepted == 0 {
        Exit::Failed
    } else {
        Exit::PartlyFailed
    }
}

pub fn print(report: &DispatchReport, global: &Global) {
    if global.quiet {
        return;
    }
    println!(
        "sent {} of {}: {} deferred, {} refused, {} expired",
        report.accepted,
        report.tried(),
        report.deferred,
        report.refused,
        report.expired
    );
    if let Some(problem) = &report.last_problem {
        println!("  {problem}");
    }
}
