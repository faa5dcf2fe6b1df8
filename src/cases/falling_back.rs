//! A payment went back: what was closed over it opens, and whoever kept its word with it has not kept it.
//!
//! What may never happen here: a settlement or a plan that says `kept` while what was agreed is not there; a debtor who has
//! still paid what was agreed and is asked for more.

use serde_json::json;

use super::{
    Case, CasesError, Command, EventKind, Outcome,
    plans::{self, PlanStatus},
    running_holds, settlements,
};
use crate::{
    db::{By, Conn},
    types::Money,
};

/// Counts a payment no more, under the case's lock. What was settled with it falls back to where it stood; the caller saves the case.
///
/// # Errors
/// The database fails.
pub async fn fall_back(conn: &mut Conn<'_>, by: &By, case: &mut Case, amount: Money) -> Result<(), CasesError> {
    case.recovered_minor = case.recovered().checked_sub(amount)?.minor;
    let settlement = settlements::find_kept(conn, case.id).await?;
    let plan = plans::find_kept(conn, case.id).await?;
    let stands = settlement.as_ref().is_some_and(|one| one.is_paid(case)) || plan.as_ref().is_some_and(|one| one.is_paid(case));
    if case.outcome == Some(Outcome::Settled) && stands {
        return match settlement {
            Some(mut settlement) => settlements::waive_more(conn, &mut settlement, amount).await,
            None => Ok(()),
        };
    }
    if matches!(case.outcome, Some(Outcome::Paid | Outcome::Settled)) {
        case.carry_out(by, Command::Reopen, EventKind::Reopened, json!({ "reason": "a payment was taken back" }))?;
    }
    if let Some(mut settlement) = settlement.filter(|one| !one.is_paid(case)) {
        settlements::fall_back(conn, by, case, &mut settlement).await?;
    }
    if let Some(plan) = plan.filter(|one| !one.is_paid(case)) {
        plans::end(conn, by, case, &plan, PlanStatus::Broken).await?;
    }
    if case.is_pursued() && running_holds(conn, case.id, by.at).await?.is_empty() {
        case.look_again(by.at);
    }
    Ok(())
}
