//! Framework mandates: what a creditor and an agency sign once, so that a case awarded between them needs its schedule only.
//!
//! What may never happen here: a case handed over under a framework that one side has not signed, or has ended; a framework
//! signed over another document than the one drawn up, or by a machine. What runs when notice is given runs on.
//!
//! All of it in `Scope::System`, for the papers of both sides; each command compares organisations itself.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    MarketError, MarketTerms,
    mandate::{Party, Signature, Signing},
    papers,
    store::frameworks as store,
    telling::tell,
};
use crate::{
    db::{By, Conn, Scope},
    http::Cursor,
    jobs, parties,
    parties::OrgKind,
    receivables::{self, Document, DocumentKind, NewDocument},
    types::{Calendar, DocumentId, FrameworkId, Language, OrgId, text_enum},
};

text_enum! {
    /// Where a framework stands.
    pub enum FrameworkStatus {
        ToSign => "to_sign",
        /// Signed by both. With `ends_at` one side has given notice.
        InForce => "in_force",
        Declined => "declined",
        /// Not signed by both in time.
        Lapsed => "lapsed",
    }
}

/// A standing agreement of a creditor and an agency.
#[derive(Debug, Clone)]
pub struct Framework {
    pub id: FrameworkId,
    pub creditor: OrgId,
    pub agency: OrgId,
    pub language: Language,
    pub document: DocumentId,
    pub document_sha256: Vec<u8>,
    pub status: FrameworkStatus,
    pub sign_by: DateTime<Utc>,
    /// Notice was given: from then on it covers no new case.
    pub ends_at: Option<DateTime<Utc>>,
    pub ended_by: Option<Party>,
    pub created_at: DateTime<Utc>,
}

impl Framework {
    fn party(&self, org: OrgId) -> Result<Party, MarketError> {
        match org {
            _ if org == self.creditor => Ok(Party::Creditor),
            _ if org == self.agency => Ok(Party::Agency),
            _ => Err(MarketError::NotFound("framework mandate")),
        }
    }

    /// Whether a case awarded at `at` falls under it.
    #[must_use]
    pub fn covers(&self, at: DateTime<Utc>) -> bool {
        self.status == FrameworkStatus::InForce && self.ends_at.is_none_or(|ends_at| at < ends_at)
    }
}

/// From a notice to the end of the framework.
pub(super) const NOTICE_DAYS: u32 = 30;

/// A creditor has a framework with an agency drawn up, for both to sign.
///
/// # Errors
/// No such agency; one between the two is to be signed or in force; the agency has no client account.
pub async fn draw_up_framework(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    creditor: OrgId,
    agency: OrgId,
) -> Result<Framework, MarketError> {
    let found = parties::find_organisation(conn, by, agency).await.map_err(|_| MarketError::NotFound("agency"))?;
    if found.kind != OrgKind::Agency {
        return Err(MarketError::NotFound("agency"));
    }
    let id = FrameworkId::fresh();
    let sheet = papers::framework_sheet(conn, by, terms, (creditor, agency), id).await?;
    let (language, country) = (sheet.language, sheet.creditor.country);
    // Setting type takes the processor for a while: not on the thread that serves requests.
    let pdf =
        tokio::task::spawn_blocking(move || sheet.pdf()).await.map_err(|error| MarketError::Drawing(error.to_string()))??;
    let document = NewDocument {
        creditor_id: creditor,
        case_id: None,
        kind: DocumentKind::Mandate,
        media_type: "application/pdf",
        file_name: &format!("{id}.pdf"),
        content: &pdf,
    };
    let framework = Framework {
        id,
        creditor,
        agency,
        language,
        document: receivables::store_document(conn, by, &document).await?,
        document_sha256: Sha256::digest(&pdf).to_vec(),
        status: FrameworkStatus::ToSign,
        sign_by: Calendar::of(country).add_business_hours(by.at, terms.signing_hours),
        ends_at: None,
        ended_by: None,
        created_at: by.at,
    };
    store::insert(conn, &framework)
        .await
        .map_err(|error| if error.violates("framework_mandates_one") { MarketError::FrameworkThere } else { error.into() })?;
    jobs::enqueue(conn, "market.lapse_framework", &json!({ "framework_id": id }), framework.sign_by).await?;
    tell_of(conn, by, agency, "framework_to_sign", &framework).await?;
    Ok(framework)
}

/// A framework of this organisation's.
///
/// # Errors
/// Not a party to it.
pub async fn find_framework(
    conn: &mut Conn<'_>,
    _: &By,
    org: OrgId,
    id: FrameworkId,
) -> Result<(Framework, Vec<Signature>), MarketError> {
    let framework = store::find(conn, id).await?.ok_or(MarketError::NotFound("framework mandate"))?;
    framework.party(org)?;
    let signatures = store::list_signatures(conn, id).await?;
    Ok((framework, signatures))
}

