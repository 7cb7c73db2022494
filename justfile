# `just` lists the recipes; `just ci` is what CI runs.

default:
    @just --list

# The whole main job on sample feeds, in the browser
demo *ARGS="--open":
    cargo run --release -- demo {{ ARGS }}

# Quick feedback while working
check:
    cargo fmt --all --check
    cargo clippy --all-targets --locked -- -D warnings

test *ARGS:
    cargo test --locked {{ ARGS }}

doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked

# Licences, sources, banned crates: without network
deny:
    cargo deny --offline check bans licenses sources

# Known vulnerabilities: needs the advisory database
advisories:
    cargo deny check advisories

ci:
    bash .ci/run
