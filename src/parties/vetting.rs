//! What an agency must hold to be let near a case: a vetted licence for the country and a vetted insurance. Pure.

use chrono::NaiveDate;

use crate::types::{Country, text_enum};

text_enum! {
    /// What kind of paper it is.
    pub enum CredentialKind {
        /// To collect debts in a country.
        Licence => "licence",
        /// For professional liability; counts in every country.
        Insurance => "insurance",
        /// Of quality or data protection; counts in every country, where a creditor asks for one.
        Certificate => "certificate",
    }
}

text_enum! {
    /// What the operator made of it.
    pub enum CredentialStatus {
        Submitted => "submitted",
        Vetted => "vetted",
        Rejected => "rejected",
    }
}

text_enum! {
    /// What the operator may decide.
    pub enum Verdict {
        Vetted => "vetted",
        Rejected => "rejected",
    }
}

impl Verdict {
    #[must_use]
    pub const fn status(self) -> CredentialStatus {
        match self {
            Self::Vetted => CredentialStatus::Vetted,
            Self::Rejected => CredentialStatus::Rejected,
        }
    }
}

/// What a decision does to a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Changed,
    /// It was decided so before.
    Unchanged,
    /// A rejected paper stays rejected: the agency submits a new one.
    Final,
}

/// A vetted paper may still be rejected later, when it turns out to be void.
#[must_use]
pub const fn decide(status: CredentialStatus, verdict: Verdict) -> Decision {
    match (status, verdict) {
        (CredentialStatus::Submitted, Verdict::Vetted | Verdict::Rejected) | (CredentialStatus::Vetted, Verdict::Rejected) => {
            Decision::Changed
        }
        (CredentialStatus::Vetted, Verdict::Vetted) | (CredentialStatus::Rejected, Verdict::Rejected) => Decision::Unchanged,
        (CredentialStatus::Rejected, Verdict::Vetted) => Decision::Final,
    }
}

/// What the rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    pub kind: CredentialKind,
    pub country: Country,
    pub status: CredentialStatus,
    pub valid_from: NaiveDate,
    pub valid_until: NaiveDate,
}

/// Why an agency may not bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lack {
    #[error("the agency has no {0} on record{place}", place = place(*.0, *.1))]
    Missing(CredentialKind, Country),
    #[error("the agency's {0}{place} awaits the operator's decision", place = place(*.0, *.1))]
    Undecided(CredentialKind, Country),
    #[error("the agency's {0}{place} was rejected by the operator", place = place(*.0, *.1))]
    Rejected(CredentialKind, Country),
    #[error("the agency's {0}{place} expired on {2}", place = place(*.0, *.1))]
    Expired(CredentialKind, Country, NaiveDate),
    #[error("the agency's {0}{place} is not valid before {2}", place = place(*.0, *.1))]
    NotYet(CredentialKind, Country, NaiveDate),
}

fn place(kind: CredentialKind, country: Country) -> String {
    match kind {
        CredentialKind::Licence => format!(" for {country}"),
        CredentialKind::Insurance | CredentialKind::Certificate => String::new(),
    }
}

/// Whether a paper of this kind counts in `country` on a day.
///
/// # Errors
/// What lacks most nearly.
pub fn serves(papers: &[Paper], kind: CredentialKind, country: Country, on: NaiveDate) -> Result<(), Lack> {
    let fitting =
        || papers.iter().filter(|paper| paper.kind == kind && (kind != CredentialKind::Licence || paper.country == country));
    let of = |status| fitting().filter(move |paper| paper.status == status);
    if of(CredentialStatus::Vetted).any(|paper| paper.valid_from <= on && on <= paper.valid_until) {
        return Ok(());
    }
    if of(CredentialStatus::Submitted).any(|paper| on <= paper.valid_until) {
        return Err(Lack::Undecided(kind, country));
    }
    if let Some(from) = of(CredentialStatus::Vetted).map(|paper| paper.valid_from).filter(|from| *from > on).min() {
        return Err(Lack::NotYet(kind, country, from));
    }
    let ended = of(CredentialStatus::Vetted).chain(of(CredentialStatus::Submitted)).map(|paper| paper.valid_until).max();
    Err(match ended {
        Some(ended) => Lack::Expired(kind, country, ended),
        None if of(CredentialStatus::Rejected).next().is_some() => Lack::Rejected(kind, country),
        None => Lack::Missing(kind, country),
    })
}

