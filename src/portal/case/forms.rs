//! What the forms of a case page do. Each is one command, carried out once; what is refused comes back on the page as typed.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

use super::{
    super::{Fields, Refused, Visitor, proof, visitor::CreditorVisitor},
    at, page,
};
use crate::{
    app::App,
    cases::{
        self, About, CasesError, DisputeDecision, DisputeReason, HoldKind, NewEvidence, Objection, Outcome, Proposal, Proposer,
        Resolution,
    },
    db::{By, Conn},
    http::{AsSystem, Code, Problem},
    market::{self, MarketTerms, RecallGround, ReturnReason},
    parties::Permission,
    payments::{self, Declaration, House, Payment, Route},
    recovery::{
        self, Completion,
        opt_outs::{self, Way},
        private_notes::NewPrivateNote,
        records::TaskResult,
    },
    types::{Calendar, CaseId, DisputeId, HoldId, Money, OfferId, PaymentId, ReceivableId, SettlementId, TaskId},
};

/// What a form came to: done, or to be shown again.
type Sent = Result<Option<Refused>, Problem>;

/// Back to the case, at `anchor`, or the page with the form as it was typed.
async fn settle(
    app: &App,
    visitor: &Visitor,
    id: CaseId,
    fields: &Fields,
    sent: Sent,
    (anchor, flash): (&str, &'static str),
) -> Result<HttpResponse, Problem> {
    let refused = match sent {
        Ok(None) => return visitor.done(&format!("{}{anchor}", at(id)), flash),
        Ok(Some(refused)) => refused,
        Err(problem) => fields.refused(problem)?,
    };
    page(app, visitor, id, refused).await
}

/// # Errors
/// What is not the form's fault.
pub async fn note(app: Data<App>, visitor: Visitor, id: Path<CaseId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may_write_on_cases()?;
    let sent = fields
        .perform(&app, &visitor, async |conn, by| cases::add_note(conn, by, *id, fields.text("text")).await.map(drop))
        .await;
    settle(&app, &visitor, *id, &fields, sent, ("#timeline", "note_added")).await
}

/// # Errors
/// What is not the form's fault.
pub async fn private_note(app: Data<App>, visitor: Visitor, id: Path<CaseId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may_write_on_cases()?;
    let new = NewPrivateNote { text: fields.text("text").to_owned() };
    let sent = fields.perform(&app, &visitor, async |conn, by| recovery::private_notes::add(conn, by, *id, &new).await).await;
    settle(&app, &visitor, *id, &fields, sent, ("#private", "note_added")).await
}

/// # Errors
/// What is not the form's fault.
pub async fn start(app: Data<App>, visitor: CreditorVisitor, id: Path<CaseId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::PostCases)?;
    let sent = fields.perform(&app, &**visitor, async |conn, by| cases::start(conn, by, *id).await.map(drop)).await;
    settle(&app, &visitor, *id, &fields, sent, ("", "case_started")).await
}

/// # Errors
/// What is not the form's fault.
pub async fn close(app: Data<App>, visitor: CreditorVisitor, id: Path<CaseId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::PostCases)?;
    let sent = async {
        let outcome: Outcome = fields.parse("outcome")?;
        fields
            .perform(&app, &**visitor, async |conn, by| {
                cases::close(conn, by, *id, outcome, fields.text("reason")).await.map(drop)
            })
            .await
    };
    settle(&app, &visitor, *id, &fields, sent.await, ("", "case_closed")).await
}

/// # Errors
/// What is not the form's fault.
pub async fn hold(app: Data<App>, visitor: Visitor, id: Path<CaseId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may_write_on_cases()?;
    let sent = async {
        let kind = fields.parse("kind").and_then(placeable)?;
        let until = fields.optional("until").map(|_| fields.day("until")).transpose()?;
        let ends_at = until.map(|day| Calendar::of(visitor.country).instant(day.succ_opt().unwrap_or(day), 0));
        fields
            .perform(&app, &visitor, async |conn, by| {
                cases::check_text(fields.text("reason"))?;
                let mut case = cases::lock(conn, by, *id).await?;
                case.must_be_open("held")?;
                cases::place_hold(conn, by, &mut case, kind, fields.text("reason"), ends_at).await?;
                cases::save(conn, by, &mut case).await
            })
            .await
    };
    settle(&app, &visitor, *id, &fields, sent.await, ("#holds", "held")).await
}

