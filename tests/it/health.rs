//! The server lives, answers in problems, and moves its clock forward only.

use serde_json::{Value, json};

use crate::support::World;

#[actix_web::test]
async fn a_started_server_is_live_and_ready() {
    let world = World::new().await;
    let stranger = world.stranger();
    assert_eq!(stranger.get("/health/live").await.expect(200)["status"], "live");
    assert_eq!(stranger.get("/health/ready").await.expect(200)["status"], "ready");
    assert!(stranger.get("/metrics").await.text.contains("entente_jobs_due"));
    world.finish().await;
}

#[actix_web::test]
async fn what_is_not_there_is_a_problem_with_a_request_id() {
    let world = World::new().await;
    world.stranger().get("/nowhere").await.problem(404, "not-found");
    world.stranger().get("/api/v1/cases/case_nonsense").await.problem(401, "unauthenticated");
    world.finish().await;
}

#[actix_web::test]
async fn every_response_forbids_framing_and_scripts() {
    let world = World::new().await;
    let answer = world.stranger().get("/health/live").await;
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.header("content-security-policy").contains("default-src 'none'"));
    world.finish().await;
}

#[actix_web::test]
async fn an_unauthenticated_stranger_does_not_move_the_clock() {
    let world = World::new().await;
    world.stranger().put("/api/v1/clock", None, &json!({ "now": "2027-01-01T00:00:00Z" })).await.problem(401, "unauthenticated");
    world.finish().await;
}

#[test]
fn the_apis_description_in_the_repository_is_what_the_code_says() {
    let said = entente::routes::openapi().to_yaml().expect("YAML");
    if include_str!("../../openapi/entente.yaml").trim_end() != said.trim_end() {
        let fresh = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("entente.yaml");
        std::fs::write(&fresh, said).expect("a file");
        panic!("openapi/entente.yaml says otherwise: {} is what the code says; copy it over if it is meant", fresh.display());
    }
}

/// Generators of clients and testers give up on a name that leads nowhere.
#[test]
fn every_reference_of_the_description_leads_somewhere() {
    let said = serde_json::to_value(entente::routes::openapi()).expect("JSON");
    let mut references = Vec::new();
    collect(&said, &mut references);
    assert!(references.len() > 500, "the references were not found");
    let dangling: Vec<&str> = references.into_iter().filter(|to| said.pointer(to.trim_start_matches('#')).is_none()).collect();
    assert_eq!(dangling, Vec::<&str>::new());
}

fn collect<'a>(value: &'a Value, references: &mut Vec<&'a str>) {
    if let Some(to) = value.get("$ref").and_then(Value::as_str) {
        references.push(to);
    }
    let inner: Vec<&Value> = match value {
        Value::Object(fields) => fields.values().collect(),
        Value::Array(items) => items.iter().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    inner.into_iter().for_each(|inner| collect(inner, references));
}
