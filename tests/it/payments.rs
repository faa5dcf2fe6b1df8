//! Payments over HTTP: declared, confirmed, contested, left unanswered, refused.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Client, Engaged, World, payment};

fn confirmation(of: &Value) -> String {
    format!("/api/v1/payments/{}/confirmation", of["id"].as_str().unwrap())
}

fn contest(of: &Value) -> String {
    format!("/api/v1/payments/{}/contest", of["id"].as_str().unwrap())
}

async fn holds(engaged: &Engaged) -> Vec<String> {
    let case = engaged.creditor.get(&engaged.path).await.expect(200);
    case["holds"].as_array().unwrap().iter().map(|hold| hold["kind"].as_str().unwrap().to_owned()).collect()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

async fn unread(client: &Client) -> Vec<String> {
    let page = client.get("/api/v1/notifications?unread=true").await.expect(200);
    page["data"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn a_declared_payment_stops_contact_and_a_confirmed_part_payment_lets_it_go_on() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let declared = engaged.declare(&engaged.agency, 50_000, "2026-11-06", "TR-1").await;
    assert_eq!((declared["status"].as_str(), declared["route"].as_str()), (Some("declared"), Some("agency_account")));
    assert_eq!(holds(&engaged).await, ["payment_in_flight"]);
    world.work().await;
    assert!(unread(&engaged.creditor).await.contains(&"payment_declared".to_owned()));

    let confirmed = engaged.creditor.post(&confirmation(&declared), &json!({})).await.expect(200);
    assert_eq!(confirmed["status"], "confirmed");
    assert_eq!(holds(&engaged).await, Vec::<String>::new());
    assert_eq!(engaged.phase().await, "active");
    let case = engaged.creditor.get(&engaged.path).await.expect(200);
    assert_eq!(case["recovered"]["minor"], 50_000);
    assert!(case["next_action_at"].is_string(), "whoever pursues the case goes on: {case}");

    // Compensation 40.00 and interest come first; what is left of it lowers the principal.
    let shown = engaged.agency.get(&format!("/api/v1/payments/{}", declared["id"].as_str().unwrap())).await.expect(200);
    let parts: Vec<&str> = shown["allocations"].as_array().unwrap().iter().map(|line| line["part"].as_str().unwrap()).collect();
    assert_eq!(parts, ["compensation", "interest", "principal"]);
    let spent: i64 = shown["allocations"].as_array().unwrap().iter().map(|line| line["amount"]["minor"].as_i64().unwrap()).sum();
    assert_eq!(spent, 50_000);
    world.finish().await;
}

#[actix_web::test]
async fn a_payment_of_all_that_is_owed_closes_the_case_and_a_cent_more_is_refused() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let owed = engaged.owed("2026-11-06").await;
    let declare = format!("{}/payments", engaged.path);
    let refused = engaged.agency.post(&declare, &payment(owed + 1, "2026-11-06", "TR-1")).await.problem(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/amount");
    assert!(refused["detail"].as_str().unwrap().contains(&format!("{}.{:02} EUR", owed / 100, owed % 100)), "{refused}");

    let declared = engaged.declare(&engaged.agency, owed, "2026-11-06", "TR-1").await;
    engaged.creditor.post(&confirmation(&declared), &json!({})).await.expect(200);
    let case = engaged.creditor.get(&engaged.path).await.expect(200);
    assert_eq!((case["phase"].as_str(), case["outcome"].as_str()), (Some("closed"), Some("paid")));
    assert_eq!(case["next_action_at"], Value::Null);
    assert_eq!(engaged.owed("2026-11-20").await, 0);
    world.work().await;
    let engagements = engaged.creditor.get(&format!("{}/engagements", engaged.path)).await.expect(200);
    assert_eq!(engagements["data"][0]["end_reason"], "closed");
    engaged.agency.post(&declare, &payment(100, "2026-11-06", "TR-2")).await.problem(409, "wrong-state");
    world.finish().await;
}

#[actix_web::test]
async fn what_is_declared_and_unanswered_is_not_owed_a_second_time() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let owed = engaged.owed("2026-11-06").await;
    engaged.declare(&engaged.agency, owed - 100, "2026-11-06", "TR-1").await;
    let declare = format!("{}/payments", engaged.path);
    engaged.creditor.post(&declare, &payment(101, "2026-11-06", "TR-2")).await.problem(422, "invalid");
    engaged.creditor.post(&declare, &payment(100, "2026-11-06", "TR-2")).await.expect(201);
    world.finish().await;
}

#[actix_web::test]
async fn a_payment_is_refused_where_its_day_currency_or_reference_is_wrong() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let declare = format!("{}/payments", engaged.path);
    for (body, status, code, pointer) in [
        (payment(100, "2026-11-07", "TR-1"), 422, "invalid", "/received_on"),
        (payment(100, "2026-06-30", "TR-1"), 422, "invalid", "/received_on"),
        (payment(0, "2026-11-06", "TR-1"), 422, "invalid", "/amount"),
        (payment(-5, "2026-11-06", "TR-1"), 422, "invalid", "/amount"),
        (payment(100, "2026-11-06", "  "), 422, "invalid", "/bank_reference"),
        (payment(100, "2026-11-06", &"x".repeat(141)), 422, "invalid", "/bank_reference"),
    ] {
        let refused = engaged.agency.post(&declare, &body).await.problem(status, code);
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{body}");
    }
    let pounds = json!({ "amount": { "minor": 100, "currency": "GBP" }, "received_on": "2026-11-06", "bank_reference": "TR-1" });
    let refused = engaged.agency.post(&declare, &pounds).await.problem(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/amount/currency");

    engaged.declare(&engaged.agency, 100, "2026-11-06", "TR-1").await;
    let twice = engaged.agency.post(&declare, &payment(200, "2026-11-05", " TR-1 ")).await.problem(409, "conflict");
    assert_eq!(twice["errors"][0]["pointer"], "/bank_reference");
    world.finish().await;
}

#[actix_web::test]
async fn each_side_declares_what_it_sees_and_the_other_answers() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let declare = format!("{}/payments", engaged.path);
    let mut claimed = payment(100, "2026-11-06", "TR-1");
    claimed["route"] = "agency_account".into();
    let refused = engaged.creditor.post(&declare, &claimed).await.problem(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/route");

    let direct = engaged.declare(&engaged.creditor, 100, "2026-11-06", "TR-1").await;
    assert_eq!(direct["route"], "direct");
    engaged.creditor.post(&confirmation(&direct), &json!({})).await.problem(403, "forbidden");
    engaged.agency.post(&confirmation(&direct), &json!({})).await.expect(200);

    let stranger = world.agency(3, &engaged.operator).await;
    stranger.post(&declare, &payment(100, "2026-11-06", "TR-2")).await.problem(404, "not-found");
    stranger.post(&confirmation(&direct), &json!({})).await.problem(404, "not-found");
    stranger.post(&contest(&direct), &json!({ "reason": "no" })).await.problem(404, "not-found");
    stranger.get(&format!("/api/v1/payments/{}", direct["id"].as_str().unwrap())).await.problem(404, "not-found");
    assert_eq!(stranger.get("/api/v1/payments").await.expect(200)["data"], json!([]));
    world.finish().await;
}

#[actix_web::test]
async fn of_two_confirmations_one_counts_and_a_repetition_gets_the_same_answer() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let declared = engaged.declare(&engaged.agency, 50_000, "2026-11-06", "TR-1").await;
    let (path, body) = (confirmation(&declared), json!({}));
    let racers = (0..6).map(|racer| {
        let (client, path, body) = (engaged.creditor.clone(), path.clone(), body.clone());
        async move { client.post_once(&path, &format!("race-{racer}"), &body).await.status.as_u16() }
    });
    let mut statuses = futures_util::future::join_all(racers).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409]);
    let case = engaged.creditor.get(&engaged.path).await.expect(200);
    assert_eq!(case["recovered"]["minor"], 50_000);

    let second = engaged.declare(&engaged.agency, 10_000, "2026-11-06", "TR-2").await;
    let first_answer = engaged.creditor.post_once(&confirmation(&second), "twice", &body).await.expect(200);
    let again = engaged.creditor.post_once(&confirmation(&second), "twice", &body).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(200), first_answer);
    let fees = engaged.agency.get("/api/v1/fees").await.expect(200);
    assert_eq!(fees["data"].as_array().unwrap().len(), 4, "two payments, each with a fee and a commission");
    world.finish().await;
}

