//! The command that takes invoices in: every row answers, whatever its neighbours were.
//!
//! Lock order: debtors by identity key, then receivables by issuer and number, so that two intakes at a time wait for each
//! other and never deadlock.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    DebtorKind, MatchDebtors, ReceivablesError,
    credits::{self, NewCredit},
    documents::{DocumentKind, NewDocument, store_document},
    intake::{
        self, Candidate, Defaults, Draft, Format, InvoiceDocument, InvoiceKind, Mapping, Refusal, columns::Column, fault::Fault,
        reader::reader_of,
    },
    refuse_contradictions,
    store::{
        debtors,
        intakes::{self as store, Fresh},
    },
};
use crate::{
    db::{By, Conn},
    jobs::enqueue,
    parties,
    types::{
        Calendar, CaseId, CompanyNumber, DebtorId, IntakeId, OrgId, ReceivableId, UploadId, clock::day_in, fresh_uuid, text_enum,
    },
};

/// Rows written by one statement.
const BATCH: usize = 5_000;

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
    /// The case that pursues it, where one does.
    pub case_id: Option<CaseId>,
    /// The invoice named no due date: thirty days after its issue were taken, as the law has it.
    pub due_on_assumed: bool,
    /// The column at fault.
    pub column: Option<String>,
    /// Stable name of the reason.
    pub code: Option<&'static str>,
    /// What is wrong with a refused row, or how a known one differs from what was sent before.
    pub reason: Option<String>,
}

impl RowAnswer {
    /// The answer that the row would get: nothing was stored, so nothing has an id.
    #[must_use]
    pub fn as_rehearsed(self) -> Self {
        if self.status == RowStatus::Accepted {
            Self { receivable_id: None, debtor_id: None, case_id: None, ..self }
        } else {
            self
        }
    }
}

/// A row on its way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedRow {
    pub row: u32,
    pub file: Option<String>,
    pub checked: Result<Candidate, Refusal>,
    /// The row is a credit note: no receivable, but it lowers one.
    pub credit: Option<NewCredit>,
    /// Whoever credited gives the answer.
    pub answered: Option<RowAnswer>,
}

impl CheckedRow {
    /// A row as read, checked against what an invoice can be.
    #[must_use]
    pub fn of(row: intake::Row, defaults: &Defaults) -> Self {
        let credited = row.document.as_deref().filter(|document| document.kind == InvoiceKind::CreditNote);
        let credit = credited.map(|document| credit_of(document, defaults)).transpose();
        let checked = row.draft.and_then(|draft| intake::check(draft, defaults));
        match credit {
            Ok(credit) => Self { row: row.row, file: row.file, checked, credit, answered: None },
            Err(refusal) => Self { row: row.row, file: row.file, checked: Err(refusal), credit: None, answered: None },
        }
    }

    /// A row of a request.
    #[must_use]
    pub const fn plain(row: u32, checked: Result<Candidate, Refusal>) -> Self {
        Self { row, file: None, checked, credit: None, answered: None }
    }

    /// An answer with nothing in it but which row it is for.
    #[must_use]
    pub fn blank_answer(&self) -> RowAnswer {
        RowAnswer {
            row: self.row,
            file: self.file.clone(),
            status: RowStatus::Refused,
            number: None,
            receivable_id: None,
            debtor_id: None,
            case_id: None,
            due_on_assumed: false,
            column: None,
            code: None,
            reason: None,
        }
    }
}

fn credit_of(document: &InvoiceDocument, defaults: &Defaults) -> Result<NewCredit, Refusal> {
    let seller = document.seller.tax_number();
    let preceding = document.preceding.first();
    let stated = document.full_number().zip(document.issued_on).zip(document.credited()).zip(preceding);
    let (((number, issued_on), amount), preceding) = stated.ok_or_else(|| Refusal::of_row(&Fault::CreditOfNothing))?;
    let issuer = seller.filter(|text| text.parse::<CompanyNumber>().is_ok());
    let issuer = intake::row::issuer_key(issuer.as_deref(), defaults)?;
    Ok(NewCredit { issuer, number, credited_number: Some(preceding.number.clone()), issued_on, amount })
}

/// What holds for the rows of a creditor that do not say otherwise.
///
/// # Errors
/// The database fails.
pub async fn intake_defaults(
    conn: &mut Conn<'_>,
    by: &By,
    debtor_kind: Option<DebtorKind>,
    mapping: Mapping,
) -> Result<Defaults, ReceivablesError> {
    let creditor = by.scope.org().ok_or(ReceivablesError::NotFound("creditor"))?;
    let organisation = parties::find_organisation(conn, by, creditor).await?;
    let today = day_in(Calendar::of(organisation.country).zone(), by.at);
    let issuer = organisation.company_number.map_or_else(|| creditor.to_string(), |number| number.enterprise_key());
    Ok(Defaults { issuer, country: organisation.country, debtor_kind, today, mapping })
}

