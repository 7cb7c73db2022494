//! The composition root: clock, schedule, the three cycles, retention, reload.

pub mod editor;
