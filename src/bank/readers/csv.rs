//! Statements as lists: any separator, headings in the languages of our banks, day and decimal mark decided over whole columns.

use csv::{ReaderBuilder, StringRecord};

use super::{BankFile, Reader, StatementFormat, Unsaid};
use crate::{
    bank::{
        refusal::{Fault, Refusal, at_line, shown},
        statement::{BankStatement, Entry, account_of, said},
    },
    receivables::intake::{
        amounts::{self, Mark},
        dates::{self, Order},
        encoding::decode,
        reader::Content,
    },
    types::{Currency, Money, fold::fold},
};

/// Banks write a few lines about the account before the headings.
const HEADING_WITHIN_ROWS: usize = 30;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    BookedOn,
    ValuedOn,
    Amount,
    Debit,
    Credit,
    Currency,
    Text,
    Name,
    Account,
    Reference,
}

const HEADINGS: &[(Column, &[&str])] = &[
    (
        Column::BookedOn,
        &[
            "date",
            "booking date",
            "booked on",
            "transaction date",
            "fecha",
            "fecha operacion",
            "f operacion",
            "fecha contable",
            "date operation",
            "date comptable",
            "date d operation",
            "buchungstag",
            "buchungsdatum",
            "data",
            "data contabile",
            "boekdatum",
        ],
    ),
    (
        Column::ValuedOn,
        &["value date", "fecha valor", "f valor", "date valeur", "date de valeur", "wertstellung", "valutadatum", "data valuta"],
    ),
    (Column::Amount, &["amount", "importe", "montant", "betrag", "umsatz", "importo", "bedrag", "montante"]),
    (Column::Debit, &["debit", "debe", "cargo", "cargos", "debito", "soll", "dare", "addebiti"]),
    (Column::Credit, &["credit", "haber", "abono", "abonos", "credito", "haben", "avere", "accrediti"]),
    (Column::Currency, &["currency", "ccy", "divisa", "moneda", "devise", "wahrung"]),
    (
        Column::Text,
        &[
            "label",
            "libelle",
            "details",
            "detail",
            "description",
            "text",
            "concepto",
            "descripcion",
            "observaciones",
            "motif",
            "verwendungszweck",
            "buchungstext",
            "causale",
            "descrizione",
            "omschrijving",
            "remittance information",
            "communication",
        ],
    ),
    (
        Column::Name,
        &[
            "partner name",
            "name",
            "counterparty",
            "payer",
            "ordenante",
            "nombre",
            "tiers",
            "nom",
            "auftraggeber",
            "zahlungspflichtiger",
        ],
    ),
    (
        Column::Account,
        &[
            "bank account",
            "counterparty account",
            "counterparty iban",
            "iban",
            "iban ordenante",
            "cuenta ordenante",
            "kontonummer iban",
        ],
    ),
    (
        Column::Reference,
        &[
            "ref",
            "reference",
            "bank reference",
            "transaction id",
            "operation number",
            "referencia",
            "numero operacion",
            "referenz",
        ],
    ),
];

pub struct Csv;

impl Reader for Csv {
    fn recognises(&self, content: &Content<'_>) -> bool {
        content.first.is_some_and(|first| !matches!(first, '<' | '{' | '['))
    }

    fn read(&self, content: &Content<'_>, unsaid: &Unsaid) -> Result<BankFile, Refusal> {
        let decoded = decode(content.bytes)?;
        let list = [b';', b',', b'\t', b'|'].into_iter().find_map(|separator| List::of(&decoded.text, separator));
        let list = list.ok_or(Refusal::Unknown)?;
        let habits = list.habits()?;
        let mut entries = Vec::new();
        for (line, record) in &list.rows {
            entries.extend(list.entry(*line, record, habits, unsaid).map_err(|fault| at_line(*line, fault))?);
        }
        let statement = BankStatement { account: unsaid.account.clone(), reference: None, balances: None, entries };
        Ok(BankFile { format: StatementFormat::Csv, statements: vec![statement] })
    }
}

/// Rows under headings that are known.
struct List {
    columns: Vec<Option<Column>>,
    /// With the line on which each begins.
    rows: Vec<(usize, StringRecord)>,
}

/// How this list writes days and amounts.
#[derive(Debug, Clone, Copy)]
struct Habits {
    order: Order,
    mark: Mark,
}

impl List {
    /// None where no row within the first ones has headings for a day and an amount.
    fn of(text: &str, separator: u8) -> Option<Self> {
        let mut reader = ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut rows = reader.records().map_while(Result::ok).map(|record| {
            let line = record.position().map_or(0, csv::Position::line);
            (usize::try_from(line).unwrap_or(0), record)
        });
        let columns = rows.by_ref().take(HEADING_WITHIN_ROWS).find_map(|(_, record)| columns(&record))?;
        let rows = rows.filter(|(_, record)| record.iter().any(|cell| !cell.trim().is_empty())).collect();
        Some(Self { columns, rows })
    }

