//! SWIFT MT940 and the habits of its banks: German `?20` and Dutch `>20` subfields, names on the line after `:61:`, envelopes.

use chrono::{Datelike, NaiveDate};

use super::{BankFile, Reader, StatementFormat, Unsaid};
use crate::{
    bank::{
        refusal::{Fault, Refusal, at_line, shown},
        statement::{BankStatement, Entry, account_of, amount, said},
    },
    receivables::intake::{encoding::decode, reader::Content},
    types::{Currency, Money},
};

/// The tags of MT940 and MT942; anything else that looks like one is text that was wrapped (`:26:37`).
const TAGS: &[&str] =
    &["20", "21", "25", "28", "28C", "60F", "60M", "61", "86", "62F", "62M", "64", "65", "NS", "13", "13D", "34F", "90D", "90C"];

pub struct Mt940;

impl Reader for Mt940 {
    fn recognises(&self, content: &Content<'_>) -> bool {
        let head = String::from_utf8_lossy(content.bytes.get(..content.bytes.len().min(2_000)).unwrap_or_default());
        let mut tags = head.lines().filter_map(tag);
        tags.any(|(tag, _)| matches!(tag, "20" | "25" | "28C" | "60F" | "60M" | "61" | "64" | "NS"))
    }

    fn read(&self, content: &Content<'_>, _: &Unsaid) -> Result<BankFile, Refusal> {
        let decoded = decode(content.bytes)?;
        let mut walk = Walk::default();
        for field in fields(&decoded.text) {
            let line = field.line;
            walk.take(&field).map_err(|stop| match stop {
                Stop::Fault(fault) => at_line(line, fault),
                Stop::Interim => Refusal::Interim("MT942"),
            })?;
        }
        walk.finish()
    }
}

/// `:61:rest` as `("61", "rest")`.
fn tag(line: &str) -> Option<(&str, &str)> {
    let (tag, rest) = line.strip_prefix(':')?.split_once(':')?;
    TAGS.contains(&tag).then_some((tag, rest))
}

/// A tag with all its lines.
struct Field<'a> {
    tag: &'a str,
    lines: Vec<&'a str>,
    /// Where it begins, from 1.
    line: usize,
}

/// Lines before the first tag are an envelope, and so is what begins a block of SWIFT.
fn fields(text: &str) -> Vec<Field<'_>> {
    let mut fields: Vec<Field<'_>> = Vec::new();
    for (line, said) in (1..).zip(text.lines()) {
        if let Some((tag, rest)) = tag(said) {
            fields.push(Field { tag, lines: vec![rest], line });
        } else if !is_envelope(said)
            && let Some(field) = fields.last_mut()
        {
            field.lines.push(said);
        }
    }
    fields
}

fn is_envelope(line: &str) -> bool {
    matches!(line.trim_end(), "-" | "-XXX" | "") || line.starts_with("-}") || line.starts_with('{')
}