#[cfg(test)]
mod tests {
    use CredentialKind::{Insurance, Licence};
    use CredentialStatus::{Rejected, Submitted, Vetted};

    use super::*;

    /// Both that every agency needs; the first that lacks.
    fn qualifies(papers: &[Paper], country: Country, on: NaiveDate) -> Result<(), Lack> {
        serves(papers, CredentialKind::Licence, country, on)?;
        serves(papers, CredentialKind::Insurance, country, on)
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn paper(kind: CredentialKind, country: Country, status: CredentialStatus, from: &str, until: &str) -> Paper {
        Paper { kind, country, status, valid_from: day(from), valid_until: day(until) }
    }

    fn year(kind: CredentialKind, status: CredentialStatus) -> Paper {
        paper(kind, Country::Spain, status, "2026-01-01", "2026-12-31")
    }

    #[test]
    fn a_vetted_licence_and_a_vetted_insurance_let_an_agency_bid_from_the_first_day_to_the_last() {
        let papers = [year(Licence, Vetted), year(Insurance, Vetted)];
        for on in ["2026-01-01", "2026-06-15", "2026-12-31"] {
            assert_eq!(qualifies(&papers, Country::Spain, day(on)), Ok(()), "{on}");
        }
        assert_eq!(
            qualifies(&papers, Country::Spain, day("2025-12-31")),
            Err(Lack::NotYet(Licence, Country::Spain, day("2026-01-01")))
        );
        assert_eq!(
            qualifies(&papers, Country::Spain, day("2027-01-01")),
            Err(Lack::Expired(Licence, Country::Spain, day("2026-12-31")))
        );
    }

    #[test]
    fn a_licence_counts_in_its_country_an_insurance_everywhere() {
        let papers = [year(Insurance, Vetted), paper(Licence, Country::France, Vetted, "2026-01-01", "2026-12-31")];
        assert_eq!(qualifies(&papers, Country::France, day("2026-06-15")), Ok(()));
        assert_eq!(qualifies(&papers, Country::Spain, day("2026-06-15")), Err(Lack::Missing(Licence, Country::Spain)));
    }

    #[test]
    fn the_refusal_says_what_lacks() {
        let cases: [(&[Paper], Lack); 6] = [
            (&[], Lack::Missing(Licence, Country::Spain)),
            (&[year(Licence, Submitted)], Lack::Undecided(Licence, Country::Spain)),
            (&[year(Licence, Rejected)], Lack::Rejected(Licence, Country::Spain)),
            (&[year(Licence, Rejected), year(Licence, Vetted)], Lack::Missing(Insurance, Country::Spain)),
            (&[year(Licence, Vetted), year(Insurance, Submitted)], Lack::Undecided(Insurance, Country::Spain)),
            (
                &[year(Licence, Vetted), paper(Insurance, Country::Spain, Vetted, "2025-01-01", "2026-06-14")],
                Lack::Expired(Insurance, Country::Spain, day("2026-06-14")),
            ),
        ];
        for (papers, lack) in cases {
            assert_eq!(qualifies(papers, Country::Spain, day("2026-06-15")), Err(lack));
        }
    }

    #[test]
    fn refusals_read_as_sentences() {
        assert_eq!(Lack::Missing(Licence, Country::Spain).to_string(), "the agency has no licence on record for ES");
        assert_eq!(
            Lack::Expired(Insurance, Country::Spain, day("2026-06-14")).to_string(),
            "the agency's insurance expired on 2026-06-14"
        );
    }

    #[test]
    fn every_verdict_on_every_status() {
        let table = [
            (Submitted, Verdict::Vetted, Decision::Changed),
            (Submitted, Verdict::Rejected, Decision::Changed),
            (Vetted, Verdict::Vetted, Decision::Unchanged),
            (Vetted, Verdict::Rejected, Decision::Changed),
            (Rejected, Verdict::Vetted, Decision::Final),
            (Rejected, Verdict::Rejected, Decision::Unchanged),
        ];
        assert_eq!(table.len(), CredentialStatus::ALL.len() * Verdict::ALL.len());
        for (status, verdict, decision) in table {
            assert_eq!(decide(status, verdict), decision, "{status} {verdict}");
        }
    }
}
