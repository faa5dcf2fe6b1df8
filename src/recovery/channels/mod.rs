//! How a step reaches the debtor. Each prepares what is to leave, in the transaction that decides to send it.

pub mod call;
pub mod letter;
pub mod mail;
pub mod webhook;
