//! 7: the customer orders again; the creditor recalls the case from the agency, and the relationship goes on.

use serde_json::json;

use crate::cli::demo::{
    cast::{BERMEO, IKER},
    client::{Stop, Told},
    tally::{Engaged, Who},
    world::World,
};

pub async fn play(world: &mut World) -> Told {
    world.tell.chapter("7 · Recalled: the customer placed a new order");
    gentle_profile(world).await?;
    let mut case = world.draft_case(Who::Urrutia, BERMEO).await?;
    let listing = world.list(&case, "by_hand").await?;
    world.look_at_card(Who::Serenos, &case, &listing).await?;
    world.party(Who::Serenos)?.client.post(&format!("/api/v1/listings/{}/take-now", listing.id), &json!({})).await?;
    world.does(Who::Serenos, "takes it at the posted price")?;
    world.sign(&mut case, Engaged { agency: Who::Serenos, fee_bp: listing.take_now_bp }).await?;
    world.pass_working_days(2, 10).await?;
    let body = json!({ "ground": "new_order", "note": "Han pedido dos hélices nuevas y pagan todo junto a fin de mes." });
    world.party(Who::Urrutia)?.client.post(&format!("/api/v1/cases/{}/recall", case.id), &body).await?;
    world.does(Who::Urrutia, &format!("{} was there: a new order. The case is recalled from the agency.", IKER.full_name))?;
    world.expect_phase(&case, "in_house").await?;
    let gone = world.party(Who::Serenos)?.client.get_refused(&format!("/api/v1/cases/{}", case.id), 404).await?;
    world.does(Who::Serenos, &format!("sees it no more: “{gone}”. Nothing was recovered, so nothing is owed."))?;
    let body = json!({ "outcome": "withdrawn", "reason": "Se paga con el nuevo pedido." });
    world.party(Who::Urrutia)?.client.post(&format!("/api/v1/cases/{}/closure", case.id), &body).await?;
    world.expect_closed(&case, "withdrawn").await?;
    world.tell_mails().await
}

/// Before anything is done to this customer the creditor says how far it may go.
async fn gentle_profile(world: &World) -> Told {
    let number = BERMEO.invoices.first().ok_or_else(|| Stop::because("Bermeo owes no invoice"))?;
    let taken = world.invoices.get(*number).ok_or_else(|| Stop::because(format!("invoice {number} never came in")))?;
    let client = &world.party(Who::Urrutia)?.client;
    let path = format!("/api/v1/debtors/{}/profile", taken.debtor);
    let before = client.get(&path).await?;
    let profile = json!({
        "tone_ceiling": "gentle", "channels": ["mail", "call"], "do_not_contact": false,
        "contact_from": "10:00", "contact_until": "13:30", "account_owner_id": null,
    });
    client.put(&path, before.etag.as_deref(), &profile).await?;
    world.does(Who::Urrutia, "sets the relationship profile: gentle at most, mail and calls only, between 10:00 and 13:30")?;
    let stale = client.put_refused(&path, before.etag.as_deref(), &profile, 412).await?;
    world.tell.detail(&format!("the same change on the old version is refused: “{stale}”"));
    Ok(())
}
