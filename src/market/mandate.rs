//! Mandates: the contract of an award, signed by both sides in the flow, each by a person over the document's hash.
//!
//! What may never happen here: a signature over another document than the one drawn up, by a machine, or after the time;
//! an engagement that one side has not signed; the document in anybody's hands but the two parties'.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{
    MarketError, MarketTerms,
    awarding::Deal,
    engagement, fitness, framework,
    listing::{self, Listing, list_again},
    offers::Promises,
    papers,
    store::mandates as store,
};
use crate::{
    cases::{self, Case, Command, EventKind},
    db::{By, Conn, Scope},
    http::Cursor,
    jobs,
    receivables::{self, Document, DocumentKind, NewDocument},
    types::{
        BasisPoints, Calendar, CaseId, DocumentId, FrameworkId, Language, ListingId, MandateId, MemberId, OfferId, OrgId,
        term::Term, text_enum,
    },
};

text_enum! {
    /// Where a mandate stands.
    pub enum MandateStatus {
        ToSign => "to_sign",
        Signed => "signed",
        /// One side refused, or the creditor took the case back before both had signed.
        Declined => "declined",
        /// Not signed by both in time, or the case ended first.
        Lapsed => "lapsed",
    }
}

text_enum! {
    /// A side of the contract.
    pub enum Party {
        Creditor => "creditor",
        Agency => "agency",
    }
}

/// A contract.
#[derive(Debug, Clone)]
pub struct Mandate {
    pub id: MandateId,
    pub case: CaseId,
    pub listing: ListingId,
    pub offer: Option<OfferId>,
    pub creditor: OrgId,
    pub agency: OrgId,
    pub promises: Promises,
    /// What the fee comes to on the expected recovery.
    pub fee_bp: BasisPoints,
    /// What the platform expected the agency to recover of the claim; none of mandates from before this was kept.
    pub expected_bp: Option<BasisPoints>,
    pub language: Language,
    pub document: DocumentId,
    pub document_sha256: Vec<u8>,
    pub status: MandateStatus,
    /// Whose schedule it is: then it was never signed by itself.
    pub framework: Option<FrameworkId>,
    pub sign_by: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
}

impl Mandate {
    /// The side that `org` is on.
    ///
    /// # Errors
    /// On neither: then there is no such mandate for it.
    fn party(&self, org: OrgId) -> Result<Party, MarketError> {
        if org == self.creditor {
            Ok(Party::Creditor)
        } else if org == self.agency {
            Ok(Party::Agency)
        } else {
            Err(MarketError::NotFound("mandate"))
        }
    }

    fn must_be_open(&self) -> Result<(), MarketError> {
        if self.status == MandateStatus::ToSign { Ok(()) } else { Err(MarketError::MandateOver(self.status)) }
    }
}

/// A signature as kept: who, when, from where, over what.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Signature {
    pub party: Party,
    pub member_id: MemberId,
    pub full_name: String,
    /// SHA-256 of the document, hexadecimal.
    pub document_sha256: String,
    /// Network address of the signer.
    pub address: String,
    pub user_agent: String,
    pub signed_at: DateTime<Utc>,
}

/// A signature as given.
#[derive(Debug)]
pub struct Signing<'a> {
    pub member: MemberId,
    pub full_name: &'a str,
    pub document_sha256: &'a [u8],
    pub address: &'a str,
    pub user_agent: &'a str,
}

