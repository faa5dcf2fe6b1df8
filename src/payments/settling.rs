//! A payment is agreed: it is spent, split, booked, and the case closes by itself when nothing is owed any more.
//!
//! Everything in one transaction. Its writes do not depend on each other's results, so they travel together.

use serde_json::{Value, json};

use super::{
    House, Payment, PaymentStatus, PaymentsError, Route,
    allocation::{Allocated, allocate},
    debt,
    jobs::{MailReceipt, SetOff},
    payment::FeeTerms,
    store::{self, Confirmed, Places},
    stripe::jobs::Transfer,
};
use crate::{
    cases::{self, Case, Command, EventKind, Outcome, Phase},
    db::{By, Conn, DbError},
    jobs,
    receivables::{
        self, PaidParts,
        claim::{ClaimTerms, Part},
        invoice::Invoice,
        law,
    },
    settlement::{self, Business, Engaged, Held, Recovery, Settled, invoices::jobs::Issue},
    types::{BasisPoints, FeeSchedule, Money, OrgId, Rounding, fee::SoFar},
};

/// What has to be known of a case to spend a payment on it.
pub(super) struct Settling {
    pub terms: ClaimTerms,
    pub invoices: Vec<Invoice>,
    places: Places,
}

/// Reads it, under the case's lock.
pub(super) async fn look_up(conn: &mut Conn<'_>, by: &By, case: &Case, agency: Option<OrgId>) -> Result<Settling, PaymentsError> {
    let (mut one, mut other) = (*conn, *conn);
    let places = async { Ok::<_, PaymentsError>(store::find_places(&mut one, case.creditor, case.debtor, agency).await?) };
    let invoices = async { Ok(receivables::invoices_of_case(&mut other, by, case.id).await?) };
    let (places, invoices) = tokio::try_join!(places, invoices)?;
    let terms = ClaimTerms::statutory(places.creditor_country, places.debtor_kind, case.with_interest);
    Ok(Settling { terms, invoices, places })
}

/// Confirms a payment on a locked case and does all that follows.
///
/// # Errors
/// It is more than is owed by now, or somebody else has answered meanwhile.
pub(super) async fn settle(
    conn: &mut Conn<'_>,
    by: &By,
    house: &House,
    mut case: Case,
    mut payment: Payment,
    settling: Settling,
    note: Option<&str>,
) -> Result<Payment, PaymentsError> {
    let fee_net = fee_net(conn, &payment).await?;
    let recovery = recovery(house, &payment, fee_net, &settling.places)?;
    let owed = debt::open_for(&settling.terms, &settling.invoices, payment.received_on, payment.amount)?;
    let spent = allocate(&law::of(settling.terms.country).allocation, &owed, payment.amount)?;
    let left = debt::left_after(&settling.terms, &settling.invoices, &spent, payment.received_on)?;
    let settled = settlement::reckon(by, &recovery)?;

    tell(&mut case, by, &payment, &spent, &settled, left);
    count(&mut case, by, &payment, left)?;
    let [mut one, mut two, mut three, mut four, mut five, mut six, mut seven, mut eight] = [*conn; 8];
    let confirmed = Confirmed { spent: &spent, left, note };
    tokio::try_join!(
        async { Ok::<_, PaymentsError>(store::set_confirmed(&mut one, &payment, confirmed, by.at).await?) },
        book_parts(&mut two, by, &spent),
        async { Ok(settlement::record(&mut three, by, &settled).await?) },
        let_go(&mut four, by, &mut case, &payment),
        async { Ok(jobs::enqueue(&mut five, MailReceipt::KIND, &MailReceipt { payment_id: payment.id }, by.at).await?) },
        set_off_later(&mut six, by, &settled),
        invoice_later(&mut seven, by, &settled),
        transfer_later(&mut eight, by, &settled),
    )?;
    cases::settle_as_agreed(conn, by, &mut case, (payment.received_on, left)).await?;
    tokio::try_join!(async { Ok::<_, PaymentsError>(cases::save(&mut one, by, &mut case).await?) }, async {
        Ok(settlement::post(&mut two, by, &settled).await?)
    },)?;

    payment.status = PaymentStatus::Confirmed;
    payment.version += 1;
    payment.answered_at = Some(by.at);
    payment.answer_note = note.map(str::to_owned).or(payment.answer_note);
    Ok(payment)
}

