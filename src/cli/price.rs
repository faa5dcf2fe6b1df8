//! `entente price explain`: what a take-now price is made of, for a card described here or one that is on record.

use clap::Args;
use entente::{
    cases,
    config::Settings,
    db::{By, Conn, Scope},
    market::{
        self,
        card::{AgeBand, AmountBand, Card, Evidence, PaymentRecord},
        price::{self, Price},
    },
    receivables::DebtorKind,
    types::{CaseId, Country, Currency, ListingId, Tone},
};

use super::{Failure, say, start};

/// Which price. By inputs, or by what is on record.
#[derive(Debug, Args)]
pub struct Explain {
    /// The price frozen on a listing.
    #[arg(long, conflicts_with_all = ["case", "country"])]
    listing: Option<ListingId>,
    /// The price of a case in its latest round on the market.
    #[arg(long, conflicts_with = "country")]
    case: Option<CaseId>,
    #[command(flatten)]
    inputs: Inputs,
    /// As JSON, the way the API shows it.
    #[arg(long)]
    json: bool,
}

/// What a card says.
#[derive(Debug, Args)]
struct Inputs {
    /// ES, FR, DE, …
    #[arg(long, required_unless_present_any = ["listing", "case"])]
    country: Option<Country>,
    /// below_500, 500_to_2000, 2000_to_8000, 8000_to_25000, 25000_to_100000, 100000_and_more
    #[arg(long, default_value = "2000_to_8000")]
    amount_band: AmountBand,
    /// up_to_30_days, 31_to_60_days, 61_to_90_days, 91_to_180_days, 181_to_365_days, 366_to_730_days, over_730_days
    #[arg(long, default_value = "61_to_90_days")]
    age_band: AgeBand,
    /// business, consumer, public
    #[arg(long, default_value = "business")]
    debtor_kind: DebtorKind,
    /// invoice, purchase_order, letter; may be repeated
    #[arg(long)]
    document: Vec<Evidence>,
    /// Messages and calls before.
    #[arg(long, default_value_t = 0)]
    reminders: u32,
    /// Which time on the market.
    #[arg(long, default_value_t = 1)]
    round: u32,
    #[arg(long)]
    disputed: bool,
    /// unknown, pays, mixed, seldom_pays; left out: withheld
    #[arg(long)]
    debtor_record: Option<PaymentRecord>,
}

impl Inputs {
    fn price(&self) -> Result<Price, Failure> {
        let card = Card {
            country: self.country.ok_or("say --country, --listing or --case")?,
            region: None,
            sector: None,
            debtor_kind: self.debtor_kind,
            currency: Currency::EUR,
            amount_band: self.amount_band,
            age_band: self.age_band,
            invoice_count: 1,
            documents: self.document.clone(),
            disputed: self.disputed,
            debtor_record: self.debtor_record,
            tone_ceiling: Tone::Neutral,
            coarsened: Vec::new(),
        };
        Ok(price::take_now(&card, self.reminders, self.round))
    }
}

pub async fn explain(settings: Settings, asked: Explain) -> Result<(), Failure> {
    let price = match (asked.listing, asked.case) {
        (None, None) => asked.inputs.price()?,
        (listing, case) => on_record(settings, listing, case).await?,
    };
    if asked.json {
        say(&serde_json::to_string_pretty(&price)?);
        return Ok(());
    }
    say(&format!("model {}", price.version));
    for part in &price.contributions {
        say(&format!("{:>7}  {} = {}", part.bp.0, part.input, part.value));
    }
    say(&format!("{:>7}  basis points of what is recovered: {}", price.price_bp.0, price.price_bp));
    Ok(())
}

async fn on_record(settings: Settings, listing: Option<ListingId>, case: Option<CaseId>) -> Result<Price, Failure> {
    let (app, _database) = start::app(settings).await?;
    let by = By::engine(app.clock.now());
    let found = app.db.transaction(Scope::System, async |conn| find(conn, &by, listing, case).await).await;
    Ok(found.map_err(|error| error.to_string())?)
}

async fn find(
    conn: &mut Conn<'_>,
    by: &By,
    listing: Option<ListingId>,
    case: Option<CaseId>,
) -> Result<Price, market::MarketError> {
    let latest = match case {
        Some(id) => cases::find(conn, by, id).await?.listing,
        None => None,
    };
    let id = listing.or(latest).ok_or(market::MarketError::NotFound("listing"))?;
    Ok(market::find_listing(conn, by, id).await?.price)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        explain: Explain,
    }

    fn read(line: &str) -> Result<Explain, clap::Error> {
        Line::try_parse_from(std::iter::once("explain").chain(line.split_whitespace())).map(|line| line.explain)
    }

    #[test]
    fn inputs_give_the_price_that_the_market_would_post() {
        let asked =
            read("--country IT --amount-band below_500 --document invoice --document letter --reminders 4 --disputed").unwrap();
        let price = asked.inputs.price().unwrap();
        // 1000 base, 1000 small, 0 for the age, 150 Italy, -75 documents, 150 reminders, 400 dispute.
        assert_eq!(price.price_bp.0, 2_625);
        assert_eq!(price.contributions.iter().map(|part| part.bp.0).sum::<i32>(), 2_625);
    }

    #[test]
    fn a_price_needs_a_country_a_listing_or_a_case_and_only_one() {
        for bad in ["", "--country XX", "--country ES --amount-band much", "--listing lst_0", "--country ES --case case_0"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let id = CaseId::fresh();
        assert_eq!(read(&format!("--case {id} --json")).unwrap().case, Some(id));
    }
}
