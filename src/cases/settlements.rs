//! Settlements: less than is claimed is enough, where it is paid by a day. The creditor or its agency offers, or the debtor asks.
//!
//! What may never happen here: less agreed in a creditor's name than it allowed or said yes to; a debtor who paid what was agreed
//! in time and is asked for more; a rest that is given up where nothing came.
//!
//! Nothing is taken off before the money is there: a broken settlement leaves the whole claim as it was, and fees fall on what
//! came in and nothing else. Once it is kept the case closes as `settled`, and the rest stands in its timeline as waived.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Case, CasesError, Command, EventKind, HoldKind, Outcome, claim_of, judged_at, list_disputes, lock, place_hold, reckonable,
    release_hold, running_holds, save, store::settlements as store,
};
use crate::{
    db::{By, Conn, Scope},
    jobs, receivables,
    types::{
        BasisPoints, Calendar, CaseId, Country, HoldId, Money, MoneyError, OrgId, Rounding, SettlementId, clock::day_in,
        term::Term, text_enum,
    },
};

/// What may be agreed in a creditor's name without asking it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettlementPolicy {
    /// Of what is claimed, the least; 10,000: nothing less than all. Debtors never read it.
    pub floor_bp: i32,
    /// How long an offer or a request may be answered.
    pub answer_days: i32,
    /// How far ahead the day of payment may lie.
    pub pay_within_days: i32,
    /// 0 while the creditor has said nothing.
    pub version: i32,
}

/// A policy as a creditor sets it.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettlementPolicySetting {
    #[schema(minimum = 1, maximum = 10_000)]
    pub floor_bp: i32,
    #[schema(minimum = 1, maximum = 60)]
    pub answer_days: i32,
    #[schema(minimum = 1, maximum = 90)]
    pub pay_within_days: i32,
}

impl SettlementPolicy {
    const NONE: Self = Self { floor_bp: 10_000, answer_days: 14, pay_within_days: 30, version: 0 };

    fn last_day(&self, today: NaiveDate) -> NaiveDate {
        let days = u64::try_from(self.pay_within_days).unwrap_or(0);
        today.checked_add_days(Days::new(days)).unwrap_or(today)
    }
}

text_enum! {
    /// Who proposes.
    pub enum Proposer {
        /// Or its agency.
        Creditor => "creditor",
        Debtor => "debtor",
    }
}

text_enum! {
    /// Where a settlement stands.
    pub enum SettlementStatus {
        /// The other side has not answered.
        Open => "open",
        Agreed => "agreed",
        Declined => "declined",
        Expired => "expired",
        /// Paid in time: nothing more is owed.
        Kept => "kept",
        /// Not paid in time: the whole claim stands as before.
        Broken => "broken",
    }
}

/// A settlement.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Settlement {
    pub id: SettlementId,
    pub case_id: CaseId,
    pub proposed_by: Proposer,
    /// Enough, where it is paid by `pay_by`.
    pub amount: Money,
    /// What was claimed when it was proposed.
    pub claimed: Money,
    pub pay_by: NaiveDate,
    /// Until when the other side may answer.
    pub answer_by: DateTime<Utc>,
    pub status: SettlementStatus,
    /// What was still claimed when it was kept.
    pub waived: Money,
    pub proposed_at: DateTime<Utc>,
    #[serde(skip)]
    pub(in crate::cases) hold_id: Option<HoldId>,
    #[serde(skip)]
    pub(in crate::cases) recovered_before_minor: i64,
}

/// What is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    pub amount: Money,
    /// The last day of payment.
    pub pay_by: NaiveDate,
}

text_enum! {
    /// What the other side says.
    pub enum SettlementAnswer {
        Accept => "accept",
        Decline => "decline",
    }
}

/// Why a proposal is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettlementRefusal {
    #[error("more than nothing and less than the {0} that are claimed")]
    Amount(Money),
    #[error("below {0} only the creditor itself settles")]
    BelowTheFloor(Money),
    #[error("the day of payment is from today up to {0}")]
    PayBy(NaiveDate),
}

