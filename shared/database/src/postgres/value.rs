//! PostgreSQL's binary values, as far as they can be an answer.

use std::error::Error;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use tokio_postgres::types::{FromSql, Type};

use crate::cell::{Cell, Wanted};

/// A column's value, whatever its type is.
pub(super) struct Value(pub(super) Cell);

type Read = Result<Value, Box<dyn Error + Sync + Send>>;

impl<'a> FromSql<'a> for Value {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Read {
        let cell = match *kind {
            Type::INT2 => Cell::Number(i16::from_sql(kind, raw)?.into()),
            Type::INT4 => Cell::Number(i32::from_sql(kind, raw)?.into()),
            Type::INT8 => Cell::Number(i64::from_sql(kind, raw)?),
            Type::OID => Cell::Number(u32::from_sql(kind, raw)?.into()),
            Type::FLOAT4 => Cell::float(f32::from_sql(kind, raw)?.into()),
            Type::FLOAT8 => Cell::float(f64::from_sql(kind, raw)?),
            Type::NUMERIC => numeric(raw),
            Type::TIMESTAMPTZ => Timestamp::from_sql(kind, raw).map_or(OUT_OF_RANGE, Cell::Time),
            Type::TIMESTAMP => DateTime::from_sql(kind, raw).map_or(OUT_OF_RANGE, Cell::utc),
            Type::DATE => Date::from_sql(kind, raw)
                .map_or(OUT_OF_RANGE, |date| Cell::utc(date.to_datetime(Time::midnight()))),
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME => {
                Cell::Text(String::from_sql(kind, raw)?)
            }
            _ => Cell::Other("what is neither a number nor a time"),
        };
        Ok(Self(cell))
    }

    fn from_sql_null(_: &Type) -> Read {
        Ok(Self(Cell::Nothing))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

const OUT_OF_RANGE: Cell = Cell::Other("a time out of range");

/// Why a column of this type can't be an answer, before a single value is read.
pub(super) fn unfit(kind: &Type, wanted: Wanted) -> Option<&'static str> {
    let is_text = matches!(*kind, Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME);
    let is_time = matches!(*kind, Type::TIMESTAMPTZ | Type::TIMESTAMP | Type::DATE);
    let is_number = matches!(
        *kind,
        Type::INT2 | Type::INT4 | Type::INT8 | Type::OID | Type::FLOAT4 | Type::FLOAT8
    ) || *kind == Type::NUMERIC;
    match wanted {
        Wanted::Number if is_number => None,
        Wanted::Time if is_time || is_text => None,
        Wanted::Number if is_text => Some("text"),
        Wanted::Number if is_time => Some("a time"),
        Wanted::Time if is_number => Some("a number"),
        Wanted::Number | Wanted::Time => Some("what is neither a number nor a time"),
    }
}

/// A `numeric`: digits to the base of 10 000, the weight of the first, a sign.
///
/// Source: PostgreSQL, `numeric_send` in `utils/adt/numeric.c`.
fn numeric(raw: &[u8]) -> Cell {
    const NEGATIVE: i64 = 0x4000;
    let words = raw.chunks_exact(2).map(|word| i64::from(u16::from_be_bytes([word[0], word[1]])));
    let words: Vec<i64> = words.collect();
    let [_, weight, sign, _, digits @ ..] = words.as_slice() else {
        return Cell::Other("a number in an unknown form");
    };
    if *sign > NEGATIVE {
        return Cell::Other("what is no number");
    }
    // The weight is signed; below zero there are only digits behind the point.
    let whole = if *weight > 0x7FFF { 0 } else { usize::try_from(*weight + 1).unwrap_or(0) };
    if digits.iter().skip(whole).any(|digit| *digit != 0) {
        return Cell::Other("a number that isn't whole");
    }
    let digits = digits.iter().copied().chain(std::iter::repeat(0)).take(whole);
    let mut digits = digits;
    let number = digits.try_fold(0_i64, |number, digit| {
        number.checked_mul(10_000).and_then(|number| number.checked_add(digit))
    });
    match number {
        Some(number) if *sign == NEGATIVE => Cell::Number(-number),
        Some(number) => Cell::Number(number),
        None => Cell::Other("a number out of range"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[u16]) -> Option<i64> {
        let raw: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        match numeric(&raw) {
            Cell::Number(number) => Some(number),
            Cell::Nothing | Cell::Time(_) | Cell::Text(_) | Cell::Other(_) => None,
        }
    }

    #[test]
    fn a_numeric_is_read_digit_by_digit() {
        assert_eq!(read(&[0, 0, 0, 0]), Some(0));
        assert_eq!(read(&[1, 0, 0, 0, 42]), Some(42));
        assert_eq!(read(&[1, 0, 0x4000, 2, 42]), Some(-42));
        assert_eq!(read(&[2, 1, 0, 0, 1, 2345]), Some(12_345));
        // A trailing group of zeros isn't sent.
        assert_eq!(read(&[1, 1, 0, 0, 5]), Some(50_000));
    }

    #[test]
    fn a_fraction_or_no_number_is_none() {
        assert_eq!(read(&[2, 0, 0, 1, 1, 5000]), None);
        assert_eq!(read(&[1, 0xFFFF, 0, 1, 5000]), None);
        assert_eq!(read(&[0, 0, 0xC000, 0]), None);
        assert_eq!(read(&[0, 0, 0xD000, 0]), None);
        assert_eq!(read(&[1, 9, 0, 0, 1]), None);
        assert_eq!(read(&[]), None);
    }
}
