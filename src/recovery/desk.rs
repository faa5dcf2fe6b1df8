//! Work for people, in the order in which it is due, each with its case; and what was written on a case. Reads alone.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Date, Text},
};

pub use super::runs::RunView;
use super::{
    Delivery, RecoveryError, Task, runs,
    store::{deliveries, desk as store},
};
use crate::{
    db::{By, Conn, Scope},
    receivables::{self, Document},
    types::{CaseId, Currency, DeliveryId, Money},
};

/// A task with what one wants to know before taking it up.
#[derive(Debug, QueryableByName)]
pub struct Work {
    #[diesel(embed)]
    pub task: Task,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Text)]
    pub debtor: String,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    principal_minor: i64,
    #[diesel(sql_type = Date)]
    pub oldest_due_on: chrono::NaiveDate,
}

impl Work {
    #[must_use]
    pub const fn principal(&self) -> Money {
        Money::new(self.principal_minor, self.currency)
    }

    #[must_use]
    pub fn is_late(&self, at: &DateTime<Utc>) -> bool {
        self.task.due_at < *at
    }
}

/// An organisation's own open tasks, the most pressing first.
///
/// # Errors
/// The database fails.
pub async fn work(conn: &mut Conn<'_>, by: &By, limit: i64) -> Result<Vec<Work>, RecoveryError> {
    match by.scope {
        Scope::Creditor(org) => Ok(store::work_of_creditor(conn, org, limit).await?),
        Scope::Agency(org) => Ok(store::work_of_agency(conn, org, limit).await?),
        Scope::Operator(_) | Scope::Debtor(_) | Scope::System => Ok(Vec::new()),
    }
}

/// The open tasks of a case that are `by`'s to do.
///
/// # Errors
/// The database fails.
pub async fn tasks_of_case(conn: &mut Conn<'_>, by: &By, case: CaseId) -> Result<Vec<Task>, RecoveryError> {
    let tasks = store::open_of_case(conn, case).await?;
    let own = |task: &Task| match by.scope {
        Scope::Creditor(_) => task.agency_id.is_none(),
        Scope::Agency(org) => task.agency_id == Some(org),
        Scope::Operator(_) | Scope::Debtor(_) | Scope::System => false,
    };
    Ok(tasks.into_iter().filter(own).collect())
}

/// A letter, print-ready.
///
/// # Errors
/// Not visible, or no letter.
pub async fn letter_of(conn: &mut Conn<'_>, by: &By, id: DeliveryId) -> Result<Document, RecoveryError> {
    let document = deliveries::document_of(conn, id).await?.ok_or(RecoveryError::NotFound("letter"))?;
    Ok(receivables::find_document(conn, by, document).await?)
}

/// The messages of a case, oldest first.
///
/// # Errors
/// The database fails.
pub async fn deliveries_of_case(conn: &mut Conn<'_>, _by: &By, case: CaseId) -> Result<Vec<Delivery>, RecoveryError> {
    Ok(deliveries::list_of_case(conn, case).await?)
}

/// The run of a case in the hands of whoever pursues it; none before the engine has begun with it.
///
/// # Errors
/// The database fails.
pub async fn run_of_case(conn: &mut Conn<'_>, by: &By, case: CaseId) -> Result<Option<RunView>, RecoveryError> {
    match runs::show(conn, by, case).await {
        Ok(run) => Ok(Some(run)),
        Err(RecoveryError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
