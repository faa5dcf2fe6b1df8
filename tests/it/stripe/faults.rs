//! Stripe breaks, is slow, refuses, or does what it was asked and does not say so.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;

use super::{
    Scene, check_out, payments,
    stand_in::{Fault, StandIn},
};

const SESSIONS: &str = "POST /v1/checkout/sessions";
const TRANSFERS: &str = "POST /v1/transfers";

#[actix_web::test]
async fn a_page_that_was_opened_without_an_answer_is_found_again_and_not_opened_twice() {
    let stripe = StandIn::start();
    let world = stripe.world().await;
    world.operator().await;
    let posted = world.posted().await;
    stripe.fail_next(SESSIONS, Fault::DoneWithoutAnswer);
    let path = format!("{}/checkout?lang=en", posted.page);
    let told = world.stranger().submit(&path, &[("amount", "")]).await.page(503);
    assert!(told.contains("Nothing has been paid yet"), "{told}");
    // A webhook comes before we know of the page at all.
    let session = stripe.session();
    stripe.pay_by_card(&session);
    stripe.deliver(&world).await;
    assert_eq!(posted.case().await["outcome"], "paid");
    world.pass(TimeDelta::minutes(2)).await;
    assert_eq!((stripe.count_asked(SESSIONS), stripe.all("checkout.session").len()), (1, 1));
    assert_eq!(payments(&posted.creditor).await.len(), 1);
    world.finish().await;
}

#[actix_web::test]
async fn a_page_that_could_not_be_opened_is_opened_by_a_job_under_the_same_key() {
    let stripe = StandIn::start();
    let world = stripe.world().await;
    let posted = world.posted().await;
    stripe.fail_next(SESSIONS, Fault::Broken);
    let path = format!("{}/checkout?lang=en", posted.page);
    world.stranger().submit(&path, &[("amount", "")]).await.page(503);
    world.pass(TimeDelta::minutes(2)).await;
    assert_eq!(stripe.all("checkout.session").len(), 1);
    check_out(&stripe, &world, &posted.page, "").await;
    assert_eq!(stripe.all("checkout.session").len(), 1, "the page that the job opened");
    stripe.fail_next("GET /v1/events", Fault::Slow(Duration::from_millis(200)));
    world.pass(TimeDelta::minutes(11)).await;
    world.finish().await;
}

#[actix_web::test]
async fn a_transfer_without_an_answer_is_looked_up_and_money_moves_once() {
    let scene = Scene::new().await;
    scene.stripe.fail_next(TRANSFERS, Fault::DoneWithoutAnswer);
    scene.stripe.fail_next(TRANSFERS, Fault::Broken);
    scene.paid_by_card("1000").await;
    scene.world.pass(TimeDelta::minutes(1)).await;
    assert_eq!(scene.stripe.all("transfer").len(), 2);
    let paid = |minor| ("paid".to_owned(), minor, false);
    assert_eq!(scene.payouts().await, [paid(11_616), paid(85_480)]);
    scene.finish().await;
}

#[actix_web::test]
async fn a_transfer_that_is_refused_is_tried_again_under_a_new_key() {
    let scene = Scene::new().await;
    let account = scene.engaged.creditor.get("/api/v1/connected-account").await.expect(200)["account_id"].clone();
    let able = |status: &str| {
        let id = account.as_str().unwrap();
        scene.stripe.with(|memory| memory.objects.get_mut(id).unwrap()["capabilities"]["transfers"] = json!(status));
    };
    able("inactive");
    scene.paid_by_card("1000").await;
    assert_eq!(scene.payouts().await, [("due".to_owned(), 85_480, false), ("paid".to_owned(), 11_616, false)]);
    able("active");
    scene.world.pass(TimeDelta::minutes(1)).await;
    assert_eq!(scene.stripe.all("transfer").len(), 2);
    scene.finish().await;
}

#[actix_web::test]
async fn a_transfer_that_is_reversed_at_stripe_is_owed_again() {
    let scene = Scene::new().await;
    scene.paid_by_card("1000").await;
    let transfer = scene.stripe.all("transfer")[0].clone();
    scene.stripe.reverse_by_hand(transfer["id"].as_str().unwrap());
    scene.stripe.deliver(&scene.world).await;
    let amount = transfer["amount"].as_i64().unwrap();
    let of_it: Vec<_> = scene.payouts().await.into_iter().filter(|(_, minor, _)| *minor == amount).collect();
    assert_eq!(of_it, [("due".to_owned(), amount, false), ("returned".to_owned(), amount, false)]);
    scene.world.pass(TimeDelta::days(1)).await;
    // Stripe refuses it out of a charge that is used up, and takes it out of the balance.
    scene.world.pass(TimeDelta::minutes(1)).await;
    assert_eq!(scene.stripe.all("transfer").len(), 3, "sent again a day later");
    scene.finish().await;
}

#[actix_web::test]
async fn a_declined_card_and_a_banks_question_leave_the_debt_as_it_is() {
    let stripe = StandIn::start();
    let world = stripe.world().await;
    world.operator().await;
    let posted = world.posted().await;
    let session = check_out(&stripe, &world, &posted.page, "").await;
    stripe.decline(&session);
    stripe.deliver(&world).await;
    stripe.pay_with_question(&session);
    stripe.deliver(&world).await;
    assert_eq!(payments(&posted.creditor).await.len(), 0);
    assert_eq!(posted.case().await["holds"], json!([]), "no money is on its way");
    stripe.pay_by_card(&session);
    stripe.deliver(&world).await;
    assert_eq!(posted.case().await["outcome"], "paid");
    world.finish().await;
}