impl SettlementRefusal {
    #[must_use]
    pub const fn pointer(self) -> &'static str {
        match self {
            Self::Amount(_) | Self::BelowTheFloor(_) => "/amount",
            Self::PayBy(_) => "/pay_by",
        }
    }
}

/// The least that is agreed to without asking the creditor. Pure.
///
/// # Errors
/// More than money holds.
pub fn floor(policy: &SettlementPolicy, claimed: Money) -> Result<Money, MoneyError> {
    let given_up = claimed.share(BasisPoints(10_000 - policy.floor_bp), Rounding::Down)?;
    claimed.checked_sub(given_up)
}

/// Whether a proposal can be made at all. Pure.
///
/// # Errors
/// Nothing, all or more of what is claimed; a day that is past or too far.
pub fn check(policy: &SettlementPolicy, claimed: Money, proposal: Proposal, today: NaiveDate) -> Result<(), SettlementRefusal> {
    let Proposal { amount, pay_by } = proposal;
    if amount.currency != claimed.currency || !amount.is_positive() || amount.minor >= claimed.minor {
        return Err(SettlementRefusal::Amount(claimed));
    }
    let last = policy.last_day(today);
    if pay_by < today || pay_by > last { Err(SettlementRefusal::PayBy(last)) } else { Ok(()) }
}

/// What a creditor allows; what holds while it has said nothing.
///
/// # Errors
/// The database fails.
pub async fn settlement_policy(conn: &mut Conn<'_>, creditor: OrgId) -> Result<SettlementPolicy, CasesError> {
    Ok(store::find_policy(conn, creditor).await?.unwrap_or(SettlementPolicy::NONE))
}

/// Sets what a creditor allows. What is open or agreed stays as it was proposed.
///
/// # Errors
/// Out of range, or changed since `version` was read.
pub async fn set_settlement_policy(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    version: i32,
    setting: SettlementPolicySetting,
) -> Result<SettlementPolicy, CasesError> {
    for (pointer, fits, why) in [
        ("/floor_bp", (1..=10_000).contains(&setting.floor_bp), "1 to 10,000 basis points of what is claimed"),
        ("/answer_days", (1..=60).contains(&setting.answer_days), "1 to 60 days"),
        ("/pay_within_days", (1..=90).contains(&setting.pay_within_days), "1 to 90 days"),
    ] {
        if !fits {
            return Err(CasesError::Setting(pointer, why));
        }
    }
    if !store::write_policy(conn, creditor, version, setting).await? {
        return Err(CasesError::StalePolicy(settlement_policy(conn, creditor).await?.version));
    }
    settlement_policy(conn, creditor).await
}

/// What a proposal on a case is held against.
struct Ground {
    case: Case,
    country: Country,
    today: NaiveDate,
    claimed: Money,
    policy: SettlementPolicy,
}

impl Ground {
    /// # Errors
    /// Closed, disputed, or something is proposed or agreed already.
    async fn of(conn: &mut Conn<'_>, by: &By, id: CaseId) -> Result<Self, CasesError> {
        let case = lock(conn, by, id).await?;
        case.must_be_open("settled")?;
        if list_settlements(conn, case.id).await?.iter().any(|one| one.status.is_live()) {
            return Err(CasesError::AlreadyDone("proposed or agreed: one settlement at a time"));
        }
        if list_disputes(conn, by, case.id).await?.iter().any(|dispute| dispute.status == super::DisputeStatus::Open) {
            return Err(CasesError::Disputed);
        }
        if running_holds(conn, case.id, by.at).await?.iter().any(|hold| hold.kind == HoldKind::Plan) {
            return Err(CasesError::AlreadyDone("agreed that this is paid in parts"));
        }
        let country = receivables::find_debtor(conn, by, case.debtor).await?.country;
        let today = day_in(Calendar::of(country).zone(), by.at);
        let claimed = claim_of(conn, by, &case, reckonable(&case, today)).await?.total;
        let policy = settlement_policy(conn, case.creditor).await?;
        Ok(Self { case, country, today, claimed, policy })
    }