fn placeable(kind: HoldKind) -> Result<HoldKind, Problem> {
    match kind {
        HoldKind::Hardship | HoldKind::Insolvency | HoldKind::Represented | HoldKind::CreditorRequest => Ok(kind),
        HoldKind::Dispute | HoldKind::Promise | HoldKind::Plan | HoldKind::Settlement | HoldKind::PaymentInFlight => {
            Err(Problem::invalid("/kind", "a hold of this kind comes by itself"))
        }
    }
}

/// # Errors
/// What is not the form's fault.
pub async fn release(
    app: Data<App>,
    visitor: Visitor,
    path: Path<(CaseId, HoldId)>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may_write_on_cases()?;
    let (id, hold) = *path;
    let sent = fields
        .perform(&app, &visitor, async |conn, by| {
            let mut case = cases::lock(conn, by, id).await?;
            if !cases::release_hold(conn, by, &mut case, hold).await? {
                return Err(CasesError::NoSuch("running hold"));
            }
            cases::save(conn, by, &mut case).await
        })
        .await;
    settle(&app, &visitor, id, &fields, sent, ("#holds", "hold_released")).await
}

/// An amount in the currency of the case.
async fn money_of(app: &App, visitor: &Visitor, id: CaseId, fields: &Fields, name: &str) -> Result<Option<Money>, Problem> {
    if fields.optional(name).is_none() {
        return Ok(None);
    }
    let by = visitor.by_now();
    let case = app.db.transaction(by.scope, async |conn| cases::find(conn, &by, id).await).await?;
    fields.money(name, case.currency).map(Some)
}

/// # Errors
/// What is not the form's fault.
pub async fn promise(app: Data<App>, visitor: Visitor, id: Path<CaseId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may_write_on_cases()?;
    let sent = async {
        let (amount, day) = (money_of(&app, &visitor, *id, &fields, "amount").await?, fields.day("promised_on")?);
        fields.perform(&app, &visitor, async |conn, by| cases::make_promise(conn, by, *id, amount, day).await.map(drop)).await
    };
    settle(&app, &visitor, *id, &fields, sent.await, ("#holds", "promise_made")).await
}

/// # Errors
/// What is not the form's fault.
pub async fn opt_out(app: Data<App>, visitor: Visitor, id: Path<CaseId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may_write_on_cases()?;
    let sent = async {
        let channel = fields.parse("channel")?;
        fields.perform(&app, &visitor, async |conn, by| opt_outs::opt_out(conn, by, *id, channel, Way::Person).await).await
    };
    settle(&app, &visitor, *id, &fields, sent.await, ("#timeline", "opted_out")).await
}

/// # Errors
/// What is not the form's fault.
pub async fn dispute(app: Data<App>, visitor: Visitor, id: Path<CaseId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may_write_on_cases()?;
    let sent = async {
        let reason: DisputeReason = fields.parse("reason")?;
        let invoice: Option<ReceivableId> = fields.parse_optional("invoice")?;
        let (receivables, amount) = (Vec::from_iter(invoice), money_of(&app, &visitor, *id, &fields, "amount").await?);
        let about = About { receivables: &receivables, amount };
        let objection = Objection { reason, statement: fields.text("statement"), about };
        fields.perform(&app, &visitor, async |conn, by| cases::open_dispute(conn, by, *id, &objection).await.map(drop)).await
    };
    settle(&app, &visitor, *id, &fields, sent.await, ("#disputes", "dispute_opened")).await
}

