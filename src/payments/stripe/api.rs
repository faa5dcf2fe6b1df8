//! Stripe over HTTP: its webhooks, and the connected accounts of organisations.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Payload},
};
use chrono::DateTime;
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};

use super::{
    accounts::{self, ConnectedAccount, Onboarding},
    events::{self, CameBy},
    gateway::{Gateway, NotDone},
    refunds::{self, RefundAsked},
    signature,
};
use crate::{
    app::App,
    db::{By, Scope},
    http::{AsSystem, Caller, Code, Command, Nothing, Problem, answer, envelope::read_body, resource},
    parties::{self, AnyMember, OperatorMember, Permission},
    payments::PaymentsError,
    types::{Money, OrgId, PaymentId},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(show_connected_account, start_onboarding, refund_payment),
    components(schemas(ConnectedAccount, Onboarding, RefundAsked))
)]
pub struct Docs;

/// Events are some kilobytes; what is longer is no event.
const EVENT_MAX_BYTES: usize = 1024 * 1024;

/// For Stripe: `POST /webhooks/stripe`. Verified, kept as it came, once, and answered; a job works on it.
///
/// # Errors
/// Not signed with the webhook secret, or not freshly; no event.
pub async fn take_webhook(app: Data<App>, request: HttpRequest, payload: Payload) -> Result<HttpResponse, Problem> {
    let raw = read_body(payload.into_inner(), EVENT_MAX_BYTES).await?;
    let (header, at) = (request.headers().get("Stripe-Signature").and_then(|value| value.to_str().ok()), app.clock.now());
    let secret = app.settings.stripe.webhook_secret.as_ref();
    let secret = secret.ok_or_else(|| Problem::new(Code::Forbidden).detail("this platform takes no webhooks of Stripe"))?;
    signature::verify(secret, header.unwrap_or_default(), &raw, at)
        .map_err(|why| Problem::new(Code::Forbidden).detail(why.to_string()))?;
    let malformed = |why: String| Problem::new(Code::MalformedRequest).detail(format!("this is no event: {why}"));
    let text = std::str::from_utf8(&raw).map_err(|error| malformed(error.to_string()))?;
    let arrived = events::read(text, CameBy::Webhook).map_err(malformed)?;
    let by = By::engine(at);
    app.db.transaction(Scope::System, async |conn| events::take(conn, &by, &arrived).await).await?;
    app.jobs_waiting.notify_one();
    Ok(HttpResponse::Ok().finish())
}

/// Whether your part of what debtors pay by card or direct debit can be transferred to you.
#[utoipa::path(get, path = "/connected-account", tag = "payments", responses((status = 200, body = ConnectedAccount)))]
pub async fn show_connected_account(app: Data<App>, member: AnyMember) -> Result<HttpResponse, Problem> {
    member.may(Permission::Money)?;
    let by = member.by(app.clock.now());
    let account = app.db.transaction(by.scope, async |conn| accounts::find(conn, &by, member.org).await).await?;
    resource(StatusCode::OK, &account)
}

/// Begins, or goes on, to show Stripe who you are: answers with an address on Stripe's pages that is good once. Harmless when
/// repeated: an organisation has one account.
#[utoipa::path(post, path = "/connected-account/onboarding", tag = "payments", request_body = Nothing, responses((status = 201, body = Onboarding)))]
pub async fn start_onboarding(app: Data<App>, member: AnyMember, command: Command<Nothing>) -> Result<HttpResponse, Problem> {
    member.may(Permission::Administer)?;
    command.envelope.must_be_meant()?;
    resource(StatusCode::CREATED, &onboard(&app, &member.by(app.clock.now()), member.org).await?)
}

/// Opens `org`'s account at Stripe where it has none, and a page there to show who it is; from there back to its payout account.
///
/// # Errors
/// Stripe is off here, refuses, or is away.
pub async fn onboard(app: &App, by: &By, org: OrgId) -> Result<Onboarding, Problem> {
    let off = || Problem::new(Code::WrongState).detail("this platform takes no payments by card: no key to Stripe is set");
    let gateway = Gateway::of(app).ok_or_else(off)?;
    let (known, owner) = app
        .db
        .transaction(Scope::System, async |conn| {
            let owner = parties::find_organisation(conn, by, org).await.map_err(|_| PaymentsError::NotFound)?;
            Ok::<_, PaymentsError>((accounts::ask(conn, by, org).await?, owner))
        })
        .await?;
    let account = match &known {
        Some(account) => gateway.account(account).await,
        None => gateway.open_account(org, owner.country, Some(owner.email.as_str())).await,
    };
    let account = account.map_err(away)?;
    app.db.transaction(Scope::System, async |conn| accounts::told(conn, by, org, &account).await).await?;
    let return_to = format!("{}/portal/payout-account", app.settings.public_url);
    let key = format!("{org}/{}", by.at.timestamp_millis());
    let link = gateway.account_link(&account.id, &return_to, &key).await.map_err(away)?;
    let expires_at = DateTime::from_timestamp(link.expires_at, 0).unwrap_or(by.at);
    Ok(Onboarding { url: link.url, expires_at })
}

fn away(error: NotDone) -> Problem {
    match error {
        NotDone::Refused { said, .. } => Problem::new(Code::WrongState).detail(said),
        NotDone::Away(_) | NotDone::Unknown(_) => Problem::new(Code::Unavailable).detail(error.to_string()),
    }
}

/// What the debtor gets back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRefund {
    /// All that is left of the payment unless said.
    pub amount: Option<Money>,
    /// For both sides to read.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// Gives a payment by card or direct debit back to the debtor, whole or in part. It leaves by a job; then what it had paid is owed
/// again, its fees are credited, and what was paid out of it is taken back.
#[utoipa::path(post, path = "/operator/payments/{payment_id}/refund", tag = "payments", params(("payment_id" = PaymentId, Path)),
    request_body = NewRefund, responses((status = 202, body = RefundAsked)))]
pub async fn refund_payment(
    app: Data<App>,
    operator: OperatorMember,
    id: Path<PaymentId>,
    command: Command<NewRefund>,
) -> Result<HttpResponse, Problem> {
    operator.may(Permission::Administer)?;
    let NewRefund { amount, reason } = command.input;
    answer(&app, &AsSystem(&*operator), &command.envelope, StatusCode::ACCEPTED, async |conn, by| {
        refunds::ask(conn, by, *id, amount, &reason).await
    })
    .await
}
