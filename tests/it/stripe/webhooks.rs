//! Webhooks: whose they are, how often they come, in which order, and what they are about.

use serde_json::json;

use super::{
    Scene, check_out, payments,
    stand_in::{StandIn, WEBHOOK_SECRET, send_raw, signed},
};

#[actix_web::test]
async fn what_is_not_signed_freshly_with_our_secret_is_not_taken() {
    let stripe = StandIn::start();
    let world = stripe.world().await;
    let raw =
        json!({ "id": "evt_x", "type": "plan.created", "created": 1, "data": { "object": { "object": "plan", "id": "p" } } });
    let (raw, now) = (raw.to_string(), world.now().timestamp());
    for signature in [
        String::new(),
        signed(&raw, now, "whsec_other"),
        signed(&raw, now - 301, WEBHOOK_SECRET),
        signed(&raw, now + 301, WEBHOOK_SECRET),
        signed("{}", now, WEBHOOK_SECRET),
    ] {
        send_raw(&world, &raw, &signature).await.problem(403, "forbidden");
    }
    send_raw(&world, "{}", &signed("{}", now, WEBHOOK_SECRET)).await.problem(400, "malformed-request");
    send_raw(&world, &raw, &signed(&raw, now, WEBHOOK_SECRET)).await.expect(200);
    world.finish().await;
}

#[actix_web::test]
async fn events_may_come_twice_backwards_and_about_what_is_none_of_ours() {
    let scene = Scene::new().await;
    let session = scene.check_out("500").await;
    let intent = scene.stripe.pay_by_card(&session);
    let mut events = scene.stripe.undelivered();
    events.reverse();
    let unknown = json!({ "id": "evt_u", "type": "payment_intent.succeeded", "created": 1, "data": { "object": {
        "object": "payment_intent", "id": "pi_of_somebody_else", "metadata": {} } } });
    let other = json!({ "id": "evt_o", "type": "something.new", "created": 1, "data": { "object": { "object": "something" } } });
    events.extend([unknown, other]);
    for event in events.iter().chain(&events) {
        scene.stripe.send(&scene.world, event).await.expect(200);
    }
    scene.world.work().await;
    let paid = scene.payments().await;
    assert_eq!(paid.len(), 1, "{paid:?}");
    assert_eq!((&paid[0]["bank_reference"], &paid[0]["amount"]["minor"]), (&json!(intent), &json!(50_000)));
    assert_eq!(scene.stripe.all("transfer").len(), 2);
    scene
        .world
        .as_owner(
            "DO $$ BEGIN
                IF (SELECT count(*) FROM stripe_events WHERE id IN ('evt_u', 'evt_o') AND done_at IS NOT NULL AND said IS NOT NULL) <> 2
                THEN RAISE EXCEPTION 'what is none of ours is not named'; END IF;
             END $$",
        )
        .await;
    scene.finish().await;
}

#[actix_web::test]
async fn what_no_webhook_brings_is_fetched() {
    let scene = Scene::new().await;
    let session = scene.check_out("500").await;
    scene.stripe.pay_by_card(&session);
    assert_eq!(scene.stripe.undelivered().len(), 2, "lost");
    assert_eq!(scene.payments().await.len(), 0);
    scene.world.pass(chrono::TimeDelta::minutes(11)).await;
    assert_eq!(scene.payments().await.len(), 1);
    scene.finish().await;
}

#[actix_web::test]
async fn a_payment_in_another_currency_is_kept_and_named_and_not_booked() {
    let stripe = StandIn::start();
    let world = stripe.world().await;
    let posted = world.posted().await;
    let session = check_out(&stripe, &world, &posted.page, "").await;
    stripe.with(|memory| memory.objects.get_mut(&session).unwrap()["currency"] = json!("usd"));
    stripe.pay_by_card(&session);
    stripe.deliver(&world).await;
    assert_eq!(payments(&posted.creditor).await.len(), 0);
    let named = "DO $$ BEGIN IF NOT EXISTS (SELECT FROM stripe_checkouts WHERE said LIKE 'paid in USD%') THEN RAISE EXCEPTION 'not named'; END IF; END $$";
    world.as_owner(named).await;
    world.finish().await;
}
