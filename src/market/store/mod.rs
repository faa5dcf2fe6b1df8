//! All SQL of the market, by table.

pub(super) mod complaints;
pub(super) mod desk;
pub(super) mod engagements;
pub(super) mod frameworks;
pub(super) mod listings;
pub(super) mod mandates;
pub(super) mod offers;
pub(super) mod pools;
pub(super) mod qualification;
pub(super) mod questions;
pub(super) mod saved_searches;
pub(super) mod scores;
mod search;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    db::DbError,
    types::{BasisPoints, FeeSchedule},
};

/// JSON that was frozen in a row, read back.
fn parse<T: DeserializeOwned>(value: Value) -> Result<T, DbError> {
    serde_json::from_value(value).map_err(|error| DbError::Other(diesel::result::Error::DeserializationError(error.into())))
}

/// A fee agreement as its column holds it: nothing for a plain share, which stands in `fee_bp`.
fn fee_column(fee: &FeeSchedule) -> Result<Option<Value>, DbError> {
    if fee.plain_rate().is_some() { Ok(None) } else { written(fee).map(Some) }
}

/// A fee agreement from its two columns.
fn fee_schedule(column: Option<Value>, rate_bp: BasisPoints) -> Result<FeeSchedule, DbError> {
    column.map_or(Ok(FeeSchedule::Success { rate_bp }), parse)
}

fn written(value: &impl Serialize) -> Result<Value, DbError> {
    serde_json::to_value(value).map_err(|error| DbError::Other(diesel::result::Error::SerializationError(error.into())))
}
