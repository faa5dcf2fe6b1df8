//! Payouts in batches: one person prepares, another one approves, the bank gets the file and answers.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};
use askama::Template;

use super::{
    Fields, Refused, Shell, Visitor,
    fields::{check_token, chosen_file, same_site},
    members::Onward,
    overview::first,
    proof,
};
use crate::{
    app::App,
    bank::{api::take_report, readers::LARGEST_FILE_BYTES},
    http::{AsSystem, FormWithFile, Page, PageQuery, Problem, Query, envelope::Envelope},
    parties::{self, Member, Permission},
    settlement::batches::{self, BatchStatus, LeftOutReason, NewBatch, PayoutBatch, pain001::PainVersion},
    types::{Currency, MemberId, Money, PayoutBatchId},
};

const HERE: &str = "/portal/payout-batches";
const BATCHES_SHOWN: i64 = 20;
/// Names beside a batch; whoever is beyond is not named.
const PEOPLE_KNOWN: i64 = 100;

#[derive(Template)]
#[template(path = "portal/payouts.html")]
struct PayoutsPage<'a> {
    shell: &'a Shell,
    batches: Page<PayoutBatch>,
    /// What is due and in no batch, by currency.
    due: Vec<Money>,
    people: Vec<Member>,
    own: MemberId,
    today: String,
}

impl PayoutsPage<'_> {
    fn person(&self, id: &MemberId) -> &str {
        self.people.iter().find(|member| member.id == *id).map_or("–", |member| member.full_name.as_str())
    }

    /// Whether the reader may be the second person.
    fn may_approve(&self, batch: &PayoutBatch) -> bool {
        batch.status == BatchStatus::Prepared && batch.prepared_by != self.own
    }

    fn may_cancel(batch: &PayoutBatch) -> bool {
        batch.status != BatchStatus::Cancelled && batch.orders.iter().all(|order| !order.paid)
    }

    /// Why payouts stayed out, each reason with how often.
    fn left_out(batch: &PayoutBatch) -> Vec<(LeftOutReason, usize)> {
        let count = |reason: &LeftOutReason| batch.left_out.iter().filter(|one| one.reason == *reason).count();
        LeftOutReason::ALL.iter().map(|reason| (*reason, count(reason))).filter(|(_, times)| *times > 0).collect()
    }
}

/// # Errors
/// A cursor that is none of ours.
pub async fn show(app: Data<App>, visitor: Visitor, onward: Query<Onward>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, onward.0, Refused::nothing()).await
}

async fn page(app: &App, visitor: &Visitor, onward: Onward, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Money)?;
    let (by, payer) = (visitor.by_now(), visitor.org);
    let cursor = PageQuery { limit: Some(BATCHES_SHOWN), cursor: onward.cursor }.cursor()?;
    let shell = visitor.shell("portal.payouts.title", refused);
    let page = app.db.transaction(by.scope, async |conn| {
        let found = batches::list(conn, payer, cursor).await?;
        Ok::<_, Problem>(PayoutsPage {
            shell: &shell,
            batches: cursor.page(found, |batch| batch.id.0),
            due: batches::sum_due(conn, payer).await?,
            people: parties::list_members(conn, payer, &first(PEOPLE_KNOWN)?).await?.data,
            own: visitor.id(),
            today: by.at.date_naive().to_string(),
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
        page(app, visitor, Onward::default(), refused).await
    })
    .await
}

/// Puts together what may leave.
///
/// # Errors
/// What is not the form's fault.
pub async fn prepare(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Money)?;
    let sent = async {
        let currency: Currency = fields.parse("currency")?;
        let minimum = match fields.optional("minimum") {
            Some(_) => fields.money("minimum", currency)?,
            None => Money::zero(currency),
        };
        let new = NewBatch { currency, execution_on: fields.day("execution_on")?, minimum };
        fields
            .perform(&app, &AsSystem(&visitor), async |conn, by| batches::prepare(conn, by, visitor.org, &new).await.map(drop))
            .await
    };
    settle(&app, &visitor, &fields, sent.await, "batch_prepared").await
}

/// The second person's yes.
///
/// # Errors
/// What is not the form's fault.
pub async fn approve(app: Data<App>, visitor: Visitor, id: Path<PayoutBatchId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Money)?;
    if visitor.must_be_proven().is_err() {
        return Ok(proof::ask(HERE));
    }
    let sent = fields
        .perform(&app, &AsSystem(&visitor), async |conn, by| batches::approve(conn, by, visitor.org, *id).await.map(drop))
        .await;
    settle(&app, &visitor, &fields, sent, "batch_approved").await
}

/// Sets its payouts free again.
///
/// # Errors
/// What is not the form's fault.
pub async fn cancel(app: Data<App>, visitor: Visitor, id: Path<PayoutBatchId>, fields: Fields) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Money)?;
    let sent = fields
        .perform(&app, &AsSystem(&visitor), async |conn, by| batches::cancel(conn, by, visitor.org, *id).await.map(drop))
        .await;
    settle(&app, &visitor, &fields, sent, "batch_cancelled").await
}

/// The file for the bank.
///
/// # Errors
/// Not approved; not the visitor's.
pub async fn file(app: Data<App>, visitor: Visitor, id: Path<PayoutBatchId>) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Money)?;
    batches::api::file(&app, &visitor.by_now(), visitor.org, *id, PainVersion::V09).await
}

/// What the bank says of a file.
///
/// # Errors
/// What is not the form's fault.
pub async fn report(app: Data<App>, request: HttpRequest, visitor: Visitor, payload: Payload) -> Result<HttpResponse, Problem> {
    same_site(&request)?;
    visitor.may(Permission::Money)?;
    let form = FormWithFile::read(&request, payload, LARGEST_FILE_BYTES).await?;
    check_token(&request, form.text("form_token"))?;
    let sent = async {
        let file = chosen_file(&form, LARGEST_FILE_BYTES)?;
        take_report(&app, &visitor, visitor.org, &Envelope::of(&request, &file.content)?, file.content.clone()).await
    };
    match sent.await {
        Ok(_) => visitor.done(HERE, "report_taken"),
        Err(problem) => page(&app, &visitor, Onward::default(), Refused::of("report", problem)?).await,
    }
}
