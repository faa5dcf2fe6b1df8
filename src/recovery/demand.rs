//! What a debtor is asked in a message: by whom, for whom, how much today, and where to pay.

use chrono::Days;

use super::{RecoveryError, act::Act, dossier::pursuer_of, legal_content, store::deliveries};
use crate::{
    app::App,
    cases::{self, Case},
    db::{By, Conn},
    paper::{Credential, Demand, EarlierLetter, PaymentDetails},
    parties::{self, vetting::CredentialKind},
    types::{Country, OrgId, clock::day_in},
};

/// The debtor's time to pay, as named in the message.
const PAY_DAYS: u64 = 10;

/// A case in-house speaks in the creditor's name and names its account; an active one in the agency's, for the creditor, and
/// names the client account.
///
/// # Errors
/// Whoever collects has no account; something is not known that the law wants said; the claim cannot be reckoned; the database fails.
pub async fn demand(app: &App, conn: &mut Conn<'_>, by: &By, case: &Case, act: &Act<'_>) -> Result<Demand, RecoveryError> {
    let dossier = act.dossier;
    let pursuer = dossier.pursuer();
    let today = day_in(dossier.calendar.zone(), by.at);
    let account = pursuer.iban.clone().ok_or_else(|| RecoveryError::NoAccount(pursuer.legal_name.clone()))?;
    let pay_by = dossier.calendar.working_day_from(today.checked_add_days(Days::new(PAY_DAYS)).unwrap_or(today));
    let first_letter = deliveries::first_letter(conn, case.id, pursuer_of(case)).await?;
    let licence = match pursuer_of(case) {
        Some(agency) => licence_of(conn, by, agency, dossier.debtor.country, today).await?,
        None => None,
    };
    let demand = Demand {
        language: dossier.debtor.language,
        tone: act.tone,
        sender: pursuer.printed(),
        licence,
        acts_for: dossier.agency.is_some().then(|| dossier.creditor.printed()),
        debtor: dossier.debtor.printed(),
        earlier: first_letter
            .map(|letter| EarlierLetter { reference: letter.subject, sent_on: day_in(dossier.calendar.zone(), letter.sent_at) }),
        offer: cases::live_settlement(conn, by, case.id)
            .await?
            .filter(|settlement| settlement.proposed_by == cases::Proposer::Creditor)
            .map(|settlement| (settlement.amount, settlement.pay_by)),
        claim: cases::claim_of(conn, by, case, cases::reckonable(case, today)).await?.printed(),
        pay_by,
        payment: PaymentDetails { holder: pursuer.legal_name.clone(), iban: account, reference: case.reference.parse()? },
        page_link: format!("{}/d/{}", app.settings.public_url, app.keys.debtor_token(case.id)),
    };
    let missing = legal_content::missing(&demand, dossier.debtor.kind);
    if missing.is_empty() { Ok(demand) } else { Err(RecoveryError::LegalContent(missing)) }
}

/// The agency's vetted licence: that of the debtor's country where it has one.
async fn licence_of(
    conn: &mut Conn<'_>,
    by: &By,
    agency: OrgId,
    country: Country,
    on: chrono::NaiveDate,
) -> Result<Option<Credential>, RecoveryError> {
    let mut licences = parties::credentials::in_force(conn, by, agency, on).await?;
    licences.retain(|credential| credential.kind == CredentialKind::Licence);
    licences.sort_by_key(|licence| licence.country != country);
    Ok(licences.into_iter().next().map(|licence| Credential {
        issuer: licence.issuer,
        reference: licence.reference,
        valid_until: licence.valid_until,
    }))
}
