//! SQL of uploads, their files, and what headings mean.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Binary, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Options, SpooledFile, Upload, UploadFile, UploadStatus,
    opening::After,
    reading::{Position, Surveyed},
    taking::Counts,
};
use crate::{
    db::{Actor, ActorKind, By, Conn, DbError, statement},
    http::Cursor,
    receivables::{
        RowAnswer,
        intake::{Format, Mapping, columns::Column, stream::Plan},
    },
    types::{DebtorId, OrgId, ReceivableId, UploadId},
};

macro_rules! columns {
    () => {
        "id, creditor_id, status, options, file_count, size_bytes, next_file, next_row, batches, rows_known, accepted, known, refused,
         cases_opened, after_debtor, after_receivable, sample, actor_kind, actor_id, created_at, finished_at"
    };
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: UploadId,
    #[diesel(sql_type = SqlUuid)]
    creditor_id: OrgId,
    #[diesel(sql_type = Text)]
    status: UploadStatus,
    #[diesel(sql_type = Jsonb)]
    options: Value,
    #[diesel(sql_type = Integer)]
    file_count: i32,
    #[diesel(sql_type = BigInt)]
    size_bytes: i64,
    #[diesel(sql_type = Integer)]
    next_file: i32,
    #[diesel(sql_type = Integer)]
    next_row: i32,
    #[diesel(sql_type = Integer)]
    batches: i32,
    #[diesel(sql_type = Integer)]
    rows_known: i32,
    #[diesel(sql_type = Integer)]
    accepted: i32,
    #[diesel(sql_type = Integer)]
    known: i32,
    #[diesel(sql_type = Integer)]
    refused: i32,
    #[diesel(sql_type = Integer)]
    cases_opened: i32,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    after_debtor: Option<DebtorId>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    after_receivable: Option<ReceivableId>,
    #[diesel(sql_type = Jsonb)]
    sample: Value,
    #[diesel(sql_type = Text)]
    actor_kind: ActorKind,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    actor_id: Option<Uuid>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    finished_at: Option<DateTime<Utc>>,
}

/// A column of ours that does not read was written by another version.
fn of_json<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, DbError> {
    serde_json::from_value(value).map_err(|error| DbError::Busy(format!("an upload was written by another version: {error}")))
}

impl TryFrom<Row> for Upload {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id,
            creditor: row.creditor_id,
            status: row.status,
            options: of_json(row.options)?,
            file_count: row.file_count,
            size_bytes: row.size_bytes,
            next_file: row.next_file,
            next_row: row.next_row,
            batches: row.batches,
            rows_known: row.rows_known,
            accepted: row.accepted,
            known: row.known,
            refused: row.refused,
            cases_opened: row.cases_opened,
            after: row.after_debtor.zip(row.after_receivable),
            sample: row.sample,
            actor: Actor { kind: row.actor_kind, id: row.actor_id },
            created_at: row.created_at,
            finished_at: row.finished_at,
        })
    }
}

statement! {
    struct Find { id: UploadId => SqlUuid } concat!("SELECT ", columns!(), " FROM uploads WHERE id = ?")
}

pub async fn find(conn: &mut Conn<'_>, id: UploadId) -> Result<Option<Upload>, DbError> {
    Find { id }.get_result::<Row>(conn).await.optional()?.map(Upload::try_from).transpose()
}

statement! {
    struct Lock { id: UploadId => SqlUuid } concat!("SELECT ", columns!(), " FROM uploads WHERE id = ? FOR UPDATE")
}

pub async fn lock(conn: &mut Conn<'_>, id: UploadId) -> Result<Option<Upload>, DbError> {
    Lock { id }.get_result::<Row>(conn).await.optional()?.map(Upload::try_from).transpose()
}

statement! {
    struct FindByContent<'a> { creditor: OrgId => SqlUuid, content: &'a [u8] => Binary }
    concat!("SELECT ", columns!(), " FROM uploads WHERE creditor_id = ? AND content_sha256 = ? AND status <> 'cancelled'")
}

pub async fn find_by_content(conn: &mut Conn<'_>, creditor: OrgId, content: &[u8]) -> Result<Option<Upload>, DbError> {
    FindByContent { creditor, content }.get_result::<Row>(conn).await.optional()?.map(Upload::try_from).transpose()
}

