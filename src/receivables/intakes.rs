//! The command that takes invoices in: every row answers, whatever its neighbours were.
//!
//! Lock order: debtors by identity key, then receivables by issuer and number, so that two intakes at a time wait for each
//! other and never deadlock.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    ReceivablesError,
    documents::{DocumentKind, NewDocument, store_document},
    intake::{Candidate, Draft, Format, Refusal, columns::Column, fault::Fault, reader::reader_of},
    store::{debtors, intakes as store},
};
use crate::{
    db::{By, Conn},
    types::{DebtorId, IntakeId, OrgId, ReceivableId, text_enum},
};

/// Rows written by one statement.
const BATCH: usize = 1_000;

text_enum! {
    /// What became of a row.
    pub enum RowStatus {
        Accepted => "accepted",
        /// The creditor sent an invoice of this issuer and number before; nothing was changed.
        Known => "known",
        Refused => "refused",
    }
}

/// The answer to one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RowAnswer {
    /// Line of the file, or position in the list from 1.
    pub row: u32,
    /// The file's path inside the archive that was sent.
    pub file: Option<String>,
    pub status: RowStatus,
    pub number: Option<String>,
    pub receivable_id: Option<ReceivableId>,
    pub debtor_id: Option<DebtorId>,
    /// The invoice named no due date: thirty days after its issue were taken, as the law has it.
    pub due_on_assumed: bool,
    /// The column at fault.
    pub column: Option<String>,
    /// Stable name of the reason.
    pub code: Option<&'static str>,
    /// What is wrong with a refused row, or how a known one differs from what was sent before.
    pub reason: Option<String>,
}

/// A row on its way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedRow {
    pub row: u32,
    pub file: Option<String>,
    pub checked: Result<Candidate, Refusal>,
}

/// Where the rows came from.
#[derive(Debug)]
pub struct Source<'a> {
    pub format: Format,
    pub file_name: Option<&'a str>,
    pub content: &'a [u8],
    pub notes: Vec<String>,
}

/// What became of a file or a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct IntakeView {
    pub id: IntakeId,
    pub format: Format,
    pub file_name: Option<String>,
    pub accepted: u32,
    pub known: u32,
    pub refused: u32,
    /// What was assumed in reading.
    pub notes: Vec<String>,
    pub rows: Vec<RowAnswer>,
}

/// One element of a JSON list, or why it is none.
///
/// # Errors
/// A field is missing, unknown or of the wrong shape.
pub fn read_json(value: &Value) -> Result<Draft, Refusal> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let column = Some(error.path().to_string()).filter(|path| path != ".");
        let fault = Fault::Shape(error.inner().to_string());
        Refusal { column, ..Refusal::of_row(&fault) }
    })
}

/// A refusal of a JSON row names its field, not a column of a file.
#[must_use]
pub fn in_json(refusal: Refusal) -> Refusal {
    let column = refusal.column.map(|name| name.parse::<Column>().map_or(name, |column| column.in_json().to_owned()));
    Refusal { column, ..refusal }
}

/// Takes rows in; the order of the answers is the order of the rows.
///
/// # Errors
/// The database fails. A row that cannot be taken is an answer, not an error.
pub async fn take_in(
    conn: &mut Conn<'_>,
    by: &By,
    source: Source<'_>,
    rows: Vec<CheckedRow>,
) -> Result<IntakeView, ReceivablesError> {
    let creditor = by.scope.org().ok_or(ReceivablesError::NotFound("creditor"))?;
    let mut answers = Vec::with_capacity(rows.len());
    let mut rows = rows;
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(BATCH));
        answers.extend(take_batch(conn, by, creditor, &rows).await?);
        rows = rest;
    }
    if source.format.is_one_document() {
        keep_original(conn, by, creditor, &source, &answers).await?;
    }
    let count = |status| u32::try_from(answers.iter().filter(|answer| answer.status == status).count()).unwrap_or(u32::MAX);
    let view = IntakeView {
        id: IntakeId::fresh(),
        format: source.format,
        file_name: source.file_name.map(str::to_owned),
        accepted: count(RowStatus::Accepted),
        known: count(RowStatus::Known),
        refused: count(RowStatus::Refused),
        notes: source.notes,
        rows: answers,
    };
    store::insert(conn, creditor, &view, source.content, by.at).await?;
    Ok(view)
}

