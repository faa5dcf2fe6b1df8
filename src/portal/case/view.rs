//! What a case page is made of, read in one transaction. How many queries that takes does not depend on how much there is.

use std::collections::HashMap;

use askama::Template;

use super::{
    super::{Shell, Visitor, overview::first},
    offers::Compared,
    timeline::{Told, told},
};
use crate::{
    app::App,
    cases::{
        self, Case, Dispute, DisputeStatus, Hold, HoldKind, Phase, Proof, Proposer, Settlement, SettlementStatus, SuggestedTerms,
        reckonable,
    },
    db::{By, Conn, Scope},
    http::Problem,
    market::{self, Engagement, Listing, ListingStatus, Mandate},
    paper::claim::SpokenGroup,
    parties::{self, Named, Permission},
    payments::{self, Payment, PaymentStatus, Wanted},
    receivables::{self, Debtor, Enforceability, Receivable},
    recovery::{
        self, Delivery, Task,
        approvals::Words,
        desk::RunView,
        opt_outs::{OptOut, REFUSABLE},
        private_notes::PrivateNote,
        records::{TaskKind, TaskResult},
    },
    types::{Calendar, CaseId, Channel, Money, OrgId, clock::day_in},
};

const EVENTS_AT_MOST: i64 = 500;
const PAYMENTS_AT_MOST: i64 = 100;

/// All that is read.
pub struct Found {
    pub case: Case,
    pub debtor: Debtor,
    invoices: Vec<Receivable>,
    /// None where it cannot be reckoned: nothing is open, or a rate is not known.
    claim: Option<receivables::claim::Claim>,
    holds: Vec<Hold>,
    disputes: Vec<Dispute>,
    settlements: Vec<Settlement>,
    /// For the creditor, once it is over.
    after: Option<SuggestedTerms>,
    limitation: Option<Enforceability>,
    listing: Option<Listing>,
    offers: Vec<Compared>,
    mandate: Option<Mandate>,
    engagements: Vec<Engagement>,
    payments: Vec<Payment>,
    tasks: Vec<Task>,
    /// What would be sent, where a step waits for a yes.
    words: Option<Words>,
    deliveries: Vec<Delivery>,
    private_notes: Vec<PrivateNote>,
    refused: Vec<OptOut>,
    /// None before the engine has begun with the case.
    run: Option<RunView>,
    events: Vec<cases::Event>,
    names: HashMap<OrgId, Named>,
    debtor_page: String,
}

/// # Errors
/// The case is not visible.
pub async fn gather(conn: &mut Conn<'_>, app: &App, by: &By, id: CaseId) -> Result<Found, Problem> {
    let case = cases::find(conn, by, id).await?;
    let debtor = receivables::find_debtor(conn, by, case.debtor).await?;
    let today = day_in(Calendar::of(debtor.country).zone(), by.at);
    let claim = match case.phase {
        Phase::Closed => None,
        Phase::Draft | Phase::InHouse | Phase::Listed | Phase::Awarded | Phase::Active => {
            cases::claim_of(conn, by, &case, reckonable(&case, today)).await.ok()
        }
    };
    let listing = match (by.scope, case.listing) {
        (Scope::Creditor(_), Some(listing)) => Some(market::find_listing(conn, by, listing).await?),
        _ => None,
    };
    let offers = match &listing {
        Some(listing) if listing.status != ListingStatus::Open => super::offers::compare(conn, by, &case).await?,
        Some(_) | None => Vec::new(),
    };
    let engagements = market::list_engagements(conn, by, id).await?;
    let tasks = recovery::desk::tasks_of_case(conn, by, id).await?;
    let wanted = Wanted { case: Some(id), status: None };
    let mut known: Vec<OrgId> = engagements.iter().map(|one| one.agency).chain(case.agency).chain([case.creditor]).collect();
    known.sort_unstable();
    known.dedup();
    Ok(Found {
        invoices: receivables::of_case(conn, by, id).await?,
        holds: cases::running_holds(conn, id, by.at).await?,
        disputes: cases::list_disputes(conn, by, id).await?,
        settlements: cases::list_settlements(conn, id).await?,
        after: match (case.phase, by.scope) {
            (Phase::Closed, Scope::Creditor(_)) => Some(cases::suggested_terms(conn, by, id).await?),
            _ => None,
        },
        limitation: cases::limitation::limitation_of(conn, by, &case, today).await?,
        mandate: market::desk::mandate_of_case(conn, by, id).await?,
        payments: payments::list(conn, by, wanted, first(PAYMENTS_AT_MOST)?).await?,
        words: if tasks.iter().any(|task| task.kind == TaskKind::Approval) {
            recovery::approvals::words_of_case(app, conn, by, id).await?
        } else {
            None
        },
        tasks,
        deliveries: recovery::desk::deliveries_of_case(conn, by, id).await?,
        private_notes: recovery::private_notes::list(conn, by, id).await?,
        refused: recovery::opt_outs::refused_by(conn, &debtor).await?,
        run: recovery::desk::run_of_case(conn, by, id).await?,
        events: cases::list_events(conn, by, id, 0, EVENTS_AT_MOST).await?,
        names: parties::names_of(conn, by, &known).await?,
        debtor_page: format!("{}/d/{}", app.settings.public_url, app.keys.debtor_token(id)),
        case,
        debtor,
        claim,
        listing,
        offers,
        engagements,
    })
}

