//! Job of credit: scores follow what happens.

use crate::{
    app::App,
    cases::NewEvents,
    db::{By, Scope},
    jobs::JobError,
};

/// Scores the customer of a case anew, where what happened says something about it.
///
/// # Errors
/// The database fails.
pub async fn score_on_events(app: &App, new: NewEvents) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    let scored = app
        .db
        .transaction(Scope::System, async |conn| super::score_on_event(conn, &by, new.case_id, (new.from_seq, new.to_seq)).await);
    Ok(scored.await?)
}
