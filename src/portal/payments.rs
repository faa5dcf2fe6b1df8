//! Payments of all cases, and payouts: what waits for an answer, what is to be remitted, what went.

use std::collections::HashMap;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Fields, Refused, Shell, Visitor,
    case::forms::answered,
    overview::{ToAnswer, first, to_answer},
    proof,
    visitor::OperatorVisitor,
};
use crate::{
    app::App,
    cases::{self, desk::CaseLine},
    http::{AsSystem, Page, PageQuery, Problem, Query},
    parties::{self, Named, OrgKind, Permission},
    payments::{self, Decision, House, Payment, PaymentStatus, Route, Wanted, stripe::refunds},
    settlement::{self, Payout, PayoutStatus, Remittance},
    types::{CaseId, OrgId, PaymentId, PayoutId},
};

const HERE: &str = "/portal/payments";
const DUE_AT_MOST: i64 = 100;

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    status: String,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/payments.html")]
struct PaymentsPage<'a> {
    shell: &'a Shell,
    to_answer: Vec<ToAnswer>,
    /// The operator's to decide.
    contested: Vec<Payment>,
    to_remit: Vec<Payout>,
    payments: Page<Payment>,
    status: Option<PaymentStatus>,
    lines: HashMap<CaseId, CaseLine>,
    names: HashMap<OrgId, Named>,
}

impl PaymentsPage<'_> {
    fn line(&self, case: &CaseId) -> Option<&CaseLine> {
        self.lines.get(case)
    }

    fn wants(&self, status: &PaymentStatus) -> bool {
        self.status == Some(*status)
    }

    /// What the page was asked with, for the next one.
    fn asked(&self) -> String {
        self.status.map_or_else(String::new, |status| format!("&status={status}"))
    }

    /// Whether the reader may give it back.
    fn to_refund(&self, payment: &Payment) -> bool {
        let stands = payment.route == Route::Stripe && payment.status == PaymentStatus::Confirmed;
        stands && self.shell.is_operator() && self.shell.administers()
    }

    fn name(&self, org: &OrgId) -> &str {
        self.names.get(org).map_or("–", |named| named.legal_name.as_str())
    }
}

/// # Errors
/// A cursor that is none of ours.
pub async fn show(app: Data<App>, visitor: Visitor, wish: Query<Wish>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, wish.0, Refused::nothing()).await
}

async fn page(app: &App, visitor: &Visitor, wish: Wish, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let status = wish.status.parse().ok();
    let cursor = PageQuery { limit: None, cursor: wish.cursor }.cursor()?;
    let is_operator = visitor.kind == OrgKind::Operator;
    let shell = visitor.shell("portal.payments.title", refused);
    let page = app.db.transaction(by.scope, async |conn| {
        let found = payments::list(conn, &by, Wanted { case: None, status }, cursor).await?;
        let to_answer = to_answer(conn, &by, visitor).await?;
        let contested = Wanted { case: None, status: Some(PaymentStatus::Contested) };
        let contested = if is_operator { payments::list(conn, &by, contested, first(DUE_AT_MOST)?).await? } else { Vec::new() };
        let due = settlement::list_payouts(conn, &by, Some(PayoutStatus::Due), first(DUE_AT_MOST)?).await?;
        let to_remit: Vec<Payout> = due.into_iter().filter(|payout| payout.payer_id == visitor.org).collect();
        let about = found.iter().chain(&contested);
        let ids: Vec<CaseId> =
            about.clone().map(|payment| payment.case).chain(to_remit.iter().map(|payout| payout.case_id)).collect();
        let orgs: Vec<OrgId> =
            to_remit.iter().map(|payout| payout.payee_id).chain(about.map(|payment| payment.creditor)).collect();
        Ok::<_, Problem>(PaymentsPage {
            shell: &shell,
            lines: cases::desk::lines_of(conn, &by, &ids).await?,
            names: parties::names_of(conn, &by, &orgs).await?,
            payments: cursor.page(found, |payment| payment.id.0),
            to_answer,
            contested,
            to_remit,
            status,
        })
    });
    visitor.show(&shell, &page.await?)
}

async fn settle(
    app: &App,
    visitor: &Visitor,
    fields: &Fields,
    sent: Result<Option<Refused>, Problem>,
    flash: &'static str,
) -> Result<HttpResponse, Problem> {
    super::fields::settle(visitor, fields.outcome(sent)?, (HERE, flash), async |refused| {
        page(app, visitor, Wish::default(), refused).await
    })
    .await
}

/// Confirms or contests, as the button says.
///
/// # Errors
/// What is not the form's fault.
pub async fn answer(app: Data<App>, visitor: Visitor, id: Path<PaymentId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Money)?;
    let flash = if fields.text("answer") == "contest" { "payment_contested" } else { "payment_confirmed" };
    if fields.text("answer") == "confirm"
        && let Some(asked) = proof::asked_for(&app, &visitor, *id, HERE).await?
    {
        return Ok(asked);
    }
    let sent = fields
        .perform(&app, &AsSystem(&visitor), async |conn, by| answered(conn, by, &app, &visitor, *id, &fields).await.map(drop))
        .await;
    settle(&app, &visitor, &fields, sent, flash).await
}

/// The operator decides a contested payment.
///
/// # Errors
/// What is not the form's fault.
pub async fn decide(
    app: Data<App>,
    visitor: OperatorVisitor,
    id: Path<PaymentId>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Administer)?;
    let house = House::of(&app);
    let sent = async {
        let decision: Decision = fields.parse("decision")?;
        fields
            .perform(&app, &AsSystem(&**visitor), async |conn, by| {
                payments::decide(conn, by, &house, *id, decision, fields.text("note")).await.map(drop)
            })
            .await
    };
    settle(&app, &visitor, &fields, sent.await, "payment_decided").await
}

/// The operator gives a payment by card or direct debit back, whole or in part.
///
/// # Errors
/// What is not the form's fault.
pub async fn refund(
    app: Data<App>,
    visitor: OperatorVisitor,
    id: Path<PaymentId>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Administer)?;
    if visitor.must_be_proven().is_err() {
        return Ok(proof::ask(HERE));
    }
    let sent = async {
        let by = visitor.by_now();
        let payment = app.db.transaction(by.scope, async |conn| payments::find(conn, &by, *id).await).await?;
        let amount = match fields.optional("amount") {
            Some(_) => Some(fields.money("amount", payment.amount.currency)?),
            None => None,
        };
        fields
            .perform(&app, &AsSystem(&**visitor), async |conn, by| {
                refunds::ask(conn, by, *id, amount, fields.text("reason")).await.map(drop)
            })
            .await
    };
    settle(&app, &visitor, &fields, sent.await, "refund_asked").await
}

/// Whoever holds the money says that it was paid out.
///
/// # Errors
/// What is not the form's fault.
pub async fn remit(app: Data<App>, visitor: Visitor, id: Path<PayoutId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Money)?;
    let sent = async {
        let remittance = Remittance { paid_on: fields.day("paid_on")?, bank_reference: fields.text("bank_reference").to_owned() };
        fields
            .perform(&app, &AsSystem(&visitor), async |conn, by| {
                payments::remit(conn, by, visitor.org, *id, &remittance).await.map(drop)
            })
            .await
    };
    settle(&app, &visitor, &fields, sent.await, "remitted").await
}
