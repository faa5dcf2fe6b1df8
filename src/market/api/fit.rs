//! The fit check over HTTP.

use actix_web::{HttpResponse, http::StatusCode, web::Data};

use crate::{
    app::App,
    cases::{self, api::NewCase},
    db::Scope,
    http::{Caller, Command, Problem, resource},
    market::{FitCheck, check_fit},
    parties::{CreditorMember, Permission},
};

/// Looks at what posting these invoices would do: whether it can be done, what is missing, what it would cost on the market
/// and what similar cases came to.
#[utoipa::path(post, path = "/cases/preview", tag = "cases", request_body = NewCase,
    responses((status = 200, body = FitCheck), (status = 422, description = "a receivable that is not yours")))]
pub async fn preview_case(app: Data<App>, creditor: CreditorMember, command: Command<NewCase>) -> Result<HttpResponse, Problem> {
    creditor.may(Permission::PostCases)?;
    let by = creditor.by(app.clock.now());
    let looked = app.db.rehearse(by.scope, async |conn| {
        let posting = command.input.posting(conn, &by).await?;
        Ok::<_, Problem>(check_fit(conn, &by, &posting).await?)
    });
    let (fit, debtor) = looked.await?;
    let expected = match (fit.principal, debtor) {
        (Some(principal), Some(debtor)) => {
            let closed = app
                .db
                .transaction(Scope::System, async |conn| cases::expected(conn, debtor.country, debtor.kind, principal).await);
            Some(closed.await?)
        }
        _ => None,
    };
    resource(StatusCode::OK, &FitCheck { expected, ..fit })
}