    fn proposed(&self, by: &By, proposed_by: Proposer, proposal: Proposal) -> Settlement {
        let days = u64::try_from(self.policy.answer_days).unwrap_or(0);
        let last = self.today.checked_add_days(Days::new(days)).unwrap_or(self.today).min(proposal.pay_by);
        Settlement {
            id: SettlementId::fresh(),
            case_id: self.case.id,
            proposed_by,
            amount: proposal.amount,
            claimed: self.claimed,
            pay_by: proposal.pay_by,
            answer_by: judged_at(self.country, last),
            status: SettlementStatus::Open,
            waived: Money::zero(self.claimed.currency),
            proposed_at: by.at,
            hold_id: None,
            recovered_before_minor: self.case.recovered_minor,
        }
    }
}

impl Settlement {
    /// What is still to come of what was agreed; nothing or less where it has come.
    pub(super) const fn left(&self, case: &Case) -> Money {
        let came = case.recovered_minor.saturating_sub(self.recovered_before_minor);
        Money::new(self.amount.minor.saturating_sub(came), self.amount.currency)
    }

    /// Whether what was agreed has come in since.
    pub(super) const fn is_paid(&self, case: &Case) -> bool {
        !self.left(case).is_positive()
    }

    /// When it is judged whether it was kept.
    async fn judged_at(&self, conn: &mut Conn<'_>, by: &By, case: &Case) -> Result<DateTime<Utc>, CasesError> {
        let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
        Ok(judged_at(debtor.country, self.pay_by))
    }
}

impl SettlementStatus {
    const fn is_live(self) -> bool {
        matches!(self, Self::Open | Self::Agreed)
    }
}

fn told(settlement: &Settlement) -> serde_json::Value {
    json!({ "settlement_id": settlement.id, "amount_minor": settlement.amount.minor, "currency": settlement.amount.currency,
            "pay_by": settlement.pay_by, "answer_by": settlement.answer_by, "proposed_by": settlement.proposed_by })
}

/// The creditor, or its agency down to the creditor's floor, offers to be content with less. The offer binds until it expires;
/// the next message tells the debtor, whose page shows it at once.
///
/// # Errors
/// See [`check`] and [`Ground::of`]; an agency below the floor.
pub async fn offer(conn: &mut Conn<'_>, by: &By, id: CaseId, proposal: Proposal) -> Result<Settlement, CasesError> {
    let mut ground = Ground::of(conn, by, id).await?;
    check(&ground.policy, ground.claimed, proposal, ground.today)?;
    let least = floor(&ground.policy, ground.claimed)?;
    if matches!(by.scope, Scope::Agency(_)) && proposal.amount.minor < least.minor {
        return Err(SettlementRefusal::BelowTheFloor(least).into());
    }
    let settlement = ground.proposed(by, Proposer::Creditor, proposal);
    store::insert(conn, ground.case.creditor, &settlement).await?;
    let case = &mut ground.case;
    case.record(by, EventKind::SettlementOffered, told(&settlement));
    // What was prepared does not tell of it.
    case.stop_contact(case.next_action_at);
    await_answer(conn, by, &settlement).await?;
    save(conn, by, &mut ground.case).await?;
    Ok(settlement)
}

/// The debtor, or whoever speaks with them, asks for it. From the creditor's floor on it is agreed at once; below it the
/// creditor is asked, and contact rests until it has answered.
///
/// # Errors
/// See [`check`] and [`Ground::of`].
pub async fn ask(conn: &mut Conn<'_>, by: &By, id: CaseId, proposal: Proposal) -> Result<Settlement, CasesError> {
    let mut ground = Ground::of(conn, by, id).await?;
    check(&ground.policy, ground.claimed, proposal, ground.today)?;
    let mut settlement = ground.proposed(by, Proposer::Debtor, proposal);
    store::insert(conn, ground.case.creditor, &settlement).await?;
    ground.case.record(by, EventKind::SettlementAsked, told(&settlement));
    if proposal.amount.minor >= floor(&ground.policy, ground.claimed)?.minor {
        agree(conn, by, &mut ground.case, &mut settlement).await?;
    } else {
        // A day more than the answer may take: the job that lets it expire releases the hold.
        let until = settlement.answer_by + TimeDelta::days(1);
        hold_until(conn, by, &mut ground.case, &mut settlement, until).await?;
        await_answer(conn, by, &settlement).await?;
    }
    save(conn, by, &mut ground.case).await?;
    Ok(settlement)
}

