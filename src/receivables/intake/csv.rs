//! Lists of invoices as spreadsheets save them: separator, decimal mark and date order are found out, never asked.
//!
//! What may never happen here: a column read two ways, or a row that vanishes.

use ::csv::{ReaderBuilder, StringRecord, Trim};
use serde::{Deserialize, Serialize};

use super::{
    Row, amounts,
    columns::{Column, Mapping},
    dates,
    fault::{Fault, FileRefusal, Note, Refusal},
    particulars::PriorPaymentDraft,
    reader::{Content, Contents, Context, Format, Reader},
    row::{DebtorDraft, Defaults, Draft},
    stream::{self, ListError},
    values,
};
use crate::types::{Country, Currency, Money};

/// More rows than this are several files.
pub const MOST_ROWS: usize = 100_000;

/// Nobody's list is as wide.
const MOST_COLUMNS: usize = 1_000;
/// Titles and blank rows may stand above the headings.
pub const HEADER_WITHIN_ROWS: usize = 20;

pub struct Csv;

impl Reader for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    /// Any text that begins neither as XML nor as JSON.
    fn recognises(&self, content: &Content<'_>) -> bool {
        content.first.is_some_and(|first| !"<{[".contains(first))
    }

    fn read(&self, content: &Content<'_>, context: &Context<'_>) -> Result<Contents, FileRefusal> {
        let (plan, notes) = stream::survey(|| Ok(content.bytes), context.defaults).map_err(refusal)?;
        if usize::try_from(plan.rows).is_ok_and(|rows| rows > MOST_ROWS) {
            return Err(FileRefusal::TooManyRows(MOST_ROWS));
        }
        let rows = stream::rows(content.bytes, &plan, 0).and_then(Iterator::collect).map_err(refusal)?;
        Ok(Contents { format: Format::Csv, rows, notes })
    }
}

/// Reads the lines of a list, its headings among them, into one answer a row.
///
/// # Errors
/// The list as a whole cannot be trusted: see [`FileRefusal`].
pub fn list(
    mut lines: Vec<(u32, StringRecord)>,
    format: Format,
    defaults: &Defaults,
    notes: &mut Vec<Note>,
) -> Result<Vec<Row>, FileRefusal> {
    if lines.is_empty() {
        return Err(FileRefusal::Empty);
    }
    let mut lines = lines.split_off(header_position(lines.iter().map(|(_, record)| record), &defaults.mapping));
    if lines.len() > MOST_ROWS.saturating_add(1) {
        return Err(FileRefusal::TooManyRows(MOST_ROWS));
    }
    let header = Header::read(&lines.remove(0).1, &defaults.mapping)?;
    let mut judgement = Judgement::default();
    lines.iter().for_each(|(_, record)| judgement.hear(&header, record));
    let sheet = Sheet::decide(header, judgement, defaults, notes)?;
    Ok(lines.iter().map(|(line, record)| sheet.row(*line, format, record)).collect())
}

/// The row with the most known headings, the first of them; the first row where none has any.
pub(super) fn header_position<'a>(records: impl Iterator<Item = &'a StringRecord>, mapping: &Mapping) -> usize {
    let counts = records.take(HEADER_WITHIN_ROWS).map(|record| known_headings(record, mapping)).enumerate();
    counts.max_by_key(|(position, count)| (*count, std::cmp::Reverse(*position))).map_or(0, |(position, _)| position)
}

fn known_headings(record: &StringRecord, mapping: &Mapping) -> usize {
    mapping.columns(record.iter().take(MOST_COLUMNS)).into_iter().flatten().count()
}

/// What is in memory is never away.
fn refusal(error: ListError) -> FileRefusal {
    match error {
        ListError::Refused(refusal) => refusal,
        ListError::Away(_) => FileRefusal::NotText,
    }
}

/// The one that makes the most known headings of a row near the top.
pub(super) fn separator(text: &str, mapping: &Mapping) -> u8 {
    let end = text.match_indices('\n').nth(HEADER_WITHIN_ROWS).map_or(text.len(), |(position, _)| position);
    let head = text.get(..end).unwrap_or(text);
    let known = |separator: u8| {
        let records = records(head, separator);
        records.iter().map(|record| (known_headings(record, mapping), record.len())).max().unwrap_or_default()
    };
    [b'|', b'\t', b',', b';'].into_iter().max_by_key(|separator| known(*separator)).unwrap_or(b';')
}

fn records(text: &str, separator: u8) -> Vec<StringRecord> {
    let mut reader =
        ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).trim(Trim::All).from_reader(text.as_bytes());
    reader.records().filter_map(Result::ok).collect()
}

/// Which cell holds which column.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Header {
    columns: Vec<Option<Column>>,
    ignored: Vec<String>,
}

