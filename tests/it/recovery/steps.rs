//! Steps are taken once, in order, on their days, in the right name.

use chrono::TimeDelta;
use entente::{
    cases::{Command, EventKind},
    workers,
};
use serde_json::json;

use super::{at, command, days, engage, evaluate_only, nothing_is_forgotten, outbox, posted};
use crate::support::World;

#[actix_web::test]
async fn a_case_goes_through_its_strategy_and_then_waits_for_a_person() {
    let world = World::new().await;
    let case = posted(&world.creditor(1).await, 1, 11).await;
    days(&world, 42).await;

    let actions = case.actions().await;
    let days: Vec<String> = actions
        .iter()
        .map(|action| {
            format!("{} {} {}", &action["decided_at"].as_str().unwrap()[..10], action["channel"], action["status"])
                .replace('"', "")
        })
        .collect();
    assert_eq!(
        days,
        [
            "2026-11-03 mail done",
            "2026-11-09 mail done",
            "2026-11-16 letter done",
            "2026-11-23 call prepared",
            "2026-11-30 mail done"
        ],
    );
    assert_eq!(outbox(&world.app).len(), 3);
    let open = case.creditor.get("/api/v1/tasks?status=open").await.expect(200);
    let reasons: Vec<&str> = open["data"].as_array().unwrap().iter().map(|task| task["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["steps_taken", "call_due"]);
    assert_eq!(case.next_action_at().await, None);
    world.finish().await;
}

#[actix_web::test]
async fn a_mail_in_house_speaks_in_the_creditors_name_with_its_account_and_the_debtors_page() {
    let world = World::new().await;
    let case = posted(&world.creditor(1).await, 1, 11).await;
    world.work().await;
    let sent = &case.deliveries().await[0];
    assert_eq!((sent["status"].as_str(), sent["sender"].as_str()), (Some("sent"), Some("CREDITOR 1 SL")));
    let text = sent["body"].as_str().unwrap();
    let iban: entente::types::Iban = crate::support::parties::iban(1).parse().unwrap();
    for said in
        [&format!("{}/d/{}", world.app.settings.public_url, world.app.keys.debtor_token(case.id)), &iban.to_string(), "F-1"]
    {
        assert!(text.contains(said), "{said} is missing in\n{text}");
    }
    let file = &outbox(&world.app)[0];
    for header in
        ["To: pagos@bodegas11.example", "Reply-To: \"CREDITOR 1 SL\" <hola@creditor1.example>", "Auto-Submitted: auto-generated"]
    {
        assert!(file.contains(header), "{header} is missing in\n{file}");
    }
    world.finish().await;
}

#[actix_web::test]
async fn an_engaged_agency_begins_its_own_run_in_its_own_name_and_with_its_client_account() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let operator = world.operator().await;
    let agency = world.agency(2, &operator).await;
    let case = posted(&creditor, 1, 11).await;
    world.work().await;
    engage(&world, case.id, &agency).await;
    world.work().await;
    // The debtor was written to minutes ago, by the creditor.
    assert_eq!(case.done().await, ["reminder: done"]);
    assert_eq!(case.events("contact_deferred").await[0]["rule"], "pace.least_distance");
    days(&world, 2).await;
    let agencys = agency.get(&format!("{}/deliveries", case.path)).await.expect(200);
    let mails = agencys["data"].as_array().unwrap();
    assert_eq!(mails.len(), 1, "an agency sees its own messages only: {agencys}");
    let text = mails[0]["body"].as_str().unwrap();
    let account: entente::types::Iban = crate::support::parties::iban(2).parse().unwrap();
    for said in ["AGENCY 2 SL", "CREDITOR 1 SL", &account.to_string()] {
        assert!(text.contains(said), "{said} is missing in\n{text}");
    }
    assert_eq!(case.done().await, ["reminder: done", "reminder: done"]);

    // Recalled, the creditor's own run goes on where it stood.
    command(&world, case.id, Command::Recall, EventKind::Recalled).await;
    days(&world, 8).await;
    assert_eq!(case.done().await, ["reminder: done", "reminder: done", "second_reminder: done"]);
    world.finish().await;
}

#[actix_web::test]
async fn an_agency_never_writes_more_firmly_than_it_promised_in_its_mandate() {
    let world = World::new().await;
    let engaged = world.engaged(1_200).await;
    days(&world, 32).await;
    let actions = engaged.agency.get(&format!("{}/actions", engaged.path)).await.expect(200);
    let last = actions["data"].as_array().unwrap().last().unwrap();
    assert_eq!((last["template"].as_str(), last["tone"].as_str()), (Some("final_notice"), Some("neutral")));
    let events = engaged.events(&engaged.agency).await;
    let sent = events.iter().rfind(|event| event["kind"] == "contact_sent").unwrap();
    assert_eq!((&sent["data"]["tone"], &sent["data"]["lowered_by"]), (&json!("neutral"), &json!("mandate.tone")));
    world.finish().await;
}

#[actix_web::test]
async fn beyond_the_last_known_rate_the_engine_writes_with_the_claim_of_the_last_day_it_can_reckon() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    at(&world, "2027-01-11T09:00:00Z").await;
    let case = posted(&creditor, 1, 11).await;
    world.work().await;
    assert_eq!(case.done().await, ["reminder: done"]);
    let text = case.deliveries().await[0]["body"].as_str().unwrap().to_owned();
    assert!(text.contains("al 31/12/2026"), "{text}");
    world.finish().await;
}

