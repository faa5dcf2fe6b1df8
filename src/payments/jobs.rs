//! Jobs of payments.

use serde::{Deserialize, Serialize};

use super::{House, PaymentsError, allocation::AllocationRefusal, answer};
use crate::{
    app::App,
    db::{By, Scope},
    jobs::JobError,
    types::PaymentId,
};

/// The term in which a payment is answered has passed.
#[derive(Debug, Serialize, Deserialize)]
pub struct DefaultAnswer {
    pub payment_id: PaymentId,
}

/// Who said nothing agreed.
///
/// # Errors
/// The database fails; the payment is gone.
pub async fn default_answer(app: &App, due: DefaultAnswer) -> Result<(), JobError> {
    let (by, house) = (By::engine(app.clock.now()), House::of(app));
    let answered =
        app.db.transaction(Scope::System, async |conn| answer::answer_by_default(conn, &by, &house, due.payment_id).await);
    match answered.await {
        Err(PaymentsError::Allocation(refusal @ AllocationRefusal::Surplus { .. })) => {
            let why = refusal.to_string();
            let handed =
                app.db.transaction(Scope::System, async |conn| answer::hand_to_operator(conn, &by, due.payment_id, &why).await);
            Ok(handed.await?)
        }
        other => Ok(other?),
    }
}

impl From<PaymentsError> for JobError {
    fn from(error: PaymentsError) -> Self {
        if let PaymentsError::Db(error) = error { Self::from(error) } else { Self::Again(error.to_string()) }
    }
}
