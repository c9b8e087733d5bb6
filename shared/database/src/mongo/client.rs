//! One connection: greeting, login, then one command and one answer at a time.
//!
//! Source: MongoDB documentation, "MongoDB Wire Protocol", OP_MSG; Amazon DocumentDB speaks it since
//! 3.6 (wire version 6).

use std::time::Duration;

use bson::spec::BinarySubtype;
use bson::{Binary, Document, doc};
use snapkeep_policy::verify::testimony::Trouble;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::refusal;
use super::scram::{Mechanism, Scram};
use crate::limits::ANSWER_BYTES_MAX;
use crate::target::{Target, Trust};
use crate::trouble;
use crate::wire::{self, Stream};

/// The kind of all our messages.
const OP_MSG: i32 = 2013;
const HEADER_BYTES: usize = 16;
/// Header, flags and the mark of the one section.
const ENVELOPE_BYTES: usize = HEADER_BYTES + 5;
/// The flag of a message that ends with a checksum.
const CHECKSUM_PRESENT: u32 = 1;
/// The first version in which messages are of this kind.
const WIRE_VERSION_MIN: i32 = 6;

pub(super) struct Client {
    stream: Box<dyn Stream>,
    /// Numbers the messages, so that an answer is known to be this question's.
    sent: i32,
}

impl Client {
    pub(super) async fn open(target: &Target, limit: Duration) -> Result<Self, Trouble> {
        let stream = wire::dial(target, limit).await?;
        let opened = timeout(limit, Self::greet(stream, target, limit)).await;
        opened.unwrap_or_else(|_| Err(trouble::silent(limit)))
    }

    async fn greet(stream: TcpStream, target: &Target, limit: Duration) -> Result<Self, Trouble> {
        let stream: Box<dyn Stream> = match &target.trust {
            Trust::Bundle(bundle) => Box::new(wire::secure(stream, target, bundle).await?),
            Trust::Plain => Box::new(stream),
        };
        let mut client = Self { stream, sent: 0 };
        let version = env!("CARGO_PKG_VERSION");
        let mut greeting = doc! {
            "isMaster": 1,
            "client": {
                "application": { "name": "snapkeep" },
                "driver": { "name": "snapkeep", "version": version },
                "os": { "type": std::env::consts::OS },
            },
        };
        if !target.user.is_empty() {
            greeting.insert("saslSupportedMechs", format!("admin.{}", target.user));
        }
        let welcome = client.run("admin", greeting, limit).await?;
        let wire = welcome.get_i32("maxWireVersion").unwrap_or_default();
        if wire < WIRE_VERSION_MIN {
            return Err(Trouble::Unsupported(format!(
                "it speaks wire version {wire}, and {WIRE_VERSION_MIN} is the oldest that is \
                understood here; verify it by hand"
            )));
        }
        if !target.user.is_empty() {
            client.log_in(target, &welcome, limit).await?;
        }
        Ok(client)
    }

    async fn log_in(
        &mut self,
        target: &Target,
        welcome: &Document,
        limit: Duration,
    ) -> Result<(), Trouble> {
        let known = welcome.get_array("saslSupportedMechs").ok();
        let has_sha256 = known.is_some_and(|known| {
            known.iter().any(|name| name.as_str() == Some(Mechanism::Sha256.name()))
        });
        let mechanism = if has_sha256 { Mechanism::Sha256 } else { Mechanism::Sha1 };
        let denied = |why: &str| Trouble::Denied(format!("user {}: {why}", target.user));
        let scram = Scram::new(mechanism, &target.user, target.password.reveal());
        let scram = scram.ok_or_else(|| denied("no login without random numbers"))?;
        let start = doc! {
            "saslStart": 1,
            "mechanism": mechanism.name(),
            "payload": binary(scram.first()),
            "options": { "skipEmptyExchange": true },
        };
        let answer = self.log_in_step(start, limit).await?;
        let proof = scram.prove(payload(&answer)?).map_err(denied)?;
        let id = answer.get("conversationId").cloned().unwrap_or(bson::Bson::Int32(1));
        let go_on = |payload: String| {
            doc! { "saslContinue": 1, "conversationId": id.clone(), "payload": binary(payload) }
        };
        let answer = self.log_in_step(go_on(proof.message), limit).await?;
        if !proof.server.is_shown_by(payload(&answer)?) {
            return Err(Trouble::Untrusted("it doesn't know the password it accepts".into()));
        }
        if !answer.get_bool("done").unwrap_or_default() {
            self.log_in_step(go_on(String::new()), limit).await?;
        }
        Ok(())
    }