#[actix_web::test]
async fn a_contested_payment_stays_held_until_the_operator_decides() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let declared = engaged.declare(&engaged.agency, 50_000, "2026-11-06", "TR-1").await;
    engaged.creditor.post(&contest(&declared), &json!({ "reason": "" })).await.problem(422, "invalid");
    let contested = engaged.creditor.post(&contest(&declared), &json!({ "reason": "nothing came in" })).await.expect(200);
    assert_eq!((contested["status"].as_str(), contested["answer_note"].as_str()), (Some("contested"), Some("nothing came in")));
    engaged.creditor.post(&confirmation(&declared), &json!({})).await.problem(409, "wrong-state");
    world.pass(TimeDelta::days(8)).await;
    assert_eq!(holds(&engaged).await, ["payment_in_flight"]);
    assert!(unread(&engaged.operator).await.contains(&"payment_contested".to_owned()));

    let decision = format!("/api/v1/operator/payments/{}/decision", declared["id"].as_str().unwrap());
    let reject = json!({ "decision": "reject", "note": "the bank has no such transfer" });
    engaged.agency.post(&decision, &reject).await.problem(403, "forbidden");
    let rejected = engaged.operator.post(&decision, &reject).await.expect(200);
    assert_eq!(rejected["status"], "rejected");
    assert_eq!(holds(&engaged).await, Vec::<String>::new());
    assert_eq!(engaged.creditor.get(&engaged.path).await.expect(200)["recovered"]["minor"], 0);
    engaged.operator.post(&decision, &reject).await.problem(409, "wrong-state");

    let second = engaged.declare(&engaged.agency, 50_000, "2026-11-06", "TR-2").await;
    engaged.creditor.post(&contest(&second), &json!({ "reason": "not seen" })).await.expect(200);
    let decision = format!("/api/v1/operator/payments/{}/decision", second["id"].as_str().unwrap());
    engaged.operator.post(&decision, &json!({ "decision": "confirm", "note": "statement seen" })).await.expect(200);
    assert_eq!(engaged.creditor.get(&engaged.path).await.expect(200)["recovered"]["minor"], 50_000);
    world.finish().await;
}

