//! What a debtor may answer beside a promise and an objection: pay in parts, or say what stands in the way.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::{Posted, World};

impl Posted {
    /// Up to six instalments of 100.00 or more, the first within thirty days.
    async fn allow_plans(&self) {
        let policy = json!({ "instalments_max": 6, "least_minor": 10_000, "first_within_days": 30 });
        self.creditor.put("/api/v1/plan-policy", Some("\"v0\""), &policy).await.expect(200);
    }

    async fn agree(&self, instalments: u32, first_on: &str) -> Value {
        let wish = json!({ "instalments": instalments, "first_on": first_on });
        self.creditor.post(&format!("{}/plans", self.api), &wish).await.expect(201)
    }

    async fn plan_status(&self) -> String {
        self.creditor.get(&format!("{}/plans", self.api)).await.expect(200)["data"][0]["status"].as_str().unwrap().to_owned()
    }
}

async fn at(world: &World, moment: &str) {
    let moment: DateTime<Utc> = moment.parse().unwrap();
    while world.now() < moment {
        world.pass((moment - world.now()).min(TimeDelta::days(1))).await;
    }
}

#[actix_web::test]
async fn a_plan_stays_within_what_the_creditor_allowed_beforehand() {
    let world = World::new().await;
    let case = world.posted().await;
    let plans = format!("{}/plans", case.api);
    let wish = json!({ "instalments": 3, "first_on": "2026-11-10" });
    let refused = case.creditor.post(&plans, &wish).await.problem(422, "invalid");
    assert!(refused["detail"].as_str().unwrap().contains("without being asked"), "{refused}");

    let policy = json!({ "instalments_max": 3, "least_minor": 40_000, "first_within_days": 10 });
    world.stranger().put("/api/v1/plan-policy", Some("\"v0\""), &policy).await.problem(401, "unauthenticated");
    let endless = json!({ "instalments_max": 60, "least_minor": 1, "first_within_days": 10 });
    case.creditor.put("/api/v1/plan-policy", Some("\"v0\""), &endless).await.problem(422, "invalid");
    case.creditor.put("/api/v1/plan-policy", Some("\"v0\""), &policy).await.expect(200);
    case.creditor.put("/api/v1/plan-policy", Some("\"v0\""), &policy).await.problem(412, "stale-version");
    let few = case.creditor.post(&plans, &wish).await.problem(422, "invalid");
    assert_eq!(few["errors"][0]["detail"], "a plan has 2 to 2 instalments here");
    let late = json!({ "instalments": 2, "first_on": "2026-11-13" });
    assert_eq!(case.creditor.post(&plans, &late).await.problem(422, "invalid")["errors"][0]["pointer"], "/first_on");
    world.creditor(2).await.post(&plans, &wish).await.problem(404, "not-found");

    // Laid out first, then meant.
    let wish = json!({ "instalments": 2, "first_on": "2026-11-10" });
    let tried = case.creditor.post(&format!("{plans}?dry_run=true"), &wish).await.expect(201);
    let plan = case.creditor.post(&plans, &wish).await.expect(201);
    assert_eq!(tried["instalments"], plan["instalments"]);
    let sum: i64 = plan["instalments"].as_array().unwrap().iter().map(|part| part["amount"]["minor"].as_i64().unwrap()).sum();
    let claim = case.creditor.get(&format!("{}/claim?on=2026-11-02", case.api)).await.expect(200);
    assert_eq!(Some(sum), claim["total"]["minor"].as_i64());
    case.creditor.post(&plans, &wish).await.problem(409, "wrong-state");
    world.finish().await;
}

#[actix_web::test]
async fn a_plan_that_is_kept_leaves_nothing_owed_and_nobody_writes_meanwhile() {
    let world = World::new().await;
    let case = world.posted().await;
    world.work().await;
    let written = case.creditor.get(&format!("{}/deliveries", case.api)).await.expect(200)["data"].as_array().unwrap().len();
    case.allow_plans().await;
    let plan = case.agree(2, "2026-11-20").await;
    let part = |number: usize| plan["instalments"][number]["amount"]["minor"].as_i64().unwrap();
    at(&world, "2026-11-20T12:00:00Z").await;
    case.pay(part(0), "2026-11-20", "T-1").await;
    at(&world, "2026-12-20T12:00:00Z").await;
    assert_eq!((case.plan_status().await.as_str(), case.case().await["phase"].as_str()), ("running", Some("in_house")));
    case.pay(part(1), "2026-12-18", "T-2").await;
    at(&world, "2026-12-23T12:00:00Z").await;
    assert_eq!(case.plan_status().await, "kept");
    let closed = case.case().await;
    assert_eq!((closed["phase"].as_str(), closed["outcome"].as_str()), (Some("closed"), Some("settled")));
    let deliveries = case.creditor.get(&format!("{}/deliveries", case.api)).await.expect(200);
    assert_eq!(deliveries["data"].as_array().unwrap().len(), written, "{deliveries}");
    world.finish().await;
}

