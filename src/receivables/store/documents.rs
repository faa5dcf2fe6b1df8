//! SQL of documents.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{Conn, DbError, statement},
    receivables::documents::{Content, Document, DocumentEntry, DocumentKind, NewDocument},
    types::{CaseId, DocumentId, OrgId, ReceivableId},
};

statement! {
    struct Insert<'a> {
        id: DocumentId => SqlUuid, creditor: OrgId => SqlUuid, case: Option<CaseId> => Nullable<SqlUuid>, kind: DocumentKind => Text,
        media_type: &'a str => Text, file_name: &'a str => Text, content: &'a [u8] => Binary, size_bytes: i64 => BigInt,
        sha256: &'a [u8] => Binary, receivable: Option<ReceivableId> => Nullable<SqlUuid>, at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO documents (id, creditor_id, case_id, kind, media_type, file_name, content, size_bytes, sha256, receivable_id, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
}

pub async fn insert(
    conn: &mut Conn<'_>,
    id: DocumentId,
    new: &NewDocument<'_>,
    receivable: Option<ReceivableId>,
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
        size_bytes: i64::try_from(new.content.len()).unwrap_or(i64::MAX),
        sha256,
        receivable,
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
    #[diesel(sql_type = Nullable<Binary>)]
    content: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Text>)]
    object_key: Option<String>,
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
            content: match (row.object_key, row.content) {
                (Some(key), _) => Content::Shelved(key),
                (None, content) => Content::Here(content.unwrap_or_default()),
            },
            sha256: row.sha256,
            created_at: row.created_at,
        }
    }
}

statement! {
    struct Find { id: DocumentId => SqlUuid }
    "SELECT id, creditor_id, case_id, kind, media_type, file_name, content, object_key, sha256, created_at FROM documents WHERE id = ?"
}

pub async fn find(conn: &mut Conn<'_>, id: DocumentId) -> Result<Option<Document>, DbError> {
    Ok(Find { id }.get_result::<Row>(conn).await.optional()?.map(Document::from))
}

statement! {
    struct SetShelved<'a> { key: &'a str => Text, id: DocumentId => SqlUuid }
    "UPDATE documents SET object_key = ?, content = NULL WHERE id = ? AND object_key IS NULL"
}

pub async fn set_shelved(conn: &mut Conn<'_>, id: DocumentId, key: &str) -> Result<(), DbError> {
    SetShelved { key, id }.execute(conn).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct EntryRow {
    #[diesel(sql_type = SqlUuid)]
    id: DocumentId,
    #[diesel(sql_type = Text)]
    kind: DocumentKind,
    #[diesel(sql_type = Text)]
    media_type: String,
    #[diesel(sql_type = Text)]
    file_name: String,
    #[diesel(sql_type = BigInt)]
    size_bytes: i64,
    #[diesel(sql_type = Binary)]
    sha256: Vec<u8>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

statement! {
    struct ListOfReceivable { receivable: ReceivableId => SqlUuid, same: ReceivableId => SqlUuid }
    "SELECT id, kind, media_type, file_name, coalesce(size_bytes, 0) AS size_bytes, sha256, created_at FROM documents
     WHERE receivable_id = ? OR id = (SELECT document_id FROM receivables WHERE receivables.id = ?)
     ORDER BY receivable_id IS NOT NULL, id LIMIT 200"
}

/// The invoice itself, then what was added to it.
pub async fn list_of_receivable(conn: &mut Conn<'_>, receivable: ReceivableId) -> Result<Vec<DocumentEntry>, DbError> {
    let rows: Vec<EntryRow> = ListOfReceivable { receivable, same: receivable }.load(conn).await?;
    let entry = |row: EntryRow| DocumentEntry {
        id: row.id,
        kind: row.kind,
        media_type: row.media_type,
        file_name: row.file_name,
        size_bytes: row.size_bytes,
        sha256: hex::encode(row.sha256),
        created_at: row.created_at,
    };
    Ok(rows.into_iter().map(entry).collect())
}