async fn hold_until(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    settlement: &mut Settlement,
    until: DateTime<Utc>,
) -> Result<(), CasesError> {
    if let Some(earlier) = settlement.hold_id {
        release_hold(conn, by, case, earlier).await?;
    }
    let hold = place_hold(conn, by, case, HoldKind::Settlement, "a settlement", Some(until)).await?;
    settlement.hold_id = Some(hold);
    Ok(store::set_hold(conn, settlement.id, hold).await?)
}

/// From now on nobody asks for anything until its day has passed.
async fn agree(conn: &mut Conn<'_>, by: &By, case: &mut Case, settlement: &mut Settlement) -> Result<(), CasesError> {
    settlement.status = SettlementStatus::Agreed;
    settlement.recovered_before_minor = case.recovered_minor;
    store::set_agreed(conn, settlement.id, case.recovered_minor).await?;
    let judged = settlement.judged_at(conn, by, case).await?;
    wait_for_payment(conn, by, case, settlement, judged).await
}

async fn wait_for_payment(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    settlement: &mut Settlement,
    judged: DateTime<Utc>,
) -> Result<(), CasesError> {
    hold_until(conn, by, case, settlement, judged + TimeDelta::days(1)).await?;
    case.record(by, EventKind::SettlementAgreed, told(settlement));
    watch(conn, settlement, judged).await
}

/// The side that was asked answers: to an offer the debtor, or whoever speaks with them; to a debtor's request the creditor.
///
/// # Errors
/// Not visible, answered or expired before, or the creditor's to answer.
pub async fn answer(conn: &mut Conn<'_>, by: &By, id: SettlementId, said: SettlementAnswer) -> Result<Settlement, CasesError> {
    let missing = || CasesError::NoSuch("settlement");
    let case = store::case_of(conn, id).await?.ok_or_else(missing)?;
    let mut case = lock(conn, by, case).await?;
    let mut settlement = list_settlements(conn, case.id).await?.into_iter().find(|one| one.id == id).ok_or_else(missing)?;
    if settlement.status != SettlementStatus::Open || settlement.answer_by <= by.at {
        return Err(CasesError::AlreadyDone("answered, or it has expired"));
    }
    case.must_be_open("settled")?;
    if settlement.proposed_by == Proposer::Debtor && !matches!(by.scope, Scope::Creditor(_)) {
        return Err(CasesError::TheCreditors);
    }
    match said {
        SettlementAnswer::Accept => agree(conn, by, &mut case, &mut settlement).await?,
        SettlementAnswer::Decline => {
            end(conn, by, &mut case, &mut settlement, (SettlementStatus::Declined, EventKind::SettlementDeclined)).await?;
        }
    }
    save(conn, by, &mut case).await?;
    Ok(settlement)
}

async fn end(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    settlement: &mut Settlement,
    (status, kind): (SettlementStatus, EventKind),
) -> Result<(), CasesError> {
    settlement.status = status;
    store::set_ended(conn, settlement.id, status, settlement.waived.minor).await?;
    let mut data = told(settlement);
    if let (Some(data), true) = (data.as_object_mut(), status == SettlementStatus::Kept) {
        data.insert("waived_minor".to_owned(), json!(settlement.waived.minor));
    }
    case.record(by, kind, data);
    if let Some(hold) = settlement.hold_id {
        release_hold(conn, by, case, hold).await?;
    }
    Ok(())
}

/// Closes the case where what was agreed has come in by its day; `left` is what is claimed beside it, and waived. Called with
/// each payment, under the case's lock; the caller saves the case.
///
/// # Errors
/// The database fails.
pub async fn settle_as_agreed(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    (received_on, left): (NaiveDate, Money),
) -> Result<(), CasesError> {
    if case.must_be_open("settled").is_err() {
        return Ok(());
    }
    let Some(mut settlement) = store::find_agreed(conn, case.id).await? else { return Ok(()) };
    if !settlement.is_paid(case) || received_on > settlement.pay_by {
        return Ok(());
    }
    keep(conn, by, case, &mut settlement, left).await
}

