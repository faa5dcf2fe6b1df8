//! The part of `settlement` that a bank's report speaks of.

#[path = "../src/settlement/batches/said.rs"]
pub mod batches;
