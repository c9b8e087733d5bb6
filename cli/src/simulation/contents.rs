//! What the databases of a simulated account hold, and what they say when they are questioned.
//!
//! There is no server behind them. So their contents are a function of database and instant: every
//! table grows a little each day, and loses most of its rows while somebody's deletion lasts. The
//! login is checked like everything else: with another password than the one verify has set, a
//! restored database refuses.

use std::ops::Range;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use snapkeep_database::Secret;
use snapkeep_policy::verify::Inquiry;
use snapkeep_policy::verify::testimony::{Holding, Survey, Testimony, Trouble};
use snapkeep_verify::Ask;
use snapkeep_world::{Data, World};

/// Tables of every database, with their rows at the beginning and what a day adds.
const TABLES: [(&str, u64, u64); 3] =
    [("app.events", 120_000, 900), ("app.orders", 40_000, 150), ("app.users", 9_000, 12)];
const BYTES_OF_ROW: u64 = 220;

/// Most rows of a database, deleted and put back later.
#[derive(Debug, Clone)]
pub struct Emptied {
    /// Identifier of the database.
    pub of: String,
    pub during: Range<Timestamp>,
}

impl Emptied {
    /// Whether they are missing in that data.
    pub fn is_in(&self, data: &Data) -> bool {
        data.of == self.of && self.during.contains(&data.as_of)
    }
}

/// Who questions the databases of a simulated account.
pub struct Books<'s> {
    pub world: &'s World,
    /// What is lost for a while.
    pub emptied: Vec<Emptied>,
    /// The first midnight.
    pub start: Timestamp,
}

impl Ask for Books<'_> {
    async fn ask(
        &self,
        inquiry: &Inquiry,
        password: &Secret,
        _until: Option<Instant>,
    ) -> Testimony {
        let took = SignedDuration::from_secs(2);
        let refused = |trouble| Testimony { trouble: Some(trouble), took, ..Testimony::default() };
        let databases = self.world.databases(&inquiry.scratch.region);
        let scratch = databases.into_iter().find(|database| database.arn == inquiry.scratch);
        let Some(data) = scratch.as_ref().and_then(|scratch| scratch.data.as_ref()) else {
            return refused(Trouble::Unreachable("there is nothing".to_owned()));
        };
        let set = scratch.as_ref().and_then(|scratch| scratch.master_password.as_deref());
        if set != Some(password.reveal()) {
            return refused(Trouble::Denied("another password is set".to_owned()));
        }
        let survey = Some(self.survey(data));
        Testimony { answered_after: Some(took), survey, took, ..Testimony::default() }
    }
}

impl Books<'_> {
    fn survey(&self, data: &Data) -> Survey {
        let days = data.as_of.duration_since(self.start).as_hours() / 24;
        let days = u64::try_from(days).unwrap_or(0);
        let is_emptied = self.emptied.iter().any(|emptied| emptied.is_in(data));
        let holding = |first: u64, daily: u64| {
            let whole = first + daily * days;
            let rows = if is_emptied { whole / 10 } else { whole };
            let newest = Some(data.as_of);
            Holding { rows, counted: true, bytes: rows * BYTES_OF_ROW, newest }
        };
        let tables = TABLES.map(|(name, first, daily)| (name.to_owned(), holding(first, daily)));
        Survey(tables.into())
    }
}
