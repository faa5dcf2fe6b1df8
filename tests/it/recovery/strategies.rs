//! Strategies as organisations write them: refused where they cannot be carried out, assigned, frozen, branched, approved.

use serde_json::{Value, json};

use super::{Posted, days, engage, nothing_is_forgotten, outbox, posted};
use crate::support::{Client, World};

fn step(key: &str, template: &str, days: i64) -> Value {
    let channel = match template {
        "letter" => "letter",
        "call_script" => "call",
        _ => "mail",
    };
    json!({ "key": key, "anchor": "phase_start", "days": days, "channel": channel, "template": template, "tone": "gentle" })
}

fn with(mut step: Value, field: &str, value: Value) -> Value {
    step[field] = value;
    step
}

async fn written(client: &Client, name: &str, steps: &[Value]) -> Value {
    client.post("/api/v1/strategies", &json!({ "name": name, "steps": steps })).await.expect(201)
}

async fn published(client: &Client, name: &str, steps: &[Value]) -> Value {
    let draft = written(client, name, steps).await;
    assert_eq!(draft["faults"], json!([]));
    client.post(&publication(&draft), &json!({})).await.expect(200)
}

fn publication(strategy: &Value) -> String {
    format!("/api/v1/strategies/{}/publication", strategy["id"].as_str().unwrap())
}

async fn assign(client: &Client, strategy: &str, applies_to: Value) -> Value {
    client.post("/api/v1/strategy-assignments", &json!({ "strategy": strategy, "applies_to": applies_to })).await.expect(201)
}

async fn run_of(case: &Posted) -> Value {
    case.creditor.get(&format!("{}/strategy", case.path)).await.expect(200)
}

#[actix_web::test]
async fn a_strategy_that_cannot_be_carried_out_is_kept_as_a_draft_and_not_published() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let back = with(step("second", "second_reminder", 7), "branches", json!([{ "on": "replied", "go_to": "first" }]));
    let endless =
        with(with(step("third", "final_notice", 700), "anchor", json!("previous_step")), "when", json!("days_overdue <"));
    let draft = written(&creditor, "round", &[step("first", "reminder", 0), back, endless]).await;
    let pointers: Vec<&str> =
        draft["faults"].as_array().unwrap().iter().map(|fault| fault["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/steps/1/branches/0/go_to", "/steps/2/when"]);
    let refused = creditor.post(&publication(&draft), &json!({})).await.problem(422, "invalid");
    assert_eq!(refused["errors"].as_array().unwrap().len(), 2, "{refused}");
    assert!(refused["errors"][0]["detail"].as_str().unwrap().contains("circle"), "{refused}");
    let assigned = json!({ "strategy": "round", "applies_to": { "kind": "all" } });
    creditor.post("/api/v1/strategy-assignments", &assigned).await.problem(422, "invalid");

    let mended = published(&creditor, "round", &[step("first", "reminder", 0)]).await;
    assert_eq!(mended["number"], 2);
    // Publishing again is harmless; another's is not there; a shipped one is there for everybody and nobody's to publish.
    creditor.post(&publication(&mended), &json!({})).await.expect(200);
    let rival = world.creditor(2).await;
    rival.get(&format!("/api/v1/strategies/{}", mended["id"].as_str().unwrap())).await.problem(404, "not-found");
    let seen = rival.get("/api/v1/strategies").await.expect(200);
    let names: Vec<&str> = seen["data"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"past_due_periods") && !names.contains(&"round"), "{names:?}");
    rival.post(&publication(&seen["data"][0]), &json!({})).await.problem(404, "not-found");
    creditor.post("/api/v1/strategies", &json!({ "name": "Big Ones", "steps": [] })).await.problem(422, "invalid");
    world.finish().await;
}

