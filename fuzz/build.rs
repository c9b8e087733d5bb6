//! Links the binaries with libFuzzer, which `fuzz/run` has had compiled and whose folder it names.
//! Without it, as for `cargo check`, there is nothing to link with.

const ENGINE: &str = "SNAPKEEP_FUZZ_ENGINE";

fn main() {
    println!("cargo:rerun-if-env-changed={ENGINE}");
    if let Ok(folder) = std::env::var(ENGINE) {
        println!("cargo:rustc-link-search=native={folder}");
        println!("cargo:rustc-link-arg-bins=-Wl,--whole-archive,-lfuzzer,--no-whole-archive");
        println!("cargo:rustc-link-arg-bins=-lstdc++");
    }
}
