//! What a restored database answers: bytes on a real socket of this machine, through the clients that
//! verify has. The first byte chooses the protocol and, for MongoDB's, whether the input is cut into
//! documents (at `\x1e`) that are sent in sound messages, or sent as it stands.
//!
//! Whatever is answered is testimony: it ends, and what it says of the trouble is one line.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use snapkeep_database::{Limits, Secret, Target, Trust, ask};
use snapkeep_policy::document::Check;
use snapkeep_policy::verify::testimony::{Answer, Protocol, Testimony, Trouble};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::line;

/// A server's own words are cut by us.
const TROUBLE_CHARS_MAX: usize = 1_000;
/// The client's limit, which is for a server that hangs: ours hangs up instead.
const LIMIT: Duration = Duration::from_secs(1);
/// So long a server waits for the client's next words, which come at once or not at all.
const PATIENCE: Duration = Duration::from_millis(5);
const CHECKS: &str = r#"[{"sql":"select 1","min":1},
    {"freshness":"select max(a) from t","max_age":"PT1H"},
    {"collection":"shop.orders","min":1},
    {"collection":"shop.orders","newest":"at.time","max_age":"PT1H"},
    {"collection":"shop.orders","index":"by_time"}]"#;

thread_local! {
    /// All runs have the same, since to make it takes longer than a run.
    static MACHINE: Machine = Machine::new();
}

/// Tries it.
pub fn check(bytes: &[u8]) {
    let Some((how, answer)) = bytes.split_first() else { return };
    MACHINE.with(|machine| {
        let testimony = machine.runtime.block_on(machine.questioned(*how, answer));
        testimony.trouble.iter().for_each(said);
        for answer in &testimony.answers {
            if let Answer { said: Err(trouble), .. } = answer {
                said(trouble);
            }
        }
    });
}

fn said(trouble: &Trouble) {
    line::check(&trouble.to_string(), TROUBLE_CHARS_MAX);
}

/// A machine with a port and somebody who asks what is behind it.
struct Machine {
    listener: TcpListener,
    checks: Vec<Check>,
    runtime: Runtime,
}

impl Machine {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        Self { listener, checks: Check::list_from_json(CHECKS).expect("checks"), runtime }
    }

    async fn questioned(&self, how: u8, answer: &[u8]) -> Testimony {
        let protocol = match how & 3 {
            0 | 1 => Protocol::Mongodb,
            2 => Protocol::Postgres,
            _ => Protocol::Mysql,
        };
        let target = Target {
            protocol,
            host: "127.0.0.1".to_owned(),
            port: self.listener.local_addr().expect("an address").port(),
            user: if how & 4 == 0 { String::new() } else { "keeper".to_owned() },
            password: Secret::new("secret"),
            database: (how & 8 == 0).then(|| "shop".to_owned()),
            trust: Trust::Plain,
        };
        let limits = Limits { connect: LIMIT, question: LIMIT, survey: LIMIT, until: None };
        let asked = ask(&target, &self.checks, &limits, |_, _| ());
        tokio::select! {
            testimony = asked => testimony,
            never = self.serve(how & 3 == 0, answer) => never,
        }
    }

    /// Answers every connection with all of the input, and hangs up.
    async fn serve(&self, is_framed: bool, answer: &[u8]) -> Testimony {
        let answer: Arc<[u8]> = answer.into();
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = self.listener.accept().await.expect("a connection");
            let answer = Arc::clone(&answer);
            connections.spawn(async move {
                // Whether the client is still there is its own business.
                let _ = serve(stream, is_framed, &answer).await;
            });
        }
    }
}

async fn serve(mut stream: TcpStream, is_framed: bool, answer: &[u8]) -> io::Result<()> {
    stream.set_nodelay(true)?;
    if is_framed {
        framed(&mut stream, answer).await?;
    } else {
        stream.write_all(answer).await?;
    }
    stream.shutdown().await?;
    // Hung up on unread words, the client might lose ours.
    let mut rest = [0; 1024];
    while timeout(PATIENCE, stream.read(&mut rest)).await?? > 0 {}
    Ok(())
}

/// One document for each message of the client's, in a message that answers it.
async fn framed(stream: &mut TcpStream, answer: &[u8]) -> io::Result<()> {
    for document in answer.split(|byte| *byte == 0x1e) {
        let mut head = [0; 16];
        timeout(PATIENCE, stream.read_exact(&mut head)).await??;
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
        let mut rest = vec![0; usize::try_from(length).unwrap_or_default().saturating_sub(16)];
        stream.read_exact(&mut rest).await?;
        let length = u32::try_from(21 + document.len()).unwrap_or(u32::MAX);
        let mut message = length.to_le_bytes().to_vec();
        message.extend([0; 4]);
        message.extend(&head[4..8]);
        message.extend(2013_u32.to_le_bytes());
        message.extend([0; 5]);
        message.extend(document);
        stream.write_all(&message).await?;
    }
    Ok(())
}
