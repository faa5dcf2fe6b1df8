//! What a creditor needs to take back the VAT of what cannot be collected: a certificate, the case file, a draft credit note.
//!
//! What may never happen here: a certificate of a case that is still pursued or was paid; VAT that no invoice states.

use std::io::{Cursor, Write};

use zip::{ZipWriter, write::SimpleFileOptions};

use super::{CasesError, EventKind, Outcome, file};
use crate::{
    db::{By, Conn},
    paper::{BadDebtSheet, CaseFileSheet, PaperError, bad_debt::BadDebtRow},
    parties,
    receivables::{self, Receivable},
    types::{CaseId, Country, Language, Money, Rounding, clock::day_in, money::divide},
};

/// The papers, to be drawn outside of any transaction.
#[derive(Debug)]
pub struct BadDebt {
    pub sheet: BadDebtSheet,
    pub file: CaseFileSheet,
}

/// Events that are somebody's effort to be paid.
const STEPS: [EventKind; 8] = [
    EventKind::ContactSent,
    EventKind::TaskDone,
    EventKind::MessageReceived,
    EventKind::PromiseMade,
    EventKind::PromiseBroken,
    EventKind::PlanAgreed,
    EventKind::PlanBroken,
    EventKind::DisputeOpened,
];

/// The provision under which the creditor's country gives VAT back on what was not paid.
const fn ground(country: Country) -> &'static str {
    match country {
        Country::Spain => "Ley 37/1992 art. 80.Tres–Cinco",
        Country::France => "CGI art. 272, 1",
        Country::Germany => "UStG § 17 Abs. 2 Nr. 1",
        Country::Italy => "DPR 633/1972 art. 26",
        Country::Portugal => "CIVA art. 78.º-A",
        Country::Belgium => "Code de la TVA art. 77 § 1, 7°",
        Country::Netherlands => "Wet OB 1968 art. 29",
        Country::UnitedKingdom => "Value Added Tax Act 1994 s. 36",
    }
}

/// Whether a case that closed like this left something that will not be paid.
const fn is_uncollectable(outcome: Outcome) -> bool {
    match outcome {
        Outcome::PartlyPaid
        | Outcome::Insolvent
        | Outcome::Untraceable
        | Outcome::Unresponsive
        | Outcome::TimeBarred
        | Outcome::Uneconomical
        | Outcome::NoOffers => true,
        Outcome::Paid | Outcome::Settled | Outcome::Withdrawn | Outcome::Disputed | Outcome::ToCourt | Outcome::Invalid => false,
    }
}

/// Gathers the papers of a closed case, in `language`.
///
/// # Errors
/// Not visible; not closed as uncollectable; nothing is open.
pub async fn gather(conn: &mut Conn<'_>, by: &By, id: CaseId, language: Language) -> Result<BadDebt, CasesError> {
    let (case, timeline) = file::assemble(conn, by, id).await?;
    let outcome = case.outcome.filter(|outcome| is_uncollectable(*outcome)).ok_or(CasesError::NotUncollectable)?;
    let rows: Vec<BadDebtRow> =
        receivables::of_case(conn, by, id).await?.iter().filter_map(|one| row(one).transpose()).collect::<Result<_, _>>()?;
    if rows.is_empty() {
        return Err(CasesError::NotUncollectable);
    }
    let creditor = parties::find_organisation(conn, by, case.creditor).await.map_err(|_| CasesError::NotFound)?;
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    let zone = creditor.country.time_zone();
    let count = |kind: &EventKind| timeline.timeline.iter().filter(|event| event.kind == *kind).count();
    let mut steps = timeline.timeline.iter().filter(|event| STEPS.contains(&event.kind)).map(|event| day_in(zone, event.at));
    let sheet = BadDebtSheet {
        language,
        made_on: day_in(zone, by.at),
        case_reference: case.reference.clone(),
        agency: file::agency_of(conn, by, &case).await?,
        debtor: debtor.printed(),
        outcome: outcome.to_string(),
        closed_on: day_in(zone, case.closed_at.unwrap_or(by.at)),
        recovered: case.recovered(),
        steps: STEPS.iter().map(|kind| (kind.to_string(), count(kind))).filter(|(_, count)| *count > 0).collect(),
        first_step_on: steps.next(),
        last_step_on: steps.next_back(),
        rows,
        ground: ground(creditor.country).to_owned(),
        last_hash: timeline.timeline.last().map(|event| hex::encode(&event.hash)).unwrap_or_default(),
        creditor: creditor.printed(),
    };
    Ok(BadDebt { sheet, file: file::sheet(conn, by, id, language).await? })
}

/// What is open of an invoice, and the VAT in it: in the proportion that the whole invoice bears. None: nothing is open.
fn row(invoice: &Receivable) -> Result<Option<BadDebtRow>, CasesError> {
    let (open, total) = (invoice.open_principal(), invoice.principal);
    if !open.is_positive() {
        return Ok(None);
    }
    let in_proportion = |vat: Money| {
        let part = i128::from(vat.minor).saturating_mul(i128::from(open.minor));
        divide(part, i128::from(total.minor.max(1)), Rounding::HalfUp).map(|minor| Money::new(minor, total.currency))
    };
    let vat = invoice.vat.map(in_proportion).transpose().map_err(receivables::ReceivablesError::from)?;
    Ok(Some(BadDebtRow { number: invoice.number.clone(), issued_on: invoice.issued_on, total, open, vat }))
}

impl BadDebt {
    /// The papers in one archive. Takes some hundred milliseconds.
    ///
    /// # Errors
    /// One of them cannot be drawn.
    pub fn zip(&self) -> Result<Vec<u8>, PaperError> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, pdf) in [
            ("certificate.pdf", self.sheet.certificate()?),
            ("case-file.pdf", self.file.pdf()?),
            ("draft-credit-note.pdf", self.sheet.draft_credit_note()?),
        ] {
            // A fixed time, so that the same papers give the same archive.
            archive.start_file(name, SimpleFileOptions::default()).map_err(PaperError::archive)?;
            archive.write_all(&pdf).map_err(PaperError::archive)?;
        }
        Ok(archive.finish().map_err(PaperError::archive)?.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_ended_unpaid_is_uncollectable() {
        let gone: Vec<Outcome> = Outcome::ALL.iter().copied().filter(|outcome| is_uncollectable(*outcome)).collect();
        assert_eq!(gone.len(), 7);
        assert!(!is_uncollectable(Outcome::Paid) && !is_uncollectable(Outcome::ToCourt));
    }

    #[test]
    fn every_country_has_its_provision() {
        for country in Country::ALL {
            assert!(!ground(*country).is_empty());
        }
    }
}
