//! Nothing of its own: it has libFuzzer compiled, and `fuzz/run` takes the archive from there.
