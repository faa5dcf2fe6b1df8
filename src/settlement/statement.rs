//! A statement of account: what an organisation's accounts stood at when a day began and ended, and every movement between.
//!
//! It is drawn from the ledger and nothing else, so anyone can recompute it for any day.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    SettlementError,
    store::{self, Origin},
};
use crate::{
    db::{By, Conn},
    ledger::{self, AccountKind, Line, Movements},
    paper::{
        StatementSheet,
        statement::{AccountRows, MovementRow},
    },
    parties::{self, Organisation},
    types::{AccountId, Calendar, CaseId, LedgerTransactionId, Money, MoneyError, OrgId, PaymentId, PayoutId, clock::day_in},
};

/// All accounts of an organisation on a day, or some days, of its own country.
#[derive(Debug, Serialize, ToSchema)]
pub struct Statement {
    pub organisation_id: OrgId,
    /// The first day; of a day's statement the same as `on`.
    pub first_on: NaiveDate,
    /// The last day.
    pub on: NaiveDate,
    /// The first day's first instant.
    pub from: DateTime<Utc>,
    /// The first instant after the last day.
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

/// The days of a statement, first and last.
#[derive(Debug, Clone, Copy, Default)]
pub struct Period {
    /// The first of the last day's month unless said.
    pub first_on: Option<NaiveDate>,
    /// Today unless said.
    pub last_on: Option<NaiveDate>,
}

/// More than a year is asked for in parts.
const DAYS_MAX: i64 = 366;

/// Draws the statement of `owner` for the day `on`; see [`draw_period`].
///
/// # Errors
/// A day to come; there is no such organisation.
pub async fn draw(conn: &mut Conn<'_>, by: &By, owner: OrgId, on: Option<NaiveDate>) -> Result<Statement, SettlementError> {
    let calendar = Calendar::of(parties::find_organisation(conn, by, owner).await?.country);
    let on = on.unwrap_or_else(|| day_in(calendar.zone(), by.at));
    draw_period(conn, by, owner, Period { first_on: Some(on), last_on: Some(on) }).await
}

/// Draws the statement of `owner` for some days.
///
/// An engagement ends before its money is settled, so lines name cases that `owner` may no longer open: the caller runs this
/// under `Scope::System` for its own organisation, and only accounts of `owner` are read.
///
/// # Errors
/// A day to come; days the wrong way round, or more than a year; there is no such organisation.
pub async fn draw_period(conn: &mut Conn<'_>, by: &By, owner: OrgId, period: Period) -> Result<Statement, SettlementError> {
    let calendar = Calendar::of(parties::find_organisation(conn, by, owner).await?.country);
    let today = day_in(calendar.zone(), by.at);
    let on = period.last_on.unwrap_or(today);
    if on > today {
        return Err(SettlementError::DayToCome(today));
    }
    let first_on = period.first_on.or_else(|| on.with_day(1)).unwrap_or(on);
    if !(0..DAYS_MAX).contains(&on.signed_duration_since(first_on).num_days()) {
        return Err(SettlementError::Period);
    }
    let next = on.succ_opt().unwrap_or(on);
    let (from, until) = (calendar.instant(first_on, 0), calendar.instant(next, 0));
    let accounts = ledger::movements(conn, owner, from, until).await?;
    let origins = origins_of(conn, &accounts).await?;
    let accounts = accounts.into_iter().map(|account| state(account, &origins)).collect();
    Ok(Statement { organisation_id: owner, first_on, on, from, until, accounts })
}

impl Statement {
    /// To print it.
    #[must_use]
    pub fn sheet(&self, owner: &Organisation, made_at: DateTime<Utc>) -> StatementSheet {
        let rows = |account: &AccountStatement| AccountRows {
            kind: account.kind.to_string(),
            opening: account.opening,
            rows: account.movements.iter().map(printed).collect(),
            closing: account.closing,
        };
        StatementSheet {
            language: owner.language,
            zone: Calendar::of(owner.country).zone(),
            owner: owner.printed(),
            first_on: self.first_on,
            last_on: self.on,
            made_at,
            accounts: self.accounts.iter().map(rows).collect(),
        }
    }

    /// One line for each movement, between a line for the opening and one for the closing balance of its account. Amounts with a
    /// decimal point, so that any program reads them.
    ///
    /// # Errors
    /// More than an `i64` holds.
    pub fn csv(&self) -> Result<String, MoneyError> {
        let mut out = String::from("\u{feff}account;currency;at;kind;business_key;case_reference;amount;balance\r\n");
        for account in &self.accounts {
            let mut line = |at: &str, kind: &str, key: &str, case: &str, amount: &str, balance: Money| {
                let (of, currency) = (account.kind, balance.currency);
                out.push_str(&format!("{of};{currency};{at};{kind};{key};{case};{amount};{}\r\n", balance.decimal()));
            };
            let mut balance = account.opening;
            line(&self.from.to_rfc3339(), "opening", "", "", "", balance);
            for one in &account.movements {
                balance = balance.checked_add(one.amount)?;
                let case = one.case_reference.as_deref().unwrap_or_default();
                line(&one.at.to_rfc3339(), &one.kind, &one.business_key, case, &one.amount.decimal(), balance);
            }
            line(&self.until.to_rfc3339(), "closing", "", "", "", account.closing);
        }
        Ok(out)
    }
}

fn printed(one: &Movement) -> MovementRow {
    MovementRow { at: one.at, kind: one.kind.clone(), case_reference: one.case_reference.clone(), amount: one.amount }
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