#[actix_web::test]
async fn who_says_nothing_agrees() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let declared = engaged.declare(&engaged.creditor, 50_000, "2026-11-06", "TR-1").await;
    world.pass(TimeDelta::days(7) - TimeDelta::minutes(1)).await;
    let path = format!("/api/v1/payments/{}", declared["id"].as_str().unwrap());
    assert_eq!(engaged.creditor.get(&path).await.expect(200)["status"], "declared");
    world.pass(TimeDelta::minutes(2)).await;
    assert_eq!(engaged.creditor.get(&path).await.expect(200)["status"], "confirmed");
    let events = engaged.events(&engaged.creditor).await;
    let confirmed = events.iter().find(|event| event["kind"] == "payment_confirmed").unwrap();
    assert_eq!(confirmed["actor_kind"], "engine");
    engaged.agency.post(&contest(&declared), &json!({ "reason": "too late" })).await.problem(409, "wrong-state");
    world.finish().await;
}

#[actix_web::test]
async fn without_an_agency_the_creditors_word_is_enough_and_costs_nothing() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let case = world.overdue_case(&creditor, "F-1").await;
    let path = format!("/api/v1/cases/{}", case["id"].as_str().unwrap());
    let declare = format!("{path}/payments");
    let part = creditor.post_once(&declare, "pay-1", &payment(30_000, "2026-11-02", "TR-1")).await.expect(201);
    assert_eq!(part["status"], "confirmed");
    let again = creditor.post_once(&declare, "pay-1", &payment(30_000, "2026-11-02", "TR-1")).await;
    assert_eq!(again.expect(201), part);
    let owed = creditor.get(&format!("{path}/claim?on=2026-11-02")).await.expect(200)["total"]["minor"].as_i64().unwrap();
    creditor.post(&declare, &payment(owed, "2026-11-02", "TR-2")).await.expect(201);
    let closed = creditor.get(&path).await.expect(200);
    assert_eq!((closed["phase"].as_str(), closed["outcome"].as_str()), (Some("closed"), Some("paid")));
    for list in ["/api/v1/fees", "/api/v1/payouts"] {
        assert_eq!(creditor.get(list).await.expect(200)["data"], json!([]), "{list}");
    }
    let events = creditor.get(&format!("{path}/events")).await.expect(200);
    let events = events["data"].as_array().unwrap().clone();
    assert!(kinds(&events).ends_with(&["payment_declared", "payment_confirmed", "closed"]), "{:?}", kinds(&events));
    world.finish().await;
}

