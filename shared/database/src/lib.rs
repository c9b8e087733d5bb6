//! Speaks to a restored database over its own protocol: asks the policy's questions, surveys what it
//! holds, and returns a [`Testimony`].
//!
//! Facts only; `snapkeep_policy::verify::judge` says what they mean. Four promises hold for every
//! engine:
//!
//! - **Who answers is verified**: chain and host name, over rustls, before a password is sent.
//! - **Nothing is written**: one statement at a time, in a transaction that can only read.
//! - **Nothing is endless**: every statement has a time limit that the server keeps and a longer one
//!   that we keep, and every answer a [budget of bytes](ANSWER_BYTES_MAX).
//! - **No data comes out**: a count, a time, a yes, or the schema's own names. Where a server's error
//!   text may quote a value, only its code is told.

mod cell;
mod limits;
mod mongo;
mod mysql;
mod names;
mod postgres;
mod sql;
mod target;
mod trouble;
mod url;
mod wire;

use std::future::Future;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use snapkeep_policy::document::Check;
use snapkeep_policy::verify::testimony::{Answer, Protocol, Said, Survey, Testimony, Trouble};

pub use limits::{ANSWER_BYTES_MAX, Limits};
pub use target::{BadBundle, Bundle, Secret, Target, Trust};
pub use url::{BadUrl, Parsed, Tls};

/// What the three protocols have in common.
trait Session: Sized {
    /// Connects, and has a first statement answered.
    fn open(
        target: &Target,
        limits: &Limits,
        limit: Duration,
    ) -> impl Future<Output = Result<Self, Trouble>> + Send;

    /// Asks one question, which the database may work on for so long.
    fn answer(
        &mut self,
        check: &Check,
        limit: Duration,
    ) -> impl Future<Output = Result<Said, Trouble>> + Send;

    /// Looks at everything there is, until then at the latest.
    fn survey(&mut self, until: Instant) -> impl Future<Output = Result<Survey, Trouble>> + Send;

    /// Why nothing more can be asked, if so.
    fn lost(&self) -> Option<&Trouble>;
}

/// Asks a database all `checks`, one after the other, and looks at what it holds. `told` hears each
/// answer, with the check's index, as soon as it is there.
///
/// Whatever goes wrong is part of the testimony: this never fails.
pub async fn ask(
    target: &Target,
    checks: &[Check],
    limits: &Limits,
    told: impl FnMut(usize, &Answer) + Send,
) -> Testimony {
    match target.protocol {
        Protocol::Postgres => question::<postgres::Session>(target, checks, limits, told).await,
        Protocol::Mysql => question::<mysql::Session>(target, checks, limits, told).await,
        Protocol::Mongodb => question::<mongo::Session>(target, checks, limits, told).await,
    }
}

async fn question<S: Session>(
    target: &Target,
    checks: &[Check],
    limits: &Limits,
    mut told: impl FnMut(usize, &Answer) + Send,
) -> Testimony {
    let begun = Instant::now();
    let mut testimony = Testimony::default();
    match open::<S>(target, limits).await {
        Ok(mut session) => {
            testimony.answered_after = Some(since(begun));
            for (index, check) in checks.iter().enumerate() {
                let answer = answer(&mut session, check, limits).await;
                told(index, &answer);
                testimony.answers.push(answer);
                if let Some(trouble) = session.lost() {
                    testimony.trouble = Some(trouble.clone());
                    break;
                }
            }
            if testimony.trouble.is_none() {
                testimony.survey = survey(&mut session, limits).await;
            }
        }
        Err(trouble) => testimony.trouble = Some(trouble),
    }
    testimony.took = since(begun);
    testimony
}

async fn open<S: Session>(target: &Target, limits: &Limits) -> Result<S, Trouble> {
    let (limit, is_cut) = limits.cut(limits.connect);
    if limit.is_zero() {
        return Err(Trouble::OutOfTime);
    }
    match tokio::time::timeout(limit + limits::GRACE, S::open(target, limits, limit)).await {
        Err(_) | Ok(Err(Trouble::Hangs(_) | Trouble::Unreachable(_))) if is_cut => {
            Err(Trouble::OutOfTime)
        }
        Ok(opened) => opened,
        Err(_) => Err(trouble::silent(limit)),
    }
}

/// A question that the run's end cut short was given less time than it may have: that is no trouble of
/// the database's.
async fn answer<S: Session>(session: &mut S, check: &Check, limits: &Limits) -> Answer {
    let begun = Instant::now();
    let (limit, is_cut) = limits.cut(limits.question);
    let said = if limit.is_zero() {
        Err(Trouble::OutOfTime)
    } else {
        match session.answer(check, limit).await {
            Err(Trouble::TooSlow(_) | Trouble::Hangs(_)) if is_cut => Err(Trouble::OutOfTime),
            said => said,
        }
    };
    Answer { said, took: since(begun) }
}

/// A survey that fails takes none of the answers with it.
async fn survey<S: Session>(session: &mut S, limits: &Limits) -> Option<Survey> {
    let (limit, _) = limits.cut(limits.survey);
    if limit.is_zero() {
        return None;
    }
    let surveyed = session.survey(Instant::now() + limit);
    tokio::time::timeout(limit + limits::GRACE, surveyed).await.ok()?.ok()
}

fn since(begun: Instant) -> SignedDuration {
    SignedDuration::try_from(begun.elapsed()).unwrap_or(SignedDuration::MAX)
}