#[actix_web::test]
async fn a_kept_plan_whose_instalment_goes_back_is_kept_no_more() {
    let world = World::new().await;
    let case = world.posted().await;
    case.allow_plans().await;
    let plan = case.agree(2, "2026-11-10").await;
    let part = |number: usize| plan["instalments"][number]["amount"]["minor"].as_i64().unwrap();
    at(&world, "2026-11-10T12:00:00Z").await;
    case.pay(part(0), "2026-11-10", "T-1").await;
    at(&world, "2026-12-10T12:00:00Z").await;
    case.pay(part(1), "2026-12-10", "T-2").await;
    case.pay(100, "2026-12-10", "T-3").await;
    at(&world, "2026-12-14T12:00:00Z").await;
    assert_eq!((case.plan_status().await.as_str(), &case.case().await["outcome"]), ("kept", &json!("settled")));
    case.take_back("T-3", "2026-12-14").await;
    assert_eq!(
        (case.plan_status().await.as_str(), &case.case().await["phase"]),
        ("kept", &json!("closed")),
        "all of it is there"
    );
    case.take_back("T-2", "2026-12-14").await;
    let open = case.case().await;
    assert_eq!((&open["phase"], &open["recovered"]["minor"], &open["holds"]), (&json!("in_house"), &json!(part(0)), &json!([])));
    assert_eq!(case.plan_status().await, "broken");
    let told = case.kinds().await;
    for kind in ["plan_kept", "payment_reversed", "reopened", "plan_broken"] {
        assert!(told.iter().any(|one| one == kind), "{kind}: {told:?}");
    }
    world.finish().await;
}

#[actix_web::test]
async fn a_plan_that_is_not_kept_ends_and_recovery_goes_on() {
    let world = World::new().await;
    let case = world.posted().await;
    world.work().await;
    case.allow_plans().await;
    case.agree(4, "2026-11-10").await;
    at(&world, "2026-11-11T18:00:00Z").await;
    assert_eq!(case.plan_status().await, "running", "a working day of patience");
    at(&world, "2026-11-12T10:00:00Z").await;
    assert_eq!(case.plan_status().await, "broken");
    assert_eq!(case.case().await["holds"], json!([]));
    let kinds = case.kinds().await;
    assert!(kinds.contains(&"plan_agreed".to_owned()) && kinds.contains(&"plan_broken".to_owned()), "{kinds:?}");
    let actions = case.creditor.get(&format!("{}/actions", case.api)).await.expect(200);
    assert_eq!(actions["data"].as_array().unwrap().len(), 2, "the next step came: {actions}");
    // Another one may be agreed on.
    case.agree(2, "2026-11-20").await;
    world.finish().await;
}

#[actix_web::test]
async fn the_debtor_agrees_on_a_plan_alone_on_its_page() {
    let world = World::new().await;
    let case = world.posted().await;
    let en = format!("{}?lang=en", case.page);
    assert!(!world.stranger().browse(&en).await.page(200).contains("Pay in parts"), "nothing is offered in the creditor's name");
    case.allow_plans().await;
    let html = world.stranger().browse(&en).await.page(200);
    assert!(html.contains("up to 6 monthly instalments") && html.contains("<option value=\"6\""), "{html}");
    let form = format!("{}/plan?lang=en", case.page);
    let wrong = world.stranger().submit(&form, &[("instalments", "9"), ("first_on", "2026-11-10")]).await.page(422);
    assert!(wrong.contains("Choose 2 to 6 parts.") && wrong.contains("value=\"2026-11-10\""), "{wrong}");
    let fields = [("instalments", "3"), ("first_on", "2026-11-10")];
    let agreed = world.stranger().submit(&form, &fields).await.page(200);
    assert!(agreed.contains("Thank you: you pay in parts") && agreed.contains("November 2026"), "{agreed}");
    // A second click finds the first one's plan.
    world.stranger().submit(&form, &fields).await.page(200);
    let plans = case.creditor.get(&format!("{}/plans", case.api)).await.expect(200);
    assert_eq!(plans["data"].as_array().unwrap().len(), 1);
    assert_eq!(case.case().await["holds"][0]["kind"], "plan");
    world.finish().await;
}

#[actix_web::test]
async fn hardship_insolvency_and_a_lawyer_stop_contact_at_once() {
    let world = World::new().await;
    let case = world.posted().await;
    let form = format!("{}/circumstance?lang=en", case.page);
    let wrong = world.stranger().submit(&form, &[("kind", ""), ("statement", "fire <b>")]).await.page(422);
    assert!(wrong.contains("Choose what it is") && wrong.contains("fire &#60;b&#62;"), "{wrong}");
    let said = [("kind", "hardship"), ("statement", "a fire in the workshop")];
    assert!(world.stranger().submit(&form, &said).await.page(200).contains("This claim rests for now"));
    let hold = case.case().await["holds"][0].clone();
    assert_eq!((hold["kind"].as_str(), hold["ends_at"].is_string()), (Some("hardship"), true));
    world.work().await;
    let deliveries = case.creditor.get(&format!("{}/deliveries", case.api)).await.expect(200);
    assert!(deliveries["data"].as_array().unwrap().is_empty(), "{deliveries}");

    let path = format!("{}/circumstances", case.api);
    let lawyer = json!({ "kind": "represented", "statement": "Maître Durand answers" });
    world.stranger().post(&path, &lawyer).await.problem(401, "unauthenticated");
    world.creditor(2).await.post(&path, &lawyer).await.problem(404, "not-found");
    case.creditor.post(&path, &json!({ "kind": "represented", "statement": " " })).await.problem(422, "invalid");
    case.creditor.post(&path, &lawyer).await.expect(201);
    at(&world, "2026-12-10T12:00:00Z").await;
    let holds = case.case().await["holds"].clone();
    assert_eq!(holds[0]["kind"], "represented", "hardship is over, the lawyer is not: {holds}");
    assert_eq!(case.kinds().await.iter().filter(|kind| *kind == "contact_sent").count(), 0);
    world.finish().await;
}
