//! The portals: pages for the people of creditors, agencies and the operator, over the same commands and queries as the API.
//!
//! A page meets several slices (who owes, what is asked, who bid, what came in), so pages stand on top of them, like
//! `routes`; nothing imports them. They hold no rule and no SQL: what a page shows a slice has read, what a form does a
//! command does, once per form, by the Idempotency-Key that the form carries.
//!
//! What may never happen here: a form that another site can send; a text of a person in a page as markup; a script, or a
//! style of a page's own; a number of queries that grows with the rows shown; what was typed lost to a mistake in it.

mod account;
mod alerts;
mod approvals;
mod bank;
mod case;
mod case_list;
mod complaints;
mod cookies;
mod customer;
mod documents;
mod exports;
mod faults;
mod fee_invoices;
mod fields;
mod health;
mod home;
mod invoices;
mod letters;
mod listing;
mod log_in;
mod mandates;
mod market;
mod members;
mod notifications;
mod organisations;
mod overview;
mod papers;
mod passwords;
mod payments;
mod payout_account;
mod payouts;
mod proof;
mod reconciliation;
mod reports;
pub mod routes;
mod second_factor;
mod shell;
mod sign_up;
mod statement;
mod strategies;
mod team;
mod threshold;
mod uploads;
mod visitor;
mod wordings;
mod work;

use fields::{Fields, Refused};
use shell::Shell;
use visitor::Visitor;
