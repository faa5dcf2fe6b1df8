//! A statement of account to print: opening, every movement with the balance after it, closing, and the sum of each case.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{PaperError, Party, Texts, engine};
use crate::types::{Language, Money};

#[derive(Debug, Clone)]
pub struct StatementSheet {
    pub language: Language,
    pub zone: Tz,
    pub owner: Party,
    pub first_on: NaiveDate,
    pub last_on: NaiveDate,
    pub made_at: DateTime<Utc>,
    pub accounts: Vec<AccountRows>,
}

/// One account: opening and the rows sum to closing.
#[derive(Debug, Clone)]
pub struct AccountRows {
    /// As the ledger names it: `payable`.
    pub kind: String,
    pub opening: Money,
    /// Oldest first.
    pub rows: Vec<MovementRow>,
    pub closing: Money,
}

#[derive(Debug, Clone)]
pub struct MovementRow {
    pub at: DateTime<Utc>,
    /// As the ledger names it: `payment.confirmed`.
    pub kind: String,
    pub case_reference: Option<String>,
    pub amount: Money,
}

impl StatementSheet {
    /// # Errors
    /// Rows that do not make the closing balance, or a fault of the template.
    pub fn pdf(&self) -> Result<Vec<u8>, PaperError> {
        engine::pdf("statement.typ", self.inputs()?)
    }

    fn inputs(&self) -> Result<Value, PaperError> {
        let (language, texts) = (self.language, Texts::of(self.language));
        let accounts = self.accounts.iter().map(|account| self.account(account)).collect::<Result<Vec<_>, _>>()?;
        Ok(json!({
            "lang": language.as_str(),
            "t": texts.section("statement"), "c": texts.section("common"),
            "date": [self.last_on.year(), self.last_on.month(), self.last_on.day()],
            "owner": self.owner.inputs(),
            "accounts": accounts,
            "values": {
                "first_on": language.day(self.first_on), "last_on": language.day(self.last_on),
                "made_at": language.instant(self.made_at, self.zone), "zone": self.zone.name(),
            },
        }))
    }

    fn account(&self, account: &AccountRows) -> Result<Value, PaperError> {
        let (language, texts) = (self.language, Texts::of(self.language));
        let mut balance = account.opening;
        let mut by_case: BTreeMap<&str, Money> = BTreeMap::new();
        let mut rows = Vec::with_capacity(account.rows.len());
        for row in &account.rows {
            balance = balance.checked_add(row.amount)?;
            if let Some(case) = row.case_reference.as_deref() {
                let sum = by_case.entry(case).or_insert_with(|| Money::zero(row.amount.currency));
                *sum = sum.checked_add(row.amount)?;
            }
            rows.push(json!({
                "at": language.instant(row.at, self.zone), "what": texts.word("movement", &row.kind),
                "case": row.case_reference.as_deref().unwrap_or("–"),
                "amount": language.money(row.amount), "balance": language.money(balance),
            }));
        }
        if balance != account.closing {
            return Err(PaperError::Balance { reckoned: balance, closing: account.closing });
        }
        let cases: Vec<Value> =
            by_case.into_iter().map(|(case, sum)| json!({ "case": case, "amount": language.money(sum) })).collect();
        Ok(json!({
            "kind": texts.word("account_kind", &account.kind), "currency": account.closing.currency.code(),
            "opening": language.money(account.opening), "closing": language.money(account.closing), "rows": rows, "cases": cases,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::samples::{self, text_of};

    #[test]
    fn a_statement_says_in_every_language_what_moved_and_what_each_case_comes_to() {
        for language in Language::ALL {
            let text = text_of(&samples::statement(*language).pdf().expect("a statement"));
            for minor in [-85_480, 85_480, 0] {
                let said = language.money(samples::eur(minor)).replace(['\u{a0}', '\u{202f}'], " ");
                assert!(text.contains(&said), "{said} is missing in {text}");
            }
            assert!(!text.contains('{') && !text.contains("payment.confirmed"), "{text}");
        }
    }

    #[test]
    fn rows_that_do_not_make_the_closing_balance_are_not_printed() {
        let mut sheet = samples::statement(Language::English);
        sheet.accounts[0].closing = samples::eur(1);
        assert!(matches!(sheet.pdf(), Err(PaperError::Balance { .. })));
    }

    #[test]
    fn an_empty_statement_says_so() {
        let sheet = StatementSheet { accounts: Vec::new(), ..samples::statement(Language::English) };
        assert!(text_of(&sheet.pdf().expect("a statement")).contains("Nothing has moved"));
    }
}
