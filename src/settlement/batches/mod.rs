//! Payouts in batches: one person of the payer prepares, another one approves, the bank gets a file.
//!
//! What may never happen here: one payout in two batches; a file that nobody else has looked at; money sent to another account
//! than the one that was approved; a payout that leaves while its case is disputed.
//!
//! Lock order: the batch, then its payouts by id. Runs in `Scope::System`: payees may be organisations that the payer sees no
//! more. Every command takes the payer and looks at that organisation's payouts alone.

pub mod api;
pub mod pain001;
mod said;
mod store;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::pain001::{Initiation, Transfer};
pub use self::said::{OrderStatus, Said};
use super::{
    SettlementError,
    preferences::{PreferenceSetting, is_pressing},
};
use crate::{
    db::{By, Conn},
    http::Cursor,
    parties,
    types::{Currency, Iban, MemberId, Money, OrgId, PayoutBatchId, PayoutId, text_enum},
};

/// More than a bank takes in one file.
const ORDERS_MAX: i64 = 10_000;

text_enum! {
    /// How far a batch is.
    pub enum BatchStatus {
        /// Waits for a second person.
        Prepared => "prepared",
        /// Its file may go to the bank.
        Approved => "approved",
        /// Its payouts are free again.
        Cancelled => "cancelled",
    }
}

text_enum! {
    /// Why a payout that is due stays out of a batch.
    pub enum LeftOutReason {
        /// The debtor objects: nobody is paid out of a claim that may fall.
        Disputed => "disputed",
        /// The payee has named no account.
        NoAccount => "no_account",
        /// The payee has changed its account; for some days nothing goes there.
        AccountChanging => "account_changing",
        /// A bank has refused the account that the payee names.
        AccountRefused => "account_refused",
        /// The payee wants its money on another day.
        NotItsDay => "not_its_day",
        /// All that is due to the payee is less than the minimum that it, or the payer, asked for.
        BelowMinimum => "below_minimum",
    }
}

/// A due payout that stays out of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeftOut {
    pub payout_id: PayoutId,
    pub reason: LeftOutReason,
}

/// Payouts that leave together.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PayoutBatch {
    pub id: PayoutBatchId,
    #[serde(skip)]
    pub payer: OrgId,
    pub currency: Currency,
    pub execution_on: NaiveDate,
    pub status: BatchStatus,
    pub orders: Vec<PayoutOrder>,
    /// What was due and stayed out, with the reason.
    pub left_out: Vec<LeftOut>,
    pub total: Money,
    pub prepared_by: MemberId,
    pub prepared_at: DateTime<Utc>,
    pub approved_by: Option<MemberId>,
    pub approved_at: Option<DateTime<Utc>>,
    pub version: i32,
}

/// A payout as the file tells the bank of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PayoutOrder {
    pub payout_id: PayoutId,
    pub payee_name: String,
    pub payee_iban: Iban,
    pub remittance: String,
    pub amount: Money,
    /// Whether it has gone: the bank said so, or somebody here did.
    pub paid: bool,
    /// What the bank has said of it in a status report.
    pub bank_status: Option<OrderStatus>,
    #[schema(example = "AC04 closed account")]
    pub bank_reason: Option<String>,
}

/// What is to leave.
#[derive(Debug, Clone, Copy)]
pub struct NewBatch {
    pub currency: Currency,
    pub execution_on: NaiveDate,
    /// A payee to whom less is due waits.
    pub minimum: Money,
}

/// A due payout with what decides whether it may leave.
#[derive(Debug, Clone)]
pub struct Due {
    pub payout: PayoutId,
    pub payee: OrgId,
    pub payee_name: String,
    pub payee_iban: Option<Iban>,
    pub amount: Money,
    pub case_reference: String,
    pub disputed: bool,
    /// The payee's new account is confirmed and not in force yet.
    pub account_changing: bool,
    /// A bank has refused this very account for it.
    pub refused: bool,
    /// When the money came in, from which the legal month runs.
    pub received_on: NaiveDate,
    /// What the payee asked for, where it asked for anything.
    pub wish: Option<PreferenceSetting>,
}

