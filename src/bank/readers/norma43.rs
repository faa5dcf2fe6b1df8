//! AEB Norma 43, the Spanish banks' statement: records of 80 signs, with totals of each account that are checked.

use chrono::NaiveDate;

use super::{BankFile, Reader, StatementFormat, Unsaid};
use crate::{
    bank::{
        refusal::{Fault, Refusal, at_line, shown},
        statement::{BankStatement, Entry, account_of, amount, said},
    },
    receivables::intake::{encoding::decode, reader::Content},
    types::{Currency, Money},
};

pub struct Norma43;

impl Reader for Norma43 {
    /// A header record: `11`, eighteen digits of account, two days, a side and fourteen digits of balance.
    fn recognises(&self, content: &Content<'_>) -> bool {
        content.bytes.get(..47).is_some_and(|head| head.starts_with(b"11") && head.iter().all(u8::is_ascii_digit))
    }

    fn read(&self, content: &Content<'_>, _: &Unsaid) -> Result<BankFile, Refusal> {
        let decoded = decode(content.bytes)?;
        let mut walk = Walk::default();
        for (line, record) in (1..).zip(decoded.text.lines()).filter(|(_, record)| !record.trim().is_empty()) {
            walk.take(line, &Record(record)).map_err(|fault| at_line(line, fault))?;
        }
        if walk.open.is_some() {
            let last = decoded.text.lines().count();
            return Err(at_line(last, Fault::Missing("the account's totals (record 33)")));
        }
        Ok(BankFile { format: StatementFormat::Norma43, statements: walk.statements })
    }
}

/// Positions are those of the norm: from 1, both ends included.
struct Record<'a>(&'a str);

impl Record<'_> {
    fn text(&self, from: usize, to: usize) -> String {
        self.0.chars().skip(from.saturating_sub(1)).take(to + 1 - from).collect()
    }

    fn digits(&self, from: usize, to: usize, what: &'static str) -> Result<String, Fault> {
        let text = self.text(from, to);
        let whole = text.len() == to + 1 - from && text.bytes().all(|byte| byte.is_ascii_digit());
        if whole { Ok(text) } else { Err(Fault::Missing(what)) }
    }

    fn money(&self, from: usize, to: usize, currency: Currency) -> Result<Money, Fault> {
        let digits = self.digits(from, to, "an amount")?;
        // Two decimals, whatever the currency.
        let (whole, cents) = digits.split_at(digits.len() - 2);
        amount(&format!("{whole}.{cents}"), currency)
    }

    fn day(&self, from: usize) -> Result<NaiveDate, Fault> {
        let text = self.text(from, from + 5);
        NaiveDate::parse_from_str(&format!("20{text}"), "%Y%m%d").map_err(|_| Fault::NotADay(shown(&text)))
    }
}

#[derive(Default)]
struct Walk {
    statements: Vec<BankStatement>,
    open: Option<Open>,
}

struct Open {
    account: String,
    currency: Currency,
    opening: Money,
    debits: Side,
    credits: Side,
    entries: Vec<Entry>,
    /// Whether the last movement moved anything: what follows it describes it.
    describes: bool,
}

/// How many movements, and what they make.
struct Side {
    count: u32,
    sum: Money,
}

impl Walk {
    fn take(&mut self, line: usize, record: &Record<'_>) -> Result<(), Fault> {
        let kind = record.text(1, 2);
        if kind == "11" {
            if self.open.is_some() {
                return Err(Fault::Order("record 11 before the totals of the account (record 33)".to_owned()));
            }
            self.open = Some(Open::begin(record)?);
            return Ok(());
        }
        if kind == "88" {
            return if self.open.is_none() { Ok(()) } else { Err(Fault::Missing("the account's totals (record 33)")) };
        }
        let open = self.open.as_mut().ok_or(Fault::Missing("the account (record 11)"))?;
        match kind.as_str() {
            "22" => open.movement(line, record),
            "23" => {
                open.describe(&record.text(5, 80));
                Ok(())
            }
            "24" => Ok(()),
            "33" => {
                let statement = self.open.take().map(|open| open.end(record)).transpose()?;
                self.statements.extend(statement);
                Ok(())
            }
            other => Err(Fault::Order(format!("record {}", shown(other)))),
        }
    }
}

impl Open {
    fn begin(record: &Record<'_>) -> Result<Self, Fault> {
        let (bank, branch) = (record.digits(3, 6, "the bank")?, record.digits(7, 10, "the branch")?);
        let number = record.digits(11, 20, "the account")?;
        let currency = currency_of(&record.digits(48, 50, "the currency")?)?;
        record.day(21)?;
        record.day(27)?;
        let opening = record.money(34, 47, currency)?;
        let opening = if record.text(33, 33) == "1" { Money::zero(currency).checked_sub(opening)? } else { opening };
        let side = || Side { count: 0, sum: Money::zero(currency) };
        let account = account_of(&spanish_iban(&bank, &branch, &number));
        Ok(Self { account, currency, opening, debits: side(), credits: side(), entries: Vec::new(), describes: false })
    }

