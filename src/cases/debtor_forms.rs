//! The forms of the debtor page: what may be typed, what is wrong with it, and what was typed, kept.

use chrono::NaiveDate;
use serde::Deserialize;

use super::{Circumstance, DisputeReason, Proof, Proposal, plans::PlanWish};
use crate::types::{Money, ReceivableId};

/// As many as the timeline takes.
const STATEMENT_CHARS_MAX: usize = 4000;

/// The day on which the debtor will pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromiseForm {
    pub earliest: NaiveDate,
    pub latest: NaiveDate,
    pub typed: String,
    pub error: Option<DayError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayError {
    NotADay,
    OutOfRange,
}

impl PromiseForm {
    #[must_use]
    pub const fn empty(earliest: NaiveDate, latest: NaiveDate) -> Self {
        Self { earliest, latest, typed: String::new(), error: None }
    }

    /// The day typed.
    ///
    /// # Errors
    /// The form with what was typed and what is wrong with it.
    pub fn read(mut self, typed: &str) -> Result<NaiveDate, Self> {
        self.error = match parse_day(typed) {
            Some(day) if (self.earliest..=self.latest).contains(&day) => return Ok(day),
            Some(_) => Some(DayError::OutOfRange),
            None => Some(DayError::NotADay),
        };
        self.typed = typed.chars().take(40).collect();
        Err(self)
    }
}

/// `2026-12-15` as browsers send it, or `15/12/2026`, `15.12.2026`, `15-12-2026` as people type it where a browser knows no days.
fn parse_day(typed: &str) -> Option<NaiveDate> {
    let typed = typed.trim();
    ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"].iter().find_map(|form| NaiveDate::parse_from_str(typed, form).ok())
}

/// In how many parts the debtor will pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanForm {
    /// How many the creditor allows.
    pub most: u32,
    pub earliest: NaiveDate,
    pub latest: NaiveDate,
    pub typed_count: String,
    pub typed_day: String,
    pub error: Option<PlanError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanError {
    Count,
    Day,
}

impl PlanForm {
    #[must_use]
    pub const fn empty(most: u32, earliest: NaiveDate, latest: NaiveDate) -> Self {
        Self { most, earliest, latest, typed_count: String::new(), typed_day: String::new(), error: None }
    }

    /// The plan asked for.
    ///
    /// # Errors
    /// The form with what was typed and what is wrong with it.
    pub fn read(mut self, count: &str, day: &str) -> Result<PlanWish, Self> {
        let instalments = count.trim().parse().ok().filter(|count| (2..=self.most).contains(count));
        let first_on = parse_day(day).filter(|day| (self.earliest..=self.latest).contains(day));
        if let (Some(instalments), Some(first_on)) = (instalments, first_on) {
            return Ok(PlanWish { instalments, first_on });
        }
        self.error = Some(if instalments.is_none() { PlanError::Count } else { PlanError::Day });
        self.typed_count = count.chars().take(10).collect();
        self.typed_day = day.chars().take(40).collect();
        Err(self)
    }

    /// What may be chosen, and whether it was.
    pub fn counts(&self) -> impl Iterator<Item = (u32, bool)> {
        (2..=self.most).map(|count| (count, self.typed_count.trim() == count.to_string()))
    }
}

/// In minor units, as Stripe's documentation of minimum charges has them.
const LEAST_BY_CARD: &[(&str, i64)] = &[
    ("EUR", 50),
    ("GBP", 30),
    ("USD", 50),
    ("CHF", 50),
    ("DKK", 250),
    ("NOK", 300),
    ("SEK", 300),
    ("PLN", 200),
    ("CZK", 1_500),
    ("RON", 200),
    ("HUF", 17_500),
];

/// How much is paid by card or direct debit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardForm {
    /// What is asked for; a part of it may be paid.
    pub due: Money,
    pub typed: String,
    pub is_wrong: bool,
}

impl CardForm {
    #[must_use]
    pub const fn empty(due: Money) -> Self {
        Self { due, typed: String::new(), is_wrong: false }
    }

    /// The least that Stripe takes in the currency of what is due.
    #[must_use]
    pub fn least(&self) -> Money {
        let minor = LEAST_BY_CARD.iter().find(|(code, _)| *code == self.due.currency.code()).map_or(100, |(_, minor)| *minor);
        Money::new(minor, self.due.currency)
    }

