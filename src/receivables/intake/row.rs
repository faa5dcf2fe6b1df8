//! A candidate invoice: first as a file or a request says it, then checked against what an invoice can be.
//!
//! What may never happen here: a row that is half taken. Every draft becomes a whole candidate or one refusal.

use chrono::{Days, NaiveDate};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    columns::{Column, Mapping},
    fault::{Fault, Refusal},
    particulars::{self, InstalmentDraft, Particulars, PriorPaymentDraft, PriorReminderDraft, Stated},
};
use crate::{
    receivables::DebtorKind,
    types::{CompanyNumber, Country, Language, Money, company_number::CompanyNumberError, fold::fold},
};

/// An invoice as a file or a request states it: each value of its type, nothing checked yet.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReceivableDraft)]
pub struct Draft {
    pub debtor: DebtorDraft,
    #[schema(example = "F-2026-001")]
    pub number: String,
    /// Tax number of who issued the invoice, when it was not the creditor (assigned invoices).
    pub issuer: Option<String>,
    pub issued_on: NaiveDate,
    /// Thirty days after issue unless given, for creditors in ES, FR and DE.
    pub due_on: Option<NaiveDate>,
    /// What is owed, VAT included.
    pub principal: Money,
    /// The VAT that it includes.
    pub vat: Option<Money>,
    pub purchase_order: Option<String>,
    /// Number of the delivery note.
    pub delivery_note: Option<String>,
    pub delivered_on: Option<NaiveDate>,
    /// Parts with due days of their own, which sum to the principal.
    #[serde(default)]
    #[schema(max_items = 120)]
    pub instalments: Vec<InstalmentDraft>,
    /// What the debtor paid on it before it came here.
    #[serde(default)]
    #[schema(max_items = 120)]
    pub payments: Vec<PriorPaymentDraft>,
    /// Reminders that the creditor sent by itself: evidence.
    #[serde(default)]
    #[schema(max_items = 120)]
    pub reminders: Vec<PriorReminderDraft>,
}

/// The customer who owes, as stated.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DebtorDraft {
    #[schema(example = "Peluquería Ejemplo SL")]
    pub legal_name: String,
    /// Spanish NIF, French SIREN or SIRET, EU VAT number; what makes two rows one debtor.
    #[schema(example = "B12345674")]
    pub tax_number: Option<String>,
    /// Business when a tax number is given; otherwise it must be said.
    pub kind: Option<DebtorKind>,
    pub sector: Option<String>,
    /// The creditor's own country unless given.
    pub country: Option<Country>,
    /// The language of the country unless given.
    pub language: Option<Language>,
    #[schema(example = "cuentas@example.com")]
    pub email: Option<String>,
    pub phone: Option<String>,
    pub street: Option<String>,
    pub postal_code: Option<String>,
    pub city: Option<String>,
}

/// What holds for every row of an intake unless the row says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defaults {
    /// The creditor's enterprise key.
    pub issuer: String,
    /// The creditor's seat.
    pub country: Country,
    /// What the uploader said all debtors of the file are.
    pub debtor_kind: Option<DebtorKind>,
    pub today: NaiveDate,
    /// What the creditor says its own headings mean.
    pub mapping: Mapping,
}

/// The customer who owes a candidate invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateDebtor {
    pub identity_key: String,
    pub kind: DebtorKind,
    pub legal_name: String,
    pub tax_number: Option<String>,
    pub sector: Option<String>,
    pub country: Country,
    pub language: Language,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub street: Option<String>,
    pub postal_code: Option<String>,
    pub city: Option<String>,
}

/// An invoice that can be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub debtor: CandidateDebtor,
    pub issuer: String,
    pub number: String,
    pub issued_on: NaiveDate,
    pub due_on: NaiveDate,
    /// The invoice named no due date: the law's thirty days were counted from its issue.
    pub due_on_assumed: bool,
    pub principal: Money,
    pub purchase_order: Option<String>,
    pub particulars: Particulars,
}

impl Candidate {
    /// What is still owed of it when it comes in.
    #[must_use]
    pub fn open_principal(&self) -> Money {
        Money::new(self.principal.minor.saturating_sub(self.particulars.paid_minor()), self.principal.currency)
    }
}

/// Larger invoices are misread decimal marks.
const MOST_UNITS: i64 = 1_000_000_000;

