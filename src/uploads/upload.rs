//! Uploads as such: registered, looked at, committed after a preview, cancelled.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{UploadsError, jobs::Take, store};
use crate::{
    cases::PostingTerms,
    db::{Actor, By, Conn},
    http::Cursor,
    jobs::enqueue,
    receivables::{
        DebtorKind, RowAnswer,
        intake::{Format, Mapping},
    },
    types::{OrgId, UploadId, text_enum},
};

text_enum! {
    /// Where an upload stands.
    pub enum UploadStatus {
        /// Its files are here.
        Queued => "queued",
        /// Rows are being answered.
        Taking => "taking",
        /// Every row has an answer and nothing was stored: commit it or cancel it.
        Previewed => "previewed",
        Done => "done",
        Cancelled => "cancelled",
    }
}

text_enum! {
    /// Whether cases are opened over what is taken in, as far as it is due.
    pub enum CasesWanted {
        None => "none",
        PerDebtor => "per_debtor",
        PerInvoice => "per_invoice",
    }
}

/// How an upload is to be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    pub debtor_kind: Option<DebtorKind>,
    pub cases: CasesWanted,
    pub with_interest: bool,
    pub start: bool,
    /// Answer every row, store nothing, and wait for the word.
    pub preview: bool,
    /// Answer every row and store nothing.
    pub dry_run: bool,
    /// What headings mean in these files; the creditor's saved mapping says the rest.
    pub mapping: Mapping,
}

impl Options {
    #[must_use]
    pub const fn stores_nothing(&self) -> bool {
        self.preview || self.dry_run
    }

    #[must_use]
    pub const fn terms(&self) -> PostingTerms {
        PostingTerms { with_interest: self.with_interest, start: self.start }
    }
}

/// A file that has arrived.
#[derive(Debug)]
pub struct SpooledFile {
    pub file_name: Option<String>,
    pub size_bytes: u64,
    pub sha256: Vec<u8>,
}

/// An upload as kept.
#[derive(Debug, Clone)]
pub struct Upload {
    pub id: UploadId,
    pub creditor: OrgId,
    pub status: UploadStatus,
    pub options: Options,
    pub file_count: i32,
    pub size_bytes: i64,
    pub next_file: i32,
    pub next_row: i32,
    pub batches: i32,
    pub rows_known: i32,
    pub accepted: i32,
    pub known: i32,
    pub refused: i32,
    pub cases_opened: i32,
    pub after: Option<super::opening::After>,
    pub sample: Value,
    pub actor: Actor,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

impl Upload {
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        matches!(self.status, UploadStatus::Done | UploadStatus::Cancelled | UploadStatus::Previewed)
    }

    /// Where a file of this upload is spooled.
    #[must_use]
    pub fn spool_key(id: UploadId, position: i32) -> String {
        format!("uploads/{id}/files/{position:06}")
    }
}

/// One file of an upload.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UploadFile {
    /// From 1, in the order they were sent.
    pub position: i32,
    pub file_name: Option<String>,
    pub size_bytes: i64,
    /// Known once it was looked into.
    pub format: Option<Format>,
    /// What was assumed in reading.
    pub notes: Vec<String>,
    /// Stable name of why the whole file was refused.
    pub failure_code: Option<String>,
    /// Why the whole file was refused; the others go on.
    pub failure: Option<String>,
}

/// An upload as its creditor sees it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UploadView {
    pub id: UploadId,
    pub status: UploadStatus,
    pub dry_run: bool,
    pub cases: CasesWanted,
    pub files: i32,
    pub size_bytes: i64,
    /// Rows of the lists that have been looked into so far.
    pub rows_known: i32,
    /// Rows that have their answer.
    pub rows_answered: i32,
    pub accepted: i32,
    pub known: i32,
    pub refused: i32,
    pub cases_opened: i32,
    /// The first answers of a preview or a dry run.
    #[schema(value_type = Vec<RowAnswer>)]
    pub sample: Value,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

