//! What a debtor is asked in a message: by whom, for whom, how much today, and where to pay.

use chrono::Days;

use super::{
    RecoveryError,
    dossier::{Dossier, pursuer_of},
    legal_content,
    store::deliveries,
    strategy::Template,
    wordings::{self, WordingKey},
};
use crate::{
    app::App,
    cases::{self, Case},
    db::{By, Conn},
    paper::{Credential, Demand, EarlierLetter, PaymentDetails},
    parties::{self, vetting::CredentialKind},
    types::{Country, OrgId, Tone, clock::day_in},
};

/// The debtor's time to pay, as named in the message.
const PAY_DAYS: u64 = 10;

/// A case in-house speaks in the creditor's name and names its account; an active one in the agency's, for the creditor, and
/// names the client account.
///
/// # Errors
/// Whoever collects has no account; something is not known that the law wants said; the claim cannot be reckoned; the database fails.
pub async fn demand(
    app: &App,
    conn: &mut Conn<'_>,
    by: &By,
    case: &Case,
    dossier: &Dossier,
    (template, tone): (Template, Tone),
) -> Result<Demand, RecoveryError> {
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
        tone,
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
        own_words: wordings::in_force(conn, pursuer.id, WordingKey { template, language: dossier.debtor.language, tone }).await?,
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
