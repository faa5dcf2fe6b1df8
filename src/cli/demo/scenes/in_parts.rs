//! 2: sealed offers by three agencies, an award by hand, a mandate signed by both, and money that comes in two parts.

use serde_json::json;

use crate::cli::demo::{
    cast::ARRIETA,
    client::{Stop, Told},
    deeds::{Bid, Listing},
    narrator::{euros, percent},
    tally::{Engaged, Who},
    world::{Case, World},
};

const FEE_BP: i64 = 1_200;
const FIRST_PART: i64 = 600_000;

const BIDS: [Bid; 3] = [
    Bid { agency: Who::Serenos, fee_bp: FEE_BP, first_contact_hours: 24, update_every_days: 7, tone: "neutral" },
    Bid { agency: Who::Passerelle, fee_bp: 1_050, first_contact_hours: 72, update_every_days: 21, tone: "neutral" },
    Bid { agency: Who::Amable, fee_bp: 1_430, first_contact_hours: 24, update_every_days: 14, tone: "gentle" },
];

pub async fn play(world: &mut World) -> Told {
    world.tell.chapter("2 · Three sealed offers, and paid in two parts");
    let mut case = world.draft_case(Who::Urrutia, ARRIETA).await?;
    world.claim(&case).await?;
    let listing = world.list(&case, "by_hand").await?;
    world.look_at_card(Who::Serenos, &case, &listing).await?;
    for bid in BIDS {
        world.offer(&listing, bid).await?;
    }
    nobody_peeks(world, &case).await?;
    world.pass_until(listing.offers_until + chrono::TimeDelta::minutes(1)).await?;
    award(world, &case, &listing).await?;
    world.sign(&mut case, Engaged { agency: Who::Serenos, fee_bp: FEE_BP }).await?;
    world.debtor_is_known(&case, Who::Serenos).await?;
    losers_read(world, &listing).await?;
    world.pass_working_days(3, 11).await?;
    world.step(ARRIETA.short, &format!("transfers {} to the client account", euros(FIRST_PART)));
    let first = world.paid_to_agency(&case, FIRST_PART, "TRF 0918-0017").await?;
    world.pass_working_days(1, 12).await?;
    world.remit(Who::Serenos, &first, Who::Urrutia).await?;
    world.remit(Who::Serenos, &first, Who::Entente).await?;
    world.pass_working_days(2, 10).await?;
    let (rest, _) = world.claim_told(&case).await?;
    world.step(ARRIETA.short, &format!("transfers the rest, {}", euros(rest)));
    let second = world.paid_to_agency(&case, rest, "TRF 0923-0440").await?;
    world.expect_closed(&case, "paid").await?;
    world.remit(Who::Serenos, &second, Who::Urrutia).await?;
    world.remit(Who::Serenos, &second, Who::Entente).await?;
    world.tell_mails().await
}

/// Before the deadline: the creditor sees how many offers there are, a rival its own, and nobody any other.
async fn nobody_peeks(world: &World, case: &Case) -> Told {
    let creditor = world.party(Who::Urrutia)?;
    let listing = world.own_listing(case).await?;
    let count = listing.json().number("/offer_count")?;
    world.does(Who::Urrutia, &format!("looks: {count} offers have come"))?;
    let refused = creditor.client.get_refused(&format!("/api/v1/cases/{}/offers", case.id), 409).await?;
    world.tell.detail(&format!("asks for them all the same: “{refused}”"));
    for bid in BIDS {
        let own = world.party(bid.agency)?.client.get("/api/v1/offers").await?;
        let offers = own.json().list("/data")?;
        let only_own = offers.len() == 1 && offers.iter().all(|offer| offer.number("/fee_bp").is_ok_and(|fee| fee == bid.fee_bp));
        if !only_own {
            return Err(Stop::because(format!("{:?} sees more than its own offer: {}", bid.agency, own.text())));
        }
    }
    world.holds(true, "each agency sees its own offer and no rival's")
}

async fn award(world: &World, case: &Case, listing: &Listing) -> Told {
    let client = &world.party(Who::Urrutia)?.client;
    let ranked = client.get(&format!("/api/v1/cases/{}/offers", case.id)).await?;
    world.does(Who::Urrutia, "opens the offers, ranked by the published formula")?;
    let mut chosen = None;
    for offer in ranked.json().list("/data")? {
        let agency = offer.text("/agency/legal_name")?;
        world.tell.detail(&format!(
            "{}. {agency}: {}, first contact within {} h, news every {} days",
            offer.number("/rank")?,
            percent(offer.number("/fee_bp")?),
            offer.number("/terms/first_contact_hours")?,
            offer.number("/terms/update_every_days")?
        ));
        if offer.text("/agency/id")? == world.party(Who::Serenos)?.id {
            chosen = Some(offer.text("/id")?.to_owned());
        }
    }
    let chosen = chosen.ok_or_else(|| Stop::because(format!("the offer of Cobros Serenos on {} is gone", listing.id)))?;
    let reason = "They know the building trade, and they call before they write.";
    client.post(&format!("/api/v1/cases/{}/award", case.id), &json!({ "offer_id": chosen, "reason": reason })).await?;
    world.does(Who::Urrutia, &format!("awards the case to Cobros Serenos: “{reason}”"))?;
    let twice = client
        .post_refused(&format!("/api/v1/cases/{}/award", case.id), &json!({ "offer_id": chosen, "reason": reason }), 409)
        .await?;
    world.tell.detail(&format!("a second award is refused: “{twice}”"));
    Ok(())
}

/// The others learn what became of theirs, in their language, and nothing of the winner.
async fn losers_read(world: &World, listing: &Listing) -> Told {
    for loser in [Who::Passerelle, Who::Amable] {
        let offers = world.party(loser)?.client.get("/api/v1/offers").await?;
        for offer in offers.json().list("/data")? {
            if offer.text("/listing_id")? != listing.id {
                continue;
            }
            let notice = offer.text("/reason")?;
            world.does(loser, &format!("reads: “{notice}”"))?;
            let silent = !notice.contains("Serenos") && !notice.contains("12,00") && !notice.contains("12 %");
            world.holds(silent, "neither the winner nor its fee is told")?;
        }
    }
    Ok(())
}
