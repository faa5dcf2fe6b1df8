//! A statement as every reader hands it over, and the proof that it is whole.

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use super::refusal::{Fault, Refusal};
use crate::types::{Currency, Iban, Money};

/// What a bank says of one account for one or several days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankStatement {
    /// The IBAN where there is one, else as the bank writes the account.
    pub account: String,
    /// The bank's number of the statement.
    pub reference: Option<String>,
    /// Booked balances before and after the entries, where the bank says both.
    pub balances: Option<(Money, Money)>,
    pub entries: Vec<Entry>,
}

/// Money that moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where in the file: `line 17`, `statement 1, entry 3`.
    pub place: String,
    pub booked_on: NaiveDate,
    pub valued_on: Option<NaiveDate>,
    /// Positive: into the account. Negative: out of it. Never nothing.
    pub amount: Money,
    /// It takes back an earlier entry of the other sign.
    pub is_reversal: bool,
    /// The bank's own reference.
    pub bank_reference: Option<String>,
    pub end_to_end_id: Option<String>,
    pub counterparty: Option<String>,
    /// Its IBAN where there is one.
    pub counterparty_account: Option<String>,
    /// Whatever was written along, in one line; structured references first.
    pub text: String,
}

impl Entry {
    /// An entry of which the amount and the day are known.
    #[must_use]
    pub fn new(place: String, booked_on: NaiveDate, amount: Money) -> Self {
        Self {
            place,
            booked_on,
            valued_on: None,
            amount,
            is_reversal: false,
            bank_reference: None,
            end_to_end_id: None,
            counterparty: None,
            counterparty_account: None,
            text: String::new(),
        }
    }

    /// What stays the same when another file tells of the same movement, and of nothing else told in that file.
    fn identity(&self, account: &str) -> String {
        let Self { booked_on, amount, .. } = self;
        let said = match &self.bank_reference {
            Some(reference) => format!("{reference}\n{}", self.end_to_end_id.as_deref().unwrap_or_default()),
            None => {
                let words: String = self.text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
                format!("{}\n{words}", self.counterparty_account.as_deref().unwrap_or_default())
            }
        };
        format!("{account}\n{booked_on}\n{}\n{}\n{said}", amount.minor, amount.currency)
    }
}

impl BankStatement {
    /// That nothing is missing: the opening balance and the entries make the closing one.
    ///
    /// # Errors
    /// They do not, or an amount is larger than can be kept.
    pub fn prove(&self) -> Result<(), Refusal> {
        let Some((opening, closing)) = self.balances else { return Ok(()) };
        if self.entries.iter().any(|entry| entry.amount.currency != opening.currency) {
            return Ok(());
        }
        let named = self.reference.as_deref().unwrap_or(&self.account);
        let at = |fault| Refusal::At { place: format!("statement {named}"), fault };
        let all = std::iter::once(opening).chain(self.entries.iter().map(|entry| entry.amount));
        let reckoned = Money::sum(opening.currency, all).map_err(|error| at(error.into()))?;
        if reckoned == closing { Ok(()) } else { Err(at(Fault::Balance { reckoned, closing })) }
    }
}

/// The key of each entry of a file, in their order. Two movements that look the same are told apart by their turn within the
/// file, so a day that is told again is known again, however often a coffee was bought on it.
#[must_use]
pub fn identities(statements: &[BankStatement]) -> Vec<Vec<u8>> {
    let mut seen: std::collections::HashMap<String, u32> = std::collections::HashMap::new();
    let entries =
        statements.iter().flat_map(|statement| statement.entries.iter().map(|entry| entry.identity(&statement.account)));
    entries
        .map(|identity| {
            let turn = seen.entry(identity.clone()).or_insert(0);
            *turn += 1;
            Sha256::new().chain_update(identity.as_bytes()).chain_update(turn.to_be_bytes()).finalize().to_vec()
        })
        .collect()
}

/// An account as banks write it: an IBAN without spaces where it is one.
#[must_use]
pub fn account_of(text: &str) -> String {
    text.parse::<Iban>().map_or_else(|_| text.trim().to_owned(), |iban| iban.as_str().to_owned())
}

/// `text` in one line, without what a matching cannot use. None where nothing is left, or where the bank says that it knows none.
#[must_use]
pub fn said(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let unknown = ["NONREF", "NOTPROVIDED", "NOT PROVIDED"].iter().any(|word| line.eq_ignore_ascii_case(word));
    (!line.is_empty() && !unknown).then(|| line.chars().take(LONGEST_TEXT_CHARS).collect())
}

const LONGEST_TEXT_CHARS: usize = 1_000;

/// An amount with a decimal point, as messages write it.
///
/// # Errors
/// No amount of this currency.
pub fn amount(text: &str, currency: Currency) -> Result<Money, Fault> {
    Money::parse_decimal(text.trim().trim_end_matches('.'), currency).map_err(Fault::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(minor: i64, text: &str) -> Entry {
        let on = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap();
        Entry { text: text.to_owned(), ..Entry::new("line 1".to_owned(), on, Money::new(minor, Currency::EUR)) }
    }

    fn statement(balances: Option<(i64, i64)>, entries: Vec<Entry>) -> BankStatement {
        let eur = |minor| Money::new(minor, Currency::EUR);
        let balances = balances.map(|(opening, closing)| (eur(opening), eur(closing)));
        BankStatement { account: "ES9121000418450200051332".to_owned(), reference: None, balances, entries }
    }

    #[test]
    fn a_statement_whose_balances_do_not_follow_from_its_entries_is_refused() {
        let entries = || vec![entry(500, "a"), entry(-200, "b")];
        assert_eq!(statement(Some((1_000, 1_300)), entries()).prove(), Ok(()));
        assert_eq!(statement(None, entries()).prove(), Ok(()));
        let refusal = statement(Some((1_000, 1_299)), entries()).prove().unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "statement ES9121000418450200051332: the opening balance and the entries make 13.00 EUR, but the closing balance is 12.99 EUR: something is missing"
        );
    }

    #[test]
    fn entries_that_look_the_same_stay_two_and_a_file_told_again_is_the_same() {
        let twice = [statement(None, vec![entry(450, "Coffee"), entry(450, "COFFEE"), entry(450, "Tea")])];
        let keys = identities(&twice);
        assert_eq!(keys, identities(&twice));
        assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
        let referenced = |reference: &str, text: &str| Entry { bank_reference: Some(reference.to_owned()), ..entry(450, text) };
        let notified = identities(&[statement(None, vec![referenced("R1", "Coffee")])]);
        let booked = identities(&[statement(None, vec![referenced("R1", "Coffee, as booked")])]);
        assert_eq!(notified, booked, "the bank's reference says that it is one movement");
    }

    #[test]
    fn what_a_bank_does_not_know_is_nothing() {
        assert_eq!(said(" NONREF "), None);
        assert_eq!(said("NotProvided"), None);
        assert_eq!(said(" F-1 \n  rest"), Some("F-1 rest".to_owned()));
    }
}
