//! What is asked on a day, row by row, as printed: words, legal ground, amount, and the sum of what stands there.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{PaperError, Texts};
use crate::types::{BasisPoints, Language, Money, MoneyError};

/// What is asked on a day. The total is that of the rows and is given nowhere else.
#[derive(Debug, Clone)]
pub struct Claim {
    pub on: NaiveDate,
    pub rows: Vec<ClaimRow>,
}

#[derive(Debug, Clone)]
pub struct ClaimRow {
    /// Number of the invoice the row belongs to; none where it is about all of them.
    pub invoice: Option<String>,
    pub kind: RowKind,
    /// Whether its ground still has to be checked: said beside it.
    pub uncertain: bool,
    /// Negative where it lessens the claim.
    pub amount: Money,
}

/// Grounds are statutes as their own country cites them: `Ley 3/2004 art. 7.2`.
#[derive(Debug, Clone)]
pub enum RowKind {
    Principal {
        issued_on: NaiveDate,
        due_on: NaiveDate,
        ground: String,
    },
    /// `from` to `until`, both included.
    Interest {
        from: NaiveDate,
        until: NaiveDate,
        days: u32,
        rate: BasisPoints,
        base: Money,
        ground: String,
    },
    Compensation {
        ground: String,
    },
    /// A credit note: it lessens the invoice from its first day.
    Credit {
        credited_on: NaiveDate,
        ground: String,
    },
    /// What the debtor objects to: not asked for until it is answered.
    Disputed,
    /// Of collection, for all invoices together.
    Costs {
        base: Money,
        ground: String,
    },
    /// Money already received: its amount is negative.
    Paid,
}

/// A row in a reader's words.
#[derive(Debug, Clone, serde::Serialize)]
pub struct SpokenRow {
    pub label: String,
    /// How the amount comes about: days, rate, base. May be empty.
    pub detail: String,
    pub ground: String,
    pub amount: String,
}

/// The rows of one nature, with their sum: principal, interest, accessories, received (CPCE R124-4 wants them apart).
#[derive(Debug, Clone, serde::Serialize)]
pub struct SpokenGroup {
    pub title: String,
    pub sum: String,
    pub rows: Vec<SpokenRow>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Principal,
    Interest,
    Accessories,
    Lessened,
}

/// More than these are counted, not named.
const NAMED_INVOICES: usize = 3;

const GROUPS: [(Group, &str); 4] = [
    (Group::Principal, "claim.principal"),
    (Group::Interest, "claim.interest"),
    (Group::Accessories, "claim.accessories"),
    (Group::Lessened, "claim.lessened"),
];

impl Claim {
    /// # Errors
    /// No rows, several currencies, or a sum beyond what money holds.
    pub fn total(&self) -> Result<Money, MoneyError> {
        sum(&self.rows.iter().collect::<Vec<_>>())
    }

    /// The rows by nature, in a reader's words. Groups without rows are left out.
    ///
    /// # Errors
    /// As [`Claim::total`].
    pub fn spoken(&self, language: Language) -> Result<Vec<SpokenGroup>, MoneyError> {
        let groups = GROUPS.iter().map(|(group, title)| {
            let rows: Vec<&ClaimRow> = self.rows.iter().filter(|row| row.kind.group() == *group).collect();
            if rows.is_empty() {
                return Ok(None);
            }
            Ok(Some(SpokenGroup {
                title: Texts::of(language).say(title).to_owned(),
                sum: language.money(sum(&rows)?),
                rows: rows.into_iter().map(|row| row.spoken(language)).collect(),
            }))
        });
        groups.filter_map(Result::transpose).collect()
    }

    /// The invoices it is about, each once, in the order of the rows.
    #[must_use]
    pub fn invoices(&self) -> Vec<&str> {
        let mut seen: Vec<&str> = Vec::new();
        for invoice in self.rows.iter().filter_map(|row| row.invoice.as_deref()) {
            if !seen.contains(&invoice) {
                seen.push(invoice);
            }
        }
        seen
    }

    /// As [`invoices_in_words`].
    #[must_use]
    pub fn invoices_in_words(&self, language: Language) -> String {
        invoices_in_words(&self.invoices(), language)
    }

    pub(super) fn inputs(&self, language: Language) -> Result<Value, PaperError> {
        Ok(json!({
            "groups": self.spoken(language)?, "total": language.money(self.total()?), "on": language.day(self.on),
        }))
    }
}

/// `invoices F-17 and F-18`; a number of invoices where naming each would fill the line.
#[must_use]
pub fn invoices_in_words(numbers: &[&str], language: Language) -> String {
    let texts = Texts::of(language);
    match numbers {
        [] | [_] => texts.fill("claim.one_invoice", &[("numbers", &numbers.concat())]),
        [first @ .., last] if numbers.len() <= NAMED_INVOICES => {
            texts.fill("claim.these_invoices", &[("numbers", &first.join(", ")), ("last", last)])
        }
        _ => texts.fill("claim.several_invoices", &[("count", &numbers.len().to_string())]),
    }
}