    fn movement(&mut self, line: usize, record: &Record<'_>) -> Result<(), Fault> {
        let (booked_on, valued_on) = (record.day(11)?, record.day(17)?);
        let unsigned = record.money(29, 42, self.currency)?;
        let (side, signed) = match record.text(28, 28).as_str() {
            "1" => (&mut self.debits, Money::zero(self.currency).checked_sub(unsigned)?),
            "2" => (&mut self.credits, unsigned),
            other => return Err(Fault::NeitherWay(shown(other))),
        };
        side.count += 1;
        side.sum = side.sum.checked_add(unsigned)?;
        self.describes = signed.minor != 0;
        if !self.describes {
            return Ok(());
        }
        let references: Vec<String> = [(53, 64), (65, 80)]
            .into_iter()
            .filter_map(|(from, to)| said(record.text(from, to).trim_start_matches('0')))
            .collect();
        let document = record.text(43, 52);
        self.entries.push(Entry {
            valued_on: Some(valued_on),
            bank_reference: said(document.trim_start_matches('0')),
            // Own concept 99 is a correction of the bank (AEB table of common concepts).
            is_reversal: record.text(23, 24) == "99" && unsigned != signed,
            text: references.join(" "),
            ..Entry::new(format!("line {line}"), booked_on, signed)
        });
        Ok(())
    }

    /// Up to five records of two texts each, padded with blanks.
    fn describe(&mut self, words: &str) {
        if !self.describes {
            return;
        }
        if let Some(entry) = self.entries.last_mut() {
            entry.text = said(&[entry.text.as_str(), words].join(" ")).unwrap_or_default();
        }
    }

    fn end(self, record: &Record<'_>) -> Result<BankStatement, Fault> {
        let count = |from: usize, to: usize| -> Result<u32, Fault> {
            record.digits(from, to, "a number of movements")?.parse().map_err(|_| Fault::Missing("a number of movements"))
        };
        let said =
            [(count(21, 25)?, record.money(26, 39, self.currency)?), (count(40, 44)?, record.money(45, 58, self.currency)?)];
        let reckoned = [(self.debits.count, self.debits.sum), (self.credits.count, self.credits.sum)];
        for ((said, reckoned), what) in said.into_iter().zip(reckoned).zip(["the total of debits", "the total of credits"]) {
            if said != reckoned {
                let words = |(count, sum): (u32, Money)| format!("{sum} in {count}");
                return Err(Fault::Total { what, said: words(said), reckoned: words(reckoned) });
            }
        }
        let closing = record.money(60, 73, self.currency)?;
        let closing = if record.text(59, 59) == "1" { Money::zero(self.currency).checked_sub(closing)? } else { closing };
        Ok(BankStatement {
            account: self.account,
            reference: None,
            balances: Some((self.opening, closing)),
            entries: self.entries,
        })
    }
}

/// ISO 4217 by number, as far as accounts in Spain are kept in it.
fn currency_of(number: &str) -> Result<Currency, Fault> {
    let code = match number {
        "978" => "EUR",
        "826" => "GBP",
        "840" => "USD",
        "756" => "CHF",
        "985" => "PLN",
        "752" => "SEK",
        "578" => "NOK",
        "208" => "DKK",
        "392" => "JPY",
        other => return Err(Fault::Amount(format!("`{other}` is the number of no currency that is read"))),
    };
    Ok(code.parse()?)
}

/// Bank, branch and account with their own two check digits, and those of the IBAN before them.
fn spanish_iban(bank: &str, branch: &str, account: &str) -> String {
    let ccc = format!("{bank}{branch}{}{}{account}", check_digit(&format!("00{bank}{branch}")), check_digit(account));
    // E and S are 14 and 28; 97 and 10 as ISO 7064 has them.
    let rest = format!("{ccc}142800").bytes().fold(0_u32, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
    format!("ES{:02}{ccc}", 98 - rest)
}

/// Weights are the powers of two modulo eleven.
fn check_digit(ten: &str) -> u32 {
    let weighted = ten.bytes().zip([1_u32, 2, 4, 8, 5, 10, 9, 7, 3, 6]).map(|(digit, weight)| u32::from(digit - b'0') * weight);
    match 11 - weighted.sum::<u32>() % 11 {
        11 => 0,
        10 => 1,
        digit => digit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Iban;

    #[test]
    fn an_account_of_the_norm_is_an_iban() {
        assert_eq!(spanish_iban("2100", "0418", "0200051332"), "ES9121000418450200051332");
        assert!(spanish_iban("0081", "4797", "6995216857").parse::<Iban>().is_ok());
    }
}
