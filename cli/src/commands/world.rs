//! `snapkeep world`: a simulated account on a local port, for any AWS client.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use snapkeep_world::{Options, World};

use crate::args::World as Args;
use crate::exit::Exit;

/// How often the virtual clock is moved.
const BEAT: Duration = Duration::from_millis(200);

/// Serves until it is interrupted. The virtual clock starts at the real time.
///
/// # Errors
/// A port that can't be listened on.
pub async fn run(args: &Args) -> Result<Exit, String> {
    let start = Timestamp::now();
    let world = World::new(Options { start, ..Options::new(args.seed) });
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let server = world.serve(address).await;
    let server = server.map_err(|error| format!("{address}: {error}: choose another port"))?;
    anstream::println!("listening on {}", server.endpoint());
    let clock = async {
        let mut beat = tokio::time::interval(BEAT);
        loop {
            beat.tick().await;
            let passed = Timestamp::now().duration_since(start);
            let passed = passed.checked_mul(i32::try_from(args.speed).unwrap_or(i32::MAX));
            world.advance_to(start + passed.unwrap_or(SignedDuration::ZERO));
        }
    };
    tokio::select! {
        () = clock => {}
        () = server.wait() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(Exit::Nothing)
}
