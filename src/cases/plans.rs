//! Payment plans: the debtor spreads what is owed over months, within what the creditor allowed beforehand, and nobody has to
//! be asked. Contact stops while the plan is kept.
//!
//! What may never happen here: a plan beyond the creditor's policy; one called broken while a payment is being checked; a
//! debtor who kept a plan and is asked for more.

use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Case, CasesError, Command, EventKind, HoldKind, Outcome, claim_of, is_disputed_in_part, judged_at, lock, place_hold,
    reckonable, release_hold, running_holds, save, store::plans as store,
};
use crate::{
    db::{By, Conn},
    jobs, receivables,
    types::{Calendar, CaseId, Money, OrgId, PlanId, clock::day_in, text_enum},
};

/// What a creditor lets its debtors agree by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanPolicy {
    /// Monthly instalments, at most; 0: none without asking.
    pub instalments_max: i32,
    /// The least an instalment may be, in minor units of the case's currency.
    pub least_minor: i64,
    /// How far ahead the first one may lie.
    pub first_within_days: i32,
    /// 0 while the creditor has said nothing.
    pub version: i32,
}

/// A policy as a creditor sets it.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanPolicySetting {
    #[schema(minimum = 0, maximum = 24)]
    pub instalments_max: i32,
    #[schema(minimum = 1)]
    pub least_minor: i64,
    #[schema(minimum = 0, maximum = 60)]
    pub first_within_days: i32,
}

impl PlanPolicy {
    /// Until the creditor says otherwise nothing is agreed in its name.
    const NONE: Self = Self { instalments_max: 0, least_minor: 5_000, first_within_days: 30, version: 0 };
}

text_enum! {
    /// Where a plan stands.
    pub enum PlanStatus {
        Running => "running",
        Kept => "kept",
        Broken => "broken",
    }
}

/// A part of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Instalment {
    pub due_on: NaiveDate,
    pub amount: Money,
}

/// A plan. An instalment missing at the end of the working day after its day breaks it: the rest is due at once, and recovery
/// goes on. Whoever keeps it owes nothing more.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PaymentPlan {
    pub id: PlanId,
    pub status: PlanStatus,
    pub instalments: Vec<Instalment>,
    pub agreed_at: DateTime<Utc>,
}

/// What the debtor asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanWish {
    #[schema(minimum = 2, maximum = 24)]
    pub instalments: u32,
    /// The others follow month by month.
    pub first_on: NaiveDate,
}

/// Why a plan is not within the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlanRefusal {
    #[error("the creditor agrees on no plan without being asked")]
    NotOffered,
    #[error("a plan has 2 to {0} instalments here")]
    Count(u32),
    #[error("the first instalment is paid from today up to {0}")]
    FirstDay(NaiveDate),
}

impl PlanRefusal {
    #[must_use]
    pub const fn pointer(self) -> &'static str {
        match self {
            Self::NotOffered | Self::Count(_) => "/instalments",
            Self::FirstDay(_) => "/first_on",
        }
    }
}

/// How many instalments the policy allows for a debt; none where it allows no plan. Pure.
#[must_use]
pub fn most(policy: &PlanPolicy, owed: Money) -> Option<u32> {
    let by_amount = owed.minor.checked_div(policy.least_minor).unwrap_or(0);
    let most = i64::from(policy.instalments_max).min(by_amount);
    u32::try_from(most).ok().filter(|most| *most >= 2)
}

/// The last day on which the first instalment may fall.
#[must_use]
pub fn latest_first(policy: &PlanPolicy, today: NaiveDate) -> NaiveDate {
    let days = u64::try_from(policy.first_within_days).unwrap_or(0);
    today.checked_add_days(Days::new(days)).unwrap_or(today)
}

