//! All pages of the portals on one screen.

use actix_web::{
    middleware,
    web::{self, ServiceConfig, get, post},
};

use super::{
    account, alerts, case, case::forms, case_list, documents, faults, health, home, invoices, letters, listing, log_in, mandates,
    market, members, organisations, papers, payments, statement, team, uploads,
};
use crate::{http::Problem, parties::PartiesError};

#[rustfmt::skip]
pub fn configure(config: &mut ServiceConfig) {
    config.service(web::scope("/portal")
        .wrap(middleware::from_fn(faults::as_pages))
        .route("", get().to(home::show))
        .route("/cases", get().to(case_list::show))
        .route("/cases/{id}", get().to(case::show))
        .route("/cases/{id}/notes", post().to(forms::note))
        .route("/cases/{id}/private-notes", post().to(forms::private_note))
        .route("/cases/{id}/start", post().to(forms::start))
        .route("/cases/{id}/close", post().to(forms::close))
        .route("/cases/{id}/holds", post().to(forms::hold))
        .route("/cases/{id}/holds/{hold}/release", post().to(forms::release))
        .route("/cases/{id}/promises", post().to(forms::promise))
        .route("/cases/{id}/disputes", post().to(forms::dispute))
        .route("/cases/{id}/settlements", post().to(forms::settle_for_less))
        .route("/cases/{id}/settlements/{settlement}", post().to(forms::answer_settlement))
        .route("/cases/{id}/disputes/{dispute}/evidence", post().to(forms::evidence))
        .route("/cases/{id}/disputes/{dispute}", post().to(forms::resolve))
        .route("/cases/{id}/payments", post().to(forms::pay))
        .route("/cases/{id}/payments/{payment}", post().to(forms::answer))
        .route("/cases/{id}/tasks/{task}", post().to(forms::complete))
        .route("/cases/{id}/offers/{offer}/award", post().to(forms::award))
        .route("/cases/{id}/unlist", post().to(forms::unlist))
        .route("/cases/{id}/recall", post().to(forms::recall))
        .route("/cases/{id}/return", post().to(forms::give_back))
        .route("/cases/{id}/listing", get().to(listing::show))
        .route("/cases/{id}/listing", post().to(listing::post))
        .route("/invoices", get().to(invoices::show))
        .route("/posting", get().to(invoices::preview))
        .route("/posting", post().to(invoices::post))
        .route("/uploads", get().to(uploads::show))
        .route("/uploads", post().to(uploads::send))
        .route("/uploads/{id}", get().to(uploads::follow))
        .route("/uploads/{id}/commitment", post().to(uploads::commit))
        .route("/uploads/{id}/cancellation", post().to(uploads::cancel))
        .route("/uploads/{id}/result.csv", get().to(uploads::result))
        .route("/market", get().to(market::show))
        .route("/market/{id}", get().to(market::listing))
        .route("/market/{id}/offers", post().to(market::offer))
        .route("/market/{id}/offers/{offer}/withdrawal", post().to(market::withdraw))
        .route("/market/{id}/take-now", post().to(market::take))
        .route("/offers", get().to(market::offers))
        .route("/mandates/{id}", get().to(mandates::show))
        .route("/mandates/{id}/document", get().to(mandates::document))
        .route("/mandates/{id}/signature", post().to(mandates::sign))
        .route("/mandates/{id}/refusal", post().to(mandates::refuse))
        .route("/documents/{id}", get().to(documents::document))
        .route("/alerts", get().to(alerts::show))
        .route("/alerts/{id}/reading", post().to(alerts::read))
        .route("/alert-rules", post().to(alerts::add_rule))
        .route("/alert-rules/{id}/removal", post().to(alerts::remove_rule))
        .route("/team", get().to(team::show))
        .route("/work-moves", post().to(team::move_work))
        .route("/absences", post().to(team::add_absence))
        .route("/letters", get().to(letters::show))
        .route("/letters/{id}", get().to(documents::letter))
        .route("/letters/{id}/return", post().to(letters::take_back))
        .route("/letter-bundles", post().to(letters::bundle))
        .route("/letter-bundles/{id}/letters.pdf", get().to(letters::pdf))
        .route("/letter-bundles/{id}/addresses.csv", get().to(letters::csv))
        .route("/letter-bundles/{id}/posting", post().to(letters::post))
        .route("/letter-settings", post().to(letters::set))
        .route("/payments", get().to(payments::show))
        .route("/payments/{id}", post().to(payments::answer))
        .route("/payments/{id}/decision", post().to(payments::decide))
        .route("/payouts/{id}", post().to(payments::remit))
        .route("/papers", get().to(papers::show))
        .route("/papers", post().to(papers::submit))
        .route("/papers/{id}/decision", post().to(papers::decide))
        .route("/organisations", get().to(organisations::show))
        .route("/organisations/{id}/suspension", post().to(organisations::suspend))
        .route("/health", get().to(health::show))
        .route("/health/books", post().to(health::verify))
        .route("/jobs/{id}/revival", post().to(health::revive))
        .route("/statement", get().to(statement::show))
        .route("/log-in", get().to(log_in::show))
        .route("/log-in", post().to(log_in::open))
        .route("/log-out", post().to(log_in::close))
        .route("/account", get().to(account::show))
        .route("/account/language", post().to(account::set_language))
        .route("/account/password", post().to(account::set_password))
        .route("/account/devices/{id}/end", post().to(account::end_device))
        .route("/members", get().to(members::show))
        .route("/members", post().to(members::add))
        .default_service(web::to(nothing_here)));
}

async fn nothing_here(visitor: super::Visitor) -> Result<actix_web::HttpResponse, Problem> {
    // Known or not: what is not there leads to the log-in first, so that nobody can tell pages apart from outside.
    drop(visitor);
    Err(PartiesError::NotFound.into())
}