/// Fees have their invoices, numbered by a job: no settlement waits for a number.
async fn invoice_later(conn: &mut Conn<'_>, by: &By, settled: &Settled) -> Result<(), PaymentsError> {
    if settled.fees.is_empty() {
        return Ok(());
    }
    let due = Issue { payment_id: settled.recovery.payment };
    Ok(jobs::enqueue(conn, Issue::KIND, &due, by.at).await?)
}

/// Money at Stripe is transferred to its payees by jobs.
async fn transfer_later(conn: &mut Conn<'_>, by: &By, settled: &Settled) -> Result<(), PaymentsError> {
    if !matches!(settled.recovery.held, Held::AtStripe(_)) {
        return Ok(());
    }
    for payout in &settled.payouts {
        jobs::enqueue(conn, Transfer::KIND, &Transfer { payout_id: payout.id }, by.at).await?;
    }
    Ok(())
}

/// What a payee has to give back to the holder is taken off what it gets now.
async fn set_off_later(conn: &mut Conn<'_>, by: &By, settled: &Settled) -> Result<(), PaymentsError> {
    let holder = settled.shares.holder;
    for payee_id in settlement::set_off::owing_back(conn, &settled.payouts).await? {
        let due = SetOff { payer_id: holder, payee_id, currency: settled.shares.amount.currency };
        jobs::enqueue(conn, SetOff::KIND, &due, by.at).await?;
    }
    Ok(())
}

/// What the agency's fee comes to where the agreement is no plain share: it may depend on what came before, and on the day.
async fn fee_net(conn: &mut Conn<'_>, payment: &Payment) -> Result<Option<Money>, PaymentsError> {
    let (Some(written), Some(agency)) = (&payment.fee_terms, payment.agency) else { return Ok(None) };
    let unreadable = |error: serde_json::Error| DbError::Other(diesel::result::Error::DeserializationError(error.into()));
    let terms: FeeTerms = serde_json::from_value(written.clone()).map_err(unreadable)?;
    let store::Recovered { recovered_minor, charged_minor } = store::recovered_under(conn, payment.case, agency, written).await?;
    let so_far = SoFar { recovered_minor, day: payment.received_on.signed_duration_since(terms.since).num_days() };
    let charged = Money::new(charged_minor, payment.amount.currency);
    Ok(Some(terms.schedule.fee_next(payment.amount, so_far, charged)?.share(terms.part_bp, Rounding::Down)?))
}

/// What `net` makes of the payment, to be shown.
fn effective(payment: &Payment, net: Money) -> Result<BasisPoints, PaymentsError> {
    let flat = FeeSchedule::Flat { amount_minor: net.minor };
    Ok(flat.effective_bp(payment.amount, 0)?)
}

fn recovery(house: &House, payment: &Payment, fee_net: Option<Money>, places: &Places) -> Result<Recovery, PaymentsError> {
    let engaged = match (payment.agency, places.agency_country) {
        (Some(agency), Some(country)) => {
            let operator = places.operator_id.zip(places.operator_country).ok_or(PaymentsError::NoOperator)?;
            Some(Engaged {
                agency: Business { id: agency, country },
                operator: Business { id: operator.0, country: operator.1 },
                fee: fee_net.map_or(Ok(payment.fee), |net| effective(payment, net))?,
                fee_net,
                commission: house.commission,
            })
        }
        (Some(_), None) => return Err(PaymentsError::NotFound),
        (None, _) => None,
    };
    Ok(Recovery {
        payment: payment.id,
        case: payment.case,
        received_on: payment.received_on,
        amount: payment.amount,
        creditor: Business { id: payment.creditor, country: places.creditor_country },
        engaged,
        held: match payment.route {
            Route::AgencyAccount => Held::ByAgency,
            Route::Direct => Held::ByCreditor,
            Route::Stripe => Held::AtStripe(places.operator_id.ok_or(PaymentsError::NoOperator)?),
        },
        payout_days: house.payout_days,
    })
}

