//! The print queue: bundles, the post, what comes back, and what must not be posted any more.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Posted, days, nothing_is_forgotten, posted};
use crate::support::{Client, World};

/// A letter at once, a mail a week later; a letter that came back leads to a call.
async fn assign_letters(creditor: &Client) {
    let step = |key: &str, days: i64, channel: &str, template: &str, branches: Value| json!({ "key": key, "anchor": "phase_start", "days": days, "channel": channel, "template": template, "tone": "neutral", "branches": branches });
    let steps = [
        step("letter", 0, "letter", "letter", json!([{ "on": "bounced", "go_to": "call" }])),
        step("mail", 7, "mail", "reminder", json!([])),
        step("call", 9, "call", "call_script", json!([])),
    ];
    let draft = creditor.post("/api/v1/strategies", &json!({ "name": "letters", "steps": steps })).await.expect(201);
    creditor.post(&format!("/api/v1/strategies/{}/publication", draft["id"].as_str().unwrap()), &json!({})).await.expect(200);
    creditor
        .post("/api/v1/strategy-assignments", &json!({ "strategy": "letters", "applies_to": { "kind": "all" } }))
        .await
        .expect(201);
}

async fn set(creditor: &Client, sent_when: &str) {
    creditor.put("/api/v1/letter-settings", Some("\"v0\""), &json!({ "sent_when": sent_when })).await.expect(200);
}

async fn letters(client: &Client, state: &str) -> Vec<Value> {
    client.get(&format!("/api/v1/letters?state={state}")).await.expect(200)["data"].as_array().unwrap().clone()
}

fn path(of: &str, thing: &Value, what: &str) -> String {
    format!("/api/v1/{of}/{}/{what}", thing["id"].as_str().unwrap())
}

async fn statuses(case: &Posted) -> Vec<String> {
    case.deliveries()
        .await
        .iter()
        .map(|one| format!("{}: {}", one["channel"].as_str().unwrap(), one["status"].as_str().unwrap()))
        .collect()
}

#[actix_web::test]
async fn letters_are_printed_together_posted_and_some_come_back() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    assign_letters(&creditor).await;
    let (one, _) = (posted(&creditor, 1, 11).await, posted(&creditor, 2, 12).await);
    world.work().await;
    assert_eq!(statuses(&one).await, ["letter: sent"], "made is sent unless the organisation says otherwise");
    let waiting = letters(&creditor, "to_print").await;
    assert_eq!((waiting.len(), &waiting[0]["recipient"]["name"]), (2, &json!("Bodegas 12 SA")));
    let rival = world.creditor(2).await;
    assert_eq!(letters(&rival, "to_print").await, Vec::<Value>::new());

    let unknown = json!({ "letter_ids": ["dlv_01938f5c2b7a7c0e9d3f4a5b6c7d8e9f"] });
    creditor.post("/api/v1/letter-bundles", &unknown).await.problem(422, "invalid");
    let bundle = creditor.post("/api/v1/letter-bundles", &json!({ "double_sided": true })).await.expect(201);
    assert_eq!((&bundle["letters"], &bundle["posted"]), (&json!(2), &json!(0)));
    creditor.post("/api/v1/letter-bundles", &json!({})).await.problem(409, "wrong-state");
    let pdf = creditor.get(&path("letter-bundles", &bundle, "letters.pdf")).await;
    assert_eq!((pdf.status.as_u16(), pdf.header("content-type")), (200, "application/pdf"));
    assert!(pdf.bytes.starts_with(b"%PDF"));
    let list = creditor.get(&path("letter-bundles", &bundle, "addresses.csv")).await;
    let lines: Vec<&str> = list.text.lines().collect();
    assert_eq!(lines[0], "\u{feff}position;pages;reference;case;name;street;postal_code;city;country");
    assert!(
        lines[1].starts_with("1;2;L-") && lines[1].ends_with(";Bodegas 11 SA;Calle del Vino 3;26001;Logroño;ES"),
        "{}",
        lines[1]
    );
    for what in ["letters.pdf", "addresses.csv"] {
        rival.get(&path("letter-bundles", &bundle, what)).await.problem(404, "not-found");
    }
    let posting = path("letter-bundles", &bundle, "posting");
    rival.post(&posting, &json!({ "posted_on": "2026-11-02" })).await.problem(404, "not-found");
    creditor.post(&posting, &json!({ "posted_on": "2026-11-09" })).await.problem(422, "invalid");
    let done = creditor.post(&posting, &json!({ "posted_on": "2026-11-02" })).await.expect(200);
    assert_eq!((done["posted"].as_array().unwrap().len(), &done["withdrawn"]), (2, &json!([])));

    let letter =
        letters(&creditor, "posted").await.into_iter().find(|letter| letter["recipient"]["name"] == "Bodegas 11 SA").unwrap();
    let back = path("letters", &letter, "return");
    rival.post(&back, &json!({ "reason": "moved" })).await.problem(404, "not-found");
    creditor.post(&back, &json!({ "reason": " " })).await.problem(422, "invalid");
    let returned = creditor.post(&back, &json!({ "reason": "moved away" })).await.expect(200);
    assert_eq!(returned["state"], "returned");
    creditor.post(&back, &json!({ "reason": "moved away" })).await.expect(200);
    assert_eq!(one.events("message_bounced").await.len(), 1);
    let marked = creditor.get(&format!("/api/v1/debtors/{}/unreachable-addresses", one.debtor)).await.expect(200);
    assert_eq!(
        (&marked["data"][0]["channel"], &marked["data"][0]["address"]),
        (&json!("letter"), &json!("Calle del Vino 3, 26001 Logroño"))
    );
    days(&world, 10).await;
    assert_eq!(one.done().await, ["letter: failed", "reminder: left_out", "call_script: prepared"]);
    world.finish().await;
}

