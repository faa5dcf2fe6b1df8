//! What organisations are told: once, to the right ones, without a debtor's name, and by mail in their language.

use std::fs;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::{
    recovery::posted,
    support::{Client, PASSWORD, World},
};

async fn notifications(client: &Client, query: &str) -> Vec<Value> {
    client.get(&format!("/api/v1/notifications{query}")).await.expect(200)["data"].as_array().unwrap().clone()
}

fn kinds(notifications: &[Value]) -> Vec<&str> {
    notifications.iter().map(|one| one["kind"].as_str().unwrap()).collect()
}

/// The mails in the outbox to an address.
fn mails(world: &World, to: &str) -> Vec<String> {
    let files = fs::read_dir(world.app.settings.var.join("outbox")).into_iter().flatten().flatten();
    let texts = files.filter_map(|file| fs::read_to_string(file.path()).ok());
    texts.filter(|text| text.contains(&format!("To: {to}"))).collect()
}

#[actix_web::test]
async fn an_award_is_told_to_both_sides_and_the_loser_learns_why() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (creditor, winner, loser) = (world.creditor(1).await, world.agency(2, &operator).await, world.agency(3, &operator).await);
    let case = world.overdue_case(&creditor, "F-1").await;
    let path = format!("/api/v1/cases/{}", case["id"].as_str().unwrap());
    let listing = creditor.post(&format!("{path}/listing"), &json!({ "award_rule": "best_ranked" })).await.expect(201);
    let offers = format!("/api/v1/listings/{}/offers", listing["id"].as_str().unwrap());
    for (agency, fee_bp) in [(&winner, 800), (&loser, 2500)] {
        let offer = json!({ "fee_bp": fee_bp, "first_contact_hours": 24, "update_every_days": 14, "tone": "neutral" });
        agency.post(&offers, &offer).await.expect(201);
    }
    world.pass(TimeDelta::days(4)).await;

    let lost = notifications(&loser, "").await;
    assert_eq!(kinds(&lost), ["offer_lost"]);
    assert_eq!(lost[0]["data"]["rank"], 2);
    assert!(!lost[0]["data"]["reason"].as_str().unwrap().is_empty());
    let won = notifications(&winner, "").await;
    assert!(kinds(&won).contains(&"offer_awarded") && kinds(&won).contains(&"awarded"), "{:?}", kinds(&won));
    assert!(kinds(&notifications(&creditor, "").await).contains(&"awarded"));
    for told in [lost, won] {
        assert!(!json!(told).to_string().contains("Ruiz"), "a debtor's name");
    }
    let mail = mails(&world, "hola@agency3.example");
    assert!(mail.iter().any(|mail| mail.contains("on ES, 500 to 2,000 EUR was")), "{mail:?}");
    assert_eq!(mails(&world, "hola@agency2.example").len(), 1, "the winner gets one mail, not two");
    let to_sign = mails(&world, "hola@creditor1.example");
    assert!(to_sign.len() == 1 && to_sign[0].contains("/portal/mandates/mnd"), "{to_sign:?}");
    world.finish().await;
}

#[actix_web::test]
async fn a_declared_payment_is_mailed_to_who_must_answer_and_a_confirmed_one_to_who_is_paid() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let declared = engaged.declare(&engaged.agency, 100_000, "2026-11-06", "TR-1").await;
    world.work().await;
    let asked = mails(&world, "hola@creditor1.example");
    assert!(
        asked.iter().any(|mail| mail.contains("Please confirm a payment of") && mail.contains("/portal/cases/")),
        "{asked:?}"
    );
    engaged
        .creditor
        .post(&format!("/api/v1/payments/{}/confirmation", declared["id"].as_str().unwrap()), &json!({}))
        .await
        .expect(200);
    world.work().await;
    let paid = mails(&world, "hola@creditor1.example");
    assert!(paid.iter().any(|mail| mail.contains("854.80")), "its share: {paid:?}");
    assert!(!mails(&world, "hola@agency2.example").iter().any(|mail| mail.contains("Your share")), "the agency holds the money");
    for mail in paid {
        assert!(!mail.contains("Ruiz"), "a debtor's name: {mail}");
    }
    world.finish().await;
}