enum Stop {
    Fault(Fault),
    Interim,
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

#[derive(Default)]
struct Walk {
    statements: Vec<BankStatement>,
    open: Option<Open>,
}

/// A statement that has begun.
struct Open {
    line: usize,
    account: Option<String>,
    number: Option<String>,
    opening: Option<Money>,
    closing: Option<Money>,
    entries: Vec<Entry>,
}

impl Walk {
    fn take(&mut self, field: &Field<'_>) -> Result<(), Stop> {
        let first = field.lines.first().copied().unwrap_or_default().trim();
        if field.tag == "20" {
            self.close()?;
            self.open =
                Some(Open { line: field.line, account: None, number: None, opening: None, closing: None, entries: Vec::new() });
            return Ok(());
        }
        let open = self.open.as_mut().ok_or(Fault::Missing(":20:"))?;
        let misplaced = || Stop::Fault(Fault::Order(format!(":{}:", field.tag)));
        match field.tag {
            "25" if open.account.is_none() => open.account = Some(account_of(without_currency(first))),
            "28" | "28C" => open.number = said(first),
            "60F" | "60M" if open.opening.is_none() => open.opening = Some(balance(first)?),
            "61" => {
                let currency = open.opening.ok_or(Fault::Missing(":60F:"))?.currency;
                if open.closing.is_some() {
                    return Err(misplaced());
                }
                open.entries.extend(entry(field, currency)?);
            }
            // After the closing balance it speaks of the whole statement.
            "86" | "NS" if open.closing.is_none() => {
                if let Some(entry) = open.entries.last_mut() {
                    describe(entry, field);
                }
            }
            "62F" | "62M" if open.closing.is_none() => {
                open.opening.ok_or(Fault::Missing(":60F:"))?;
                open.closing = Some(balance(first)?);
            }
            "34F" | "13D" | "90D" | "90C" => return Err(Stop::Interim),
            "25" | "60F" | "60M" | "62F" | "62M" => return Err(misplaced()),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Fault> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let account = open.account.ok_or(Fault::Missing(":25:"))?;
        let opening = open.opening.ok_or(Fault::Missing(":60F:"))?;
        let closing = open.closing.ok_or(Fault::Missing(":62F:"))?;
        if opening.currency != closing.currency {
            return Err(Fault::Order(format!("a balance in {} after one in {}", closing.currency, opening.currency)));
        }
        let balances = Some((opening, closing));
        self.statements.push(BankStatement { account, reference: open.number, balances, entries: open.entries });
        Ok(())
    }

    fn finish(mut self) -> Result<BankFile, Refusal> {
        let line = self.open.as_ref().map_or(1, |open| open.line);
        self.close().map_err(|fault| Refusal::At { place: format!("the statement that begins on line {line}"), fault })?;
        Ok(BankFile { format: StatementFormat::Mt940, statements: self.statements })
    }
}

/// Some banks write the account's currency at its end.
fn without_currency(account: &str) -> &str {
    let cut = account.len().saturating_sub(3);
    match (account.get(..cut), account.get(cut..)) {
        (Some(number), Some(code)) if number.ends_with(|c: char| c.is_ascii_digit()) && code.parse::<Currency>().is_ok() => {
            number
        }
        _ => account,
    }
}

/// `C100722EUR0,00`
fn balance(text: &str) -> Result<Money, Fault> {
    let currency: Currency = text.get(7..10).ok_or(Fault::Missing("a balance"))?.parse()?;
    let unsigned = decimal(text.get(10..).unwrap_or_default(), currency)?;
    short_day(text.get(1..7).unwrap_or_default())?;
    signed(text.get(..1).unwrap_or_default(), unsigned)
}

fn decimal(text: &str, currency: Currency) -> Result<Money, Fault> {
    amount(&text.trim().replace(',', "."), currency)
}

fn signed(mark: &str, unsigned: Money) -> Result<Money, Fault> {
    match mark {
        "C" | "RD" => Ok(unsigned),
        "D" | "RC" => Ok(Money::zero(unsigned.currency).checked_sub(unsigned)?),
        other => Err(Fault::NeitherWay(shown(other))),
    }
}

/// `YYMMDD`; a thirtieth of February is a German banker's last day of the month.
fn short_day(text: &str) -> Result<NaiveDate, Fault> {
    let not_a_day = || Fault::NotADay(shown(text));
    let number =
        |from: usize| text.get(from..from + 2).filter(|two| two.bytes().all(|b| b.is_ascii_digit()))?.parse::<u32>().ok();
    let (Some(year), Some(month), Some(day), 6) = (number(0), number(2), number(4), text.len()) else { return Err(not_a_day()) };
    let year = i32::try_from(2000 + year).map_err(|_| not_a_day())?;
    let last_of_february = || NaiveDate::from_ymd_opt(year, 3, 1).and_then(|first| first.pred_opt());
    let bankers = if month == 2 && matches!(day, 29 | 30) { last_of_february() } else { None };
    NaiveDate::from_ymd_opt(year, month, day).or(bankers).ok_or_else(not_a_day)
}

/// `:61:` value day, booking day, mark, letter of the currency, amount, kind, references. None where nothing moves.
fn entry(field: &Field<'_>, currency: Currency) -> Result<Option<Entry>, Fault> {
    let text = field.lines.first().copied().unwrap_or_default();
    let valued_on = short_day(text.get(..6).unwrap_or_default())?;
    let rest = text.get(6..).unwrap_or_default();
    let (booked_on, rest) = match rest.get(..4).filter(|four| four.bytes().all(|byte| byte.is_ascii_digit())) {
        Some(four) => (booking_day(valued_on, four)?, rest.get(4..).unwrap_or_default()),
        None => (valued_on, rest),
    };
    let marks = ["RC", "RD", "C", "D"];
    let mark = marks.into_iter().find(|mark| rest.starts_with(mark)).ok_or_else(|| Fault::NeitherWay(shown(rest)))?;
    let rest = rest.strip_prefix(mark).unwrap_or(rest);
    let rest = rest.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or(rest);
    let digits = rest.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(rest.len());
    let (number, rest) = rest.split_at_checked(digits).unwrap_or((rest, ""));
    let money = signed(mark, decimal(number, currency)?)?;
    if money.minor == 0 {
        return Ok(None);
    }
    // One letter and three signs of kind, then the customer's reference and the bank's.
    let references = rest.char_indices().nth(4).and_then(|(at, _)| rest.get(at..)).unwrap_or_default();
    let (own, banks) = references.split_once("//").unwrap_or((references, ""));
    let more: Vec<&str> = field.lines.iter().skip(1).copied().collect();
    Ok(Some(Entry {
        valued_on: Some(valued_on),
        is_reversal: mark.starts_with('R'),
        bank_reference: said(banks),
        end_to_end_id: said(own),
        text: said(&more.join(" ")).unwrap_or_default(),
        ..Entry::new(format!("line {}", field.line), booked_on, money)
    }))
}

/// `MMDD` beside a value day: of the same year, or of the next one or the last where that is nearer.
fn booking_day(valued_on: NaiveDate, four: &str) -> Result<NaiveDate, Fault> {
    let in_year = |year: i32| short_day(&format!("{:02}{four}", year.rem_euclid(100)));
    let near = |year: i32| in_year(year).ok().map(|day| ((day - valued_on).num_days().abs(), day));
    let years = [valued_on.year() - 1, valued_on.year(), valued_on.year() + 1];
    let nearest = years.into_iter().filter_map(near).min();
    nearest.map(|(_, day)| day).ok_or_else(|| Fault::NotADay(shown(four)))
}

/// `:86:` (and `:NS:`) of an entry: subfields where it has them, else words.
fn describe(entry: &mut Entry, field: &Field<'_>) {
    let joined: String = field.lines.concat();
    let code = joined.trim_start().get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()));
    let separator = code.and_then(|_| joined.trim_start().chars().nth(3)).filter(|sign| matches!(sign, '?' | '>'));
    let Some(separator) = separator else {
        let all = [entry.text.as_str(), &field.lines.join(" ")].join(" ");
        entry.text = said(&all).unwrap_or_default();
        return;
    };
    let (mut purpose, mut name) = (String::new(), String::new());
    for part in joined.split(separator).skip(1) {
        let (Some(number), Some(words)) = (part.get(..2), part.get(2..)) else { continue };
        match number {
            "20" | "21" | "22" | "23" | "24" | "25" | "26" | "27" | "28" | "29" | "60" | "61" | "62" | "63" => {
                purpose.push_str(words)
            }
            "31" => entry.counterparty_account = said(words).map(|account| account_of(&account)),
            "32" | "33" => name.push_str(words),
            _ => {}
        }
    }
    entry.counterparty = said(&name);
    if let Some(id) = keyword(&purpose, "EREF+") {
        entry.end_to_end_id = Some(id);
    }
    entry.text = said(&[entry.text.as_str(), &purpose].join(" ")).unwrap_or_default();
}

/// What stands after a SEPA keyword, up to the next one.
fn keyword(purpose: &str, wanted: &str) -> Option<String> {
    const KEYWORDS: &[&str] = &["EREF+", "KREF+", "MREF+", "CRED+", "DEBT+", "SVWZ+", "ABWA+", "ABWE+", "IBAN+", "BIC+"];
    let (_, rest) = purpose.split_once(wanted)?;
    let end = KEYWORDS.iter().filter_map(|keyword| rest.find(keyword)).min().unwrap_or(rest.len());
    rest.get(..end).and_then(said)
}