#[derive(Template)]
#[template(path = "portal/case.html")]
pub struct CasePage<'a> {
    shell: &'a Shell,
    case: Case,
    debtor: Debtor,
    reference: String,
    invoices: Vec<Receivable>,
    claim: Vec<SpokenGroup>,
    total: Option<Money>,
    claim_on: Option<chrono::NaiveDate>,
    holds: Vec<Hold>,
    disputes: Vec<Dispute>,
    settlements: Vec<Settlement>,
    after: Option<SuggestedTerms>,
    limitation: Option<Enforceability>,
    listing: Option<Listing>,
    offers: Vec<Compared>,
    mandate: Option<Mandate>,
    engagements: Vec<Engagement>,
    payments: Vec<Payment>,
    tasks: Vec<Task>,
    words: Option<Words>,
    deliveries: Vec<Delivery>,
    private_notes: Vec<PrivateNote>,
    refused: Vec<OptOut>,
    run: Option<RunView>,
    timeline: Vec<Told>,
    names: HashMap<OrgId, Named>,
    debtor_page: String,
    own: OrgId,
    may_write: bool,
    posts: bool,
    manages: bool,
    handles_money: bool,
}

impl<'a> CasePage<'a> {
    pub fn of(shell: &'a Shell, visitor: &Visitor, found: Found) -> Self {
        let printed = found.claim.as_ref().filter(|claim| claim.total.minor != 0).map(receivables::claim::Claim::printed);
        let claim = printed.and_then(|claim| claim.spoken(shell.language).ok()).unwrap_or_default();
        let timeline = found.events.iter().rev().map(|event| told(shell, &found.case, event)).collect();
        let reference = found.case.reference.parse::<crate::types::CreditorReference>();
        Self {
            shell,
            reference: reference.map_or_else(|_| found.case.reference.clone(), |reference| reference.to_string()),
            total: found.claim.as_ref().map(|claim| claim.total),
            claim_on: found.claim.as_ref().map(|claim| claim.on),
            claim,
            timeline,
            own: visitor.org,
            may_write: visitor.may_write_on_cases().is_ok(),
            posts: visitor.may(Permission::PostCases).is_ok(),
            manages: visitor.may(Permission::ManageMarket).is_ok(),
            handles_money: visitor.may(Permission::Money).is_ok(),
            case: found.case,
            debtor: found.debtor,
            invoices: found.invoices,
            holds: found.holds,
            disputes: found.disputes,
            settlements: found.settlements,
            after: found.after,
            limitation: found.limitation,
            listing: found.listing,
            offers: found.offers,
            mandate: found.mandate,
            engagements: found.engagements,
            payments: found.payments,
            tasks: found.tasks,
            words: found.words,
            deliveries: found.deliveries,
            private_notes: found.private_notes,
            refused: found.refused,
            run: found.run,
            names: found.names,
            debtor_page: found.debtor_page,
        }
    }

