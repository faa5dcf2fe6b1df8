//! Files that a claim stands on: invoices as they came, contracts, delivery notes, reminders, mandates, letters, receipts.
//! Never changed once stored.
//!
//! A command writes the content into its own transaction; a job carries it to the file store, sealed. So neither a document
//! without its row can be, nor a row whose document was lost on the way.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{ReceivablesError, find_receivable, store::documents as store};
use crate::{
    app::App,
    db::{By, Conn, DbError, Scope},
    http::Problem,
    jobs::{JobError, enqueue},
    types::{CaseId, DocumentId, OrgId, ReceivableId, text_enum},
};

text_enum! {
    /// What a document is.
    pub enum DocumentKind {
        Invoice => "invoice",
        Contract => "contract",
        DeliveryNote => "delivery_note",
        Reminder => "reminder",
        Other => "other",
        Mandate => "mandate",
        Letter => "letter",
        CaseFile => "case_file",
        Receipt => "receipt",
    }
}

impl DocumentKind {
    /// Whether a creditor brings it as evidence; the others are made here.
    #[must_use]
    pub const fn is_evidence(self) -> bool {
        match self {
            Self::Invoice | Self::Contract | Self::DeliveryNote | Self::Reminder | Self::Other => true,
            Self::Mandate | Self::Letter | Self::CaseFile | Self::Receipt => false,
        }
    }
}

/// A document to be kept.
#[derive(Debug)]
pub struct NewDocument<'a> {
    pub creditor_id: OrgId,
    pub case_id: Option<CaseId>,
    pub kind: DocumentKind,
    pub media_type: &'a str,
    pub file_name: &'a str,
    pub content: &'a [u8],
}

/// Where the content of a document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// In its row, until its job has run.
    Here(Vec<u8>),
    /// In the file store, under this key.
    Shelved(String),
}

/// A document as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub id: DocumentId,
    pub creditor_id: OrgId,
    pub case_id: Option<CaseId>,
    pub kind: DocumentKind,
    pub media_type: String,
    pub file_name: String,
    pub content: Content,
    pub sha256: Vec<u8>,
    pub created_at: DateTime<Utc>,
}

/// A document in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DocumentEntry {
    pub id: DocumentId,
    pub kind: DocumentKind,
    #[schema(example = "application/pdf")]
    pub media_type: String,
    pub file_name: String,
    pub size_bytes: i64,
    /// SHA-256 of the content, hexadecimal.
    pub sha256: String,
    pub created_at: DateTime<Utc>,
}

/// A document to be carried to the file store.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Shelve {
    pub document_id: DocumentId,
}

impl Shelve {
    pub const KIND: &'static str = "receivables.shelve_document";
}

/// Keeps a document under its hash.
///
/// # Errors
/// Neither the creditor's nor a party's of the case.
pub async fn store_document(conn: &mut Conn<'_>, by: &By, document: &NewDocument<'_>) -> Result<DocumentId, ReceivablesError> {
    keep(conn, by, document, None).await
}

/// Keeps evidence for an invoice; what it is, its content tells.
///
/// # Errors
/// Not the creditor's invoice, a kind that is made here, or content of no kind that is taken.
pub async fn add_evidence(
    conn: &mut Conn<'_>,
    by: &By,
    receivable: ReceivableId,
    kind: DocumentKind,
    file_name: Option<&str>,
    content: &[u8],
) -> Result<DocumentId, ReceivablesError> {
    let creditor_id = by.scope.org().ok_or(ReceivablesError::NotFound("receivable"))?;
    if find_receivable(conn, by, receivable).await?.creditor_id != creditor_id {
        return Err(ReceivablesError::NotFound("receivable"));
    }
    if !kind.is_evidence() {
        return Err(ReceivablesError::NotEvidence(kind));
    }
    let media_type = sniff(content).ok_or(ReceivablesError::UnknownContent)?;
    let file_name = file_name.unwrap_or(kind.as_str());
    let document = NewDocument { creditor_id, case_id: None, kind, media_type, file_name, content };
    keep(conn, by, &document, Some(receivable)).await
}

/// Keeps what a debtor gives to show that an objection is right; what it is, its content tells.
///
/// # Errors
/// Content of no kind that is taken; not a case that `by` sees.
pub async fn add_proof(
    conn: &mut Conn<'_>,
    by: &By,
    (creditor_id, case): (OrgId, CaseId),
    file_name: &str,
    content: &[u8],
) -> Result<DocumentId, ReceivablesError> {
    let media_type = sniff(content).ok_or(ReceivablesError::UnknownContent)?;
    let case_id = Some(case);
    let document = NewDocument { creditor_id, case_id, kind: DocumentKind::Other, media_type, file_name, content };
    keep(conn, by, &document, None).await
}

