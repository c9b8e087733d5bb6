//! alarm: judges the observed world against the objectives, and says so once.
