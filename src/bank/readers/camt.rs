//! ISO 20022: camt.053 (statement) and camt.054 (notification), versions 02 to 08. Only booked entries count.
//!
//! A collective entry is taken apart where its details carry amounts that make its sum; else it stays one.

use chrono::NaiveDate;

use super::{BankFile, Reader, StatementFormat, Unsaid};
use crate::{
    bank::{
        refusal::{Fault, Refusal, shown},
        statement::{BankStatement, Entry, account_of, amount, said},
    },
    receivables::intake::{
        encoding::decode_xml,
        reader::Content,
        xml::{self, Leaf, Visitor},
    },
    types::{Currency, Money},
};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.";

pub struct Camt;

impl Reader for Camt {
    /// Any XML: what is none of ours is refused by its name.
    fn recognises(&self, content: &Content<'_>) -> bool {
        content.first == Some('<')
    }

    fn read(&self, content: &Content<'_>, _: &Unsaid) -> Result<BankFile, Refusal> {
        let decoded = decode_xml(content.bytes)?;
        let Some(root) = &content.root else {
            xml::walk(&decoded.text, &mut ())?;
            return Err(Refusal::NoStatement);
        };
        let format = format_of(&root.namespace)?;
        let mut walk = Walk::default();
        xml::walk(&decoded.text, &mut walk)?;
        match walk.fault {
            Some(refusal) => Err(refusal),
            None => Ok(BankFile { format, statements: walk.statements }),
        }
    }
}

fn format_of(namespace: &str) -> Result<StatementFormat, Refusal> {
    let Some(message) = namespace.strip_prefix(NAMESPACE) else { return Err(Refusal::Version(shown(namespace))) };
    let known = |version: &str| ("02"..="08").contains(&version) && version.len() == 2;
    match message.split_once(".001.") {
        Some(("053", version)) if known(version) => Ok(StatementFormat::Camt053),
        Some(("054", version)) if known(version) => Ok(StatementFormat::Camt054),
        Some(("052", _)) => Err(Refusal::Interim("camt.052")),
        _ => Err(Refusal::Version(format!("camt.{}", shown(message)))),
    }
}

/// What is being read, innermost first.
#[derive(Default)]
struct Walk {
    statements: Vec<BankStatement>,
    statement: Account,
    balance: Balance,
    entry: Booking,
    detail: Detail,
    /// The first thing that is wrong.
    fault: Option<Refusal>,
}

#[derive(Default)]
struct Account {
    id: Option<String>,
    number: Option<String>,
    opening: Vec<Money>,
    closing: Vec<Money>,
    entries: Vec<Entry>,
    bookings: usize,
}

#[derive(Default)]
struct Balance {
    code: String,
    amount: Amount,
}

#[derive(Default)]
struct Amount {
    text: Option<(String, Option<String>)>,
    way: Option<String>,
}

#[derive(Default)]
struct Booking {
    amount: Amount,
    status: String,
    is_reversal: bool,
    booked_on: Option<String>,
    valued_on: Option<String>,
    reference: Option<String>,
    text: Option<String>,
    details: Vec<Detail>,
}

/// One transaction of a booking.
#[derive(Default)]
struct Detail {
    amount: Amount,
    transaction_amount: Option<(String, Option<String>)>,
    reference: Option<String>,
    end_to_end_id: Option<String>,
    /// Name and account of both sides.
    debtor: Party,
    creditor: Party,
    structured: Vec<String>,
    free: Vec<String>,
}

#[derive(Default)]
struct Party {
    name: Option<String>,
    account: Option<String>,
}

impl Amount {
    /// Credit is positive.
    fn signed(&self, way: Option<&str>) -> Result<Money, Fault> {
        let (text, currency) = self.text.as_ref().ok_or(Fault::Missing("Amt"))?;
        let currency: Currency = currency.as_deref().ok_or(Fault::Missing("Amt/@Ccy"))?.parse()?;
        let unsigned = amount(text, currency)?;
        match self.way.as_deref().or(way) {
            Some("CRDT") => Ok(unsigned),
            Some("DBIT") => Ok(Money::zero(currency).checked_sub(unsigned)?),
            Some(other) => Err(Fault::NeitherWay(shown(other))),
            None => Err(Fault::Missing("CdtDbtInd")),
        }
    }
}

