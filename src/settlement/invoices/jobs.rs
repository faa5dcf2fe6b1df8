//! Invoices are issued after the settlement that they are for.

use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    db::{By, Scope},
    jobs::JobError,
    settlement::{self, SettlementError},
    types::PaymentId,
};

/// A payment was settled, or taken back.
#[derive(Debug, Serialize, Deserialize)]
pub struct Issue {
    pub payment_id: PaymentId,
}

impl Issue {
    pub const KIND: &str = "settlement.issue_invoices";
}

/// Issues what the fees of the payment are still to have, each in a transaction of its own.
///
/// # Errors
/// A party without a company number; the database fails.
pub async fn issue(app: &App, due: Issue) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    let list = app.db.transaction(Scope::System, async |conn| settlement::list_fees_of_payment(conn, &by, due.payment_id).await);
    for fee in list.await? {
        app.db.transaction(Scope::System, async |conn| super::issue(conn, &by, fee.id).await).await?;
    }
    Ok(())
}

impl From<SettlementError> for JobError {
    fn from(error: SettlementError) -> Self {
        if let SettlementError::Db(error) = error { Self::from(error) } else { Self::Again(error.to_string()) }
    }
}
