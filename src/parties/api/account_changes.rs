//! A new bank account over HTTP: asked for, confirmed with the code from the mail, taken back.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    http::{AsSystem, Caller, Command, Json, Nothing, Problem, answer, resource},
    parties::{
        AnyMember, PartiesError, Permission,
        account_changes::{self, AccountChange, Confirmation},
    },
    types::Iban,
};

/// Where money is to go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    pub iban: Iban,
}

/// What the mail said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountCode {
    #[schema(example = "04711999", min_length = 8, max_length = 8)]
    pub code: String,
}

/// Your latest change of account, and how far it is.
#[utoipa::path(get, path = "/account-change", tag = "parties", responses((status = 200, body = AccountChange)))]
pub async fn show_account_change(app: Data<App>, caller: AnyMember) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Administer)?;
    let found = app.db.transaction(caller.scope(), async |conn| account_changes::latest(conn, caller.org).await).await?;
    resource(StatusCode::OK, &found)
}

/// Asks for your money to go to another account. A code goes to your organisation's mail address; until it is confirmed
/// nothing changes.
#[utoipa::path(post, path = "/account-change", tag = "parties", request_body = NewAccount, responses((status = 201, body = AccountChange)))]
pub async fn ask_for_account(app: Data<App>, caller: AnyMember, command: Command<NewAccount>) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Administer)?;
    caller.must_be_proven()?;
    let iban = command.input.iban.clone();
    answer(&app, &AsSystem(&*caller), &command.envelope, StatusCode::CREATED, async |conn, by| {
        account_changes::ask(conn, by, caller.org, iban).await
    })
    .await
}

/// Confirms the new account with the code from the mail. For some days nothing is paid out to you; then it is in force. Takes
/// no Idempotency-Key: a code counts each time it is tried.
#[utoipa::path(post, path = "/account-change/confirmation", tag = "parties", request_body = AccountCode, responses(
    (status = 200, body = AccountChange), (status = 422, description = "not the code of the mail; five wrong ones end the change")))]
pub async fn confirm_account(app: Data<App>, caller: AnyMember, input: Json<AccountCode>) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Administer)?;
    caller.must_be_proven()?;
    let by = caller.by(app.clock.now());
    let tried = (input.0.code.as_str(), app.settings.platform.account_cooling_days);
    let confirmation = app.db.transaction(crate::db::Scope::System, async |conn| {
        account_changes::confirm(conn, &by, &app.keys, caller.org, tried).await
    });
    match confirmation.await? {
        Confirmation::Done(change) => resource(StatusCode::OK, &change),
        Confirmation::WrongCode { left } => Err(PartiesError::WrongAccountCode { left }.into()),
    }
}

/// Takes the change back, while it is not in force.
#[utoipa::path(post, path = "/account-change/cancellation", tag = "parties", request_body = Nothing, responses((status = 200, body = AccountChange)))]
pub async fn cancel_account_change(
    app: Data<App>,
    caller: AnyMember,
    command: Command<Nothing>,
) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Administer)?;
    answer(&app, &AsSystem(&*caller), &command.envelope, StatusCode::OK, async |conn, by| {
        account_changes::cancel(conn, by, caller.org).await
    })
    .await
}
