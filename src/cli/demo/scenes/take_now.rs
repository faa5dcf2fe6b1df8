//! 5: an agency takes the case at the posted price; the debtor pays the creditor itself, and the fee is owed all the same.

use serde_json::json;

use crate::cli::demo::{
    cast::{JONE, MOLINO},
    client::Told,
    narrator::{euros, percent},
    tally::{Engaged, Who},
    world::World,
};

pub async fn play(world: &mut World) -> Told {
    world.tell.chapter("5 · Taken at the posted price");
    let mut case = world.draft_case(Who::Urrutia, MOLINO).await?;
    world.claim(&case).await?;
    let listing = world.list(&case, "by_hand").await?;
    world.look_at_card(Who::Amable, &case, &listing).await?;
    let shown = world.party(Who::Amable)?.client.get(&format!("/api/v1/listings/{}", listing.id)).await?;
    let (mut sum, mut parts) = (0, Vec::new());
    for part in shown.json().list("/take_now/contributions")? {
        let bp = part.number("/bp")?;
        sum += bp;
        if bp != 0 {
            parts.push(format!("{} {}", part.text("/input")?.replace('_', " "), percent(bp)));
        }
    }
    world.tell.detail(&format!("the price explained: {}", parts.join(" + ").replace("+ -", "- ")));
    world.holds(sum == listing.take_now_bp, "its contributions add up to the price")?;
    world.party(Who::Amable)?.client.post(&format!("/api/v1/listings/{}/take-now", listing.id), &json!({})).await?;
    world.does(Who::Amable, &format!("takes the case at {}", percent(listing.take_now_bp)))?;
    let late = world
        .party(Who::Serenos)?
        .client
        .post_refused(&format!("/api/v1/listings/{}/take-now", listing.id), &json!({}), 409)
        .await?;
    world.does(Who::Serenos, &format!("comes a moment later: “{late}”"))?;
    world.sign(&mut case, Engaged { agency: Who::Amable, fee_bp: listing.take_now_bp }).await?;
    world.pass_working_days(2, 10).await?;
    let owed = world.claim(&case).await?;
    world.step(MOLINO.short, &format!("pays {} straight to the workshop", euros(owed)));
    let payment = world.paid_directly(&case, JONE.full_name, owed, "TRF MOLINO 3301").await?;
    world.agency_confirms(&case, &payment, owed).await?;
    world.expect_closed(&case, "paid").await?;
    world.remit(Who::Urrutia, &payment, Who::Amable).await?;
    world.tell.detail("the platform's commission is due in three days; it is left open here, and must show in the books");
    world.tell_mails().await
}
