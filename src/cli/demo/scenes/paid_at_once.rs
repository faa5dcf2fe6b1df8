//! 1: the creditor's own reminder is enough. No agency, no fee.

use crate::cli::demo::{
    cast::{FERRETERIA, JONE},
    client::Told,
    tally::Who,
    world::World,
};

pub async fn play(world: &mut World) -> Told {
    world.tell.chapter("1 · Paid at once, in-house");
    let case = world.post_case(Who::Urrutia, FERRETERIA).await?;
    world.claim(&case).await?;
    world.pass_working_days(1, 10).await?;
    world.pass_working_days(2, 10).await?;
    let owed = world.claim(&case).await?;
    world.paid_directly(&case, JONE.full_name, owed, "TRF 0910-4471").await?;
    world.expect_closed(&case, "paid").await?;
    world.tell_mails().await?;
    world.remember_page("all is paid", &case);
    Ok(())
}