/// Divides what is due into what leaves and what stays. Pure.
#[must_use]
pub fn divide(due: Vec<Due>, minimum: Money, on: NaiveDate) -> (Vec<PayoutOrder>, Vec<LeftOut>) {
    let free_for = |payee: OrgId| -> i64 {
        due.iter().filter(|one| one.payee == payee && !one.disputed).fold(0, |sum, one| sum.saturating_add(one.amount.minor))
    };
    let wanted = |one: &Due| match one.wish {
        Some(wish) if !is_pressing(on, one.received_on) => wish.minimum_in(minimum.currency).max(minimum.minor),
        Some(_) | None => minimum.minor,
    };
    let below: Vec<bool> = due.iter().map(|one| free_for(one.payee) < wanted(one)).collect();
    let (mut orders, mut left_out) = (Vec::new(), Vec::new());
    for (one, below) in due.into_iter().zip(below) {
        let payout_id = one.payout;
        let reason = match &one.payee_iban {
            _ if one.disputed => LeftOutReason::Disputed,
            None => LeftOutReason::NoAccount,
            Some(_) if one.account_changing => LeftOutReason::AccountChanging,
            Some(_) if one.refused => LeftOutReason::AccountRefused,
            Some(_) if one.wish.is_some_and(|wish| !wish.leaves_on(on, one.received_on)) => LeftOutReason::NotItsDay,
            Some(_) if below => LeftOutReason::BelowMinimum,
            Some(iban) => {
                let Due { payee_name, case_reference, amount, .. } = &one;
                orders.push(PayoutOrder {
                    payout_id,
                    payee_name: payee_name.clone(),
                    payee_iban: iban.clone(),
                    remittance: case_reference.clone(),
                    amount: *amount,
                    paid: false,
                    bank_status: None,
                    bank_reason: None,
                });
                continue;
            }
        };
        left_out.push(LeftOut { payout_id, reason });
    }
    (orders, left_out)
}

/// A person of `payer` puts together what is due.
///
/// # Errors
/// No person; a day that has passed; nothing that may leave.
pub async fn prepare(conn: &mut Conn<'_>, by: &By, payer: OrgId, new: &NewBatch) -> Result<PayoutBatch, SettlementError> {
    let member = by.member().ok_or(SettlementError::TakesAPerson)?;
    if new.execution_on < by.at.date_naive() {
        return Err(SettlementError::ExecutionOn);
    }
    let due = store::lock_due(conn, payer, new.currency, ORDERS_MAX).await?;
    let (orders, left_out) = divide(due, new.minimum, new.execution_on);
    if orders.is_empty() {
        return Err(SettlementError::NothingDue(left_out.len()));
    }
    let id = PayoutBatchId::fresh();
    store::insert(conn, (id, payer, member), new, &left_out, by.at).await?;
    store::insert_orders(conn, id, &orders).await?;
    find(conn, payer, id).await
}

/// What `payer` owes to others and no batch holds, per currency.
///
/// # Errors
/// The database fails.
pub async fn sum_due(conn: &mut Conn<'_>, payer: OrgId) -> Result<Vec<Money>, SettlementError> {
    Ok(store::sum_due(conn, payer).await?)
}

/// Another person of `payer` approves. The accounts are those that were prepared, or nothing leaves.
///
/// # Errors
/// No person, or the one who prepared; not prepared; a payee has named another account since; a case is disputed by now.
pub async fn approve(conn: &mut Conn<'_>, by: &By, payer: OrgId, id: PayoutBatchId) -> Result<PayoutBatch, SettlementError> {
    let member = by.member().ok_or(SettlementError::TakesAPerson)?;
    let batch = lock(conn, payer, id).await?;
    batch.must_be(BatchStatus::Prepared)?;
    if batch.prepared_by == member {
        return Err(SettlementError::FourEyes);
    }
    if let Some(name) = store::find_changed(conn, id).await? {
        return Err(SettlementError::ChangedSince(name));
    }
    store::set_approved(conn, id, member, by.at).await?;
    find(conn, payer, id).await
}

