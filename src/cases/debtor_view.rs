//! What the debtor page of a case shows, gathered: who asks, what is owed today, what stands in the way.
//!
//! What may never happen here: a demand for money while a dispute is open; another account than that of whoever pursues the case.

use chrono::NaiveDate;
use serde::Deserialize;

use super::{
    Case, CasesError, Dispute, EventKind, HoldKind, Outcome, Phase, claim_of,
    debtor_forms::{CardForm, CircumstanceForm, Disputable, EvidenceForm, ObjectionForm, PlanForm, PromiseForm, SettlementForm},
    debtor_page::{AgencyShown, DebtorPage, DisputeShown, HoldShown, Owed, PaymentShown, State},
    disputes::{DisputeStatus, list_disputes},
    latest_day,
    plans::{latest_first, most, plan_policy, running_plan},
    promised_day, reckonable, running_holds,
    settlements::{Proposer, Settlement, SettlementStatus, latest_pay_by, live_settlement},
    store,
};
use crate::{
    db::{By, Conn},
    paper::{self, Credential, PaymentDetails},
    parties::{self, Organisation, vetting::CredentialKind},
    receivables::{self, Debtor},
    types::{Calendar, CreditorReference, Language, Money, PaymentId, clock::day_in},
};

/// The page of a case that `by` may see, at `path`, in the language asked for or the debtor's own.
///
/// # Errors
/// Not visible, or a claim that cannot be reckoned.
pub(super) async fn page_of(
    conn: &mut Conn<'_>,
    by: &By,
    (path, language): (&str, Option<Language>),
    takes_cards: bool,
    case: &Case,
) -> Result<DebtorPage, CasesError> {
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    let creditor = parties::find_organisation(conn, by, case.creditor).await?;
    let agency = match (case.phase, case.agency) {
        (Phase::Active, Some(agency)) => Some(parties::find_organisation(conn, by, agency).await?),
        (Phase::Draft | Phase::InHouse | Phase::Listed | Phase::Awarded | Phase::Active | Phase::Closed, _) => None,
    };
    let language = language.unwrap_or(debtor.language);
    let invoices = receivables::of_case(conn, by, case.id).await?;
    let numbers: Vec<&str> = invoices.iter().map(|invoice| invoice.number.as_str()).collect();
    Ok(DebtorPage {
        language,
        path: path.to_owned(),
        creditor: creditor.printed(),
        agency: match &agency {
            Some(agency) => Some(agency_shown(conn, by, agency).await?),
            None => None,
        },
        debtor: debtor.legal_name.clone(),
        case_reference: spaced(&case.reference),
        invoices: paper::claim::invoices_in_words(&numbers, language),
        payments: payments_of(conn, case).await?,
        may_rate: case.closed_from == Some(Phase::Active),
        state: state_of(conn, by, case, &debtor, (agency.as_ref().unwrap_or(&creditor), takes_cards), language).await?,
    })
}

/// What came in, as the case's timeline tells it.
async fn payments_of(conn: &mut Conn<'_>, case: &Case) -> Result<Vec<PaymentShown>, CasesError> {
    let confirmed = store::list_events_of_kind(conn, case.id, EventKind::PaymentConfirmed).await?;
    let reversed = store::list_events_of_kind(conn, case.id, EventKind::PaymentReversed).await?;
    let shown = confirmed.into_iter().filter_map(|event| {
        let told: Told = serde_json::from_value(event.data).ok()?;
        let taken_back = reversed.iter().any(|event| event.data.get("payment_id") == Some(&told.payment_id.to_string().into()));
        if taken_back {
            return None;
        }
        let amount = Money::new(told.amount_minor, case.currency);
        Some(PaymentShown { payment: told.payment_id, amount, received_on: told.received_on })
    });
    Ok(shown.collect())
}

/// What the line of a confirmed payment says.
#[derive(Deserialize)]
struct Told {
    payment_id: PaymentId,
    amount_minor: i64,
    received_on: NaiveDate,
}

async fn agency_shown(conn: &mut Conn<'_>, by: &By, agency: &Organisation) -> Result<AgencyShown, CasesError> {
    let on = day_in(agency.country.time_zone(), by.at);
    let (mut licences, mut insurances) = (Vec::new(), Vec::new());
    for held in parties::credentials::in_force(conn, by, agency.id, on).await? {
        let shown = Credential { issuer: held.issuer, reference: held.reference, valid_until: held.valid_until };
        match held.kind {
            CredentialKind::Licence => licences.push(shown),
            CredentialKind::Insurance => insurances.push(shown),
            CredentialKind::Certificate => {}
        }
    }
    Ok(AgencyShown { party: agency.printed(), licences, insurances })
}

