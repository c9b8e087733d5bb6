//! MySQL's values, as far as they can be an answer.

use jiff::civil::DateTime;
use mysql_async::consts::ColumnType;
use mysql_async::{Column, Row, Value};

use crate::cell::{Cell, Wanted};

/// The character set of what is no text.
const BINARY: u16 = 63;

/// What a column holds, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Decimal,
    Time,
    Text,
    /// `select null` has no type of its own.
    Untyped,
    Other,
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the driver knows many more than can answer")]
fn kind(column: &Column) -> Kind {
    use ColumnType as T;
    match column.column_type() {
        T::MYSQL_TYPE_TINY
        | T::MYSQL_TYPE_SHORT
        | T::MYSQL_TYPE_INT24
        | T::MYSQL_TYPE_LONG
        | T::MYSQL_TYPE_LONGLONG
        | T::MYSQL_TYPE_FLOAT
        | T::MYSQL_TYPE_DOUBLE => Kind::Number,
        T::MYSQL_TYPE_DECIMAL | T::MYSQL_TYPE_NEWDECIMAL => Kind::Decimal,
        T::MYSQL_TYPE_DATE | T::MYSQL_TYPE_DATETIME | T::MYSQL_TYPE_TIMESTAMP => Kind::Time,
        T::MYSQL_TYPE_NULL => Kind::Untyped,
        T::MYSQL_TYPE_VARCHAR
        | T::MYSQL_TYPE_VAR_STRING
        | T::MYSQL_TYPE_STRING
        | T::MYSQL_TYPE_TINY_BLOB
        | T::MYSQL_TYPE_MEDIUM_BLOB
        | T::MYSQL_TYPE_LONG_BLOB
        | T::MYSQL_TYPE_BLOB
            if column.character_set() != BINARY =>
        {
            Kind::Text
        }
        _ => Kind::Other,
    }
}

/// Why a column of this type can't be an answer, before a single value is read.
pub(super) fn unfit(column: &Column, wanted: Wanted) -> Option<&'static str> {
    match (kind(column), wanted) {
        (Kind::Untyped, _)
        | (Kind::Number | Kind::Decimal, Wanted::Number)
        | (Kind::Time | Kind::Text, Wanted::Time) => None,
        (Kind::Number | Kind::Decimal, Wanted::Time) => Some("a number"),
        (Kind::Time, Wanted::Number) => Some("a time"),
        (Kind::Text, Wanted::Number) => Some("text"),
        (Kind::Other, _) => Some(OTHER),
    }
}

const OTHER: &str = "what is neither a number nor a time";

/// The value of a row's only column.
pub(super) fn cell(mut row: Row) -> Cell {
    let kind = row.columns_ref().first().map_or(Kind::Other, kind);
    match row.take::<Value, _>(0) {
        None => Cell::Other("no column"),
        Some(Value::NULL) => Cell::Nothing,
        Some(Value::Int(number)) => Cell::Number(number),
        Some(Value::UInt(number)) => {
            i64::try_from(number).map_or(Cell::Other("a number out of range"), Cell::Number)
        }
        Some(Value::Float(number)) => Cell::float(number.into()),
        Some(Value::Double(number)) => Cell::float(number),
        Some(Value::Bytes(bytes)) => match (kind, String::from_utf8(bytes)) {
            (Kind::Decimal, Ok(text)) => Cell::decimal(&text),
            (Kind::Text, Ok(text)) => Cell::Text(text),
            (_, _) => Cell::Other(OTHER),
        },
        Some(Value::Date(year, month, day, hour, minute, second, micros)) => {
            time([month, day, hour, minute, second], year, micros)
        }
        Some(Value::Time(..)) => Cell::Other("a span of time"),
    }
}

/// MySQL knows dates that no calendar has, such as the day 0.
fn time(parts: [u8; 5], year: u16, micros: u32) -> Cell {
    let [month, day, hour, minute, second] = parts.map(u8::cast_signed);
    let time = DateTime::new(
        year.cast_signed(),
        month,
        day,
        hour,
        minute,
        second,
        micros.saturating_mul(1000).cast_signed(),
    );
    time.map_or(Cell::Other("a time that no calendar has"), Cell::utc)
}
