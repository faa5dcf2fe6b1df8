//! The other side's answer to a declared payment: confirmed, contested, or the term passes and it counts as confirmed.
//! A contested one is the operator's to decide.

use serde_json::json;

use super::{
    House, Payment, PaymentStatus, PaymentsError, find,
    settling::{self, record_for},
    store,
};
use crate::{
    cases::{self, Case, EventKind},
    db::{By, Conn},
    types::{OrgId, PaymentId, text_enum},
};

const REASON_MAX_CHARS: usize = 2000;

text_enum! {
    /// What the operator makes of a contested payment.
    pub enum Decision {
        /// It came.
        Confirm => "confirm",
        /// It did not.
        Reject => "reject",
    }
}

/// The other side, `org`, agrees: the payment is spent and split. Under `Scope::System`.
///
/// # Errors
/// Not theirs to answer; answered already; more than is owed by now.
pub async fn confirm(conn: &mut Conn<'_>, by: &By, house: &House, org: OrgId, id: PaymentId) -> Result<Payment, PaymentsError> {
    let payment = find(conn, by, id).await?;
    payment.must_be_answered_by(org)?;
    settle(conn, by, house, &payment, None).await
}

/// The other side, `org`, says the money did not come. Under `Scope::System`. Contact stays stopped until the operator decides.
///
/// # Errors
/// Not theirs to answer; answered already; the term has passed; no reason.
pub async fn contest(conn: &mut Conn<'_>, by: &By, org: OrgId, id: PaymentId, reason: &str) -> Result<Payment, PaymentsError> {
    check_reason(reason, "/reason")?;
    let payment = find(conn, by, id).await?;
    payment.must_be_answered_by(org)?;
    if by.at >= payment.answer_by {
        return Err(PaymentsError::TooLate);
    }
    let (case, payment) = open(conn, by, &payment).await?;
    answer(conn, by, case, payment, PaymentStatus::Contested, reason).await
}

/// The operator decides a contested payment. Under `Scope::System`.
///
/// # Errors
/// Not contested; no note; more than is owed by now.
pub async fn decide(
    conn: &mut Conn<'_>,
    by: &By,
    house: &House,
    id: PaymentId,
    decision: Decision,
    note: &str,
) -> Result<Payment, PaymentsError> {
    check_reason(note, "/note")?;
    let payment = find(conn, by, id).await?;
    payment.must_be(PaymentStatus::Contested)?;
    if decision == Decision::Confirm {
        return settle(conn, by, house, &payment, Some(note)).await;
    }
    reject(conn, by, payment, note).await
}

/// The term has passed: who said nothing agreed. A payment that can no longer be spent goes to the operator instead.
///
/// # Errors
/// The database fails.
pub async fn answer_by_default(conn: &mut Conn<'_>, by: &By, house: &House, id: PaymentId) -> Result<(), PaymentsError> {
    let payment = find(conn, by, id).await?;
    if payment.status != PaymentStatus::Declared {
        return Ok(());
    }
    settle(conn, by, house, &payment, None).await.map(|_| ())
}

/// What [`answer_by_default`] could not spend.
///
/// # Errors
/// The database fails.
pub(super) async fn hand_to_operator(conn: &mut Conn<'_>, by: &By, id: PaymentId, why: &str) -> Result<(), PaymentsError> {
    let payment = find(conn, by, id).await?;
    if payment.status != PaymentStatus::Declared {
        return Ok(());
    }
    let (case, payment) = open(conn, by, &payment).await?;
    answer(conn, by, case, payment, PaymentStatus::Contested, why).await.map(|_| ())
}

/// The payment provider says that an announced payment does not come.
///
/// # Errors
/// Answered already.
pub(super) async fn reject(conn: &mut Conn<'_>, by: &By, seen: Payment, why: &str) -> Result<Payment, PaymentsError> {
    let (mut case, payment) = open(conn, by, &seen).await?;
    if let Some(hold) = payment.hold {
        cases::release_hold(conn, by, &mut case, hold).await?;
    }
    answer(conn, by, case, payment, PaymentStatus::Rejected, why).await
}

/// Locks the case of a payment, and reads the payment again as it stands under that lock: nobody else has answered since.
async fn open(conn: &mut Conn<'_>, by: &By, seen: &Payment) -> Result<(Case, Payment), PaymentsError> {
    let case = cases::lock(conn, by, seen.case).await?;
    let payment = find(conn, by, seen.id).await?;
    payment.must_be(seen.status)?;
    Ok((case, payment))
}

async fn settle(
    conn: &mut Conn<'_>,
    by: &By,
    house: &House,
    seen: &Payment,
    note: Option<&str>,
) -> Result<Payment, PaymentsError> {
    let case = cases::lock(conn, by, seen.case).await?;
    let (mut one, mut other) = (*conn, *conn);
    let (payment, settling) =
        tokio::try_join!(find(&mut one, by, seen.id), settling::look_up(&mut other, by, &case, seen.agency))?;
    payment.must_be(seen.status)?;
    settling::settle(conn, by, house, case, payment, settling, note).await
}

/// Writes an answer that moves no money, with its line in the timeline.
async fn answer(
    conn: &mut Conn<'_>,
    by: &By,
    mut case: Case,
    mut payment: Payment,
    status: PaymentStatus,
    note: &str,
) -> Result<Payment, PaymentsError> {
    let kind = if status == PaymentStatus::Rejected { EventKind::PaymentRejected } else { EventKind::PaymentContested };
    store::set_status(conn, &payment, status, note, by.at).await?;
    record_for(&mut case, by, payment.agency, kind, json!({ "payment_id": payment.id, "note": note }));
    cases::save(conn, by, &mut case).await?;
    payment.status = status;
    payment.version += 1;
    payment.answered_at = Some(by.at);
    payment.answer_note = Some(note.to_owned());
    Ok(payment)
}

fn check_reason(reason: &str, pointer: &'static str) -> Result<(), PaymentsError> {
    if (1..=REASON_MAX_CHARS).contains(&reason.trim().chars().count()) { Ok(()) } else { Err(PaymentsError::Reason(pointer)) }
}
