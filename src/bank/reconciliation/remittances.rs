//! Who holds money of others is reminded the day before it is due and when it is overdue; after some days the operator is told.
//! Each is told once of each payout.

use chrono::{Days, NaiveDate};
use serde_json::json;

use super::{
    BankError,
    store::{self, Late},
};
use crate::{
    db::{By, Conn},
    jobs, parties,
    types::OrgId,
};

/// Working days and banks' cut-off times are forgiven before the operator steps in.
pub const ESCALATED_AFTER_DAYS: u64 = 3;

/// What is told of a payout, by the stage it has come to.
fn tellings(late: &Late, operator: OrgId) -> Vec<(OrgId, &'static str)> {
    match late.stage {
        3.. => vec![(late.payer_id, "payout_escalated"), (operator, "payout_escalated"), (late.payee_id, "payout_escalated")],
        2 => vec![(late.payer_id, "payout_overdue"), (late.payee_id, "payout_overdue")],
        1 => vec![(late.payer_id, "payout_due")],
        _ => Vec::new(),
    }
}

/// # Errors
/// The database fails.
pub(super) async fn remind(conn: &mut Conn<'_>, by: &By, today: NaiveDate) -> Result<(), BankError> {
    let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
    let escalated = today.checked_sub_days(Days::new(ESCALATED_AFTER_DAYS)).unwrap_or(today);
    let late = store::raise_stages(conn, (escalated, today, tomorrow)).await?;
    if late.is_empty() {
        return Ok(());
    }
    let operator = parties::operator(conn).await?.id;
    for payout in &late {
        for (to, kind) in tellings(payout, operator) {
            let telling = json!({
                "organisation_id": to, "kind": kind, "case_id": payout.case_id, "key": format!("{kind}:{}", payout.id),
                "data": { "payout_id": payout.id, "payer_id": payout.payer_id, "payee_id": payout.payee_id, "due_on": payout.due_on,
                          "amount_minor": payout.minor, "currency": payout.currency },
            });
            jobs::enqueue(conn, "notices.tell", &telling, by.at).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{CaseId, Currency, PayoutId};

    #[test]
    fn the_payer_is_reminded_first_and_the_operator_told_last() {
        let (payer, payee, operator) = (OrgId::fresh(), OrgId::fresh(), OrgId::fresh());
        let told = |stage| {
            let late = Late {
                id: PayoutId::fresh(),
                case_id: CaseId::fresh(),
                payer_id: payer,
                payee_id: payee,
                currency: Currency::EUR,
                minor: 1,
                due_on: "2026-11-09".parse().unwrap(),
                stage,
            };
            tellings(&late, operator).into_iter().map(|(to, _)| to).collect::<Vec<_>>()
        };
        assert_eq!(told(0), []);
        assert_eq!(told(1), [payer]);
        assert_eq!(told(2), [payer, payee]);
        assert_eq!(told(3), [payer, operator, payee]);
    }
}