#[actix_web::test]
async fn where_the_organisation_wants_it_the_strategy_waits_for_the_post() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    assign_letters(&creditor).await;
    set(&creditor, "posted").await;
    creditor.put("/api/v1/letter-settings", Some("\"v0\""), &json!({ "sent_when": "made" })).await.problem(412, "stale-version");
    let case = posted(&creditor, 1, 11).await;
    days(&world, 9).await;
    assert_eq!((statuses(&case).await, case.done().await), (vec!["letter: queued".into()], vec!["letter: prepared".into()]));
    assert_eq!(case.events("contact_sent").await.len(), 0);
    let [letter] = letters(&creditor, "to_print").await.try_into().unwrap();
    let posting = path("letters", &letter, "posting");
    creditor.post(&posting, &json!({ "posted_on": "2026-11-01" })).await.problem(422, "invalid");
    let posted = creditor.post(&posting, &json!({ "posted_on": "2026-11-10" })).await.expect(200);
    assert_eq!((&posted["state"], &posted["posted_on"]), (&json!("posted"), &json!("2026-11-10")));
    creditor.post(&posting, &json!({ "posted_on": "2026-11-10" })).await.expect(200);
    assert_eq!(case.events("contact_sent").await.len(), 1);
    days(&world, 6).await;
    assert_eq!(statuses(&case).await, ["letter: sent", "mail: sent"]);
    world.finish().await;
}

#[actix_web::test]
async fn a_letter_whose_contact_was_stopped_is_not_posted_and_comes_again() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    assign_letters(&creditor).await;
    set(&creditor, "posted").await;
    let (held, free) = (posted(&creditor, 1, 11).await, posted(&creditor, 2, 12).await);
    world.work().await;
    let bundle = creditor.post("/api/v1/letter-bundles", &json!({})).await.expect(201);
    held.hold(None).await;
    let withdrawn = letters(&creditor, "withdrawn").await;
    assert_eq!(withdrawn.len(), 1);
    creditor
        .post(&path("letters", &withdrawn[0], "posting"), &json!({ "posted_on": "2026-11-02" }))
        .await
        .problem(409, "wrong-state");
    let list = creditor.get(&path("letter-bundles", &bundle, "addresses.csv")).await;
    assert_eq!(list.text.lines().count(), 2, "it is not printed either");
    let done =
        creditor.post(&path("letter-bundles", &bundle, "posting"), &json!({ "posted_on": "2026-11-02" })).await.expect(200);
    assert_eq!((done["posted"].as_array().unwrap().len(), &done["withdrawn"]), (1, &json!([withdrawn[0]["id"]])));
    assert_eq!(statuses(&free).await, ["letter: sent"]);
    held.release_holds().await;
    world.pass(TimeDelta::days(1)).await;
    assert_eq!(statuses(&held).await, ["letter: stopped", "letter: queued"]);
    assert_eq!(held.done().await, ["letter: stopped", "letter: prepared"]);
    nothing_is_forgotten(&world).await;
    world.finish().await;
}
