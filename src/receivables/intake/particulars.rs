//! What an invoice says beyond its sum and its due day: parts of it, what was paid and said before, what proves delivery.
//!
//! What may never happen here: parts that do not add up to the whole, or payments that exceed it.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

use super::fault::{Fault, Refusal};
use crate::types::{Channel, Money};

const MOST_PARTS: usize = 120;

/// A part of an invoice with a due day of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstalmentDraft {
    pub due_on: NaiveDate,
    pub amount: Money,
}

/// What the debtor paid the creditor before the invoice came here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriorPaymentDraft {
    pub received_on: NaiveDate,
    pub amount: Money,
}

/// A reminder that the creditor sent by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriorReminderDraft {
    pub sent_on: NaiveDate,
    pub channel: Channel,
    /// Where it was a formal notice to pay: the day on which the debtor received it. Against consumers some interest and costs
    /// begin with it.
    pub notice_received_on: Option<NaiveDate>,
}

/// How a reminder was sent, and when it arrived if it was a formal notice to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PriorReminder {
    pub channel: Channel,
    pub notice_received_on: Option<NaiveDate>,
}

/// As stated, nothing checked yet.
#[derive(Debug, Clone, Copy)]
pub struct Stated<'a> {
    pub vat: Option<Money>,
    pub delivered_on: Option<NaiveDate>,
    pub instalments: &'a [InstalmentDraft],
    pub payments: &'a [PriorPaymentDraft],
    pub reminders: &'a [PriorReminderDraft],
}

/// What is kept beside an invoice; each list by day, each day once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Particulars {
    pub vat: Option<Money>,
    pub delivery_note: Option<String>,
    pub delivered_on: Option<NaiveDate>,
    pub instalments: Vec<(NaiveDate, Money)>,
    pub payments: Vec<(NaiveDate, Money)>,
    pub reminders: Vec<(NaiveDate, PriorReminder)>,
}

impl Particulars {
    /// What was paid before, in minor units.
    #[must_use]
    pub fn paid_minor(&self) -> i64 {
        self.payments.iter().fold(0, |sum, (_, amount)| sum.saturating_add(amount.minor))
    }

    /// Whether there are rows of their own to write.
    #[must_use]
    pub const fn has_rows(&self) -> bool {
        !self.instalments.is_empty() || !self.payments.is_empty() || !self.reminders.is_empty()
    }
}

/// Checks what is stated of an invoice over `principal`, issued on `issued_on`, as of `today`.
///
/// # Errors
/// The first thing that does not fit, with the name of its list.
pub fn check(
    stated: Stated<'_>,
    principal: Money,
    (issued_on, today): (NaiveDate, NaiveDate),
    delivery_note: Option<String>,
) -> Result<Particulars, Refusal> {
    let named = |name: &str, fault: Fault| Refusal { column: Some(name.to_owned()), ..Refusal::of_row(&fault) };
    if let Some(vat) = stated.vat {
        same_currency(vat, principal).map_err(|fault| named("vat", fault))?;
        if vat.minor < 0 || vat.minor > principal.minor {
            return Err(named("vat", Fault::Vat(vat, principal)));
        }
    }
    if stated.delivered_on.is_some_and(|day| day > today) {
        return Err(named("delivered_on", Fault::InFuture));
    }
    let instalments = stated.instalments.iter().map(|part| (part.due_on, part.amount)).collect();
    let instalments = by_day(instalments, principal).map_err(|fault| named("instalments", fault))?;
    if instalments.first().is_some_and(|(due_on, _)| *due_on < issued_on) {
        return Err(named("instalments", Fault::DueBeforeIssue));
    }
    let sum = instalments.iter().fold(0, |sum, (_, amount)| i64::saturating_add(sum, amount.minor));
    if !instalments.is_empty() && sum != principal.minor {
        return Err(named("instalments", Fault::InstalmentsSum(Money::new(sum, principal.currency), principal)));
    }
    let payments = stated.payments.iter().map(|payment| (payment.received_on, payment.amount)).collect();
    let payments = by_day(payments, principal).map_err(|fault| named("payments", fault))?;
    if payments.last().is_some_and(|(day, _)| *day > today) {
        return Err(named("payments", Fault::InFuture));
    }
    let reminders = reminders(stated.reminders, today).map_err(|fault| named("reminders", fault))?;
    let particulars =
        Particulars { vat: stated.vat, delivery_note, delivered_on: stated.delivered_on, instalments, payments, reminders };
    if particulars.paid_minor() >= principal.minor {
        return Err(named("payments", Fault::PaidInFull(principal)));
    }
    Ok(particulars)
}

/// By day and channel, each once: of two, the one that was a notice.
fn reminders(stated: &[PriorReminderDraft], today: NaiveDate) -> Result<Vec<(NaiveDate, PriorReminder)>, Fault> {
    if stated.len() > MOST_PARTS {
        return Err(Fault::TooMany(MOST_PARTS));
    }
    if stated.iter().any(|one| one.sent_on > today || one.notice_received_on.is_some_and(|day| day > today)) {
        return Err(Fault::InFuture);
    }
    if stated.iter().any(|one| one.notice_received_on.is_some_and(|day| day < one.sent_on)) {
        return Err(Fault::ReceivedBeforeSent);
    }
    let said = |one: &PriorReminderDraft| {
        (one.sent_on, PriorReminder { channel: one.channel, notice_received_on: one.notice_received_on })
    };
    let mut reminders: Vec<_> = stated.iter().map(said).collect();
    reminders.sort_unstable_by_key(|(day, one)| (*day, one.channel, one.notice_received_on.is_none(), one.notice_received_on));
    reminders.dedup_by_key(|(day, one)| (*day, one.channel));
    Ok(reminders)
}