    /// The amount typed; nothing typed means all that is due.
    ///
    /// # Errors
    /// The form with what was typed.
    pub fn read(mut self, typed: &str) -> Result<Money, Self> {
        if typed.trim().is_empty() {
            return Ok(self.due);
        }
        let fits = |amount: &Money| (self.least().minor..=self.due.minor).contains(&amount.minor);
        match Money::parse_typed(typed, self.due.currency).ok().filter(fits) {
            Some(amount) => Ok(amount),
            None => {
                self.typed = typed.chars().take(40).collect();
                self.is_wrong = true;
                Err(self)
            }
        }
    }
}

/// How much less would be enough, by when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementForm {
    /// What is claimed: it is less than that.
    pub claimed: Money,
    pub earliest: NaiveDate,
    pub latest: NaiveDate,
    pub typed_amount: String,
    pub typed_day: String,
    pub error: Option<SettlementError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettlementError {
    Amount,
    Day,
}

impl SettlementForm {
    #[must_use]
    pub const fn empty(claimed: Money, earliest: NaiveDate, latest: NaiveDate) -> Self {
        Self { claimed, earliest, latest, typed_amount: String::new(), typed_day: String::new(), error: None }
    }

    /// What is asked for.
    ///
    /// # Errors
    /// The form with what was typed and what is wrong with it.
    pub fn read(mut self, amount: &str, day: &str) -> Result<Proposal, Self> {
        let fits = |money: &Money| money.is_positive() && money.minor < self.claimed.minor;
        let less = Money::parse_typed(amount, self.claimed.currency).ok().filter(fits);
        let pay_by = parse_day(day).filter(|day| (self.earliest..=self.latest).contains(day));
        if let (Some(amount), Some(pay_by)) = (less, pay_by) {
            return Ok(Proposal { amount, pay_by });
        }
        self.error = Some(if less.is_none() { SettlementError::Amount } else { SettlementError::Day });
        self.typed_amount = amount.chars().take(40).collect();
        self.typed_day = day.chars().take(40).collect();
        Err(self)
    }
}

/// What else stands in the way of paying.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CircumstanceForm {
    pub kind: Option<Circumstance>,
    pub statement: String,
    pub is_wrong: bool,
}

impl CircumstanceForm {
    /// What was chosen and the statement typed, without the spaces around it.
    ///
    /// # Errors
    /// The form with what was typed.
    pub fn read(kind: &str, statement: &str) -> Result<(Circumstance, String), Self> {
        let chosen = kind.parse().ok();
        let said = statement.trim();
        match chosen {
            Some(kind) if (1..=STATEMENT_CHARS_MAX).contains(&said.chars().count()) => Ok((kind, said.to_owned())),
            kind => Err(Self { kind, statement: statement.to_owned(), is_wrong: true }),
        }
    }
}

/// Something that the debtor is asked to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceForm {
    pub item: Proof,
    pub typed: String,
    pub error: Option<EvidenceError>,
}

/// What is wrong with what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceError {
    /// Neither words nor a file, or too many words.
    Missing,
    FileTooLarge,
    /// Of a kind that nobody may be sent.
    FileUnknown,
}

impl EvidenceForm {
    #[must_use]
    pub const fn empty(item: Proof) -> Self {
        Self { item, typed: String::new(), error: None }
    }

    /// Keeps what was typed; `false` where it is too long, or nothing while there is no file beside it.
    pub fn read(&mut self, typed: &str, has_file: bool) -> bool {
        let least = usize::from(!has_file);
        let fits = (least..=STATEMENT_CHARS_MAX).contains(&typed.trim().chars().count());
        typed.clone_into(&mut self.typed);
        self.error = (!fits).then_some(EvidenceError::Missing);
        fits
    }

    /// The form again, with what is wrong with its file.
    pub const fn refuse(&mut self, error: EvidenceError) {
        self.error = Some(error);
    }
}

/// Why the debtor does not agree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectionForm {
    /// What nobody objects to yet.
    pub invoices: Vec<Disputable>,
    pub reason: Option<DisputeReason>,
    pub statement: String,
    /// Chosen; none: all of them.
    pub invoice: Option<ReceivableId>,
    /// As typed; empty: all that is open.
    pub amount: String,
    pub reason_missing: bool,
    pub statement_error: Option<StatementError>,
    /// How much it may be, where it was something else.
    pub amount_error: Option<Money>,
}

/// An invoice that may be objected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disputable {
    pub id: ReceivableId,
    pub number: String,
    pub amount: Money,
}

/// What was chosen and typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct TypedObjection {
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub statement: String,
    #[serde(default)]
    pub invoice: String,
    #[serde(default)]
    pub amount: String,
}

