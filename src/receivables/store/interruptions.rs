//! SQL of what began the time of debts anew.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Date, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{By, Conn, DbError, statement},
    receivables::{
        enforcement::{Interrupted, NewInterruption},
        limitation::Interruption,
    },
    types::{OrgId, ReceivableId},
};

statement! {
    struct Insert<'a> {
        receivable: ReceivableId => SqlUuid, creditor: OrgId => SqlUuid, kind: Interruption => Text, interrupted_on: NaiveDate => Date,
        evidence: &'a str => Text, recorded_at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO interruptions (receivable_id, creditor_id, kind, interrupted_on, evidence, recorded_at) VALUES (?, ?, ?, ?, ?, ?)"
}

pub async fn insert(
    conn: &mut Conn<'_>,
    by: &By,
    receivable: ReceivableId,
    creditor: OrgId,
    new: &NewInterruption,
) -> Result<(), DbError> {
    let NewInterruption { kind, interrupted_on, evidence } = new;
    let (kind, interrupted_on) = (*kind, *interrupted_on);
    Insert { receivable, creditor, kind, interrupted_on, evidence: evidence.as_str(), recorded_at: by.at }.execute(conn).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    receivable_id: ReceivableId,
    #[diesel(sql_type = Text)]
    kind: Interruption,
    #[diesel(sql_type = Date)]
    interrupted_on: NaiveDate,
    #[diesel(sql_type = Text)]
    evidence: String,
}

statement! {
    struct List<'a> { receivables: &'a [ReceivableId] => Array<SqlUuid> }
    "SELECT receivable_id, kind, interrupted_on, evidence FROM interruptions WHERE receivable_id = ANY(?) ORDER BY interrupted_on, kind"
}

pub async fn list(conn: &mut Conn<'_>, receivables: &[ReceivableId]) -> Result<Vec<Interrupted>, DbError> {
    let rows: Vec<Row> = List { receivables }.load(conn).await?;
    let interrupted = |row: Row| Interrupted {
        receivable_id: row.receivable_id,
        kind: row.kind,
        interrupted_on: row.interrupted_on,
        evidence: row.evidence,
    };
    Ok(rows.into_iter().map(interrupted).collect())
}

statement! {
    /// Of whichever case: a part payment acknowledges what it was spent on.
    struct PaymentDays<'a> { receivables: &'a [ReceivableId] => Array<SqlUuid> }
    "SELECT DISTINCT receivable_id, 'acknowledgement' AS kind, received_on AS interrupted_on, '' AS evidence FROM allocations
     WHERE receivable_id = ANY(?) AND reversed_on IS NULL"
}

/// Payments as acknowledgements, as far as the reader may see them.
pub async fn list_payments(conn: &mut Conn<'_>, receivables: &[ReceivableId]) -> Result<Vec<(ReceivableId, NaiveDate)>, DbError> {
    let rows: Vec<Row> = PaymentDays { receivables }.load(conn).await?;
    Ok(rows.into_iter().map(|row| (row.receivable_id, row.interrupted_on)).collect())
}
