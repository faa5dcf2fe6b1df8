//! Holds: dated, reasoned stops of contact. The engine resumes by itself when the last one ends.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Case, CasesError, EventKind, store::holds as store};
use crate::{
    db::{By, Conn},
    types::{CaseId, HoldId, text_enum},
};

text_enum! {
    /// Why nobody contacts the debtor.
    pub enum HoldKind {
        Dispute => "dispute",
        Hardship => "hardship",
        Promise => "promise",
        Plan => "plan",
        Settlement => "settlement",
        PaymentInFlight => "payment_in_flight",
        Insolvency => "insolvency",
        /// A lawyer, or somebody else, answers for the debtor.
        Represented => "represented",
        CreditorRequest => "creditor_request",
    }
}

/// A stop.
#[derive(Debug, Clone, QueryableByName, Serialize, ToSchema)]
pub struct Hold {
    #[diesel(sql_type = SqlUuid)]
    pub id: HoldId,
    #[diesel(sql_type = Text)]
    pub kind: HoldKind,
    #[diesel(sql_type = Text)]
    pub reason: String,
    #[diesel(sql_type = Timestamptz)]
    pub starts_at: DateTime<Utc>,
    /// None: until it is released.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub ends_at: Option<DateTime<Utc>>,
}

/// Places a hold on a locked case: everything pending stops. The caller saves the case.
///
/// # Errors
/// It would end before it starts.
pub async fn place_hold(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    kind: HoldKind,
    reason: &str,
    ends_at: Option<DateTime<Utc>>,
) -> Result<HoldId, CasesError> {
    if ends_at.is_some_and(|end| end <= by.at) {
        return Err(CasesError::HoldEnd);
    }
    let id = HoldId::fresh();
    let hold = store::Insert { id, case: case.id, creditor: case.creditor, kind, reason, starts_at: by.at, ends_at };
    store::insert(conn, &hold).await?;
    // An earlier open-ended hold keeps the case waiting; else the engine looks again when this one ends.
    let held_already = case.next_action_at.is_none() && case.is_pursued();
    case.stop_contact(if held_already || !case.is_pursued() { None } else { ends_at });
    case.record(by, EventKind::HoldPlaced, json!({ "hold_id": id, "kind": kind, "ends_at": ends_at }));
    Ok(id)
}

/// Ends a hold of a locked case now. The caller saves the case. `false`: it had ended before.
///
/// # Errors
/// The database fails.
pub async fn release_hold(conn: &mut Conn<'_>, by: &By, case: &mut Case, id: HoldId) -> Result<bool, CasesError> {
    let Some(kind) = store::release(conn, case.id, id, by.at).await? else { return Ok(false) };
    case.record(by, EventKind::HoldReleased, json!({ "hold_id": id, "kind": kind }));
    if case.is_pursued() {
        let others = running_holds(conn, case.id, by.at).await?;
        match others.iter().map(|hold| hold.ends_at).max_by_key(|end| end.unwrap_or(DateTime::<Utc>::MAX_UTC)) {
            None => case.look_again(by.at),
            Some(until) => case.next_action_at = until,
        }
    }
    Ok(true)
}

/// Holds in force at `at`, oldest first.
///
/// # Errors
/// The database fails.
pub async fn running_holds(conn: &mut Conn<'_>, case: CaseId, at: DateTime<Utc>) -> Result<Vec<Hold>, CasesError> {
    Ok(store::list_running(conn, case, at).await?)
}
