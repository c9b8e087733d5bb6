//! Questions to a restored database: each of one form, none that writes, no name that needs trust.

use super::place::{Place, all};
use super::sql;
use super::values::{duration, percent, within};
use crate::document::wire::{self, default};
use crate::document::{Check, DriftRule, Holder, Objective};

/// Checks run one after the other within one invocation.
const CHECKS_MAX: usize = 50;
/// Tables of one integrity check, and names that drift leaves alone.
const NAMES_MAX: usize = 100;

pub(super) fn checks(at: &Place<'_>, checks: Vec<wire::Check>) -> Option<Vec<Check>> {
    if checks.len() > CHECKS_MAX {
        let got = format!("{} checks", checks.len());
        return at.refuse_value(got, format!("at most {CHECKS_MAX}"));
    }
    all(checks.into_iter().enumerate().map(|(index, wire)| check(&at.index(index), wire)))
}

pub(super) fn drift(at: &Place<'_>, wire: Option<wire::Drift>) -> Option<DriftRule> {
    let (drop, ignore) = wire.map_or((None, None), |wire| (wire.max_drop_percent, wire.ignore));
    let drop = drop.unwrap_or(default::MAX_DROP_PERCENT);
    let max_drop_percent = percent(&at.key("max_drop_percent"), drop, 0);
    let ignore = names(&at.key("ignore"), ignore.unwrap_or_default(), 4);
    Some(DriftRule { max_drop_percent: max_drop_percent?, ignore: ignore? })
}

/// What a check is about decides which other keys it has.
fn check(at: &Place<'_>, wire: wire::Check) -> Option<Check> {
    const ABOUT: &str = "sql, freshness, table, collection, indexes or integrity";
    let mut keys = Keys { at, wire };
    let wire = &mut keys.wire;
    let about = (
        wire.sql.take(),
        wire.freshness.take(),
        wire.table.take(),
        wire.collection.take(),
        wire.indexes.take(),
        wire.integrity.take(),
    );
    let check = match about {
        (Some(sql), None, None, None, None, None) => {
            let (sql, min) = (reading(&at.key("sql"), sql), keys.min());
            let database = keys.database();
            Check::Sql { sql: sql?, min: min?, database: database? }
        }
        (None, Some(sql), None, None, None, None) => {
            let (sql, max_age) = (reading(&at.key("freshness"), sql), keys.max_age());
            let database = keys.database();
            Check::Freshness { sql: sql?, max_age: max_age?, database: database? }
        }
        (None, None, Some(name), None, None, None) => {
            let name = name_of(&at.key("table"), name, 2, "a table such as orders or shop.orders");
            let database = keys.database();
            let of = name.zip(database).map(|(name, database)| Holder::Table { name, database });
            keys.aspect(of)?
        }
        (None, None, None, Some(name), None, None) => {
            let name = collection_name(&at.key("collection"), name);
            keys.aspect(name.map(|name| Holder::Collection { name }))?
        }
        (None, None, None, None, Some(word), None) if word == "valid" => {
            Check::ValidIndexes { database: keys.database()? }
        }
        (None, None, None, None, Some(word), None) => {
            return at.key("indexes").refuse(&word, "the word valid");
        }
        (None, None, None, None, None, Some(tables)) => {
            let tables = integrity(&at.key("integrity"), tables);
            let database = keys.database();
            Check::Integrity { tables: tables?, database: database? }
        }
        (None, None, None, None, None, None) => return at.missing(ABOUT),
        (_, _, _, _, _, _) => {
            return at.refuse_value("several questions", format!("one of {ABOUT}"));
        }
    };
    keys.nothing_else().map(|()| check)
}

/// The keys of a check that are still to be read.
struct Keys<'p, 'f> {
    at: &'p Place<'f>,
    wire: wire::Check,
}

impl Keys<'_, '_> {
    fn min(&mut self) -> Option<i64> {
        let min = self.wire.min.take();
        min.or_else(|| self.at.key("min").missing("the least acceptable number"))
    }

    fn max_age(&mut self) -> Option<Objective> {
        let at = self.at.key("max_age");
        match self.wire.max_age.take() {
            Some(max_age) => duration(&at, &max_age),
            None => at.missing("the greatest acceptable age"),
        }
    }

