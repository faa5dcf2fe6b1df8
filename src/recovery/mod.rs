//! Carrying cases through their strategies without costing the creditor its customer.

pub mod evaluation;
pub mod hours;
pub mod policy;
pub mod strategy;