/// `payee` is whoever pursues the case: the money goes to its account.
async fn state_of(
    conn: &mut Conn<'_>,
    by: &By,
    case: &Case,
    debtor: &Debtor,
    (payee, takes_cards): (&Organisation, bool),
    language: Language,
) -> Result<State, CasesError> {
    match case.outcome {
        Some(Outcome::Paid | Outcome::Settled) => return Ok(State::Settled),
        Some(_) => return Ok(State::Closed),
        None => {}
    }
    let today = day_in(Calendar::of(debtor.country).zone(), by.at);
    let claim = claim_of(conn, by, case, reckonable(case, today)).await?;
    let mut disputes = list_disputes(conn, by, case.id).await?;
    disputes.retain(|dispute| dispute.status == DisputeStatus::Open);
    if !claim.total.is_positive() && disputes.is_empty() {
        return Ok(State::Settled);
    }
    let settlement = live_settlement(conn, by, case.id).await?;
    let to_pay = settlement.as_ref().and_then(|agreed| left_of(agreed, case));
    let hold = hold_shown(conn, by, case, (&disputes, settlement.as_ref())).await?;
    let latest = latest_pay_by(conn, case.creditor, today).await?.filter(|_| hold.is_none() && settlement.is_none());
    let offer = settlement.filter(|one| one.status == SettlementStatus::Open && one.proposed_by == Proposer::Creditor);
    let disputed = matches!(hold, Some(HoldShown::Dispute { .. }));
    let policy = plan_policy(conn, by, case.creditor).await?;
    let plan = most(&policy, claim.total).map(|most| PlanForm::empty(most, today, latest_first(&policy, today)));
    let in_part = disputes.iter().any(|dispute| !dispute.parts.is_empty());
    Ok(State::Owed(Box::new(Owed {
        claim: claim.printed(),
        payment: payment_to(payee, case),
        card: takes_cards
            .then(|| CardForm::empty(to_pay.unwrap_or(claim.total)))
            .filter(|form| form.due.minor >= form.least().minor && hold != Some(HoldShown::Payment) && !disputed),
        promise: hold.is_none().then(|| PromiseForm::empty(today, latest_day(today))),
        settlement: latest.filter(|_| disputes.is_empty()).map(|latest| SettlementForm::empty(claim.total, today, latest)),
        offer,
        to_pay,
        plan: plan.filter(|_| hold.is_none() && !in_part),
        circumstance: hold.is_none().then(CircumstanceForm::default),
        objection: if disputed { None } else { objection_to(conn, by, case).await? },
        disputes: disputes.iter().map(|dispute| shown(dispute, debtor, language)).collect(),
        hold,
    })))
}

/// The hold that matters most to the reader.
async fn hold_shown(
    conn: &mut Conn<'_>,
    by: &By,
    case: &Case,
    (disputes, settlement): (&[Dispute], Option<&Settlement>),
) -> Result<Option<HoldShown>, CasesError> {
    let holds = running_holds(conn, case.id, by.at).await?;
    let held = |kind: HoldKind| holds.iter().any(|hold| hold.kind == kind);
    if held(HoldKind::Dispute)
        && let Some(open) = disputes.iter().find(|dispute| dispute.hold_id.is_some())
    {
        return Ok(Some(HoldShown::Dispute { reason: open.reason }));
    }
    if held(HoldKind::PaymentInFlight) {
        return Ok(Some(HoldShown::Payment));
    }
    if held(HoldKind::Settlement)
        && let Some(settlement) = settlement
    {
        return Ok(Some(match left_of(settlement, case) {
            Some(left) => HoldShown::Settlement { left, pay_by: settlement.pay_by },
            None => HoldShown::SettlementAsked { amount: settlement.amount },
        }));
    }
    if held(HoldKind::Plan)
        && let Some(plan) = running_plan(conn, by, case.id).await?
    {
        let today = day_in(chrono_tz::UTC, by.at);
        let next = plan.instalments.iter().find(|instalment| instalment.due_on >= today).or(plan.instalments.last());
        return Ok(next.map(|next| HoldShown::Plan { next: *next }));
    }
    if held(HoldKind::Promise)
        && let Some(promised_on) = promised_day(conn, by, case.id).await?
    {
        return Ok(Some(HoldShown::Promise { promised_on }));
    }
    Ok((!holds.is_empty()).then_some(HoldShown::Other))
}

/// What is still to come of what was agreed to be enough; none where nothing was agreed.
fn left_of(settlement: &Settlement, case: &Case) -> Option<Money> {
    let left = settlement.left(case);
    (settlement.status == SettlementStatus::Agreed && left.is_positive()).then_some(left)
}

/// What may still be objected to; none where nothing may.
async fn objection_to(conn: &mut Conn<'_>, by: &By, case: &Case) -> Result<Option<ObjectionForm>, CasesError> {
    let invoices = receivables::of_case(conn, by, case.id).await?;
    let open = invoices.into_iter().filter(|invoice| invoice.undisputed().is_positive());
    let disputable = open.map(|invoice| Disputable { id: invoice.id, amount: invoice.undisputed(), number: invoice.number });
    Ok(Some(ObjectionForm::empty(disputable.collect())))
}

fn shown(dispute: &Dispute, debtor: &Debtor, language: Language) -> DisputeShown {
    let numbers: Vec<&str> = dispute.parts.iter().map(|part| part.number.as_str()).collect();
    let given = dispute
        .evidence
        .iter()
        .flat_map(|asked| asked.given.iter().map(|given| (asked.from, asked.item, given.statement.clone())));
    DisputeShown {
        id: dispute.id,
        reason: dispute.reason,
        part: dispute.amount().map(|amount| (paper::claim::invoices_in_words(&numbers, language), amount)),
        awaited: dispute.awaited,
        answer_on: dispute.answer_by.map(|at| day_in(Calendar::of(debtor.country).zone(), at)),
        asked: dispute.asked_of_debtor().map(EvidenceForm::empty).collect(),
        given: given.collect(),
    }
}

/// None where the payee has named no account, or the case's reference is none that banks know.
fn payment_to(payee: &Organisation, case: &Case) -> Option<PaymentDetails> {
    let iban = payee.iban.clone()?;
    let reference = case.reference.parse().ok()?;
    Some(PaymentDetails { holder: payee.legal_name.clone(), iban, reference })
}

/// In groups of four, as printed.
fn spaced(reference: &str) -> String {
    reference.parse::<CreditorReference>().map_or_else(|_| reference.to_owned(), |parsed| parsed.to_string())
}