impl Visitor for Walk {
    fn leaf(&mut self, leaf: &Leaf<'_>) {
        let mut parts = leaf.path.splitn(3, '/');
        let (Some(_), Some("Stmt" | "Ntfctn"), Some(path)) = (parts.next(), parts.next(), parts.next()) else { return };
        let text = || leaf.text.to_owned();
        let money = || Some((text(), leaf.currency.map(str::to_owned)));
        let Self { statement, balance, entry, detail, .. } = self;
        if let Some(path) = path.strip_prefix("Ntry/NtryDtls/TxDtls/") {
            return detail.leaf(path, leaf);
        }
        match path {
            "Id" => statement.id = said(leaf.text),
            "Acct/Id/IBAN" | "Acct/Id/Othr/Id" => statement.number = Some(account_of(leaf.text)),
            "Bal/Tp/CdOrPrtry/Cd" => balance.code = text(),
            "Bal/Amt" => balance.amount.text = money(),
            "Bal/CdtDbtInd" => balance.amount.way = Some(text()),
            "Ntry/Amt" => entry.amount.text = money(),
            "Ntry/CdtDbtInd" => entry.amount.way = Some(text()),
            "Ntry/Sts" | "Ntry/Sts/Cd" => entry.status = text(),
            "Ntry/RvslInd" => entry.is_reversal = matches!(leaf.text, "true" | "1"),
            "Ntry/BookgDt/Dt" | "Ntry/BookgDt/DtTm" => entry.booked_on = Some(text()),
            "Ntry/ValDt/Dt" | "Ntry/ValDt/DtTm" => entry.valued_on = Some(text()),
            "Ntry/AcctSvcrRef" => entry.reference = said(leaf.text),
            "Ntry/AddtlNtryInf" => entry.text = said(leaf.text),
            _ => {}
        }
    }

    fn closed(&mut self, path: &str) {
        if self.fault.is_some() {
            return;
        }
        let mut parts = path.splitn(3, '/');
        let (Some(_), Some("Stmt" | "Ntfctn")) = (parts.next(), parts.next()) else { return };
        let closed = match parts.next() {
            Some("Ntry/NtryDtls/TxDtls") => {
                self.entry.details.push(std::mem::take(&mut self.detail));
                Ok(())
            }
            Some("Ntry") => self.close_entry(),
            Some("Bal") => self.close_balance(),
            None => self.close_statement(),
            Some(_) => Ok(()),
        };
        self.fault = closed.err();
    }
}

impl Detail {
    fn leaf(&mut self, path: &str, leaf: &Leaf<'_>) {
        let money = || Some((leaf.text.to_owned(), leaf.currency.map(str::to_owned)));
        match path {
            "Amt" => self.amount.text = money(),
            "CdtDbtInd" => self.amount.way = Some(leaf.text.to_owned()),
            "AmtDtls/TxAmt/Amt" => self.transaction_amount = money(),
            "Refs/EndToEndId" => self.end_to_end_id = said(leaf.text),
            "Refs/AcctSvcrRef" => self.reference = said(leaf.text),
            "RltdPties/Dbtr/Nm" | "RltdPties/Dbtr/Pty/Nm" => self.debtor.name = said(leaf.text),
            "RltdPties/Cdtr/Nm" | "RltdPties/Cdtr/Pty/Nm" => self.creditor.name = said(leaf.text),
            "RltdPties/DbtrAcct/Id/IBAN" | "RltdPties/DbtrAcct/Id/Othr/Id" => self.debtor.account = Some(account_of(leaf.text)),
            "RltdPties/CdtrAcct/Id/IBAN" | "RltdPties/CdtrAcct/Id/Othr/Id" => self.creditor.account = Some(account_of(leaf.text)),
            "RmtInf/Strd/CdtrRefInf/Ref" | "RmtInf/Strd/RfrdDocInf/Nb" => self.structured.extend(said(leaf.text)),
            "RmtInf/Ustrd" | "RmtInf/Strd/AddtlRmtInf" | "AddtlTxInf" => self.free.extend(said(leaf.text)),
            _ => {}
        }
    }

    /// What the detail adds to an entry of this sign.
    fn tell(self, entry: &mut Entry) {
        let other = if entry.amount.is_positive() { self.debtor } else { self.creditor };
        entry.bank_reference = self.reference.or(entry.bank_reference.take());
        entry.end_to_end_id = self.end_to_end_id;
        (entry.counterparty, entry.counterparty_account) = (other.name, other.account);
        let own = std::mem::take(&mut entry.text);
        let texts: Vec<String> = self.structured.into_iter().chain(self.free).chain(Some(own)).collect();
        entry.text = said(&texts.join(" ")).unwrap_or_default();
    }
}