/// Draws up the contract of an award. The case has been saved as awarded. Under a framework of the two sides it takes effect at
/// once, as a schedule; else both have their time to sign.
pub(super) async fn draw_up(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    case: &mut Case,
    listing: ListingId,
    deal: Deal,
    id: MandateId,
) -> Result<Mandate, MarketError> {
    let framework = framework::covering(conn, by, case.creditor, deal.agency).await?;
    let sheet = papers::sheet(conn, by, terms, case, &deal, (id, framework.as_ref())).await?;
    let (language, country) = (sheet.language, sheet.creditor.country);
    // Setting type takes the processor for a while: not on the thread that serves requests.
    let pdf =
        tokio::task::spawn_blocking(move || sheet.pdf()).await.map_err(|error| MarketError::Drawing(error.to_string()))??;
    let document = NewDocument {
        creditor_id: case.creditor,
        case_id: Some(case.id),
        kind: DocumentKind::Mandate,
        media_type: "application/pdf",
        file_name: &format!("{id}.pdf"),
        content: &pdf,
    };
    let document = receivables::store_document(conn, by, &document).await?;
    let mandate = Mandate {
        id,
        case: case.id,
        listing,
        offer: deal.offer,
        creditor: case.creditor,
        agency: deal.agency,
        promises: deal.promises,
        fee_bp: deal.fee_bp,
        expected_bp: Some(deal.expected_bp),
        language,
        document,
        document_sha256: Sha256::digest(&pdf).to_vec(),
        status: MandateStatus::ToSign,
        framework: framework.map(|framework| framework.id),
        sign_by: Calendar::of(country).add_business_hours(by.at, terms.signing_hours),
        created_at: by.at,
    };
    store::insert(conn, &mandate).await?;
    if mandate.framework.is_some() {
        let mandate = take_effect(conn, by, terms, case, mandate).await?;
        cases::save(conn, by, case).await?;
        return Ok(mandate);
    }
    jobs::enqueue(conn, "market.lapse_mandate", &json!({ "mandate_id": id }), mandate.sign_by).await?;
    jobs::enqueue_reminder(conn, Term::Mandate { mandate_id: id }, by.at, mandate.sign_by).await?;
    Ok(mandate)
}

/// A mandate of this organisation's.
///
/// # Errors
/// Not a party to it.
pub async fn find_mandate(
    conn: &mut Conn<'_>,
    by: &By,
    org: OrgId,
    id: MandateId,
) -> Result<(Mandate, Vec<Signature>), MarketError> {
    let mandate = find(conn, by, org, id).await?;
    let signatures = store::list_signatures(conn, id).await?;
    Ok((mandate, signatures))
}

async fn find(conn: &mut Conn<'_>, _: &By, org: OrgId, id: MandateId) -> Result<Mandate, MarketError> {
    let mandate = store::find(conn, id).await?.ok_or(MarketError::NotFound("mandate"))?;
    mandate.party(org)?;
    Ok(mandate)
}

/// An organisation's mandates, newest first.
///
/// # Errors
/// The database fails.
pub async fn list_mandates(conn: &mut Conn<'_>, by: &By, cursor: Cursor) -> Result<Vec<Mandate>, MarketError> {
    match by.scope {
        Scope::Creditor(creditor) => Ok(store::list_of_creditor(conn, creditor, cursor).await?),
        Scope::Agency(agency) => Ok(store::list_of_agency(conn, agency, cursor).await?),
        Scope::Operator(_) | Scope::Debtor(_) | Scope::System => Ok(Vec::new()),
    }
}

/// The contract itself, for its two parties alone. In `Scope::System`, because a signed one outlives the agency's sight of
/// the case; one that came to nothing does not, since it names the debtor.
///
/// # Errors
/// Not a party, or an agency whose mandate came to nothing.
pub async fn mandate_document(conn: &mut Conn<'_>, by: &By, org: OrgId, id: MandateId) -> Result<Document, MarketError> {
    let mandate = find(conn, by, org, id).await?;
    let readable = match mandate.status {
        MandateStatus::ToSign | MandateStatus::Signed => true,
        MandateStatus::Declined | MandateStatus::Lapsed => mandate.party(org)? == Party::Creditor,
    };
    if !readable {
        return Err(MarketError::NotFound("mandate"));
    }
    Ok(receivables::find_document(conn, by, mandate.document).await?)
}

/// A person signs for its side; when both have, the engagement begins.
///
/// # Errors
/// Not a party; signed, declined, lapsed or too late; over another document; the agency's licence or insurance has run out.
pub async fn sign_mandate(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    org: OrgId,
    id: MandateId,
    signing: &Signing<'_>,
) -> Result<(Mandate, Vec<Signature>), MarketError> {
    super::error::check_text("/full_name", signing.full_name)?;
    let (mut case, mandate) = lock_open(conn, by, org, id).await?;
    if by.at >= mandate.sign_by {
        return Err(MarketError::SigningOver(mandate.sign_by));
    }
    if signing.document_sha256 != mandate.document_sha256 {
        return Err(MarketError::OtherDocument);
    }
    let party = mandate.party(org)?;
    store::insert_signature(conn, id, party, signing, by.at)
        .await
        .map_err(|error| if error.violates("mandate_signatures_pkey") { MarketError::AlreadySigned } else { error.into() })?;
    case.record(by, EventKind::MandateSigned, json!({ "mandate_id": id, "party": party }));
    let signatures = store::list_signatures(conn, id).await?;
    let mandate = if Party::ALL.iter().all(|party| signatures.iter().any(|signature| signature.party == *party)) {
        take_effect(conn, by, terms, &mut case, mandate).await?
    } else {
        mandate
    };
    cases::save(conn, by, &mut case).await?;
    Ok((mandate, signatures))
}