statement! {
    struct List { creditor: OrgId => SqlUuid, before: Uuid => SqlUuid, limit: i64 => BigInt }
    concat!("SELECT ", columns!(), " FROM uploads WHERE creditor_id = ? AND id < ? ORDER BY id DESC LIMIT ?")
}

pub async fn list(conn: &mut Conn<'_>, creditor: OrgId, cursor: Cursor) -> Result<Vec<Upload>, DbError> {
    let rows: Vec<Row> = List { creditor, before: cursor.before, limit: cursor.fetch() }.load(conn).await?;
    rows.into_iter().map(Upload::try_from).collect()
}

statement! {
    struct Insert<'a> {
        id: UploadId => SqlUuid, creditor: OrgId => SqlUuid, options: Value => Jsonb, content: &'a [u8] => Binary, file_count: i32 => Integer,
        size_bytes: i64 => BigInt, actor_kind: ActorKind => Text, actor_id: Option<Uuid> => Nullable<SqlUuid>, at: DateTime<Utc> => Timestamptz,
    }
    "INSERT INTO uploads (id, creditor_id, status, options, content_sha256, file_count, size_bytes, actor_kind, actor_id, created_at)
     VALUES (?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (creditor_id, content_sha256) WHERE status <> 'cancelled' DO NOTHING"
}

statement! {
    struct InsertFiles<'a> {
        upload: UploadId => SqlUuid, creditor: OrgId => SqlUuid, names: Vec<Option<&'a str>> => Array<Nullable<Text>>,
        sizes: Vec<i64> => Array<BigInt>, hashes: Vec<&'a [u8]> => Array<Binary>,
    }
    "INSERT INTO upload_files (upload_id, creditor_id, file_name, size_bytes, sha256, position)
     SELECT ?, ?, sent.* FROM unnest(?, ?, ?) WITH ORDINALITY AS sent"
}

/// `false`: the same content is there already.
pub async fn insert(
    conn: &mut Conn<'_>,
    id: UploadId,
    creditor: OrgId,
    options: &Options,
    content: &[u8],
    files: &[SpooledFile],
    by: &By,
) -> Result<bool, DbError> {
    let sizes: Vec<i64> = files.iter().map(|file| i64::try_from(file.size_bytes).unwrap_or(i64::MAX)).collect();
    let insert = Insert {
        id,
        creditor,
        options: json!(options),
        content,
        file_count: i32::try_from(files.len()).unwrap_or(i32::MAX),
        size_bytes: sizes.iter().fold(0, |sum, size| i64::saturating_add(sum, *size)),
        actor_kind: by.actor.kind,
        actor_id: by.actor.id,
        at: by.at,
    };
    if insert.execute(conn).await? == 0 {
        return Ok(false);
    }
    let insert = InsertFiles {
        upload: id,
        creditor,
        names: files.iter().map(|file| file.file_name.as_deref()).collect(),
        sizes,
        hashes: files.iter().map(|file| file.sha256.as_slice()).collect(),
    };
    insert.execute(conn).await?;
    Ok(true)
}

statement! {
    /// Only from where the batch began: whoever comes second moves nothing.
    struct Advance {
        file: i32 => Integer, row: i32 => Integer, batches: i32 => Integer, rows_known: i32 => Integer, accepted: i32 => Integer,
        known: i32 => Integer, refused: i32 => Integer, cases: i32 => Integer, sample: Value => Jsonb, id: UploadId => SqlUuid,
        from_file: i32 => Integer, from_row: i32 => Integer, from_batches: i32 => Integer,
    }
    "UPDATE uploads SET status = 'taking', next_file = ?, next_row = ?, batches = ?, rows_known = rows_known + ?, accepted = accepted + ?,
        known = known + ?, refused = refused + ?, cases_opened = cases_opened + ?,
        sample = CASE WHEN jsonb_array_length(sample) < 100 THEN sample || ? ELSE sample END
     WHERE id = ? AND next_file = ? AND next_row = ? AND batches = ? AND status IN ('queued', 'taking')"
}

