//! Calls and decisions: who may do them, what they come to, and what they do to the case.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Posted, days, engage, nothing_is_forgotten, outbox, posted};
use crate::support::{Client, World};

async fn open_tasks(client: &Client) -> Vec<Value> {
    client.get("/api/v1/tasks?status=open").await.expect(200)["data"].as_array().unwrap().clone()
}

fn completion(task: &Value) -> String {
    format!("/api/v1/tasks/{}/completion", task["id"].as_str().unwrap())
}

/// A case whose call is due: Monday 23 November.
async fn at_the_call(world: &World) -> (Posted, Value) {
    let case = posted(&world.creditor(1).await, 1, 11).await;
    days(world, 21).await;
    let task = open_tasks(&case.creditor).await.pop().unwrap();
    assert_eq!((task["kind"].as_str(), task["title"].as_str()), (Some("call"), Some("Call Bodegas 11 SA")));
    (case, task)
}

#[actix_web::test]
async fn after_a_conversation_a_week_passes_before_the_next_contact() {
    let world = World::new().await;
    let (case, task) = at_the_call(&world).await;
    world.pass(TimeDelta::days(3)).await;
    let said = json!({ "result": "reached", "note": "will look for the invoice" });
    let done = case.creditor.post_once(&completion(&task), "call-1", &said).await.expect(200);
    assert_eq!((done["status"].as_str(), done["result"].as_str()), (Some("done"), Some("reached")));
    case.creditor.post_once(&completion(&task), "call-1", &said).await.expect(200);
    days(&world, 5).await;
    assert_eq!(outbox(&world.app).len(), 2);
    assert_eq!(case.events("contact_deferred").await[0]["rule"], "pace.after_conversation");
    days(&world, 3).await;
    assert_eq!(case.done().await.last().unwrap(), "final_notice: done");
    assert_eq!(case.events("task_done").await[0]["note"], "will look for the invoice");
    world.finish().await;
}

#[actix_web::test]
async fn an_unanswered_call_holds_nothing_up() {
    let world = World::new().await;
    let (case, task) = at_the_call(&world).await;
    case.creditor.post(&completion(&task), &json!({ "result": "no_answer" })).await.expect(200);
    days(&world, 7).await;
    assert_eq!(
        case.done().await,
        ["reminder: done", "second_reminder: done", "letter: done", "call_script: done", "final_notice: done"]
    );
    world.finish().await;
}

#[actix_web::test]
async fn a_stopped_call_is_not_to_be_made_and_is_asked_for_again_afterwards() {
    let world = World::new().await;
    let (case, task) = at_the_call(&world).await;
    case.hold(None).await;
    assert_eq!(open_tasks(&case.creditor).await, Vec::<Value>::new());
    case.creditor.post(&completion(&task), &json!({ "result": "reached" })).await.problem(409, "wrong-state");
    case.release_holds().await;
    world.work().await;
    let again = open_tasks(&case.creditor).await;
    assert_eq!(again.len(), 1);
    assert_ne!(again[0]["id"], task["id"]);
    assert_eq!(case.done().await[3..], ["call_script: stopped", "call_script: prepared"]);
    world.finish().await;
}

#[actix_web::test]
async fn a_task_is_done_once_by_whose_work_it_is_with_a_result_that_fits() {
    let world = World::new().await;
    let (case, task) = at_the_call(&world).await;
    let path = completion(&task);
    world.stranger().post(&path, &json!({ "result": "reached" })).await.problem(401, "unauthenticated");
    world.creditor(2).await.post(&path, &json!({ "result": "reached" })).await.problem(404, "not-found");
    case.creditor.post(&path, &json!({ "result": "reviewed" })).await.problem(422, "invalid");
    case.creditor.post(&path, &json!({ "result": "vanished" })).await.problem(422, "invalid");
    case.creditor.post(&path, &json!({ "result": "no_answer", "note": " " })).await.problem(422, "invalid");
    case.creditor.post(&path, &json!({ "result": "no_answer" })).await.expect(200);
    case.creditor.post(&path, &json!({ "result": "no_answer" })).await.problem(409, "wrong-state");
    world.finish().await;
}

