//! Files that a claim stands on: invoices as they came, mandates, letters, receipts. Never changed once stored.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{ReceivablesError, store::documents as store};
use crate::{
    db::{By, Conn},
    types::{CaseId, DocumentId, OrgId, text_enum},
};

text_enum! {
    /// What a document is.
    pub enum DocumentKind {
        Invoice => "invoice",
        Mandate => "mandate",
        Letter => "letter",
        CaseFile => "case_file",
        Receipt => "receipt",
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

/// A document as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub id: DocumentId,
    pub creditor_id: OrgId,
    pub case_id: Option<CaseId>,
    pub kind: DocumentKind,
    pub media_type: String,
    pub file_name: String,
    pub content: Vec<u8>,
    pub sha256: Vec<u8>,
    pub created_at: DateTime<Utc>,
}

/// Keeps a document under its hash.
///
/// # Errors
/// Neither the creditor's nor a party's of the case.
pub async fn store_document(conn: &mut Conn<'_>, by: &By, document: &NewDocument<'_>) -> Result<DocumentId, ReceivablesError> {
    let id = DocumentId::fresh();
    store::insert(conn, id, document, &Sha256::digest(document.content), by.at).await?;
    Ok(id)
}

/// A document that `by` may see.
///
/// # Errors
/// Not visible.
pub async fn find_document(conn: &mut Conn<'_>, _by: &By, id: DocumentId) -> Result<Document, ReceivablesError> {
    store::find(conn, id).await?.ok_or(ReceivablesError::NotFound("document"))
}

/// As a download: never shown in place, since an uploaded file may hold anything.
#[must_use]
pub fn download(document: Document) -> HttpResponse {
    let safe = |c: char| c.is_ascii_alphanumeric() || "._- ".contains(c);
    let file_name: String = document.file_name.chars().map(|c| if safe(c) { c } else { '_' }).collect();
    HttpResponse::Ok()
        .content_type(document.media_type)
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{file_name}\"")))
        .insert_header(("Cache-Control", "private, no-store"))
        .body(document.content)
}