async fn take_batch(
    conn: &mut Conn<'_>,
    by: &By,
    creditor: OrgId,
    rows: &[CheckedRow],
) -> Result<Vec<RowAnswer>, ReceivablesError> {
    let mut candidates: Vec<&Candidate> = rows.iter().filter_map(|row| row.checked.as_ref().ok()).collect();
    let debtors = known_debtors(conn, by, creditor, &candidates).await?;
    candidates.sort_by_key(|candidate| (&candidate.issuer, &candidate.number));
    candidates.dedup_by_key(|candidate| (&candidate.issuer, &candidate.number));
    let with_debtor = candidates.iter().filter_map(|candidate| Some((*candidate, *debtors.get(&candidate.debtor.identity_key)?)));
    let fresh: Vec<_> = with_debtor.map(|(candidate, debtor)| (ReceivableId::fresh(), debtor, candidate)).collect();
    let inserted = store::insert_receivables(conn, creditor, &fresh, by.at).await?;
    let held = store::find_held(conn, creditor, &candidates).await?;
    let mut held: HashMap<_, _> = held.into_iter().map(|held| ((held.issuer.clone(), held.number.clone()), held)).collect();
    for id in &inserted {
        if let Some(held) = held.values_mut().find(|held| held.id == *id) {
            held.fresh = true;
        }
    }
    Ok(rows.iter().map(|row| answer(row, &mut held)).collect())
}

/// Debtors of the candidates by identity key; those not known yet are made.
async fn known_debtors(
    conn: &mut Conn<'_>,
    by: &By,
    creditor: OrgId,
    candidates: &[&Candidate],
) -> Result<HashMap<String, DebtorId>, ReceivablesError> {
    let by_key: BTreeMap<&str, _> =
        candidates.iter().rev().map(|candidate| (candidate.debtor.identity_key.as_str(), &candidate.debtor)).collect();
    let fresh: Vec<_> = by_key.into_values().map(|debtor| (DebtorId::fresh(), debtor)).collect();
    if fresh.is_empty() {
        return Ok(HashMap::new());
    }
    let known = debtors::upsert(conn, creditor, &fresh, by.at).await?;
    Ok(known.into_iter().map(|known| (known.identity_key, known.id)).collect())
}

type Held = HashMap<(String, String), store::Held>;

/// A receivable that was just made answers `accepted` once: a second row with its number is known.
fn answer(row: &CheckedRow, held: &mut Held) -> RowAnswer {
    let blank = RowAnswer {
        row: row.row,
        file: row.file.clone(),
        status: RowStatus::Refused,
        number: None,
        receivable_id: None,
        debtor_id: None,
        due_on_assumed: false,
        column: None,
        code: None,
        reason: None,
    };
    match &row.checked {
        Err(refusal) => {
            let Refusal { column, code, reason } = refusal.clone();
            RowAnswer { column, code: Some(code), reason: Some(reason), ..blank }
        }
        Ok(candidate) => match held.get_mut(&(candidate.issuer.clone(), candidate.number.clone())) {
            Some(held) => {
                let status = if std::mem::take(&mut held.fresh) { RowStatus::Accepted } else { RowStatus::Known };
                RowAnswer {
                    status,
                    number: Some(candidate.number.clone()),
                    receivable_id: Some(held.id),
                    debtor_id: Some(held.debtor_id),
                    due_on_assumed: candidate.due_on_assumed && status == RowStatus::Accepted,
                    reason: held.difference(candidate),
                    ..blank
                }
            }
            None => {
                RowAnswer { reason: Some("it could not be stored; send it again".to_owned()), code: Some("not_stored"), ..blank }
            }
        },
    }
}

/// The file is the invoice, or a batch of them: it is kept for whoever will see the receivables.
async fn keep_original(
    conn: &mut Conn<'_>,
    by: &By,
    creditor: OrgId,
    source: &Source<'_>,
    answers: &[RowAnswer],
) -> Result<(), ReceivablesError> {
    let accepted = answers.iter().filter(|answer| answer.status == RowStatus::Accepted);
    let receivables: Vec<ReceivableId> = accepted.filter_map(|answer| answer.receivable_id).collect();
    if receivables.is_empty() {
        return Ok(());
    }
    let (media_type, unnamed) = match reader_of(source.content) {
        Some("pdf") => ("application/pdf", "invoice.pdf"),
        Some("p7m") => ("application/pkcs7-mime", "invoice.xml.p7m"),
        _ => ("application/xml", "invoice.xml"),
    };
    let document = NewDocument {
        creditor_id: creditor,
        case_id: None,
        kind: DocumentKind::Invoice,
        media_type,
        file_name: source.file_name.unwrap_or(unnamed),
        content: source.content,
    };
    let id = store_document(conn, by, &document).await?;
    Ok(store::set_document(conn, &receivables, id).await?)
}
