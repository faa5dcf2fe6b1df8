//! What the law of the debtor's country asks, on the way from a strategy to a message.

use serde_json::json;

use super::{Posted, days, engage, posted};
use crate::support::World;

/// A case against a company in Lyon.
async fn french(world: &World) -> Posted {
    let creditor = world.creditor(1).await;
    let case = posted(&creditor, 1, 11).await;
    let id: entente::types::DebtorId = case.debtor.parse().unwrap();
    world
        .as_owner(&format!(
            "UPDATE debtors SET country = 'FR', language = 'fr', postal_code = '69002', city = 'Lyon' WHERE id = '{}'",
            id.0
        ))
        .await;
    case
}

#[actix_web::test]
async fn an_agencys_first_contact_in_france_is_the_letter_of_r124_4_and_the_mails_after_it_recall_it() {
    let world = World::new().await;
    let operator = world.operator().await;
    let agency = world.agency(2, &operator).await;
    let case = french(&world).await;
    engage(&world, case.id, &agency).await;
    days(&world, 14).await;
    assert_eq!(case.done().await, ["letter: done", "second_reminder: done"]);
    let chosen = case.events("strategy_chosen").await;
    assert_eq!(chosen[0]["strategy"], "letter_first v1");
    let deliveries = case.deliveries().await;
    let reference = deliveries[0]["subject"].as_str().unwrap();
    assert!(deliveries[1]["body"].as_str().unwrap().contains(reference), "{}", deliveries[1]["body"]);
    world.finish().await;
}

#[actix_web::test]
async fn a_strategy_that_would_write_a_mail_first_is_overruled_and_the_creditor_itself_is_not_bound() {
    let world = World::new().await;
    let operator = world.operator().await;
    let agency = world.agency(2, &operator).await;
    let case = french(&world).await;
    world.work().await;
    assert_eq!(case.done().await, ["reminder: done"], "a creditor that asks for itself may");

    let all = json!({ "strategy": "default", "applies_to": { "kind": "all" } });
    agency.post("/api/v1/strategy-assignments", &all).await.expect(201);
    engage(&world, case.id, &agency).await;
    days(&world, 17).await;
    assert_eq!(case.done().await, ["reminder: done", "reminder: refused", "second_reminder: refused", "letter: done"]);
    assert_eq!(case.actions().await[1]["rule"], "fr.letter_first");
    assert_eq!(case.events("contact_refused").await[0]["rule"], "fr.letter_first");
    world.finish().await;
}