/// `false`: somebody else has taken this batch, or the upload was cancelled.
pub async fn advance(
    conn: &mut Conn<'_>,
    id: UploadId,
    (from, upto): (Position, Position),
    counts: &Counts,
    sample: &[&RowAnswer],
) -> Result<bool, DbError> {
    let advance = Advance {
        file: upto.file,
        row: upto.row,
        batches: upto.batches,
        rows_known: counts.rows_known,
        accepted: counts.accepted,
        known: counts.known,
        refused: counts.refused,
        cases: counts.cases,
        sample: json!(sample),
        id,
        from_file: from.file,
        from_row: from.row,
        from_batches: from.batches,
    };
    Ok(advance.execute(conn).await? == 1)
}

statement! {
    struct AdvanceOpening {
        after_debtor: DebtorId => SqlUuid, after_receivable: ReceivableId => SqlUuid, cases: i32 => Integer, id: UploadId => SqlUuid,
        from_debtor: Option<DebtorId> => Nullable<SqlUuid>, from_receivable: Option<ReceivableId> => Nullable<SqlUuid>,
    }
    "UPDATE uploads SET after_debtor = ?, after_receivable = ?, cases_opened = cases_opened + ?
     WHERE id = ? AND after_debtor IS NOT DISTINCT FROM ? AND after_receivable IS NOT DISTINCT FROM ? AND status = 'taking'"
}

/// `false`: somebody else has opened these cases, or the upload was cancelled.
pub async fn advance_opening(
    conn: &mut Conn<'_>,
    id: UploadId,
    (from, upto): (Option<After>, After),
    cases: i32,
) -> Result<bool, DbError> {
    let (after_debtor, after_receivable) = upto;
    let (from_debtor, from_receivable) = from.unzip();
    let advance = AdvanceOpening { after_debtor, after_receivable, cases, id, from_debtor, from_receivable };
    Ok(advance.execute(conn).await? == 1)
}

statement! {
    struct Finish { status: UploadStatus => Text, at: DateTime<Utc> => Timestamptz, id: UploadId => SqlUuid }
    "UPDATE uploads SET status = ?, finished_at = ? WHERE id = ? AND status IN ('queued', 'taking', 'previewed')"
}

pub async fn finish(conn: &mut Conn<'_>, id: UploadId, status: UploadStatus, at: DateTime<Utc>) -> Result<(), DbError> {
    Finish { status, at, id }.execute(conn).await?;
    Ok(())
}

statement! {
    struct StartOver { options: Value => Jsonb, id: UploadId => SqlUuid }
    "UPDATE uploads SET status = 'queued', options = ?, next_file = 1, next_row = 0, batches = 0, rows_known = 0, accepted = 0, known = 0, refused = 0,
        cases_opened = 0, sample = '[]', finished_at = NULL WHERE id = ?"
}

statement! {
    struct Forget { upload: UploadId => SqlUuid }
    "UPDATE upload_files SET format = NULL, plan = NULL, notes = '[]', failure_code = NULL, failure = NULL WHERE upload_id = ?"
}

