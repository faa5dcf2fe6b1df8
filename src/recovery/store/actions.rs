//! SQL of actions.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    recovery::{
        policy::Rule,
        records::{Action, ActionStatus},
        strategy::Template,
    },
    types::{ActionId, CaseId, Channel, OrgId, StrategyRunId, Tone},
};

statement! {
    pub struct Insert { id: ActionId => SqlUuid, case: CaseId => SqlUuid, creditor: OrgId => SqlUuid, agency: Option<OrgId> => Nullable<SqlUuid>,
                        run: StrategyRunId => SqlUuid, step: i32 => Integer, is_fallback: bool => Bool, channel: Channel => Text, template: Template => Text, tone: Tone => Text,
                        status: ActionStatus => Text, rule: Option<Rule> => Nullable<Text>, decided_at: DateTime<Utc> => Timestamptz }
    "INSERT INTO actions (id, case_id, creditor_id, agency_id, run_id, step, is_fallback, channel, template, tone, status, rule, decided_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
}

pub async fn insert(conn: &mut Conn<'_>, action: &Insert) -> Result<(), DbError> {
    action.execute(conn).await?;
    Ok(())
}

statement! {
    struct SetStatus { status: ActionStatus => Text, rule: Option<Rule> => Nullable<Text>, id: ActionId => SqlUuid }
    "UPDATE actions SET status = ?, rule = coalesce(?, rule) WHERE id = ?"
}

pub async fn set_status(conn: &mut Conn<'_>, id: ActionId, status: ActionStatus, rule: Option<Rule>) -> Result<(), DbError> {
    SetStatus { status, rule, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct OfCase { case: CaseId => SqlUuid }
    "SELECT id, agency_id, step + 1 AS step, channel, template, tone, status, rule, decided_at FROM actions WHERE case_id = ? ORDER BY id"
}

/// Oldest first, as far as row-level security shows them.
pub async fn list_of_case(conn: &mut Conn<'_>, case: CaseId) -> Result<Vec<Action>, DbError> {
    Ok(OfCase { case }.load(conn).await?)
}