#[actix_web::test]
async fn the_most_particular_assignment_wins_says_why_and_is_frozen_while_the_case_runs() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    for (name, template) in [("everybody", "reminder"), ("large", "second_reminder"), ("ours", "final_notice")] {
        published(&creditor, name, &[step("only", template, 0)]).await;
    }
    assign(&creditor, "everybody", json!({ "kind": "all" })).await;
    assign(&creditor, "large", json!({ "kind": "amount", "currency": "EUR", "from_minor": 100_000, "below_minor": null })).await;
    let one = posted(&creditor, 1, 11).await;
    assign(&creditor, "ours", json!({ "kind": "customer", "debtor_id": one.debtor })).await;
    let other = posted(&creditor, 2, 12).await;
    world.work().await;
    assert_eq!((one.done().await, other.done().await), (vec!["final_notice: done".into()], vec!["second_reminder: done".into()]));
    let told = one.events("strategy_chosen").await;
    assert_eq!(told, [json!({ "strategy": "ours v1", "because": "assigned to this customer" })]);
    assert_eq!(run_of(&other).await["because"], "assigned to this range of amounts");

    // A new version and another assignment are for cases that begin; this one goes on as it began.
    published(&creditor, "ours", &[step("only", "reminder", 0), step("more", "second_reminder", 3)]).await;
    days(&world, 5).await;
    assert_eq!((run_of(&one).await["number"].clone(), one.done().await.len()), (json!(1), 1));
    let all = creditor.get("/api/v1/strategy-assignments").await.expect(200);
    let path = format!("/api/v1/strategy-assignments/{}", all["data"][0]["id"].as_str().unwrap());
    world.creditor(2).await.delete(&path, None).await.problem(404, "not-found");
    creditor.delete(&path, None).await.expect(204);
    world.finish().await;
}

#[actix_web::test]
async fn a_case_is_moved_to_another_strategy_by_whoever_pursues_it_alone() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let operator = world.operator().await;
    let agency = world.agency(2, &operator).await;
    let case = posted(&creditor, 1, 11).await;
    world.work().await;
    assert_eq!(run_of(&case).await["name"], "default");
    let draft = written(&creditor, "soft", &[step("a", "reminder", 0), step("b", "letter", 5)]).await;
    let path = format!("{}/strategy", case.path);
    let wanted = json!({ "strategy_id": draft["id"], "from_step": "b" });
    creditor.post(&path, &wanted).await.problem(422, "invalid");
    creditor.post(&publication(&draft), &json!({})).await.expect(200);
    creditor.post(&path, &json!({ "strategy_id": draft["id"], "from_step": "c" })).await.problem(422, "invalid");
    world.creditor(3).await.post(&path, &wanted).await.problem(404, "not-found");
    let moved = creditor.post(&path, &wanted).await.expect(200);
    assert_eq!((&moved["name"], &moved["next_step"], &moved["because"]), (&json!("soft"), &json!(2), &json!("moved by hand")));
    assert_eq!(case.events("strategy_changed").await[0]["from"], "default v1");
    days(&world, 8).await;
    assert_eq!(case.done().await, ["reminder: done", "letter: done"], "what was done stays done");

    engage(&world, case.id, &agency).await;
    creditor.post(&path, &wanted).await.problem(403, "forbidden");
    days(&world, 3).await;
    let theirs = published(&agency, "brisk", &[step("a", "reminder", 0)]).await;
    let moved = agency.post(&path, &json!({ "strategy_id": theirs["id"] })).await.expect(200);
    assert_eq!(moved["name"], "brisk");
    assert_eq!(run_of(&case).await["name"], "brisk", "the creditor sees what its customer goes through");
    world.finish().await;
}