async fn take_effect(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    case: &mut Case,
    mandate: Mandate,
) -> Result<Mandate, MarketError> {
    // An agency does not see whose listing it was; the case it signs for must not count against its own capacity.
    let listing = listing::find_listing(conn, by, mandate.listing).await?;
    let listing = Listing { case: Some(case.id), ..listing };
    let unmet = fitness::unmet(conn, by, mandate.agency, &listing).await?;
    if !unmet.is_empty() {
        return Err(MarketError::AgencyLacks(unmet));
    }
    store::set_status(conn, mandate.id, MandateStatus::Signed).await?;
    engagement::begin(conn, by, terms, case, &mandate, listing.card.country).await?;
    Ok(Mandate { status: MandateStatus::Signed, ..mandate })
}

/// The case and one of its mandates that is still to be signed, locked in this order.
async fn lock_open(conn: &mut Conn<'_>, by: &By, org: OrgId, id: MandateId) -> Result<(Case, Mandate), MarketError> {
    let found = find(conn, by, org, id).await?;
    found.must_be_open()?;
    let case = cases::lock(conn, by, found.case).await?;
    let mandate = store::lock(conn, id).await?.ok_or(MarketError::NotFound("mandate"))?;
    mandate.must_be_open()?;
    Ok((case, mandate))
}

/// One side refuses to sign: back to the market. In `Scope::System`: the case leaves the agency's sight.
///
/// # Errors
/// Not a party; signed by both, declined or lapsed already.
pub async fn refuse_mandate(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    org: OrgId,
    id: MandateId,
    reason: &str,
) -> Result<Mandate, MarketError> {
    super::error::check_text("/reason", reason)?;
    let (mut case, mandate) = lock_open(conn, by, org, id).await?;
    let line = json!({ "mandate_id": id, "why": "declined", "by": mandate.party(org)?, "reason": reason });
    come_to_nothing(conn, by, terms, &mut case, &mandate, MandateStatus::Declined, line).await?;
    Ok(Mandate { status: MandateStatus::Declined, ..mandate })
}

/// The time to sign is over: back to the market. Harmless when repeated.
///
/// # Errors
/// The database fails.
pub async fn lapse_mandate(conn: &mut Conn<'_>, by: &By, terms: MarketTerms, id: MandateId) -> Result<(), MarketError> {
    let Some(found) = store::find(conn, id).await? else { return Ok(()) };
    let mut case = cases::lock(conn, by, found.case).await?;
    let Some(mandate) = store::lock(conn, id).await? else { return Ok(()) };
    if mandate.status != MandateStatus::ToSign || by.at < mandate.sign_by || case.phase != cases::Phase::Awarded {
        return Ok(());
    }
    let line = json!({ "mandate_id": id, "why": "not_signed_in_time" });
    come_to_nothing(conn, by, terms, &mut case, &mandate, MandateStatus::Lapsed, line).await
}

async fn come_to_nothing(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    case: &mut Case,
    mandate: &Mandate,
    status: MandateStatus,
    line: serde_json::Value,
) -> Result<(), MarketError> {
    case.carry_out(by, Command::Lapse, EventKind::MandateLapsed, line)?;
    store::set_status(conn, mandate.id, status).await?;
    list_again(conn, by, terms, case).await?;
    Ok(cases::save(conn, by, case).await?)
}

/// Ends whatever mandate of a locked case is still to be signed.
pub(super) async fn end_open(conn: &mut Conn<'_>, case: &Case, status: MandateStatus) -> Result<(), MarketError> {
    Ok(store::end_open_of_case(conn, case.id, status).await?)
}