/// What each receivable got of the payment; below nothing: what is taken back from it.
pub(super) async fn book_parts(conn: &mut Conn<'_>, by: &By, spent: &[Allocated]) -> Result<(), PaymentsError> {
    let booked = spent.chunk_by(|one, next| one.receivable_id == next.receivable_id).map(async |lines| {
        let Some(first) = lines.first() else { return Ok(()) };
        let zero = Money::zero(first.amount.currency);
        let part = |part| lines.iter().find(|line| line.part == part).map_or(zero, |line| line.amount);
        let parts = PaidParts {
            principal: part(Part::Principal),
            interest: part(Part::Interest),
            compensation: part(Part::Compensation),
            costs: part(Part::Costs),
        };
        receivables::apply_allocation(&mut { *conn }, by, first.receivable_id, parts).await
    });
    futures_util::future::try_join_all(booked).await?;
    Ok(())
}

/// The line in the timeline. It belongs to the agency whose payment it is: one engaged since is not told of it.
fn tell(case: &mut Case, by: &By, payment: &Payment, spent: &[Allocated], settled: &Settled, left: Money) {
    let spent_on = |part| spent.iter().filter(|line| line.part == part).map(|line| line.amount.minor).sum::<i64>();
    let data = json!({
        "payment_id": payment.id, "amount_minor": payment.amount.minor, "currency": payment.amount.currency,
        "received_on": payment.received_on, "route": payment.route, "left_minor": left.minor, "split": shares(settled),
        "spent": { "principal_minor": spent_on(Part::Principal), "interest_minor": spent_on(Part::Interest),
                   "compensation_minor": spent_on(Part::Compensation), "costs_minor": spent_on(Part::Costs) },
    });
    record_for(case, by, payment.agency, EventKind::PaymentConfirmed, data);
}

fn shares(settled: &Settled) -> Value {
    settled.split.map_or(Value::Null, |split| {
        json!({
            "creditor_minor": split.creditor.minor, "agency_minor": split.agency.minor, "operator_minor": split.operator.minor,
            "fee_minor": split.fee.net.minor, "fee_vat_minor": split.fee.vat_amount.minor,
            "commission_minor": split.commission.net.minor, "commission_vat_minor": split.commission.vat_amount.minor,
        })
    })
}

/// A line that `reader` may read beside the creditor, whoever holds the case by now.
pub(super) fn record_for(case: &mut Case, by: &By, reader: Option<OrgId>, kind: EventKind, data: Value) {
    let holder = std::mem::replace(&mut case.agency, reader);
    case.record(by, kind, data);
    case.agency = holder;
}

/// Counts the payment as recovered, and closes the case when nothing is left.
fn count(case: &mut Case, by: &By, payment: &Payment, left: Money) -> Result<(), PaymentsError> {
    case.recovered_minor = case.recovered().checked_add(payment.amount)?.minor;
    if !left.is_positive() && case.phase != Phase::Closed {
        case.carry_out(by, Command::Close(Outcome::Paid), EventKind::Closed, json!({ "outcome": Outcome::Paid }))?;
    }
    Ok(())
}

/// Whoever pursues the case goes on, with what is owed now.
async fn let_go(conn: &mut Conn<'_>, by: &By, case: &mut Case, payment: &Payment) -> Result<(), PaymentsError> {
    match payment.hold {
        Some(hold) => {
            cases::release_hold(conn, by, case, hold).await?;
        }
        // Reminders for the old amount are in preparation.
        None if case.is_pursued() => case.stop_contact(Some(by.at)),
        None => {}
    }
    Ok(())
}
