//! The market: anonymous listings, a published take-now price, sealed offers, awards, mandates and engagements.

pub mod award;
pub mod card;
pub mod price;
pub mod reasons;
mod region;
pub mod sector;
