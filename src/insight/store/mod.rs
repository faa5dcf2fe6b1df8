//! All SQL of insight. Reads of what other slices wrote, each one look over the rows that it needs.

pub(super) mod causes;
pub(super) mod customer;
pub(super) mod kept;
pub(super) mod owed;
pub(super) mod payments;
pub(super) mod provisions;
pub(super) mod pursuit;
pub(super) mod responses;
pub(super) mod treasury_mails;