/// # Errors
/// What is not the form's fault.
pub async fn evidence(
    app: Data<App>,
    visitor: Visitor,
    path: Path<(CaseId, DisputeId)>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may_write_on_cases()?;
    let (id, dispute) = *path;
    let sent = async {
        let new = NewEvidence { item: fields.parse("item")?, statement: fields.text("statement").to_owned(), document_id: None };
        fields.perform(&app, &visitor, async |conn, by| cases::give_evidence(conn, by, dispute, &new).await.map(drop)).await
    };
    settle(&app, &visitor, id, &fields, sent.await, ("#disputes", "evidence_given")).await
}

/// # Errors
/// What is not the form's fault.
pub async fn resolve(
    app: Data<App>,
    visitor: CreditorVisitor,
    path: Path<(CaseId, DisputeId)>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::PostCases)?;
    let (id, dispute) = *path;
    let sent = async {
        let decision: DisputeDecision = fields.parse("decision")?;
        let reduction = match decision {
            DisputeDecision::Settle => money_of(&app, &visitor, id, &fields, "reduction").await?,
            DisputeDecision::Uphold | DisputeDecision::Reject => None,
        };
        let resolution = Resolution { decision, reduction, note: fields.text("note") };
        fields
            .perform(&app, &**visitor, async |conn, by| cases::resolve_dispute(conn, by, dispute, &resolution).await.map(drop))
            .await
    };
    settle(&app, &visitor, id, &fields, sent.await, ("#disputes", "dispute_resolved")).await
}

/// Offers a settlement, or writes down that the debtor asks for one.
///
/// # Errors
/// What is not the form's fault.
pub async fn settle_for_less(
    app: Data<App>,
    visitor: Visitor,
    id: Path<CaseId>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may_write_on_cases()?;
    let sent = async {
        let missing = || Problem::invalid("/amount", "write what is enough");
        let amount = money_of(&app, &visitor, *id, &fields, "amount").await?.ok_or_else(missing)?;
        let (proposal, proposed_by) = (Proposal { amount, pay_by: fields.day("pay_by")? }, fields.parse("proposed_by")?);
        fields
            .perform(&app, &visitor, async |conn, by| match proposed_by {
                Proposer::Creditor => cases::offer_settlement(conn, by, *id, proposal).await.map(drop),
                Proposer::Debtor => cases::ask_for_settlement(conn, by, *id, proposal).await.map(drop),
            })
            .await
    };
    settle(&app, &visitor, *id, &fields, sent.await, ("#settlements", "settlement_proposed")).await
}

/// # Errors
/// What is not the form's fault.
pub async fn answer_settlement(
    app: Data<App>,
    visitor: Visitor,
    path: Path<(CaseId, SettlementId)>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may_write_on_cases()?;
    let (id, settlement) = *path;
    let sent = async {
        let said = fields.parse("answer")?;
        fields
            .perform(&app, &visitor, async |conn, by| cases::answer_settlement(conn, by, settlement, said).await.map(drop))
            .await
    };
    settle(&app, &visitor, id, &fields, sent.await, ("#settlements", "settlement_answered")).await
}

/// # Errors
/// What is not the form's fault.
pub async fn pay(app: Data<App>, visitor: Visitor, id: Path<CaseId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Money)?;
    let sent = async {
        let missing = || Problem::invalid("/amount", "write what came in");
        let amount = money_of(&app, &visitor, *id, &fields, "amount").await?.ok_or_else(missing)?;
        let route: Option<Route> = fields.parse_optional("route")?;
        let bank_reference = fields.text("bank_reference").to_owned();
        let (said, house) =
            (Declaration { amount, received_on: fields.day("received_on")?, bank_reference, route }, House::of(&app));
        fields.perform(&app, &visitor, async |conn, by| payments::declare(conn, by, &house, *id, &said).await.map(drop)).await
    };
    settle(&app, &visitor, *id, &fields, sent.await, ("#payments", "payment_declared")).await
}

/// Confirms or contests a payment, as the button says.
///
/// # Errors
/// What is not the form's fault.
pub async fn answer(
    app: Data<App>,
    visitor: Visitor,
    path: Path<(CaseId, PaymentId)>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Money)?;
    let (id, payment) = *path;
    let flash = if fields.text("answer") == "contest" { "payment_contested" } else { "payment_confirmed" };
    if fields.text("answer") == "confirm"
        && let Some(asked) = proof::asked_for(&app, &visitor, payment, &at(id)).await?
    {
        return Ok(asked);
    }
    let sent = fields
        .perform(&app, &AsSystem(&visitor), async |conn, by| answered(conn, by, &app, &visitor, payment, &fields).await.map(drop))
        .await;
    settle(&app, &visitor, id, &fields, sent, ("#payments", flash)).await
}

