//! A customer at a glance: what it owes, how it has paid, how likely it is to pay, what was promised, objected to, written and
//! answered, and what that suggests. Every part is one query, whatever there is of it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    InsightError,
    period::{days_before, last_of_month},
    store::customer::{self as store, OwedByMember},
};
use crate::{
    cases::{self, DisputeReason, DisputeStatus, Outcome, Phase, desk::Age},
    credit::{
        self, CreditLimit, PastScore, Score,
        limits::limit_of,
        recommendations::{Recommendation, Standing, recommend, use_of},
        score::score,
    },
    db::{By, Conn},
    parties,
    receivables::{self, Debtor, DebtorContact, Profile},
    types::{BasisPoints, CaseId, Channel, Currency, DebtorId, DisputeId, MemberId, Money, clock::day_in},
};

/// Of each list, no more.
const AT_MOST: i64 = 50;
const PAST_SCORES: i64 = 12;

/// What is owed at one age.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct OpenAtAge {
    pub age: Age,
    pub open: Money,
}

/// What is owed in one currency.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Position {
    pub currency: Currency,
    pub open: Money,
    pub overdue: Money,
    pub ages: Vec<OpenAtAge>,
}

/// What was paid in a month.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct MonthOfPayments {
    /// Its last day.
    pub month: NaiveDate,
    pub paid: Money,
    /// How late on average, each payment by its amount, in hundredths of days.
    pub days_late_hundredths: i64,
}

/// The customer's parent with all its sites.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GroupPosition {
    pub parent_id: DebtorId,
    pub members: Vec<DebtorId>,
    pub positions: Vec<Position>,
}

/// A case of the customer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CustomerCase {
    pub id: CaseId,
    pub reference: String,
    pub phase: Phase,
    pub outcome: Option<Outcome>,
    pub principal: Money,
    pub recovered: Money,
    pub posted_at: DateTime<Utc>,
}

/// A promise or a payment plan.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CustomerWord {
    pub case_id: CaseId,
    pub is_plan: bool,
    pub amount: Money,
    /// The day of a promise, or the last day of a plan.
    pub until_on: NaiveDate,
    #[schema(example = "kept")]
    pub status: String,
}

/// An objection.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CustomerDispute {
    pub id: DisputeId,
    pub case_id: CaseId,
    pub reason: DisputeReason,
    pub status: DisputeStatus,
    pub opened_at: DateTime<Utc>,
    pub resolved_at: Option<DateTime<Utc>>,
}

/// A message to the customer, or from it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CustomerMessage {
    pub case_id: CaseId,
    /// Null: it came in.
    pub channel: Option<Channel>,
    pub subject: String,
    #[schema(example = "sent")]
    pub status: String,
    pub at: DateTime<Utc>,
}

/// Who speaks with the customer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountOwner {
    pub member_id: MemberId,
    pub full_name: String,
}

/// A customer at a glance. Lists hold the last fifty, open ones first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CustomerOverview {
    pub debtor: Debtor,
    /// What it owes itself, records that were merged into it included.
    pub positions: Vec<Position>,
    /// Null: it stands for itself.
    pub group: Option<GroupPosition>,
    /// Of a year, by month.
    pub payments: Vec<MonthOfPayments>,
    pub score: Score,
    pub past_scores: Vec<PastScore>,
    pub credit_limit: CreditLimit,
    /// How much of the limit is used, in basis points; null without a limit.
    pub limit_used_bp: Option<i64>,
    /// What is suggested: on terms, then on what is overdue, the suggested step first.
    pub recommendations: Vec<Recommendation>,
    pub profile: Profile,
    pub account_owner: Option<AccountOwner>,
    pub cases: Vec<CustomerCase>,
    pub words: Vec<CustomerWord>,
    pub disputes: Vec<CustomerDispute>,
    pub contacts: Vec<DebtorContact>,
    pub messages: Vec<CustomerMessage>,
}

