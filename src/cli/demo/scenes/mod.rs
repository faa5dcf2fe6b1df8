//! The chapters of the story, one file each.

pub mod dispute;
pub mod in_parts;
pub mod opening;
pub mod paid_at_once;
pub mod promise;
pub mod recalled;
pub mod second_agency;
pub mod take_now;
pub mod untraceable;