impl Header {
    pub(super) fn read(record: &StringRecord, mapping: &Mapping) -> Result<Self, FileRefusal> {
        if record.len() > MOST_COLUMNS {
            return Err(FileRefusal::TooManyColumns(MOST_COLUMNS));
        }
        let columns = mapping.columns(record.iter());
        let named = || columns.iter().zip(record).filter_map(|(column, heading)| column.map(|column| (column, heading)));
        for column in Column::ALL {
            let mut headings = named().filter_map(|(held, heading)| (held == *column).then_some(heading));
            if let (Some(first), Some(second)) = (headings.next(), headings.next()) {
                return Err(FileRefusal::DoubledColumn { column: *column, first: cut(first), second: cut(second) });
            }
        }
        if let Some(column) = Column::REQUIRED.iter().find(|column| !columns.contains(&Some(**column))) {
            let found = record.iter().take(40).map(cut).collect::<Vec<_>>().join(", ");
            return Err(FileRefusal::MissingColumn { column: *column, spellings: spellings(*column), found });
        }
        let unknown = columns
            .iter()
            .zip(record)
            .filter(|(column, heading)| column.is_none() && !heading.is_empty() && !mapping.leaves_out(heading));
        let ignored = unknown.take(40).map(|(_, heading)| cut(heading)).collect();
        Ok(Self { columns, ignored })
    }

    fn cell<'a>(&self, record: &'a StringRecord, column: Column) -> Option<&'a str> {
        let position = self.columns.iter().position(|held| *held == Some(column))?;
        record.get(position).filter(|cell| !cell.is_empty() && !is_formula_error(cell))
    }
}

/// `#REF!`, `#¿NOMBRE?`, `#N/A`, `#NV`: a cell that could not be computed says nothing.
fn is_formula_error(cell: &str) -> bool {
    cell.starts_with('#') && (cell.ends_with(['!', '?']) || matches!(cell, "#N/A" | "#N/D" | "#NV" | "#N/B"))
}

/// Enough of them to see what is meant.
fn spellings(column: Column) -> String {
    column.spellings().iter().take(12).copied().collect::<Vec<_>>().join(", ")
}

fn cut(text: &str) -> String {
    text.chars().take(60).collect()
}

/// What the cells of a file say together about how each is to be read.
#[derive(Debug, Default)]
pub(super) struct Judgement {
    issued: dates::Evidence,
    due: dates::Evidence,
    amounts: amounts::Evidence,
}

impl Judgement {
    /// Takes another row into account.
    pub(super) fn hear(&mut self, header: &Header, record: &StringRecord) {
        let cell = |column| header.cell(record, column).into_iter();
        self.issued = self.issued.and(dates::evidence(cell(Column::IssuedOn)));
        self.due = self.due.and(dates::evidence(cell(Column::DueOn)));
        self.amounts = self.amounts.and(amounts::evidence(cell(Column::Amount)));
    }
}

/// A file whose ambiguities are decided.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Sheet {
    header: Header,
    issued: dates::Order,
    due: dates::Order,
    mark: amounts::Mark,
    currency: Currency,
}

impl Sheet {
    /// # Errors
    /// A column contradicts itself.
    pub(super) fn decide(
        header: Header,
        judgement: Judgement,
        defaults: &Defaults,
        notes: &mut Vec<Note>,
    ) -> Result<Self, FileRefusal> {
        let Judgement { issued, due, amounts } = judgement;
        let issued_order = order(Column::IssuedOn, issued, due, notes)?;
        let due_order = order(Column::DueOn, due, issued, notes)?;
        let mark = mark(amounts, defaults.country, notes)?;
        let currency = habitual_currency(defaults.country);
        if !header.columns.contains(&Some(Column::Currency)) {
            notes.push(Note::CurrencyAssumed(currency.code()));
        }
        if !header.ignored.is_empty() {
            notes.push(Note::ColumnsIgnored(header.ignored.join(", ")));
        }
        Ok(Self { issued: issued_order, due: due_order, mark, currency, header })
    }

    pub(super) fn row(&self, line: u32, format: Format, record: &StringRecord) -> Row {
        Row { row: line, file: None, format, draft: self.draft(record), document: None }
    }