/// # Errors
/// Not one's own to answer; answered before.
pub async fn answered(
    conn: &mut Conn<'_>,
    by: &By,
    app: &App,
    visitor: &Visitor,
    payment: PaymentId,
    fields: &Fields,
) -> Result<Payment, Problem> {
    match fields.text("answer") {
        "confirm" => Ok(payments::confirm(conn, by, &House::of(app), visitor.org, payment).await?),
        "contest" => Ok(payments::contest(conn, by, visitor.org, payment, fields.text("reason")).await?),
        _ => Err(Problem::new(Code::MalformedRequest).detail("confirm it or contest it")),
    }
}

/// # Errors
/// What is not the form's fault.
pub async fn complete(
    app: Data<App>,
    visitor: Visitor,
    path: Path<(CaseId, TaskId)>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may_write_on_cases()?;
    let (id, task) = *path;
    let sent = async {
        let result: TaskResult = fields.parse("result")?;
        let completion = Completion { result, note: fields.optional("note") };
        fields.perform(&app, &visitor, async |conn, by| recovery::complete(conn, by, task, &completion).await.map(drop)).await
    };
    settle(&app, &visitor, id, &fields, sent.await, ("#tasks", "task_done")).await
}

/// # Errors
/// What is not the form's fault.
pub async fn award(
    app: Data<App>,
    visitor: CreditorVisitor,
    path: Path<(CaseId, OfferId)>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::ManageMarket)?;
    let ((id, offer), terms) = (*path, MarketTerms::of(&app));
    let sent = fields
        .perform(&app, &AsSystem(&**visitor), async |conn, by| {
            market::award_by_hand(conn, by, terms, (visitor.org, id), offer, fields.optional("reason")).await.map(drop)
        })
        .await;
    settle(&app, &visitor, id, &fields, sent, ("#mandate", "awarded")).await
}

/// # Errors
/// What is not the form's fault.
pub async fn unlist(app: Data<App>, visitor: CreditorVisitor, id: Path<CaseId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::ManageMarket)?;
    let sent = fields
        .perform(&app, &AsSystem(&**visitor), async |conn, by| market::unlist_case(conn, by, visitor.org, *id).await.map(drop))
        .await;
    settle(&app, &visitor, *id, &fields, sent, ("", "unlisted")).await
}

/// # Errors
/// What is not the form's fault.
pub async fn recall(app: Data<App>, visitor: CreditorVisitor, id: Path<CaseId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::ManageMarket)?;
    let sent = async {
        let ground: RecallGround = fields.parse("ground")?;
        fields
            .perform(&app, &AsSystem(&**visitor), async |conn, by| {
                market::recall_case(conn, by, (visitor.org, *id), ground, fields.optional("note")).await.map(drop)
            })
            .await
    };
    settle(&app, &visitor, *id, &fields, sent.await, ("", "recalled")).await
}

/// Gives a case back; afterwards its agency sees it no more.
///
/// # Errors
/// What is not the form's fault.
pub async fn give_back(
    app: Data<App>,
    visitor: super::super::visitor::AgencyVisitor,
    id: Path<CaseId>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::WorkCases)?;
    let terms = MarketTerms::of(&app);
    let sent = async {
        let reason: ReturnReason = fields.parse("reason")?;
        fields
            .perform(&app, &AsSystem(&**visitor), async |conn, by| {
                market::return_case(conn, by, terms, (visitor.org, *id), reason, fields.optional("note")).await.map(drop)
            })
            .await
    };
    match sent.await {
        Ok(None) => visitor.done("/portal", "returned"),
        sent => settle(&app, &visitor, *id, &fields, sent, ("", "returned")).await,
    }
}
