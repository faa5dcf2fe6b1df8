//! A debtor whose silence would decide gets one mail before it does.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Posted, outbox, posted};
use crate::support::World;

/// The mails to a debtor that tell of a term.
fn told(world: &World, needle: &str) -> Vec<String> {
    let unbroken = outbox(&world.app).into_iter().map(|mail| mail.replace("=\r\n", ""));
    unbroken.filter(|mail| mail.contains(needle)).collect()
}

/// An objection in which the debtor has to show something.
async fn disputed(case: &Posted) -> Value {
    let objection = json!({ "reason": "already_paid", "statement": "we paid this in August" });
    case.creditor.post(&format!("{}/disputes", case.path), &objection).await.expect(201)["data"][0].clone()
}

async fn pass(world: &World, days: i64) {
    for _ in 0..days {
        world.pass(TimeDelta::days(1)).await;
    }
}

const ENGLISH: &str = "What you were asked to show is still missing";
const SPANISH: &str = "Falta todav";

#[actix_web::test]
async fn who_has_shown_nothing_is_told_once_before_silence_decides() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let (silent, shown) = (posted(&creditor, 1, 11).await, posted(&creditor, 2, 12).await);
    let objection = disputed(&silent).await;
    let answered = disputed(&shown).await;
    let evidence = json!({ "item": "payment_proof", "statement": "Transfer of 3 August, reference 77" });
    let path = format!("/api/v1/disputes/{}/evidence", answered["id"].as_str().unwrap());
    shown.creditor.post(&path, &evidence).await.expect(201);
    pass(&world, 9).await;
    assert_eq!(told(&world, SPANISH).len() + told(&world, ENGLISH).len(), 0, "there is time yet");
    // Three days before the end is a Saturday: it waits for Monday.
    pass(&world, 5).await;
    let [mail] = told(&world, SPANISH).try_into().unwrap();
    assert!(mail.contains("To: pagos@bodegas11.example") && mail.contains("F-1") && mail.contains("/d/"), "{mail}");
    let [event] = silent.events("debtor_reminded").await.try_into().unwrap();
    assert_eq!((&event["of"], &event["id"]), (&json!("dispute"), &objection["id"]));
    pass(&world, 6).await;
    assert_eq!(told(&world, SPANISH).len(), 1, "once, and silence has decided");
    let resolved = silent.creditor.get(&format!("{}/disputes", silent.path)).await.expect(200)["data"][0].clone();
    assert_eq!((&resolved["status"], &resolved["by_default"]), (&json!("rejected"), &json!(true)));
    assert_eq!(shown.events("debtor_reminded").await, Vec::<Value>::new());
    world.finish().await;
}

#[actix_web::test]
async fn who_wants_no_mails_gets_none_of_this_kind_either() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let (refusing, left_alone) = (posted(&creditor, 1, 11).await, posted(&creditor, 2, 12).await);
    for case in [&refusing, &left_alone] {
        disputed(case).await;
    }
    creditor.post(&format!("{}/opt-outs", refusing.path), &json!({ "channel": "mail" })).await.expect(201);
    left_alone.set_profile(|profile| profile["do_not_contact"] = json!(true)).await;
    pass(&world, 16).await;
    assert_eq!(told(&world, SPANISH), Vec::<String>::new());
    world.finish().await;
}

#[actix_web::test]
async fn an_offer_to_settle_is_told_of_before_it_ends() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let case = posted(&creditor, 1, 11).await;
    world.work().await;
    let pay_by = (world.now() + TimeDelta::days(25)).date_naive().to_string();
    let proposal = json!({ "proposed_by": "creditor", "amount": { "minor": 80_000, "currency": "EUR" }, "pay_by": pay_by });
    let offered = creditor.post(&format!("{}/settlements", case.path), &proposal).await.expect(201);
    let until: DateTime<Utc> = offered["answer_by"].as_str().unwrap().parse().unwrap();
    let days = (until - world.now()).num_days();
    pass(&world, days).await;
    let [mail] = told(&world, "ha ofrecido zanjar").try_into().unwrap();
    assert!(mail.contains("800,00"), "{mail}");
    let at: DateTime<Utc> = creditor.get(&format!("{}/events", case.path)).await.expect(200)["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["kind"] == "debtor_reminded")
        .unwrap()["at"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(at < until && until - at <= TimeDelta::days(4), "{at} {until}");
    world.finish().await;
}
