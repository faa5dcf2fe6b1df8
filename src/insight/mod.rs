//! Insight: what a creditor's own records say when they are summed up. It reads what other slices wrote and changes nothing of
//! theirs; nothing imports it.
//!
//! What may never happen here: two currencies in one sum; a figure where there is nothing to reckon it from; a report that a later
//! reader of the same day would not get again.
//!
//! Every report is for a day. Invoices count from the day they were issued, payments from the day they were received until the day
//! they were taken back, credits from the day they were issued, whenever each of them reached us (`docs/insight.md`).

pub mod api;
mod error;
pub mod forecast;
pub mod formulas;
pub mod overview;
pub mod period;
pub mod provisions;
pub mod report;
mod reports;
mod store;
pub mod treasury;
pub mod treasury_mails;

pub use error::InsightError;
pub use report::{Block, Figure, Grouping, Key, KeyKind, Measure, Report, ReportKind, Row, Value};
pub use reports::draw;
