//! The taker: batch after batch into debtors, receivables, cases and the result file, each batch in one transaction.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{
    CasesWanted, Upload, UploadStatus, UploadsError, crediting, jobs, opening,
    reading::{self, Batch, Position, Source},
    results, store,
};
use crate::{
    app::App,
    cases::{self, Case},
    db::{By, Conn, DbError, Scope},
    receivables::{self, RowAnswer, RowStatus},
    types::UploadId,
};

/// Answers that a preview shows at once.
const SAMPLE_ROWS: usize = 100;

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Nothing is left to do.
    Over,
    /// There is more: another turn is needed.
    Unfinished,
}

/// What a batch came to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    pub rows_known: i32,
    pub accepted: i32,
    pub known: i32,
    pub refused: i32,
    pub cases: i32,
}

/// Why a batch's transaction was not committed.
enum Stopped {
    /// Every row has its answer, and nothing is to be stored.
    Rehearsed(Vec<RowAnswer>, Counts),
    /// Somebody else takes this upload, or it was cancelled.
    GiveWay,
    Failed(UploadsError),
}

impl From<UploadsError> for Stopped {
    fn from(error: UploadsError) -> Self {
        Self::Failed(error)
    }
}

impl From<DbError> for Stopped {
    fn from(error: DbError) -> Self {
        Self::Failed(error.into())
    }
}

/// Takes an upload for as long as `patience` lasts, from where it stands.
///
/// # Errors
/// The database or the file store fails: nothing of the batch at hand is stored.
pub async fn take_turn(app: &App, id: UploadId, patience: Duration) -> Result<Turn, UploadsError> {
    let began = Instant::now();
    let Some((upload, source)) = prepare(app, id).await? else { return Ok(Turn::Over) };
    let by = By { scope: Scope::Creditor(upload.creditor), actor: upload.actor, at: app.clock.now() };
    let mut batches = reading::begin(source);
    while let Some(batch) = batches.recv().await {
        if !take_batch(app, &by, &upload, batch?).await? {
            return Ok(Turn::Over);
        }
        if began.elapsed() >= patience {
            return Ok(Turn::Unfinished);
        }
    }
    if upload.options.cases == CasesWanted::PerDebtor && !upload.options.stores_nothing() {
        let left = patience.saturating_sub(began.elapsed());
        if opening::open_by_debtor(app, &by, id, left).await? == Turn::Unfinished {
            return Ok(Turn::Unfinished);
        }
    }
    finish(app, &by, &upload).await?;
    Ok(Turn::Over)
}

/// The upload and what its reader needs; `None` where nothing is left to do.
async fn prepare(app: &App, id: UploadId) -> Result<Option<(Upload, Source)>, UploadsError> {
    app.db
        .transaction(Scope::System, async |conn| {
            let upload = store::find(conn, id).await?.ok_or(UploadsError::NotFound)?;
            if upload.is_finished() {
                return Ok(None);
            }
            let by = By { scope: Scope::Creditor(upload.creditor), actor: upload.actor, at: app.clock.now() };
            let mapping = upload.options.mapping.clone();
            let defaults = receivables::intake_defaults(conn, &by, upload.options.debtor_kind, mapping).await?;
            let files = store::files_to_read(conn, id, upload.next_file).await?;
            let source = Source { vault: app.vault.clone(), upload: id, defaults, files, from: Position::from(&upload) };
            Ok(Some((upload, source)))
        })
        .await
}

/// `false`: somebody else goes on with it.
async fn take_batch(app: &App, by: &By, upload: &Upload, mut batch: Batch) -> Result<bool, UploadsError> {
    let taken = app.db.transaction(by.scope, async |conn| {
        let (answers, counts) = write(conn, by, upload, &mut batch).await?;
        if upload.options.stores_nothing() {
            return Err(Stopped::Rehearsed(answers, counts));
        }
        record(app, conn, upload, &batch, &answers, &counts).await
    });
    match taken.await {
        Ok(()) => Ok(true),
        Err(Stopped::GiveWay) => Ok(false),
        Err(Stopped::Failed(error)) => Err(error),
        Err(Stopped::Rehearsed(answers, counts)) => {
            let answers: Vec<RowAnswer> = answers.into_iter().map(RowAnswer::as_rehearsed).collect();
            let recorded =
                app.db.transaction(by.scope, async |conn| record(app, conn, upload, &batch, &answers, &counts).await).await;
            match recorded {
                Ok(()) => Ok(true),
                Err(Stopped::GiveWay | Stopped::Rehearsed(..)) => Ok(false),
                Err(Stopped::Failed(error)) => Err(error),
            }
        }
    }
}

