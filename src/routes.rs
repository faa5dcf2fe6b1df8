//! The whole API on one screen.

mod description;

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig, delete, get, post, put},
};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_swagger_ui::SwaggerUi;

use self::description::HouseRules;
use crate::{
    bank, cases, clock, credit, health,
    http::{self, problem::ProblemBody},
    insight, market, notices, pages, parties, payments, portal, receivables, recovery, settlement, uploads,
};

/// What `openapi/entente.yaml` is written from.
#[derive(OpenApi)]
#[openapi(
    info(title = "Entente", description = "A marketplace for unpaid invoices that keeps the customer. Every refusal is `application/problem+json`; `/api/docs/problems` explains each code."),
    components(schemas(ProblemBody)),
    nest((path = "/api/v1", api = clock::Docs), (path = "/api/v1", api = parties::api::Docs),
         (path = "/api/v1", api = receivables::api::Docs), (path = "/api/v1", api = receivables::enforcement_api::Docs),
         (path = "/api/v1", api = receivables::customers_api::Docs), (path = "/api/v1", api = receivables::profile_defaults::Docs),
         (path = "/api/v1", api = uploads::api::Docs), (path = "/api/v1", api = cases::api::Docs),
         (path = "/api/v1", api = cases::answers_api::Docs), (path = "/api/v1", api = cases::settlements_api::Docs),
         (path = "/api/v1", api = cases::file_api::Docs), (path = "/api/v1", api = cases::credits_api::Docs),
         (path = "/api/v1", api = market::api::Docs), (path = "/api/v1", api = recovery::api::Docs),
         (path = "/api/v1", api = recovery::strategies_api::Docs), (path = "/api/v1", api = payments::api::Docs),
         (path = "/api/v1", api = payments::stripe::api::Docs),
         (path = "/api/v1", api = bank::api::Docs), (path = "/api/v1", api = bank::reconciliation::api::Docs),
         (path = "/api/v1", api = settlement::api::Docs), (path = "/api/v1", api = settlement::batches::api::Docs),
         (path = "/api/v1", api = settlement::invoices::api::Docs), (path = "/api/v1", api = recovery::inbound_api::Docs),
         (path = "/api/v1", api = recovery::addresses_api::Docs), (path = "/api/v1", api = recovery::opt_outs_api::Docs), (path = "/api/v1", api = recovery::letters_api::Docs), (path = "/api/v1", api = recovery::wordings_api::Docs), (path = "/api/v1", api = recovery::letterheads_api::Docs),
         (path = "/api/v1", api = recovery::work_api::Docs), (path = "/api/v1", api = recovery::approvals::Docs),
         (path = "/api/v1", api = credit::api::Docs), (path = "/api/v1", api = insight::api::Docs),
         (path = "/api/v1", api = notices::api::Docs), (path = "/api/v1", api = notices::alerts::api::Docs),
         (path = "/api/v1", api = notices::alerts::webhook_api::Docs)),
    modifiers(&Bearer, &HouseRules),
    security(("bearer" = [])),
    tags((name = "clock", description = "A clock that demonstrations and tests may move"))
)]
struct Api;

/// Access tokens and API keys travel the same way.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An access token of POST /sessions, or an API key"));
        api.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(scheme.build()));
    }
}

/// The API's description, whole.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header(("Location", "/api/docs/")).finish()
}

