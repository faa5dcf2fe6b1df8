//! All SQL of credit.

pub(super) mod limits;
pub(super) mod records;
pub(super) mod risks;
pub(super) mod scores;
