//! 4: awarded by rule in France, disputed on the debtor's page, settled with a reduction, then paid.

use serde_json::json;

use crate::cli::demo::{
    cast::HOTEL,
    client::{Stop, Told},
    deeds::Bid,
    narrator::euros,
    tally::{Engaged, Who},
    world::{Case, World},
};

const FEE_BP: i64 = 1_000;
const REDUCTION: i64 = 96_000;

pub async fn play(world: &mut World) -> Told {
    world.tell.chapter("4 · Disputed on the debtor's page, settled, then paid");
    let mut case = world.draft_case(Who::Comptoir, HOTEL).await?;
    world.claim(&case).await?;
    let listing = world.list(&case, "best_ranked").await?;
    world.look_at_card(Who::Passerelle, &case, &listing).await?;
    let bid = Bid { agency: Who::Passerelle, fee_bp: FEE_BP, first_contact_hours: 24, update_every_days: 10, tone: "gentle" };
    let body = json!({ "fee_bp": 700, "first_contact_hours": 24, "update_every_days": 7, "tone": "gentle" });
    let path = format!("/api/v1/listings/{}/offers", listing.id);
    let refused = world.party(Who::Serenos)?.client.post_refused(&path, &body, 403).await?;
    world.does(Who::Serenos, &format!("would bid too, but may not: “{refused}”"))?;
    world.offer(&listing, bid).await?;
    world.pass_until(listing.offers_until + chrono::TimeDelta::minutes(1)).await?;
    world.expect_phase(&case, "awarded").await?;
    world.sign(&mut case, Engaged { agency: Who::Passerelle, fee_bp: FEE_BP }).await?;
    world.pass_working_days(1, 10).await?;
    let statement = "Six vasques sont arrivées fêlées. Nous payons le reste.";
    world.submit_on_page(&case, "objection", &[("reason", "defective"), ("statement", statement)]).await?;
    world.step(HOTEL.short, &format!("objects on its page (defective): “{statement}”"));
    world.expect_hold(&case, "dispute").await?;
    let contacts = world.count_events(&case, "contact_sent").await?;
    world.pass_working_days(5, 11).await?;
    let contacts_since = world.count_events(&case, "contact_sent").await? - contacts;
    world.holds(contacts_since == 0, "days pass, steps fall due, and nobody has written")?;
    settle(world, &case).await?;
    let (owed, _) = world.claim_told(&case).await?;
    world.pass_working_days(1, 11).await?;
    let (now_owed, _) = world.claim_told(&case).await?;
    world.holds(now_owed >= owed, "interest goes on, on what is left")?;
    world.step(HOTEL.short, &format!("pays {} to the agency's client account", euros(now_owed)));
    let payment = world.paid_to_agency(&case, now_owed, "VIR HVP 2026-77").await?;
    world.expect_closed(&case, "paid").await?;
    world.remit(Who::Passerelle, &payment, Who::Comptoir).await?;
    world.remit(Who::Passerelle, &payment, Who::Entente).await?;
    world.tell_mails().await
}

async fn settle(world: &World, case: &Case) -> Told {
    let client = &world.party(Who::Comptoir)?.client;
    let disputes = client.get(&format!("/api/v1/cases/{}/disputes", case.id)).await?;
    let disputes = disputes.json();
    let open = disputes.list("/data")?;
    let dispute = open.first().ok_or_else(|| Stop::because(format!("no dispute of case {} is there", case.reference)))?;
    let note = "Nous retirons les six vasques fêlées. Merci de régler le reste.";
    let body = json!({ "decision": "settle", "reduction": { "minor": REDUCTION, "currency": "EUR" }, "note": note });
    client.post(&format!("/api/v1/disputes/{}/resolution", dispute.text("/id")?), &body).await?;
    world.does(Who::Comptoir, &format!("settles: {} are taken off. “{note}”", euros(REDUCTION)))
}
