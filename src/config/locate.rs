//! Which file is the configuration when none is named.

use std::path::{Path, PathBuf};

/// Looked for in this order.
pub const PLACES: [&str; 3] = ["khyber.toml", "config/khyber.toml", "/etc/khyber/khyber.toml"];

#[derive(Debug, thiserror::Error)]
#[error("there is no configuration: looked for {}; name one with --config, or write one with `khyber init`", PLACES.join(", "))]
pub struct NoConfiguration;

/// The named file, or the first of the usual places that exists.
pub fn locate(named: Option<&Path>) -> Result<PathBuf, NoConfiguration> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    PLACES.iter().map(PathBuf::from).find(|place| place.exists()).ok_or(NoConfiguration)
}