/// A file whose rows were checked.
#[derive(Debug)]
pub struct CheckedFile {
    pub format: Format,
    pub rows: Vec<CheckedRow>,
    pub notes: Vec<String>,
}

/// Reads a small file whole and checks its rows.
///
/// # Errors
/// The file as a whole cannot be read.
pub fn check_file(bytes: &[u8], defaults: &Defaults) -> Result<CheckedFile, ReceivablesError> {
    let reading = intake::read(bytes, defaults)?;
    let mut rows: Vec<CheckedRow> = reading.rows.into_iter().map(|row| CheckedRow::of(row, defaults)).collect();
    refuse_contradictions(&mut rows);
    Ok(CheckedFile { format: reading.format, rows, notes: reading.notes.iter().map(ToString::to_string).collect() })
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
fn read_json(value: &Value) -> Result<Draft, Refusal> {
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

/// Rows of a request, checked against what an invoice can be.
#[must_use]
pub fn check_json(invoices: &[Value], defaults: &Defaults) -> Vec<CheckedRow> {
    let checked = invoices.iter().map(|value| read_json(value).and_then(|draft| intake::check(draft, defaults)).map_err(in_json));
    let mut rows: Vec<CheckedRow> = (1..).zip(checked).map(|(row, checked)| CheckedRow::plain(row, checked)).collect();
    refuse_contradictions(&mut rows);
    rows
}

/// An invoice of a request that cannot be taken as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedInvoice {
    /// Its place in the list, from 0.
    pub position: usize,
    pub field: Option<String>,
    pub reason: String,
}

/// Takes in the invoices that come with what is to be done with them: every one of them, or none. Those that are known
/// already, and unchanged, are taken as they are.
///
/// # Errors
/// One is refused, or differs from what was sent under its number before; all of them are named.
pub async fn take_in_all(conn: &mut Conn<'_>, by: &By, invoices: &[Value]) -> Result<Vec<ReceivableId>, ReceivablesError> {
    if invoices.is_empty() {
        return Ok(Vec::new());
    }
    let defaults = intake_defaults(conn, by, None, Mapping::default()).await?;
    let content = Value::from(invoices).to_string();
    let source = Source { format: Format::Json, file_name: None, content: content.as_bytes(), notes: Vec::new() };
    let taken = take_in(conn, by, source, check_json(invoices, &defaults)).await?;
    let (mut ids, mut refused) = (Vec::new(), Vec::new());
    for (position, row) in taken.rows.into_iter().enumerate() {
        match (row.receivable_id, row.reason) {
            (Some(id), None) => ids.push(id),
            (_, reason) => refused.push(RefusedInvoice { position, field: row.column, reason: reason.unwrap_or_default() }),
        }
    }
    ids.sort_unstable();
    ids.dedup();
    if refused.is_empty() { Ok(ids) } else { Err(ReceivablesError::Invoices(refused)) }
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
    let began = fresh_uuid();
    let mut answers = Vec::with_capacity(rows.len());
    let mut rows = rows;
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(BATCH));
        answers.extend(take_rows(conn, by, None, &rows, &mut |_, _, _| None).await?);
        rows = rest;
    }
    if source.format.is_one_document() {
        keep_original(conn, by, &accepted(&answers), source.file_name, source.content).await?;
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
    if view.accepted > 0 {
        look_for_matches(conn, by, began).await?;
    }
    Ok(view)
}

/// Has the customers made since `began` compared with those that were there.
///
/// # Errors
/// The database fails.
pub async fn look_for_matches(conn: &mut Conn<'_>, by: &By, began: Uuid) -> Result<(), ReceivablesError> {
    let creditor_id = by.scope.org().ok_or(ReceivablesError::NotFound("creditor"))?;
    let asked = MatchDebtors { creditor_id, after: began, upto: fresh_uuid() };
    Ok(enqueue(conn, MatchDebtors::KIND, &asked, by.at).await?)
}

/// What was made of these rows.
#[must_use]
pub fn accepted(answers: &[RowAnswer]) -> Vec<ReceivableId> {
    let made = |answer: &&RowAnswer| answer.status == RowStatus::Accepted && answer.code.is_none();
    answers.iter().filter(made).filter_map(|answer| answer.receivable_id).collect()
}

/// Which case an accepted invoice goes into; the case is written by whoever asked, in the same transaction.
pub type CaseOf<'a> = &'a mut dyn FnMut(ReceivableId, DebtorId, &Candidate) -> Option<CaseId>;

