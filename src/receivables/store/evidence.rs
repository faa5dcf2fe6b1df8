//! SQL of what there is to show for invoices.

use std::collections::HashSet;

use diesel::{
    QueryableByName,
    sql_types::{Array, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    receivables::documents::DocumentKind,
    types::ReceivableId,
};

#[derive(QueryableByName)]
struct KindRow {
    #[diesel(sql_type = SqlUuid)]
    receivable_id: ReceivableId,
    #[diesel(sql_type = Text)]
    kind: DocumentKind,
}

statement! {
    struct Kinds<'a> { ids: &'a [ReceivableId] => Array<SqlUuid> }
    "SELECT DISTINCT receivable_id, kind FROM documents WHERE receivable_id = ANY(?)"
}

/// Which kinds of documents were added to which invoice.
pub async fn kinds(conn: &mut Conn<'_>, ids: &[ReceivableId]) -> Result<HashSet<(ReceivableId, DocumentKind)>, DbError> {
    let rows: Vec<KindRow> = Kinds { ids }.load(conn).await?;
    Ok(rows.into_iter().map(|row| (row.receivable_id, row.kind)).collect())
}

#[derive(QueryableByName)]
struct RemindedRow {
    #[diesel(sql_type = SqlUuid)]
    receivable_id: ReceivableId,
}

statement! {
    struct Reminded<'a> { ids: &'a [ReceivableId] => Array<SqlUuid> }
    "SELECT DISTINCT receivable_id FROM prior_reminders WHERE receivable_id = ANY(?)"
}

/// Of which invoices the creditor reminded by itself.
pub async fn reminded(conn: &mut Conn<'_>, ids: &[ReceivableId]) -> Result<HashSet<ReceivableId>, DbError> {
    let rows: Vec<RemindedRow> = Reminded { ids }.load(conn).await?;
    Ok(rows.into_iter().map(|row| row.receivable_id).collect())
}
