//! SQL of limitation: which case is to be looked at, and when again.

use chrono::NaiveDate;
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Date, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    types::CaseId,
};

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = SqlUuid)]
    id: CaseId,
}

statement! {
    struct LockDue { today: NaiveDate => Date }
    "SELECT id FROM cases WHERE phase <> 'closed' AND limitation_due_on <= ? ORDER BY limitation_due_on LIMIT 1 FOR UPDATE SKIP LOCKED"
}

/// A case to be looked at, locked.
pub(in crate::cases) async fn lock_due(conn: &mut Conn<'_>, today: NaiveDate) -> Result<Option<CaseId>, DbError> {
    Ok(LockDue { today }.get_result::<Due>(conn).await.optional()?.map(|due| due.id))
}

statement! {
    struct SetLookOn { on: NaiveDate => Date, id: CaseId => SqlUuid } "UPDATE cases SET limitation_look_on = ? WHERE id = ?"
}

pub(in crate::cases) async fn set_look_on(conn: &mut Conn<'_>, id: CaseId, on: NaiveDate) -> Result<(), DbError> {
    SetLookOn { on, id }.execute(conn).await?;
    Ok(())
}
