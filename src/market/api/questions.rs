//! Questions and answers over HTTP. No view here has a field for who asked.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    http::{AsSystem, Caller, Command, Page, Problem, answer, resource},
    market::{self, Question, scrubbing::Removal},
    parties::{AgencyMember, AnyMember, CreditorMember, Permission},
    types::{ListingId, QuestionId},
};

/// A question about a listing, and its answer once there is one.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionView {
    pub id: QuestionId,
    pub listing_id: ListingId,
    /// `[…]` stands where something was taken out.
    #[schema(example = "Is there a signed delivery note?")]
    pub question: String,
    pub answer: Option<String>,
    pub asked_at: DateTime<Utc>,
    pub answered_at: Option<DateTime<Utc>>,
    /// What was taken out of the text you have just written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Removal>,
    /// It holds a name or number of the case: answering would tell the asker that it guessed right. For its creditor alone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unanswerable: bool,
}

impl QuestionView {
    fn of(question: Question, removed: Vec<Removal>, unanswerable: bool) -> Self {
        let Question { id, listing: listing_id, question, answer, asked_at, answered_at } = question;
        Self { id, listing_id, question, answer, asked_at, answered_at, removed, unanswerable }
    }
}

/// What an agency wants to know.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewQuestion {
    /// Names, numbers of five digits and more, addresses and the like are taken out before anybody reads it.
    #[schema(max_length = 500, example = "Is there a signed delivery note?")]
    pub question: String,
}

/// What the creditor says to it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnswer {
    /// Every bidder reads it. What names you or your customer is taken out.
    #[schema(max_length = 1000, example = "Yes, for every delivery.")]
    pub answer: String,
}

/// Asks its creditor about a listing, before the deadline. Others read the question with its answer; nobody learns who asked.
#[utoipa::path(post, path = "/listings/{listing_id}/questions", tag = "market", params(("listing_id" = ListingId, Path)),
    request_body = NewQuestion, responses((status = 201, body = QuestionView),
    (status = 403, description = "a rule of qualification is not met; the detail names it"),
    (status = 409, description = "over, too late, or asked enough")))]
pub async fn ask(
    app: Data<App>,
    agency: AgencyMember,
    id: Path<ListingId>,
    command: Command<NewQuestion>,
) -> Result<HttpResponse, Problem> {
    agency.may(Permission::Offer)?;
    answer(&app, &AsSystem(&*agency), &command.envelope, StatusCode::CREATED, async |conn, by| {
        let asked = market::ask_question(conn, by, agency.org, *id, &command.input.question).await;
        asked.map(|(question, removed)| QuestionView::of(question, removed, false))
    })
    .await
}

/// Answers a question, once and for every bidder, before the deadline.
#[utoipa::path(post, path = "/questions/{question_id}/answer", tag = "market", params(("question_id" = QuestionId, Path)),
    request_body = NewAnswer, responses((status = 201, body = QuestionView),
    (status = 409, description = "over, too late, answered before, or a question that would tell who owes")))]
pub async fn reply(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<QuestionId>,
    command: Command<NewAnswer>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::ManageMarket)?;
    answer(&app, &AsSystem(&*creditor), &command.envelope, StatusCode::CREATED, async |conn, by| {
        let answered = market::answer_question(conn, by, creditor.org, *id, &command.input.answer).await;
        answered.map(|(question, removed)| QuestionView::of(question, removed, false))
    })
    .await
}

/// Questions about a listing with their answers, oldest first: for an agency those that are answered, and its own.
#[utoipa::path(get, path = "/listings/{listing_id}/questions", tag = "market", params(("listing_id" = ListingId, Path)),
    responses((status = 200, body = Page<QuestionView>)))]
pub async fn list_questions(app: Data<App>, member: AnyMember, id: Path<ListingId>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Read)?;
    let by = member.by(app.clock.now());
    let data = app.db.transaction(by.scope, async |conn| market::list_questions(conn, &by, *id).await).await?;
    let page = Page { data, next_cursor: None };
    resource(StatusCode::OK, &page.map(|(question, unanswerable)| QuestionView::of(question, Vec::new(), unanswerable)))
}