/// Checks a draft and completes it from the defaults.
///
/// # Errors
/// The first thing that is wrong, with its column.
pub fn check(draft: Draft, defaults: &Defaults) -> Result<Candidate, Refusal> {
    let number = required(Column::Number, &draft.number, 60)?;
    let purchase_order = optional(Column::PurchaseOrder, draft.purchase_order.as_deref(), 100)?;
    let delivery_note = optional(Column::DeliveryNote, draft.delivery_note.as_deref(), 100)?;
    let issuer = issuer_key(draft.issuer.as_deref(), defaults)?;
    check_amount(draft.principal).map_err(|fault| fault.at(Column::Amount))?;
    // Of instalments the first day counts: from it on something is overdue.
    let first_part = draft.instalments.iter().map(|part| part.due_on).min();
    let (due_on, due_on_assumed) = check_days(draft.issued_on, first_part.or(draft.due_on), defaults)?;
    let debtor = check_debtor(&draft.debtor, defaults)?;
    let (issued_on, principal) = (draft.issued_on, draft.principal);
    let stated = Stated {
        vat: draft.vat,
        delivered_on: draft.delivered_on,
        instalments: &draft.instalments,
        payments: &draft.payments,
        reminders: &draft.reminders,
    };
    let particulars = particulars::check(stated, principal, (issued_on, defaults.today), delivery_note)?;
    Ok(Candidate { debtor, issuer, number, issued_on, due_on, due_on_assumed, principal, purchase_order, particulars })
}

/// Who issued an invoice: the creditor, unless the invoice says otherwise.
///
/// # Errors
/// No tax number.
pub fn issuer_key(stated: Option<&str>, defaults: &Defaults) -> Result<String, Refusal> {
    match optional(Column::Issuer, stated, 40)? {
        Some(text) => Ok(company_number(&text).map_err(|fault| fault.at(Column::Issuer))?.enterprise_key()),
        None => Ok(defaults.issuer.clone()),
    }
}

fn check_amount(principal: Money) -> Result<(), Fault> {
    if !principal.is_positive() {
        return Err(Fault::NotPositive(principal));
    }
    let most = 10_i64.checked_pow(principal.currency.exponent()).and_then(|unit| unit.checked_mul(MOST_UNITS));
    if most.is_none_or(|most| principal.minor > most) {
        return Err(Fault::Absurd(principal));
    }
    Ok(())
}

/// The due day, and whether it was assumed. Where an invoice names none the law gives thirty days (Ley 3/2004 art. 4.1,
/// Code de commerce L441-10 I, BGB § 286(3)) from receipt of goods or invoice; the day of issue is the nearest we know.
fn check_days(issued_on: NaiveDate, due_on: Option<NaiveDate>, defaults: &Defaults) -> Result<(NaiveDate, bool), Refusal> {
    if issued_on > defaults.today {
        return Err(Fault::IssuedInFuture.at(Column::IssuedOn));
    }
    if NaiveDate::from_ymd_opt(1990, 1, 1).is_some_and(|earliest| issued_on < earliest) {
        return Err(Fault::IssuedTooLongAgo.at(Column::IssuedOn));
    }
    let Some(due_on) = due_on else {
        let assumed = match defaults.country {
            Country::Spain | Country::France | Country::Germany => issued_on.checked_add_days(Days::new(30)),
            Country::Italy | Country::Portugal | Country::Belgium | Country::Netherlands | Country::UnitedKingdom => None,
        };
        return assumed.map(|day| (day, true)).ok_or_else(|| Fault::NoDueDate(defaults.country).at(Column::DueOn));
    };
    if due_on < issued_on {
        return Err(Fault::DueBeforeIssue.at(Column::DueOn));
    }
    if due_on.signed_duration_since(issued_on).num_days() > 3_653 {
        return Err(Fault::DueTooFar.at(Column::DueOn));
    }
    Ok((due_on, false))
}

/// Checks a debtor and completes it from the defaults.
///
/// # Errors
/// The first thing that is wrong, with its column.
pub fn check_debtor(draft: &DebtorDraft, defaults: &Defaults) -> Result<CandidateDebtor, Refusal> {
    let text = |column, text: &Option<String>, longest| optional(column, text.as_deref(), longest);
    let legal_name = required(Column::DebtorName, &draft.legal_name, 200)?;
    let country = draft.country.unwrap_or(defaults.country);
    let stated = text(Column::TaxNumber, &draft.tax_number, 40)?;
    let tax = stated.map(|text| tax_number(&text, country)).transpose().map_err(|fault| fault.at(Column::TaxNumber))?;
    let kind = draft.kind.or(defaults.debtor_kind).or(tax.is_some().then_some(DebtorKind::Business));
    let postal_code = text(Column::PostalCode, &draft.postal_code, 20)?;
    let (tax_number, identity_key) = match tax {
        Some(tax) => (Some(tax.number), tax.key),
        None => (None, name_key(&legal_name, postal_code.as_deref(), country)),
    };
    Ok(CandidateDebtor {
        identity_key,
        kind: kind.ok_or_else(|| Fault::KindNotSaid.at(Column::DebtorKind))?,
        legal_name,
        tax_number,
        sector: text(Column::Sector, &draft.sector, 60)?,
        country,
        language: draft.language.unwrap_or(country.language()),
        email: text(Column::Email, &draft.email, 254)?.map(email).transpose()?,
        phone: text(Column::Phone, &draft.phone, 40)?.map(phone).transpose()?,
        street: text(Column::Street, &draft.street, 200)?,
        postal_code,
        city: text(Column::City, &draft.city, 100)?,
    })
}

