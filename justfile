# The front door. Without `just` every recipe is one plain command: read it here.

# The recipes.
default:
    @just --list --unsorted

# Every check, as CI runs them. `just test STAGE...` runs some; `./test --list` names them.
test *stages:
    ./test {{ stages }}

# Formatting, lints and unit tests of the crates that are built in seconds.
fast:
    ./test fast

# Formats every Rust file.
fmt:
    cargo fmt --all

# Every lint that CI denies.
lint:
    ./test fmt clippy purity

# The whole product on a simulated account, on this machine.
demo *options:
    cargo run --release -p snapkeep -- demo {{ options }}

# What each function would do now, in the account that the AWS environment names. Changes nothing.
plan policy *options:
    cargo run --release -p snapkeep -- plan --policy {{ policy }} {{ options }}

# Licences, banned crates, sources, advisories. Needs cargo-deny: see deny.toml.
deny:
    cargo deny check

# The crates' documentation, private items too.
docs:
    cargo doc --workspace --no-deps --document-private-items --open

# The wire tests' account on a port, to look around in. After `./test emulated-aws`; Ctrl-D ends it.
emulator:
    target/tools/python/bin/python tests/emulator/moto_server.py
