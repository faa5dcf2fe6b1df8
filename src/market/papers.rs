//! What a mandate says, gathered from the parties, the debtor, the relationship profile and the claim.

use chrono::Days;

use super::{
    MarketError, MarketTerms,
    awarding::Deal,
    framework::{self, Framework},
    recall,
};
use crate::{
    cases::{self, Case},
    db::{By, Conn},
    paper::{
        self, FrameworkSheet, MandateSheet,
        mandate::{FrameworkCited, Limits, Terms},
    },
    parties::{
        self, Organisation,
        credentials::{self, Credential},
        vetting::CredentialKind,
    },
    receivables,
    types::{Country, FrameworkId, MandateId, OrgId, clock::day_in},
};

/// How long a creditor binds itself to one agency; recall on stated grounds stays free.
const EXCLUSIVE_FOR: Days = Days::new(180);
const HOURS_A_DAY: u32 = 24;

/// The sheet of a mandate that is made now, in the creditor's language. In `Scope::System`: it takes both sides' papers.
pub(super) async fn sheet(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    case: &Case,
    deal: &Deal,
    (id, framework): (MandateId, Option<&Framework>),
) -> Result<MandateSheet, MarketError> {
    let creditor = parties::find_organisation(conn, by, case.creditor).await?;
    let agency = parties::find_organisation(conn, by, deal.agency).await?;
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    let profile = receivables::profile_of(conn, by, case.debtor).await?;
    let zone = creditor.country.time_zone();
    let made_on = day_in(zone, by.at);
    let claim = cases::claim_of(conn, by, case, made_on).await?;
    let papers = standing_papers(conn, &agency, debtor.country, by).await?;
    let of_kind = |kind| papers.iter().filter(move |paper| paper.kind == kind).map(printed).collect();
    let promises = &deal.promises;
    Ok(MandateSheet {
        language: creditor.language,
        zone,
        reference: id.to_string(),
        case_reference: case.reference.clone(),
        made_on,
        licences: of_kind(CredentialKind::Licence),
        insurances: of_kind(CredentialKind::Insurance),
        client_account: agency.iban.clone().ok_or(MarketError::NoClientAccount)?,
        creditor: creditor.printed(),
        agency: agency.printed(),
        debtor: debtor.printed(),
        claim: claim.printed(),
        terms: Terms {
            fee: promises.fee.clone(),
            currency: case.currency,
            commission: terms.commission,
            payout_target_hours: terms.payout_days.saturating_mul(HOURS_A_DAY),
            exclusive_until: made_on.checked_add_days(EXCLUSIVE_FOR).unwrap_or(made_on),
            recall_days: recall::DAYS,
            first_contact_hours: promises.first_contact_hours.unsigned_abs(),
            update_every_days: promises.update_every_days.unsigned_abs(),
            tone: promises.tone,
        },
        limits: Limits {
            tone_ceiling: profile.tone_ceiling,
            channels: profile.channels,
            contact_from: profile.contact_from,
            contact_until: profile.contact_until,
        },
        framework: framework
            .map(|framework| FrameworkCited { reference: framework.id.to_string(), made_on: day_in(zone, framework.created_at) }),
        creditor_signature: None,
        agency_signature: None,
    })
}

/// The sheet of a framework that is made now, in the creditor's language. In `Scope::System`: it takes both sides' papers.
pub(super) async fn framework_sheet(
    conn: &mut Conn<'_>,
    by: &By,
    terms: MarketTerms,
    (creditor, agency): (OrgId, OrgId),
    id: FrameworkId,
) -> Result<FrameworkSheet, MarketError> {
    let creditor = parties::find_organisation(conn, by, creditor).await?;
    let agency = parties::find_organisation(conn, by, agency).await?;
    let made_on = day_in(creditor.country.time_zone(), by.at);
    let papers = credentials::in_force(conn, by, agency.id, made_on).await?;
    let of_kind = |kind| papers.iter().filter(move |paper| paper.kind == kind).map(printed).collect();
    Ok(FrameworkSheet {
        language: creditor.language,
        reference: id.to_string(),
        made_on,
        licences: of_kind(CredentialKind::Licence),
        insurances: of_kind(CredentialKind::Insurance),
        client_account: agency.iban.clone().ok_or(MarketError::NoClientAccount)?,
        creditor: creditor.printed(),
        agency: agency.printed(),
        commission: terms.commission,
        payout_target_hours: terms.payout_days.saturating_mul(HOURS_A_DAY),
        notice_days: framework::NOTICE_DAYS,
    })
}

/// Vetted papers in force that count for a debtor in `country`.
async fn standing_papers(
    conn: &mut Conn<'_>,
    agency: &Organisation,
    country: Country,
    by: &By,
) -> Result<Vec<Credential>, MarketError> {
    let on = day_in(country.time_zone(), by.at);
    let mut papers = credentials::in_force(conn, by, agency.id, on).await?;
    papers.retain(|paper| paper.kind != CredentialKind::Licence || paper.country == country);
    Ok(papers)
}

fn printed(paper: &Credential) -> paper::Credential {
    paper::Credential { issuer: paper.issuer.clone(), reference: paper.reference.clone(), valid_until: paper.valid_until }
}
