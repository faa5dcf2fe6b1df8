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
    struct Recent { debtor: DebtorId => SqlUuid, leaving_out: Option<ActionId> => Nullable<SqlUuid>, since: DateTime<Utc> => Timestamptz,
                    sent_since: DateTime<Utc> => Timestamptz, called_since: DateTime<Utc> => Timestamptz }
    "SELECT a.case_id, greatest(a.decided_at, d.sent_at, t.done_at) AS at
     FROM debtors asked JOIN debtors d0 ON d0.identity_key = asked.identity_key
     JOIN cases c ON c.debtor_id = d0.id JOIN actions a ON a.case_id = c.id
     LEFT JOIN deliveries d ON d.action_id = a.id AND d.status IN ('sent', 'delivered', 'answered')
     LEFT JOIN tasks t ON t.action_id = a.id AND t.status = 'done'
     WHERE asked.id = ? AND a.status IN ('prepared', 'done') AND a.id IS DISTINCT FROM ?
       AND (a.decided_at > ? OR d.sent_at > ? OR t.done_at > ?)"
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
    Ok(Recent { debtor, leaving_out, since, sent_since: since, called_since: since }.load(conn).await?)
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
