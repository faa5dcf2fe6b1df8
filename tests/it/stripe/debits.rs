//! Direct debits: days pass before the bank answers, and weeks before it may take the money back.

use chrono::TimeDelta;
use serde_json::json;

use super::Scene;

async fn held(scene: &Scene) -> Vec<String> {
    let case = scene.engaged.creditor.get(&scene.engaged.path).await.expect(200);
    case["holds"].as_array().unwrap().iter().map(|hold| hold["kind"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn nobody_writes_while_a_debit_is_on_its_way_and_the_day_it_was_given_counts() {
    let scene = Scene::new().await;
    let owed = scene.engaged.owed("2026-11-06").await;
    let session = scene.check_out("").await;
    scene.stripe.pay_by_debit(&session);
    scene.stripe.deliver(&scene.world).await;
    assert_eq!(held(&scene).await, ["payment_in_flight"]);
    let page = scene.world.stranger().browse(&format!("{}?lang=en", scene.page)).await.page(200);
    assert!(page.contains("A payment is being checked") && !page.contains("/checkout?"), "{page}");
    scene.world.pass(TimeDelta::days(5)).await;
    scene.stripe.debit_settles(&session);
    scene.stripe.deliver(&scene.world).await;
    let paid = scene.payments().await;
    assert_eq!(paid.len(), 1, "{paid:?}");
    assert_eq!((&paid[0]["received_on"], &paid[0]["amount"]["minor"]), (&json!("2026-11-06"), &json!(owed)));
    assert_eq!((held(&scene).await, scene.engaged.phase().await), (vec![], "closed".to_owned()));
    scene.finish().await;
}

#[actix_web::test]
async fn a_debit_that_the_bank_refuses_lets_the_case_go_on() {
    let scene = Scene::new().await;
    let session = scene.check_out("").await;
    scene.stripe.pay_by_debit(&session);
    scene.stripe.deliver(&scene.world).await;
    scene.stripe.debit_fails(&session);
    scene.stripe.deliver(&scene.world).await;
    assert_eq!(scene.payments().await[0]["status"], "rejected");
    assert_eq!((held(&scene).await, scene.engaged.phase().await), (vec![], "active".to_owned()));
    // And the debtor may try again.
    scene.paid_by_card("").await;
    assert_eq!(scene.engaged.phase().await, "closed");
    scene.finish().await;
}

#[actix_web::test]
async fn a_debit_that_bounces_after_weeks_reopens_the_case_and_takes_fees_and_transfers_back() {
    let scene = Scene::new().await;
    let session = scene.check_out("").await;
    let intent = scene.stripe.pay_by_debit(&session);
    scene.stripe.debit_settles(&session);
    scene.stripe.deliver(&scene.world).await;
    assert_eq!(scene.engaged.phase().await, "closed");
    scene.world.pass(TimeDelta::days(21)).await;
    let amount = scene.payments().await[0]["amount"]["minor"].as_i64().unwrap();
    scene.stripe.dispute(&intent, amount, "insufficient_funds");
    scene.stripe.deliver(&scene.world).await;
    let taken = scene.payments().await[0].clone();
    assert_eq!(taken["status"], "reversed", "{taken}");
    assert!(taken["reversal_note"].as_str().unwrap().contains("insufficient_funds"), "{taken}");
    assert_eq!(scene.engaged.phase().await, "active");
    assert_eq!(scene.stripe.all("transfer_reversal").len(), 2, "both gave back what they had got");
    assert!(scene.payouts().await.iter().all(|(status, ..)| status == "paid"), "{:?}", scene.payouts().await);
    let fees = scene.engaged.creditor.get("/api/v1/fees").await.expect(200);
    assert!(fees["data"].as_array().unwrap().iter().all(|fee| fee["credited_on"].is_string()), "{fees}");
    scene.finish().await;
}
