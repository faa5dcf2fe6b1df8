//! What stops a message that is already on its way, and what a crash leaves behind.

use chrono::TimeDelta;
use entente::cases::{Command, EventKind, Outcome};
use serde_json::json;

use super::{Posted, command, days, evaluate_only, move_on, nothing_is_forgotten, outbox, posted};
use crate::support::World;

#[actix_web::test]
async fn a_hold_stops_a_queued_mail_and_the_step_comes_again_afterwards() {
    let world = World::new().await;
    let case = posted(&world.creditor(1).await, 1, 11).await;
    evaluate_only(&world).await;
    case.hold(None).await;
    world.work().await;
    assert_eq!(outbox(&world.app).len(), 0);
    let stopped = &case.deliveries().await[0];
    assert_eq!((stopped["status"].as_str(), stopped["error"].as_str()), (Some("stopped"), Some("hold.hardship")));
    assert_eq!(case.events("contact_stopped").await[0]["rule"], "hold.hardship");
    nothing_is_forgotten(&world).await;

    case.release_holds().await;
    world.work().await;
    assert_eq!(case.done().await, ["reminder: stopped", "reminder: done"]);
    assert_eq!(outbox(&world.app).len(), 1);
    world.finish().await;
}

#[actix_web::test]
async fn a_dated_hold_ends_by_itself_and_the_strategy_goes_on() {
    let world = World::new().await;
    let case = posted(&world.creditor(1).await, 1, 11).await;
    evaluate_only(&world).await;
    let end = world.now() + TimeDelta::days(3);
    case.hold(Some(end)).await;
    world.work().await;
    assert_eq!(case.next_action_at().await, Some(end));
    days(&world, 4).await;
    assert_eq!(case.done().await, ["reminder: stopped", "reminder: done"]);
    world.finish().await;
}

#[actix_web::test]
async fn a_payment_in_full_stops_a_queued_mail() {
    let world = World::new().await;
    let case = posted(&world.creditor(1).await, 1, 11).await;
    evaluate_only(&world).await;
    command(&world, case.id, Command::Close(Outcome::Paid), EventKind::Closed).await;
    days(&world, 10).await;
    assert_eq!(outbox(&world.app).len(), 0);
    assert_eq!(case.events("contact_stopped").await[0]["rule"], "case.closed");
    assert_eq!(case.done().await, ["reminder: stopped"]);
    world.finish().await;
}

#[actix_web::test]
async fn a_bounced_payment_reopens_the_case_and_its_step_is_taken_then() {
    let world = World::new().await;
    let case = posted(&world.creditor(1).await, 1, 11).await;
    evaluate_only(&world).await;
    command(&world, case.id, Command::Close(Outcome::Paid), EventKind::Closed).await;
    world.work().await;
    command(&world, case.id, Command::Reopen, EventKind::Reopened).await;
    world.work().await;
    assert_eq!(case.done().await, ["reminder: stopped", "reminder: done"]);
    world.finish().await;
}

#[actix_web::test]
async fn a_customer_who_must_not_be_contacted_is_not_and_a_person_is_asked() {
    let world = World::new().await;
    let case = posted(&world.creditor(1).await, 1, 11).await;
    evaluate_only(&world).await;
    case.set_profile(|profile| profile["do_not_contact"] = json!(true)).await;
    days(&world, 3).await;
    assert_eq!(outbox(&world.app).len(), 0);
    assert_eq!(case.events("contact_stopped").await[0]["rule"], "profile.do_not_contact");
    assert_eq!(case.events("contact_refused").await[0]["rule"], "profile.do_not_contact");
    let open = case.creditor.get("/api/v1/tasks?status=open").await.expect(200);
    assert_eq!(open["data"][0]["reason"], "do_not_contact");
    nothing_is_forgotten(&world).await;

    // Decided: the customer may be written to after all.
    case.set_profile(|profile| profile["do_not_contact"] = json!(false)).await;
    let task = open["data"][0]["id"].as_str().unwrap();
    case.creditor.post(&format!("/api/v1/tasks/{task}/completion"), &json!({ "result": "reviewed" })).await.expect(200);
    world.work().await;
    assert_eq!(outbox(&world.app).len(), 1);
    world.finish().await;
}

#[actix_web::test]
async fn a_tone_lowered_after_the_wording_words_the_mail_anew() {
    let world = World::new().await;
    let case = posted(&world.creditor(1).await, 1, 11).await;
    days(&world, 6).await;
    move_on(&world, TimeDelta::days(1)).await;
    evaluate_only(&world).await;
    case.set_profile(|profile| profile["tone_ceiling"] = json!("gentle")).await;
    world.work().await;
    let said =
        |action: &serde_json::Value| format!("{} {}", action["status"].as_str().unwrap(), action["tone"].as_str().unwrap());
    assert_eq!(case.actions().await.iter().map(said).collect::<Vec<_>>(), ["done gentle", "stopped neutral", "done gentle"]);
    assert_eq!(case.events("contact_stopped").await[0]["rule"], "profile.tone_ceiling");
    assert_eq!(case.events("contact_sent").await[1]["lowered_by"], "profile.tone_ceiling");
    world.finish().await;
}