#[actix_web::test]
async fn an_answer_leads_to_another_step_and_a_false_condition_leaves_one_out() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let call = with(step("call", "call_script", 0), "branches", json!([{ "on": "no_answer", "go_to": "letter" }]));
    let small = with(step("small", "final_notice", 9), "when", json!("principal_minor < 5000"));
    let steps = [call, step("mail", "reminder", 3), step("letter", "letter", 5), small, step("last", "second_reminder", 12)];
    published(&creditor, "calls", &steps).await;
    assign(&creditor, "calls", json!({ "kind": "class", "debtor_kind": "business" })).await;
    let case = posted(&creditor, 1, 11).await;
    world.work().await;
    let task = creditor.get("/api/v1/tasks?status=open").await.expect(200)["data"][0].clone();
    let completion = format!("/api/v1/tasks/{}/completion", task["id"].as_str().unwrap());
    creditor.post(&completion, &json!({ "result": "no_answer" })).await.expect(200);
    days(&world, 14).await;
    let expected = ["call_script: done", "reminder: left_out", "letter: done", "final_notice: left_out", "second_reminder: done"];
    assert_eq!(case.done().await, expected);
    let told: Vec<String> = case
        .events("step_left_out")
        .await
        .iter()
        .map(|told| format!("{} {}", told["key"], told["why"]).replace('"', ""))
        .collect();
    assert_eq!(told, ["mail branch", "small condition"]);
    nothing_is_forgotten(&world).await;
    world.finish().await;
}

#[actix_web::test]
async fn a_step_that_needs_a_yes_waits_for_it_and_a_no_leaves_it_out() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let careful = |key, template, days| with(step(key, template, days), "approval", json!(true));
    published(&creditor, "careful", &[careful("first", "reminder", 0), careful("second", "second_reminder", 4)]).await;
    assign(&creditor, "careful", json!({ "kind": "all" })).await;
    let case = posted(&creditor, 1, 11).await;
    days(&world, 2).await;
    assert_eq!(outbox(&world.app).len(), 0);
    let open = async || creditor.get("/api/v1/tasks?status=open").await.expect(200)["data"].as_array().unwrap().clone();
    let [task] = open().await.try_into().unwrap();
    assert_eq!((task["kind"].as_str(), task["reason"].as_str()), (Some("approval"), Some("approval_needed")));
    let completion = |task: &Value| format!("/api/v1/tasks/{}/completion", task["id"].as_str().unwrap());
    creditor.post(&completion(&task), &json!({ "result": "reviewed" })).await.problem(422, "invalid");
    // What would be said stands in the queue, for its own alone.
    world.stranger().get("/api/v1/approvals").await.problem(401, "unauthenticated");
    assert_eq!(world.creditor(2).await.get("/api/v1/approvals").await.expect(200)["data"], json!([]));
    let queue = creditor.get("/api/v1/approvals").await.expect(200)["data"].clone();
    assert_eq!((&queue[0]["task_id"], &queue[0]["template"]), (&task["id"], &json!("reminder")));
    let words = queue[0]["words"]["text"].as_str().unwrap().to_owned();
    assert_eq!(outbox(&world.app).len(), 0, "looking sends nothing");
    creditor.post(&completion(&task), &json!({ "result": "approved" })).await.expect(200);
    world.work().await;
    assert_eq!(outbox(&world.app).len(), 1);
    let sent = creditor.get(&format!("/api/v1/cases/{}/deliveries", case.id)).await.expect(200);
    assert_eq!(sent["data"][0]["body"], words.as_str(), "and that is what was said");

    days(&world, 6).await;
    let [task] = open().await.try_into().unwrap();
    creditor.post(&completion(&task), &json!({ "result": "declined", "note": "they are about to order" })).await.expect(200);
    days(&world, 1).await;
    assert_eq!(case.done().await, ["reminder: done", "second_reminder: refused"]);
    assert_eq!(case.actions().await[1]["rule"], "approval.declined");
    nothing_is_forgotten(&world).await;
    world.finish().await;
}

#[actix_web::test]
async fn a_draft_is_its_owners_alone_until_it_is_published() {
    let world = World::new().await;
    let (creditor, operator) = (world.creditor(1).await, world.operator().await);
    let draft = json!({ "name": "secret", "steps": [step("first", "reminder", 0)] });
    let draft = creditor.post("/api/v1/strategies", &draft).await.expect(201);
    let path = format!("/api/v1/strategies/{}", draft["id"].as_str().unwrap());
    operator.get(&path).await.problem(404, "not-found");
    creditor.post(&publication(&draft), &json!({})).await.expect(200);
    operator.get(&path).await.expect(200);
    world.finish().await;
}
