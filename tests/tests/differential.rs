//! The simulated account is held to one that others wrote.
//!
//! The same ninety calls go to both, over TCP, from boto3. Where they answer differently the AWS
//! documentation decides, and `emulator/differences.json` says which and why: see
//! `emulator/compare.py`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;
use snapkeep_tests::{Emulator, Script};
use snapkeep_world::{Options, World};
use tokio::task::{JoinHandle, spawn_blocking};

#[tokio::test]
async fn the_simulated_account_differs_from_moto_only_where_aws_says_so() {
    let emulator = Emulator::start();
    let moto = answers_of(emulator.endpoint().to_owned());
    let moto = moto.await.expect("the thread ends");

    let world = World::new(Options::new(1));
    let server = world.serve("127.0.0.1:0".parse().expect("an address")).await.expect("a port");
    let snapkeep = answers_of(server.endpoint());
    while !snapkeep.is_finished() {
        // What is under way there ends while the script waits for it.
        world.advance_to(world.now() + SignedDuration::from_mins(5));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let snapkeep = snapkeep.await.expect("the thread ends");

    let verdict =
        Script::new("compare").arg(kept("moto", &moto)).arg(kept("snapkeep", &snapkeep)).run();
    println!("{}", verdict.unwrap_or_else(|faults| panic!("{faults}")));
}

/// What an account answers to `differential.py`, one line a step.
fn answers_of(endpoint: String) -> JoinHandle<String> {
    spawn_blocking(move || {
        let ran = Script::new("differential").on(&endpoint).run();
        ran.unwrap_or_else(|error| panic!("{error}"))
    })
}

/// Writes answers where a person can read them afterwards.
fn kept(name: &str, answers: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.jsonl"));
    fs::write(&path, answers).expect("the folder is cargo's");
    path
}