async fn keep(conn: &mut Conn<'_>, by: &By, case: &mut Case, settlement: &mut Settlement, left: Money) -> Result<(), CasesError> {
    settlement.waived = left;
    end(conn, by, case, settlement, (SettlementStatus::Kept, EventKind::SettlementKept)).await?;
    let told = json!({ "outcome": Outcome::Settled, "reason": "the settlement was kept", "waived_minor": left.minor });
    case.carry_out(by, Command::Close(Outcome::Settled), EventKind::Closed, told)?;
    Ok(())
}

/// The settlement that was kept.
///
/// # Errors
/// The database fails.
pub(super) async fn find_kept(conn: &mut Conn<'_>, case: CaseId) -> Result<Option<Settlement>, CasesError> {
    Ok(list_settlements(conn, case).await?.into_iter().rfind(|one| one.status == SettlementStatus::Kept))
}

/// What it was kept with went back. Where its day has not passed it is agreed as before, so that it may still be paid;
/// else it is broken. Called under the case's lock; the caller saves the case.
///
/// # Errors
/// The database fails.
pub(super) async fn fall_back(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    settlement: &mut Settlement,
) -> Result<(), CasesError> {
    settlement.waived = Money::zero(settlement.amount.currency);
    let judged = settlement.judged_at(conn, by, case).await?;
    if judged <= by.at {
        return end(conn, by, case, settlement, (SettlementStatus::Broken, EventKind::SettlementBroken)).await;
    }
    settlement.status = SettlementStatus::Agreed;
    store::set_ended(conn, settlement.id, settlement.status, 0).await?;
    wait_for_payment(conn, by, case, settlement, judged).await
}

/// More than was agreed had come; a part of it went back, and what is left is still enough.
///
/// # Errors
/// The database fails.
pub(super) async fn waive_more(conn: &mut Conn<'_>, settlement: &mut Settlement, amount: Money) -> Result<(), CasesError> {
    settlement.waived = settlement.waived.checked_add(amount)?;
    Ok(store::set_ended(conn, settlement.id, settlement.status, settlement.waived.minor).await?)
}

/// The job that judges a settlement: whether it was answered, then whether it was paid.
#[derive(Debug, Serialize, Deserialize)]
pub struct CheckSettlement {
    pub case_id: CaseId,
    pub settlement_id: SettlementId,
}

/// Lets it expire, after a word to the side whose answer is awaited.
async fn await_answer(conn: &mut Conn<'_>, by: &By, settlement: &Settlement) -> Result<(), CasesError> {
    watch(conn, settlement, settlement.answer_by).await?;
    let term = Term::Settlement { settlement_id: settlement.id };
    Ok(jobs::enqueue_reminder(conn, term, by.at, settlement.answer_by).await?)
}

async fn watch(conn: &mut Conn<'_>, settlement: &Settlement, at: DateTime<Utc>) -> Result<(), CasesError> {
    let check = CheckSettlement { case_id: settlement.case_id, settlement_id: settlement.id };
    Ok(jobs::enqueue(conn, "cases.check_settlement", &check, at).await?)
}

