//! Disputes: the debtor objects with a reason, contact stops, the creditor answers, and what is right is taken off.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Case, CasesError, Command, EventKind, HoldKind, Outcome, check_text, lock, place_hold, release_hold, save,
    store::disputes as store,
};
use crate::{
    db::{By, Conn},
    receivables,
    types::{CaseId, DisputeId, HoldId, Money, text_enum},
};

text_enum! {
    /// Why the debtor objects.
    pub enum DisputeReason {
        NotOrdered => "not_ordered",
        NotDelivered => "not_delivered",
        Defective => "defective",
        WrongAmount => "wrong_amount",
        AlreadyPaid => "already_paid",
        WrongDebtor => "wrong_debtor",
        Other => "other",
    }
}

text_enum! {
    /// Where a dispute stands.
    pub enum DisputeStatus {
        Open => "open",
        Upheld => "upheld",
        Rejected => "rejected",
        Settled => "settled",
    }
}

text_enum! {
    /// How the creditor answers.
    pub enum DisputeDecision {
        /// The debtor is right: nothing is owed.
        Uphold => "uphold",
        /// The claim stands.
        Reject => "reject",
        /// Part of it is taken off.
        Settle => "settle",
    }
}

/// An objection and its answer.
#[derive(Debug, Clone, QueryableByName, Serialize, ToSchema)]
pub struct Dispute {
    #[diesel(sql_type = SqlUuid)]
    pub id: DisputeId,
    #[diesel(sql_type = SqlUuid)]
    pub case_id: CaseId,
    #[serde(skip)]
    #[diesel(sql_type = SqlUuid)]
    pub(in crate::cases) hold_id: HoldId,
    #[diesel(sql_type = Text)]
    pub reason: DisputeReason,
    #[diesel(sql_type = Text)]
    pub statement: String,
    #[diesel(sql_type = Text)]
    pub status: DisputeStatus,
    #[diesel(sql_type = BigInt)]
    pub reduction_minor: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub resolution: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub opened_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub resolved_at: Option<DateTime<Utc>>,
}

/// The creditor's answer.
#[derive(Debug)]
pub struct Resolution<'a> {
    pub decision: DisputeDecision,
    /// What is taken off the principal; with `settle` only.
    pub reduction: Option<Money>,
    /// For the debtor to read.
    pub note: &'a str,
}

/// Opens a dispute: everything pending stops until it is resolved.
///
/// # Errors
/// The case is closed, or the statement is empty or endless.
pub async fn open_dispute(
    conn: &mut Conn<'_>,
    by: &By,
    case_id: CaseId,
    reason: DisputeReason,
    statement: &str,
) -> Result<(Case, DisputeId), CasesError> {
    check_text(statement)?;
    let mut case = lock(conn, by, case_id).await?;
    case.must_be_open("disputed")?;
    let hold = place_hold(conn, by, &mut case, HoldKind::Dispute, reason.as_str(), None).await?;
    let id = DisputeId::fresh();
    let dispute = store::Insert { id, case: case.id, creditor: case.creditor, hold, reason, statement, opened_at: by.at };
    store::insert(conn, &dispute).await?;
    case.record(by, EventKind::DisputeOpened, json!({ "dispute_id": id, "reason": reason }));
    save(conn, by, &mut case).await?;
    Ok((case, id))
}

/// The creditor resolves a dispute; contact resumes, or the case closes when the debtor is right.
///
/// # Errors
/// No such dispute, resolved before, or a reduction that the principal does not bear.
pub async fn resolve_dispute(
    conn: &mut Conn<'_>,
    by: &By,
    id: DisputeId,
    resolution: &Resolution<'_>,
) -> Result<Case, CasesError> {
    check_text(resolution.note)?;
    let seen = store::find(conn, id).await?.ok_or(CasesError::NoSuch("dispute"))?;
    let mut case = lock(conn, by, seen.case_id).await?;
    let dispute = store::find(conn, id).await?.ok_or(CasesError::NoSuch("dispute"))?;
    if dispute.status != DisputeStatus::Open {
        return Err(CasesError::AlreadyDone(dispute.status.as_str()));
    }
    let (status, reduction_minor) = match resolution.decision {
        DisputeDecision::Uphold => (DisputeStatus::Upheld, 0),
        DisputeDecision::Reject => (DisputeStatus::Rejected, 0),
        DisputeDecision::Settle => (DisputeStatus::Settled, reduce(conn, by, &mut case, resolution.reduction).await?),
    };
    let answer = store::Resolve { status, reduction_minor, resolution: resolution.note, resolved_at: by.at, id };
    store::set_resolution(conn, &answer).await?;
    let data = json!({ "dispute_id": id, "status": status, "reduction_minor": reduction_minor });
    case.record(by, EventKind::DisputeResolved, data);
    release_hold(conn, by, &mut case, dispute.hold_id).await?;
    if status == DisputeStatus::Upheld {
        case.carry_out(
            by,
            Command::Close(Outcome::Invalid),
            EventKind::Closed,
            json!({ "outcome": Outcome::Invalid, "reason": "dispute upheld" }),
        )?;
    }
    save(conn, by, &mut case).await?;
    Ok(case)
}

/// Takes a reduction off the open principal; at least one minor unit stays owed.
async fn reduce(conn: &mut Conn<'_>, by: &By, case: &mut Case, reduction: Option<Money>) -> Result<i64, CasesError> {
    let open = case.principal();
    let reduction = reduction.filter(|money| money.currency == open.currency && money.is_positive() && money.minor < open.minor);
    let reduction = reduction.ok_or(CasesError::Reduction(open))?;
    receivables::reduce_principal(conn, by, case.id, reduction).await?;
    case.principal_minor -= reduction.minor;
    Ok(reduction.minor)
}

/// Disputes of a case, oldest first.
///
/// # Errors
/// The database fails.
pub async fn list_disputes(conn: &mut Conn<'_>, _by: &By, case: CaseId) -> Result<Vec<Dispute>, CasesError> {
    Ok(store::list_of_case(conn, case).await?)
}
