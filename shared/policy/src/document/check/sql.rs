//! Whether the SQL of a check is one statement that only reads.
//!
//! The database itself refuses writes too: the check runs in a read-only transaction, in a scratch
//! database. This is the earlier and cheaper refusal, and it errs on the strict side. The databases
//! read several dialects, so whatever one of them might read differently is refused: comments
//! (MySQL executes some), `#` and `$$` outside of quotes, and backslashes anywhere (in MySQL, not
//! in PostgreSQL, one hides a quote).

/// Statements that begin like this return rows, and writing ones don't begin like this.
const READERS: [&str; 5] = ["select", "show", "table", "values", "with"];

/// Words that make a statement write, lock or leave the database, wherever they stand.
const WRITERS: [&str; 25] = [
    "alter",
    "benchmark",
    "call",
    "copy",
    "create",
    "delete",
    "do",
    "drop",
    "dumpfile",
    "execute",
    "get_lock",
    "grant",
    "insert",
    "into",
    "load_file",
    "merge",
    "nextval",
    "outfile",
    "pg_sleep",
    "revoke",
    "set_config",
    "setval",
    "sleep",
    "truncate",
    "update",
];

/// Names that begin like this reach out of the query: large objects, other servers, the server's
/// files and its other sessions.
const WRITER_PREFIXES: [&str; 8] = [
    "dblink",
    "lo_",
    "pg_advisory",
    "pg_cancel",
    "pg_ls_",
    "pg_read_",
    "pg_terminate",
    "query_to_xml",
];

const READER: &str = "a statement that begins with select, with, show, table or values";

/// A statement longer than this is no question any more.
const BYTES_MAX: usize = 4096;

/// The offending part and what is expected instead, if `sql` isn't one reading statement.
pub(super) fn refusal(sql: &str) -> Option<(String, &'static str)> {
    if sql.len() > BYTES_MAX {
        return Some((format!("{} bytes", sql.len()), "at most 4096 bytes"));
    }
    let words = match words(sql) {
        Ok(words) => words,
        Err(refusal) => return Some(refusal),
    };
    let refused = |word: &str, expected| Some((word.to_owned(), expected));
    match words.first() {
        Some(first) if READERS.contains(&first.as_str()) => {}
        Some(first) => return refused(first, READER),
        None => return refused(sql, READER),
    }
    let writer = words.iter().find(|word| {
        WRITERS.contains(&word.as_str())
            || WRITER_PREFIXES.iter().any(|prefix| word.starts_with(prefix))
    });
    if let Some(word) = writer {
        return refused(word, "one statement that only reads");
    }
    let locks = |pair: &&[String]| {
        matches!((&*pair[0], &*pair[1]), ("for", "share" | "no" | "key") | ("lock", "in"))
    };
    match words.windows(2).find(locks) {
        Some(pair) => refused(&pair.join(" "), "one statement that only reads, without locks"),
        None => None,
    }
}

/// The words outside of quotes, in small letters, or why the text can't be told apart for sure.
fn words(sql: &str) -> Result<Vec<String>, (String, &'static str)> {
    let mut words = Vec::new();
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\'' | '"' | '`' => quoted_length(rest, c)?,
            ';' if rest[1..].trim().is_empty() => break,
            ';' => return Err((rest.to_owned(), "one statement only")),
            '\\' | '#' | '$' => return Err((c.to_string(), UNSURE)),
            _ if c.is_control() && !c.is_whitespace() => return Err((c.to_string(), UNSURE)),
            _ if rest.starts_with("--") || rest.starts_with("/*") => {
                return Err((rest[..2].to_owned(), UNSURE));
            }
            _ if is_word(c) => {
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                words.push(rest[..length].to_lowercase());
                length
            }
            _ => c.len_utf8(),
        };
        rest = &rest[length..];
    }
    Ok(words)
}

const UNSURE: &str = "SQL without comments, backslashes, # and $";

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of what `text` begins with, quotes included. A doubled quote reads as the end and
/// another beginning, which comes to the same.
fn quoted_length(text: &str, quote: char) -> Result<usize, (String, &'static str)> {
    let Some(end) = text[1..].find(quote) else {
        return Err((text.to_owned(), "a closing quote"));
    };
    let inside = &text[1..=end];
    if inside.contains(['\\', '\0']) {
        return Err((text[..end + 2].to_owned(), UNSURE));
    }
    Ok(end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_accepted() {
        for sql in [
            "select count(*) from users",
            "SELECT max(updated_at) FROM orders WHERE note <> 'please update; delete -- me'",
            "select count(*) from \"update\"",
            "select count(*) from `delete` where name = 'O''Brien';",
            "with recent as (select 1 from t where deleted_at is null) select count(*) from recent",
            "select extract(epoch from created_at)\nfrom updates\nlimit 1 ;  ",
            "select substring(name from 1 for 3) from t",
            "show tables",
            "table users",
            "select a - -1, b/2 from t",
        ] {
            assert_eq!(refusal(sql), None, "{sql}");
        }
    }

    #[test]
    fn what_writes_locks_or_is_more_than_one_statement_is_refused() {
        for (sql, part) in [
            ("", ""),
            (";", ";"),
            ("drop table users", "drop"),
            ("truncate users", "truncate"),
            ("explain analyze delete from users", "explain"),
            ("(select 1) union select 2; drop table users", "; drop table users"),
            ("select 1; select 2", "; select 2"),
            ("select 1;;", ";;"),
            ("with gone as (delete from users returning 1) select count(*) from gone", "delete"),
            ("with x as (UPDATE users set a = 1 returning 1) select 1 from x", "update"),
            ("select * into backup from users", "into"),
            ("select 1 into outfile '/tmp/x'", "into"),
            ("select id from users for update", "update"),
            ("select id from users for no key update", "update"),
            ("select id from users for share", "for share"),
            ("select id from users lock in share mode", "lock in"),
            ("select nextval('ids')", "nextval"),
            ("select pg_terminate_backend(1)", "pg_terminate_backend"),
            ("select lo_import('/etc/passwd')", "lo_import"),
            ("select sleep(100)", "sleep"),
            ("select 1 /*! ; drop table users */", "/*"),
            ("select 1 -- ; drop", "--"),
            ("select 1 # ; drop", "#"),
            ("select $$'$$; drop table users; select '1'", "$"),
            (r"select 'a\'; drop table users; select '", r"'a\'"),
            (r"select E'\'' from t", r"'\'"),
            ("select 'open", "'open"),
            ("select \"open", "\"open"),
            ("select 1\0", "\0"),
            ("select '\0'", "'\0'"),
            ("größe", "größe"),
        ] {
            assert_eq!(refusal(sql).map(|(part, _)| part).as_deref(), Some(part), "{sql}");
        }
        let long = format!("select '{}'", "x".repeat(BYTES_MAX));
        assert_eq!(refusal(&long), Some(("4105 bytes".to_owned(), "at most 4096 bytes")));
    }
}