/// Judges a settlement whose term has passed. Harmless when repeated.
///
/// # Errors
/// The database fails.
pub async fn check_settlement(conn: &mut Conn<'_>, by: &By, check: &CheckSettlement) -> Result<(), CasesError> {
    let mut case = lock(conn, by, check.case_id).await?;
    let all = list_settlements(conn, case.id).await?;
    let Some(mut settlement) = all.into_iter().find(|one| one.id == check.settlement_id) else { return Ok(()) };
    if case.must_be_open("judged").is_err() {
        // What is closed is judged by its outcome: whoever paid it all has kept any settlement.
        let status = if case.outcome == Some(Outcome::Paid) { SettlementStatus::Kept } else { SettlementStatus::Broken };
        return if settlement.status.is_live() { Ok(store::set_ended(conn, settlement.id, status, 0).await?) } else { Ok(()) };
    }
    match settlement.status {
        SettlementStatus::Open if settlement.answer_by <= by.at => {
            end(conn, by, &mut case, &mut settlement, (SettlementStatus::Expired, EventKind::SettlementExpired)).await?;
        }
        SettlementStatus::Agreed => {
            let judged = settlement.judged_at(conn, by, &case).await?;
            let in_flight = running_holds(conn, case.id, by.at).await?.iter().any(|hold| hold.kind == HoldKind::PaymentInFlight);
            if judged > by.at {
                return Ok(());
            }
            if in_flight {
                return watch(conn, &settlement, by.at + TimeDelta::days(1)).await;
            }
            end(conn, by, &mut case, &mut settlement, (SettlementStatus::Broken, EventKind::SettlementBroken)).await?;
        }
        SettlementStatus::Open
        | SettlementStatus::Declined
        | SettlementStatus::Expired
        | SettlementStatus::Kept
        | SettlementStatus::Broken => return Ok(()),
    }
    save(conn, by, &mut case).await
}

/// The settlements of a case, oldest first.
///
/// # Errors
/// The database fails.
pub async fn list_settlements(conn: &mut Conn<'_>, case: CaseId) -> Result<Vec<Settlement>, CasesError> {
    Ok(store::list_of_case(conn, case).await?)
}

/// What is proposed or agreed at present.
///
/// # Errors
/// The database fails.
pub async fn live_settlement(conn: &mut Conn<'_>, by: &By, case: CaseId) -> Result<Option<Settlement>, CasesError> {
    let is_live = |one: &Settlement| match one.status {
        SettlementStatus::Open => one.answer_by > by.at,
        SettlementStatus::Agreed => true,
        SettlementStatus::Declined | SettlementStatus::Expired | SettlementStatus::Kept | SettlementStatus::Broken => false,
    };
    Ok(list_settlements(conn, case).await?.into_iter().find(is_live))
}

/// The last day of payment that a debtor may name; none where the creditor settles nothing by itself.
///
/// # Errors
/// The database fails.
pub async fn latest_pay_by(conn: &mut Conn<'_>, creditor: OrgId, today: NaiveDate) -> Result<Option<NaiveDate>, CasesError> {
    let policy = settlement_policy(conn, creditor).await?;
    Ok((policy.version > 0).then(|| policy.last_day(today)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::types::Currency;

    const POLICY: SettlementPolicy = SettlementPolicy { floor_bp: 8_000, answer_days: 14, pay_within_days: 30, version: 1 };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn checked(minor: i64, pay_by: &str) -> Result<(), SettlementRefusal> {
        check(&POLICY, eur(100_000), Proposal { amount: eur(minor), pay_by: day(pay_by) }, day("2026-11-02"))
    }

    #[test]
    fn a_settlement_is_for_something_and_less_than_all_within_the_days_allowed() {
        assert_eq!(checked(99_999, "2026-11-02"), Ok(()));
        assert_eq!(checked(1, "2026-12-02"), Ok(()));
        assert_eq!(checked(0, "2026-11-20"), Err(SettlementRefusal::Amount(eur(100_000))));
        assert_eq!(checked(100_000, "2026-11-20"), Err(SettlementRefusal::Amount(eur(100_000))));
        for pay_by in ["2026-11-01", "2026-12-03"] {
            assert_eq!(checked(90_000, pay_by), Err(SettlementRefusal::PayBy(day("2026-12-02"))));
        }
    }

    proptest! {
        #[test]
        fn the_floor_is_never_rounded_in_the_debtors_favour(minor in 1_i64..100_000_000, floor_bp in 1_i32..=10_000) {
            let least = floor(&SettlementPolicy { floor_bp, ..POLICY }, eur(minor)).unwrap();
            prop_assert!(i128::from(least.minor) * 10_000 >= i128::from(minor) * i128::from(floor_bp));
            prop_assert!(least.minor <= minor);
        }
    }
}
