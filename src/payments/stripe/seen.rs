//! How a payment stands at Stripe, made of what Stripe says of it now. Pure.

use chrono::{DateTime, Utc};

use super::answers::{Dispute, Intent, Session};

/// How far an attempt to pay is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The debtor has Stripe's page before it, or a bank's question.
    Waiting,
    /// A direct debit is on its way to the bank.
    Processing,
    /// Money came; some of it may have gone back since.
    Paid,
    /// Nothing came, and nothing will.
    Over,
}

/// A payment as Stripe has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub progress: Progress,
    pub session: Option<String>,
    pub intent: Option<String>,
    pub charge: Option<String>,
    /// ISO code in capitals; none before there is a payment.
    pub currency: Option<String>,
    /// What is on its way, or came.
    pub came_minor: i64,
    /// What is left of it after refunds and disputes: what the books have to show.
    pub stands_minor: i64,
    /// When the debtor paid: the day counts, however long a bank takes.
    pub paid_at: Option<DateTime<Utc>>,
    /// Why nothing came, or why less is left.
    pub why: Option<String>,
}

/// `session` and `intent` as Stripe has them; none where there is none yet.
#[must_use]
pub fn seen(session: Option<&Session>, intent: Option<&Intent>, disputes: &[Dispute]) -> Seen {
    let charge = intent.and_then(|intent| intent.latest_charge.as_ref());
    let progress = progress(session, intent);
    let came_minor = match progress {
        Progress::Paid | Progress::Processing => charge.map_or(0, |charge| charge.amount_captured),
        Progress::Waiting | Progress::Over => 0,
    };
    let disputed: i64 = disputes.iter().flat_map(|dispute| &dispute.balance_transactions).map(|moved| moved.amount).sum();
    let refunded = charge.map_or(0, |charge| charge.amount_refunded);
    Seen {
        progress,
        session: session.map(|session| session.id.clone()),
        intent: intent.map(|intent| intent.id.clone()),
        charge: charge.map(|charge| charge.id.clone()),
        currency: intent.map(|intent| intent.currency.to_ascii_uppercase()),
        came_minor,
        stands_minor: came_minor.saturating_sub(refunded).saturating_add(disputed).max(0),
        paid_at: charge.and_then(|charge| DateTime::from_timestamp(charge.created, 0)),
        why: why(intent, refunded, disputes),
    }
}

fn progress(session: Option<&Session>, intent: Option<&Intent>) -> Progress {
    let is_open = session.is_none_or(|session| session.status.as_deref() == Some("open"));
    match intent.map(|intent| intent.status.as_str()) {
        Some("succeeded") => Progress::Paid,
        Some("processing") => Progress::Processing,
        Some("canceled") => Progress::Over,
        // `requires_action` is the bank's question (3-D Secure), `requires_payment_method` a refusal after which another card
        // may be tried: as long as the page is open.
        Some(_) | None if is_open => Progress::Waiting,
        Some(_) | None => Progress::Over,
    }
}

fn why(intent: Option<&Intent>, refunded: i64, disputes: &[Dispute]) -> Option<String> {
    if let Some(dispute) = disputes.iter().find(|dispute| !dispute.balance_transactions.is_empty()) {
        return Some(format!("{} ({}, {})", dispute.reason, dispute.status, dispute.id));
    }
    if refunded > 0 {
        return Some("refunded".to_owned());
    }
    let failure = intent?.last_payment_error.as_ref()?;
    failure.decline_code.clone().or_else(|| failure.code.clone()).or_else(|| failure.message.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn session(status: &str) -> Session {
        serde_json::from_value(json!({ "id": "cs_1", "status": status })).unwrap()
    }

    fn intent(status: &str, refunded: i64) -> Intent {
        let charge = json!({ "id": "ch_1", "amount_captured": 1_000, "amount_refunded": refunded, "created": 1_793_610_000 });
        let latest = if status.starts_with("requires") { Value::Null } else { charge };
        serde_json::from_value(json!({ "id": "pi_1", "status": status, "currency": "eur", "latest_charge": latest })).unwrap()
    }

    fn dispute(moved: &[i64]) -> Dispute {
        let line = |amount: &i64| json!({ "id": "txn_1", "type": "adjustment", "currency": "eur", "amount": amount, "fee": 0, "net": amount, "created": 0 });
        let lines: Vec<_> = moved.iter().map(line).collect();
        serde_json::from_value(json!({ "id": "dp_1", "status": "lost", "reason": "fraudulent", "balance_transactions": lines }))
            .unwrap()
    }

    #[test]
    fn progress_follows_payment_and_page() {
        for (page, payment, expected) in [
            ("open", None, Progress::Waiting),
            ("expired", None, Progress::Over),
            ("open", Some("requires_payment_method"), Progress::Waiting),
            ("open", Some("requires_action"), Progress::Waiting),
            ("complete", Some("requires_payment_method"), Progress::Over),
            ("complete", Some("processing"), Progress::Processing),
            ("complete", Some("succeeded"), Progress::Paid),
            ("complete", Some("canceled"), Progress::Over),
            ("complete", Some("something_new"), Progress::Over),
        ] {
            let payment = payment.map(|status| intent(status, 0));
            assert_eq!(seen(Some(&session(page)), payment.as_ref(), &[]).progress, expected, "{page} {payment:?}");
        }
    }

    #[test]
    fn what_stands_is_what_came_less_refunds_and_disputes() {
        let stands = |refunded, disputes: &[Dispute]| {
            let seen = seen(Some(&session("complete")), Some(&intent("succeeded", refunded)), disputes);
            (seen.came_minor, seen.stands_minor)
        };
        assert_eq!(stands(0, &[]), (1_000, 1_000));
        assert_eq!(stands(300, &[]), (1_000, 700));
        assert_eq!(stands(1_000, &[]), (1_000, 0));
        assert_eq!(stands(0, &[dispute(&[])]), (1_000, 1_000), "an inquiry moves nothing");
        assert_eq!(stands(0, &[dispute(&[-1_000])]), (1_000, 0));
        assert_eq!(stands(0, &[dispute(&[-1_000, 1_000])]), (1_000, 1_000), "won");
        assert_eq!(stands(1_000, &[dispute(&[-1_000])]), (1_000, 0), "never below nothing");
    }
}