async fn write(
    conn: &mut Conn<'_>,
    by: &By,
    upload: &Upload,
    batch: &mut Batch,
) -> Result<(Vec<RowAnswer>, Counts), UploadsError> {
    receivables::refuse_contradictions(&mut batch.rows);
    crediting::credit_rows(conn, by, &mut batch.rows).await?;
    // An invoice whose credit note was here first is not what it says: a person opens its case.
    let awaited = receivables::awaited_by_credits(conn, by).await?;
    let mut planned: Vec<Case> = Vec::new();
    let per_invoice = upload.options.cases == CasesWanted::PerInvoice;
    let mut plan = |receivable, debtor, candidate: &receivables::intake::Candidate| {
        if !awaited.is_empty() && awaited.contains(&(candidate.issuer.clone(), candidate.number.clone())) {
            return None;
        }
        let due = (candidate.open_principal(), candidate.due_on);
        let case = cases::prospect_of_one(by, upload.options.terms(), receivable, debtor, due).ok().flatten()?;
        let id = case.id;
        planned.push(case);
        Some(id)
    };
    let case_of: receivables::CaseOf<'_> = if per_invoice { &mut plan } else { &mut |_, _, _| None };
    let answers = receivables::take_rows(conn, by, Some(upload.id), &batch.rows, case_of).await?;
    let opened: std::collections::HashSet<_> =
        answers.iter().filter(|answer| answer.status == RowStatus::Accepted).filter_map(|answer| answer.case_id).collect();
    planned.retain(|case| opened.contains(&case.id));
    let mut counts = count(batch, &answers);
    counts.cases = i32::try_from(planned.len()).unwrap_or(i32::MAX);
    cases::post_many(conn, planned).await?;
    for original in &batch.originals {
        let claimed = receivables::accepted(answers.get(original.rows.clone()).unwrap_or_default());
        receivables::keep_original(conn, by, &claimed, original.file_name.as_deref(), &original.content).await?;
    }
    Ok((answers, counts))
}

fn count(batch: &Batch, answers: &[RowAnswer]) -> Counts {
    let of = |status| i32::try_from(answers.iter().filter(|answer| answer.status == status).count()).unwrap_or(i32::MAX);
    let planned = batch.surveyed.iter().filter_map(|surveyed| surveyed.plan.as_ref()).map(|plan| plan.rows);
    let in_lists: u32 = planned.fold(0, u32::saturating_add);
    Counts {
        rows_known: i32::try_from(in_lists).unwrap_or(i32::MAX),
        accepted: of(RowStatus::Accepted),
        known: of(RowStatus::Known),
        refused: of(RowStatus::Refused),
        cases: 0,
    }
}

/// Moves the upload on. The part of the result file is written before the commit: a part without its batch is overwritten by
/// whoever takes the batch; a batch without its part cannot be.
async fn record(
    app: &App,
    conn: &mut Conn<'_>,
    upload: &Upload,
    batch: &Batch,
    answers: &[RowAnswer],
    counts: &Counts,
) -> Result<(), Stopped> {
    for surveyed in &batch.surveyed {
        store::set_surveyed(conn, upload.id, surveyed).await?;
    }
    let sample: Vec<&RowAnswer> =
        if upload.options.stores_nothing() { answers.iter().take(SAMPLE_ROWS).collect() } else { Vec::new() };
    if !store::advance(conn, upload.id, (batch.from, batch.upto), counts, &sample).await? {
        return Err(Stopped::GiveWay);
    }
    results::keep(&app.vault, upload.id, batch.upto.batches, answers).await?;
    Ok(())
}

async fn finish(app: &App, by: &By, upload: &Upload) -> Result<(), UploadsError> {
    let (id, waits) = (upload.id, upload.options.preview);
    let status = if waits { UploadStatus::Previewed } else { UploadStatus::Done };
    app.db
        .transaction(by.scope, async |conn| {
            store::finish(conn, id, status, by.at).await?;
            if !upload.options.stores_nothing() {
                receivables::look_for_matches(conn, by, id.0).await?;
            }
            if !waits {
                crate::jobs::enqueue(conn, jobs::Clear::KIND, &json!({ "upload_id": id }), by.at).await?;
            }
            Ok(())
        })
        .await
}
