//! All SQL of the market, by table.

pub(super) mod engagements;
pub(super) mod listings;
pub(super) mod mandates;
pub(super) mod offers;
pub(super) mod qualification;
pub(super) mod saved_searches;
mod search;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::db::DbError;

/// JSON that was frozen in a row, read back.
fn parse<T: DeserializeOwned>(value: Value) -> Result<T, DbError> {
    serde_json::from_value(value).map_err(|error| DbError::Other(diesel::result::Error::DeserializationError(error.into())))
}

fn written(value: &impl Serialize) -> Result<Value, DbError> {
    serde_json::to_value(value).map_err(|error| DbError::Other(diesel::result::Error::SerializationError(error.into())))
}