/// A customer that `by` may see, at a glance.
///
/// # Errors
/// Not visible.
pub async fn overview(conn: &mut Conn<'_>, by: &By, id: DebtorId) -> Result<CustomerOverview, InsightError> {
    let debtor = receivables::find_debtor(conn, by, id).await?;
    let (creditor, today) = (debtor.creditor_id, day_in(chrono_tz::UTC, by.at));
    let parent = debtor.parent_id.unwrap_or(id);
    let members = store::members(conn, creditor, id, parent).await?;
    let all: Vec<DebtorId> = members.iter().map(|member| member.id).collect();
    let own: Vec<DebtorId> = members.iter().filter(|member| member.is_own).map(|member| member.id).collect();
    let owed = store::owed(conn, creditor, &all).await?;
    let positions = positions(owed.iter().filter(|one| own.contains(&one.debtor_id)), today)?;
    let group = (all.len() > own.len()).then(|| group(parent, &all, &owed, today)).transpose()?;
    let record = credit::records_of(conn, creditor, id, today).await?;
    let (score, credit_limit) = (score(&record), limit_of(conn, &debtor).await?);
    let (profile, cases, disputes) =
        (receivables::profile_of(conn, by, id).await?, cases_of(conn, &own).await?, disputes_of(conn, &own).await?);
    let main = main_position(&positions, credit_limit.limit);
    let market = market(conn, &debtor, main.overdue).await?;
    let standing = Standing {
        score: &score,
        limit: credit_limit.limit,
        open: main.open,
        overdue: main.overdue,
        oldest_overdue_days: record.oldest_overdue_days,
        is_insolvent: record.is_insolvent,
        is_in_hardship: record.is_in_hardship,
        is_disputed: disputes.iter().any(|dispute| dispute.status == DisputeStatus::Open),
        has_account_owner: profile.account_owner_id.is_some(),
        is_placed: cases.iter().any(|case| matches!(case.phase, Phase::Listed | Phase::Awarded | Phase::Active)),
        market,
    };
    let recommendations = recommend(&standing)?;
    let limit_used_bp = credit_limit.limit.map(|limit| use_of(limit, main.open)).transpose()?.flatten();
    Ok(CustomerOverview {
        payments: payments_of(conn, &debtor, &own, today).await?,
        past_scores: credit::past_scores(conn, id, PAST_SCORES).await?,
        account_owner: owner_of(conn, &debtor, &profile).await?,
        words: words_of(conn, &own).await?,
        contacts: receivables::list_contacts(conn, by, id).await?,
        messages: messages_of(conn, &own).await?,
        debtor,
        positions,
        group,
        score,
        credit_limit,
        limit_used_bp,
        recommendations,
        profile,
        cases,
        disputes,
    })
}

/// What is owed, one position for each currency; rows come by currency.
fn positions<'a>(owed: impl Iterator<Item = &'a OwedByMember>, on: NaiveDate) -> Result<Vec<Position>, InsightError> {
    let mut all: Vec<Position> = Vec::new();
    for one in owed {
        if all.last().is_none_or(|last| last.currency != one.currency) {
            let zero = Money::zero(one.currency);
            let ages = Age::ALL.iter().map(|age| OpenAtAge { age: *age, open: zero }).collect();
            all.push(Position { currency: one.currency, open: zero, overdue: zero, ages });
        }
        let Some(position) = all.last_mut() else { continue };
        let (amount, age) = (Money::new(one.minor, one.currency), Age::after(on.signed_duration_since(one.due_on).num_days()));
        position.open = position.open.checked_add(amount)?;
        if age != Age::NotDue {
            position.overdue = position.overdue.checked_add(amount)?;
        }
        for at in position.ages.iter_mut().filter(|at| at.age == age) {
            at.open = at.open.checked_add(amount)?;
        }
    }
    Ok(all)
}

fn group(parent: DebtorId, members: &[DebtorId], owed: &[OwedByMember], on: NaiveDate) -> Result<GroupPosition, InsightError> {
    Ok(GroupPosition { parent_id: parent, members: members.to_vec(), positions: positions(owed.iter(), on)? })
}

