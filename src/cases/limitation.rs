//! Limitation of cases: shown, warned of in time, and refused where it has run out.
//!
//! What may never happen here: a case that runs out without its creditor being told, or told twice.

use chrono::{Days, NaiveDate};
use serde_json::json;

use super::{Case, CasesError, EventKind, save, store::limitation as store, terms_of};
use crate::{
    app::App,
    db::{By, Conn, DbError, Scope},
    receivables::{self, Enforceability, limitation::WARNED_DAYS_BEFORE},
    types::{CaseId, clock::day_in},
};

/// Cases looked at before other work gets its turn again.
const AT_A_TIME: usize = 20;

/// Nothing more to be said: no clock of ours gets there, and PostgreSQL can write it.
const FAR: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// The open receivable of a case that runs out first; `None` when nothing is open.
///
/// # Errors
/// The database fails.
pub async fn limitation_of(
    conn: &mut Conn<'_>,
    by: &By,
    case: &Case,
    on: NaiveDate,
) -> Result<Option<Enforceability>, CasesError> {
    let terms = terms_of(conn, by, case).await?;
    let open = receivables::enforceability_of_case(conn, by, case.id, &terms, on).await?;
    Ok(open.into_iter().next())
}

/// Before a case is given to somebody who would pursue it.
///
/// # Errors
/// One of its receivables is time-barred.
pub async fn check_enforceable(conn: &mut Conn<'_>, by: &By, case: &Case) -> Result<(), CasesError> {
    let on = day_in(chrono_tz::UTC, by.at);
    if !receivables::may_be_barred(case.oldest_due_on, on) {
        return Ok(());
    }
    match limitation_of(conn, by, case, on).await?.filter(|pressing| pressing.time_barred) {
        Some(barred) => Err(CasesError::TimeBarred(Box::new(barred))),
        None => Ok(()),
    }
}

/// Looks at cases whose time may run out; returns at how many.
///
/// # Errors
/// The database fails.
pub async fn round(app: &App) -> Result<usize, DbError> {
    let mut looked_at = 0;
    while looked_at < AT_A_TIME && look_at_next(app).await? {
        looked_at += 1;
    }
    Ok(looked_at)
}

async fn look_at_next(app: &App) -> Result<bool, DbError> {
    let by = By::engine(app.clock.now());
    let today = day_in(chrono_tz::UTC, by.at);
    let mut at_hand = None;
    let looked = app.db.transaction(Scope::System, async |conn| {
        let Some(id) = store::lock_due(conn, today).await? else { return Ok(false) };
        at_hand = Some(id);
        let mut case = super::find(conn, &by, id).await?;
        let next = look_at(conn, &by, &mut case, today).await?;
        store::set_look_on(conn, id, next).await?;
        Ok::<_, CasesError>(true)
    });
    let looked = looked.await;
    match (looked, at_hand) {
        (Ok(found), _) => Ok(found),
        (Err(CasesError::Db(error)), _) => Err(error),
        (Err(error), None) => Err(DbError::Busy(error.to_string())),
        (Err(error), Some(case)) => {
            tracing::error!(%case, %error, "its limitation could not be reckoned");
            put_off(app, case, today).await.map(|()| true)
        }
    }
}

/// A case that cannot be reckoned costs the others nothing; it is looked at again tomorrow.
async fn put_off(app: &App, case: CaseId, today: NaiveDate) -> Result<(), DbError> {
    let tomorrow = today.succ_opt().unwrap_or(FAR);
    app.db.transaction(Scope::System, async |conn| store::set_look_on(conn, case, tomorrow).await).await
}

/// Warns, or says that the time is over; answers the day of the next look.
async fn look_at(conn: &mut Conn<'_>, by: &By, case: &mut Case, today: NaiveDate) -> Result<NaiveDate, CasesError> {
    let Some(pressing) = limitation_of(conn, by, case, today).await? else {
        // A payment may bounce and open it again.
        return Ok(today.checked_add_days(Days::new(WARNED_DAYS_BEFORE)).unwrap_or(FAR));
    };
    let until = pressing.time_bar.enforceable_until;
    let warned_from = until.checked_sub_days(Days::new(WARNED_DAYS_BEFORE)).unwrap_or(today);
    if today < warned_from {
        return Ok(warned_from);
    }
    let kind = if pressing.time_barred { EventKind::TimeBarred } else { EventKind::LimitationNear };
    let data = json!({
        "enforceable_until": until, "number": pressing.number, "citation": pressing.time_bar.citation,
        "uncertain": pressing.time_bar.uncertain, "interrupted_by": pressing.time_bar.interrupted_by,
    });
    case.record(by, kind, data);
    save(conn, by, case).await?;
    Ok(if pressing.time_barred { FAR } else { until.succ_opt().unwrap_or(FAR) })
}
