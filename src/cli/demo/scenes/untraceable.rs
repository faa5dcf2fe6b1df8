//! 8: nobody is there any more. The agency gives the case back, the creditor closes it, and it has cost nothing.

use serde_json::json;

use crate::cli::demo::{
    cast::LUMIERE,
    client::Told,
    tally::{Engaged, Who},
    world::World,
};

pub async fn play(world: &mut World) -> Told {
    world.tell.chapter("8 · Untraceable");
    let mut case = world.draft_case(Who::Comptoir, LUMIERE).await?;
    let listing = world.list(&case, "by_hand").await?;
    world.party(Who::Passerelle)?.client.post(&format!("/api/v1/listings/{}/take-now", listing.id), &json!({})).await?;
    world.does(Who::Passerelle, "takes it at the posted price")?;
    world.sign(&mut case, Engaged { agency: Who::Passerelle, fee_bp: listing.take_now_bp }).await?;
    world.pass_working_days(5, 10).await?;
    let body = json!({ "reason": "debtor_unreachable", "note": "Boutique vide, courrier retourné, numéro non attribué." });
    world.party(Who::Passerelle)?.client.post(&format!("/api/v1/cases/{}/return", case.id), &body).await?;
    case.engaged = None;
    world.does(Who::Passerelle, "gives it back: the shop is empty, mail comes back, the number is dead")?;
    world.expect_phase(&case, "listed").await?;
    let body = json!({ "outcome": "untraceable", "reason": "Société introuvable; créance passée en perte." });
    world.party(Who::Comptoir)?.client.post(&format!("/api/v1/cases/{}/closure", case.id), &body).await?;
    world.does(Who::Comptoir, "closes the case")?;
    world.expect_closed(&case, "untraceable").await?;
    world.tell_mails().await
}
