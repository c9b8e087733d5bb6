//! How all of snapkeep's pages look: scales, shapes and words. Their style and the macros that draw
//! are in `templates/look`.

pub mod ages;
pub mod answer;
pub mod chart;
pub mod mark;
pub mod text;
