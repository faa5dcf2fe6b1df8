//! What holds for every operation and is therefore said once, over the description that the handlers give of themselves:
//! the refusals anybody may meet, how a POST is repeated and tried out, and where one answer leads to the next question.

use std::collections::BTreeMap;

use actix_web::http::Method;
use utoipa::{
    Modify,
    openapi::{
        Content, ObjectBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder, Type,
        link::LinkBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
    },
};

use crate::http::Code;

/// Completes the description of every operation.
pub(super) struct HouseRules;

/// POSTs that change nothing for later, or whose answers carry tokens: neither repeated by a key nor tried out.
const WITHOUT_ENVELOPE: [&str; 10] = [
    "/api/v1/cases/preview",
    "/api/v1/claims/calculation",
    "/api/v1/sessions",
    "/api/v1/sessions/refreshment",
    "/api/v1/sessions/proof",
    "/api/v1/inbound/mail",
    "/api/v1/inbound/sms",
    "/api/v1/strategies/{strategy_id}/back-test",
    "/api/v1/strategies/{strategy_id}/dry-run",
    "/api/v1/inbound/sms-reports/{delivery_id}",
];

/// Where the answer to one operation leads: operation, status, the next operation, its parameter, and where its value stands.
const LINKS: &[(&str, &str, &str, &str, &str)] = &[
    ("post_receivables", "200", "show_receivable", "id", "/rows/0/receivable_id"),
    ("upload_receivables", "200", "show_receivable", "id", "/rows/0/receivable_id"),
    ("post_debtor", "201", "show_debtor", "id", "/id"),
    ("post_debtor", "201", "show_profile", "id", "/id"),
    ("post_case", "201", "show_case", "case_id", "/id"),
    ("post_case", "201", "show_claim", "case_id", "/id"),
    ("post_case", "201", "list_case_events", "case_id", "/id"),
    ("post_case", "201", "list_on_market", "case_id", "/id"),
    ("post_case", "201", "declare_payment", "case_id", "/id"),
    ("list_on_market", "201", "show_listing", "listing_id", "/id"),
    ("list_on_market", "201", "make_offer", "listing_id", "/id"),
    ("list_on_market", "201", "take_case_now", "listing_id", "/id"),
    ("make_offer", "201", "withdraw", "offer_id", "/id"),
    ("take_case_now", "201", "show_mandate", "mandate_id", "/id"),
    ("take_case_now", "201", "sign", "mandate_id", "/id"),
    ("award_case", "201", "show_mandate", "mandate_id", "/id"),
    ("award_case", "201", "sign", "mandate_id", "/id"),
    ("declare_payment", "201", "show_payment", "payment_id", "/id"),
    ("declare_payment", "201", "confirm_payment", "payment_id", "/id"),
    ("declare_payment", "201", "contest_payment", "payment_id", "/id"),
    ("create_api_key", "201", "revoke_api_key", "id", "/id"),
    ("submit_credential", "201", "decide_credential", "id", "/id"),
];

impl Modify for HouseRules {
    fn modify(&self, api: &mut OpenApi) {
        let schemas = schema_descriptions(api);
        for (path, item) in &mut api.paths.paths {
            for (method, operation) in operations(item) {
                if method == Method::POST && !WITHOUT_ENVELOPE.contains(&path.as_str()) {
                    add_envelope(operation);
                }
                for code in refusals(&method, path, operation.security.is_some()) {
                    refuse(operation, code);
                }
                describe_responses(operation, &schemas);
                link(operation);
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let slots = [
        (Method::GET, &mut item.get),
        (Method::PUT, &mut item.put),
        (Method::POST, &mut item.post),
        (Method::DELETE, &mut item.delete),
    ];
    slots.into_iter().filter_map(|(method, slot)| Some((method, slot.as_mut()?)))
}

/// An upload tells its own dry run.
fn add_envelope(operation: &mut Operation) {
    let parameters = operation.parameters.get_or_insert_default();
    for parameter in envelope_parameters() {
        let is_there = parameters.iter().any(|known| matches!(known, RefOr::T(known) if known.name == parameter.name));
        if !is_there {
            parameters.push(RefOr::T(parameter));
        }
    }
}

fn envelope_parameters() -> [Parameter; 2] {
    let key = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255)).pattern(Some("^[ -~]+$"));
    let key = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .description(Some("The same key with the same body gets the first answer again, marked `Idempotency-Replayed: true`."))
        .schema(Some(key));
    let dry_run = ParameterBuilder::new()
        .name("dry_run")
        .parameter_in(ParameterIn::Query)
        .description(Some("`true`: answer what would happen, marked `Dry-Run: true`, and leave everything as it is."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::Boolean)));
    [key.build(), dry_run.build()]
}

