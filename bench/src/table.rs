//! What was measured, as Markdown and as a plot.

use crate::measure::Cost;
use anyhow::Context;
use plotters::prelude::*;
use std::fmt::Write;
use std::path::Path;

pub const POLLS: [&str; 3] = ["first poll", "unchanged (304)", "next day, 5 new entries a feed"];

const COLOURS: [RGBColor; 3] = [RGBColor(27, 94, 122), RGBColor(94, 158, 115), RGBColor(204, 134, 58)];

/// One contestant: the median of each poll.
pub struct Line {
    pub name: String,
    pub costs: [Cost; 3],
}

/// Seconds of wall clock and processor, and megabytes.
pub fn markdown(lines: &[Line]) -> String {
    let mut text = format!("| | {} |\n|---|---|---|---|\n", POLLS.join(" | "));
    for line in lines {
        let _ = write!(text, "| {} |", line.name);
        for cost in &line.costs {
            let _ = write!(text, " {:.2} / {:.2}, {:.0} |", cost.wall, cost.processor, cost.memory);
        }
        text.push('\n');
    }
    text
}

/// The wall clock of each poll as bars on a logarithmic scale.
pub fn plot(lines: &[Line], file: &Path, title: &str) -> anyhow::Result<()> {
    let failed = |error: String| anyhow::anyhow!("{}: the plot can't be drawn: {error}", file.display());
    let root = SVGBackend::new(file, (720, 60 + 84 * lines.len() as u32)).into_drawing_area();
    root.fill(&WHITE).map_err(|error| failed(error.to_string()))?;
    let most = lines.iter().flat_map(|line| &line.costs).map(|cost| cost.wall).fold(1.0, f64::max);
    let mut chart = ChartBuilder::on(&root)
        .caption(title, ("sans-serif", 16))
        .margin(8)
        .x_label_area_size(28)
        .y_label_area_size(170)
        .build_cartesian_2d((0.01..most * 2.0).log_scale(), 0.0..lines.len() as f64)
        .map_err(|error| failed(error.to_string()))?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .y_labels(0)
        .x_desc("seconds, logarithmic")
        .draw()
        .map_err(|error| failed(error.to_string()))?;
    for (poll, colour) in COLOURS.iter().enumerate() {
        let bars = lines.iter().rev().enumerate().map(|(at, line)| {
            let bottom = at as f64 + 0.12 + 0.26 * (2 - poll) as f64;
            Rectangle::new([(0.01, bottom), (line.costs[poll].wall.max(0.011), bottom + 0.22)], colour.filled())
        });
        chart
            .draw_series(bars)
            .map_err(|error| failed(error.to_string()))?
            .label(POLLS[poll])
            .legend(|(x, y)| Rectangle::new([(x, y - 5), (x + 12, y + 5)], colour.filled()));
    }
    for (at, line) in lines.iter().rev().enumerate() {
        let (_, y) = chart.backend_coord(&(0.01, at as f64 + 0.55));
        let style = ("sans-serif", 13).into_text_style(&root);
        root.draw_text(&line.name, &style, (8, y)).map_err(|error| failed(error.to_string()))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .border_style(BLACK)
        .background_style(WHITE)
        .draw()
        .map_err(|error| failed(error.to_string()))?;
    root.present().context("the plot can't be written")
}
