//! Jobs of recovery.

use serde::{Deserialize, Serialize};

use super::{RecoveryError, delivery};
use crate::{app::App, jobs::JobError, types::DeliveryId};

/// A message is to leave.
#[derive(Debug, Serialize, Deserialize)]
pub struct Deliver {
    pub delivery_id: DeliveryId,
}

impl Deliver {
    pub const KIND: &'static str = "recovery.deliver";
}

/// Lets a message leave, if it still may.
///
/// # Errors
/// The mail server is away or busy; the database fails.
pub async fn deliver(app: &App, deliver: Deliver) -> Result<(), JobError> {
    delivery::deliver(app, deliver.delivery_id).await
}

impl From<RecoveryError> for JobError {
    fn from(error: RecoveryError) -> Self {
        if error.is_passing() { Self::Again(error.to_string()) } else { Self::Never(error.to_string()) }
    }
}