async fn keep(
    conn: &mut Conn<'_>,
    by: &By,
    document: &NewDocument<'_>,
    receivable: Option<ReceivableId>,
) -> Result<DocumentId, ReceivablesError> {
    let id = DocumentId::fresh();
    store::insert(conn, id, document, receivable, &Sha256::digest(document.content), by.at).await?;
    enqueue(conn, Shelve::KIND, &Shelve { document_id: id }, by.at).await?;
    Ok(id)
}

/// What a file is, by its content: what a court reads and nothing that runs.
fn sniff(content: &[u8]) -> Option<&'static str> {
    const TAKEN: &[&str] = &[
        "application/pdf",
        "image/png",
        "image/jpeg",
        "image/tiff",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.text",
    ];
    if let Some(kind) = infer::get(content) {
        let found = TAKEN.iter().copied().find(|taken| *taken == kind.mime_type());
        let xml = matches!(kind.mime_type(), "text/xml" | "application/xml").then_some("application/xml");
        return found.or(xml);
    }
    let text = std::str::from_utf8(content).ok().filter(|text| !text.contains('\0') && !text.trim().is_empty())?;
    match text.trim_start_matches('\u{feff}').trim_start() {
        html if html.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("<html")) => None,
        html if html.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype")) => None,
        xml if xml.starts_with('<') => Some("application/xml"),
        _ => Some("text/plain"),
    }
}

/// A document that `by` may see.
///
/// # Errors
/// Not visible.
pub async fn find_document(conn: &mut Conn<'_>, _by: &By, id: DocumentId) -> Result<Document, ReceivablesError> {
    store::find(conn, id).await?.ok_or(ReceivablesError::NotFound("document"))
}

/// The evidence for an invoice that `by` may see: the invoice itself first.
///
/// # Errors
/// The invoice is not visible.
pub async fn list_evidence(
    conn: &mut Conn<'_>,
    by: &By,
    receivable: ReceivableId,
) -> Result<Vec<DocumentEntry>, ReceivablesError> {
    find_receivable(conn, by, receivable).await?;
    Ok(store::list_of_receivable(conn, receivable).await?)
}

/// Carries a document to the file store. Done twice, it is the same file twice.
///
/// # Errors
/// The file store or the database fails.
pub async fn shelve(app: &App, shelve: Shelve) -> Result<(), JobError> {
    let id = shelve.document_id;
    let found = app.db.transaction(Scope::System, async |conn| store::find(conn, id).await).await?;
    let Some(Document { content: Content::Here(content), .. }) = found else { return Ok(()) };
    let key = format!("documents/{id}");
    app.vault.put(&key, &content).await.map_err(|error| JobError::Again(error.to_string()))?;
    Ok(app.db.transaction(Scope::System, async |conn| Ok::<_, DbError>(store::set_shelved(conn, id, &key).await?)).await?)
}

/// What a document holds, from wherever it is.
///
/// # Errors
/// The file store is away.
pub async fn read_content(app: &App, content: Content) -> Result<Vec<u8>, Problem> {
    match content {
        Content::Here(content) => Ok(content),
        Content::Shelved(key) => app.vault.get(&key).await.map_err(Problem::internal),
    }
}

/// As a download: never shown in place, since an uploaded file may hold anything.
///
/// # Errors
/// The file store fails, or the file is not what was kept.
pub async fn download(app: &App, document: Document) -> Result<HttpResponse, Problem> {
    let content = read_content(app, document.content).await?;
    let safe = |c: char| c.is_ascii_alphanumeric() || "._- ".contains(c);
    let file_name: String = document.file_name.chars().map(|c| if safe(c) { c } else { '_' }).collect();
    Ok(HttpResponse::Ok()
        .content_type(document.media_type)
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{file_name}\"")))
        .insert_header(("Cache-Control", "private, no-store"))
        .body(content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_is_its_content_tells() {
        let cases: [(&[u8], Option<&str>); 9] = [
            (b"%PDF-1.7 rest", Some("application/pdf")),
            (b"\x89PNG\r\n\x1a\n rest", Some("image/png")),
            (b"\xff\xd8\xff\xe0 rest", Some("image/jpeg")),
            (b"<?xml version=\"1.0\"?><Invoice/>", Some("application/xml")),
            (b"Delivered on 3 March, signed: Ana", Some("text/plain")),
            (b"<html><script>", None),
            (b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff", None),
            (b"\x7fELF\x02\x01\x01\0", None),
            (b"", None),
        ];
        for (content, expected) in cases {
            assert_eq!(sniff(content), expected, "{:?}", String::from_utf8_lossy(content));
        }
    }
}
