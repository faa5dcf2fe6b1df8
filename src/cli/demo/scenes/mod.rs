//! The chapters of the story, one file each.

pub mod opening;
pub mod paid_at_once;
