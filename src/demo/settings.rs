//! The configuration of a demo run, as the TOML text that an operator would have written.