/// Takes some thousand rows in.
///
/// # Errors
/// As [`take_in`].
pub async fn take_rows(
    conn: &mut Conn<'_>,
    by: &By,
    upload: Option<UploadId>,
    rows: &[CheckedRow],
    case_of: CaseOf<'_>,
) -> Result<Vec<RowAnswer>, ReceivablesError> {
    let creditor = by.scope.org().ok_or(ReceivablesError::NotFound("creditor"))?;
    let mut candidates: Vec<&Candidate> = rows.iter().filter_map(|row| row.checked.as_ref().ok()).collect();
    let debtors = debtors_of(conn, by, creditor, &candidates).await?;
    candidates.sort_by_key(|candidate| (&candidate.issuer, &candidate.number));
    candidates.dedup_by_key(|candidate| (&candidate.issuer, &candidate.number));
    let with_debtor = candidates.iter().filter_map(|candidate| Some((*candidate, *debtors.get(&candidate.debtor.identity_key)?)));
    let fresh: Vec<Fresh<'_>> = with_debtor
        .map(|(candidate, debtor)| {
            let id = ReceivableId::fresh();
            Fresh { id, debtor, case: case_of(id, debtor, candidate), candidate }
        })
        .collect();
    let made = store::insert_receivables(conn, creditor, upload, &fresh, by.at).await?;
    let made: HashSet<ReceivableId> = made.into_iter().collect();
    keep_particulars(conn, creditor, &fresh, &made).await?;
    credits::apply_waiting(conn, creditor, &made.iter().copied().collect::<Vec<_>>()).await?;
    let held = held_of(conn, creditor, &fresh, &made).await?;
    let mut held = held.into_iter().map(|held| ((held.issuer.clone(), held.number.clone()), held)).collect();
    Ok(rows.iter().map(|row| answer(row, &mut held)).collect())
}

/// Debtors of the candidates by identity key; those not known yet are made.
async fn debtors_of(
    conn: &mut Conn<'_>,
    by: &By,
    creditor: OrgId,
    candidates: &[&Candidate],
) -> Result<HashMap<String, DebtorId>, ReceivablesError> {
    let by_key: BTreeMap<&str, _> =
        candidates.iter().rev().map(|candidate| (candidate.debtor.identity_key.as_str(), &candidate.debtor)).collect();
    if by_key.is_empty() {
        return Ok(HashMap::new());
    }
    let distinct: Vec<_> = by_key.into_values().collect();
    Ok(debtors::find_or_make(conn, creditor, &distinct, by.at).await?)
}

async fn keep_particulars(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    fresh: &[Fresh<'_>],
    made: &HashSet<ReceivableId>,
) -> Result<(), ReceivablesError> {
    let ours = fresh.iter().filter(|fresh| fresh.candidate.particulars.has_rows() && made.contains(&fresh.id));
    let of: Vec<_> = ours.map(|fresh| (fresh.id, &fresh.candidate.particulars)).collect();
    if of.is_empty() { Ok(()) } else { Ok(store::insert_particulars(conn, creditor, &of).await?) }
}

/// What stands under the issuers and numbers of a batch: what it made, and what was there before.
async fn held_of(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    fresh: &[Fresh<'_>],
    made: &HashSet<ReceivableId>,
) -> Result<Vec<store::Held>, ReceivablesError> {
    let (ours, others): (Vec<&Fresh<'_>>, Vec<_>) = fresh.iter().partition(|fresh| made.contains(&fresh.id));
    let candidates: Vec<&Candidate> = others.into_iter().map(|other| other.candidate).collect();
    let before = store::find_held(conn, creditor, &candidates).await?;
    Ok(ours.into_iter().map(store::Held::made).chain(before).collect())
}

type Held = HashMap<(String, String), store::Held>;

/// A receivable that was just made answers `accepted` once: a second row with its number is known.
fn answer(row: &CheckedRow, held: &mut Held) -> RowAnswer {
    if let Some(answered) = &row.answered {
        return answered.clone();
    }
    let blank = row.blank_answer();
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
                    case_id: held.case_id,
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

/// The file is the invoice, or several of them: it is kept for whoever will see what it claims.
///
/// # Errors
/// The database fails.
pub async fn keep_original(
    conn: &mut Conn<'_>,
    by: &By,
    claimed: &[ReceivableId],
    file_name: Option<&str>,
    content: &[u8],
) -> Result<(), ReceivablesError> {
    let creditor = by.scope.org().ok_or(ReceivablesError::NotFound("creditor"))?;
    if claimed.is_empty() {
        return Ok(());
    }
    let (media_type, usual_name) = match reader_of(content) {
        Some("pdf") => ("application/pdf", "invoice.pdf"),
        Some("p7m") => ("application/pkcs7-mime", "invoice.xml.p7m"),
        _ => ("application/xml", "invoice.xml"),
    };
    let document = NewDocument {
        creditor_id: creditor,
        case_id: None,
        kind: DocumentKind::Invoice,
        media_type,
        file_name: file_name.unwrap_or(usual_name),
        content,
    };
    let id = store_document(conn, by, &document).await?;
    Ok(store::set_document(conn, claimed, id).await?)
}
