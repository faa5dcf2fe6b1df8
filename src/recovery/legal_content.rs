//! What a message to a debtor has to contain by law, held against what would be sent. Pure.
//!
//! What may never happen here: a message that leaves without it. Whatever is missing keeps the step from being taken, and a
//! person is told what to supply. The words themselves stand in the templates, whose tests read them.

use crate::{
    paper::{Demand, Party, RowKind},
    receivables::DebtorKind,
    types::Country,
};

/// Something that the law wants said and that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    pub what: &'static str,
    pub source: &'static str,
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.what, self.source)
    }
}

/// Everything that is missing in a demand to a debtor of this kind.
#[must_use]
pub fn missing(demand: &Demand, kind: DebtorKind) -> Vec<Missing> {
    let mut found = Vec::new();
    let mut want = |is_there: bool, what, source| {
        if !is_there {
            found.push(Missing { what, source });
        }
    };
    let grounded = demand.claim.rows.iter().all(|row| has_ground(&row.kind));
    want(grounded, "the ground of each line of the claim", "Directive 2005/29/EC art. 7(2)");
    if let Some(creditor) = &demand.acts_for {
        let source = source_for_agencies(demand.debtor.country, kind);
        want(has_address(&demand.sender), "the agency's address", source);
        want(has_address(creditor), "the creditor's address", source);
        let authority = kind == DebtorKind::Consumer && demand.debtor.country == Country::Germany;
        want(!authority || demand.licence.is_some(), "the authority that supervises the agency", "RDG § 13a Abs. 1 Nr. 8");
    }
    found
}

const fn source_for_agencies(country: Country, kind: DebtorKind) -> &'static str {
    match (country, kind) {
        (Country::France, _) => "CPCE R124-4, 1° and 2°",
        (Country::Germany, DebtorKind::Consumer) => "RDG § 13a Abs. 1 Nr. 1",
        (
            Country::Germany
            | Country::Spain
            | Country::Italy
            | Country::Portugal
            | Country::Belgium
            | Country::Netherlands
            | Country::UnitedKingdom,
            DebtorKind::Business | DebtorKind::Consumer | DebtorKind::Public,
        ) => "GDPR art. 14(1): who writes, and for whom",
    }
}

fn has_address(party: &Party) -> bool {
    !party.name.trim().is_empty() && party.street.is_some() && party.city.is_some()
}

fn has_ground(kind: &RowKind) -> bool {
    match kind {
        RowKind::Principal { ground, .. }
        | RowKind::Interest { ground, .. }
        | RowKind::Compensation { ground }
        | RowKind::Credit { ground, .. }
        | RowKind::Costs { ground, .. } => !ground.trim().is_empty(),
        RowKind::Disputed | RowKind::Paid => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{paper::samples, types::Language};

    fn demand(country: Country, change: impl FnOnce(&mut Demand)) -> Demand {
        let mut demand = samples::demand(Language::Spanish);
        demand.debtor.country = country;
        change(&mut demand);
        demand
    }

    fn whats(demand: &Demand, kind: DebtorKind) -> Vec<&'static str> {
        missing(demand, kind).iter().map(|missing| missing.what).collect()
    }

    #[test]
    fn a_whole_demand_lacks_nothing_anywhere() {
        for country in Country::ALL {
            for kind in DebtorKind::ALL {
                assert_eq!(missing(&demand(*country, |_| {}), *kind), [], "{country} {kind}");
            }
        }
    }

    #[test]
    fn what_the_law_wants_said_is_missed_with_its_source() {
        let homeless = demand(Country::France, |demand| {
            demand.sender.street = None;
            demand.acts_for.as_mut().unwrap().city = None;
        });
        assert_eq!(whats(&homeless, DebtorKind::Business), ["the agency's address", "the creditor's address"]);
        assert!(missing(&homeless, DebtorKind::Business)[0].to_string().contains("R124-4"));
        let unsupervised = demand(Country::Germany, |demand| demand.licence = None);
        assert_eq!(whats(&unsupervised, DebtorKind::Consumer), ["the authority that supervises the agency"]);
        assert_eq!(whats(&unsupervised, DebtorKind::Business), Vec::<&str>::new());
        let groundless = demand(Country::Spain, |demand| {
            demand.claim.rows[0].kind = RowKind::Compensation { ground: " ".to_owned() };
        });
        assert_eq!(whats(&groundless, DebtorKind::Business), ["the ground of each line of the claim"]);
    }
}
