//! The portals from outside, as a browser sees them.

pub mod browser;
mod sessions;
