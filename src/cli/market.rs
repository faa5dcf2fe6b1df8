//! `entente market reach`: whether every listing finds somebody who may take it.

use entente::{
    config::Settings,
    db::{By, Scope},
    market,
};

use super::{Failure, say, start};

/// Counts the agencies that qualify for each open listing, and names the listings that nobody may take.
pub async fn reach(settings: Settings) -> Result<(), Failure> {
    let (app, _database) = start::app(settings).await?;
    let by = By::engine(app.clock.now());
    let reach = app.db.transaction(Scope::System, async |conn| market::reach(conn, &by).await).await;
    let reach = reach.map_err(|error: market::MarketError| error.to_string())?;
    let alone: Vec<_> = reach.iter().filter(|(_, agencies)| agencies.is_empty()).collect();
    for (listing, _) in &alone {
        say(&format!("{listing}: no agency qualifies"));
    }
    let pairs: usize = reach.iter().map(|(_, agencies)| agencies.len()).sum();
    say(&format!("{} open listings, {pairs} times an agency that qualifies, {} listings without any", reach.len(), alone.len()));
    Ok(())
}