/// Files are looked into anew: what was previewed weeks ago may read another way now.
pub async fn start_over(conn: &mut Conn<'_>, id: UploadId, options: &Options) -> Result<(), DbError> {
    StartOver { options: json!(options), id }.execute(conn).await?;
    Forget { upload: id }.execute(conn).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct FileRow {
    #[diesel(sql_type = Integer)]
    position: i32,
    #[diesel(sql_type = Nullable<Text>)]
    file_name: Option<String>,
    #[diesel(sql_type = BigInt)]
    size_bytes: i64,
    #[diesel(sql_type = Nullable<Text>)]
    format: Option<Format>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    plan: Option<Value>,
    #[diesel(sql_type = Jsonb)]
    notes: Value,
    #[diesel(sql_type = Nullable<Text>)]
    failure_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    failure: Option<String>,
}

statement! {
    struct ListFiles { upload: UploadId => SqlUuid, after: i32 => Integer, limit: i64 => BigInt }
    "SELECT position, file_name, size_bytes, format, plan, notes, failure_code, failure FROM upload_files
     WHERE upload_id = ? AND position > ? ORDER BY position LIMIT ?"
}

/// A file to be read.
#[derive(Debug, Clone)]
pub struct FileToRead {
    pub position: i32,
    pub file_name: Option<String>,
    pub size_bytes: i64,
    /// How a list is to be understood, if that was found out before.
    pub plan: Option<Plan>,
}

pub async fn list_files(conn: &mut Conn<'_>, upload: UploadId, after: i32, limit: i64) -> Result<Vec<UploadFile>, DbError> {
    let rows: Vec<FileRow> = ListFiles { upload, after, limit }.load(conn).await?;
    let file = |row: FileRow| {
        Ok(UploadFile {
            position: row.position,
            file_name: row.file_name,
            size_bytes: row.size_bytes,
            format: row.format,
            notes: of_json(row.notes)?,
            failure_code: row.failure_code,
            failure: row.failure,
        })
    };
    rows.into_iter().map(file).collect()
}

pub async fn files_to_read(conn: &mut Conn<'_>, upload: UploadId, from: i32) -> Result<Vec<FileToRead>, DbError> {
    let rows: Vec<FileRow> = ListFiles { upload, after: from - 1, limit: i64::MAX }.load(conn).await?;
    let file = |row: FileRow| {
        let plan = row.plan.map(of_json).transpose()?;
        Ok(FileToRead { position: row.position, file_name: row.file_name, size_bytes: row.size_bytes, plan })
    };
    rows.into_iter().map(file).collect()
}

statement! {
    struct SetSurveyed<'a> {
        format: Option<Format> => Nullable<Text>, plan: Option<Value> => Nullable<Jsonb>, notes: Value => Jsonb,
        failure_code: Option<&'a str> => Nullable<Text>, failure: Option<&'a str> => Nullable<Text>, upload: UploadId => SqlUuid,
        position: i32 => Integer,
    }
    "UPDATE upload_files SET format = ?, plan = ?, notes = ?, failure_code = ?, failure = ? WHERE upload_id = ? AND position = ?"
}

/// What the first look into a file told.
pub async fn set_surveyed(conn: &mut Conn<'_>, upload: UploadId, surveyed: &Surveyed) -> Result<(), DbError> {
    let failure = surveyed.failure.as_ref().map(ToString::to_string);
    let set = SetSurveyed {
        format: surveyed.format,
        plan: surveyed.plan.as_ref().map(|plan| json!(plan)),
        notes: json!(surveyed.notes),
        failure_code: surveyed.failure.as_ref().map(|refusal| refusal.code()),
        failure: failure.as_deref(),
        upload,
        position: surveyed.position,
    };
    set.execute(conn).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct MappingRow {
    #[diesel(sql_type = Text)]
    heading: String,
    #[diesel(sql_type = Nullable<Text>)]
    meaning: Option<Column>,
}

statement! {
    struct FindMapping { creditor: OrgId => SqlUuid } "SELECT heading, meaning FROM column_mappings WHERE creditor_id = ? ORDER BY heading"
}

pub async fn find_mapping(conn: &mut Conn<'_>, creditor: OrgId) -> Result<Mapping, DbError> {
    let rows: Vec<MappingRow> = FindMapping { creditor }.load(conn).await?;
    Ok(Mapping::new(rows.into_iter().map(|row| (row.heading, row.meaning))))
}

statement! {
    struct ClearMapping { creditor: OrgId => SqlUuid } "DELETE FROM column_mappings WHERE creditor_id = ?"
}
statement! {
    struct InsertMapping<'a> { creditor: OrgId => SqlUuid, headings: Vec<&'a str> => Array<Text>, meanings: Vec<Option<Column>> => Array<Nullable<Text>> }
    "INSERT INTO column_mappings (creditor_id, heading, meaning) SELECT ?, said.* FROM unnest(?, ?) AS said"
}

pub async fn replace_mapping(conn: &mut Conn<'_>, creditor: OrgId, mapping: &Mapping) -> Result<(), DbError> {
    ClearMapping { creditor }.execute(conn).await?;
    let (headings, meanings) = mapping.iter().unzip();
    InsertMapping { creditor, headings, meanings }.execute(conn).await?;
    Ok(())
}
