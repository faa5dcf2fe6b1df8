//! The end: the demo's own sums, every statement of account and the ledger, side by side.

use entente::app::App;

use super::{client::Told, world::World};

pub async fn everything(_world: &mut World, _app: &App) -> Told<usize> {
    Ok(0)
}