/// What the debtor objects to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objected {
    pub reason: DisputeReason,
    pub statement: String,
    pub invoice: Option<ReceivableId>,
    pub amount: Option<Money>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementError {
    Missing,
    TooLong { count: usize },
}

impl ObjectionForm {
    #[must_use]
    pub fn empty(invoices: Vec<Disputable>) -> Self {
        Self { invoices, ..Self::default() }
    }

    /// What was chosen, and the statement typed, without the spaces around it.
    ///
    /// # Errors
    /// The form with what was typed and what is wrong with it.
    pub fn read(mut self, typed: &TypedObjection) -> Result<Objected, Box<Self>> {
        self.reason = typed.reason.parse().ok();
        let count = typed.statement.trim().chars().count();
        self.statement_error = match count {
            0 => Some(StatementError::Missing),
            1..=STATEMENT_CHARS_MAX => None,
            _ => Some(StatementError::TooLong { count }),
        };
        self.invoice = typed.invoice.parse().ok().filter(|id| self.invoices.iter().any(|invoice| invoice.id == *id));
        let amount = self.amount_typed(&typed.amount);
        self.amount_error = amount.err();
        match (self.reason, self.statement_error, amount) {
            (Some(reason), None, Ok(amount)) => {
                Ok(Objected { reason, statement: typed.statement.trim().to_owned(), invoice: self.invoice, amount })
            }
            (reason, _, _) => {
                self.reason_missing = reason.is_none();
                self.statement.clone_from(&typed.statement);
                self.amount = typed.amount.chars().take(40).collect();
                Err(Box::new(self))
            }
        }
    }

    /// None: all of it. What may be disputed, where it is something else.
    fn amount_typed(&self, typed: &str) -> Result<Option<Money>, Money> {
        let meant = |invoice: &&Disputable| self.invoice.is_none_or(|chosen| chosen == invoice.id);
        let Some(currency) = self.invoices.first().map(|invoice| invoice.amount.currency) else { return Ok(None) };
        if typed.trim().is_empty() {
            return Ok(None);
        }
        let most = Money::new(self.invoices.iter().filter(meant).map(|invoice| invoice.amount.minor).sum(), currency);
        let amount = Money::parse_typed(typed, currency).map_err(|_| most)?;
        if amount.is_positive() && amount.minor <= most.minor { Ok(Some(amount)) } else { Err(most) }
    }

    #[must_use]
    pub fn is_chosen(&self, invoice: &Disputable) -> bool {
        self.invoice == Some(invoice.id)
    }

