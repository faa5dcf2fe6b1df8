//! The part of `bank` that reads files.

#[path = "../src/bank/readers/mod.rs"]
pub mod readers;
#[path = "../src/bank/refusal.rs"]
pub mod refusal;
#[path = "../src/bank/statement.rs"]
pub mod statement;
