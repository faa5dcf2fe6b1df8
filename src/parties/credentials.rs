//! Licences, insurances and certificates: agencies submit them, the operator vets them, the market asks whether they suffice.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Date, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    contact::{Line, Note},
    error::PartiesError,
    store::credentials as store,
    vetting::{self, CredentialKind, CredentialStatus, Decision, Paper, Verdict},
};
use crate::{
    db::{By, Conn},
    http::{Cursor, Page},
    types::{Country, CredentialId, OrgId, clock::day_in},
};

/// A licence or an insurance on record.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName, Serialize, ToSchema)]
pub struct Credential {
    #[diesel(sql_type = SqlUuid)]
    pub id: CredentialId,
    #[diesel(sql_type = SqlUuid)]
    pub agency_id: OrgId,
    #[diesel(sql_type = Text)]
    pub kind: CredentialKind,
    #[diesel(sql_type = Text)]
    pub country: Country,
    #[diesel(sql_type = Text)]
    pub issuer: String,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Date)]
    pub valid_from: NaiveDate,
    /// The last day on which it counts.
    #[diesel(sql_type = Date)]
    pub valid_until: NaiveDate,
    #[diesel(sql_type = Text)]
    pub status: CredentialStatus,
    #[diesel(sql_type = Nullable<Text>)]
    pub decision_note: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub decided_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

/// One in the operator's list.
#[derive(Debug, QueryableByName, Serialize, ToSchema)]
pub struct CredentialOfAgency {
    #[serde(flatten)]
    #[diesel(embed)]
    pub credential: Credential,
    #[diesel(sql_type = Text)]
    pub agency_name: String,
}

/// A licence or an insurance as an agency submits it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCredential {
    pub kind: CredentialKind,
    /// Where a licence counts; where an insurance was taken out or a certificate given (they count everywhere).
    pub country: Country,
    #[schema(example = "Registro Mercantil de Madrid")]
    pub issuer: Line,
    #[schema(example = "LIC-2026-0042")]
    pub reference: Line,
    pub valid_from: NaiveDate,
    /// The last day on which it counts.
    pub valid_until: NaiveDate,
}

/// What the operator decides about one.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialDecision {
    pub decision: Verdict,
    /// The agency reads it. A rejection needs one.
    pub note: Option<Note>,
}

/// An agency submits a licence or an insurance; it counts once the operator has vetted it.
///
/// # Errors
/// It ends before it begins, or has expired.
pub async fn submit(conn: &mut Conn<'_>, by: &By, agency: OrgId, new: &NewCredential) -> Result<Credential, PartiesError> {
    if new.valid_until < new.valid_from {
        return Err(PartiesError::EndsBeforeItBegins);
    }
    if new.valid_until < day_in(new.country.time_zone(), by.at) {
        return Err(PartiesError::AlreadyExpired);
    }
    let credential = Credential {
        id: CredentialId::fresh(),
        agency_id: agency,
        kind: new.kind,
        country: new.country,
        issuer: new.issuer.to_string(),
        reference: new.reference.to_string(),
        valid_from: new.valid_from,
        valid_until: new.valid_until,
        status: CredentialStatus::Submitted,
        decision_note: None,
        decided_at: None,
        created_at: by.at,
    };
    store::insert(conn, &credential).await?;
    Ok(credential)
}

/// An agency's own, newest first.
///
/// # Errors
/// The database fails.
pub async fn list(conn: &mut Conn<'_>, agency: OrgId, cursor: &Cursor) -> Result<Page<Credential>, PartiesError> {
    let rows = store::list_of_agency(conn, agency, cursor).await?;
    Ok(cursor.page(rows, |credential| credential.id.0))
}

/// Those of all agencies, with the agency's name, newest first: for the operator.
///
/// # Errors
/// The database fails.
pub async fn list_all(
    conn: &mut Conn<'_>,
    status: Option<CredentialStatus>,
    cursor: &Cursor,
) -> Result<Page<CredentialOfAgency>, PartiesError> {
    let rows = store::list_all(conn, status, cursor).await?;
    Ok(cursor.page(rows, |row| row.credential.id.0))
}

/// The operator vets or rejects one. The same decision again changes nothing.
///
/// # Errors
/// There is none such; a rejection without a note; a rejected one is to be vetted after all.
pub async fn decide(
    conn: &mut Conn<'_>,
    by: &By,
    id: CredentialId,
    decision: &CredentialDecision,
) -> Result<Credential, PartiesError> {
    let mut credential = store::lock(conn, id).await?.ok_or(PartiesError::NotFound)?;
    if decision.decision == Verdict::Rejected && decision.note.is_none() {
        return Err(PartiesError::NoteMissing);
    }
    match vetting::decide(credential.status, decision.decision) {
        Decision::Unchanged => return Ok(credential),
        Decision::Final => return Err(PartiesError::RejectionIsFinal),
        Decision::Changed => {}
    }
    credential.status = decision.decision.status();
    credential.decision_note = decision.note.as_ref().map(ToString::to_string);
    credential.decided_at = Some(by.at);
    store::set_decision(conn, &credential, by.member()).await?;
    Ok(credential)
}

/// What was vetted of an agency and counts on `on`: what its letters and pages show. Creditors and debtors may read it.
///
/// # Errors
/// The database fails.
pub async fn in_force(conn: &mut Conn<'_>, _: &By, agency: OrgId, on: NaiveDate) -> Result<Vec<Credential>, PartiesError> {
    Ok(store::list_in_force(conn, agency, on).await?)
}

/// The papers that count towards what an agency may be given. Creditors see vetted ones alone, so in their scope one that
/// awaits its vetting is missing; rival agencies see none.
///
/// # Errors
/// The database fails.
pub async fn papers(conn: &mut Conn<'_>, _: &By, agency: OrgId) -> Result<Vec<Paper>, PartiesError> {
    Ok(store::list_papers(conn, agency).await?)
}

/// The vetted papers of every agency: for matching many at once.
///
/// # Errors
/// The database fails.
pub async fn papers_of_all(conn: &mut Conn<'_>, _: &By) -> Result<HashMap<OrgId, Vec<Paper>>, PartiesError> {
    let mut by_agency: HashMap<OrgId, Vec<Paper>> = HashMap::new();
    for (agency, paper) in store::list_vetted_papers(conn).await? {
        by_agency.entry(agency).or_default().push(paper);
    }
    Ok(by_agency)
}
