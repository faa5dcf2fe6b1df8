//! What an organisation should know about: kept for its portal, mailed in its language. Reads what other slices wrote;
//! nobody imports it.
//!
//! What may never happen here: a debtor's name in a notice; an organisation told of what it may not see; a thing told twice,
//! however often its job runs.

pub mod alerts;
pub mod api;
mod audience;
mod error;
pub mod jobs;
mod mails;
mod notification;
pub mod reminders;
mod store;

pub use error::NoticesError;
pub use notification::{Notification, Telling, list, read, tell_of_events, tell_of_offer};