#[actix_web::test]
async fn what_was_read_is_not_unread_and_repeated_jobs_tell_nothing_twice() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    world.work().await;
    let unread = notifications(&engaged.agency, "?unread=true").await;
    assert!(!unread.is_empty());
    let first = format!("/api/v1/notifications/{}/reading", unread[0]["id"].as_str().unwrap());
    let read = engaged.agency.post(&first, &json!({})).await.expect(200);
    assert!(read["read_at"].is_string());
    assert_eq!(engaged.agency.post(&first, &json!({})).await.expect(200), read);
    assert_eq!(notifications(&engaged.agency, "?unread=true").await.len(), unread.len() - 1);
    engaged.creditor.post(&first, &json!({})).await.problem(404, "not-found");

    let before = notifications(&engaged.agency, "").await.len();
    let again = "INSERT INTO jobs (id, kind, payload, run_at)
        SELECT gen_random_uuid(), 'notices.events', jsonb_build_object('case_id', 'case_' || replace(id::text, '-', ''), 'from_seq', 1, 'to_seq', event_count), '2026-11-02'
        FROM cases";
    world.as_owner(again).await;
    world.work().await;
    assert_eq!(notifications(&engaged.agency, "").await.len(), before);
    world.finish().await;
}

#[actix_web::test]
async fn pages_of_notifications_follow_each_other() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    world.work().await;
    let all = notifications(&engaged.creditor, "").await;
    let first = engaged.creditor.get("/api/v1/notifications?limit=1").await.expect(200);
    let cursor = first["next_cursor"].as_str().expect("more follows");
    let second = engaged.creditor.get(&format!("/api/v1/notifications?limit=1&cursor={cursor}")).await.expect(200);
    assert_eq!([&first["data"][0], &second["data"][0]], [&all[0], &all[1]]);
    world.finish().await;
}

