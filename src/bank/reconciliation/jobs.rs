//! The daily run.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{BankError, remittances};
use crate::{
    app::App,
    db::{By, Scope},
    jobs::JobError,
};

/// A day begins.
#[derive(Debug, Serialize, Deserialize)]
pub struct Run {
    pub day: NaiveDate,
}

impl Run {
    pub const KIND: &str = "bank.reconciliation";
}

/// Reconciles, and reminds. Done twice it writes the same list, and nobody is told twice.
///
/// # Errors
/// The database fails.
pub async fn run(app: &App, due: Run) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    let run = app.db.transaction(Scope::System, async |conn| {
        remittances::remind(conn, &by, due.day).await?;
        super::run(conn, &by, due.day).await
    });
    let run = run.await.map_err(|error: BankError| JobError::from(error))?;
    metrics::gauge!("entente_reconciliation_differences")
        .set(f64::from(u32::try_from(run.differences.len()).unwrap_or(u32::MAX)));
    Ok(())
}