/// Sets the payouts of a batch free again: it was not sent, or the bank has refused it whole.
///
/// # Errors
/// Cancelled before; one of its payouts has gone.
pub async fn cancel(conn: &mut Conn<'_>, by: &By, payer: OrgId, id: PayoutBatchId) -> Result<PayoutBatch, SettlementError> {
    let batch = lock(conn, payer, id).await?;
    if batch.status == BatchStatus::Cancelled || batch.orders.iter().any(|order| order.paid) {
        return Err(SettlementError::BatchStatus(batch.status));
    }
    store::set_cancelled(conn, id, by.at).await?;
    find(conn, payer, id).await
}

/// Writes down what the bank says of an approved batch: of some orders by their payouts, and of all others as a `whole`. What it
/// rejects is free again; where the account is at fault it waits until the payee has named another one.
///
/// # Errors
/// Not the payer's; not approved.
pub async fn tell(
    conn: &mut Conn<'_>,
    by: &By,
    payer: OrgId,
    id: PayoutBatchId,
    (whole, orders): (Option<&Said>, &[(PayoutId, Said)]),
) -> Result<PayoutBatch, SettlementError> {
    let batch = lock(conn, payer, id).await?;
    batch.must_be(BatchStatus::Approved)?;
    let word = |payout: PayoutId| orders.iter().find(|(id, _)| *id == payout).map(|(_, said)| said).or(whole);
    let told: Vec<(PayoutId, &Said)> =
        batch.orders.iter().filter_map(|order| Some((order.payout_id, word(order.payout_id)?))).collect();
    store::set_told(conn, id, &told, by.at).await?;
    find(conn, payer, id).await
}

/// Whether a bank's code blames the account of the payee, not the order or the payer (external codes of ISO 20022).
fn blames_account(reason: Option<&str>) -> bool {
    const CODES: [&str; 10] = ["AC01", "AC03", "AC04", "AC06", "AC07", "AC13", "AG01", "MD07", "RC01", "RC04"];
    reason.and_then(|reason| reason.get(..4)).is_some_and(|code| CODES.contains(&code))
}

/// The batch that a bank's report names by the id of our file.
#[must_use]
pub fn batch_of(message_id: &str) -> Option<PayoutBatchId> {
    (message_id.len() == 32).then(|| format!("{}_{message_id}", PayoutBatchId::PREFIX).parse().ok()).flatten()
}

/// The file for the bank, of an approved batch.
///
/// # Errors
/// Not approved; the payer has named no account.
pub async fn initiation(conn: &mut Conn<'_>, by: &By, payer: OrgId, id: PayoutBatchId) -> Result<Initiation, SettlementError> {
    let batch = find(conn, payer, id).await?;
    batch.must_be(BatchStatus::Approved)?;
    let own = parties::find_organisation(conn, by, payer).await?;
    let transfers = batch.orders.iter().map(|order| Transfer {
        end_to_end_id: order.payout_id.0.simple().to_string(),
        amount: order.amount,
        payee: order.payee_name.clone(),
        payee_iban: order.payee_iban.clone(),
        remittance: order.remittance.clone(),
    });
    Ok(Initiation {
        message_id: batch.id.0.simple().to_string(),
        created_at: batch.approved_at.unwrap_or(batch.prepared_at),
        execution_on: batch.execution_on,
        payer: own.legal_name,
        payer_iban: own.iban.ok_or(SettlementError::NoAccount)?,
        transfers: transfers.collect(),
    })
}

/// The payout that a bank's end-to-end id names.
#[must_use]
pub fn payout_of(end_to_end_id: &str) -> Option<PayoutId> {
    (end_to_end_id.len() == 32).then(|| format!("{}_{end_to_end_id}", PayoutId::PREFIX).parse().ok()).flatten()
}

/// # Errors
/// Not the payer's.
pub async fn find(conn: &mut Conn<'_>, payer: OrgId, id: PayoutBatchId) -> Result<PayoutBatch, SettlementError> {
    store::find(conn, payer, id).await?.ok_or(SettlementError::NoSuchBatch)
}

async fn lock(conn: &mut Conn<'_>, payer: OrgId, id: PayoutBatchId) -> Result<PayoutBatch, SettlementError> {
    store::lock(conn, payer, id).await?;
    find(conn, payer, id).await
}

