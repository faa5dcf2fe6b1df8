//! SQL of documents.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    receivables::documents::{Document, DocumentKind, NewDocument},
    types::{CaseId, DocumentId, OrgId},
};

statement! {
    struct Insert<'a> {
        id: DocumentId => SqlUuid, creditor: OrgId => SqlUuid, case: Option<CaseId> => Nullable<SqlUuid>, kind: DocumentKind => Text,
        media_type: &'a str => Text, file_name: &'a str => Text, content: &'a [u8] => Binary, sha256: &'a [u8] => Binary,
        at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO documents (id, creditor_id, case_id, kind, media_type, file_name, content, sha256, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
}

pub async fn insert(
    conn: &mut Conn<'_>,
    id: DocumentId,
    new: &NewDocument<'_>,
    sha256: &[u8],
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let insert = Insert {
        id,
        creditor: new.creditor_id,
        case: new.case_id,
        kind: new.kind,
        media_type: new.media_type,
        file_name: new.file_name,
        content: new.content,
        sha256,
        at,
    };
    insert.execute(conn).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: DocumentId,
    #[diesel(sql_type = SqlUuid)]
    creditor_id: OrgId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    case_id: Option<CaseId>,
    #[diesel(sql_type = Text)]
    kind: DocumentKind,
    #[diesel(sql_type = Text)]
    media_type: String,
    #[diesel(sql_type = Text)]
    file_name: String,
    #[diesel(sql_type = Binary)]
    content: Vec<u8>,
    #[diesel(sql_type = Binary)]
    sha256: Vec<u8>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl From<Row> for Document {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            creditor_id: row.creditor_id,
            case_id: row.case_id,
            kind: row.kind,
            media_type: row.media_type,
            file_name: row.file_name,
            content: row.content,
            sha256: row.sha256,
            created_at: row.created_at,
        }
    }
}

statement! {
    struct Find { id: DocumentId => SqlUuid }
    "SELECT id, creditor_id, case_id, kind, media_type, file_name, content, sha256, created_at FROM documents WHERE id = ?"
}

pub async fn find(conn: &mut Conn<'_>, id: DocumentId) -> Result<Option<Document>, DbError> {
    Ok(Find { id }.get_result::<Row>(conn).await.optional()?.map(Document::from))
}