    /// Whatever is refused during a login is the login.
    async fn log_in_step(&mut self, step: Document, limit: Duration) -> Result<Document, Trouble> {
        let stepped = self.run("admin", step, limit).await;
        if let Err(Trouble::Refused(why)) = stepped {
            return Err(Trouble::Denied(why));
        }
        stepped
    }

    pub(super) async fn ping(&mut self, limit: Duration) -> Result<(), Trouble> {
        self.run("admin", doc! { "ping": 1 }, limit).await.map(drop)
    }

    /// A command with its answer. `limit` is what the command says that the server may take.
    pub(super) async fn run(
        &mut self,
        database: &str,
        mut command: Document,
        limit: Duration,
    ) -> Result<Document, Trouble> {
        command.insert("$db", database);
        self.sent = self.sent.wrapping_add(1);
        let message = message(self.sent, &command).ok_or_else(unreadable)?;
        self.stream.write_all(&message).await.map_err(|error| trouble::connection(&error))?;
        self.stream.flush().await.map_err(|error| trouble::connection(&error))?;
        let answer = self.receive().await?;
        refusal::check(&answer, limit)?;
        Ok(answer)
    }

    /// How long an answer is stands at its beginning: too long a one is not read.
    async fn receive(&mut self) -> Result<Document, Trouble> {
        let mut head = [0; ENVELOPE_BYTES];
        self.read(&mut head).await?;
        let number =
            |at: usize| i32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let length = usize::try_from(number(0)).unwrap_or_default();
        if length > ANSWER_BYTES_MAX {
            return Err(trouble::too_many_bytes());
        }
        let is_ours = number(8) == self.sent && number(12) == OP_MSG && head[20] == 0;
        let body = length.checked_sub(ENVELOPE_BYTES).filter(|_| is_ours);
        let mut body = vec![0; body.ok_or_else(unreadable)?];
        self.read(&mut body).await?;
        if number(16).cast_unsigned() & CHECKSUM_PRESENT != 0 {
            body.truncate(body.len().saturating_sub(4));
        }
        Document::from_reader(body.as_slice()).map_err(|_| unreadable())
    }

    async fn read(&mut self, into: &mut [u8]) -> Result<(), Trouble> {
        let read = self.stream.read_exact(into).await;
        read.map(drop).map_err(|error| trouble::connection(&error))
    }
}

fn unreadable() -> Trouble {
    Trouble::Unreachable("it answers in another protocol than MongoDB's".into())
}

fn message(id: i32, command: &Document) -> Option<Vec<u8>> {
    let body = command.to_vec().ok()?;
    let length = i32::try_from(ENVELOPE_BYTES + body.len()).ok()?;
    let mut message = Vec::with_capacity(ENVELOPE_BYTES + body.len());
    for number in [length, id, 0, OP_MSG, 0] {
        message.extend(number.to_le_bytes());
    }
    message.push(0);
    message.extend(body);
    Some(message)
}

fn binary(payload: String) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: payload.into_bytes() }
}

fn payload(answer: &Document) -> Result<&str, Trouble> {
    let payload = answer.get_binary_generic("payload").ok();
    payload.and_then(|bytes| std::str::from_utf8(bytes).ok()).ok_or_else(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_how_long_it_is() {
        let message = message(7, &doc! { "ping": 1 }).expect("a message");
        assert_eq!(message[..4], i32::try_from(message.len()).expect("short").to_le_bytes());
        assert_eq!(message[4..8], 7_i32.to_le_bytes());
        assert_eq!(message[12..16], OP_MSG.to_le_bytes());
    }
}