    fn name(&self, org: &OrgId) -> &str {
        self.names.get(org).map_or("–", |named| named.legal_name.as_str())
    }

    const fn is_open(&self) -> bool {
        !matches!(self.case.phase, Phase::Closed)
    }

    const fn can_be_listed(&self) -> bool {
        matches!(self.case.phase, Phase::Draft | Phase::InHouse)
    }

    fn holds_it(&self) -> bool {
        self.case.phase == Phase::Active && self.case.agency == Some(self.own)
    }

    /// Money may be reported by who pursues the case.
    fn takes_payments(&self) -> bool {
        self.handles_money
            && match self.case.phase {
                Phase::InHouse | Phase::Listed | Phase::Awarded | Phase::Active => {
                    self.case.creditor == self.own || self.holds_it()
                }
                Phase::Draft | Phase::Closed => false,
            }
    }

    fn choosable(&self) -> bool {
        self.manages && self.listing.as_ref().is_some_and(|listing| listing.status == ListingStatus::Deciding)
    }

    fn open_disputes(&self) -> impl Iterator<Item = &Dispute> {
        self.disputes.iter().filter(|dispute| dispute.status == DisputeStatus::Open)
    }

    /// Its name, so that a page with several knows which one came back.
    fn evidence_form(&self, dispute: &Dispute) -> String {
        format!("evidence-{}", dispute.id)
    }

    fn asked(dispute: &Dispute) -> Vec<Proof> {
        dispute.evidence.iter().map(|asked| asked.item).collect()
    }

    /// Whether it waits for an answer that this reader may give.
    fn may_answer(&self, settlement: &Settlement) -> bool {
        settlement.status == SettlementStatus::Open
            && (settlement.proposed_by == Proposer::Creditor || self.shell.is_creditor())
            && self.may_write
            && self.is_open()
    }

    const fn wants_deposit(&self, after: &SuggestedTerms) -> bool {
        after.deposit_bp.0 > 0
    }

    fn deposit(&self, after: &SuggestedTerms) -> String {
        self.shell.fill("portal.case.after_deposit", self.shell.language.percent(after.deposit_bp))
    }

    fn answered_disputes(&self) -> impl Iterator<Item = &Dispute> {
        self.disputes.iter().filter(|dispute| dispute.status != DisputeStatus::Open)
    }

    /// As a key of the vocabulary: a dot would part it.
    fn because(&self, run: &RunView) -> String {
        run.because.replace('.', "")
    }

    fn is_behind(&self, run: &RunView) -> bool {
        usize::try_from(run.next_step).is_ok_and(|next| next > run.steps.len())
    }

    /// What the debtor may still refuse, where something is known to be refused.
    fn refusable(&self) -> Vec<Channel> {
        let known = |channel: &Channel| match channel {
            Channel::Mail => self.debtor.email.is_some(),
            Channel::Sms | Channel::Call => self.debtor.phone.is_some(),
            Channel::Letter => false,
        };
        let is_refused = |channel: &Channel| self.refused.iter().any(|one| one.channel == *channel);
        REFUSABLE.iter().copied().filter(|channel| known(channel) && !is_refused(channel)).collect()
    }

    const fn placeable() -> [HoldKind; 3] {
        [HoldKind::CreditorRequest, HoldKind::Hardship, HoldKind::Insolvency]
    }

    fn results(task: &Task) -> Vec<TaskResult> {
        TaskResult::ALL.iter().copied().filter(|result| result.fits(task.kind)).collect()
    }

    fn waits_for_me(&self, payment: &Payment) -> bool {
        payment.status == PaymentStatus::Declared && payment.answering() == Some(self.own)
    }
}
