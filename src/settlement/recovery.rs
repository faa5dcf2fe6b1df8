//! What follows from recovered money: the fee, the commission, who is paid out and by when.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    SettlementError,
    fees::{Charge, Split, Terms, split},
    payouts,
    shares::{Parties, Shares},
    store, vat,
};
use crate::{
    db::{By, Conn, DbError},
    http::Cursor,
    ledger::{self, Posting},
    types::{BasisPoints, CaseId, Country, FeeId, Money, OrgId, PaymentId, PayoutId, clock::day_in, text_enum},
};

/// An organisation where it is taxed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Business {
    pub id: OrgId,
    pub country: Country,
}

/// Who recovered the money, through whom, for which fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Engaged {
    pub agency: Business,
    pub operator: Business,
    /// The share agreed, or what `fee_net` makes of the payment.
    pub fee: BasisPoints,
    /// What the fee comes to where the agreement is no plain share.
    pub fee_net: Option<Money>,
    pub commission: BasisPoints,
}

/// Where recovered money lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// In the agency's client account, if there is an agency.
    ByAgency,
    /// In the creditor's own account.
    ByCreditor,
    /// In the balance that the platform, this organisation, has at Stripe.
    AtStripe(OrgId),
}

/// Money that was recovered.
#[derive(Debug, Clone, Copy)]
pub struct Recovery {
    pub payment: PaymentId,
    pub case: CaseId,
    pub received_on: NaiveDate,
    pub amount: Money,
    pub creditor: Business,
    /// None: the creditor recovered it by itself, and it costs nothing.
    pub engaged: Option<Engaged>,
    pub held: Held,
    /// Days within which the holder pays the others out.
    pub payout_days: u32,
}

text_enum! {
    /// Which service is paid for.
    pub enum FeeKind {
        SuccessFee => "success_fee",
        Commission => "commission",
    }
}

/// What one party charges another for a payment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Fee {
    pub id: FeeId,
    pub payment_id: PaymentId,
    pub case_id: CaseId,
    pub kind: FeeKind,
    pub supplier_id: OrgId,
    pub customer_id: OrgId,
    pub base: Money,
    #[schema(example = 1200)]
    pub rate_bp: BasisPoints,
    pub net: Money,
    #[schema(example = 2100)]
    pub vat_bp: BasisPoints,
    pub vat: Money,
    /// Why that much VAT: for the invoice.
    #[schema(example = "Ley 37/1992 art. 90.Uno")]
    pub vat_ground: String,
    /// The day the service was rendered: when the money came in.
    pub charged_on: NaiveDate,
    /// Since then nothing is charged: the payment was taken back.
    pub credited_on: Option<NaiveDate>,
}

/// A payment reckoned through, ready to be booked.
#[derive(Debug)]
pub struct Settled {
    pub recovery: Recovery,
    /// None without an agency.
    pub split: Option<Split>,
    pub shares: Shares,
    pub fees: Vec<Fee>,
    pub payouts: Vec<payouts::Payout>,
    /// When the others are paid out at the latest.
    pub due_on: NaiveDate,
    confirmed: Posting,
    /// Nobody else is owed anything: the holder's own part leaves the books at once.
    drawn: Option<Posting>,
}

/// Reckons what follows from recovered money.
///
/// # Errors
/// No rate of VAT is known for that day, or terms that eat up a share.
pub fn reckon(by: &By, recovery: &Recovery) -> Result<Settled, SettlementError> {
    let (split, shares, fees) = match &recovery.engaged {
        Some(engaged) => {
            let split = split(recovery.amount, &terms(recovery, engaged)?)?;
            let parties = Parties { creditor: recovery.creditor.id, agency: engaged.agency.id, operator: engaged.operator.id };
            let holder = if recovery.held == Held::ByAgency { parties.agency } else { parties.creditor };
            (Some(split), Shares::of_split(holder, &parties, &split), fees_of(recovery, &parties, &split))
        }
        None => (None, Shares::of_creditor(recovery.creditor.id, recovery.amount), Vec::new()),
    };
    let shares = if let Held::AtStripe(operator) = recovery.held { shares.at_stripe(operator) } else { shares };
    let booked_on = day_in(recovery.creditor.country.time_zone(), by.at);
    let due_on = payouts::due_on(recovery.received_on, booked_on, recovery.payout_days);
    let payouts = payouts_of(by, recovery, &shares, due_on)?;
    let confirmed = shares.confirmed(recovery.payment)?;
    let drawn = if payouts.is_empty() { shares.drawn(recovery.payment)? } else { None };
    Ok(Settled { recovery: *recovery, split, shares, fees, payouts, due_on, confirmed, drawn })
}

