//! Dry run and back-test: held against what the engine then does.

use serde_json::{Value, json};

use super::{days, outbox, posted};
use crate::support::{Client, World};

async fn strategy(client: &Client, name: &str) -> String {
    let step = |days: i64, channel: &str, template: &str| json!({ "anchor": "phase_start", "days": days, "channel": channel, "template": template, "tone": "gentle" });
    let steps = [
        step(0, "mail", "reminder"),
        step(5, "letter", "letter"),
        step(9, "call", "call_script"),
        json!({ "anchor": "phase_start", "days": 20, "channel": "mail", "template": "final_notice", "tone": "firm",
                "when": "principal_minor > 500000", "approval": true }),
        step(30, "mail", "second_reminder"),
    ];
    let draft = client.post("/api/v1/strategies", &json!({ "name": name, "steps": steps })).await.expect(201);
    assert_eq!(draft["faults"], json!([]));
    draft["id"].as_str().unwrap().to_owned()
}

async fn dry_run(client: &Client, strategy: &str, wish: Value) -> Value {
    client.post(&format!("/api/v1/strategies/{strategy}/dry-run"), &wish).await.expect(200)
}

#[actix_web::test]
async fn a_dry_run_says_beforehand_what_the_engine_then_does() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let id = strategy(&creditor, "tried").await;
    creditor.post(&format!("/api/v1/strategies/{id}/publication"), &json!({})).await.expect(200);
    creditor
        .post("/api/v1/strategy-assignments", &json!({ "strategy": "tried", "applies_to": { "kind": "all" } }))
        .await
        .expect(201);
    let (plain, careful) = (posted(&creditor, 1, 11).await, posted(&creditor, 2, 12).await);
    careful.set_profile(|profile| profile["channels"] = json!(["mail", "call"])).await;
    let said = dry_run(&creditor, &id, json!({})).await;
    assert_eq!((&said["cases"], &said["has_more"], &said["finished"]), (&json!(2), &json!(false), &json!(2)));
    assert_eq!(said["contacts"], json!({ "mail": 4, "letter": 1, "call": 2, "sms": 0 }));
    assert_eq!((&said["left_out"], &said["approvals"]), (&json!(2), &json!(0)), "a small case has no final notice");
    let rules: Vec<String> = said["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}", one["rule"].as_str().unwrap(), one["refused"]))
        .collect();
    assert_eq!(rules, ["profile.channel 1"]);
    assert_eq!(outbox(&world.app).len(), 0, "nothing is done");
    assert_eq!(plain.events("contact_sent").await.len(), 0);

    world.work().await;
    days(&world, 40).await;
    let mut done = std::collections::BTreeMap::<String, u64>::new();
    for case in [&plain, &careful] {
        for action in case.actions().await {
            let status = action["status"].as_str().unwrap();
            // Calls that nobody made stay prepared: they were asked for on their day.
            if status == "done" || status == "prepared" {
                *done.entry(action["decided_at"].as_str().unwrap()[..10].to_owned()).or_default() += 1;
            }
        }
    }
    let total =
        |day: &Value| ["mail", "letter", "call", "sms"].iter().map(|channel| day[*channel].as_u64().unwrap()).sum::<u64>();
    let calendar: std::collections::BTreeMap<String, u64> =
        said["calendar"].as_array().unwrap().iter().map(|day| (day["on"].as_str().unwrap().to_owned(), total(day))).collect();
    assert_eq!(calendar, done);
    world.finish().await;
}

#[actix_web::test]
async fn a_dry_run_is_for_ones_own_cases_and_strategies_and_names_what_it_cannot_read() {
    let world = World::new().await;
    let (creditor, rival) = (world.creditor(1).await, world.creditor(2).await);
    let id = strategy(&creditor, "tried").await;
    posted(&creditor, 1, 11).await;
    posted(&rival, 1, 11).await;
    let path = format!("/api/v1/strategies/{id}/dry-run");
    rival.post(&path, &json!({})).await.problem(404, "not-found");
    assert_eq!(dry_run(&creditor, &id, json!({ "days": 3 })).await["contacts"]["mail"], 1);
    let consumers = json!({ "applies_to": { "kind": "class", "debtor_kind": "consumer" } });
    assert_eq!(dry_run(&creditor, &id, consumers).await["cases"], 0);
    for wish in [json!({ "days": 0 }), json!({ "days": 366 }), json!({ "cases": 0 }), json!({ "daze": 3 })] {
        creditor.post(&path, &wish).await.problem(422, "invalid");
    }
    let endless = json!({ "name": "bad", "steps": [{ "anchor": "previous_step", "days": 1, "channel": "mail", "template": "reminder", "tone": "firm" }] });
    let faulty = creditor.post("/api/v1/strategies", &endless).await.expect(201);
    creditor
        .post(&format!("/api/v1/strategies/{}/dry-run", faulty["id"].as_str().unwrap()), &json!({}))
        .await
        .problem(422, "invalid");
    world.finish().await;
}

#[actix_web::test]
async fn a_back_test_stands_beside_what_was_done() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let (paid, withdrawn) = (posted(&creditor, 1, 11).await, posted(&creditor, 2, 12).await);
    days(&world, 10).await;
    for (case, outcome) in [(&paid, "untraceable"), (&withdrawn, "withdrawn")] {
        creditor.post(&format!("{}/closure", case.path), &json!({ "outcome": outcome, "reason": "so" })).await.expect(200);
    }
    let id = strategy(&creditor, "tried").await;
    let path = format!("/api/v1/strategies/{id}/back-test");
    world.creditor(2).await.post(&path, &json!({})).await.problem(404, "not-found");
    let said = creditor.post(&path, &json!({})).await.expect(200);
    assert_eq!(said["cases"], 2);
    let [one, two] = said["outcomes"].as_array().unwrap().clone().try_into().unwrap();
    assert_eq!((&one["outcome"], &two["outcome"]), (&json!("untraceable"), &json!("withdrawn")));
    // Ten days in: the default playbook wrote twice; the one tried has a mail, a letter and a call by then.
    assert_eq!(one["was"], json!({ "mail": 2, "letter": 0, "call": 0, "sms": 0 }));
    assert_eq!(one["would_be"], json!({ "mail": 1, "letter": 1, "call": 1, "sms": 0 }));
    assert_eq!(one["ended_before_first"], 0);
    world.finish().await;
}
