//! Money that goes back: what is too much, refunds, chargebacks before and after the payout.

use chrono::TimeDelta;
use entente::ledger::AccountKind;
use serde_json::json;

use super::{Scene, check_out, payments, stand_in::StandIn};

#[actix_web::test]
async fn a_cent_too_little_leaves_a_cent_and_a_cent_too_much_goes_back() {
    let stripe = StandIn::start();
    let world = stripe.world().await;
    let operator = world.operator().await;
    let posted = world.posted().await;
    let owed =
        posted.creditor.get(&format!("{}/claim?on=2026-11-02", posted.api)).await.expect(200)["total"]["minor"].as_i64().unwrap();
    let decimal = |minor: i64| format!("{}.{:02}", minor / 100, minor % 100);
    // The page is open while a cent comes in by transfer.
    let session = check_out(&stripe, &world, &posted.page, &decimal(owed - 200)).await;
    stripe.pay_by_card(&session);
    stripe.deliver(&world).await;
    let session = check_out(&stripe, &world, &posted.page, &decimal(200)).await;
    posted.pay(1, "2026-11-02", "T-1").await;
    stripe.pay_by_card(&session);
    stripe.deliver(&world).await;
    let case = posted.case().await;
    assert_eq!((&case["outcome"], &case["recovered"]["minor"]), (&json!("paid"), &json!(owed)));
    let refunds = stripe.all("refund");
    assert_eq!(refunds.len(), 1);
    assert_eq!(refunds[0]["amount"], 1);
    assert_eq!(super::balance(&world, &operator, AccountKind::Suspense).await, 0);
    world.finish().await;
}

#[actix_web::test]
async fn what_comes_on_a_closed_case_goes_back_whole() {
    let stripe = StandIn::start();
    let world = stripe.world().await;
    let operator = world.operator().await;
    let posted = world.posted().await;
    let session = check_out(&stripe, &world, &posted.page, "").await;
    posted
        .creditor
        .post(&format!("{}/closure", posted.api), &json!({ "outcome": "withdrawn", "reason": "goodwill" }))
        .await
        .expect(200);
    stripe.pay_by_card(&session);
    stripe.deliver(&world).await;
    assert_eq!(payments(&posted.creditor).await.len(), 0);
    let refund = stripe.all("refund")[0].clone();
    assert_eq!(refund["amount"], stripe.get(&session)["amount_total"]);
    assert_eq!(super::balance(&world, &operator, AccountKind::Suspense).await, 0);
    world.finish().await;
}

#[actix_web::test]
async fn a_refund_of_a_case_that_was_paid_out_takes_everything_back() {
    let scene = Scene::new().await;
    scene.paid_by_card("").await;
    let id = scene.payments().await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/operator/payments/{id}/refund");
    let ask = json!({ "reason": "paid by mistake" });
    scene.engaged.creditor.post(&path, &ask).await.problem(403, "forbidden");
    let too_much = json!({ "reason": "x", "amount": { "minor": 9_999_999, "currency": "EUR" } });
    scene.engaged.operator.post(&path, &too_much).await.problem(422, "invalid");
    scene.engaged.operator.post_once(&path, "k-1", &ask).await.expect(202);
    scene.engaged.operator.post_once(&path, "k-1", &ask).await.expect(202);
    scene.world.work().await;
    scene.stripe.deliver(&scene.world).await;
    assert_eq!(scene.stripe.all("refund").len(), 1);
    assert_eq!(scene.payments().await[0]["status"], "reversed");
    assert_eq!(scene.engaged.phase().await, "active");
    assert_eq!(scene.stripe.all("transfer_reversal").len(), 2);
    scene.engaged.operator.post(&path, &ask).await.problem(409, "wrong-state");
    scene.finish().await;
}

#[actix_web::test]
async fn the_operator_gives_a_part_back_on_its_page() {
    let scene = Scene::new().await;
    scene.paid_by_card("").await;
    scene.world.as_owner("UPDATE members SET language = 'en'").await;
    let operator = scene.world.logged_in("operator@entente.example").await;
    let page = operator.open("/portal/payments").await.expect(200);
    let refund = page.action("/portal/payments/pay_", "/refund");
    let wrong = operator.send(&page, &refund, &[("amount", "99.999,00"), ("reason", "too much was paid")]).await.expect(422);
    let typed = [("amount", "1,50"), ("reason", "too much was paid")];
    operator.send(&wrong, &refund, &typed).await.expect(200).shows(&["Asked for."]);
    scene.world.work().await;
    assert_eq!(scene.stripe.all("refund")[0]["amount"], 150);
    scene.finish().await;
}

#[actix_web::test]
async fn of_a_refund_in_part_the_rest_is_entered_anew() {
    let scene = Scene::new().await;
    let intent = scene.paid_by_card("1000").await;
    let (status, _) = scene.stripe.refund_by_hand(&intent, 40_000);
    assert_eq!(status, 200);
    let (status, refused) = scene.stripe.refund_by_hand(&intent, 60_001);
    assert_eq!((status, refused["error"]["type"].as_str()), (400, Some("invalid_request_error")), "over-refund");
    scene.stripe.deliver(&scene.world).await;
    let mut stand: Vec<_> =
        scene.payments().await.iter().map(|one| (one["status"].clone(), one["amount"]["minor"].clone())).collect();
    stand.sort_by_key(|(_, minor)| minor.as_i64());
    assert_eq!(stand, [(json!("confirmed"), json!(60_000)), (json!("reversed"), json!(100_000))]);
    scene.world.pass(TimeDelta::minutes(2)).await;
    scene.finish().await;
}

/// The creditor has sent its money on: nothing can be taken back there, and the next payouts make up for it.
#[actix_web::test]
async fn a_chargeback_after_the_payout_is_recovered_from_the_next_ones() {
    let scene = Scene::new().await;
    let account =
        scene.engaged.creditor.get("/api/v1/connected-account").await.expect(200)["account_id"].as_str().unwrap().to_owned();
    let intent = scene.paid_by_card("500").await;
    scene.stripe.empty(&account);
    scene.stripe.dispute(&intent, 50_000, "fraudulent");
    scene.stripe.deliver(&scene.world).await;
    assert_eq!(scene.balance(&scene.engaged.creditor, AccountKind::Payable).await, 42_740, "it owes what it got");
    // The platform's own money covers what Stripe took.
    scene.stripe.withdraw(-50_000);
    scene.paid_by_card("800").await;
    assert_eq!(scene.balance(&scene.engaged.creditor, AccountKind::Payable).await, 0);
    let sent: Vec<_> = scene
        .stripe
        .all("transfer")
        .iter()
        .filter(|one| one["destination"] == account)
        .map(|one| one["amount"].clone())
        .collect();
    assert_eq!(sent, [json!(42_740), json!(68_384 - 42_740)]);
    scene.finish().await;
}

#[actix_web::test]
async fn a_dispute_that_is_won_brings_the_payment_back() {
    let scene = Scene::new().await;
    let intent = scene.paid_by_card("500").await;
    let dispute = scene.stripe.dispute(&intent, 50_000, "fraudulent");
    scene.stripe.deliver(&scene.world).await;
    assert_eq!(scene.payments().await[0]["status"], "reversed");
    scene.stripe.win_dispute(&dispute);
    scene.stripe.deliver(&scene.world).await;
    let confirmed: Vec<_> = scene.payments().await.into_iter().filter(|one| one["status"] == "confirmed").collect();
    assert_eq!((confirmed.len(), &confirmed[0]["amount"]["minor"]), (1, &json!(50_000)));
    scene.world.pass(TimeDelta::minutes(2)).await;
    scene.finish().await;
}
