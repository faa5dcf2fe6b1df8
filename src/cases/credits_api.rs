//! Credit notes over HTTP.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::{CasesError, cancel_credit, credit_invoice};
use crate::{
    app::App,
    http::{Caller, Command, Nothing, Problem, answer, resource},
    parties::{AnyMember, CreditorMember, Permission},
    receivables::{self, CreditNote, NewCredit},
    types::{CreditNoteId, Money, ReceivableId, clock::day_in},
};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(paths(post_credit_note, list_credit_notes, cancel_credit_note), components(schemas(CreditNote)))]
pub struct Docs;

/// A credit note for an invoice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditDraft {
    #[schema(example = "A-2026-001", min_length = 1, max_length = 60)]
    pub number: String,
    pub issued_on: NaiveDate,
    /// What the creditor gives up, VAT included.
    pub amount: Money,
}

/// All credit notes of an invoice.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditNotes {
    pub data: Vec<CreditNote>,
}

/// Credits an invoice: what is credited is not chased, and a case with nothing left to ask closes.
#[utoipa::path(post, path = "/receivables/{id}/credit-notes", tag = "receivables", request_body = CreditDraft,
    params(("id" = ReceivableId, Path)),
    responses((status = 201, body = CreditNote), (status = 404, description = "there is none such that you can see"),
        (status = 409, description = "the number belongs to another credit note"), (status = 422, description = "a value is wrong")))]
pub async fn post_credit_note(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<ReceivableId>,
    command: Command<CreditDraft>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let Command { input, envelope } = command;
    let number = input.number.split_whitespace().collect::<Vec<_>>().join(" ");
    if number.is_empty() || number.chars().count() > 60 {
        return Err(Problem::invalid("/number", "a number has 1 to 60 characters"));
    }
    if !input.amount.is_positive() {
        return Err(Problem::invalid("/amount/minor", "a credit note is for more than nothing"));
    }
    if input.issued_on > day_in(chrono_tz::UTC, app.clock.now()) {
        return Err(Problem::invalid("/issued_on", "a credit note is not issued in the future"));
    }
    answer(&app, &*creditor, &envelope, StatusCode::CREATED, async |conn, by| {
        let credited = receivables::find_receivable(conn, by, *id).await?;
        let new = NewCredit {
            issuer: credited.issuer,
            number: number.clone(),
            credited_number: Some(credited.number),
            issued_on: input.issued_on,
            amount: input.amount,
        };
        Ok::<_, CasesError>(credit_invoice(conn, by, *id, &new).await?.note)
    })
    .await
}

/// The credit notes of an invoice, oldest first. Agencies see those of the cases they hold.
#[utoipa::path(get, path = "/receivables/{id}/credit-notes", tag = "receivables", params(("id" = ReceivableId, Path)),
    responses((status = 200, body = CreditNotes), (status = 404, description = "there is none such that you can see")))]
pub async fn list_credit_notes(app: Data<App>, caller: AnyMember, id: Path<ReceivableId>) -> Result<HttpResponse, Problem> {
    caller.may(Permission::Read)?;
    let by = caller.by(app.clock.now());
    let data = app.db.transaction(by.scope, async |conn| {
        let receivable = receivables::find_receivable(conn, &by, *id).await?;
        receivables::list_credits(conn, &by, receivable.id).await
    });
    resource(StatusCode::OK, &CreditNotes { data: data.await? })
}

/// Cancels a credit note: the invoice is owed again, and a case that had closed over it goes on.
#[utoipa::path(post, path = "/credit-notes/{id}/cancellation", tag = "receivables", request_body = Nothing,
    params(("id" = CreditNoteId, Path)),
    responses((status = 200, body = CreditNote), (status = 404, description = "there is none such that you can see"),
        (status = 409, description = "cancelled before")))]
pub async fn cancel_credit_note(
    app: Data<App>,
    creditor: CreditorMember,
    id: Path<CreditNoteId>,
    command: Command<Nothing>,
) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    answer(&app, &*creditor, &command.envelope, StatusCode::OK, async |conn, by| cancel_credit(conn, by, *id).await).await
}
