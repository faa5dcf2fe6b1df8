//! Texts that are read before they are sent: a creditor's own, and those of an agency in its name.

use serde_json::{Value, json};

use super::{Posted, engage, nothing_is_forgotten, outbox, posted};
use crate::support::{Client, World};

async fn queue(client: &Client) -> Vec<Value> {
    client.get("/api/v1/approvals").await.expect(200)["data"].as_array().unwrap().clone()
}

fn completion(awaited: &Value) -> String {
    format!("/api/v1/tasks/{}/completion", awaited["task_id"].as_str().unwrap())
}

async fn says(client: &Client, awaited: &Value, result: &str) {
    let note = (result == "declined").then_some("they are about to order");
    client.post(&completion(awaited), &json!({ "result": result, "note": note })).await.expect(200);
}

async fn told(client: &Client, kind: &str) -> Vec<Value> {
    let all = client.get("/api/v1/notifications").await.expect(200)["data"].as_array().unwrap().clone();
    all.into_iter().filter(|told| told["kind"] == kind).collect()
}

/// Day by day until something waits for a yes.
async fn next_awaited(world: &World, client: &Client) -> Value {
    for _ in 0..30 {
        world.pass(chrono::TimeDelta::days(1)).await;
        nothing_is_forgotten(world).await;
        if let Some(awaited) = queue(client).await.pop() {
            return awaited;
        }
    }
    panic!("nothing waits");
}

/// A case whose creditor reads every text, in an agency's hands.
async fn read_by_creditor(world: &World) -> (Posted, Client) {
    let operator = world.operator().await;
    let (creditor, agency) = (world.creditor(1).await, world.agency(2, &operator).await);
    let case = posted(&creditor, 1, 11).await;
    case.set_profile(|profile| profile["approves_texts"] = json!(true)).await;
    engage(world, case.id, &agency).await;
    (case, agency)
}

#[actix_web::test]
async fn an_agencys_words_wait_for_the_creditors_yes() {
    let world = World::new().await;
    let (case, agency) = read_by_creditor(&world).await;
    world.work().await;
    let [awaited] = queue(&case.creditor).await.try_into().unwrap();
    assert_eq!(
        (&awaited["written_by"], &awaited["template"], &awaited["language"]),
        (&json!("AGENCY 2 SL"), &json!("reminder"), &json!("es"))
    );
    let words = awaited["words"]["text"].as_str().unwrap();
    assert!(words.contains("AGENCY 2 SL") && words.contains("F-1"), "{words}");
    assert_eq!((outbox(&world.app).len(), told(&case.creditor, "task_opened").await.len()), (0, 1));
    // The agency knows that it waits, and cannot answer in the creditor's place.
    assert_eq!(queue(&agency).await, Vec::<Value>::new());
    assert_eq!(agency.get("/api/v1/tasks?status=open").await.expect(200)["data"], json!([]));
    agency.post(&completion(&awaited), &json!({ "result": "approved" })).await.problem(404, "not-found");
    world.creditor(3).await.post(&completion(&awaited), &json!({ "result": "approved" })).await.problem(404, "not-found");
    let listed = case.creditor.get("/api/v1/work?list=due&member=all").await.expect(200)["data"].clone();
    assert_eq!(listed[0]["why"], "creditor_approval");

    says(&case.creditor, &awaited, "approved").await;
    world.work().await;
    assert_eq!((outbox(&world.app).len(), &case.deliveries().await[0]["body"]), (1, &json!(words)), "and that is what was said");

    let second = next_awaited(&world, &case.creditor).await;
    assert_eq!(second["template"], "second_reminder");
    says(&case.creditor, &second, "declined").await;
    world.work().await;
    assert_eq!(case.actions().await[1]["rule"], "approval.declined");
    let no = told(&agency, "task_done").await;
    assert_eq!((no.len(), &no[0]["data"]["event"]["note"]), (1, &json!("they are about to order")));
    world.finish().await;
}

#[actix_web::test]
async fn a_letter_is_read_as_it_would_be_drawn() {
    let world = World::new().await;
    let (case, agency) = read_by_creditor(&world).await;
    world.work().await;
    let mut awaited = queue(&case.creditor).await.pop().unwrap();
    let letter = |awaited: &Value| format!("/api/v1/tasks/{}/letter.pdf", awaited["task_id"].as_str().unwrap());
    case.creditor.get(&letter(&awaited)).await.problem(409, "wrong-state");
    while awaited["channel"] != "letter" {
        says(&case.creditor, &awaited, "approved").await;
        awaited = next_awaited(&world, &case.creditor).await;
    }
    assert_eq!((&awaited["words"], &awaited["cannot_be_worded"]), (&Value::Null, &Value::Null));
    let drawn = case.creditor.get(&letter(&awaited)).await;
    assert_eq!((drawn.status.as_u16(), drawn.header("content-type")), (200, "application/pdf"));
    assert!(drawn.bytes.starts_with(b"%PDF-"));
    world.stranger().get(&letter(&awaited)).await.problem(401, "unauthenticated");
    for other in [&world.creditor(3).await, &agency] {
        other.get(&letter(&awaited)).await.problem(404, "not-found");
    }
    assert!(case.deliveries().await.iter().all(|delivery| delivery["channel"] != "letter"), "looking sends nothing");
    says(&case.creditor, &awaited, "approved").await;
    world.work().await;
    assert!(case.deliveries().await.iter().any(|delivery| delivery["channel"] == "letter"));
    world.finish().await;
}

#[actix_web::test]
async fn a_creditor_reads_its_own_words_too() {
    let world = World::new().await;
    let own = posted(&world.creditor(1).await, 1, 11).await;
    own.set_profile(|profile| profile["approves_texts"] = json!(true)).await;
    world.work().await;
    let [awaited] = queue(&own.creditor).await.try_into().unwrap();
    assert_eq!(awaited["written_by"], "CREDITOR 1 SL");
    let task = own.creditor.get("/api/v1/tasks?status=open").await.expect(200)["data"][0].clone();
    assert_eq!(task["reason"], "approval_needed");
    says(&own.creditor, &awaited, "approved").await;
    world.work().await;
    assert_eq!(outbox(&world.app).len(), 1);
    world.finish().await;
}

#[actix_web::test]
async fn what_waited_for_the_creditor_ends_when_the_agency_loses_the_case() {
    let world = World::new().await;
    let (case, _) = read_by_creditor(&world).await;
    world.work().await;
    let [awaited] = queue(&case.creditor).await.try_into().unwrap();
    super::command(&world, case.id, entente::cases::Command::Return, entente::cases::EventKind::Returned).await;
    assert_eq!(queue(&case.creditor).await, Vec::<Value>::new());
    case.creditor.post(&completion(&awaited), &json!({ "result": "approved" })).await.problem(409, "wrong-state");
    world.finish().await;
}