/// Amounts by day; two on one day are one.
fn by_day(parts: Vec<(NaiveDate, Money)>, principal: Money) -> Result<Vec<(NaiveDate, Money)>, Fault> {
    if parts.len() > MOST_PARTS {
        return Err(Fault::TooMany(MOST_PARTS));
    }
    let mut by_day = std::collections::BTreeMap::new();
    for (day, amount) in parts {
        same_currency(amount, principal)?;
        if !amount.is_positive() {
            return Err(Fault::NotPositive(amount));
        }
        let sum = by_day.entry(day).or_insert(0_i64);
        *sum = sum.saturating_add(amount.minor);
    }
    Ok(by_day.into_iter().map(|(day, minor)| (day, Money::new(minor, principal.currency))).collect())
}

fn same_currency(amount: Money, principal: Money) -> Result<(), Fault> {
    if amount.currency == principal.currency {
        return Ok(());
    }
    Err(Fault::CurrencyMismatch(amount.currency.code().to_owned(), principal.currency.code().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Currency;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn checked(stated: Stated<'_>) -> Result<Particulars, (String, &'static str)> {
        check(stated, eur(100_000), (day("2026-01-15"), day("2026-11-02")), None)
            .map_err(|refusal| (refusal.column.unwrap(), refusal.code))
    }

    const NOTHING: Stated<'_> = Stated { vat: None, delivered_on: None, instalments: &[], payments: &[], reminders: &[] };

    #[test]
    fn parts_are_ordered_and_add_up() {
        let part = |due_on: &str, minor| InstalmentDraft { due_on: day(due_on), amount: eur(minor) };
        let three = [part("2026-04-01", 30_000), part("2026-02-01", 40_000), part("2026-03-01", 30_000)];
        let kept = checked(Stated { instalments: &three, ..NOTHING }).unwrap();
        assert_eq!(kept.instalments.iter().map(|(_, amount)| amount.minor).collect::<Vec<_>>(), [40_000, 30_000, 30_000]);
        let refused = |parts: &[InstalmentDraft]| checked(Stated { instalments: parts, ..NOTHING }).unwrap_err();
        assert_eq!(refused(&three[..2]), ("instalments".into(), "instalments_sum"));
        assert_eq!(refused(&[part("2026-01-14", 100_000)]), ("instalments".into(), "due_before_issue"));
        assert_eq!(refused(&[part("2026-02-01", 0)]), ("instalments".into(), "not_positive"));
    }

    #[test]
    fn what_was_paid_leaves_something_to_claim() {
        let paid = |on: &str, minor| [PriorPaymentDraft { received_on: day(on), amount: eur(minor) }];
        assert_eq!(checked(Stated { payments: &paid("2026-03-01", 99_999), ..NOTHING }).unwrap().paid_minor(), 99_999);
        let refused = |payments: &[PriorPaymentDraft]| checked(Stated { payments, ..NOTHING }).unwrap_err();
        assert_eq!(refused(&paid("2026-03-01", 100_000)), ("payments".into(), "paid_in_full"));
        assert_eq!(refused(&paid("2026-11-03", 1)), ("payments".into(), "in_future"));
        let dollars = PriorPaymentDraft { received_on: day("2026-03-01"), amount: Money::new(1, "USD".parse().unwrap()) };
        assert_eq!(refused(&[dollars]), ("payments".into(), "currency_mismatch"));
    }

    #[test]
    fn tax_is_a_part_and_reminders_are_past() {
        assert_eq!(checked(Stated { vat: Some(eur(100_001)), ..NOTHING }).unwrap_err(), ("vat".into(), "vat_above_total"));
        let reminder = |on: &str| [PriorReminderDraft { sent_on: day(on), channel: Channel::Mail, notice_received_on: None }];
        assert_eq!(checked(Stated { reminders: &reminder("2026-03-01"), ..NOTHING }).unwrap().reminders.len(), 1);
        assert_eq!(
            checked(Stated { reminders: &reminder("2027-03-01"), ..NOTHING }).unwrap_err(),
            ("reminders".into(), "in_future")
        );
        let notice = |received_on: &str| {
            let letter = PriorReminderDraft { channel: Channel::Letter, ..reminder("2026-03-01")[0] };
            let noticed = PriorReminderDraft { notice_received_on: Some(day(received_on)), ..letter };
            checked(Stated { reminders: &[letter, noticed], ..NOTHING }).map(|said| said.reminders)
        };
        let held = PriorReminder { channel: Channel::Letter, notice_received_on: Some(day("2026-03-04")) };
        assert_eq!(notice("2026-03-04"), Ok(vec![(day("2026-03-01"), held)]), "told twice, kept once");
        assert_eq!(notice("2026-02-28").unwrap_err(), ("reminders".into(), "received_before_sent"));
        assert_eq!(notice("2027-02-28").unwrap_err(), ("reminders".into(), "in_future"));
        assert_eq!(
            checked(Stated { delivered_on: Some(day("2027-03-01")), ..NOTHING }).unwrap_err(),
            ("delivered_on".into(), "in_future")
        );
    }
}
