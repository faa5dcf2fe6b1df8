//! Credit: how likely each customer is to pay and when, how much it may owe, and what that suggests.
//!
//! What may never happen here: a score that does not say why; an input that is not the customer's own conduct towards this creditor
//! (no trait of a person, no place, no sector); a suggestion that acts by itself.

pub mod api;
mod error;
pub mod jobs;
pub mod limits;
pub mod recommendations;
pub mod risks;
pub mod score;
mod scoring;
mod store;

pub use error::CreditError;
pub use limits::{CreditLimit, LimitSetting};
pub use risks::{CustomerAtRisk, over_limit, worsened};
pub use score::{Contribution, Score, ScoreReason};
pub use scoring::{PastScore, past_scores, records_of, score_of, score_on_event};
