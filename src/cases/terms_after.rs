//! What a creditor may do with a customer once a case is over: a suggestion by a stated rule, and never more than that.
//!
//! The rule, whole, the first line that fits:
//! 1. Nothing was owed (withdrawn, invalid, credited), or it was paid within [`SOON_DAYS`] days of the due day and every word was
//!    kept: as before.
//! 2. Insolvent: no orders, and nothing but prepayment.
//! 3. Not paid, or paid in part: no orders until it is, then prepayment.
//! 4. Paid for less than was owed, later than [`LATE_DAYS`] days, or after two broken words: orders again, half of each in advance,
//!    fourteen days.
//! 5. Paid otherwise: orders again, fourteen days.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Case, CasesError, EventKind, Outcome, lifecycle::Refusal, store};
use crate::{
    db::{By, Conn},
    types::{BasisPoints, CaseId, text_enum},
};

const SOON_DAYS: i64 = 30;
const LATE_DAYS: i64 = 120;
const SHORT_TERM_DAYS: i32 = 14;

text_enum! {
    /// Which line of the rule fits.
    pub enum TermsReason {
        NothingToHoldAgainst => "nothing_to_hold_against",
        Insolvent => "insolvent",
        NotPaid => "not_paid",
        PaidWithTrouble => "paid_with_trouble",
        Paid => "paid",
    }
}

/// Terms for the time after a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct SuggestedTerms {
    /// Whether orders are taken again.
    pub takes_orders: bool,
    /// Of each order, paid in advance.
    pub deposit_bp: BasisPoints,
    /// For the rest; null: as before.
    pub payment_days: Option<i32>,
    pub because: TermsReason,
}

/// How a case went, as the rule looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Course {
    pub outcome: Outcome,
    pub due_on: NaiveDate,
    pub closed_on: NaiveDate,
    /// Promises, plans and settlements that were not kept.
    pub words_broken: usize,
}

/// Suggests. Pure.
#[must_use]
pub fn suggest(course: &Course) -> SuggestedTerms {
    let terms = |takes_orders, deposit_bp, payment_days, because| SuggestedTerms {
        takes_orders,
        deposit_bp: BasisPoints(deposit_bp),
        payment_days,
        because,
    };
    let days = course.closed_on.signed_duration_since(course.due_on).num_days();
    match course.outcome {
        Outcome::Withdrawn | Outcome::Invalid => terms(true, 0, None, TermsReason::NothingToHoldAgainst),
        Outcome::Paid if days <= SOON_DAYS && course.words_broken == 0 => terms(true, 0, None, TermsReason::NothingToHoldAgainst),
        Outcome::Insolvent => terms(false, 10_000, None, TermsReason::Insolvent),
        Outcome::Paid if days <= LATE_DAYS && course.words_broken < 2 => terms(true, 0, Some(SHORT_TERM_DAYS), TermsReason::Paid),
        Outcome::Paid | Outcome::Settled => terms(true, 5_000, Some(SHORT_TERM_DAYS), TermsReason::PaidWithTrouble),
        Outcome::PartlyPaid
        | Outcome::Untraceable
        | Outcome::Unresponsive
        | Outcome::TimeBarred
        | Outcome::Uneconomical
        | Outcome::Disputed
        | Outcome::ToCourt
        | Outcome::NoOffers => terms(false, 10_000, None, TermsReason::NotPaid),
    }
}

/// What is suggested after a case that is over.
///
/// # Errors
/// Not visible, or not over.
pub async fn suggested_terms(conn: &mut Conn<'_>, by: &By, id: CaseId) -> Result<SuggestedTerms, CasesError> {
    let case = super::find(conn, by, id).await?;
    Ok(suggest(&course_of(conn, &case).await?))
}

async fn course_of(conn: &mut Conn<'_>, case: &Case) -> Result<Course, CasesError> {
    let (Some(outcome), Some(closed_at)) = (case.outcome, case.closed_at) else {
        return Err(Refusal { phase: case.phase, wish: "looked back on: it is not over" }.into());
    };
    let mut words_broken = 0;
    for kind in [EventKind::PromiseBroken, EventKind::PlanBroken, EventKind::SettlementBroken] {
        words_broken += store::list_events_of_kind(conn, case.id, kind).await?.len();
    }
    Ok(Course { outcome, due_on: case.oldest_due_on, closed_on: closed_at.date_naive(), words_broken })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_as_it_is_written() {
        let due_on: NaiveDate = "2026-07-31".parse().unwrap();
        let told = |outcome, days, words_broken| {
            let closed_on = due_on + chrono::TimeDelta::days(days);
            let terms = suggest(&Course { outcome, due_on, closed_on, words_broken });
            (terms.because.as_str(), terms.takes_orders, terms.deposit_bp.0, terms.payment_days)
        };
        for (outcome, days, broken, expected) in [
            (Outcome::Withdrawn, 200, 3, ("nothing_to_hold_against", true, 0, None)),
            (Outcome::Invalid, 200, 0, ("nothing_to_hold_against", true, 0, None)),
            (Outcome::Paid, 30, 0, ("nothing_to_hold_against", true, 0, None)),
            (Outcome::Paid, 31, 0, ("paid", true, 0, Some(14))),
            (Outcome::Paid, 20, 1, ("paid", true, 0, Some(14))),
            (Outcome::Paid, 20, 2, ("paid_with_trouble", true, 5_000, Some(14))),
            (Outcome::Paid, 121, 0, ("paid_with_trouble", true, 5_000, Some(14))),
            (Outcome::Settled, 10, 0, ("paid_with_trouble", true, 5_000, Some(14))),
            (Outcome::Insolvent, 10, 0, ("insolvent", false, 10_000, None)),
            (Outcome::PartlyPaid, 10, 0, ("not_paid", false, 10_000, None)),
            (Outcome::Unresponsive, 10, 0, ("not_paid", false, 10_000, None)),
        ] {
            assert_eq!(told(outcome, days, broken), expected, "{outcome} after {days} days, {broken} broken");
        }
    }
}
