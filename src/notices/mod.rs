//! What an organisation should know about: kept for its portal, mailed in its language. Reads what other slices wrote;
//! nobody imports it.
//!
//! What may never happen here: a debtor's name in a notice; an organisation told of what it may not see; a thing told twice,
//! however often its job runs.

pub mod alerts;
pub mod api;
mod audience;
pub mod digests;
mod error;
pub mod jobs;
mod mails;
mod notification;
pub mod reminders;
mod store;
pub mod topics;

pub use error::NoticesError;
pub use mails::page_of;
pub use notification::{Notification, Telling, list, read, read_all, tell_of_events, tell_of_offer};
