//! Entente: a marketplace for unpaid invoices that keeps the customer.
//!
//! Folders are the words of the trade. Each slice opens with what it is and what may never happen in it.
//! Imports run one way (`tests/it/architecture.rs` holds the table).

pub mod app;
pub mod bank;
pub mod cases;
pub mod clock;
pub mod config;
pub mod credit;
pub mod db;
pub mod health;
pub mod http;
pub mod insight;
pub mod jobs;
pub mod keys;
pub mod ledger;
pub mod mailer;
pub mod market;
pub mod notices;
pub mod pages;
pub mod paper;
pub mod parties;
pub mod payments;
pub mod portal;
pub mod receivables;
pub mod recovery;
pub mod routes;
pub mod server;
pub mod settlement;
pub mod types;
pub mod uploads;
pub mod vault;
pub mod workers;