    fn cells<'a>(&'a self, record: &'a StringRecord, wanted: Column) -> impl Iterator<Item = &'a str> {
        let named = self.columns.iter().zip(record).filter(move |(column, _)| **column == Some(wanted));
        named.map(|(_, cell)| cell.trim()).filter(|cell| !cell.is_empty())
    }

    fn all(&self, wanted: &'static [Column]) -> impl Iterator<Item = &str> {
        self.rows.iter().flat_map(move |(_, record)| wanted.iter().flat_map(move |column| self.cells(record, *column)))
    }

    /// # Errors
    /// A column that reads two ways: an amount must not, a day is taken as Europe writes it.
    fn habits(&self) -> Result<Habits, Refusal> {
        let ambiguous = |column| at_line(1, Fault::Ambiguous(column));
        let order = match dates::evidence(self.all(&[Column::BookedOn, Column::ValuedOn])) {
            dates::Evidence::Proven(order) => order,
            dates::Evidence::Unneeded | dates::Evidence::Undecided => Order::DayFirst,
            dates::Evidence::Contradictory => return Err(ambiguous("date")),
        };
        let mark = match amounts::evidence(self.all(&[Column::Amount, Column::Debit, Column::Credit])) {
            amounts::Evidence::Proven(mark) => mark,
            amounts::Evidence::Unneeded => Mark::Point,
            amounts::Evidence::Undecided | amounts::Evidence::Contradictory => return Err(ambiguous("amount")),
        };
        Ok(Habits { order, mark })
    }

    /// None where nothing moves.
    fn entry(&self, line: usize, record: &StringRecord, habits: Habits, unsaid: &Unsaid) -> Result<Option<Entry>, Fault> {
        let first = |column| self.cells(record, column).next();
        let day = |cell: &str| dates::parse(cell, habits.order).ok_or_else(|| Fault::NotADay(shown(cell)));
        let booked_on = day(first(Column::BookedOn).ok_or(Fault::Missing("the day"))?)?;
        let currency = first(Column::Currency).map_or(Ok(unsaid.currency), str::parse)?;
        let money = self.money(record, currency, habits.mark)?;
        if money.minor == 0 {
            return Ok(None);
        }
        let words: Vec<&str> = self.cells(record, Column::Text).collect();
        Ok(Some(Entry {
            valued_on: first(Column::ValuedOn).map(day).transpose()?,
            bank_reference: first(Column::Reference).and_then(said),
            counterparty: first(Column::Name).and_then(said),
            counterparty_account: first(Column::Account).map(account_of),
            text: said(&words.join(" ")).unwrap_or_default(),
            ..Entry::new(format!("line {line}"), booked_on, money)
        }))
    }

    /// One column with a sign, or two: what is in the debit column went out, whatever its sign.
    fn money(&self, record: &StringRecord, currency: Currency, mark: Mark) -> Result<Money, Fault> {
        let read = |cell: &str| {
            amounts::parse(cell.trim_start_matches('+'), mark, currency).map_err(|fault| Fault::Amount(fault.to_string()))
        };
        let amount_in = |column| self.cells(record, column).next().map(read).transpose();
        if let Some(amount) = amount_in(Column::Amount)? {
            return Ok(amount);
        }
        let (debit, credit) = (amount_in(Column::Debit)?, amount_in(Column::Credit)?);
        let zero = Money::zero(currency);
        match (debit.unwrap_or(zero), credit.unwrap_or(zero)) {
            _ if debit.is_none() && credit.is_none() => Err(Fault::Missing("the amount")),
            (debit, credit) if debit.minor != 0 && credit.minor != 0 => Err(Fault::Amount(format!("both {debit} and {credit}"))),
            (debit, credit) if credit.minor == 0 => Ok(Money::new(-debit.minor.saturating_abs(), currency)),
            (_, credit) => Ok(credit),
        }
    }
}

/// The columns of a row of headings; None where it is none.
fn columns(record: &StringRecord) -> Option<Vec<Option<Column>>> {
    let mut found: Vec<Option<Column>> = Vec::new();
    for cell in record {
        let heading = fold(cell);
        let named = HEADINGS.iter().find(|(_, spellings)| spellings.contains(&heading.as_str())).map(|(column, _)| *column);
        // The first of two columns counts, but all that tells may be told.
        found.push(named.filter(|column| *column == Column::Text || !found.contains(&Some(*column))));
    }
    let has = |column| found.contains(&Some(column));
    let amount = has(Column::Amount) || (has(Column::Debit) && has(Column::Credit));
    (has(Column::BookedOn) && amount).then_some(found)
}