/// What anybody may meet at such an address. Handlers name what is particular to them.
fn refusals(method: &Method, path: &str, is_public: bool) -> Vec<Code> {
    let mut codes = vec![Code::MalformedRequest, Code::TooManyRequests];
    if !is_public {
        codes.extend([Code::Unauthenticated, Code::Forbidden]);
    }
    if path.contains('{') {
        codes.push(Code::NotFound);
    }
    if method == Method::POST {
        codes.extend([Code::WrongState, Code::PayloadTooLarge, Code::Invalid]);
    }
    if method == Method::PUT {
        codes.push(Code::Invalid);
    }
    if method == Method::DELETE && path.contains('{') {
        codes.push(Code::WrongState);
    }
    codes
}

fn problem() -> (&'static str, Content) {
    ("application/problem+json", Content::new(Some(Ref::from_schema_name("ProblemBody"))))
}

fn refuse(operation: &mut Operation, code: Code) {
    let in_general = "It clashes with what is there, or is not possible in the present state";
    let title = if code == Code::WrongState { in_general } else { code.title() };
    let refusal = ResponseBuilder::new().description(title).build();
    operation.responses.responses.entry(code.status().as_str().to_owned()).or_insert(RefOr::T(refusal));
}

/// Every refusal has the one body there is; every answer says what it is.
fn describe_responses(operation: &mut Operation, schemas: &BTreeMap<String, String>) {
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        if status.starts_with('4') {
            let (media_type, content) = problem();
            response.content.insert(media_type.to_owned(), RefOr::T(content));
        }
        if response.description.is_empty() {
            response.description =
                what_it_is(response, schemas).unwrap_or_else(|| if status == "204" { "Done." } else { "The file." }.to_owned());
        }
    }
    let failure = ResponseBuilder::new().description("Something went wrong on our side; nothing was changed.");
    let (media_type, content) = problem();
    operation.responses.responses.entry("5XX".to_owned()).or_insert(RefOr::T(failure.content(media_type, content).build()));
}

/// What the schema of its body says of itself.
fn what_it_is(response: &Response, schemas: &BTreeMap<String, String>) -> Option<String> {
    let RefOr::T(content) = response.content.values().next()? else { return None };
    let RefOr::Ref(schema) = content.schema.as_ref()? else { return None };
    schemas.get(schema.ref_location.rsplit('/').next()?).cloned()
}

fn schema_descriptions(api: &OpenApi) -> BTreeMap<String, String> {
    let schemas = api.components.iter().flat_map(|components| &components.schemas);
    let described = schemas.filter_map(|(name, schema)| {
        let said = serde_json::to_value(schema).ok()?;
        Some((name.clone(), said.get("description")?.as_str()?.to_owned()))
    });
    described.collect()
}

fn link(operation: &mut Operation) {
    let Some(id) = operation.operation_id.clone() else { return };
    for (_, status, target, parameter, pointer) in LINKS.iter().filter(|(from, ..)| *from == id) {
        let Some(RefOr::T(response)) = operation.responses.responses.get_mut(*status) else { continue };
        let link = LinkBuilder::new().operation_id(*target).parameter(*parameter, format!("$response.body#{pointer}"));
        response.links.insert((*target).to_owned(), RefOr::T(link.build()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described() -> BTreeMap<String, Operation> {
        let mut api = super::super::openapi();
        let items = api.paths.paths.values_mut();
        items.flat_map(operations).map(|(_, operation)| (operation.operation_id.clone().unwrap(), operation.clone())).collect()
    }

    #[test]
    fn every_link_leads_from_an_answer_to_a_parameter_that_exist() {
        let operations = described();
        for (from, status, target, parameter, _) in LINKS {
            assert!(operations[*from].responses.responses.contains_key(*status), "{from} {status}");
            let parameters = operations[*target].parameters.iter().flatten();
            let named = |wanted: &RefOr<Parameter>| matches!(wanted, RefOr::T(found) if found.name == *parameter);
            assert!({ parameters }.any(named), "{target} {parameter}");
        }
    }

    #[test]
    fn every_answer_says_what_it_is() {
        for (id, operation) in described() {
            for (status, response) in operation.responses.responses {
                let RefOr::T(response) = response else { panic!("{id} {status}") };
                assert!(!response.description.is_empty(), "{id} {status}");
            }
        }
    }
}