/// The instalments of a wish: equal parts that sum to what is owed, month by month. Pure.
///
/// # Errors
/// Not within the policy.
pub fn lay_out(policy: &PlanPolicy, owed: Money, wish: PlanWish, today: NaiveDate) -> Result<Vec<Instalment>, PlanRefusal> {
    let most = most(policy, owed).ok_or(PlanRefusal::NotOffered)?;
    if !(2..=most).contains(&wish.instalments) {
        return Err(PlanRefusal::Count(most));
    }
    let latest = latest_first(policy, today);
    if wish.first_on < today || wish.first_on > latest {
        return Err(PlanRefusal::FirstDay(latest));
    }
    let weights: Vec<u64> = (0..wish.instalments).map(|_| 1).collect();
    let months = (0..).map(|month| wish.first_on.checked_add_months(Months::new(month)).unwrap_or(wish.first_on));
    Ok(months.zip(owed.split(&weights)).map(|(due_on, amount)| Instalment { due_on, amount }).collect())
}

/// What a creditor allows; what holds while it has said nothing.
///
/// # Errors
/// The database fails.
pub async fn plan_policy(conn: &mut Conn<'_>, _: &By, creditor: OrgId) -> Result<PlanPolicy, CasesError> {
    Ok(store::find_policy(conn, creditor).await?.unwrap_or(PlanPolicy::NONE))
}

/// Sets what a creditor allows. Running plans stay as they were agreed.
///
/// # Errors
/// Out of range, or changed since `version` was read.
pub async fn set_plan_policy(
    conn: &mut Conn<'_>,
    by: &By,
    creditor: OrgId,
    version: i32,
    setting: PlanPolicySetting,
) -> Result<PlanPolicy, CasesError> {
    for (pointer, fits, why) in [
        ("/instalments_max", (0..=24).contains(&setting.instalments_max), "0 to 24 instalments"),
        ("/least_minor", setting.least_minor > 0, "an instalment is more than nothing"),
        ("/first_within_days", (0..=60).contains(&setting.first_within_days), "0 to 60 days"),
    ] {
        if !fits {
            return Err(CasesError::Setting(pointer, why));
        }
    }
    if !store::write_policy(conn, creditor, version, setting).await? {
        return Err(CasesError::StalePolicy(plan_policy(conn, by, creditor).await?.version));
    }
    plan_policy(conn, by, creditor).await
}

/// The debtor, or whoever speaks with them, agrees on a plan. Contact stops while it is kept.
///
/// # Errors
/// Closed, disputed, a plan is running already, or not within the policy.
pub async fn agree_plan(
    conn: &mut Conn<'_>,
    by: &By,
    case_id: CaseId,
    wish: PlanWish,
) -> Result<(Case, PaymentPlan), CasesError> {
    let mut case = lock(conn, by, case_id).await?;
    case.must_be_open("paid in parts")?;
    if running_plan(conn, by, case_id).await?.is_some() {
        return Err(CasesError::AlreadyDone("agreed that this is paid in parts"));
    }
    let held = running_holds(conn, case_id, by.at).await?.iter().any(|hold| hold.kind == HoldKind::Dispute);
    // Whoever keeps a plan owes nothing more: that cannot be said while a part waits for its answer.
    if held || is_disputed_in_part(conn, case_id).await? {
        return Err(CasesError::Disputed);
    }
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    let today = day_in(Calendar::of(debtor.country).zone(), by.at);
    let owed = claim_of(conn, by, &case, reckonable(&case, today)).await?.total;
    let instalments = lay_out(&plan_policy(conn, by, case.creditor).await?, owed, wish, today)?;
    let last_on = instalments.iter().map(|instalment| instalment.due_on).max().unwrap_or(today);
    // A day for a payment that is being checked when the last instalment is judged.
    let until = judged_at(debtor.country, last_on) + TimeDelta::days(1);
    let hold = place_hold(conn, by, &mut case, HoldKind::Plan, "a payment plan", Some(until)).await?;
    let plan = PaymentPlan { id: PlanId::fresh(), status: PlanStatus::Running, instalments, agreed_at: by.at };
    store::insert(conn, &case, hold, &plan).await?;
    case.record(by, EventKind::PlanAgreed, json!({ "plan_id": plan.id, "instalments": plan.instalments }));
    let first = plan.instalments.first().map_or(today, |instalment| instalment.due_on);
    look_at(conn, &CheckPlan { case_id, plan_id: plan.id, instalment: 1 }, judged_at(debtor.country, first)).await?;
    save(conn, by, &mut case).await?;
    Ok((case, plan))
}