#[actix_web::test]
async fn a_letter_is_kept_print_ready() {
    let world = World::new().await;
    let case = posted(&world.creditor(1).await, 1, 11).await;
    days(&world, 15).await;
    let deliveries = case.deliveries().await;
    let letter = deliveries.iter().find(|delivery| delivery["channel"] == "letter").unwrap();
    assert_eq!(letter["address"], "Calle del Vino 3, 26001 Logroño");
    let path = format!("/api/v1/deliveries/{}/document", letter["id"].as_str().unwrap());
    let pdf = case.creditor.get(&path).await;
    assert_eq!((pdf.status.as_u16(), pdf.header("content-type")), (200, "application/pdf"));
    assert!(pdf.bytes.starts_with(b"%PDF"));
    world.creditor(2).await.get(&path).await.problem(404, "not-found");
    let reference = letter["subject"].as_str().unwrap();
    assert_eq!(case.events("contact_sent").await.last().unwrap()["reference"], reference);
    // Whatever is written later recalls it.
    days(&world, 14).await;
    assert!(case.deliveries().await.last().unwrap()["body"].as_str().unwrap().contains(reference));
    world.finish().await;
}

#[actix_web::test]
async fn two_workers_take_each_step_once() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    for number in 1..=12 {
        posted(&creditor, number, 100 + number).await;
    }
    let (one, other) = tokio::join!(workers::until_idle(&world.app), workers::until_idle(&world.app));
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(outbox(&world.app).len(), 12);
    let cases = creditor.get("/api/v1/cases").await.expect(200);
    for case in cases["data"].as_array().unwrap() {
        let actions = creditor.get(&format!("/api/v1/cases/{}/actions", case["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(actions["data"].as_array().unwrap().len(), 1, "{actions}");
    }
    world.finish().await;
}

#[actix_web::test]
async fn after_weeks_of_downtime_one_step_is_taken_and_the_others_follow_spaced_out() {
    let world = World::new().await;
    let case = posted(&world.creditor(1).await, 1, 11).await;
    at(&world, "2026-11-26T09:00:00Z").await;
    assert_eq!(case.done().await, ["reminder: done"]);
    days(&world, 1).await;
    assert_eq!(case.done().await, ["reminder: done"]);
    days(&world, 4).await;
    assert_eq!(case.done().await, ["reminder: done", "second_reminder: done"]);
    days(&world, 3).await;
    assert_eq!(case.done().await.last().unwrap(), "letter: done");
    world.finish().await;
}

#[actix_web::test]
async fn nothing_leaves_at_night_on_a_weekend_or_on_a_holiday() {
    for (now, opening, rule) in [
        ("2026-11-03T20:30:00Z", "2026-11-04T08:00:00Z", Some("time.hours")),
        // No step falls on such a day in the first place.
        ("2026-11-07T10:00:00Z", "2026-11-09T08:00:00Z", None),
        ("2026-12-08T10:00:00Z", "2026-12-09T08:00:00Z", None),
    ] {
        let world = World::new().await;
        let creditor = world.creditor(1).await;
        at(&world, now).await;
        let case = posted(&creditor, 1, 11).await;
        world.work().await;
        assert_eq!(outbox(&world.app).len(), 0, "{now}");
        let deferred = case.events("contact_deferred").await;
        assert_eq!(deferred.first().map(|told| told["rule"].as_str().unwrap()), rule);
        assert_eq!(case.next_action_at().await, Some(opening.parse().unwrap()));
        at(&world, opening).await;
        world.pass(TimeDelta::seconds(2)).await;
        assert_eq!(outbox(&world.app).len(), 1, "{now}");
        world.finish().await;
    }
}

#[actix_web::test]
async fn a_mail_prepared_in_the_evening_leaves_in_the_morning() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    at(&world, "2026-11-03T17:59:30Z").await;
    let case = posted(&creditor, 1, 11).await;
    evaluate_only(&world).await;
    assert_eq!(case.deliveries().await[0]["status"], "queued");
    at(&world, "2026-11-03T18:30:00Z").await;
    assert_eq!(outbox(&world.app).len(), 0);
    assert_eq!(case.events("contact_deferred").await[0]["rule"], "time.hours");
    at(&world, "2026-11-04T08:00:10Z").await;
    assert_eq!(outbox(&world.app).len(), 1);
    world.finish().await;
}

#[actix_web::test]
async fn a_mail_that_did_not_leave_before_the_weekend_leaves_after_it() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    at(&world, "2026-12-04T17:59:00Z").await;
    let case = posted(&creditor, 1, 11).await;
    evaluate_only(&world).await;
    at(&world, "2026-12-05T10:00:00Z").await;
    assert_eq!(case.events("contact_deferred").await[0]["rule"], "time.weekend");
    days(&world, 2).await;
    assert_eq!(outbox(&world.app).len(), 1);
    world.finish().await;
}

