//! 3: the debtor opens its page, names a day, is left in peace until then, and keeps its word.

use chrono::Days;

use crate::cli::demo::{
    cast::MARCHETTI,
    client::{Stop, Told},
    narrator::euros,
    tally::Who,
    world::World,
};

const PROMISED_IN_DAYS: u64 = 6;

pub async fn play(world: &mut World) -> Told {
    world.tell.chapter("3 · A promise on the debtor's page, kept");
    let case = world.post_case(Who::Comptoir, MARCHETTI).await?;
    world.claim(&case).await?;
    let mails = world.pass_working_days(1, 10).await?;
    let link = mails.iter().find(|mail| mail.to == MARCHETTI.email).and_then(|mail| mail.link(&format!("{}/d/", world.base)));
    world.holds(link.as_ref() == Some(&case.page), "the reminder brings the link to the debtor's page")?;
    let page = world.nobody.get(&case.page).await?;
    world.step(MARCHETTI.short, "opens the link in the mail: no login, no script, in French");
    let shown = page.text();
    world.holds(shown.contains("lang=\"fr\"") && shown.contains("D441-5"), "the page gives the legal ground of each line")?;
    let promised_on = world.today().checked_add_days(Days::new(PROMISED_IN_DAYS)).ok_or_else(|| Stop::because("no such day"))?;
    world.submit_on_page(&case, "promise", &[("promised_on", &promised_on.to_string())]).await?;
    world.step(MARCHETTI.short, &format!("promises to pay on {promised_on}"));
    world.expect_hold(&case, "promise").await?;
    world.pass_until(world.morning_of(promised_on)).await?;
    let owed = world.claim(&case).await?;
    world.step(MARCHETTI.short, &format!("transfers {} straight to the creditor, as promised", euros(owed)));
    world.paid_directly(&case, "Bruno Fayolle", owed, "VIR MARCHETTI 412").await?;
    world.expect_closed(&case, "paid").await?;
    world.pass_working_days(2, 10).await?;
    world.expect_event(&case, "promise_kept").await
}