/// The organisation's frameworks, newest first.
///
/// # Errors
/// The database fails.
pub async fn list_frameworks(conn: &mut Conn<'_>, by: &By, cursor: Cursor) -> Result<Vec<Framework>, MarketError> {
    match by.scope {
        Scope::Creditor(org) | Scope::Agency(org) => Ok(store::list(conn, org, cursor).await?),
        Scope::Operator(_) | Scope::Debtor(_) | Scope::System => Ok(Vec::new()),
    }
}

/// The contract itself, for its two parties.
///
/// # Errors
/// Not a party.
pub async fn framework_document(conn: &mut Conn<'_>, by: &By, org: OrgId, id: FrameworkId) -> Result<Document, MarketError> {
    let (framework, _) = find_framework(conn, by, org, id).await?;
    Ok(receivables::find_document(conn, by, framework.document).await?)
}

async fn lock(conn: &mut Conn<'_>, org: OrgId, id: FrameworkId) -> Result<(Framework, Party), MarketError> {
    let framework = store::lock(conn, id).await?.ok_or(MarketError::NotFound("framework mandate"))?;
    let party = framework.party(org)?;
    Ok((framework, party))
}

/// A person signs for its side; when both have, it is in force.
///
/// # Errors
/// Not a party; not to be signed, or too late; over another document; signed already.
pub async fn sign_framework(
    conn: &mut Conn<'_>,
    by: &By,
    org: OrgId,
    id: FrameworkId,
    signing: &Signing<'_>,
) -> Result<(Framework, Vec<Signature>), MarketError> {
    super::error::check_text("/full_name", signing.full_name)?;
    let (framework, party) = lock(conn, org, id).await?;
    if framework.status != FrameworkStatus::ToSign {
        return Err(MarketError::FrameworkOver(framework.status));
    }
    if by.at >= framework.sign_by {
        return Err(MarketError::SigningOver(framework.sign_by));
    }
    if signing.document_sha256 != framework.document_sha256 {
        return Err(MarketError::OtherDocument);
    }
    store::insert_signature(conn, id, party, signing, by.at)
        .await
        .map_err(|error| if error.violates("framework_signatures_pkey") { MarketError::AlreadySigned } else { error.into() })?;
    let signatures = store::list_signatures(conn, id).await?;
    if !Party::ALL.iter().all(|party| signatures.iter().any(|signature| signature.party == *party)) {
        return Ok((framework, signatures));
    }
    let framework = Framework { status: FrameworkStatus::InForce, ..framework };
    store::update(conn, &framework).await?;
    for party in [framework.creditor, framework.agency] {
        tell_of(conn, by, party, "framework_in_force", &framework).await?;
    }
    Ok((framework, signatures))
}

/// One side refuses to sign, or gives notice: thirty days later it covers no new case. Doing it again changes nothing.
///
/// # Errors
/// Not a party; declined or lapsed.
pub async fn end_framework(conn: &mut Conn<'_>, by: &By, org: OrgId, id: FrameworkId) -> Result<Framework, MarketError> {
    let (framework, party) = lock(conn, org, id).await?;
    let ended = match framework.status {
        FrameworkStatus::InForce if framework.ends_at.is_some() => return Ok(framework),
        FrameworkStatus::InForce => {
            Framework { ends_at: Some(by.at + TimeDelta::days(NOTICE_DAYS.into())), ended_by: Some(party), ..framework }
        }
        FrameworkStatus::ToSign => Framework { status: FrameworkStatus::Declined, ..framework },
        FrameworkStatus::Declined | FrameworkStatus::Lapsed => return Err(MarketError::FrameworkOver(framework.status)),
    };
    store::update(conn, &ended).await?;
    let other = match party {
        Party::Creditor => ended.agency,
        Party::Agency => ended.creditor,
    };
    tell_of(conn, by, other, "framework_ended", &ended).await?;
    Ok(ended)
}

/// The time to sign is over. Harmless when repeated.
///
/// # Errors
/// The database fails.
pub async fn lapse_framework(conn: &mut Conn<'_>, by: &By, id: FrameworkId) -> Result<(), MarketError> {
    let Some(framework) = store::lock(conn, id).await? else { return Ok(()) };
    if framework.status == FrameworkStatus::ToSign && by.at >= framework.sign_by {
        store::update(conn, &Framework { status: FrameworkStatus::Lapsed, ..framework }).await?;
    }
    Ok(())
}

/// The framework under which a case awarded now between these two falls, if there is one; nobody ends it meanwhile.
pub(super) async fn covering(
    conn: &mut Conn<'_>,
    by: &By,
    creditor: OrgId,
    agency: OrgId,
) -> Result<Option<Framework>, MarketError> {
    let signed = store::lock_in_force(conn, creditor, agency).await?;
    Ok(signed.into_iter().find(|framework| framework.covers(by.at)))
}

async fn tell_of(conn: &mut Conn<'_>, by: &By, to: OrgId, kind: &'static str, about: &Framework) -> Result<(), MarketError> {
    let data = json!({
        "framework_id": about.id, "creditor_id": about.creditor, "agency_id": about.agency, "sign_by": about.sign_by, "ends_at": about.ends_at,
    });
    tell(conn, by, to, kind, &format!("{kind}:{}", about.id), data).await
}