#[rustfmt::skip]
pub fn configure(config: &mut ServiceConfig) {
    config
        .app_data(cases::pages::form_config())
        .route("/", get().to(pages::index))
        .route("/assets/entente.css", get().to(pages::stylesheet))
        .route("/d/{token}", get().to(cases::pages::show))
        .route("/d/{token}/promise", post().to(cases::pages::promise))
        .route("/d/{token}/plan", post().to(cases::pages::agree_plan))
        .route("/d/{token}/circumstance", post().to(cases::pages::state_circumstance))
        .route("/d/{token}/objection", post().to(cases::pages::object))
        .route("/d/{token}/evidence", post().to(cases::pages::give_evidence))
        .route("/d/{token}/settlement", post().to(cases::pages::ask_for_settlement))
        .route("/d/{token}/settlement/answer", post().to(cases::pages::answer_settlement))
        .route("/d/{token}/complaint", get().to(market::complaint_page::show))
        .route("/d/{token}/complaint", post().to(market::complaint_page::complain))
        .route("/d/{token}/rating", get().to(market::rating_page::show))
        .route("/d/{token}/rating", post().to(market::rating_page::rate))
        .route("/d/{token}/channels", get().to(recovery::opt_out_page::show))
        .route("/d/{token}/channels", post().to(recovery::opt_out_page::choose))
        .route("/d/{token}/unsubscribe/{delivery_id}", get().to(recovery::opt_out_page::show_to_mail_program))
        .route("/d/{token}/unsubscribe/{delivery_id}", post().to(recovery::opt_out_page::unsubscribe))
        .route("/d/{token}/checkout", post().to(payments::stripe::pages::check_out))
        .route("/d/{token}/checkout/{checkout_id}", get().to(payments::stripe::pages::come_back))
        .route("/d/{token}/receipts/{payment_id}", get().to(payments::pages::show_receipt))
        .route("/webhooks/stripe", post().to(payments::stripe::api::take_webhook))
        .configure(portal::routes::configure)
        .route("/health/live", get().to(health::live))
        .route("/health/ready", get().to(health::ready))
        .route("/metrics", get().to(health::metrics))
        .service(web::scope("/api/v1")
            .route("/clock", get().to(clock::show))
            .route("/clock", put().to(clock::set))
            .route("/sign-up", post().to(parties::api::sign_up))
            .route("/me", get().to(parties::api::me))
            .route("/sessions", post().to(parties::api::sessions::log_in))
            .route("/sessions", delete().to(parties::api::sessions::log_out))
            .route("/sessions/refreshment", post().to(parties::api::sessions::refresh_session))
            .route("/sessions/proof", post().to(parties::api::proof::show_proof))
            .route("/account-change", get().to(parties::api::account_changes::show_account_change))
            .route("/account-change", post().to(parties::api::account_changes::ask_for_account))
            .route("/account-change/confirmation", post().to(parties::api::account_changes::confirm_account))
            .route("/account-change/cancellation", post().to(parties::api::account_changes::cancel_account_change))
            .route("/members", get().to(parties::api::members::list_members))
            .route("/members", post().to(parties::api::members::add_member))
            .route("/api-keys", get().to(parties::api::keys::list_api_keys))
            .route("/api-keys", post().to(parties::api::keys::create_api_key))
            .route("/api-keys/{id}", delete().to(parties::api::keys::revoke_api_key))
            .route("/agency/credentials", get().to(parties::api::credentials::list_own_credentials))
            .route("/agency/credentials", post().to(parties::api::credentials::submit_credential))
            .route("/operator/credentials", get().to(parties::api::credentials::list_credentials))
            .route("/operator/credentials/{id}/decision", post().to(parties::api::credentials::decide_credential))

            .route("/debtors", get().to(receivables::api::list_debtors))
            .route("/debtors", post().to(receivables::api::post_debtor))
            .route("/debtors/{id}", get().to(receivables::api::show_debtor))
            .route("/debtors/{id}/profile", get().to(receivables::api::show_profile))
            .route("/debtors/{id}/profile", put().to(receivables::api::put_profile))
            .route("/profile-defaults", get().to(receivables::profile_defaults::list_class_profiles))
            .route("/profile-defaults/{debtor_kind}", put().to(receivables::profile_defaults::put_class_profile))
            .route("/debtors/{id}/locale", put().to(receivables::customers_api::put_locale))
            .route("/debtors/{id}/parent", put().to(receivables::customers_api::put_parent))
            .route("/debtors/{id}/group", get().to(receivables::customers_api::show_group))
            .route("/debtors/{id}/events", get().to(receivables::customers_api::list_customer_events))
            .route("/debtors/{id}/contacts", get().to(receivables::customers_api::list_customer_contacts))
            .route("/debtors/{id}/contacts", post().to(receivables::customers_api::post_contact))
            .route("/contacts/{id}", put().to(receivables::customers_api::put_contact))
            .route("/contacts/{id}", delete().to(receivables::customers_api::delete_contact))
            .route("/debtor-matches", get().to(receivables::customers_api::list_debtor_matches))
            .route("/debtor-matches/{id}/decision", post().to(receivables::customers_api::decide_debtor_match))
            .route("/receivables", get().to(receivables::api::list_receivables))
            .route("/receivables", post().to(receivables::api::post_receivables))
            .route("/receivables/template.csv", get().to(receivables::api::show_template))
            .route("/receivables/mapping", get().to(uploads::api::show_mapping))
            .route("/receivables/mapping", put().to(uploads::api::put_mapping))
            .route("/receivables/uploads", get().to(uploads::api::list_uploads))
            .route("/receivables/uploads", post().to(uploads::api::upload_receivables))
            .route("/receivables/uploads/{id}", get().to(uploads::api::show_upload))
            .route("/receivables/uploads/{id}", delete().to(uploads::api::cancel_upload))
            .route("/receivables/uploads/{id}/files", get().to(uploads::api::list_upload_files))
            .route("/receivables/uploads/{id}/events", get().to(uploads::api::follow_upload))
            .route("/receivables/uploads/{id}/result.csv", get().to(uploads::api::download_result))
            .route("/receivables/uploads/{id}/commitment", post().to(uploads::api::commit_upload))
            .route("/receivables/{id}", get().to(receivables::api::show_receivable))
            .route("/receivables/{id}/limitation", get().to(receivables::enforcement_api::show_enforceability))
            .route("/receivables/{id}/interruptions", post().to(receivables::enforcement_api::record_interruption))
            .route("/receivables/{id}/documents", get().to(receivables::api::list_evidence))
            .route("/receivables/{id}/documents", post().to(receivables::api::post_evidence))
            .route("/receivables/{id}/credit-notes", get().to(cases::credits_api::list_credit_notes))
            .route("/receivables/{id}/credit-notes", post().to(cases::credits_api::post_credit_note))
            .route("/credit-notes/{id}/cancellation", post().to(cases::credits_api::cancel_credit_note))
            .route("/claims/calculation", post().to(receivables::api::calculate_claim))
            .route("/documents/{id}", get().to(receivables::api::download_document))

            .route("/cases", get().to(cases::api::list_cases))
            .route("/cases", post().to(cases::api::post_case))
            .route("/cases/preview", post().to(market::api::fit::preview_case))
            .route("/cases/{case_id}", get().to(cases::api::show_case))
            .route("/cases/{case_id}/start", post().to(cases::api::start_case))
            .route("/cases/{case_id}/closure", post().to(cases::api::close_case))
            .route("/cases/{case_id}/claim", get().to(cases::api::show_claim))
            .route("/cases/{case_id}/events", get().to(cases::api::list_case_events))
            .route("/cases/{case_id}/file", get().to(cases::file_api::show_case_file))
            .route("/cases/{case_id}/bad-debt.zip", get().to(cases::file_api::download_bad_debt))
            .route("/cases/{case_id}/file.pdf", get().to(cases::file_api::print_case_file))
            .route("/cases/{case_id}/notes", post().to(cases::api::add_case_note))
            .route("/cases/{case_id}/holds", post().to(cases::api::place_case_hold))
            .route("/cases/{case_id}/holds/{hold_id}", delete().to(cases::api::release_case_hold))
            .route("/cases/{case_id}/promises", post().to(cases::api::promise_payment))
            .route("/plan-policy", get().to(cases::answers_api::show_plan_policy))
            .route("/plan-policy", put().to(cases::answers_api::put_plan_policy))
            .route("/cases/{case_id}/plans", get().to(cases::answers_api::list_case_plans))
            .route("/cases/{case_id}/plans", post().to(cases::answers_api::agree_case_plan))
            .route("/settlement-policy", get().to(cases::settlements_api::show_settlement_policy))
            .route("/settlement-policy", put().to(cases::settlements_api::put_settlement_policy))
            .route("/cases/{case_id}/settlements", get().to(cases::settlements_api::list_case_settlements))
            .route("/cases/{case_id}/settlements", post().to(cases::settlements_api::propose_settlement))
            .route("/settlements/{settlement_id}/answer", post().to(cases::settlements_api::answer_settlement))
            .route("/cases/{case_id}/suggested-terms", get().to(cases::answers_api::show_suggested_terms))
            .route("/cases/{case_id}/circumstances", post().to(cases::answers_api::state_circumstance))
            .route("/cases/{case_id}/opt-outs", get().to(recovery::opt_outs_api::list_opt_outs))
            .route("/cases/{case_id}/opt-outs", post().to(recovery::opt_outs_api::note_opt_out))
            .route("/cases/{case_id}/disputes", get().to(cases::api::list_case_disputes))
            .route("/cases/{case_id}/disputes", post().to(cases::api::open_case_dispute))
            .route("/disputes/{dispute_id}/evidence", post().to(cases::api::give_dispute_evidence))
            .route("/disputes/{dispute_id}/resolution", post().to(cases::api::resolve_case_dispute))

            .route("/cases/{case_id}/listing", post().to(market::api::listings::list_on_market))
            .route("/cases/{case_id}/listing", delete().to(market::api::listings::take_off_market))
            .route("/cases/{case_id}/pooling", get().to(market::api::pools::show_pooling))
            .route("/cases/{case_id}/pooling", post().to(market::api::pools::join_pool))
            .route("/cases/{case_id}/pooling", delete().to(market::api::pools::leave_pool))
            .route("/listings", get().to(market::api::listings::list_market))
            .route("/listings/{listing_id}", get().to(market::api::listings::show_listing))
            .route("/lots", post().to(market::api::lots::list_lot))
            .route("/lots/{lot_id}", get().to(market::api::lots::show_lot))
            .route("/listings/{listing_id}/take-now", post().to(market::api::listings::take_case_now))
            .route("/listings/{listing_id}/offers", post().to(market::api::offers::make_offer))
            .route("/listings/{listing_id}/questions", get().to(market::api::questions::list_questions))
            .route("/listings/{listing_id}/questions", post().to(market::api::questions::ask))
            .route("/questions/{question_id}/answer", post().to(market::api::questions::reply))
            .route("/listings/{listing_id}/qualification", get().to(market::api::qualification::show_qualification))
            .route("/agency/scope", get().to(market::api::qualification::show_scope))
            .route("/agency/scope", put().to(market::api::qualification::put_scope))
            .route("/market-settings", get().to(market::api::qualification::show_settings))
            .route("/market-settings", put().to(market::api::qualification::put_settings))
            .route("/agencies", get().to(market::api::qualification::list_market_agencies))
            .route("/agencies/{agency_id}/scores", get().to(market::api::scores::list_scores))
            .route("/agency-list", get().to(market::api::qualification::list_listed))
            .route("/agency-list/{agency_id}", put().to(market::api::qualification::put_standing))
            .route("/agency-list/{agency_id}", delete().to(market::api::qualification::drop_from_list))
            .route("/saved-searches", get().to(market::api::saved_searches::list_saved_searches))
            .route("/saved-searches", post().to(market::api::saved_searches::save))
            .route("/saved-searches/{search_id}", delete().to(market::api::saved_searches::forget))
            .route("/saved-searches/{search_id}/listings", get().to(market::api::saved_searches::run))
            .route("/offers", get().to(market::api::offers::list_offers))
            .route("/offers/{offer_id}", delete().to(market::api::offers::withdraw))
            .route("/cases/{case_id}/offers", get().to(market::api::offers::list_case_offers))
            .route("/cases/{case_id}/award", post().to(market::api::offers::award_case))
            .route("/mandates", get().to(market::api::mandates::list_mandates))
            .route("/mandates/{mandate_id}", get().to(market::api::mandates::show_mandate))
            .route("/mandates/{mandate_id}/document", get().to(market::api::mandates::download_mandate))
            .route("/mandates/{mandate_id}/signature", post().to(market::api::mandates::sign))
            .route("/mandates/{mandate_id}/refusal", post().to(market::api::mandates::refuse))
            .route("/framework-mandates", get().to(market::api::frameworks::list_frameworks))
            .route("/framework-mandates", post().to(market::api::frameworks::draw_up_framework))
            .route("/framework-mandates/{framework_id}", get().to(market::api::frameworks::show_framework))
            .route("/framework-mandates/{framework_id}/document", get().to(market::api::frameworks::download_framework))
            .route("/framework-mandates/{framework_id}/signature", post().to(market::api::frameworks::sign_framework))
            .route("/framework-mandates/{framework_id}/end", post().to(market::api::frameworks::end_framework))
            .route("/cases/{case_id}/engagements", get().to(market::api::engagements::list_case_engagements))
            .route("/cases/{case_id}/return", post().to(market::api::engagements::give_case_back))
            .route("/cases/{case_id}/recall", post().to(market::api::engagements::take_case_back))
            .route("/engagements/{engagement_id}/rating", post().to(market::api::scores::rate))
            .route("/score-appeals", get().to(market::api::scores::list_appeals))
            .route("/score-appeals", post().to(market::api::scores::appeal))
            .route("/operator/score-appeals/{appeal_id}/decision", post().to(market::api::scores::decide_appeal))
            .route("/cases/{case_id}/complaints", post().to(market::api::complaints::file))
            .route("/complaints", get().to(market::api::complaints::list_complaints))
            .route("/complaints/{complaint_id}", get().to(market::api::complaints::show_complaint))
            .route("/complaints/{complaint_id}/answer", post().to(market::api::complaints::answer_to))
            .route("/complaints/{complaint_id}/withdrawal", post().to(market::api::complaints::withdraw_complaint))
            .route("/operator/complaints/{complaint_id}/decision", post().to(market::api::complaints::decide_complaint))

            .route("/wordings", get().to(recovery::wordings_api::list_wordings))
            .route("/wordings/{template}/{language}/{tone}", get().to(recovery::wordings_api::show_wording))
            .route("/wordings/{template}/{language}/{tone}", put().to(recovery::wordings_api::put_wording))
            .route("/wordings/{template}/{language}/{tone}", delete().to(recovery::wordings_api::withdraw_wording))
            .route("/wordings/{template}/{language}/{tone}/preview", post().to(recovery::wordings_api::preview_wording))
            .route("/letterhead", get().to(recovery::letterheads_api::show_letterhead))
            .route("/letterhead", put().to(recovery::letterheads_api::put_letterhead))
            .route("/letterhead/logo", put().to(recovery::letterheads_api::put_letterhead_logo))
            .route("/letterhead/logo", delete().to(recovery::letterheads_api::remove_letterhead_logo))
            .route("/letters", get().to(recovery::letters_api::list_letters))
            .route("/letters/{delivery_id}/posting", post().to(recovery::letters_api::post_letter))
            .route("/letters/{delivery_id}/return", post().to(recovery::letters_api::return_letter))
            .route("/letter-bundles", get().to(recovery::letters_api::list_letter_bundles))
            .route("/letter-bundles", post().to(recovery::letters_api::bundle_letters))
            .route("/letter-bundles/{bundle_id}", get().to(recovery::letters_api::show_letter_bundle))
            .route("/letter-bundles/{bundle_id}/letters.pdf", get().to(recovery::letters_api::print_letter_bundle))
            .route("/letter-bundles/{bundle_id}/addresses.csv", get().to(recovery::letters_api::list_letter_addresses))
            .route("/letter-bundles/{bundle_id}/posting", post().to(recovery::letters_api::post_letter_bundle))
            .route("/letter-settings", get().to(recovery::letters_api::show_letter_settings))
            .route("/letter-settings", put().to(recovery::letters_api::put_letter_settings))
            .route("/inbound/mail", post().to(recovery::inbound_api::take_mail_in))
            .route("/inbound/sms", post().to(recovery::inbound_api::take_text_in))
            .route("/inbound/sms-reports/{delivery_id}", post().to(recovery::inbound_api::take_text_report))
            .route("/debtors/{id}/unreachable-addresses", get().to(recovery::addresses_api::list_unreachable_addresses))
            .route("/unreachable-addresses/{address_id}", delete().to(recovery::addresses_api::clear_unreachable_address))
            .route("/cases/{case_id}/replies", get().to(recovery::inbound_api::list_case_replies))
            .route("/strategies", get().to(recovery::strategies_api::list_strategies))
            .route("/strategies", post().to(recovery::strategies_api::write_strategy))
            .route("/strategies/{strategy_id}", get().to(recovery::strategies_api::show_strategy))
            .route("/strategies/{strategy_id}/publication", post().to(recovery::strategies_api::publish_strategy))
            .route("/strategies/{strategy_id}/dry-run", post().to(recovery::strategies_api::rehearse_strategy))
            .route("/strategies/{strategy_id}/back-test", post().to(recovery::strategies_api::back_test_strategy))
            .route("/strategy-assignments", get().to(recovery::strategies_api::list_strategy_assignments))
            .route("/strategy-assignments", post().to(recovery::strategies_api::assign_strategy))
            .route("/strategy-assignments/{assignment_id}", delete().to(recovery::strategies_api::withdraw_strategy_assignment))
            .route("/cases/{case_id}/strategy", get().to(recovery::strategies_api::show_case_strategy))
            .route("/cases/{case_id}/strategy", post().to(recovery::strategies_api::move_case_to_strategy))
            .route("/cases/{case_id}/actions", get().to(recovery::api::list_case_actions))
            .route("/cases/{case_id}/deliveries", get().to(recovery::api::list_case_deliveries))
            .route("/deliveries/{delivery_id}/document", get().to(recovery::api::download_letter))
            .route("/work", get().to(recovery::work_api::list_work))
            .route("/workload", get().to(recovery::work_api::show_workload))
            .route("/work-moves", post().to(recovery::work_api::move_work))
            .route("/cases/{case_id}/handler", get().to(recovery::work_api::show_case_handler))
            .route("/cases/{case_id}/handler", put().to(recovery::work_api::put_case_handler))
            .route("/cases/{case_id}/tasks", post().to(recovery::work_api::give_task))
            .route("/cases/{case_id}/private-notes", get().to(recovery::work_api::list_private_notes))
            .route("/cases/{case_id}/private-notes", post().to(recovery::work_api::add_private_note))
            .route("/absences", get().to(recovery::work_api::list_absences))
            .route("/absences", post().to(recovery::work_api::add_absence))
            .route("/absences/{absence_id}", delete().to(recovery::work_api::remove_absence))
            .route("/approvals", get().to(recovery::approvals::list_approvals))
            .route("/tasks", get().to(recovery::api::list_tasks))
            .route("/tasks/{task_id}/letter.pdf", get().to(recovery::approvals::print_awaited_letter))
            .route("/tasks/{task_id}/completion", post().to(recovery::api::complete_task))

            .route("/cases/{case_id}/payments", post().to(payments::api::declare_payment))
            .route("/payments", get().to(payments::api::list_payments))
            .route("/payments/{payment_id}", get().to(payments::api::show_payment))
            .route("/payments/{payment_id}/receipt.pdf", get().to(payments::api::print_receipt))
            .route("/payments/{payment_id}/confirmation", post().to(payments::api::confirm_payment))
            .route("/payments/{payment_id}/contest", post().to(payments::api::contest_payment))
            .route("/payments/{payment_id}/reversal", post().to(payments::api::reverse_payment))
            .route("/operator/payments/{payment_id}/decision", post().to(payments::api::decide_payment))
            .route("/operator/payments/{payment_id}/refund", post().to(payments::stripe::api::refund_payment))
            .route("/connected-account", get().to(payments::stripe::api::show_connected_account))
            .route("/connected-account/onboarding", post().to(payments::stripe::api::start_onboarding))
            .route("/bank-statements", get().to(bank::api::list_bank_statements))
            .route("/bank-statements", post().to(bank::api::import_statement))
            .route("/operator/reconciliation", get().to(bank::reconciliation::api::show_reconciliation))
            .route("/operator/reconciliation", post().to(bank::reconciliation::api::run_reconciliation))
            .route("/bank-entries", get().to(bank::api::list_bank_entries))
            .route("/bank-entries/{bank_entry_id}", get().to(bank::api::show_bank_entry))
            .route("/bank-entries/{bank_entry_id}/match", post().to(bank::api::match_entry))
            .route("/bank-entries/{bank_entry_id}/dismissal", post().to(bank::api::dismiss_entry))
            .route("/payouts", get().to(settlement::api::list_payouts))
            .route("/payouts/{payout_id}/remittance", post().to(payments::api::remit_payout))
            .route("/payout-preference", get().to(settlement::api::show_payout_preference))
            .route("/payout-preference", put().to(settlement::api::put_payout_preference))
            .route("/payouts/{payout_id}/return", post().to(payments::api::return_payout))
            .route("/payout-status-reports", post().to(bank::api::import_status_report))
            .route("/payout-batches", get().to(settlement::batches::api::list_payout_batches))
            .route("/payout-batches", post().to(settlement::batches::api::prepare_payout_batch))
            .route("/payout-batches/{batch_id}", get().to(settlement::batches::api::show_payout_batch))
            .route("/payout-batches/{batch_id}/approval", post().to(settlement::batches::api::approve_payout_batch))
            .route("/payout-batches/{batch_id}/cancellation", post().to(settlement::batches::api::cancel_payout_batch))
            .route("/payout-batches/{batch_id}/pain.001", get().to(settlement::batches::api::download_pain001))
            .route("/fees", get().to(settlement::api::list_fees))
            .route("/fee-invoices", get().to(settlement::invoices::api::list_fee_invoices))
            .route("/fee-invoices/{fee_invoice_id}", get().to(settlement::invoices::api::show_fee_invoice))
            .route("/fee-invoices/{fee_invoice_id}/invoice.pdf", get().to(settlement::invoices::api::print_fee_invoice))
            .route("/fee-invoices/{fee_invoice_id}/invoice.xml", get().to(settlement::invoices::api::download_fee_invoice))
            .route("/statement.pdf", get().to(settlement::api::print_statement))
            .route("/statement.csv", get().to(settlement::api::download_statement))
            .route("/statement", get().to(settlement::api::show_statement))

            .route("/debtors/{id}/overview", get().to(insight::api::show_overview))
            .route("/debtors/{id}/score", get().to(credit::api::show_score))
            .route("/debtors/{id}/scores", get().to(credit::api::list_past_scores))
            .route("/debtors/{id}/credit-limit", get().to(credit::api::show_credit_limit))
            .route("/debtors/{id}/credit-limit", put().to(credit::api::put_credit_limit))
            .route("/reports/{report}", get().to(insight::api::show_report))
            .route("/reports/{report}/table.csv", get().to(insight::api::download_report))
            .route("/provision-policy", get().to(insight::api::show_provision_policy))
            .route("/provision-policy", put().to(insight::api::put_provision_policy))

            .route("/notifications/reading", post().to(notices::api::read_all_notifications))
            .route("/treasury-report", get().to(insight::api::show_treasury_report))
            .route("/me/treasury-mail", get().to(insight::api::show_treasury_mail))
            .route("/me/treasury-mail", put().to(insight::api::put_treasury_mail))
            .route("/me/notice-digest", get().to(notices::api::show_notice_digest))
            .route("/me/notice-digest", put().to(notices::api::put_notice_digest))
            .route("/alert-rules", get().to(notices::alerts::api::list_alert_rules))
            .route("/alert-rules", post().to(notices::alerts::api::add_alert_rule))
            .route("/alert-rules/{rule_id}", delete().to(notices::alerts::api::remove_alert_rule))
            .route("/alerts", get().to(notices::alerts::api::list_alerts))
            .route("/alert-webhook", get().to(notices::alerts::webhook_api::show_alert_webhook))
            .route("/alert-webhook", put().to(notices::alerts::webhook_api::put_alert_webhook))
            .route("/alert-webhook", delete().to(notices::alerts::webhook_api::remove_alert_webhook))
            .route("/alerts/{alert_id}/reading", post().to(notices::alerts::api::read_alert))
            .route("/notifications", get().to(notices::api::list_notifications))
            .route("/notifications/{notification_id}/reading", post().to(notices::api::read_notification))
        )
        .route("/api/docs", get().to(to_docs))
        .route("/api/docs/problems", get().to(http::docs::problems))
        .service(SwaggerUi::new("/api/docs/{_:.*}").url("/api/openapi.json", openapi()))
        .default_service(web::to(pages::nothing_here));
}
