//! 6: the first agency gives the case back; it returns to market with a work summary, and the second one collects.

use serde_json::json;

use crate::cli::demo::{
    cast::CIERZO,
    client::Told,
    deeds::{Bid, Listing, read_listing},
    narrator::{euros, percent},
    tally::{Engaged, Who},
    world::{Case, World},
};

const SECOND_FEE_BP: i64 = 1_375;

pub async fn play(world: &mut World) -> Told {
    world.tell.chapter("6 · Given back, re-marketed, collected by the second agency");
    let mut case = world.draft_case(Who::Urrutia, CIERZO).await?;
    let first = world.list(&case, "best_ranked").await?;
    world
        .offer(
            &first,
            Bid { agency: Who::Amable, fee_bp: 1_150, first_contact_hours: 24, update_every_days: 14, tone: "neutral" },
        )
        .await?;
    world
        .offer(
            &first,
            Bid { agency: Who::Serenos, fee_bp: 1_500, first_contact_hours: 48, update_every_days: 14, tone: "neutral" },
        )
        .await?;
    world.pass_until(first.offers_until + chrono::TimeDelta::minutes(1)).await?;
    world.does(Who::Entente, "opens the offers at the deadline; the rule awards the best-ranked one")?;
    world.sign(&mut case, Engaged { agency: Who::Amable, fee_bp: 1_150 }).await?;
    world.pass_working_days(3, 10).await?;
    give_back(world, &mut case).await?;
    let second = second_round(world, &case, &first).await?;
    world
        .offer(
            &second,
            Bid {
                agency: Who::Passerelle,
                fee_bp: SECOND_FEE_BP,
                first_contact_hours: 24,
                update_every_days: 7,
                tone: "neutral",
            },
        )
        .await?;
    world
        .offer(
            &second,
            Bid { agency: Who::Serenos, fee_bp: 1_900, first_contact_hours: 48, update_every_days: 14, tone: "neutral" },
        )
        .await?;
    world.pass_until(second.offers_until + chrono::TimeDelta::minutes(1)).await?;
    world.sign(&mut case, Engaged { agency: Who::Passerelle, fee_bp: SECOND_FEE_BP }).await?;
    for days in [1, 5, 5] {
        world.pass_working_days(days, 10).await?;
    }
    world.tell_letters(&case).await?;
    world.pass_working_days(5, 10).await?;
    world.call(&case, "reached", "le gérant est rentré de voyage, il règle demain").await?;
    world.pass_working_days(1, 10).await?;
    let owed = world.claim(&case).await?;
    world.step(CIERZO.short, &format!("pays {} into the second agency's client account", euros(owed)));
    let payment = world.paid_to_agency(&case, owed, "TRF CIERZO 015").await?;
    world.expect_closed(&case, "paid").await?;
    world.remit(Who::Passerelle, &payment, Who::Urrutia).await?;
    world.tell.detail("the platform's commission stays open until its due day, and must show in the books");
    world.tell_mails().await
}

async fn give_back(world: &mut World, case: &mut Case) -> Told {
    let client = world.party(Who::Amable)?.client.clone();
    let body = json!({ "reason": "no_capacity", "note": "Dos personas de baja; no llegamos a visitarlos." });
    client.post(&format!("/api/v1/cases/{}/return", case.id), &body).await?;
    case.engaged = None;
    world.does(Who::Amable, "gives the case back: no capacity. Nothing was recovered, so nothing is owed.")?;
    let gone = client.get_refused(&format!("/api/v1/cases/{}", case.id), 404).await?;
    world.tell.detail(&format!("and no longer sees it: “{gone}”"));
    Ok(())
}

async fn second_round(world: &World, case: &Case, first: &Listing) -> Told<Listing> {
    let shown = world.own_listing(case).await?;
    let listing = read_listing(&shown.json())?;
    world.does(Who::Entente, &format!("puts it back on the market, round {}", shown.json().number("/round")?))?;
    world.look_at_card(Who::Passerelle, case, &listing).await?;
    let card = world.party(Who::Passerelle)?.client.get(&format!("/api/v1/listings/{}", listing.id)).await?;
    world.holds(card.json().find("/work_summary").is_some(), "the card says what was tried before: channels, counts and days")?;
    world.tell.detail(&format!("take-now price {} (first round: {})", percent(listing.take_now_bp), percent(first.take_now_bp)));
    Ok(listing)
}