    fn database(&mut self) -> Option<Option<String>> {
        let at = self.at.key("database");
        match self.wire.database.take() {
            Some(name) => name_of(&at, name, 1, "the name of a database").map(Some),
            None => Some(None),
        }
    }

    /// What of a table or collection is asked: its count, its newest time or an index.
    fn aspect(&mut self, of: Option<Holder>) -> Option<Check> {
        const ASPECT: &str = "min, newest or index";
        match (self.wire.min.take(), self.wire.newest.take(), self.wire.index.take()) {
            (Some(min), None, None) => {
                let min = within(&self.at.key("min"), min, 1..=i64::MAX);
                Some(Check::Count { of: of?, min: min? })
            }
            (None, Some(field), None) => {
                let field = name_of(&self.at.key("newest"), field, 8, "a column or a field");
                let max_age = self.max_age();
                Some(Check::Newest { of: of?, field: field?, max_age: max_age? })
            }
            (None, None, Some(index)) => {
                let index = name_of(&self.at.key("index"), index, 8, "the name of an index");
                Some(Check::Index { of: of?, index: index? })
            }
            (None, None, None) => self.at.missing(ASPECT),
            (_, _, _) => self.at.refuse_value("several questions", format!("one of {ASPECT}")),
        }
    }

    /// A key that means nothing to the question was meant to mean something.
    fn nothing_else(&self) -> Option<()> {
        let wire::Check { database, min, newest, max_age, index, .. } = &self.wire;
        let refuse = |key: &str, got: String, at_home: &str| {
            self.at.key(key).refuse_value(got, format!("nothing: it is for {at_home}"))
        };
        if let Some(max_age) = max_age {
            let at = self.at.key("max_age");
            return at.refuse(&max_age.0, "nothing: it is for freshness and newest");
        }
        if let Some(min) = min {
            return refuse("min", min.to_string(), "sql, table and collection");
        }
        let texts = [
            ("database", database, "questions to SQL databases"),
            ("newest", newest, "table and collection"),
            ("index", index, "table and collection"),
        ];
        let left =
            texts.into_iter().find_map(|(key, text, at_home)| Some((key, text.as_ref()?, at_home)));
        left.map_or(Some(()), |(key, text, at_home)| refuse(key, format!("{text:?}"), at_home))
    }
}

fn reading(at: &Place<'_>, statement: String) -> Option<String> {
    match sql::refusal(&statement) {
        Some((part, expected)) => at.refuse(&part, expected),
        None => Some(statement),
    }
}

fn integrity(at: &Place<'_>, tables: Vec<String>) -> Option<Vec<String>> {
    if tables.is_empty() {
        return at.refuse_value("an empty array", "at least one table");
    }
    names(at, tables, 2)
}

fn names(at: &Place<'_>, names: Vec<String>, parts_max: usize) -> Option<Vec<String>> {
    if names.len() > NAMES_MAX {
        let got = format!("{} names", names.len());
        return at.refuse_value(got, format!("at most {NAMES_MAX}"));
    }
    const EXPECTED: &str = "a table or a collection such as orders or shop.orders";
    let named = names.into_iter().enumerate();
    all(named.map(|(index, name)| name_of(&at.index(index), name, parts_max, EXPECTED)))
}

/// A name of so many parts with dots between them. It will stand in a statement, in quotes: nothing
/// that could end them is let through, although the databases would allow it.
fn name_of(
    at: &Place<'_>,
    name: String,
    parts_max: usize,
    expected: &'static str,
) -> Option<String> {
    let is_sound = name.split('.').count() <= parts_max
        && name.split('.').all(|part| (1..=64).contains(&part.len()))
        && !name.chars().any(|c| c.is_control() || "\"'`\\;$/".contains(c));
    if is_sound { Some(name) } else { at.refuse(&name, expected) }
}

/// Source for the form: Amazon DocumentDB Developer Guide, "Quotas and limits", naming constraints.
fn collection_name(at: &Place<'_>, name: String) -> Option<String> {
    let is_sound = (1..=120).contains(&name.len())
        && name.split('.').all(|part| !part.is_empty())
        && !name.chars().any(|c| c.is_control() || matches!(c, '$' | ' ' | '/' | '\\' | '"'));
    if is_sound {
        return Some(name);
    }
    at.refuse(&name, "a collection such as notifications or shop.orders")
}
