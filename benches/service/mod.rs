//! What `deploy/khyber.service` sets, for benches of what its user sees.

pub fn environment() -> impl Iterator<Item = (&'static str, &'static str)> {
    let unit = include_str!("../../deploy/khyber.service");
    let lines = unit.lines().filter_map(|line| line.strip_prefix("Environment="));
    lines.flat_map(str::split_whitespace).filter_map(|setting| setting.split_once('='))
}
