//! Names of the schema, quoted so that they can only be names.

/// A quoted identifier of PostgreSQL.
pub(crate) fn double_quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A quoted identifier of MySQL and MariaDB.
pub(crate) fn back_quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// `table` or `schema.table`, each part quoted for itself.
pub(crate) fn path(name: &str, quote: fn(&str) -> String) -> String {
    name.split('.').map(quote).collect::<Vec<_>>().join(".")
}

/// The first few of many names, for a sentence.
pub(crate) fn few(names: &[String], total: usize) -> String {
    let shown = &names[..names.len().min(3)];
    let more = total.saturating_sub(shown.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_in_a_name_does_not_end_it() {
        assert_eq!(path(r#"shop.or"ders"#, double_quoted), r#""shop"."or""ders""#);
        assert_eq!(path("shop.or`ders", back_quoted), "`shop`.`or``ders`");
        assert_eq!(path("Orders", double_quoted), r#""Orders""#);
    }

    #[test]
    fn only_the_first_three_of_many_are_named() {
        let names: Vec<String> = ["a", "b", "c", "d"].map(String::from).into();
        assert_eq!(few(&names[..2], 2), "a, b");
        assert_eq!(few(&names, 7), "a, b, c and 4 more");
    }
}