fn endings(notifications: &[Value]) -> Vec<&str> {
    let ending = notifications.iter().filter(|one| one["kind"] == "term_ending");
    ending.map(|one| one["data"]["of"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn whoever_has_not_answered_is_reminded_once_before_silence_decides() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    engaged.declare(&engaged.agency, 30_000, "2026-11-06", "TR-1").await;
    let answered = engaged.declare(&engaged.agency, 20_000, "2026-11-06", "TR-2").await;
    let confirmation = format!("/api/v1/payments/{}/confirmation", answered["id"].as_str().unwrap());
    engaged.creditor.post(&confirmation, &json!({})).await.expect(200);
    world.pass(TimeDelta::days(4)).await;
    assert_eq!(endings(&notifications(&engaged.creditor, "").await), Vec::<&str>::new(), "there is time yet");
    for _ in 0..2 {
        world.pass(TimeDelta::days(1)).await;
        let told = notifications(&engaged.creditor, "").await;
        assert_eq!(endings(&told), ["payment"], "one of two is answered, and nobody is told twice");
        assert!(!json!(told).to_string().contains("Ruiz"), "a debtor's name");
    }
    assert_eq!(endings(&notifications(&engaged.agency, "").await), Vec::<&str>::new(), "it has declared it");
    let mail =
        mails(&world, "hola@creditor1.example").into_iter().filter(|mail| mail.contains("still waits for your word")).count();
    assert_eq!(mail, 1);
    world.pass(TimeDelta::days(2)).await;
    assert_eq!(endings(&notifications(&engaged.creditor, "").await), ["payment"]);
    world.finish().await;
}

#[actix_web::test]
async fn of_two_who_sign_the_one_who_has_not_is_reminded_and_a_creditor_of_an_objection() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (creditor, agency) = (world.creditor(1).await, world.agency(2, &operator).await);
    let case = world.overdue_case(&creditor, "F-1").await;
    let path = format!("/api/v1/cases/{}", case["id"].as_str().unwrap());
    let listing = creditor.post(&format!("{path}/listing"), &json!({ "award_rule": "best_ranked" })).await.expect(201);
    let offer = json!({ "fee_bp": 900, "first_contact_hours": 24, "update_every_days": 14, "tone": "neutral" });
    agency.post(&format!("/api/v1/listings/{}/offers", listing["id"].as_str().unwrap()), &offer).await.expect(201);
    world.pass(TimeDelta::days(4)).await;
    let mandate = creditor.get("/api/v1/mandates").await.expect(200)["data"][0].clone();
    let signature = json!({ "full_name": "Ana Firmante", "document_sha256": mandate["document_sha256"] });
    let signed = format!("/api/v1/mandates/{}/signature", mandate["id"].as_str().unwrap());
    creditor.post(&signed, &signature).await.expect(201);
    let sign_by: DateTime<Utc> = mandate["sign_by"].as_str().unwrap().parse().unwrap();
    world.pass(sign_by - world.now() - TimeDelta::hours(1)).await;
    assert_eq!(endings(&notifications(&agency, "").await), ["mandate"]);
    assert_eq!(endings(&notifications(&creditor, "").await), Vec::<&str>::new(), "it has signed");

    let objection = json!({ "reason": "not_ordered", "statement": "never" });
    let other = world.overdue_case(&creditor, "F-2").await;
    let disputes = format!("/api/v1/cases/{}/disputes", other["id"].as_str().unwrap());
    creditor.post(&disputes, &objection).await.expect(201);
    let open = creditor.get(&disputes).await.expect(200)["data"][0].clone();
    let answer_by: DateTime<Utc> = open["answer_by"].as_str().unwrap().parse().unwrap();
    world.pass(answer_by - world.now() - TimeDelta::hours(1)).await;
    assert_eq!(endings(&notifications(&creditor, "").await), ["dispute"]);
    world.finish().await;
}

#[actix_web::test]
async fn a_person_has_one_mail_a_day_about_the_topics_that_they_chose() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let body = json!({ "full_name": "Sara Ventas", "email": "sara@colleagues.example", "role": "sales", "password": PASSWORD, "language": "en" });
    creditor.post("/api/v1/members", &body).await.expect(201);
    let sara = world.log_in("sara@colleagues.example").await;
    let digest = "/api/v1/me/notice-digest";
    assert_eq!(sara.get(digest).await.expect(200), json!({ "topics": [] }));
    sara.put(digest, None, &json!({ "topics": ["weather"] })).await.problem(422, "invalid");
    let chosen = json!({ "topics": ["objections", "answers"] });
    let kept = json!({ "topics": ["answers", "objections"] });
    for _ in 0..2 {
        assert_eq!(sara.put(digest, None, &chosen).await.expect(200), kept);
    }
    assert_eq!(creditor.get(digest).await.expect(200), json!({ "topics": [] }), "it is Sara's choice alone");
    let key = creditor.post("/api/v1/api-keys", &json!({ "name": "ERP", "scopes": ["read"] })).await.expect(201);
    world.stranger().with_token(key["secret"].as_str().unwrap()).get(digest).await.problem(403, "forbidden");

    let case = posted(&creditor, 1, 11).await;
    let objection = json!({ "reason": "defective", "statement": "broken" });
    creditor.post(&format!("{}/disputes", case.path), &objection).await.expect(201);
    let payment =
        json!({ "amount": { "minor": 1_000, "currency": "EUR" }, "received_on": "2026-11-02", "bank_reference": "T-1" });
    creditor.post(&format!("{}/payments", case.path), &payment).await.expect(201);
    for _ in 0..3 {
        world.pass(TimeDelta::days(1)).await;
    }
    let [mail] = mails(&world, "sara@colleagues.example").try_into().unwrap();
    assert!(
        mail.contains("News today: 1") && mail.contains("Objection raised") && mail.contains("/portal/notifications"),
        "{mail}"
    );
    assert!(!mail.contains("Bodegas") && !mail.contains("Payment"), "{mail}");

    let told = creditor.get("/api/v1/notifications?unread=true").await.expect(200)["data"].as_array().unwrap().len();
    assert_eq!(creditor.post("/api/v1/notifications/reading", &json!({})).await.expect(200), json!({ "read": told }));
    assert_eq!(creditor.get("/api/v1/notifications?unread=true").await.expect(200)["data"], json!([]));

    sara.put(digest, None, &json!({ "topics": [] })).await.expect(200);
    creditor.post(&format!("{}/promises", case.path), &json!({ "promised_on": "2026-11-12" })).await;
    for _ in 0..2 {
        world.pass(TimeDelta::days(1)).await;
    }
    assert_eq!(mails(&world, "sara@colleagues.example").len(), 1, "no topics, no mail");
    world.finish().await;
}
