//! The table of permissions as it is written in `permissions.json`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::doctor::Function;

const TABLE: &str = include_str!("permissions.json");

/// Condition keys and their values.
pub(super) type Context = BTreeMap<String, Vec<String>>;

#[derive(Debug, Deserialize)]
pub(super) struct Table {
    pub(super) contexts: BTreeMap<String, Context>,
    pub(super) rows: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub(super) of: Vec<Function>,
    pub(super) may: bool,
    pub(super) r#in: Where,
    #[serde(default)]
    pub(super) when: Option<When>,
    #[serde(default)]
    pub(super) with: Vec<String>,
    pub(super) actions: Vec<String>,
    pub(super) resources: Vec<String>,
    pub(super) why: String,
}

/// The regions for which a row counts.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Where {
    Seen,
    Homes,
    Sources,
    Copies,
    Restores,
    Rehearsals,
    Home,
    Here,
}

/// What a row counts for alone.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum When {
    RestoreTests,
}

impl Table {
    /// Reads it.
    ///
    /// # Panics
    /// If it isn't what these types say: a test reads it.
    pub(super) fn read() -> Self {
        serde_json::from_str(TABLE).expect("a test reads the table")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_row_names_contexts_that_there_are_and_says_why() {
        let table = Table::read();
        assert!(table.rows.len() > 50, "{} rows", table.rows.len());
        for row in &table.rows {
            for name in &row.with {
                assert!(table.contexts.contains_key(name), "{name} of {:?}", row.actions);
            }
            assert!(!row.why.is_empty() && !row.actions.is_empty() && !row.of.is_empty());
        }
        let used: BTreeSet<&String> = table.rows.iter().flat_map(|row| &row.with).collect();
        assert_eq!(used, table.contexts.keys().collect(), "a context that nothing uses");
    }

    #[test]
    fn nothing_is_both_needed_and_forbidden() {
        let table = Table::read();
        let said = |may: bool| {
            let rows = table.rows.iter().filter(move |row| row.may == may);
            rows.flat_map(|row| {
                let pairs =
                    row.actions.iter().flat_map(|a| row.resources.iter().map(move |r| (a, r)));
                pairs.flat_map(|pair| row.of.iter().map(move |function| (*function, pair)))
            })
            .collect::<BTreeSet<_>>()
        };
        assert_eq!(said(true).intersection(&said(false)).next(), None);
    }
}
