//! Which policy protects which database.