/// The plans of a case, oldest first.
///
/// # Errors
/// The database fails.
pub async fn list_plans(conn: &mut Conn<'_>, _: &By, case: CaseId) -> Result<Vec<PaymentPlan>, CasesError> {
    Ok(store::list_of_case(conn, case).await?.into_iter().map(|kept| kept.plan).collect())
}

/// The plan that is being kept at present.
///
/// # Errors
/// The database fails.
pub async fn running_plan(conn: &mut Conn<'_>, by: &By, case: CaseId) -> Result<Option<PaymentPlan>, CasesError> {
    Ok(list_plans(conn, by, case).await?.into_iter().find(|plan| plan.status == PlanStatus::Running))
}

/// The job that judges an instalment, counted from 1.
#[derive(Debug, Serialize, Deserialize)]
pub struct CheckPlan {
    pub case_id: CaseId,
    pub plan_id: PlanId,
    pub instalment: usize,
}

async fn look_at(conn: &mut Conn<'_>, check: &CheckPlan, at: DateTime<Utc>) -> Result<(), CasesError> {
    Ok(jobs::enqueue(conn, "cases.check_plan", check, at).await?)
}

/// Judges an instalment whose day has passed. Harmless when repeated.
///
/// # Errors
/// The database fails.
pub async fn check_plan(conn: &mut Conn<'_>, by: &By, check: &CheckPlan) -> Result<(), CasesError> {
    let mut case = lock(conn, by, check.case_id).await?;
    let all = store::list_of_case(conn, case.id).await?;
    let Some(kept) = all.into_iter().find(|kept| kept.plan.id == check.plan_id && kept.plan.status == PlanStatus::Running) else {
        return Ok(());
    };
    if case.must_be_open("judged").is_err() {
        // What is closed is judged by its outcome: whoever paid it all has kept the plan.
        let status = if case.outcome == Some(Outcome::Paid) { PlanStatus::Kept } else { PlanStatus::Broken };
        return Ok(store::set_status(conn, check.plan_id, status).await?);
    }
    let has_come = kept.has_come(&case, check.instalment);
    let in_flight = |hold: &super::Hold| hold.kind == HoldKind::PaymentInFlight;
    if !has_come && running_holds(conn, case.id, by.at).await?.iter().any(in_flight) {
        return look_at(conn, check, by.at + TimeDelta::days(1)).await;
    }
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    match kept.plan.instalments.get(check.instalment) {
        _ if !has_come => end(conn, by, &mut case, &kept, PlanStatus::Broken).await?,
        Some(next) => {
            let check = CheckPlan { instalment: check.instalment + 1, ..*check };
            return look_at(conn, &check, judged_at(debtor.country, next.due_on)).await;
        }
        None => end(conn, by, &mut case, &kept, PlanStatus::Kept).await?,
    }
    save(conn, by, &mut case).await
}

/// The plan that was kept to its end.
///
/// # Errors
/// The database fails.
pub(super) async fn find_kept(conn: &mut Conn<'_>, case: CaseId) -> Result<Option<store::KeptPlan>, CasesError> {
    Ok(store::list_of_case(conn, case).await?.into_iter().rfind(|kept| kept.plan.status == PlanStatus::Kept))
}

impl store::KeptPlan {
    /// Whether all its instalments have come in.
    pub(super) fn is_paid(&self, case: &Case) -> bool {
        self.has_come(case, self.plan.instalments.len())
    }

    /// Whether the first `count` of them have.
    fn has_come(&self, case: &Case, count: usize) -> bool {
        let due: i64 = self.plan.instalments.iter().take(count).map(|instalment| instalment.amount.minor).sum();
        case.recovered_minor - self.recovered_before_minor >= due
    }
}