/// What the advice is about: the limit's currency, else the one with most overdue.
fn main_position(positions: &[Position], limit: Option<Money>) -> Position {
    let in_limit = limit.map(|limit| positions.iter().find(|one| one.currency == limit.currency));
    let main = in_limit.unwrap_or_else(|| positions.iter().max_by_key(|one| (one.overdue.minor, one.open.minor)));
    let zero = Money::zero(limit.map_or(Currency::EUR, |limit| limit.currency));
    main.cloned().unwrap_or(Position { currency: zero.currency, open: zero, overdue: zero, ages: Vec::new() })
}

/// What similar cases of this creditor came to and what agencies took, where enough of them are over.
async fn market(
    conn: &mut Conn<'_>,
    debtor: &Debtor,
    overdue: Money,
) -> Result<Option<(BasisPoints, BasisPoints)>, InsightError> {
    let expected = cases::expected(conn, debtor.country, debtor.kind, overdue).await?;
    Ok(expected.recovered_bp.zip(store::usual_fee(conn, debtor.creditor_id).await?))
}

async fn payments_of(
    conn: &mut Conn<'_>,
    debtor: &Debtor,
    own: &[DebtorId],
    today: NaiveDate,
) -> Result<Vec<MonthOfPayments>, InsightError> {
    let rows = store::paid(conn, debtor.creditor_id, own, days_before(today, 365)).await?;
    let month = |row: store::PaidInMonth| MonthOfPayments {
        month: last_of_month(row.month),
        paid: Money::new(row.minor, row.currency),
        days_late_hundredths: row.late_hundredths,
    };
    Ok(rows.into_iter().map(month).collect())
}

async fn owner_of(conn: &mut Conn<'_>, debtor: &Debtor, profile: &Profile) -> Result<Option<AccountOwner>, InsightError> {
    let Some(owner) = profile.account_owner_id else { return Ok(None) };
    let member = parties::find_member(conn, debtor.creditor_id, owner).await?;
    Ok(Some(AccountOwner { member_id: owner, full_name: member.full_name }))
}

async fn cases_of(conn: &mut Conn<'_>, own: &[DebtorId]) -> Result<Vec<CustomerCase>, InsightError> {
    let case = |row: store::CaseRow| CustomerCase {
        id: row.id,
        reference: row.reference,
        phase: row.phase,
        outcome: row.outcome,
        principal: Money::new(row.principal_minor, row.currency),
        recovered: Money::new(row.recovered_minor, row.currency),
        posted_at: row.posted_at,
    };
    Ok(store::cases(conn, own, AT_MOST).await?.into_iter().map(case).collect())
}

async fn words_of(conn: &mut Conn<'_>, own: &[DebtorId]) -> Result<Vec<CustomerWord>, InsightError> {
    let word = |row: store::WordRow| CustomerWord {
        case_id: row.case_id,
        is_plan: row.is_plan,
        amount: Money::new(row.minor, row.currency),
        until_on: row.until_on,
        status: row.status,
    };
    Ok(store::words(conn, own, AT_MOST).await?.into_iter().map(word).collect())
}

async fn disputes_of(conn: &mut Conn<'_>, own: &[DebtorId]) -> Result<Vec<CustomerDispute>, InsightError> {
    let dispute = |row: store::DisputeRow| CustomerDispute {
        id: row.id,
        case_id: row.case_id,
        reason: row.reason,
        status: row.status,
        opened_at: row.opened_at,
        resolved_at: row.resolved_at,
    };
    Ok(store::disputes(conn, own, AT_MOST).await?.into_iter().map(dispute).collect())
}

async fn messages_of(conn: &mut Conn<'_>, own: &[DebtorId]) -> Result<Vec<CustomerMessage>, InsightError> {
    let message = |row: store::MessageRow| CustomerMessage {
        case_id: row.case_id,
        channel: row.channel,
        subject: row.subject,
        status: row.status,
        at: row.at,
    };
    Ok(store::messages(conn, own, AT_MOST).await?.into_iter().map(message).collect())
}
