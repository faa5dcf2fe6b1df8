//! 1: the creditor's own reminder is enough. No agency, no fee.

use crate::cli::demo::{cast::FERRETERIA, client::Told, tally::Who, world::World};

pub async fn play(world: &mut World) -> Told {
    world.tell.chapter("1 · Paid at once, in-house");
    let case = world.post_case(Who::Urrutia, FERRETERIA).await?;
    world.claim(&case).await?;
    world.tell_mails().await
}