/// Blanks are collapsed: what differs in them alone is the same.
fn required(column: Column, text: &str, longest: usize) -> Result<String, Refusal> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Err(Fault::Missing.at(column));
    }
    if text.chars().count() > longest {
        return Err(Fault::TooLong(longest).at(column));
    }
    if text.chars().any(char::is_control) {
        return Err(Fault::ControlCharacter.at(column));
    }
    Ok(text)
}

fn optional(column: Column, text: Option<&str>, longest: usize) -> Result<Option<String>, Refusal> {
    text.filter(|text| !text.trim().is_empty()).map(|text| required(column, text, longest)).transpose()
}

struct TaxNumber {
    number: String,
    key: String,
}

fn company_number(text: &str) -> Result<CompanyNumber, Fault> {
    text.parse().map_err(Fault::CompanyNumber)
}

/// A number without its country's prefix may look like one of another country (nine digits are a SIREN, a German or a
/// Portuguese number): the debtor's country decides. British numbers are in no register that we can check, so they are
/// taken as written.
fn tax_number(text: &str, country: Country) -> Result<TaxNumber, Fault> {
    let plain = text.parse::<CompanyNumber>();
    let prefixed = format!("{country}{text}").parse::<CompanyNumber>();
    let number = match (plain, prefixed) {
        (Ok(plain), _) if plain.country() == country => plain,
        (_, Ok(prefixed)) => prefixed,
        (Ok(plain), Err(_)) => plain,
        (Err(CompanyNumberError::Unknown(_)), Err(_)) if country == Country::UnitedKingdom => return Ok(british(text)),
        (Err(error), Err(_)) => return Err(Fault::CompanyNumber(error)),
    };
    Ok(TaxNumber { key: number.enterprise_key(), number: number.to_string() })
}

fn british(text: &str) -> TaxNumber {
    let number = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let bare = number.strip_prefix("GB").unwrap_or(&number);
    TaxNumber { key: format!("{}:{bare}", Country::UnitedKingdom), number }
}

/// Without a tax number, one name at one postal code is one customer.
fn name_key(legal_name: &str, postal_code: Option<&str>, country: Country) -> String {
    format!("{country}:{}|{}", fold(legal_name), postal_code.map(fold).unwrap_or_default().replace(' ', ""))
}

fn email(text: String) -> Result<String, Refusal> {
    match text.parse::<lettre::Address>() {
        Ok(_) => Ok(text),
        Err(_) => Err(Fault::NotAnEmail(text).at(Column::Email)),
    }
}

