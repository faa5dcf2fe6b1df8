//! Receipts behind the debtor's link: the same PDF that was mailed.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};

use super::api::receipt_pdf;
use crate::{
    app::App,
    db::By,
    http::Problem,
    pages,
    types::{Language, PaymentId},
};

/// A receipt of the case that the link belongs to.
///
/// # Errors
/// None that depend on the reader: what goes wrong is said on a page.
pub async fn show_receipt(app: Data<App>, request: HttpRequest, at: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let language = pages::language_of(&request, Language::English);
    let (token, payment) = at.into_inner();
    let (Some(case), Ok(payment)) = (app.keys.debtor_case(&token), payment.parse::<PaymentId>()) else {
        return pages::not_found(language);
    };
    match receipt_pdf(&app, &By::debtor(case, app.clock.now()), payment).await {
        Ok(pdf) => Ok(pdf),
        Err(problem) if problem.code.status().is_client_error() => pages::not_found(language),
        Err(problem) => pages::failed(language, &problem),
    }
}
