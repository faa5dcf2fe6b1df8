//! Scores of customers as they stand, and as they stood each time that something happened.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    CreditError,
    score::{Contribution, Record, Score, score},
    store::{records, scores},
};
use crate::{
    cases::EventKind,
    db::{By, Conn},
    receivables,
    types::{CaseId, DebtorId, OrgId, clock::day_in},
};

/// What changes a score.
const TELLING: &[EventKind] = &[
    EventKind::Posted,
    EventKind::PromiseKept,
    EventKind::PromiseBroken,
    EventKind::PlanBroken,
    EventKind::CircumstanceStated,
    EventKind::HoldReleased,
    EventKind::PaymentConfirmed,
    EventKind::PaymentReversed,
    EventKind::Credited,
    EventKind::Closed,
    EventKind::Reopened,
];

/// A score as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PastScore {
    pub scored_at: DateTime<Utc>,
    pub paid_30_bp: i64,
    pub paid_60_bp: i64,
    pub paid_90_bp: i64,
    pub days_late_hundredths: i64,
    pub contributions: Vec<Contribution>,
    #[schema(example = "pay-1")]
    pub formula: String,
}

/// What a customer did towards its creditor; records that were merged into it count with it.
///
/// # Errors
/// The database fails.
pub async fn records_of(conn: &mut Conn<'_>, creditor: OrgId, debtor: DebtorId, on: NaiveDate) -> Result<Record, CreditError> {
    Ok(records::find(conn, creditor, debtor, on).await?)
}

/// The score of a customer that `by` may see, as of now.
///
/// # Errors
/// Not visible.
pub async fn score_of(conn: &mut Conn<'_>, by: &By, debtor: DebtorId) -> Result<Score, CreditError> {
    let debtor = receivables::find_debtor(conn, by, debtor).await?;
    Ok(score(&records_of(conn, debtor.creditor_id, debtor.id, day_in(chrono_tz::UTC, by.at)).await?))
}

/// The last scores of a customer, the latest first.
///
/// # Errors
/// The database fails.
pub async fn past_scores(conn: &mut Conn<'_>, debtor: DebtorId, limit: i64) -> Result<Vec<PastScore>, CreditError> {
    Ok(scores::list(conn, debtor, limit).await?)
}

/// Something happened on a case: its customer is scored anew, and the score kept if it is another than the one before. Harmless
/// when repeated.
///
/// # Errors
/// The database fails.
pub async fn score_on_event(conn: &mut Conn<'_>, by: &By, case: CaseId, seqs: (i32, i32)) -> Result<(), CreditError> {
    let Some((creditor, debtor)) = scores::find_told_of(conn, case, seqs, TELLING).await? else { return Ok(()) };
    let score = score(&records_of(conn, creditor, debtor, day_in(chrono_tz::UTC, by.at)).await?);
    let last = scores::list(conn, debtor, 1).await?;
    if last.first().is_some_and(|last| last.contributions == score.contributions && last.paid_90_bp == score.paid_90_bp) {
        return Ok(());
    }
    Ok(scores::insert(conn, (creditor, debtor), &score, by.at).await?)
}