#[actix_web::test]
async fn a_crash_before_the_mail_left_sends_it_once() {
    let world = World::new().await;
    let case = posted(&world.creditor(1).await, 1, 11).await;
    evaluate_only(&world).await;
    world.as_owner("UPDATE deliveries SET status = 'sending'").await;
    world.work().await;
    assert_eq!(outbox(&world.app).len(), 1);
    assert_eq!(case.done().await, ["reminder: done"]);
    world.finish().await;
}

#[actix_web::test]
async fn a_crash_after_the_mail_left_does_not_send_it_again() {
    let world = World::new().await;
    let case = posted(&world.creditor(1).await, 1, 11).await;
    evaluate_only(&world).await;
    world.as_owner("CREATE TABLE kept AS SELECT * FROM jobs WHERE kind = 'recovery.deliver'").await;
    world.work().await;
    let before = outbox(&world.app);
    world.as_owner("UPDATE deliveries SET status = 'sending', sent_at = NULL; UPDATE actions SET status = 'prepared'; INSERT INTO jobs SELECT * FROM kept").await;
    // In the middle of the night: what has left is noticed without asking the policy.
    world.pass(TimeDelta::hours(14)).await;
    assert_eq!(outbox(&world.app), before);
    assert_eq!(case.deliveries().await[0]["status"], "sent");
    assert_eq!(case.done().await, ["reminder: done"]);
    world.finish().await;
}

#[actix_web::test]
async fn a_step_that_cannot_be_prepared_is_put_to_a_person_and_stops_no_other_case() {
    let world = World::new().await;
    let (poor, rich) = (world.creditor(1).await, world.creditor(2).await);
    let broken = posted(&poor, 1, 11).await;
    let sound = posted(&rich, 2, 12).await;
    world.as_owner("UPDATE organisations SET iban = NULL WHERE legal_name = 'CREDITOR 1 SL'").await;
    days(&world, 2).await;
    assert_eq!(sound.done().await, ["reminder: done"]);
    assert_eq!(broken.done().await, Vec::<String>::new());
    let open = poor.get("/api/v1/tasks?status=open").await.expect(200);
    let reasons: Vec<&str> = open["data"].as_array().unwrap().iter().map(|task| task["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["step_failed"]);

    world
        .as_owner(&format!(
            "UPDATE organisations SET iban = '{}' WHERE legal_name = 'CREDITOR 1 SL'",
            crate::support::parties::iban(1)
        ))
        .await;
    days(&world, 1).await;
    assert_eq!(broken.done().await, ["reminder: done"]);
    world.finish().await;
}

/// Sixty days of holds, promises, disputes, payments, customers off limits and tasks done or left, in an order nobody planned:
/// after each, no case is forgotten, none is left due, and no step was taken twice.
#[actix_web::test]
async fn whatever_happens_no_case_is_forgotten() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let mut all = Vec::new();
    for number in 1..=4 {
        all.push(posted(&creditor, number, 20 + number).await);
    }
    let mut dice = 7_u32;
    let mut roll = |sides: u32| {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (dice >> 16) % sides
    };
    for _ in 0..60 {
        let case = &all[usize::try_from(roll(4)).unwrap()];
        happens(&world, case, roll(11)).await;
        if roll(2) == 0 {
            world.work().await;
        }
        world.pass(TimeDelta::hours(i64::from(1 + roll(48)))).await;
        nothing_is_forgotten(&world).await;
        let due =
            "SELECT FROM cases WHERE next_action_at <= (SELECT now() + offset_seconds * interval '1 second' FROM clock_offset)";
        world.as_owner(&format!("DO $$ BEGIN IF EXISTS ({due}) THEN RAISE EXCEPTION 'a case is left due'; END IF; END $$")).await;
    }
    let twice = "SELECT FROM actions WHERE status <> 'stopped' GROUP BY run_id, step HAVING count(*) > 1";
    world
        .as_owner(&format!("DO $$ BEGIN IF EXISTS ({twice}) THEN RAISE EXCEPTION 'a step was taken twice'; END IF; END $$"))
        .await;
    assert!(outbox(&world.app).len() > 4);
    world.finish().await;
}

/// One event of a case's life. What is not possible just then is refused, and that is fine too.
async fn happens(world: &World, case: &Posted, what: u32) {
    match what {
        0 => drop(case.hold(Some(world.now() + TimeDelta::hours(70))).await),
        1 => drop(case.hold(None).await),
        2..=4 => case.release_holds().await,
        5 => case.set_profile(|profile| profile["do_not_contact"] = json!(true)).await,
        6 => case.set_profile(|profile| profile["do_not_contact"] = json!(false)).await,
        7 => {
            let day = (world.now() + TimeDelta::days(4)).date_naive();
            drop(case.creditor.post(&format!("{}/promises", case.path), &json!({ "promised_on": day })).await);
        }
        8 => {
            command(world, case.id, Command::Close(Outcome::Paid), EventKind::Closed).await;
            world.work().await;
            command(world, case.id, Command::Reopen, EventKind::Reopened).await;
        }
        _ => {
            let open = case.creditor.get("/api/v1/tasks?status=open").await.expect(200);
            for task in open["data"].as_array().unwrap() {
                let result = if task["kind"] == "call" { "reached" } else { "reviewed" };
                let path = format!("/api/v1/tasks/{}/completion", task["id"].as_str().unwrap());
                case.creditor.post(&path, &json!({ "result": result })).await.expect(200);
            }
        }
    }
}
