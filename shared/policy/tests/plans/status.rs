//! How databases stand: one row each.

use snapkeep_policy::status::rows;

use crate::fixtures::*;

#[test]
fn a_database_without_anything_has_a_row_all_the_same() {
    let fleet = Fleet::of([cluster("shepherd")]);
    let document = document(&policy(&[]));
    let rows = rows(&fleet.view(&document, "2026-03-06T12:00:00Z"));
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].database.as_str(), rows[0].newest), ("shepherd", None));
    assert_eq!((rows[0].recovery_points, rows[0].verdict), (0, None));
}