impl Walk {
    fn close_balance(&mut self) -> Result<(), Refusal> {
        let Balance { code, amount } = std::mem::take(&mut self.balance);
        let money = amount.signed(None).map_err(|fault| Refusal::At { place: format!("balance {}", shown(&code)), fault })?;
        match code.as_str() {
            "OPBD" | "PRCD" => self.statement.opening.push(money),
            "CLBD" => self.statement.closing.push(money),
            _ => {}
        }
        Ok(())
    }

    fn close_entry(&mut self) -> Result<(), Refusal> {
        let booking = std::mem::take(&mut self.entry);
        self.statement.bookings += 1;
        let place = format!("statement {}, entry {}", self.statements.len() + 1, self.statement.bookings);
        let entries = booking.entries(&place).map_err(|fault| Refusal::At { place, fault })?;
        self.statement.entries.extend(entries);
        Ok(())
    }

    fn close_statement(&mut self) -> Result<(), Refusal> {
        let Account { id, number, opening, closing, entries, .. } = std::mem::take(&mut self.statement);
        let place = || format!("statement {}", self.statements.len() + 1);
        let account = number.ok_or_else(|| Refusal::At { place: place(), fault: Fault::Missing("Acct/Id") })?;
        // Several of one kind are of several currencies, or parts: they prove nothing.
        let balances = match (opening.as_slice(), closing.as_slice()) {
            ([opening], [closing]) if opening.currency == closing.currency => Some((*opening, *closing)),
            _ => None,
        };
        self.statements.push(BankStatement { account, reference: id, balances, entries });
        Ok(())
    }
}

impl Booking {
    /// None where it is not booked, or moves nothing.
    fn entries(self, place: &str) -> Result<Vec<Entry>, Fault> {
        let money = self.amount.signed(None)?;
        match self.status.as_str() {
            "BOOK" => {}
            "" => return Err(Fault::Missing("Sts")),
            _ => return Ok(Vec::new()),
        }
        let booked_on = day(self.booked_on.as_deref().or(self.valued_on.as_deref()).ok_or(Fault::Missing("BookgDt"))?)?;
        let valued_on = self.valued_on.as_deref().map(day).transpose()?;
        if money.minor == 0 {
            return Ok(Vec::new());
        }
        let whole = Entry {
            valued_on,
            is_reversal: self.is_reversal,
            bank_reference: self.reference,
            text: self.text.unwrap_or_default(),
            ..Entry::new(place.to_owned(), booked_on, money)
        };
        let way = self.amount.way;
        let parts: Option<Vec<Money>> = self.details.iter().map(|detail| detail.part(way.as_deref())).collect();
        let taken_apart = parts.filter(|parts| parts.len() > 1 && Money::sum(money.currency, parts.iter().copied()) == Ok(money));
        let Some(parts) = taken_apart else { return Ok(vec![with_details(whole, self.details)]) };
        let apart = (1..).zip(self.details).zip(parts).filter(|(_, part)| part.minor != 0).map(|((turn, detail), part)| {
            let mut entry = Entry { place: format!("{place}, detail {turn}"), amount: part, ..whole.clone() };
            detail.tell(&mut entry);
            entry
        });
        Ok(apart.collect())
    }
}

impl Detail {
    /// What of the booking's amount is this detail's, as far as it says so.
    fn part(&self, way: Option<&str>) -> Option<Money> {
        let text = self.amount.text.clone().or_else(|| self.transaction_amount.clone());
        Amount { text, way: self.amount.way.clone() }.signed(way).ok()
    }
}

/// A booking that stays one: the words of all its details, and the other side where there is one.
fn with_details(mut entry: Entry, details: Vec<Detail>) -> Entry {
    let several = details.len() > 1;
    for detail in details {
        detail.tell(&mut entry);
    }
    if several {
        (entry.counterparty, entry.counterparty_account, entry.end_to_end_id) = (None, None, None);
    }
    entry
}

/// A day, or the day of an instant as its bank writes it.
fn day(text: &str) -> Result<NaiveDate, Fault> {
    text.get(..10).and_then(|day| day.parse().ok()).ok_or_else(|| Fault::NotADay(shown(text)))
}