/// Both services are taxed where their customer is (see [`vat`]).
fn terms(recovery: &Recovery, engaged: &Engaged) -> Result<Terms, vat::UnknownRate> {
    let on = recovery.received_on;
    Ok(Terms {
        fee: engaged.fee,
        fee_net: engaged.fee_net,
        fee_vat: vat::due(engaged.agency.country, recovery.creditor.country, on)?,
        commission: engaged.commission,
        commission_vat: vat::due(engaged.operator.country, engaged.agency.country, on)?,
    })
}

fn fees_of(recovery: &Recovery, parties: &Parties, split: &Split) -> Vec<Fee> {
    let fee = |kind, supplier_id, customer_id, charge: &Charge| Fee {
        id: FeeId::fresh(),
        payment_id: recovery.payment,
        case_id: recovery.case,
        kind,
        supplier_id,
        customer_id,
        base: charge.base,
        rate_bp: charge.rate,
        net: charge.net,
        vat_bp: charge.vat.rate,
        vat: charge.vat_amount,
        vat_ground: charge.vat.ground.to_owned(),
        charged_on: recovery.received_on,
        credited_on: None,
    };
    vec![
        fee(FeeKind::SuccessFee, parties.agency, parties.creditor, &split.fee),
        fee(FeeKind::Commission, parties.operator, parties.agency, &split.commission),
    ]
}

fn payouts_of(by: &By, recovery: &Recovery, shares: &Shares, due_on: NaiveDate) -> Result<Vec<payouts::Payout>, SettlementError> {
    let payout = |owing: super::shares::Owing| payouts::Payout {
        id: PayoutId::fresh(),
        payment_id: recovery.payment,
        case_id: recovery.case,
        payer_id: shares.holder,
        payee_id: owing.payee,
        amount: owing.amount,
        due_on,
        status: payouts::PayoutStatus::Due,
        bank_reference: None,
        paid_on: None,
        set_off: Money::zero(owing.amount.currency),
        is_return: false,
        batch_id: None,
        version: 1,
        created_at: by.at,
    };
    Ok(shares.owed()?.into_iter().map(payout).collect())
}

/// Writes down the fees and payouts of a reckoned payment.
///
/// # Errors
/// The database fails.
pub async fn record(conn: &mut Conn<'_>, by: &By, settled: &Settled) -> Result<(), DbError> {
    store::insert_settlement(conn, settled, by.at).await
}

/// Posts a reckoned payment. The platform's accounts take part in every settlement, so this comes last before the commit.
///
/// # Errors
/// The database fails.
pub async fn post(conn: &mut Conn<'_>, by: &By, settled: &Settled) -> Result<(), DbError> {
    ledger::post(conn, by, &settled.confirmed).await?;
    if let Some(drawn) = &settled.drawn {
        ledger::post(conn, by, drawn).await?;
    }
    Ok(())
}

/// Fees that an organisation charges or is charged, newest first.
///
/// # Errors
/// The database fails.
pub async fn list_fees(conn: &mut Conn<'_>, org: OrgId, cursor: Cursor) -> Result<Vec<Fee>, SettlementError> {
    Ok(store::list_fees(conn, org, cursor).await?)
}

/// What a payment cost, as far as `by` may see.
///
/// # Errors
/// The database fails.
pub async fn list_fees_of_payment(conn: &mut Conn<'_>, _by: &By, payment: PaymentId) -> Result<Vec<Fee>, SettlementError> {
    Ok(store::list_fees_of_payment(conn, payment).await?)
}
