//! Less than is claimed, agreed to be enough where it is paid by a day.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Posted, World};

impl Posted {
    /// Four fifths are enough.
    async fn allow(&self) {
        let policy = json!({ "floor_bp": 8_000, "answer_days": 7, "pay_within_days": 30 });
        self.creditor.put("/api/v1/settlement-policy", Some("\"v0\""), &policy).await.expect(200);
    }

    async fn propose(&self, proposed_by: &str, minor: i64, pay_by: &str) -> Value {
        self.creditor.post(&format!("{}/settlements", self.api), &proposal(proposed_by, minor, pay_by)).await.expect(201)
    }

    async fn answer(&self, settlement: &Value, said: &str) -> Value {
        let path = format!("/api/v1/settlements/{}/answer", settlement["id"].as_str().unwrap());
        self.creditor.post(&path, &json!({ "answer": said })).await.expect(200)
    }

    async fn settlement(&self) -> Value {
        self.creditor.get(&format!("{}/settlements", self.api)).await.expect(200)["data"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .clone()
    }

    async fn written(&self) -> Vec<String> {
        let found = self.creditor.get(&format!("{}/deliveries", self.api)).await.expect(200);
        found["data"].as_array().unwrap().iter().map(|one| one["body"].as_str().unwrap().replace('\u{a0}', " ")).collect()
    }
}

fn proposal(proposed_by: &str, minor: i64, pay_by: &str) -> Value {
    json!({ "proposed_by": proposed_by, "amount": { "minor": minor, "currency": "EUR" }, "pay_by": pay_by })
}

async fn days(world: &World, count: i32) {
    for _ in 0..count {
        world.pass(TimeDelta::days(1)).await;
    }
}

#[actix_web::test]
async fn an_offer_that_is_accepted_and_paid_in_time_leaves_nothing_owed() {
    let world = World::new().await;
    let case = world.posted().await;
    let offer = case.propose("creditor", 90_000, "2026-11-20").await;
    world.work().await;
    assert!(case.written().await[0].contains("900,00"), "the mail tells of it");
    let en = format!("{}?lang=en", case.page);
    let page = world.stranger().browse(&en).await.page(200).replace('\u{a0}', " ");
    assert!(page.contains("You may settle for €900.00"), "{page}");
    let answer = format!("{}/settlement/answer?lang=en", case.page);
    let agreed = world.stranger().submit(&answer, &[("answer", "accept")]).await.page(200).replace('\u{a0}', " ");
    assert!(agreed.contains("Agreed: €900.00 is enough"), "{agreed}");
    let written = case.written().await.len();
    days(&world, 5).await;
    assert_eq!(case.written().await.len(), written, "nobody reminds");
    case.pay(50_000, "2026-11-06", "2026-11-06").await;
    assert_eq!(case.case().await["phase"], "in_house");
    case.pay(40_000, "2026-11-07", "2026-11-07").await;
    let closed = case.case().await;
    assert_eq!(
        (&closed["phase"], &closed["outcome"], &closed["recovered"]["minor"]),
        (&json!("closed"), &json!("settled"), &json!(90_000))
    );
    let kept = case.settlement().await;
    assert_eq!((&kept["id"], &kept["status"]), (&offer["id"], &json!("kept")));
    let after = case.creditor.get(&format!("{}/suggested-terms", case.api)).await.expect(200);
    assert_eq!((&after["because"], &after["deposit_bp"]), (&json!("paid_with_trouble"), &json!(5_000)));
    world.creditor(2).await.get(&format!("{}/suggested-terms", case.api)).await.problem(404, "not-found");
    // 1,000.00, 27.64 interest to the day of the last payment and 40.00, less 900.00.
    assert!(kept["waived"]["minor"].as_i64().unwrap() > 16_000, "{kept}");
    world.finish().await;
}

#[actix_web::test]
async fn a_settlement_that_is_not_paid_in_time_leaves_the_whole_claim() {
    let world = World::new().await;
    let case = world.posted().await;
    world.work().await;
    let offer = case.propose("creditor", 80_000, "2026-11-10").await;
    case.answer(&offer, "accept").await;
    assert_eq!(case.case().await["holds"][0]["kind"], "settlement");
    case.creditor.get(&format!("{}/suggested-terms", case.api)).await.problem(409, "wrong-state");
    days(&world, 4).await;
    case.pay(30_000, "2026-11-06", "2026-11-06").await;
    let written = case.written().await.len();
    days(&world, 8).await;
    assert_eq!((&case.settlement().await["status"], &case.case().await["holds"]), (&json!("broken"), &json!([])));
    let claim = case.creditor.get(&format!("{}/claim?on=2026-11-14", case.api)).await.expect(200);
    assert!(claim["total"]["minor"].as_i64().unwrap() > 76_000, "{claim}");
    days(&world, 6).await;
    assert!(case.written().await.len() > written, "recovery goes on by itself");
    // Another one may be agreed on.
    case.propose("creditor", 50_000, "2026-12-01").await;
    world.finish().await;
}

#[actix_web::test]
async fn a_kept_settlement_whose_payment_goes_back_before_its_day_may_still_be_kept() {
    let world = World::new().await;
    let case = world.posted().await;
    let offer = case.propose("creditor", 80_000, "2026-11-20").await;
    case.answer(&offer, "accept").await;
    days(&world, 4).await;
    case.pay(30_000, "2026-11-04", "T-1").await;
    case.pay(50_000, "2026-11-05", "T-2").await;
    assert_eq!((&case.case().await["outcome"], &case.settlement().await["status"]), (&json!("settled"), &json!("kept")));
    case.take_back("T-2", "2026-11-06").await;
    let (open, fallen) = (case.case().await, case.settlement().await);
    assert_eq!((&open["phase"], &open["recovered"]["minor"]), (&json!("in_house"), &json!(30_000)));
    assert_eq!(open["holds"][0]["kind"], "settlement", "nobody asks for more until its day: {open}");
    assert_eq!((&fallen["status"], &fallen["waived"]["minor"]), (&json!("agreed"), &json!(0)));
    let claim = case.creditor.get(&format!("{}/claim?on=2026-11-06", case.api)).await.expect(200);
    assert!(claim["total"]["minor"].as_i64().unwrap() > 76_000, "the whole claim, less what came: {claim}");
    let page = world.stranger().browse(&format!("{}?lang=en", case.page)).await.page(200).replace('\u{a0}', " ");
    assert!(page.contains("Agreed: €500.00 is enough"), "{page}");
    days(&world, 3).await;
    case.pay(50_000, "2026-11-09", "T-3").await;
    let kept = case.settlement().await;
    assert_eq!((&case.case().await["outcome"], &kept["status"]), (&json!("settled"), &json!("kept")));
    assert!(kept["waived"]["minor"].as_i64().unwrap() > 26_000, "{kept}");
    world.finish().await;
}

#[actix_web::test]
async fn a_kept_settlement_whose_payment_goes_back_after_its_day_leaves_the_whole_claim() {
    let world = World::new().await;
    let case = world.posted().await;
    let offer = case.propose("creditor", 80_000, "2026-11-05").await;
    case.answer(&offer, "accept").await;
    days(&world, 3).await;
    case.pay(80_000, "2026-11-04", "T-1").await;
    days(&world, 5).await;
    let written = case.written().await.len();
    case.take_back("T-1", "2026-11-09").await;
    let (open, fallen) = (case.case().await, case.settlement().await);
    assert_eq!((&open["phase"], &open["recovered"]["minor"], &open["holds"]), (&json!("in_house"), &json!(0), &json!([])));
    assert_eq!((&fallen["status"], &fallen["waived"]["minor"]), (&json!("broken"), &json!(0)));
    let claim = case.creditor.get(&format!("{}/claim?on=2026-11-10", case.api)).await.expect(200);
    assert!(claim["total"]["minor"].as_i64().unwrap() > 106_000, "{claim}");
    let told = case.kinds().await;
    for kind in ["settlement_kept", "payment_reversed", "reopened", "settlement_broken"] {
        assert!(told.iter().any(|one| one == kind), "{kind}: {told:?}");
    }
    days(&world, 10).await;
    assert!(case.written().await.len() > written, "recovery goes on by itself");
    world.finish().await;
}

#[actix_web::test]
async fn a_settlement_that_is_still_paid_when_something_goes_back_stays_kept() {
    let world = World::new().await;
    let case = world.posted().await;
    let offer = case.propose("creditor", 80_000, "2026-11-20").await;
    case.answer(&offer, "accept").await;
    days(&world, 3).await;
    case.pay(5_000, "2026-11-04", "T-1").await;
    case.pay(80_000, "2026-11-05", "T-2").await;
    let before = case.settlement().await["waived"]["minor"].as_i64().unwrap();
    case.take_back("T-1", "2026-11-05").await;
    let (closed, kept) = (case.case().await, case.settlement().await);
    assert_eq!(
        (&closed["phase"], &closed["outcome"], &closed["recovered"]["minor"]),
        (&json!("closed"), &json!("settled"), &json!(80_000))
    );
    assert_eq!((&kept["status"], kept["waived"]["minor"].as_i64()), (&json!("kept"), Some(before + 5_000)));
    world.finish().await;
}

#[actix_web::test]
async fn what_the_debtor_asks_is_agreed_from_the_floor_on_and_else_put_to_the_creditor() {
    let world = World::new().await;
    let case = world.posted().await;
    let en = format!("{}?lang=en", case.page);
    assert!(!world.stranger().browse(&en).await.page(200).contains("Settle for less"), "nothing without the creditor's policy");
    case.allow().await;
    let html = world.stranger().browse(&en).await.page(200);
    assert!(html.contains("Settle for less") && !html.contains("8000"), "{html}");
    let form = format!("{}/settlement?lang=en", case.page);
    let wrong = world.stranger().submit(&form, &[("amount", "2000"), ("pay_by", "2026-11-20")]).await.page(422);
    assert!(wrong.contains("Write an amount below") && wrong.contains("value=\"2000\""), "{wrong}");
    // Below the floor.
    let asked = world.stranger().submit(&form, &[("amount", "500"), ("pay_by", "2026-11-20")]).await.page(200);
    assert!(asked.replace('\u{a0}', " ").contains("You asked to settle for €500.00"), "{asked}");
    assert_eq!(case.settlement().await["status"], "open");
    world.work().await;
    assert!(case.written().await.is_empty(), "contact rests meanwhile");
    case.answer(&case.settlement().await, "decline").await;
    // From the floor on.
    let agreed = world.stranger().submit(&form, &[("amount", "900"), ("pay_by", "2026-11-20")]).await.page(200);
    assert!(agreed.replace('\u{a0}', " ").contains("Agreed: €900.00 is enough"), "{agreed}");
    assert_eq!(case.settlement().await["status"], "agreed");
    world.finish().await;
}

#[actix_web::test]
async fn what_nobody_answers_expires_and_contact_resumes() {
    let world = World::new().await;
    let case = world.posted().await;
    case.allow().await;
    case.propose("debtor", 50_000, "2026-11-25").await;
    days(&world, 12).await;
    assert_eq!((&case.settlement().await["status"], &case.case().await["holds"]), (&json!("expired"), &json!([])));
    assert_eq!(case.written().await.len(), 1);
    world.finish().await;
}

#[actix_web::test]
async fn only_what_is_less_and_ones_own_can_be_settled() {
    let world = World::new().await;
    let case = world.posted().await;
    let path = format!("{}/settlements", case.api);
    let policy = json!({ "floor_bp": 0, "answer_days": 7, "pay_within_days": 30 });
    world.stranger().put("/api/v1/settlement-policy", Some("\"v0\""), &policy).await.problem(401, "unauthenticated");
    case.creditor.put("/api/v1/settlement-policy", Some("\"v0\""), &policy).await.problem(422, "invalid");
    case.allow().await;
    let stale = json!({ "floor_bp": 9_000, "answer_days": 7, "pay_within_days": 30 });
    case.creditor.put("/api/v1/settlement-policy", Some("\"v0\""), &stale).await.problem(412, "stale-version");
    let fine = proposal("creditor", 90_000, "2026-11-20");
    world.stranger().post(&path, &fine).await.problem(401, "unauthenticated");
    world.creditor(2).await.post(&path, &fine).await.problem(404, "not-found");
    for (minor, pay_by, pointer) in
        [(0, "2026-11-20", "/amount"), (200_000, "2026-11-20", "/amount"), (90_000, "2027-03-01", "/pay_by")]
    {
        let refused = case.creditor.post(&path, &proposal("creditor", minor, pay_by)).await.problem(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], pointer);
    }
    let made = case.creditor.post(&path, &fine).await.expect(201);
    case.creditor.post(&path, &fine).await.problem(409, "wrong-state");
    let answer = format!("/api/v1/settlements/{}/answer", made["id"].as_str().unwrap());
    world.creditor(3).await.post(&answer, &json!({ "answer": "accept" })).await.problem(404, "not-found");
    case.creditor.post(&answer, &json!({ "answer": "decline" })).await.expect(200);
    case.creditor.post(&answer, &json!({ "answer": "accept" })).await.problem(409, "wrong-state");
    world.finish().await;
}

