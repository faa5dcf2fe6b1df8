//! The product from outside: HTTP against a real server, a real PostgreSQL, a database of its own for each test.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that meets the unexpected should stop with a loud message"
)]

mod access;
mod alerts;
mod answers;
mod architecture;
mod bank;
mod cases;
mod claims;
mod credit;
mod credits;
mod customers;
mod debtor_page;
mod demo;
mod disputes;
mod dry_run;
mod fee_invoices;
mod health;
mod intake;
mod ledger;
mod lifecycle;
mod limits;
mod market;
mod money_model;
mod notices;
mod parties;
mod payments;
mod payouts;
mod portal;
mod receivables;
mod reconciliation;
mod recovery;
mod reports;
mod settlement;
mod settlements;
mod stripe;
mod support;
mod uploads;
