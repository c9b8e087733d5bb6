//! A login that doesn't send the password, and by which the server shows that it knows it too.
//!
//! Source: RFC 5802 and RFC 7677; MongoDB specification "Driver Authentication", where SHA-1 is told
//! the MD5 of user and password in place of the password.

use std::num::NonZeroU32;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use ring::rand::SecureRandom;
use ring::{digest, hmac, pbkdf2};

/// What a server may ask for: less is too weak, more would only keep us busy.
const ITERATIONS: std::ops::RangeInclusive<u32> = 4096..=1_000_000;
const NONCE_BYTES: usize = 24;
/// What stands before every message: no channel binding.
const HEADER: &str = "n,,";

/// The hash that all is made with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mechanism {
    Sha1,
    Sha256,
}

/// A login that was begun.
pub(super) struct Scram {
    mechanism: Mechanism,
    password: String,
    first: String,
    nonce: String,
}

/// What is sent to a server, and what it must show then.
pub(super) struct Proof {
    pub(super) message: String,
    pub(super) server: Server,
}

/// What a server can only say if it knows the password.
pub(super) struct Server {
    key: hmac::Key,
    signed: String,
}

impl Mechanism {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SCRAM-SHA-1",
            Self::Sha256 => "SCRAM-SHA-256",
        }
    }

    fn hmac(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
        }
    }

    fn hash(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
        }
    }

    fn stretch(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
        }
    }

    fn prepare(self, user: &str, password: &str) -> String {
        match self {
            Self::Sha1 => {
                let digest = Md5::digest(format!("{user}:mongo:{password}"));
                digest.iter().map(|byte| format!("{byte:02x}")).collect()
            }
            Self::Sha256 => stringprep::saslprep(password)
                .map_or_else(|_| password.to_owned(), |prepared| prepared.into_owned()),
        }
    }
}

impl Scram {
    /// `None` where the system has no random numbers.
    pub(super) fn new(mechanism: Mechanism, user: &str, password: &str) -> Option<Self> {
        let mut nonce = [0; NONCE_BYTES];
        ring::rand::SystemRandom::new().fill(&mut nonce).ok()?;
        Some(Self::with_nonce(mechanism, user, password, STANDARD.encode(nonce)))
    }

    fn with_nonce(mechanism: Mechanism, user: &str, password: &str, nonce: String) -> Self {
        let name = user.replace('=', "=3D").replace(',', "=2C");
        let first = format!("n={name},r={nonce}");
        Self { mechanism, password: mechanism.prepare(user, password), first, nonce }
    }

    pub(super) fn first(&self) -> String {
        format!("{HEADER}{}", self.first)
    }

    /// The proof that we know the password, for what the server answered to [`Scram::first`].
    pub(super) fn prove(&self, answer: &str) -> Result<Proof, &'static str> {
        let part = |key: &str| answer.split(',').find_map(|part| part.strip_prefix(key));
        let nonce = part("r=").filter(|nonce| nonce.starts_with(&self.nonce));
        let nonce = nonce.ok_or("it answers another login than ours")?;
        let salt = part("s=").and_then(|salt| STANDARD.decode(salt).ok());
        let salt = salt.ok_or("its login lacks the salt")?;
        let iterations = part("i=").and_then(|iterations| iterations.parse().ok());
        let iterations = iterations.filter(|iterations| ITERATIONS.contains(iterations));
        let iterations = iterations.and_then(NonZeroU32::new);
        let iterations = iterations.ok_or("its login asks for too little or too much work")?;

        let hash = self.mechanism.hash();
        let mut salted = vec![0; hash.output_len()];
        let password = self.password.as_bytes();
        pbkdf2::derive(self.mechanism.stretch(), iterations, &salt, password, &mut salted);
        let salted = hmac::Key::new(self.mechanism.hmac(), &salted);
        let client = hmac::sign(&salted, b"Client Key");
        let stored = digest::digest(hash, client.as_ref());
        let without_proof = format!("c={},r={nonce}", STANDARD.encode(HEADER));
        let signed = format!("{},{answer},{without_proof}", self.first);
        let signature = self.sign(stored.as_ref(), &signed);
        let proof = client.as_ref().iter().zip(signature.as_ref()).map(|(a, b)| a ^ b);
        let proof: Vec<u8> = proof.collect();
        let message = format!("{without_proof},p={}", STANDARD.encode(proof));
        let server = hmac::sign(&salted, b"Server Key");
        let key = hmac::Key::new(self.mechanism.hmac(), server.as_ref());
        Ok(Proof { message, server: Server { key, signed } })
    }

    fn sign(&self, key: &[u8], text: &str) -> hmac::Tag {
        hmac::sign(&hmac::Key::new(self.mechanism.hmac(), key), text.as_bytes())
    }
}

impl Server {
    /// Whether the server's last message is by one that knows the password.
    pub(super) fn is_shown_by(&self, answer: &str) -> bool {
        let shown = answer.split(',').find_map(|part| part.strip_prefix("v="));
        let shown = shown.and_then(|shown| STANDARD.decode(shown).ok());
        shown.is_some_and(|shown| hmac::verify(&self.key, self.signed.as_bytes(), &shown).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(mechanism: Mechanism, nonce: &str, answer: &str) -> Proof {
        let scram = Scram::with_nonce(mechanism, "user", "pencil", nonce.to_owned());
        scram.prove(answer).unwrap_or_else(|why| panic!("{why}"))
    }

    #[test]
    fn the_example_of_mongodbs_specification_logs_in_by_sha_1() {
        let proof = login(
            Mechanism::Sha1,
            "fyko+d2lbbFgONRv9qkxdawL",
            "r=fyko+d2lbbFgONRv9qkxdawLHo+Vgk7qvUOKUwuWLIWg4l/9SraGMHEE,\
            s=rQ9ZY3MntBeuP3E1TDVC4w==,i=10000",
        );
        assert_eq!(
            proof.message,
            "c=biws,r=fyko+d2lbbFgONRv9qkxdawLHo+Vgk7qvUOKUwuWLIWg4l/9SraGMHEE,\
            p=MC2T8BvbmWRckDw8oWl5IVghwCY="
        );
        assert!(proof.server.is_shown_by("v=UMWeI25JD1yNYZRMpZ4VHvhZ9e0="));
        assert!(!proof.server.is_shown_by("v=AAAAI25JD1yNYZRMpZ4VHvhZ9e0="));
    }

    #[test]
    fn the_example_of_the_rfc_logs_in_by_sha_256() {
        let nonce = "rOprNGfwEbeRWgbNEkqO";
        let answer = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
            s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let proof = login(Mechanism::Sha256, nonce, answer);
        assert_eq!(
            proof.message,
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
            p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        assert!(proof.server.is_shown_by("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
    }

    #[test]
    fn a_server_that_cheats_gets_no_proof() {
        let scram = Scram::with_nonce(Mechanism::Sha256, "user", "pencil", "ours".to_owned());
        for answer in [
            "r=theirs,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "r=ours1,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1",
            "r=ours1,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4294967295",
            "r=ours1,s=?,i=4096",
            "",
        ] {
            assert!(scram.prove(answer).is_err(), "{answer}");
        }
    }
}