#[actix_web::test]
async fn an_agency_offers_down_to_the_floor_and_is_paid_on_what_came_in() {
    let world = World::new().await;
    let case = world.engaged(1_000).await;
    let policy = json!({ "floor_bp": 8_000, "answer_days": 7, "pay_within_days": 30 });
    case.creditor.put("/api/v1/settlement-policy", Some("\"v0\""), &policy).await.expect(200);
    let path = format!("{}/settlements", case.path);
    let refused = case.agency.post(&path, &proposal("creditor", 70_000, "2026-11-20")).await.problem(422, "invalid");
    assert!(refused["detail"].as_str().unwrap().contains("only the creditor itself settles"), "{refused}");
    // Below the floor the debtor's word is the creditor's to answer.
    let asked = case.agency.post(&path, &proposal("debtor", 70_000, "2026-11-20")).await.expect(201);
    let answer = format!("/api/v1/settlements/{}/answer", asked["id"].as_str().unwrap());
    case.agency.post(&answer, &json!({ "answer": "accept" })).await.problem(403, "forbidden");
    case.creditor.post(&answer, &json!({ "answer": "accept" })).await.expect(200);
    let paid = case.declare(&case.agency, 70_000, "2026-11-06", "T-1").await;
    let confirmed = format!("/api/v1/payments/{}/confirmation", paid["id"].as_str().unwrap());
    case.creditor.post(&confirmed, &json!({})).await.expect(200);
    assert_eq!(case.creditor.get(&case.path).await.expect(200)["outcome"], "settled");
    let fees = case.creditor.get("/api/v1/fees").await.expect(200);
    assert_eq!(fees["data"][0]["net"]["minor"], 7_000, "ten per cent of what came in: {fees}");
    world.finish().await;
}