#[actix_web::test]
async fn the_weekly_cap_counts_over_all_creditors_and_tells_neither_of_the_other() {
    let world = World::new().await;
    let (one, other) = (world.creditor(1).await, world.creditor(2).await);
    let first = [posted(&one, 1, 11).await, posted(&one, 2, 11).await];
    let second = [posted(&other, 3, 11).await, posted(&other, 4, 11).await];
    world.work().await;
    assert_eq!(outbox(&world.app).len(), 3);
    let mut deferred = Vec::new();
    for case in first.iter().chain(&second) {
        deferred.extend(case.events("contact_deferred").await);
    }
    assert_eq!(deferred.len(), 1);
    assert_eq!(deferred[0]["rule"], "pace.weekly_cap");
    let told = deferred[0].to_string();
    assert!(!told.contains("CREDITOR") && !told.contains("org_"), "{told}");
    days(&world, 8).await;
    assert!(outbox(&world.app).len() >= 4);
    world.finish().await;
}

#[actix_web::test]
async fn what_the_profile_forbids_is_left_out_and_the_next_step_comes() {
    let world = World::new().await;
    let case = posted(&world.creditor(1).await, 1, 11).await;
    case.set_profile(|profile| profile["channels"] = json!(["letter", "call"])).await;
    days(&world, 15).await;
    assert_eq!(case.done().await, ["reminder: refused", "second_reminder: refused", "letter: done"]);
    assert_eq!(case.actions().await[0]["rule"], "profile.channel");
    assert_eq!(case.events("contact_refused").await[0]["rule"], "profile.channel");
    nothing_is_forgotten(&world).await;
    world.finish().await;
}

#[actix_web::test]
async fn a_firm_step_is_softened_to_the_ceiling() {
    let world = World::new().await;
    let case = posted(&world.creditor(1).await, 1, 11).await;
    case.set_profile(|profile| profile["tone_ceiling"] = json!("gentle")).await;
    days(&world, 9).await;
    let second = case.actions().await.pop().unwrap();
    assert_eq!((second["template"].as_str(), second["tone"].as_str()), (Some("second_reminder"), Some("gentle")));
    world.finish().await;
}