#[actix_web::test]
async fn money_collected_before_a_case_was_returned_is_settled_after_it() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let declared = engaged.declare(&engaged.agency, 50_000, "2026-11-06", "TR-1").await;
    let direct = engaged.declare(&engaged.creditor, 1_000, "2026-11-06", "TR-2").await;
    engaged.agency.post(&format!("{}/return", engaged.path), &json!({ "reason": "no_capacity" })).await.expect(200);
    engaged.creditor.post(&confirmation(&declared), &json!({})).await.expect(200);
    engaged.agency.post(&confirmation(&direct), &json!({})).await.expect(200);
    engaged.agency.get(&engaged.path).await.problem(404, "not-found");
    let own = engaged.agency.get(&format!("/api/v1/payments/{}", declared["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(own["allocations"].as_array().unwrap().len(), 3, "what it collected stays its own to read");
    let payouts = engaged.agency.get("/api/v1/payouts?status=due").await.expect(200);
    let own: Vec<&Value> = payouts["data"].as_array().unwrap().iter().filter(|one| one["payment_id"] == declared["id"]).collect();
    assert_eq!(own.len(), 2);
    for payout in own {
        let path = format!("/api/v1/payouts/{}/remittance", payout["id"].as_str().unwrap());
        engaged.agency.post(&path, &json!({ "paid_on": "2026-11-06", "bank_reference": "OUT-1" })).await.expect(200);
    }
    world.finish().await;
}

/// The mails in the outbox that carry a receipt.
fn receipts_mailed(world: &World) -> Vec<String> {
    let folder = world.app.settings.var.join("outbox");
    let files =
        std::fs::read_dir(folder).into_iter().flatten().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    files.filter(|mail| mail.contains("filename=\"RF")).collect()
}

#[actix_web::test]
async fn each_payment_gives_the_debtor_a_receipt_on_its_page_by_mail_and_for_both_sides() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let owed = engaged.owed("2026-11-06").await;
    let part = engaged.declare(&engaged.agency, 50_000, "2026-11-06", "TR-1").await;
    let receipt = |of: &Value| format!("/api/v1/payments/{}/receipt.pdf", of["id"].as_str().unwrap());
    engaged.agency.get(&receipt(&part)).await.problem(409, "wrong-state");
    engaged.creditor.post(&confirmation(&part), &json!({})).await.expect(200);
    world.work().await;
    assert_eq!(receipts_mailed(&world).len(), 1);

    let case = engaged.creditor.get(&engaged.path).await.expect(200);
    let link = case["debtor_page"].as_str().unwrap();
    let page = &link[link.find("/d/").unwrap()..];
    let html = world.stranger().browse(page).await.page(200);
    let own = format!("{page}/receipts/{}", part["id"].as_str().unwrap());
    assert!(html.contains(&own), "{html}");
    let printed = world.stranger().get(&own).await;
    assert_eq!((printed.status.as_u16(), printed.header("content-type")), (200, "application/pdf"));
    for side in [&engaged.creditor, &engaged.agency] {
        assert_eq!(side.get(&receipt(&part)).await.bytes, printed.bytes, "one receipt, whoever prints it");
    }

    engaged.agency.post(&format!("{}/return", engaged.path), &json!({ "reason": "no_capacity" })).await.expect(200);
    assert_eq!(engaged.agency.get(&receipt(&part)).await.bytes, printed.bytes, "what it collected it can prove");
    let rest = engaged.declare(&engaged.creditor, owed - 50_000, "2026-11-06", "TR-2").await;
    world.work().await;
    let shown = engaged.creditor.get(&format!("/api/v1/payments/{}", rest["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(shown["receipt"]["reference"], format!("{}-2", engaged.reference));
    assert_eq!(shown["receipt"]["still_owed"]["minor"], 0);
    assert!(shown["receipt"]["mailed_at"].is_string());
    assert_eq!(receipts_mailed(&world).len(), 2);

    let (rival, other) = (world.agency(3, &engaged.operator).await, world.creditor(4).await);
    for stranger in [&rival, &other, &engaged.agency] {
        stranger.get(&receipt(&rest)).await.problem(404, "not-found");
    }
    world.stranger().get(&receipt(&rest)).await.problem(401, "unauthenticated");
    let foreign = world.overdue_case(&other, "F-9").await;
    let elsewhere = other.get(&format!("/api/v1/cases/{}", foreign["id"].as_str().unwrap())).await.expect(200);
    let link = elsewhere["debtor_page"].as_str().unwrap();
    let through = format!("{}/receipts/{}", &link[link.find("/d/").unwrap()..], part["id"].as_str().unwrap());
    assert_eq!(world.stranger().get(&through).await.status.as_u16(), 404, "a link opens the receipts of its own case");
    world.finish().await;
}

#[actix_web::test]
async fn who_wants_no_mails_gets_no_receipt_by_mail() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let case = world.overdue_case(&creditor, "F-1").await;
    let profile = format!("/api/v1/debtors/{}/profile", case["debtor_id"].as_str().unwrap());
    let quiet = json!({ "tone_ceiling": "firm", "channels": ["letter"], "do_not_contact": false, "contact_from": "09:00",
                        "contact_until": "18:00", "account_owner_id": null });
    creditor.put(&profile, Some("\"v0\""), &quiet).await.expect(200);
    let declare = format!("/api/v1/cases/{}/payments", case["id"].as_str().unwrap());
    let paid = creditor.post(&declare, &payment(30_000, "2026-11-02", "TR-1")).await.expect(201);
    world.work().await;
    assert_eq!(receipts_mailed(&world).len(), 0);
    let shown = creditor.get(&format!("/api/v1/payments/{}", paid["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(shown["receipt"]["mailed_at"], Value::Null);
    world.finish().await;
}

fn reversal(of: &Value) -> String {
    format!("/api/v1/payments/{}/reversal", of["id"].as_str().unwrap())
}

/// Every account that is not at nothing today.
async fn unsettled(client: &Client) -> Vec<(String, i64)> {
    let statement = client.get("/api/v1/statement").await.expect(200);
    let accounts = statement["accounts"].as_array().unwrap().iter();
    let closing = accounts.map(|one| (one["kind"].as_str().unwrap().to_owned(), one["closing"]["minor"].as_i64().unwrap()));
    closing.filter(|(_, minor)| *minor != 0).collect()
}

#[actix_web::test]
async fn a_payment_that_is_taken_back_opens_its_case_and_what_was_paid_out_comes_back() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let owed = engaged.owed("2026-11-06").await;
    let paid = engaged.declare(&engaged.agency, owed, "2026-11-06", "TR-1").await;
    engaged.creditor.post(&confirmation(&paid), &json!({})).await.expect(200);
    world.work().await;
    let payouts = engaged.agency.get("/api/v1/payouts").await.expect(200)["data"].as_array().unwrap().clone();
    for payout in &payouts {
        let path = format!("/api/v1/payouts/{}/remittance", payout["id"].as_str().unwrap());
        engaged.agency.post(&path, &json!({ "paid_on": "2026-11-06", "bank_reference": "OUT" })).await.expect(200);
    }
    let body = json!({ "reversed_on": "2026-11-06", "reason": "direct debit returned: MD06" });
    engaged.creditor.post(&reversal(&paid), &body).await.problem(403, "forbidden");
    engaged.agency.post(&reversal(&paid), &json!({ "reversed_on": "2026-11-05", "reason": "x" })).await.problem(422, "invalid");
    engaged.agency.post(&reversal(&paid), &json!({ "reversed_on": "2026-11-06", "reason": " " })).await.problem(422, "invalid");
    let taken = engaged.agency.post(&reversal(&paid), &body).await.expect(200);
    assert_eq!((taken["status"].as_str(), taken["reversed_on"].as_str()), (Some("reversed"), Some("2026-11-06")));
    engaged.agency.post(&reversal(&paid), &body).await.problem(409, "wrong-state");

    let case = engaged.creditor.get(&engaged.path).await.expect(200);
    assert_eq!((case["phase"].as_str(), &case["recovered"]["minor"]), (Some("active"), &json!(0)));
    assert_eq!(engaged.owed("2026-11-06").await, owed, "all of it is owed again");
    engaged
        .agency
        .get(&format!("/api/v1/payments/{}/receipt.pdf", paid["id"].as_str().unwrap()))
        .await
        .problem(409, "wrong-state");

    // The creditor and the platform owe their parts to the agency until they have given them back.
    let due = engaged.agency.get("/api/v1/payouts?status=due").await.expect(200)["data"].as_array().unwrap().clone();
    assert!(due.len() == 2 && due.iter().all(|payout| payout["is_return"] == true), "{due:?}");
    assert_eq!(unsettled(&engaged.creditor).await.len(), 1);
    for (payout, payer) in due.iter().map(|payout| {
        (payout, if payout["amount"]["minor"].as_i64() > Some(50_000) { &engaged.creditor } else { &engaged.operator })
    }) {
        let path = format!("/api/v1/payouts/{}/remittance", payout["id"].as_str().unwrap());
        payer.post(&path, &json!({ "paid_on": "2026-11-06", "bank_reference": "BACK" })).await.expect(200);
    }
    for client in [&engaged.creditor, &engaged.agency, &engaged.operator] {
        assert_eq!(unsettled(client).await, []);
    }
    assert!(entente::ledger::verify(&world.app).await.is_ok());
    world.finish().await;
}

#[actix_web::test]
async fn what_was_not_paid_out_yet_is_not_paid_out_any_more() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let paid = engaged.declare(&engaged.agency, 50_000, "2026-11-06", "TR-1").await;
    engaged.creditor.post(&confirmation(&paid), &json!({})).await.expect(200);
    let body = json!({ "reversed_on": "2026-11-06", "reason": "booked in error" });
    engaged.agency.post(&reversal(&paid), &body).await.expect(200);
    let payouts = engaged.agency.get("/api/v1/payouts").await.expect(200)["data"].as_array().unwrap().clone();
    assert!(payouts.iter().all(|payout| payout["status"] == "cancelled"), "{payouts:?}");
    for client in [&engaged.creditor, &engaged.agency, &engaged.operator] {
        assert_eq!(unsettled(client).await, []);
    }
    // The same money comes again, and is a payment again.
    let again = engaged.declare(&engaged.agency, 50_000, "2026-11-06", "TR-2").await;
    engaged.creditor.post(&confirmation(&again), &json!({})).await.expect(200);
    assert_eq!(engaged.creditor.get(&engaged.path).await.expect(200)["recovered"]["minor"], 50_000);
    let stranger = world.agency(3, &engaged.operator).await;
    stranger.post(&reversal(&again), &body).await.problem(404, "not-found");
    world.finish().await;
}

#[actix_web::test]
async fn what_a_payee_has_to_give_back_is_taken_off_what_it_gets_next() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let first = engaged.declare(&engaged.agency, 50_000, "2026-11-06", "TR-1").await;
    engaged.creditor.post(&confirmation(&first), &json!({})).await.expect(200);
    let remit = async |payout: &Value| {
        let path = format!("/api/v1/payouts/{}/remittance", payout["id"].as_str().unwrap());
        engaged.agency.post(&path, &json!({ "paid_on": "2026-11-06", "bank_reference": "OUT" })).await.expect(200)
    };
    let due = async || engaged.agency.get("/api/v1/payouts?status=due").await.expect(200)["data"].as_array().unwrap().clone();
    for payout in due().await {
        remit(&payout).await;
    }
    let body = json!({ "reversed_on": "2026-11-06", "reason": "direct debit returned: MD06" });
    engaged.agency.post(&reversal(&first), &body).await.expect(200);
    world.work().await;
    assert_eq!(unsettled(&engaged.creditor).await, [("payable".to_owned(), 42_740)]);

    let second = engaged.declare(&engaged.agency, 60_000, "2026-11-06", "TR-2").await;
    engaged.creditor.post(&confirmation(&second), &json!({})).await.expect(200);
    world.work().await;
    let rest = due().await;
    let mut amounts: Vec<_> =
        rest.iter().map(|one| (one["amount"]["minor"].as_i64().unwrap(), one["set_off"]["minor"].as_i64().unwrap())).collect();
    amounts.sort_unstable();
    assert_eq!(amounts, [(1_742, 1_452), (51_288, 42_740)], "the returns are used up: {rest:?}");
    assert_eq!(unsettled(&engaged.creditor).await, [("payable".to_owned(), -8_548)]);
    for payout in &rest {
        remit(payout).await;
    }
    for client in [&engaged.creditor, &engaged.agency, &engaged.operator] {
        assert_eq!(unsettled(client).await, []);
    }
    assert!(entente::ledger::verify(&world.app).await.is_ok());
    world.finish().await;
}