    fn draft(&self, record: &StringRecord) -> Result<Draft, Refusal> {
        let expected = self.header.columns.len();
        if record.len() > expected && record.iter().skip(expected).any(|cell| !cell.is_empty()) {
            return Err(Refusal::of_row(&Fault::CellCount { found: record.len(), expected }));
        }
        let text = |column| self.header.cell(record, column).map(str::to_owned);
        let needed = |column| text(column).ok_or_else(|| Fault::Missing.at(column));
        let currency = self.currency(record)?;
        let debtor = DebtorDraft {
            legal_name: needed(Column::DebtorName)?,
            tax_number: text(Column::TaxNumber),
            kind: self.value(record, Column::DebtorKind, values::debtor_kind)?,
            sector: text(Column::Sector),
            country: self.value(record, Column::Country, values::country)?,
            language: self.value(record, Column::Language, values::language)?,
            email: text(Column::Email),
            phone: text(Column::Phone),
            street: text(Column::Street),
            postal_code: text(Column::PostalCode),
            city: text(Column::City),
        };
        Ok(Draft {
            debtor,
            number: needed(Column::Number)?,
            issuer: text(Column::Issuer),
            issued_on: self.date(record, Column::IssuedOn, self.issued)?.ok_or_else(|| Fault::Missing.at(Column::IssuedOn))?,
            due_on: self.date(record, Column::DueOn, self.due)?,
            principal: self.amount(record, Column::Amount, currency)?.ok_or_else(|| Fault::Missing.at(Column::Amount))?,
            vat: self.amount(record, Column::VatAmount, currency)?,
            purchase_order: text(Column::PurchaseOrder),
            delivery_note: text(Column::DeliveryNote),
            delivered_on: self.date(record, Column::DeliveredOn, self.issued)?,
            instalments: Vec::new(),
            payments: self.paid(record, currency)?,
            reminders: Vec::new(),
        })
    }

    fn value<T>(&self, record: &StringRecord, column: Column, read: fn(&str) -> Result<T, Fault>) -> Result<Option<T>, Refusal> {
        self.header.cell(record, column).map(read).transpose().map_err(|fault| fault.at(column))
    }

    fn currency(&self, record: &StringRecord) -> Result<Currency, Refusal> {
        Ok(self.value(record, Column::Currency, values::currency)?.unwrap_or(self.currency))
    }

    fn date(&self, record: &StringRecord, column: Column, order: dates::Order) -> Result<Option<chrono::NaiveDate>, Refusal> {
        let read = |cell: &str| dates::parse(cell, order).ok_or_else(|| Fault::NotADate(cut(cell)).at(column));
        self.header.cell(record, column).map(read).transpose()
    }

    fn amount(&self, record: &StringRecord, column: Column, currency: Currency) -> Result<Option<Money>, Refusal> {
        let read = |cell| amounts::parse(cell, self.mark, currency).map_err(|fault| fault.at(column));
        self.header.cell(record, column).map(read).transpose()
    }

    /// What was paid before: from the first day where the list does not say when, which costs the debtor least.
    fn paid(&self, record: &StringRecord, currency: Currency) -> Result<Vec<PriorPaymentDraft>, Refusal> {
        let Some(amount) = self.amount(record, Column::PaidAmount, currency)?.filter(|amount| amount.minor != 0) else {
            return Ok(Vec::new());
        };
        let stated = self.date(record, Column::PaidOn, self.issued)?;
        let day = if stated.is_some() { stated } else { self.date(record, Column::IssuedOn, self.issued)? };
        Ok(day.map(|received_on| PriorPaymentDraft { received_on, amount }).into_iter().collect())
    }
}

/// A column that proves nothing follows the other date column, since one program wrote both; then the European habit.
fn order(
    column: Column,
    own: dates::Evidence,
    other: dates::Evidence,
    notes: &mut Vec<Note>,
) -> Result<dates::Order, FileRefusal> {
    use dates::{Evidence, Order};
    let decided = match (own, other) {
        (Evidence::Contradictory, _) => return Err(FileRefusal::MixedDates(column)),
        (Evidence::Proven(order), _) | (Evidence::Undecided, Evidence::Proven(order)) => order,
        (Evidence::Undecided, Evidence::Contradictory | Evidence::Undecided | Evidence::Unneeded) => {
            notes.push(Note::DayFirstByHabit(column));
            Order::DayFirst
        }
        (Evidence::Unneeded, _) => return Ok(Order::DayFirst),
    };
    if decided == Order::MonthFirst {
        notes.push(Note::MonthFirst(column));
    }
    Ok(decided)
}

fn mark(evidence: amounts::Evidence, country: Country, notes: &mut Vec<Note>) -> Result<amounts::Mark, FileRefusal> {
    use amounts::{Evidence, Mark};
    let habit = match country {
        Country::UnitedKingdom => Mark::Point,
        Country::Spain
        | Country::France
        | Country::Germany
        | Country::Italy
        | Country::Portugal
        | Country::Belgium
        | Country::Netherlands => Mark::Comma,
    };
    match evidence {
        Evidence::Contradictory => Err(FileRefusal::MixedAmounts(Column::Amount)),
        Evidence::Proven(mark) => Ok(mark),
        Evidence::Unneeded => Ok(habit),
        Evidence::Undecided => {
            notes.push(match habit {
                Mark::Comma => Note::CommaByHabit(Column::Amount),
                Mark::Point => Note::PointByHabit(Column::Amount),
            });
            Ok(habit)
        }
    }
}

fn habitual_currency(country: Country) -> Currency {
    match country {
        Country::UnitedKingdom => Currency::GBP,
        Country::Spain
        | Country::France
        | Country::Germany
        | Country::Italy
        | Country::Portugal
        | Country::Belgium
        | Country::Netherlands => Currency::EUR,
    }
}