/// Batches of `payer`, newest first.
///
/// # Errors
/// The database fails.
pub async fn list(conn: &mut Conn<'_>, payer: OrgId, cursor: Cursor) -> Result<Vec<PayoutBatch>, SettlementError> {
    Ok(store::list(conn, payer, cursor).await?)
}

impl PayoutBatch {
    fn must_be(&self, status: BatchStatus) -> Result<(), SettlementError> {
        if self.status == status { Ok(()) } else { Err(SettlementError::BatchStatus(self.status)) }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::settlement::preferences::Schedule;

    fn due(id: u128, payee: u128, minor: i64) -> Due {
        Due {
            payout: PayoutId(Uuid::from_u128(id)),
            payee: OrgId(Uuid::from_u128(payee)),
            payee_name: "Acme".to_owned(),
            payee_iban: Some("ES9121000418450200051332".parse().unwrap()),
            amount: Money::new(minor, Currency::EUR),
            case_reference: "RF18539007547034".to_owned(),
            disputed: false,
            account_changing: false,
            refused: false,
            received_on: "2026-11-02".parse().unwrap(),
            wish: None,
        }
    }

    #[test]
    fn what_is_disputed_has_no_account_or_is_too_little_stays_out_with_its_reason() {
        let all = vec![
            due(1, 1, 3_000),
            due(2, 1, 2_500),
            due(3, 2, 4_000),
            Due { disputed: true, ..due(4, 2, 9_000) },
            Due { payee_iban: None, ..due(5, 3, 90_000) },
            Due { refused: true, ..due(6, 4, 90_000) },
            Due { account_changing: true, ..due(7, 5, 90_000) },
        ];
        let (orders, left_out) = divide(all, Money::new(5_000, Currency::EUR), "2026-11-09".parse().unwrap());
        assert_eq!(orders.iter().map(|order| order.amount.minor).collect::<Vec<_>>(), [3_000, 2_500]);
        let reasons: Vec<_> = left_out.iter().map(|one| (one.payout_id.0.as_u128(), one.reason)).collect();
        assert_eq!(
            reasons,
            [
                (3, LeftOutReason::BelowMinimum),
                (4, LeftOutReason::Disputed),
                (5, LeftOutReason::NoAccount),
                (6, LeftOutReason::AccountRefused),
                (7, LeftOutReason::AccountChanging)
            ],
            "what is disputed does not help over the minimum"
        );
    }

    #[test]
    fn a_payee_is_paid_on_its_day_from_its_minimum_on_and_always_within_the_legal_month() {
        let minimum = Money::new(10_000, Currency::EUR);
        let wish = |schedule, day| Some(PreferenceSetting { schedule, day, minimum });
        let all = || {
            vec![
                Due { wish: wish(Schedule::Monthly, Some(20)), ..due(1, 1, 20_000) },
                Due { wish: wish(Schedule::AtOnce, None), ..due(2, 2, 9_000) },
                Due { wish: wish(Schedule::AtOnce, None), ..due(3, 3, 10_000) },
            ]
        };
        let reasons = |on: &str| {
            let (_, left_out) = divide(all(), Money::zero(Currency::EUR), on.parse().unwrap());
            left_out.iter().map(|one| (one.payout_id.0.as_u128(), one.reason)).collect::<Vec<_>>()
        };
        assert_eq!(reasons("2026-11-09"), [(1, LeftOutReason::NotItsDay), (2, LeftOutReason::BelowMinimum)]);
        assert_eq!(reasons("2026-11-20"), [(2, LeftOutReason::BelowMinimum)]);
        assert_eq!(reasons("2026-11-26"), [], "the month ends on 2 December");
    }

    #[test]
    fn a_banks_end_to_end_id_names_its_payout() {
        let id = PayoutId::fresh();
        assert_eq!(payout_of(&id.0.simple().to_string()), Some(id));
        assert_eq!(payout_of("NOTPROVIDED"), None);
        assert_eq!(payout_of(&"z".repeat(32)), None);
    }
}
