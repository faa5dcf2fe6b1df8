//! `entente demo`: a small world plays the main job through the public API and checks its own books at the end.
//!
//! Everybody acts over HTTP alone, in one movable clock, on a fresh database under `var/demo`. The sums at the end are
//! the demo's own (`tally`); they are held against every statement of account and against the ledger. What may never
//! happen here: an unexpected answer that is passed over, or a difference that does not end with exit code 1.

mod cast;
mod client;
mod deeds;
mod money;
mod narrator;
mod outbox;
mod reconcile;
mod scenes;
mod stage;
mod tally;
mod world;

use entente::{config, config::Settings, keys::random_token};

use self::{
    client::{Stop, Told},
    outbox::Outbox,
    stage::Stage,
    tally::Who,
    world::World,
};
use super::{Failure, serve};

pub use stage::own;

const PASSWORD_BYTES: usize = 12;

pub async fn play(settings: Settings) -> Result<(), Failure> {
    let once = config::demo_only_once();
    let mut stage = Stage::set(settings, once).await?;
    let outbox = Outbox::new(stage.outbox.clone());
    let mut world = World::new(&stage.base, stage.app.clock.clone(), outbox, random_token(PASSWORD_BYTES)?)?;
    let told = story(&mut world, &stage).await;
    let told = match told {
        Ok(()) if !once => look_around(&mut world).await,
        told => told,
    };
    if told.is_ok() && !once {
        serve::wait_for_end(&mut stage.database).await?;
    }
    stage.clear().await;
    Ok(told?)
}

/// All chapters in order, then the books.
async fn story(world: &mut World, stage: &Stage) -> Told {
    scenes::opening::play(world, &stage.app).await?;
    scenes::paid_at_once::play(world).await?;
    scenes::in_parts::play(world).await?;
    scenes::promise::play(world).await?;
    scenes::dispute::play(world).await?;
    scenes::take_now::play(world).await?;
    scenes::second_agency::play(world).await?;
    scenes::recalled::play(world).await?;
    scenes::untraceable::play(world).await?;
    match reconcile::everything(world, &stage.app).await? {
        0 => world.tell.line("reconciled: 0 differences"),
        differences => return Err(Stop::because(format!("reconciled: {differences} differences"))),
    }
    Ok(())
}

/// Where to look around, and as whom; one case is left open for it.
async fn look_around(world: &mut World) -> Told {
    let tell = world.tell;
    tell.chapter("Look around");
    let case = world.post_case(Who::Urrutia, cast::IRATI).await?;
    world.remember_page("open: pay, promise, object", &case);
    world.tell_mails().await?;
    tell.line("");
    tell.line(&format!("portals       {}/portal", world.base));
    tell.line(&format!("API           {}/api/v1, described under /api/docs", world.base));
    for (what, page) in &world.pages {
        tell.line(&format!("debtor page   {page}  ({what})"));
    }
    tell.line("");
    tell.line(&format!("Everybody's password in this run: {}", world.password));
    let logins: Vec<Vec<String>> =
        cast::logins().map(|(person, company)| [person.full_name, person.email, company].map(str::to_owned).to_vec()).collect();
    tell.table(&["who", "logs in as", "of"], &logins);
    tell.line("");
    tell.line("Serving until Ctrl-C. The operator may move the clock on: PUT /api/v1/clock.");
    Ok(())
}
