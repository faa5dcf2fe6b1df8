//! Jobs of cases.

use super::{
    CasesError,
    disputes::{self, CheckDispute},
    plans::{self, CheckPlan},
    promises::{CheckPromise, check_promise as judge},
    settlements::{self, CheckSettlement},
};
use crate::{
    app::App,
    db::{By, Scope},
    jobs::JobError,
};

/// Judges a promise whose day has passed.
///
/// # Errors
/// The database fails; the case is gone.
pub async fn check_promise(app: &App, check: CheckPromise) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    Ok(app.db.transaction(Scope::System, async |conn| judge(conn, &by, &check).await).await?)
}

/// Judges an instalment whose day has passed.
///
/// # Errors
/// The database fails; the case is gone.
pub async fn check_plan(app: &App, check: CheckPlan) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    Ok(app.db.transaction(Scope::System, async |conn| plans::check_plan(conn, &by, &check).await).await?)
}

/// Lets silence decide an objection whose term has passed.
///
/// # Errors
/// The database fails; the case is gone.
pub async fn check_dispute(app: &App, check: CheckDispute) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    Ok(app.db.transaction(Scope::System, async |conn| disputes::check_dispute(conn, &by, &check).await).await?)
}

/// Judges a settlement whose term to be answered, or to be paid, has passed.
///
/// # Errors
/// The database fails; the case is gone.
pub async fn check_settlement(app: &App, check: CheckSettlement) -> Result<(), JobError> {
    let by = By::engine(app.clock.now());
    Ok(app.db.transaction(Scope::System, async |conn| settlements::check_settlement(conn, &by, &check).await).await?)
}

impl From<CasesError> for JobError {
    fn from(error: CasesError) -> Self {
        if let CasesError::Db(error) = error { Self::from(error) } else { Self::Never(error.to_string()) }
    }
}
