//! Opened offers side by side: who asks what, what VAT comes on top, and the arithmetic of each one's rank.

use crate::{
    cases::Case,
    db::{By, Conn},
    http::Problem,
    market::{self, MarketError, Offer, Promises, award::Arithmetic},
    parties,
    settlement::vat,
    types::{BasisPoints, clock::day_in},
};

/// An opened offer.
pub struct Compared {
    pub agency: String,
    pub offer: Offer,
    pub terms: Promises,
    /// None where nobody was ranked.
    pub arithmetic: Option<Arithmetic>,
    pub vat: BasisPoints,
    pub vat_ground: String,
}

impl Compared {
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.offer.rank == Some(1)
    }
}

/// The offers of the latest round, best first. Two queries more than the API's list, however many there are.
///
/// # Errors
/// The database fails.
pub async fn compare(conn: &mut Conn<'_>, by: &By, case: &Case) -> Result<Vec<Compared>, Problem> {
    let (_, offers) = market::ranked_offers(conn, by, case.id).await?;
    let ids: Vec<_> = offers.iter().map(|offer| offer.agency).chain([case.creditor]).collect();
    let names = parties::names_of(conn, by, &ids).await?;
    let Some(creditor) = names.get(&case.creditor) else { return Ok(Vec::new()) };
    let on = day_in(creditor.country.time_zone(), by.at);
    let mut compared = Vec::with_capacity(offers.len());
    for offer in offers {
        let (Some(agency), Some(terms)) = (names.get(&offer.agency), offer.terms.clone()) else { continue };
        let due = vat::due(agency.country, creditor.country, on).map_err(|error| MarketError::Vat(error.to_string()))?;
        compared.push(Compared {
            agency: agency.legal_name.clone(),
            arithmetic: offer.ranking.clone(),
            terms,
            offer,
            vat: due.rate,
            vat_ground: due.ground.to_owned(),
        });
    }
    Ok(compared)
}
