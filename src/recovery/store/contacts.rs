//! SQL of the weekly cap and of conversations. Reads across creditors: under `Scope::System` alone.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Nullable, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    recovery::policy::PACE_DAYS,
    types::{ActionId, CaseId, DebtorId},
};

statement! {
    struct LockDebtor { debtor: DebtorId => SqlUuid }
    "SELECT pg_advisory_xact_lock(hashtextextended(identity_key, 0)) FROM debtors WHERE id = ?"
}

/// Waits until no other transaction counts or adds contacts of this debtor, whoever's customer it is there. After the case's lock.
pub async fn lock_debtor(conn: &mut Conn<'_>, debtor: DebtorId) -> Result<(), DbError> {
    LockDebtor { debtor }.execute(conn).await?;
    Ok(())
}

statement! {
    /// Case by case, by index, whatever the tables held when the plan was made.
    struct Recent { leaving_out: Option<ActionId> => Nullable<SqlUuid>, debtor: DebtorId => SqlUuid, since: DateTime<Utc> => Timestamptz }
    "SELECT made.case_id, made.at
     FROM debtors asked JOIN debtors d ON d.identity_key = asked.identity_key JOIN cases c ON c.debtor_id = d.id
     CROSS JOIN LATERAL (
        SELECT a.case_id, greatest(
            a.decided_at,
            (SELECT s.sent_at FROM deliveries s WHERE s.action_id = a.id AND s.status IN ('sent', 'delivered', 'answered')),
            (SELECT max(t.done_at) FROM tasks t WHERE t.case_id = a.case_id AND t.action_id = a.id AND t.status = 'done')) AS at
        FROM actions a WHERE a.case_id = c.id AND a.status IN ('prepared', 'done') AND a.id IS DISTINCT FROM ? OFFSET 0) made
     WHERE asked.id = ? AND made.at > ?"
}

/// A contact that was made, or is about to be.
#[derive(QueryableByName)]
pub struct RecentContact {
    #[diesel(sql_type = SqlUuid)]
    pub case_id: CaseId,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
}

/// When this debtor was contacted in the last days, or is about to be, on any case of any creditor.
pub async fn list_recent(
    conn: &mut Conn<'_>,
    debtor: DebtorId,
    leaving_out: Option<ActionId>,
    at: DateTime<Utc>,
) -> Result<Vec<RecentContact>, DbError> {
    let since = at - TimeDelta::days(PACE_DAYS);
    Ok(Recent { leaving_out, debtor, since }.load(conn).await?)
}

statement! {
    struct LastConversation { case: CaseId => SqlUuid }
    "SELECT max(done_at) AS at FROM tasks WHERE case_id = ? AND kind = 'call' AND status = 'done' AND result <> 'no_answer'"
}

#[derive(QueryableByName)]
struct MaybeAt {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    at: Option<DateTime<Utc>>,
}

/// When somebody last spoke with the debtor about this case.
pub async fn last_conversation(conn: &mut Conn<'_>, case: CaseId) -> Result<Option<DateTime<Utc>>, DbError> {
    Ok(LastConversation { case }.get_result::<MaybeAt>(conn).await?.at)
}