fn phone(text: String) -> Result<String, Refusal> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let plausible = (5..=15).contains(&digits) && text.chars().all(|c| c.is_ascii_digit() || " +-./()".contains(c));
    if plausible { Ok(text) } else { Err(Fault::NotAPhoneNumber(text).at(Column::Phone)) }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::types::Currency;

    pub fn defaults() -> Defaults {
        Defaults {
            issuer: "ES:B12345674".to_owned(),
            country: Country::Spain,
            debtor_kind: None,
            today: NaiveDate::from_ymd_opt(2026, 11, 22).unwrap(),
            mapping: Mapping::default(),
        }
    }

    fn debtor() -> DebtorDraft {
        DebtorDraft {
            legal_name: "  Peluquería   Ejemplo SL ".to_owned(),
            tax_number: Some("ES B12345674".to_owned()),
            kind: None,
            sector: None,
            country: None,
            language: None,
            email: Some("cuentas@example.com".to_owned()),
            phone: Some("+34 910 000 000".to_owned()),
            street: None,
            postal_code: Some("28013".to_owned()),
            city: None,
        }
    }

    fn draft() -> Draft {
        Draft {
            debtor: debtor(),
            number: "F-1".to_owned(),
            issuer: None,
            issued_on: NaiveDate::from_ymd_opt(2026, 1, 15).unwrap(),
            due_on: NaiveDate::from_ymd_opt(2026, 2, 14),
            principal: Money::new(100_000, Currency::EUR),
            vat: None,
            purchase_order: Some(String::new()),
            delivery_note: None,
            delivered_on: None,
            instalments: Vec::new(),
            payments: Vec::new(),
            reminders: Vec::new(),
        }
    }

    fn code(change: impl FnOnce(&mut Draft)) -> (Option<String>, &'static str) {
        let mut draft = draft();
        change(&mut draft);
        let refusal = check(draft, &defaults()).unwrap_err();
        (refusal.column, refusal.code)
    }

    #[test]
    fn a_draft_is_completed_from_the_creditor() {
        let candidate = check(draft(), &defaults()).unwrap();
        assert_eq!((candidate.issuer.as_str(), candidate.purchase_order), ("ES:B12345674", None));
        let debtor = candidate.debtor;
        assert_eq!(debtor.legal_name, "Peluquería Ejemplo SL");
        assert_eq!(debtor.identity_key, "ES:B12345674");
        assert_eq!((debtor.kind, debtor.country, debtor.language), (DebtorKind::Business, Country::Spain, Language::Spanish));
    }

    #[test]
    fn without_a_tax_number_name_and_postal_code_make_the_customer() {
        let key = |name: &str, code: &str| {
            let anonymous = DebtorDraft {
                legal_name: name.to_owned(),
                postal_code: Some(code.to_owned()),
                tax_number: None,
                kind: Some(DebtorKind::Consumer),
                ..debtor()
            };
            check_debtor(&anonymous, &defaults()).unwrap().identity_key
        };
        assert_eq!(key("María Pérez", "28 013"), key("MARIA  PEREZ", "28013"));
        assert_ne!(key("María Pérez", "28013"), key("María Pérez", "28014"));
    }

    #[test]
    fn a_number_without_prefix_is_of_the_debtors_country() {
        let key = |number: &str, country| {
            let abroad = DebtorDraft { tax_number: Some(number.to_owned()), country: Some(country), ..debtor() };
            check_debtor(&abroad, &defaults()).unwrap().identity_key
        };
        assert_eq!(key("136695976", Country::Germany), "DE:136695976");
        assert_eq!(key("501 964 843", Country::Portugal), "PT:501964843");
        assert_eq!(key("732829320", Country::France), "FR:732829320");
        assert_eq!(key("FR44732829320", Country::Spain), "FR:732829320");
        assert_eq!(key("GB 123 4567 89", Country::UnitedKingdom), "GB:123456789");
    }

    #[test]
    fn a_missing_due_date_is_thirty_days_where_the_law_says_so() {
        let candidate = check(Draft { due_on: None, ..draft() }, &defaults()).unwrap();
        assert_eq!((candidate.due_on.to_string().as_str(), candidate.due_on_assumed), ("2026-02-14", true));
        let italian = Defaults { country: Country::Italy, ..defaults() };
        assert_eq!(check(Draft { due_on: None, ..draft() }, &italian).unwrap_err().code, "no_due_date");
    }

    #[test]
    fn each_fault_names_its_column_and_code() {
        let at = |column: &str, code: &'static str| (Some(column.to_owned()), code);
        assert_eq!(code(|d| d.number = " ".into()), at("number", "missing"));
        assert_eq!(code(|d| d.number = "x".repeat(61)), at("number", "too_long"));
        assert_eq!(code(|d| d.debtor.legal_name = "a\u{7}b".into()), at("debtor_name", "control_character"));
        assert_eq!(code(|d| d.debtor.tax_number = Some("B12345675".into())), at("tax_number", "check_digit"));
        assert_eq!(code(|d| d.debtor.tax_number = Some("hello".into())), at("tax_number", "unknown_tax_number"));
        assert_eq!(code(|d| d.debtor.tax_number = None), at("debtor_kind", "kind_not_said"));
        assert_eq!(code(|d| d.debtor.email = Some("a@b@c".into())), at("email", "not_an_email"));
        assert_eq!(code(|d| d.debtor.phone = Some("call me".into())), at("phone", "not_a_phone_number"));
        assert_eq!(code(|d| d.issuer = Some("B12345675".into())), at("issuer", "check_digit"));
        assert_eq!(code(|d| d.principal.minor = 0), at("amount", "not_positive"));
        assert_eq!(code(|d| d.principal.minor = i64::MAX), at("amount", "absurd_amount"));
        assert_eq!(code(|d| d.due_on = d.issued_on.pred_opt()), at("due_on", "due_before_issue"));
        assert_eq!(code(|d| d.due_on = NaiveDate::from_ymd_opt(2206, 2, 14)), at("due_on", "due_too_far"));
        assert_eq!(code(|d| d.issued_on = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()), at("issued_on", "issued_in_future"));
        assert_eq!(code(|d| d.issued_on = NaiveDate::from_ymd_opt(1026, 1, 15).unwrap()), at("issued_on", "issued_too_long_ago"));
    }
}