fn sum(rows: &[&ClaimRow]) -> Result<Money, MoneyError> {
    let currency = rows.first().map_or(crate::types::Currency::EUR, |row| row.amount.currency);
    Money::sum(currency, rows.iter().map(|row| row.amount))
}

impl RowKind {
    const fn group(&self) -> Group {
        match self {
            Self::Principal { .. } | Self::Credit { .. } | Self::Disputed => Group::Principal,
            Self::Interest { .. } => Group::Interest,
            Self::Compensation { .. } | Self::Costs { .. } => Group::Accessories,
            Self::Paid => Group::Lessened,
        }
    }
}

impl ClaimRow {
    #[must_use]
    pub fn spoken(&self, language: Language) -> SpokenRow {
        let texts = Texts::of(language);
        let invoice = [("invoice", self.invoice.as_deref().unwrap_or_default())];
        let (label, detail, ground) = match &self.kind {
            RowKind::Principal { issued_on, due_on, ground } => {
                let (issued_on, due_on) = (language.short_day(*issued_on), language.short_day(*due_on));
                let detail = texts.fill("claim.invoice_detail", &[("issued_on", &issued_on), ("due_on", &due_on)]);
                (texts.fill("claim.invoice", &invoice), detail, texts.fill("claim.invoice_ground", &[("ground", ground)]))
            }
            RowKind::Interest { ground, .. } => {
                (texts.fill("claim.interest_row", &invoice), self.interest_detail(language), ground.clone())
            }
            RowKind::Compensation { ground } => (texts.fill("claim.compensation", &invoice), String::new(), ground.clone()),
            RowKind::Credit { credited_on, ground } => {
                let day = language.short_day(*credited_on);
                (texts.fill("claim.credit", &invoice), texts.fill("claim.credit_detail", &[("on", &day)]), ground.clone())
            }
            RowKind::Disputed => {
                (texts.fill("claim.disputed", &invoice), texts.say("claim.disputed_detail").to_owned(), String::new())
            }
            RowKind::Costs { base, ground } => {
                let detail = texts.fill("claim.costs_detail", &[("base", &language.money(*base))]);
                (texts.say("claim.costs").to_owned(), detail, ground.clone())
            }
            RowKind::Paid => (texts.say("claim.paid").to_owned(), String::new(), String::new()),
        };
        let ground = if self.uncertain { texts.fill("claim.uncertain", &[("ground", &ground)]) } else { ground };
        SpokenRow { label, detail, ground, amount: language.money(self.amount) }
    }

    fn interest_detail(&self, language: Language) -> String {
        let RowKind::Interest { from, until, days, rate, base, .. } = &self.kind else { return String::new() };
        Texts::of(language).fill(
            "claim.interest_detail",
            &[
                ("base", &language.money(*base)),
                ("rate", &language.percent(*rate)),
                ("days", &days.to_string()),
                ("from", &language.short_day(*from)),
                ("until", &language.short_day(*until)),
            ],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{paper::samples, types::Currency};

    #[test]
    fn the_total_is_the_sum_of_the_rows() {
        assert_eq!(samples::claim().total(), Ok(Money::new(123_456 + 2_129 + 4_000 - 20_000, Currency::EUR)));
    }

    #[test]
    fn invoices_are_named_as_one_or_many() {
        for (numbers, language, said) in [
            (&["F-17"][..], Language::English, "invoice F-17"),
            (&["F-17", "F-18"], Language::Spanish, "las facturas F-17 y F-18"),
            (&["F-17", "F-18", "F-19"], Language::French, "les factures F-17, F-18 et F-19"),
            (&["F-17", "F-18", "F-19", "F-20"], Language::English, "4 invoices"),
        ] {
            assert_eq!(invoices_in_words(numbers, language), said);
        }
    }

    #[test]
    fn rows_say_how_their_amount_comes_about() {
        let groups = samples::claim().spoken(Language::English).expect("one currency");
        let titles: Vec<&str> = groups.iter().map(|group| group.title.as_str()).collect();
        assert_eq!(titles, ["Principal", "Late interest", "Accessories", "Already received"]);
        assert_eq!(
            groups[1].rows[0].detail.replace('\u{a0}', " "),
            "€1,234.56 at 10.15% a year, 62 days (03/09/2026 to 03/11/2026)"
        );
        assert_eq!(groups[1].rows[0].ground, "Ley 3/2004 art. 7.2");
    }

    #[test]
    fn rows_of_two_currencies_are_refused() {
        let mut claim = samples::claim();
        claim.rows[0].amount = Money::new(1, Currency::GBP);
        assert!(claim.total().is_err());
    }
}