/// A plan has come to its end, or is kept no more. Called under the case's lock; the caller saves the case.
///
/// # Errors
/// The database fails.
pub(super) async fn end(
    conn: &mut Conn<'_>,
    by: &By,
    case: &mut Case,
    kept: &store::KeptPlan,
    status: PlanStatus,
) -> Result<(), CasesError> {
    store::set_status(conn, kept.plan.id, status).await?;
    let is_kept = status == PlanStatus::Kept;
    let kind = if is_kept { EventKind::PlanKept } else { EventKind::PlanBroken };
    case.record(by, kind, json!({ "plan_id": kept.plan.id }));
    release_hold(conn, by, case, kept.hold_id).await?;
    if is_kept {
        let told = json!({ "outcome": Outcome::Settled, "reason": "the payment plan was kept" });
        case.carry_out(by, Command::Close(Outcome::Settled), EventKind::Closed, told)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::types::Currency;

    const POLICY: PlanPolicy = PlanPolicy { instalments_max: 6, least_minor: 10_000, first_within_days: 30, version: 1 };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn laid_out(minor: i64, instalments: u32, first_on: &str) -> Result<Vec<Instalment>, PlanRefusal> {
        lay_out(&POLICY, eur(minor), PlanWish { instalments, first_on: day(first_on) }, day("2026-11-02"))
    }

    #[test]
    fn a_plan_is_equal_parts_month_by_month() {
        let parts = laid_out(100_000, 3, "2026-11-30").unwrap();
        let said: Vec<(String, i64)> = parts.iter().map(|part| (part.due_on.to_string(), part.amount.minor)).collect();
        let expected = [("2026-11-30", 33_334), ("2026-12-30", 33_333), ("2027-01-30", 33_333)];
        assert_eq!(said, expected.map(|(on, minor)| (on.to_owned(), minor)));
        // The last of a month stays at the end of a shorter one.
        let from_the_end =
            lay_out(&POLICY, eur(100_000), PlanWish { instalments: 2, first_on: day("2027-01-31") }, day("2027-01-31"));
        assert_eq!(from_the_end.unwrap()[1].due_on, day("2027-02-28"));
    }

    #[test]
    fn what_the_creditor_did_not_allow_is_refused() {
        assert_eq!(laid_out(100_000, 7, "2026-11-30"), Err(PlanRefusal::Count(6)));
        assert_eq!(laid_out(35_000, 4, "2026-11-30"), Err(PlanRefusal::Count(3)));
        assert_eq!(laid_out(100_000, 1, "2026-11-30"), Err(PlanRefusal::Count(6)));
        assert_eq!(laid_out(19_999, 2, "2026-11-30"), Err(PlanRefusal::NotOffered));
        assert_eq!(laid_out(100_000, 2, "2026-12-03"), Err(PlanRefusal::FirstDay(day("2026-12-02"))));
        assert_eq!(laid_out(100_000, 2, "2026-11-01"), Err(PlanRefusal::FirstDay(day("2026-12-02"))));
        let nothing =
            lay_out(&PlanPolicy::NONE, eur(100_000), PlanWish { instalments: 2, first_on: day("2026-11-30") }, day("2026-11-02"));
        assert_eq!(nothing, Err(PlanRefusal::NotOffered));
    }

    proptest! {
        #[test]
        fn a_plan_sums_to_what_is_owed_within_the_policy(minor in 1_i64..10_000_000, wished in 0_u32..12, ahead in 0_u64..40) {
            let today = day("2026-11-02");
            let wish = PlanWish { instalments: wished, first_on: today + Days::new(ahead) };
            if let Ok(parts) = lay_out(&POLICY, eur(minor), wish, today) {
                prop_assert_eq!(parts.iter().map(|part| part.amount.minor).sum::<i64>(), minor);
                prop_assert!(parts.iter().all(|part| part.amount.minor >= POLICY.least_minor));
                prop_assert!(parts.len() <= 6 && parts.is_sorted_by(|one, next| one.due_on < next.due_on));
            }
        }
    }
}
