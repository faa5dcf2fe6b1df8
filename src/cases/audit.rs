//! `entente audit verify`: every timeline recomputed, the first wrong row named.

use uuid::Uuid;

use super::{Case, CasesError, store, timeline};
use crate::{
    app::App,
    db::{Conn, DbError, Scope},
};

const CASES_AT_A_TIME: i64 = 200;
/// More lines than any case gets; read whole, since a chain is judged whole.
const LINES_MAX: i64 = 1_000_000;

/// What the audit found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audited {
    pub cases: u64,
    pub events: u64,
}

/// The first row that is not what was written.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error("case {reference}, line {seq} of its timeline: {why}")]
    Broken { reference: String, seq: i32, why: &'static str },
    #[error(transparent)]
    Cases(#[from] CasesError),
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Recomputes every case's chain from its first line and compares its end with what the case remembers.
///
/// # Errors
/// The first break, or the database fails.
pub async fn verify(app: &App) -> Result<Audited, AuditError> {
    let mut audited = Audited { cases: 0, events: 0 };
    let mut after = Uuid::nil();
    loop {
        let (last, cases, events) = app.db.transaction(Scope::System, async |conn| verify_page(conn, after).await).await?;
        audited.cases += cases;
        audited.events += events;
        match last {
            Some(last) => after = last,
            None => return Ok(audited),
        }
    }
}

async fn verify_page(conn: &mut Conn<'_>, after: Uuid) -> Result<(Option<Uuid>, u64, u64), AuditError> {
    let cases = store::list_all(conn, after, CASES_AT_A_TIME).await?;
    let (mut count, mut events) = (0, 0);
    for case in &cases {
        count += 1;
        events += verify_case(conn, case).await?;
    }
    Ok((cases.last().map(|case| case.id.0), count, events))
}

/// # Errors
/// The first break in this case's chain.
pub async fn verify_case(conn: &mut Conn<'_>, case: &Case) -> Result<u64, AuditError> {
    let broken = |seq, why| AuditError::Broken { reference: case.reference.clone(), seq, why };
    let events = store::list_events(conn, case.id, 0, LINES_MAX).await?;
    let end = timeline::verify(&events).map_err(|found| broken(found.seq, found.why))?;
    let lines = i32::try_from(events.len()).unwrap_or(i32::MAX);
    if lines != case.event_count {
        return Err(broken(lines.min(case.event_count) + 1, "the case remembers another number of lines"));
    }
    if end != case.last_event_hash {
        return Err(broken(lines, "the case remembers another last line"));
    }
    Ok(u64::try_from(events.len()).unwrap_or(u64::MAX))
}
