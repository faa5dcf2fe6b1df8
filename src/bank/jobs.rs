//! Jobs of bank statements: match what arrived, then post what is certain, a turn at a time.

use serde::{Deserialize, Serialize};

use super::{post_certain, reconcile};
use crate::{app::App, jobs::JobError, payments::House, types::BankStatementId};

/// A file was taken.
#[derive(Debug, Serialize, Deserialize)]
pub struct Match {
    pub statement_id: BankStatementId,
}

impl Match {
    pub const KIND: &str = "bank.match";
}

/// Looks for what the entries of a file pay, and posts what is certain. Killed half-way it goes on where it was: each entry
/// says how far it is.
///
/// # Errors
/// The database fails.
pub async fn match_statement(app: &App, of: Match) -> Result<(), JobError> {
    reconcile(app, of.statement_id).await?;
    Ok(post_certain(app, &House::of(app), of.statement_id).await?)
}
