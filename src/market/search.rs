//! What an agency looks for on the market: filters over cards, the same for a search, a saved search and an alert. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    MarketError,
    card::{AgeBand, AmountBand, Card, Evidence},
    sector::Sector,
};
use crate::{
    receivables::DebtorKind,
    types::{BasisPoints, Country},
};

/// Which listings. A list that is empty leaves everything in; several values of one list mean any of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Criteria {
    pub countries: Vec<Country>,
    /// NUTS 1 codes. A card whose region is left out matches none.
    #[schema(example = json!(["ES5"]))]
    pub regions: Vec<String>,
    pub sectors: Vec<Sector>,
    pub debtor_kinds: Vec<DebtorKind>,
    pub amount_bands: Vec<AmountBand>,
    pub age_bands: Vec<AgeBand>,
    /// All of these must be there.
    pub documents: Vec<Evidence>,
    pub disputed: Option<bool>,
    /// At least this take-now fee.
    pub take_now_min_bp: Option<BasisPoints>,
}

/// Longest list of one filter.
const VALUES_MAX: usize = 30;

impl Criteria {
    /// # Errors
    /// A list that is endless, or a region that is none.
    pub fn check(&self) -> Result<(), MarketError> {
        if self.regions.len() > VALUES_MAX {
            return Err(MarketError::Invalid("/criteria/regions", format!("at most {VALUES_MAX}")));
        }
        let odd = |region: &&String| !(3..=5).contains(&region.len()) || !region.chars().all(|c| c.is_ascii_alphanumeric());
        if let Some(region) = self.regions.iter().find(odd) {
            return Err(MarketError::Invalid("/criteria/regions", format!("`{region}` is no NUTS code: it looks like ES5")));
        }
        Ok(())
    }

    /// Whether a card with this take-now price is what was looked for.
    #[must_use]
    pub fn matches(&self, card: &Card, take_now: BasisPoints) -> bool {
        any_of(&self.countries, Some(&card.country))
            && any_of(&self.regions, card.region.as_ref())
            && any_of(&self.sectors, card.sector.as_ref())
            && any_of(&self.debtor_kinds, Some(&card.debtor_kind))
            && any_of(&self.amount_bands, Some(&card.amount_band))
            && any_of(&self.age_bands, Some(&card.age_band))
            && self.documents.iter().all(|document| card.documents.contains(document))
            && self.disputed.is_none_or(|disputed| disputed == card.disputed)
            && self.take_now_min_bp.is_none_or(|least| take_now >= least)
    }
}

fn any_of<T: PartialEq>(wanted: &[T], value: Option<&T>) -> bool {
    wanted.is_empty() || value.is_some_and(|value| wanted.contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{market::card::PaymentRecord, types::Currency, types::Tone};

    fn card() -> Card {
        Card {
            country: Country::Spain,
            region: Some("ES5".to_owned()),
            sector: None,
            debtor_kind: DebtorKind::Business,
            currency: Currency::EUR,
            amount_band: AmountBand::From2000,
            age_band: AgeBand::UpTo90,
            invoice_count: 1,
            documents: vec![Evidence::InvoiceFile, Evidence::Letter],
            disputed: false,
            debtor_record: Some(PaymentRecord::Unknown),
            tone_ceiling: Tone::Neutral,
            coarsened: Vec::new(),
        }
    }

    #[test]
    fn every_filter_lets_its_own_through_and_keeps_others_out() {
        let with = |change: fn(&mut Criteria)| {
            let mut criteria = Criteria::default();
            change(&mut criteria);
            criteria.matches(&card(), BasisPoints(1_300))
        };
        type Change = fn(&mut Criteria);
        let cases: [(Change, bool); 16] = [
            (|_| {}, true),
            (|c| c.countries = vec![Country::France, Country::Spain], true),
            (|c| c.countries = vec![Country::France], false),
            (|c| c.regions = vec!["ES5".to_owned()], true),
            (|c| c.regions = vec!["ES3".to_owned()], false),
            (|c| c.sectors = vec![Sector::Mining], false),
            (|c| c.debtor_kinds = vec![DebtorKind::Consumer], false),
            (|c| c.amount_bands = vec![AmountBand::From2000], true),
            (|c| c.amount_bands = vec![AmountBand::From500], false),
            (|c| c.age_bands = vec![AgeBand::UpTo30], false),
            (|c| c.documents = vec![Evidence::Letter], true),
            (|c| c.documents = vec![Evidence::Letter, Evidence::PurchaseOrder], false),
            (|c| c.disputed = Some(false), true),
            (|c| c.disputed = Some(true), false),
            (|c| c.take_now_min_bp = Some(BasisPoints(1_300)), true),
            (|c| c.take_now_min_bp = Some(BasisPoints(1_301)), false),
        ];
        for (number, (change, matches)) in cases.into_iter().enumerate() {
            assert_eq!(with(change), matches, "case {number}");
        }
    }

    #[test]
    fn a_region_that_is_none_is_refused() {
        let criteria = |region: &str| Criteria { regions: vec![region.to_owned()], ..Criteria::default() };
        assert!(criteria("ES5").check().is_ok());
        for odd in ["", "Madrid", "E'5"] {
            assert!(matches!(criteria(odd).check(), Err(MarketError::Invalid("/criteria/regions", _))), "{odd}");
        }
    }
}