#[actix_web::test]
async fn an_agencys_call_is_its_own_work() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let operator = world.operator().await;
    let (agency, rival) = (world.agency(2, &operator).await, world.agency(3, &operator).await);
    let case = posted(&creditor, 1, 11).await;
    engage(&world, case.id, &agency).await;
    days(&world, 21).await;
    let task = open_tasks(&agency).await.pop().unwrap();
    assert_eq!((open_tasks(&creditor).await, open_tasks(&rival).await), (vec![], vec![]));
    creditor.post(&completion(&task), &json!({ "result": "reached" })).await.problem(403, "forbidden");
    rival.post(&completion(&task), &json!({ "result": "reached" })).await.problem(404, "not-found");
    agency.post(&completion(&task), &json!({ "result": "promise", "note": "on Friday" })).await.expect(200);
    world.finish().await;
}

#[actix_web::test]
async fn a_decision_that_changes_nothing_comes_up_again() {
    let world = World::new().await;
    let case = posted(&world.creditor(1).await, 1, 11).await;
    case.set_profile(|profile| profile["do_not_contact"] = json!(true)).await;
    world.work().await;
    for _ in 0..3 {
        let task = open_tasks(&case.creditor).await.pop().unwrap();
        case.creditor.post(&completion(&task), &json!({ "result": "reviewed" })).await.expect(200);
        world.work().await;
        nothing_is_forgotten(&world).await;
        assert_eq!(open_tasks(&case.creditor).await, Vec::<Value>::new());
        days(&world, 15).await;
    }
    world.finish().await;
}

/// A case whose customer has an account owner; the owner's task.
async fn owned(world: &World) -> (Posted, Value) {
    let case = posted(&world.creditor(1).await, 1, 11).await;
    let me = case.creditor.get("/api/v1/me").await.expect(200)["member"]["id"].clone();
    case.set_profile(|profile| profile["account_owner_id"] = me.clone()).await;
    world.work().await;
    assert_eq!(outbox(&world.app).len(), 0, "nobody writes before the owner had the first word");
    let task = open_tasks(&case.creditor).await.pop().unwrap();
    assert_eq!((task["kind"].as_str(), &case.events("task_opened").await[0]["account_owner_id"]), (Some("owner"), &me));
    nothing_is_forgotten(world).await;
    (case, task)
}

#[actix_web::test]
async fn the_account_owner_lets_it_run_or_lets_the_time_pass() {
    for answers in [true, false] {
        let world = World::new().await;
        let (case, task) = owned(&world).await;
        case.creditor.post(&completion(&task), &json!({ "result": "approved" })).await.problem(422, "invalid");
        if answers {
            case.creditor.post(&completion(&task), &json!({ "result": "let_it_run" })).await.expect(200);
            world.work().await;
        } else {
            days(&world, 2).await;
            assert_eq!(outbox(&world.app).len(), 0);
            days(&world, 1).await;
        }
        assert_eq!(outbox(&world.app).len(), 1, "{answers}");
        world.finish().await;
    }
}

#[actix_web::test]
async fn the_account_owner_takes_it_and_everybody_else_waits() {
    let world = World::new().await;
    let (case, task) = owned(&world).await;
    let said = json!({ "result": "take_it", "note": "I see them on Thursday" });
    case.creditor.post(&completion(&task), &said).await.expect(200);
    assert_eq!(case.case().await["holds"][0]["kind"], "creditor_request");
    days(&world, 13).await;
    assert_eq!(outbox(&world.app).len(), 0);
    days(&world, 2).await;
    assert_eq!(outbox(&world.app).len(), 1);
    world.finish().await;
}

#[actix_web::test]
async fn the_account_owner_gives_a_reason_and_it_stands_in_the_timeline() {
    let world = World::new().await;
    let (case, task) = owned(&world).await;
    let refused = case.creditor.post(&completion(&task), &json!({ "result": "reason_given" })).await.problem(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/note");
    let said = json!({ "result": "reason_given", "note": "our delivery was late" });
    case.creditor.post(&completion(&task), &said).await.expect(200);
    assert_eq!(case.case().await["holds"][0]["reason"], "our delivery was late");
    world.finish().await;
}