    #[must_use]
    pub const fn has_errors(&self) -> bool {
        self.reason_missing || self.statement_error.is_some() || self.amount_error.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn form() -> PromiseForm {
        PromiseForm::empty(day("2026-11-23"), day("2027-01-22"))
    }

    #[test]
    fn a_day_is_read_as_browsers_and_people_write_it() {
        for typed in ["2026-12-15", "15/12/2026", " 15.12.2026 ", "15-12-2026"] {
            assert_eq!(form().read(typed), Ok(day("2026-12-15")), "{typed}");
        }
    }

    #[test]
    fn what_is_no_day_or_too_far_comes_back_as_typed() {
        for (typed, error) in [
            ("", DayError::NotADay),
            ("soon", DayError::NotADay),
            ("31/02/2027", DayError::NotADay),
            ("12/15/2026", DayError::NotADay),
            ("2026-11-22", DayError::OutOfRange),
            ("2027-01-23", DayError::OutOfRange),
        ] {
            let refused = form().read(typed).expect_err(typed);
            assert_eq!((refused.error, refused.typed.as_str()), (Some(error), typed));
        }
    }

    #[test]
    fn a_plan_needs_a_number_of_parts_and_a_day_within_the_policy() {
        let form = || PlanForm::empty(4, day("2026-11-23"), day("2026-12-23"));
        assert_eq!(form().read(" 3 ", "01/12/2026"), Ok(PlanWish { instalments: 3, first_on: day("2026-12-01") }));
        for (count, typed, error) in [
            ("5", "2026-12-01", PlanError::Count),
            ("1", "2026-12-01", PlanError::Count),
            ("many", "2026-12-01", PlanError::Count),
            ("2", "2026-12-24", PlanError::Day),
            ("2", "soon", PlanError::Day),
        ] {
            let refused = form().read(count, typed).expect_err(count);
            assert_eq!((refused.error, refused.typed_count.as_str(), refused.typed_day.as_str()), (Some(error), count, typed));
        }
        let kept = form().read("4", "soon").expect_err("no day");
        assert_eq!(kept.counts().collect::<Vec<_>>(), [(2, false), (3, false), (4, true)]);
    }

    #[test]
    fn a_settlement_is_for_less_than_all_by_a_day_within_the_policy() {
        let eur = |minor| Money::new(minor, crate::types::Currency::EUR);
        let form = || SettlementForm::empty(eur(100_000), day("2026-11-23"), day("2026-12-23"));
        assert_eq!(form().read("800,00", "01/12/2026"), Ok(Proposal { amount: eur(80_000), pay_by: day("2026-12-01") }));
        for (amount, typed, error) in [
            ("1000", "2026-12-01", SettlementError::Amount),
            ("0", "2026-12-01", SettlementError::Amount),
            ("half", "2026-12-01", SettlementError::Amount),
            ("800", "2026-12-24", SettlementError::Day),
        ] {
            let refused = form().read(amount, typed).expect_err(amount);
            assert_eq!((refused.error, refused.typed_amount.as_str(), refused.typed_day.as_str()), (Some(error), amount, typed));
        }
    }

    #[test]
    fn by_card_all_is_paid_or_a_part_and_never_more() {
        let eur = |minor| Money::new(minor, crate::types::Currency::EUR);
        for (typed, expected) in [("", Some(100_000)), (" ", Some(100_000)), ("250,50", Some(25_050)), ("1000.00", Some(100_000))]
        {
            assert_eq!(CardForm::empty(eur(100_000)).read(typed).ok().map(|money| money.minor), expected, "{typed}");
        }
        for typed in ["0", "0.49", "1000.01", "-5", "all"] {
            let refused = CardForm::empty(eur(100_000)).read(typed).expect_err(typed);
            assert!(refused.is_wrong && refused.typed == typed);
        }
    }

    #[test]
    fn a_circumstance_needs_its_kind_and_a_few_words() {
        let said = CircumstanceForm::read("insolvent", " since May ");
        assert_eq!(said, Ok((Circumstance::Insolvent, "since May".to_owned())));
        for (kind, statement) in [("", "since May"), ("rich", "x"), ("hardship", "  ")] {
            assert!(CircumstanceForm::read(kind, statement).is_err(), "{kind}");
        }
    }

    fn typed(reason: &str, statement: &str, invoice: &str, amount: &str) -> TypedObjection {
        let [reason, statement, invoice, amount] = [reason, statement, invoice, amount].map(str::to_owned);
        TypedObjection { reason, statement, invoice, amount }
    }

    fn objection() -> ObjectionForm {
        let invoice = |id, minor| Disputable {
            id: ReceivableId(uuid::Uuid::from_u128(id)),
            number: format!("F-{id}"),
            amount: Money::new(minor, crate::types::Currency::EUR),
        };
        ObjectionForm::empty(vec![invoice(1, 30_000), invoice(2, 60_000)])
    }

    #[test]
    fn an_objection_needs_a_reason_and_a_few_words() {
        let said = objection().read(&typed("defective", " torn \n", "", "")).expect("an objection");
        assert_eq!((said.reason, said.statement.as_str()), (DisputeReason::Defective, "torn"));
        assert_eq!((said.invoice, said.amount), (None, None));
        let refused = objection().read(&typed("because", "  ", "", "")).expect_err("no reason");
        assert!(refused.reason_missing && refused.statement_error == Some(StatementError::Missing));
        let long = objection().read(&typed("other", &"é".repeat(4001), "", "")).expect_err("too long");
        assert_eq!(long.statement_error, Some(StatementError::TooLong { count: 4001 }));
        assert_eq!((long.reason, long.statement.chars().count()), (Some(DisputeReason::Other), 4001));
    }

    #[test]
    fn an_objection_may_be_about_an_invoice_or_a_part_of_it() {
        let first = objection().invoices[0].id;
        let read = |invoice: &str, amount: &str| objection().read(&typed("defective", "torn", invoice, amount));
        let part = read(&first.to_string(), "120,50 €").expect("an objection");
        assert_eq!((part.invoice, part.amount.map(|amount| amount.minor)), (Some(first), Some(12_050)));
        assert_eq!(read("", "900.00").expect("an objection").amount.map(|amount| amount.minor), Some(90_000));
        for (invoice, amount, most) in [
            (first.to_string(), "300,01", 30_000),
            (String::new(), "900.01", 90_000),
            (String::new(), "much", 90_000),
            (String::new(), "0", 90_000),
        ] {
            let refused = read(&invoice, amount).expect_err(amount);
            assert_eq!((refused.amount_error.map(|most| most.minor), refused.amount.as_str()), (Some(most), amount));
            assert!(refused.has_errors());
        }
    }
}
