//! The commands that read: databases, collections, counts, newest documents, indexes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bson::{Bson, Document, doc};
use jiff::Timestamp;
use snapkeep_policy::verify::testimony::{HOLDINGS_MAX, Holding, Said, Survey, Trouble};
use tokio::time::timeout;

use super::client::Client;
use super::refusal::number;
use crate::cell::{Cell, Wanted};
use crate::limits::GRACE;
use crate::sql::left;
use crate::trouble;

/// What is larger isn't counted; the server's own statistics say how much it is.
const COUNTED_BYTES_MAX: u64 = 1 << 30;
/// Databases that are the server's own.
const SYSTEM: [&str; 3] = ["admin", "config", "local"];
/// A list comes in parts of so many.
const BATCH: i32 = 1_000;

/// Where documents are.
#[derive(Clone)]
pub(super) struct Collection {
    pub(super) database: String,
    pub(super) name: String,
}

impl Client {
    /// The collection that is meant by `database.collection` or, in the given or the only database,
    /// by `collection`.
    pub(super) async fn find_collection(
        &mut self,
        name: &str,
        database: Option<&str>,
        limit: Duration,
    ) -> Result<Collection, Trouble> {
        let (database, name) = match (name.split_once('.'), database) {
            (Some((database, name)), _) => (database.to_owned(), name.to_owned()),
            (None, Some(database)) => (database.to_owned(), name.to_owned()),
            (None, None) => match self.databases(limit).await?.as_slice() {
                [only] => (only.clone(), name.to_owned()),
                several => {
                    let number = several.len();
                    return Err(Trouble::Refused(format!(
                        "there are {number} databases; name it as database.{name}"
                    )));
                }
            },
        };
        let found = self.list_collections(&database, doc! { "name": &name }, limit).await?;
        // Not every server heeds the filter.
        if !found.contains(&name) {
            return Err(Trouble::Refused(format!("there is no collection {database}.{name}")));
        }
        Ok(Collection { database, name })
    }

    async fn databases(&mut self, limit: Duration) -> Result<Vec<String>, Trouble> {
        let command = doc! { "listDatabases": 1, "nameOnly": true, "maxTimeMS": ms(limit) };
        let answer = self.run("admin", command, limit).await?;
        let names = strings(answer.get_array("databases").ok(), "name");
        Ok(names.into_iter().filter(|name| !SYSTEM.contains(&name.as_str())).collect())
    }

    async fn list_collections(
        &mut self,
        database: &str,
        filter: Document,
        limit: Duration,
    ) -> Result<Vec<String>, Trouble> {
        let command = doc! {
            "listCollections": 1, "filter": filter, "nameOnly": true,
            "cursor": { "batchSize": BATCH },
        };
        let names = self.list(database, command, "$cmd.listCollections", limit).await?;
        let is_ours = |name: &String| !name.starts_with("system.");
        Ok(names.into_iter().filter(is_ours).collect())
    }

    pub(super) async fn indexes(
        &mut self,
        of: &Collection,
        limit: Duration,
    ) -> Result<Vec<String>, Trouble> {
        let command = doc! { "listIndexes": &of.name, "cursor": { "batchSize": BATCH } };
        self.list(&of.database, command, &of.name, limit).await
    }

    /// The names in a list, all its parts.
    async fn list(
        &mut self,
        database: &str,
        command: Document,
        collection: &str,
        limit: Duration,
    ) -> Result<Vec<String>, Trouble> {
        let mut names = Vec::new();
        let mut answer = self.run(database, command, limit).await?;
        loop {
            let cursor = answer.get_document("cursor").ok();
            let batch = |cursor: &Document, key| strings(cursor.get_array(key).ok(), "name");
            names.extend(cursor.map(|cursor| batch(cursor, "firstBatch")).unwrap_or_default());
            names.extend(cursor.map(|cursor| batch(cursor, "nextBatch")).unwrap_or_default());
            let id = cursor.and_then(|cursor| cursor.get("id")).and_then(number);
            let id = id.filter(|id| *id != 0 && names.len() <= HOLDINGS_MAX);
            let Some(id) = id else { return Ok(names) };
            let more = doc! { "getMore": id, "collection": collection, "batchSize": BATCH };
            answer = self.run(database, more, limit).await?;
        }
    }

    /// How many documents there are, at most `up_to`.
    pub(super) async fn count(
        &mut self,
        of: &Collection,
        up_to: Option<i64>,
        limit: Duration,
    ) -> Result<i64, Trouble> {
        let mut command = doc! { "count": &of.name, "query": {}, "maxTimeMS": ms(limit) };
        if let Some(up_to) = up_to {
            command.insert("limit", up_to);
        }
        let answer = self.run(&of.database, command, limit).await?;
        let count = answer.get("n").and_then(number);
        count.ok_or_else(|| Wanted::Number.refuse("no count"))
    }

    /// The greatest value of a field, as far as it is a time. Nothing else of the document is asked
    /// for.
    pub(super) async fn newest(
        &mut self,
        of: &Collection,
        field: &str,
        limit: Duration,
    ) -> Result<Said, Trouble> {
        let mut wanted = doc! { field: 1 };
        if field != "_id" {
            wanted.insert("_id", 0);
        }
        let command = doc! {
            "find": &of.name, "filter": {}, "sort": { field: -1 }, "projection": wanted,
            "limit": 1, "singleBatch": true, "maxTimeMS": ms(limit),
        };
        let answer = self.run(&of.database, command, limit).await?;
        let batch = answer.get_document("cursor").and_then(|it| it.get_array("firstBatch"));
        let first = batch.ok().and_then(|batch| batch.first()).and_then(Bson::as_document);
        first.map_or(Cell::Nothing, |first| cell(at(first, field))).said(Wanted::Time)
    }

