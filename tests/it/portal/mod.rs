//! The portals from outside, as a browser sees them.

mod access;
pub mod browser;
mod contacts;
mod exports;
mod hostile;
mod journeys;
mod money;
mod passwords;
mod queries;
mod second_factor;
mod sessions;
mod strategies;
