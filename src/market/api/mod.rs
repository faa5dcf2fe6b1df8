//! The market over HTTP. What an agency is shown of a listing is the card alone: no case, no creditor, no count of rivals.

pub mod complaints;
pub mod engagements;
pub mod fit;
pub mod frameworks;
pub mod listings;
pub mod lots;
pub mod mandates;
pub mod offers;
pub mod pools;
pub mod qualification;
pub mod questions;
pub mod saved_searches;
pub mod scores;

use utoipa::OpenApi;

use super::{card::Card, price::Price, summary::WorkSummary};

/// What `routes.rs` nests into the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(
        listings::list_on_market, listings::take_off_market, listings::list_market, listings::show_listing, listings::take_case_now, lots::list_lot, lots::show_lot,
        pools::join_pool, pools::show_pooling, pools::leave_pool,
        qualification::show_scope, qualification::put_scope, qualification::show_qualification, qualification::show_settings,
        qualification::put_settings, qualification::list_market_agencies, qualification::list_listed, qualification::put_standing,
        qualification::drop_from_list, questions::ask, questions::reply, questions::list_questions, saved_searches::list_saved_searches, saved_searches::save, saved_searches::forget, saved_searches::run,
        offers::make_offer, offers::withdraw, offers::list_offers, offers::list_case_offers, offers::award_case,
        mandates::list_mandates, mandates::show_mandate, mandates::download_mandate, mandates::sign, mandates::refuse,
        frameworks::draw_up_framework, frameworks::list_frameworks, frameworks::show_framework, frameworks::download_framework,
        frameworks::sign_framework, frameworks::end_framework,
        engagements::list_case_engagements, engagements::give_case_back, engagements::take_case_back,
        complaints::file, complaints::list_complaints, complaints::show_complaint, complaints::answer_to, complaints::withdraw_complaint,
        complaints::decide_complaint, scores::list_scores, scores::rate, scores::appeal, scores::list_appeals, scores::decide_appeal,
        fit::preview_case
    ),
    components(schemas(Card, Price, WorkSummary)),
    tags((name = "market", description = "Listings, sealed offers, awards, mandates and engagements"))
)]
pub struct Docs;
