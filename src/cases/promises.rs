//! Promises: the debtor names a day, contact stops until it has passed, and the day decides whether it was kept.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Case, CasesError, EventKind, HoldKind, claim_of, judged_at, lock, place_hold, reckonable, save, store::promises as store,
};
use crate::{
    db::{By, Conn},
    jobs, receivables,
    types::{Calendar, CaseId, Money, PromiseId, clock::day_in, text_enum},
};

/// How far ahead a promise may lie.
const AT_MOST_DAYS: u64 = 60;

text_enum! {
    /// What became of a promise.
    pub enum PromiseStatus {
        Open => "open",
        Kept => "kept",
        Broken => "broken",
    }
}

/// A day and an amount the debtor named.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Promise {
    pub id: PromiseId,
    pub amount: Money,
    pub promised_on: NaiveDate,
    pub status: PromiseStatus,
}

/// The job that judges a promise: `recovered_minor` is what had come in when it was made.
#[derive(Debug, Serialize, Deserialize)]
pub struct CheckPromise {
    pub case_id: CaseId,
    pub promise_id: PromiseId,
    pub recovered_minor: i64,
}

/// The debtor, or whoever spoke with them, promises `amount` (all that is owed unless said) for a day.
///
/// # Errors
/// The case is closed, the day is past or too far, or the amount is not owed.
pub async fn make_promise(
    conn: &mut Conn<'_>,
    by: &By,
    case_id: CaseId,
    amount: Option<Money>,
    promised_on: NaiveDate,
) -> Result<(Case, Promise), CasesError> {
    let mut case = lock(conn, by, case_id).await?;
    case.must_be_open("promised")?;
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    let today = day_in(Calendar::of(debtor.country).zone(), by.at);
    let latest = latest_day(today);
    if promised_on < today || promised_on > latest {
        return Err(CasesError::PromiseDay(latest));
    }
    let owed = claim_of(conn, by, &case, reckonable(&case, promised_on)).await?.total;
    let amount = amount.unwrap_or(owed);
    if amount.currency != owed.currency || !amount.is_positive() || amount.minor > owed.minor {
        return Err(CasesError::PromiseAmount(owed));
    }
    let judged_at = judged_at(debtor.country, promised_on);
    let hold = place_hold(conn, by, &mut case, HoldKind::Promise, "payment promised", Some(judged_at)).await?;
    let id = PromiseId::fresh();
    let promise = store::Insert {
        id,
        case: case.id,
        creditor: case.creditor,
        hold,
        amount_minor: amount.minor,
        promised_on,
        created_at: by.at,
    };
    store::insert(conn, &promise).await?;
    case.record(
        by,
        EventKind::PromiseMade,
        json!({ "promise_id": id, "amount_minor": amount.minor, "currency": amount.currency, "promised_on": promised_on }),
    );
    jobs::enqueue(
        conn,
        "cases.check_promise",
        &CheckPromise { case_id, promise_id: id, recovered_minor: case.recovered_minor },
        judged_at,
    )
    .await?;
    save(conn, by, &mut case).await?;
    Ok((case, Promise { id, amount, promised_on, status: PromiseStatus::Open }))
}

/// The last day that a promise made today may name.
#[must_use]
pub fn latest_day(today: NaiveDate) -> NaiveDate {
    today.checked_add_days(Days::new(AT_MOST_DAYS)).unwrap_or(today)
}

/// The day that the debtor named last and that is not judged yet.
///
/// # Errors
/// The database fails.
pub async fn promised_day(conn: &mut Conn<'_>, _by: &By, case: CaseId) -> Result<Option<NaiveDate>, CasesError> {
    Ok(store::find_open_day(conn, case).await?)
}

/// Judges a promise when its day has passed: kept if that much came in since it was made.
///
/// # Errors
/// The database fails.
pub async fn check_promise(conn: &mut Conn<'_>, by: &By, check: &CheckPromise) -> Result<(), CasesError> {
    let mut case = lock(conn, by, check.case_id).await?;
    let Some(promised_minor) = store::find_open(conn, check.promise_id).await? else { return Ok(()) };
    let kept = case.recovered_minor - check.recovered_minor >= promised_minor;
    let (status, kind) =
        if kept { (PromiseStatus::Kept, EventKind::PromiseKept) } else { (PromiseStatus::Broken, EventKind::PromiseBroken) };
    store::set_status(conn, check.promise_id, status).await?;
    case.record(by, kind, json!({ "promise_id": check.promise_id }));
    if case.is_pursued() && super::running_holds(conn, case.id, by.at).await?.is_empty() {
        case.look_again(by.at);
    }
    save(conn, by, &mut case).await
}