    /// Every collection that isn't the server's own.
    pub(super) async fn collections(
        &mut self,
        limit: Duration,
    ) -> Result<Vec<Collection>, Trouble> {
        let mut collections = Vec::new();
        for database in self.databases(limit).await? {
            let filter = doc! { "type": "collection" };
            for name in self.list_collections(&database, filter, limit).await? {
                collections.push(Collection { database: database.clone(), name });
            }
        }
        Ok(collections)
    }

    /// Looks into the collections, the smallest first. A connection that falls silent ends it.
    pub(super) async fn survey(
        &mut self,
        collections: Vec<Collection>,
        question: Duration,
        until: Instant,
    ) -> Result<Survey, Trouble> {
        let mut sized = Vec::new();
        for of in collections {
            let limit = left(question, until).ok_or(Trouble::OutOfTime)?;
            let sizes = within(limit, self.sizes(&of, limit)).await?;
            sized.push((of, sizes));
        }
        sized.sort_by_key(|(_, holding)| std::cmp::Reverse(holding.bytes));
        sized.truncate(HOLDINGS_MAX);
        let mut holdings = BTreeMap::new();
        for (of, mut holding) in sized.into_iter().rev() {
            if let Some(limit) = left(question, until) {
                let looked = self.look_into(&of, &mut holding, limit);
                within(limit, looked).await?;
            }
            holdings.insert(format!("{}.{}", of.database, of.name), holding);
        }
        Ok(Survey(holdings))
    }

    /// What the statistics say. A server without them says nothing, and everything is counted.
    async fn sizes(&mut self, of: &Collection, limit: Duration) -> Result<Holding, Trouble> {
        let command = doc! { "collStats": &of.name, "maxTimeMS": ms(limit) };
        let stats = match self.run(&of.database, command, limit).await {
            Err(Trouble::Refused(_) | Trouble::TooSlow(_)) => Document::new(),
            stats => stats?,
        };
        let of = |key: &str| {
            let number = stats.get(key).and_then(number).unwrap_or_default();
            u64::try_from(number).unwrap_or_default()
        };
        let data = of("storageSize").max(of("size"));
        let bytes = data.saturating_add(of("totalIndexSize"));
        Ok(Holding { rows: of("count"), counted: false, bytes, newest: None })
    }

    async fn look_into(
        &mut self,
        of: &Collection,
        holding: &mut Holding,
        limit: Duration,
    ) -> Result<(), Trouble> {
        if holding.bytes < COUNTED_BYTES_MAX {
            match self.count(of, None, limit).await {
                Ok(rows) => {
                    (holding.rows, holding.counted) = (rows.try_into().unwrap_or_default(), true);
                }
                Err(Trouble::Refused(_) | Trouble::TooSlow(_)) => {}
                Err(trouble) => return Err(trouble),
            }
        }
        match self.newest(of, "_id", limit).await {
            Ok(Said::Time(time)) => holding.newest = Some(time),
            Ok(Said::Number(_) | Said::Nothing | Said::Sound | Said::Unsound(_))
            | Err(Trouble::Refused(_) | Trouble::TooSlow(_)) => {}
            Err(trouble) => return Err(trouble),
        }
        Ok(())
    }
}

async fn within<T>(
    limit: Duration,
    asked: impl Future<Output = Result<T, Trouble>>,
) -> Result<T, Trouble> {
    timeout(limit + GRACE, asked).await.unwrap_or_else(|_| Err(trouble::silent(limit)))
}

fn ms(limit: Duration) -> i64 {
    i64::try_from(limit.as_millis().max(1)).unwrap_or(i64::MAX)
}

fn strings(documents: Option<&bson::Array>, key: &str) -> Vec<String> {
    let documents = documents.into_iter().flatten().filter_map(Bson::as_document);
    documents.filter_map(|document| document.get_str(key).ok().map(String::from)).collect()
}

/// A field, or one within a document that is one.
fn at<'d>(document: &'d Document, field: &str) -> Option<&'d Bson> {
    match field.split_once('.') {
        Some((outer, inner)) => at(document.get(outer)?.as_document()?, inner),
        None => document.get(field),
    }
}

fn cell(value: Option<&Bson>) -> Cell {
    const OUT_OF_RANGE: Cell = Cell::Other("a time out of range");
    let time = |ms| Timestamp::from_millisecond(ms).map_or(OUT_OF_RANGE, Cell::Time);
    match value {
        None | Some(Bson::Null | Bson::Undefined) => Cell::Nothing,
        Some(Bson::DateTime(at)) => time(at.timestamp_millis()),
        Some(Bson::ObjectId(id)) => time(id.timestamp().timestamp_millis()),
        Some(Bson::Timestamp(at)) => time(i64::from(at.time) * 1000),
        Some(Bson::String(text)) => Cell::Text(text.clone()),
        Some(value) if number(value).is_some() => Cell::Other("a number"),
        Some(_) => Cell::Other("what is no time"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_within_documents() {
        let document = doc! { "a": { "b": { "c": 1 } }, "d": 2 };
        assert_eq!(at(&document, "a.b.c"), Some(&Bson::Int32(1)));
        assert_eq!(at(&document, "d"), Some(&Bson::Int32(2)));
        assert_eq!(at(&document, "d.e"), None);
    }
}