impl From<Upload> for UploadView {
    fn from(upload: Upload) -> Self {
        Self {
            id: upload.id,
            status: upload.status,
            dry_run: upload.options.stores_nothing(),
            cases: upload.options.cases,
            files: upload.file_count,
            size_bytes: upload.size_bytes,
            rows_known: upload.rows_known,
            rows_answered: upload.accepted.saturating_add(upload.known).saturating_add(upload.refused),
            accepted: upload.accepted,
            known: upload.known,
            refused: upload.refused,
            cases_opened: upload.cases_opened,
            sample: upload.sample,
            created_at: upload.created_at,
            finished_at: upload.finished_at,
        }
    }
}

/// Puts spooled files on their way. The same files with the same options, sent again, are the upload that is there, and it goes
/// on at once if it had stopped. `false` beside it: it was there.
///
/// # Errors
/// No file.
pub async fn register(
    conn: &mut Conn<'_>,
    by: &By,
    id: UploadId,
    options: &Options,
    files: &[SpooledFile],
) -> Result<(Upload, bool), UploadsError> {
    let creditor = by.scope.org().ok_or(UploadsError::NotFound)?;
    if files.is_empty() {
        return Err(UploadsError::NoFile);
    }
    let content = content_hash(options, files);
    let fresh = store::insert(conn, id, creditor, options, &content, files, by).await?;
    let upload = store::find_by_content(conn, creditor, &content).await?.ok_or(UploadsError::NotFound)?;
    if !upload.is_finished() {
        enqueue(conn, Take::KIND, &Take { upload_id: upload.id }, by.at).await?;
    }
    Ok((upload, fresh))
}

fn content_hash(options: &Options, files: &[SpooledFile]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(json!(options).to_string());
    for file in files {
        hash.update(&file.sha256);
    }
    hash.finalize().to_vec()
}

/// An upload that `by` may see.
///
/// # Errors
/// Not visible.
pub async fn find(conn: &mut Conn<'_>, _by: &By, id: UploadId) -> Result<Upload, UploadsError> {
    store::find(conn, id).await?.ok_or(UploadsError::NotFound)
}

/// A creditor's uploads, newest first.
///
/// # Errors
/// The database fails.
pub async fn list(conn: &mut Conn<'_>, by: &By, cursor: Cursor) -> Result<Vec<Upload>, UploadsError> {
    let Some(creditor) = by.scope.org() else { return Ok(Vec::new()) };
    Ok(store::list(conn, creditor, cursor).await?)
}

/// The files of an upload after a position, in their order.
///
/// # Errors
/// Not visible.
pub async fn list_files(
    conn: &mut Conn<'_>,
    by: &By,
    id: UploadId,
    after: i32,
    limit: i64,
) -> Result<Vec<UploadFile>, UploadsError> {
    find(conn, by, id).await?;
    Ok(store::list_files(conn, id, after, limit).await?)
}

/// Stores what was previewed, from its first row on.
///
/// # Errors
/// Not visible, or no preview that waits.
pub async fn commit(conn: &mut Conn<'_>, by: &By, id: UploadId) -> Result<Upload, UploadsError> {
    let upload = store::lock(conn, id).await?.ok_or(UploadsError::NotFound)?;
    if upload.status != UploadStatus::Previewed {
        return Err(UploadsError::WrongStatus(upload.status, "committed"));
    }
    let options = Options { preview: false, ..upload.options };
    store::start_over(conn, id, &options).await?;
    enqueue(conn, Take::KIND, &Take { upload_id: id }, by.at).await?;
    find(conn, by, id).await
}

/// Stops an upload. What was taken stays taken; the rest is not.
///
/// # Errors
/// Not visible, or finished.
pub async fn cancel(conn: &mut Conn<'_>, by: &By, id: UploadId) -> Result<Upload, UploadsError> {
    let upload = store::lock(conn, id).await?.ok_or(UploadsError::NotFound)?;
    match upload.status {
        UploadStatus::Cancelled => return Ok(upload),
        UploadStatus::Done => return Err(UploadsError::WrongStatus(upload.status, "cancelled")),
        UploadStatus::Queued | UploadStatus::Taking | UploadStatus::Previewed => {}
    }
    store::finish(conn, id, UploadStatus::Cancelled, by.at).await?;
    enqueue(conn, super::jobs::Clear::KIND, &super::jobs::Clear { upload_id: id }, by.at).await?;
    find(conn, by, id).await
}
