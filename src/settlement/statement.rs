//! A statement of account: what an organisation's accounts stood at when a day began and ended, and every movement between.
//!
//! It is drawn from the ledger and nothing else, so anyone can recompute it for any day.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    SettlementError,
    store::{self, Origin},
};
use crate::{
    db::{By, Conn},
    ledger::{self, AccountKind, Line, Movements},
    parties,
    types::{AccountId, Calendar, CaseId, LedgerTransactionId, Money, OrgId, PaymentId, PayoutId, clock::day_in},
};

/// All accounts of an organisation on a day of its own country.
#[derive(Debug, Serialize, ToSchema)]
pub struct Statement {
    pub organisation_id: OrgId,
    pub on: NaiveDate,
    /// The day's first instant.
    pub from: DateTime<Utc>,
    /// The next day's first instant.
    pub until: DateTime<Utc>,
    pub accounts: Vec<AccountStatement>,
}

/// One account: `opening` and the movements sum to `closing`. Money held is positive, money owed negative.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountStatement {
    pub account_id: AccountId,
    pub kind: AccountKind,
    pub opening: Money,
    pub movements: Vec<Movement>,
    pub closing: Money,
}

/// An entry of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct Movement {
    pub transaction_id: LedgerTransactionId,
    #[schema(example = "payment.confirmed")]
    pub kind: String,
    /// What the transaction is about; there is one transaction of each key.
    pub business_key: String,
    pub at: DateTime<Utc>,
    /// Positive: into the account. Negative: out of it.
    pub amount: Money,
    pub payment_id: Option<PaymentId>,
    pub case_id: Option<CaseId>,
    pub case_reference: Option<String>,
}

/// Draws the statement of `owner` for the day `on`.
///
/// An engagement ends before its money is settled, so lines name cases that `owner` may no longer open: the caller runs this
/// under `Scope::System` for its own organisation, and only accounts of `owner` are read.
///
/// # Errors
/// A day to come; there is no such organisation.
pub async fn draw(conn: &mut Conn<'_>, by: &By, owner: OrgId, on: Option<NaiveDate>) -> Result<Statement, SettlementError> {
    let calendar = Calendar::of(parties::find_organisation(conn, by, owner).await?.country);
    let today = day_in(calendar.zone(), by.at);
    let on = on.unwrap_or(today);
    if on > today {
        return Err(SettlementError::DayToCome(today));
    }
    let next = on.succ_opt().unwrap_or(on);
    let (from, until) = (calendar.instant(on, 0), calendar.instant(next, 0));
    let accounts = ledger::movements(conn, owner, from, until).await?;
    let origins = origins_of(conn, &accounts).await?;
    let accounts = accounts.into_iter().map(|account| state(account, &origins)).collect();
    Ok(Statement { organisation_id: owner, on, from, until, accounts })
}

async fn origins_of(conn: &mut Conn<'_>, accounts: &[Movements]) -> Result<Vec<Origin>, SettlementError> {
    let subjects = || accounts.iter().flat_map(|account| &account.lines).filter_map(subject);
    let payments: Vec<PaymentId> = subjects().filter_map(|subject| subject.parse().ok()).collect();
    let payouts: Vec<PayoutId> = subjects().filter_map(|subject| subject.parse().ok()).collect();
    if payments.is_empty() && payouts.is_empty() {
        return Ok(Vec::new());
    }
    Ok(store::find_origins(conn, &payments, &payouts).await?)
}

/// What stands after the kind in a business key: the id of a payment or payout, the first of two.
fn subject(line: &Line) -> Option<&str> {
    line.business_key.split([':', '/']).nth(1)
}

fn state(account: Movements, origins: &[Origin]) -> AccountStatement {
    let Movements { account: account_id, kind, opening, lines, closing, .. } = account;
    let movements = lines.into_iter().map(|line| movement(line, origins)).collect();
    AccountStatement { account_id, kind, opening, movements, closing }
}

fn movement(line: Line, origins: &[Origin]) -> Movement {
    let payment = subject(&line).and_then(|subject| subject.parse::<PaymentId>().ok()).map(|id| id.0);
    let about = payment.or_else(|| subject(&line).and_then(|subject| subject.parse::<PayoutId>().ok()).map(|id| id.0));
    let origin = origins.iter().find(|origin| Some(origin.subject) == about);
    Movement {
        transaction_id: line.transaction,
        payment_id: origin.map(|origin| origin.payment_id),
        case_id: origin.map(|origin| origin.case_id),
        case_reference: origin.map(|origin| origin.reference.clone()),
        kind: line.kind,
        business_key: line.business_key,
        at: line.at,
        amount: line.amount,
    }
}
