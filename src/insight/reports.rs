//! Each report, drawn from the store's sums and the formulas.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    Block, Figure, Grouping, InsightError, Key, KeyKind, Measure, Report, ReportKind, Row, Value,
    forecast::{AtWeek, Due, ForecastWeek, PaymentRates, WEEKS, forecast},
    formulas::{self, MonthOfSales},
    period::{days_after, days_before, last_of_month, month_ends, next},
    provisions,
    report::share_of,
    store::{
        causes::{self, CasesOfCause},
        kept::{self, Kept},
        owed::{self, OwedByDay, Sales, Standing},
        payments::{self, InCurrency},
        pursuit::{self, DisputesOfReason, PromisesOfMonth, Pursued},
        responses::{self, Responses},
    },
};
use crate::{
    cases::desk::Age,
    db::{By, Conn},
    parties,
    types::{Calendar, Currency, Money, MoneyError, OrgId, Rounding, clock::day_in, money::divide},
};

/// No report goes further back; the calendar of the law does not either.
const FIRST_DAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(2000, 1, 1);
/// How many months the count-back walks.
const MONTHS: u32 = 24;
/// Payments of so many days teach the forecast.
const LEARNT_FROM_DAYS: u64 = 365;
const YEAR_DAYS: u64 = 365;
/// Rows of causes: the costliest.
const MOST_ROWS: usize = 200;

/// The report of `creditor` as of the end of `on`, today unless said.
///
/// # Errors
/// A day to come, or one before reports begin.
pub async fn draw(
    conn: &mut Conn<'_>,
    by: &By,
    creditor: OrgId,
    report: ReportKind,
    on: Option<NaiveDate>,
) -> Result<Report, InsightError> {
    let calendar = Calendar::of(parties::find_organisation(conn, by, creditor).await?.country);
    let today = day_in(calendar.zone(), by.at);
    let (on, first) = (on.unwrap_or(today), FIRST_DAY.unwrap_or(today));
    if !(first..=today).contains(&on) {
        return Err(InsightError::Day { first, last: today });
    }
    let until = calendar.instant(next(on), 0);
    let year = (calendar.instant(next(days_before(on, YEAR_DAYS)), 0), until);
    let blocks = match report {
        ReportKind::Aging => aging(conn, creditor, on).await?,
        ReportKind::Dso => dso(conn, creditor, on).await?,
        ReportKind::Cei => cei(conn, creditor, on).await?,
        ReportKind::Promises => promises(conn, creditor, on, until).await?,
        ReportKind::Disputes => disputes(conn, creditor, year).await?,
        ReportKind::Causes => causes_of(&causes::by_salesperson(conn, creditor, year).await?, Grouping::AccountOwner)?,
        ReportKind::CustomerCauses => causes_of(&causes::by_customer(conn, creditor, year).await?, Grouping::Customer)?,
        ReportKind::Recovery => recovery(conn, creditor, on, until).await?,
        ReportKind::Responses => responses_of(&responses::responses(conn, creditor, year).await?)?,
        ReportKind::CustomersKept => customers_kept(conn, creditor, on).await?,
        ReportKind::Forecast => forecasts(conn, creditor, on).await?,
        ReportKind::Provisions => set_aside(conn, creditor, on).await?,
    };
    Ok(Report { report, on, blocks })
}

const fn figure(measure: Measure, value: Option<Value>) -> Figure {
    Figure { measure, value }
}

fn money(minor: i64, currency: Currency) -> Option<Value> {
    Some(Money::new(minor, currency).into())
}

fn days(hundredths: Option<i64>) -> Option<Value> {
    hundredths.map(|hundredths| Value::Days { hundredths })
}

const fn count(count: i64) -> Option<Value> {
    Some(Value::Count { count })
}

const fn keyed(key: Key, values: Vec<Option<Value>>) -> Row {
    Row { group: None, key, values }
}

fn sum(amounts: impl Iterator<Item = i64>) -> Result<i64, MoneyError> {
    amounts.into_iter().try_fold(0_i64, i64::checked_add).ok_or(MoneyError::Overflow)
}

/// The currencies that rows are in, each once, by code.
fn currencies(of: impl Iterator<Item = Currency>) -> Vec<Currency> {
    let mut all: Vec<Currency> = of.collect();
    all.sort_by_key(|currency| currency.code());
    all.dedup();
    all
}

fn of_currency(numbers: &[InCurrency], currency: Currency) -> Option<i64> {
    numbers.iter().find(|one| one.currency == currency).map(|one| one.number)
}

/// What is owed at each age.
fn by_age(owed: &[OwedByDay], currency: Currency, on: NaiveDate) -> Result<Vec<(Age, i64)>, MoneyError> {
    let at = |one: &&OwedByDay, age: Age| {
        one.currency == currency && Age::after(on.signed_duration_since(one.due_on).num_days()) == age
    };
    Age::ALL.iter().map(|age| Ok((*age, sum(owed.iter().filter(|one| at(one, *age)).map(|one| one.minor))?))).collect()
}

async fn aging(conn: &mut Conn<'_>, creditor: OrgId, on: NaiveDate) -> Result<Vec<Block>, InsightError> {
    let owed = owed::owed(conn, creditor, on).await?;
    let blocks = currencies(owed.iter().map(|one| one.currency)).into_iter().map(|currency| aged(&owed, currency, on));
    Ok(blocks.collect::<Result<_, _>>()?)
}

fn aged(owed: &[OwedByDay], currency: Currency, on: NaiveDate) -> Result<Block, MoneyError> {
    let ages = by_age(owed, currency, on)?;
    let open = sum(ages.iter().map(|(_, minor)| *minor))?;
    let of = |wanted: &[Age]| sum(ages.iter().filter(|(age, _)| wanted.contains(age)).map(|(_, minor)| *minor));
    let row = |(age, minor): &(Age, i64)| Ok(keyed(Key::Age(*age), vec![money(*minor, currency), share_of(*minor, open)?]));
    Ok(Block {
        currency,
        figures: vec![
            figure(Measure::Open, money(open, currency)),
            figure(Measure::Overdue, money(open.saturating_sub(of(&[Age::NotDue])?), currency)),
            figure(Measure::OverNinetyShare, share_of(of(&[Age::UpTo180, Age::Over180])?, open)?),
        ],
        grouped_by: None,
        keyed_by: KeyKind::Age,
        columns: vec![Measure::Open, Measure::ShareOfOpen],
        rows: ages.iter().map(row).collect::<Result<_, MoneyError>>()?,
    })
}

/// What was owed at four month ends, the latest first, and what was invoiced in the months between and before.
struct Quarter {
    ends: Vec<NaiveDate>,
    standings: Vec<Standing>,
    sales: Vec<Sales>,
}

impl Quarter {
    async fn before(conn: &mut Conn<'_>, creditor: OrgId, on: NaiveDate) -> Result<Self, InsightError> {
        let ends = month_ends(on, MONTHS);
        let firsts = |of: &[NaiveDate]| of.iter().rev().map(|end| next(*end)).collect::<Vec<_>>();
        let standings = owed::standings(conn, creditor, firsts(ends.get(..4).unwrap_or_default())).await?;
        let sales = owed::sales(conn, creditor, firsts(ends.get(1..).unwrap_or_default()), on).await?;
        Ok(Self { ends, standings, sales })
    }

    fn currencies(&self) -> Vec<Currency> {
        currencies(self.standings.iter().map(|one| one.currency).chain(self.sales.iter().map(|one| one.currency)))
    }

    /// All that was owed at the end of the month that lies `back` months back, and what of it was not due.
    fn owed(&self, currency: Currency, back: i32) -> Result<(i64, i64), MoneyError> {
        let place = 3 - back;
        let then = || self.standings.iter().filter(move |one| one.currency == currency && one.is_owed(place));
        let total = sum(then().map(|one| one.minor))?;
        Ok((total, sum(then().filter(|one| one.is_early(place)).map(|one| one.minor))?))
    }

    /// What was invoiced in each month, the latest first, and the month's days.
    fn months(&self, currency: Currency) -> Vec<MonthOfSales> {
        let sold = |place: i32| self.sales.iter().find(|one| one.currency == currency && one.place == place);
        let latest = i32::try_from(MONTHS).unwrap_or(i32::MAX);
        let months = self.ends.iter().zip(self.ends.iter().skip(1)).zip(0_i32..);
        months
            .map(|((end, before), back)| {
                let minor = sold(latest - back).map_or(0, |one| one.minor);
                (minor, end.signed_duration_since(*before).num_days())
            })
            .collect()
    }
}

async fn dso(conn: &mut Conn<'_>, creditor: OrgId, on: NaiveDate) -> Result<Vec<Block>, InsightError> {
    let quarter = Quarter::before(conn, creditor, on).await?;
    let began = quarter.ends.get(3).copied().unwrap_or(on);
    let late = payments::days_late(conn, creditor, (began, on)).await?;
    let block = |currency| outstanding(&quarter, currency, of_currency(&late, currency));
    Ok(quarter.currencies().into_iter().map(block).collect::<Result<_, _>>()?)
}

fn outstanding(quarter: &Quarter, currency: Currency, late: Option<i64>) -> Result<Block, MoneyError> {
    let months = quarter.months(currency);
    let latest = months.get(..3).unwrap_or(&months);
    let (sales, length) = (sum(latest.iter().map(|(sold, _)| *sold))?, sum(latest.iter().map(|(_, length)| *length))?);
    let ends = [quarter.owed(currency, 2)?, quarter.owed(currency, 1)?, quarter.owed(currency, 0)?];
    let (total, _) = quarter.owed(currency, 0)?;
    let dso = formulas::dso(ends.map(|(total, _)| total), sales)?;
    let best = formulas::dso(ends.map(|(_, not_due)| not_due), sales)?;
    let row = |((owed, (sold, _)), end): ((&(i64, i64), &MonthOfSales), &NaiveDate)| {
        keyed(Key::Day(*end), vec![money(owed.0, currency), money(owed.1, currency), money(*sold, currency)])
    };
    Ok(Block {
        currency,
        figures: vec![
            figure(Measure::DsoSimple, days(formulas::simple_dso(total, sales, length)?)),
            figure(Measure::Dso, days(dso)),
            figure(Measure::DsoCountBack, days(formulas::count_back(total, &months)?)),
            figure(Measure::BestPossibleDso, days(best)),
            figure(Measure::AverageDaysDelinquent, days(dso.zip(best).map(|(dso, best)| dso.saturating_sub(best)))),
            figure(Measure::DaysLatePaid, days(late)),
        ],
        grouped_by: None,
        keyed_by: KeyKind::Month,
        columns: vec![Measure::Receivables, Measure::NotDue, Measure::CreditSales],
        rows: ends.iter().zip(latest.iter().rev()).zip(quarter.ends.iter().take(3).rev()).map(row).collect(),
    })
}

async fn cei(conn: &mut Conn<'_>, creditor: OrgId, on: NaiveDate) -> Result<Vec<Block>, InsightError> {
    let quarter = Quarter::before(conn, creditor, on).await?;
    let blocks = quarter.currencies().into_iter().map(|currency| effectiveness(&quarter, currency));
    Ok(blocks.collect::<Result<_, _>>()?)
}

fn effectiveness(quarter: &Quarter, currency: Currency) -> Result<Block, MoneyError> {
    let share = |bp: Option<i64>| bp.map(|bp| Value::Share { bp });
    let months = quarter.months(currency);
    let ((before, _), (total, not_due)) = (quarter.owed(currency, 3)?, quarter.owed(currency, 0)?);
    let sales = sum(months.iter().take(3).map(|(sold, _)| *sold))?;
    let month = |((end, (sold, _)), back): ((&NaiveDate, &MonthOfSales), i32)| {
        let ((before, _), (total, not_due)) = (quarter.owed(currency, back + 1)?, quarter.owed(currency, back)?);
        let cei = formulas::cei(before, sold.saturating_mul(3), total, not_due)?;
        let amounts = [before, *sold, total, not_due].map(|minor| money(minor, currency));
        Ok(keyed(Key::Day(*end), amounts.into_iter().chain([share(cei)]).collect()))
    };
    let rows: Result<Vec<Row>, MoneyError> = quarter.ends.iter().take(3).zip(&months).zip(0_i32..).map(month).collect();
    Ok(Block {
        currency,
        figures: vec![
            figure(Measure::Cei, share(formulas::cei(before, sales, total, not_due)?)),
            figure(Measure::ReceivablesBefore, money(before, currency)),
            figure(Measure::CreditSales, money(sales, currency)),
            figure(Measure::Receivables, money(total, currency)),
            figure(Measure::NotDue, money(not_due, currency)),
        ],
        grouped_by: None,
        keyed_by: KeyKind::Month,
        columns: vec![Measure::ReceivablesBefore, Measure::CreditSales, Measure::Receivables, Measure::NotDue, Measure::Cei],
        rows: rows?.into_iter().rev().collect(),
    })
}

async fn promises(conn: &mut Conn<'_>, creditor: OrgId, on: NaiveDate, until: DateTime<Utc>) -> Result<Vec<Block>, InsightError> {
    let all = pursuit::promises(conn, creditor, (days_before(on, YEAR_DAYS), on), until).await?;
    let blocks = all.chunk_by(|one, other| one.currency == other.currency).map(promised);
    Ok(blocks.collect::<Result<_, _>>()?)
}

fn promised(months: &[PromisesOfMonth]) -> Result<Block, MoneyError> {
    let currency = months.first().map_or(Currency::EUR, |month| month.currency);
    let total = |of: fn(&PromisesOfMonth) -> i64| sum(months.iter().map(of));
    let judged = total(|month| month.kept.saturating_add(month.broken))?;
    let judged_minor = total(|month| month.kept_minor.saturating_add(month.broken_minor))?;
    let row = |month: &PromisesOfMonth| {
        let kept = share_of(month.kept, month.kept.saturating_add(month.broken))?;
        let values =
            vec![count(month.promises), money(month.promised_minor, currency), count(month.kept), count(month.broken), kept];
        Ok(keyed(Key::Day(last_of_month(month.month)), values))
    };
    Ok(Block {
        currency,
        figures: vec![
            figure(Measure::KeptShare, share_of(total(|month| month.kept)?, judged)?),
            figure(Measure::KeptAmountShare, share_of(total(|month| month.kept_minor)?, judged_minor)?),
        ],
        grouped_by: None,
        keyed_by: KeyKind::Month,
        columns: vec![Measure::PromisesDue, Measure::Promised, Measure::Kept, Measure::Broken, Measure::KeptShare],
        rows: months.iter().map(row).collect::<Result<_, MoneyError>>()?,
    })
}

/// The mean of a sum in hundredths of days.
fn mean_days(hundredths: i64, of: i64) -> Result<Option<Value>, MoneyError> {
    if of <= 0 {
        return Ok(None);
    }
    Ok(days(Some(divide(hundredths.into(), of.into(), Rounding::HalfUp)?)))
}

async fn disputes(
    conn: &mut Conn<'_>,
    creditor: OrgId,
    within: (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Block>, InsightError> {
    let all = pursuit::disputes(conn, creditor, within).await?;
    let blocks = all.chunk_by(|one, other| one.currency == other.currency).map(disputed);
    Ok(blocks.collect::<Result<_, _>>()?)
}

fn disputed(reasons: &[DisputesOfReason]) -> Result<Block, MoneyError> {
    let currency = reasons.first().map_or(Currency::EUR, |one| one.currency);
    let total = |of: fn(&DisputesOfReason) -> i64| sum(reasons.iter().map(of));
    let row = |one: &DisputesOfReason| {
        let values = vec![
            count(one.open),
            money(one.open_minor, currency),
            count(one.resolved),
            mean_days(one.resolved_days, one.resolved)?,
            count(one.found_right),
            money(one.conceded_minor, currency),
        ];
        Ok(keyed(Key::Reason(one.reason), values))
    };
    Ok(Block {
        currency,
        figures: vec![
            figure(Measure::DisputesOpen, count(total(|one| one.open)?)),
            figure(Measure::DisputedOpen, money(total(|one| one.open_minor)?, currency)),
            figure(Measure::DisputeDays, mean_days(total(|one| one.resolved_days)?, total(|one| one.resolved)?)?),
        ],
        grouped_by: None,
        keyed_by: KeyKind::DisputeReason,
        columns: vec![
            Measure::DisputesOpen,
            Measure::DisputedOpen,
            Measure::DisputesResolved,
            Measure::DisputeDays,
            Measure::FoundRight,
            Measure::Conceded,
        ],
        rows: reasons.iter().map(row).collect::<Result<_, MoneyError>>()?,
    })
}

fn causes_of(all: &[CasesOfCause], grouped_by: Grouping) -> Result<Vec<Block>, MoneyError> {
    all.chunk_by(|one, other| one.currency == other.currency).map(|all| caused(all, grouped_by)).collect()
}

fn caused(all: &[CasesOfCause], grouped_by: Grouping) -> Result<Block, MoneyError> {
    let currency = all.first().map_or(Currency::EUR, |one| one.currency);
    let affected = sum(all.iter().map(|one| one.principal_minor))?;
    let disputed = sum(all.iter().filter(|one| one.cause.is_objection()).map(|one| one.principal_minor))?;
    let row = |one: &CasesOfCause| {
        let values = vec![
            count(one.cases),
            money(one.principal_minor, currency),
            mean_days(one.days_late.saturating_mul(100), one.cases)?,
            money(one.conceded_minor, currency),
        ];
        Ok(Row { group: one.of.clone(), key: Key::Cause(one.cause), values })
    };
    Ok(Block {
        currency,
        figures: vec![
            figure(Measure::Cases, count(sum(all.iter().map(|one| one.cases))?)),
            figure(Measure::Affected, money(affected, currency)),
            figure(Measure::DisputedShare, share_of(disputed, affected)?),
            figure(Measure::Conceded, money(sum(all.iter().map(|one| one.conceded_minor))?, currency)),
        ],
        grouped_by: Some(grouped_by),
        keyed_by: KeyKind::Cause,
        columns: vec![Measure::Cases, Measure::Affected, Measure::DaysLate, Measure::Conceded],
        rows: all.iter().take(MOST_ROWS).map(row).collect::<Result<_, MoneyError>>()?,
    })
}

fn responses_of(all: &[Responses]) -> Result<Vec<Block>, MoneyError> {
    all.chunk_by(|one, other| one.currency == other.currency).map(responded).collect()
}

fn responded(all: &[Responses]) -> Result<Block, MoneyError> {
    let total = |of: fn(&Responses) -> i64| sum(all.iter().map(of));
    let (sent, answered, paid) = (total(|one| one.sent)?, total(|one| one.answered)?, total(|one| one.paid)?);
    let share = |bp| Some(Value::Share { bp });
    let row = |one: &Responses| {
        let (low, high) = formulas::wilson(one.paid, one.sent)?;
        Ok(Row {
            group: Some(format!("{} v{}", one.strategy, one.version)),
            key: Key::Message { channel: one.channel, template: one.template.clone(), tone: one.tone },
            values: vec![
                count(one.sent),
                share_of(one.answered, one.sent)?,
                share_of(one.paid, one.sent)?,
                share(low),
                share(high),
            ],
        })
    };
    Ok(Block {
        currency: all.first().map_or(Currency::EUR, |one| one.currency),
        figures: vec![
            figure(Measure::Sent, count(sent)),
            figure(Measure::AnsweredShare, share_of(answered, sent)?),
            figure(Measure::PaidShare, share_of(paid, sent)?),
        ],
        grouped_by: Some(Grouping::Strategy),
        keyed_by: KeyKind::Message,
        columns: vec![Measure::Sent, Measure::AnsweredShare, Measure::PaidShare, Measure::PaidLow, Measure::PaidHigh],
        rows: all.iter().map(row).collect::<Result<_, MoneyError>>()?,
    })
}

async fn recovery(conn: &mut Conn<'_>, creditor: OrgId, on: NaiveDate, until: DateTime<Utc>) -> Result<Vec<Block>, InsightError> {
    let all = pursuit::pursued(conn, creditor, on, until).await?;
    let blocks = all.chunk_by(|one, other| one.currency == other.currency).map(recovered);
    Ok(blocks.collect::<Result<_, _>>()?)
}

fn recovered(pursued: &[Pursued]) -> Result<Block, MoneyError> {
    let currency = pursued.first().map_or(Currency::EUR, |one| one.currency);
    // A case that an agency held is one of the creditor's too: it is placed once, and both bring what they bring.
    let placed = sum(pursued.iter().filter(|one| one.pursuer.is_none()).map(|one| one.placed_minor))?;
    let (brought, fees) = (sum(pursued.iter().map(|one| one.recovered_minor))?, sum(pursued.iter().map(|one| one.fees_minor))?);
    let mut rows = Vec::new();
    for one in pursued.chunk_by(|one, other| one.pursuer == other.pursuer) {
        for age in Age::ALL {
            rows.extend(of_age(one, *age, currency)?);
        }
    }
    Ok(Block {
        currency,
        figures: vec![
            figure(Measure::Placed, money(placed, currency)),
            figure(Measure::Recovered, money(brought, currency)),
            figure(Measure::RecoveryRate, share_of(brought, placed)?),
            figure(Measure::Fees, money(fees, currency)),
            figure(Measure::CostShare, share_of(fees, brought)?),
        ],
        grouped_by: Some(Grouping::Pursuer),
        keyed_by: KeyKind::Age,
        columns: vec![
            Measure::Cases,
            Measure::Placed,
            Measure::Recovered,
            Measure::RecoveryRate,
            Measure::Fees,
            Measure::CostShare,
        ],
        rows,
    })
}

/// One pursuer's cases that were of an age when it took them up; nothing where there were none.
fn of_age(pursued: &[Pursued], age: Age, currency: Currency) -> Result<Option<Row>, MoneyError> {
    let of_it: Vec<&Pursued> = pursued.iter().filter(|one| Age::after(one.days_late.into()) == age).collect();
    let Some(first) = of_it.first() else { return Ok(None) };
    let total = |of: fn(&Pursued) -> i64| sum(of_it.iter().map(|one| of(one)));
    let (placed, brought, fees) =
        (total(|one| one.placed_minor)?, total(|one| one.recovered_minor)?, total(|one| one.fees_minor)?);
    let values = vec![
        count(total(|one| one.cases)?),
        money(placed, currency),
        money(brought, currency),
        share_of(brought, placed)?,
        money(fees, currency),
        share_of(fees, brought)?,
    ];
    Ok(Some(Row { group: first.pursuer.clone(), key: Key::Age(age), values }))
}

async fn customers_kept(conn: &mut Conn<'_>, creditor: OrgId, on: NaiveDate) -> Result<Vec<Block>, InsightError> {
    let all = kept::kept(conn, creditor, on).await?;
    let blocks = all.chunk_by(|one, other| one.currency == other.currency).map(kept_beside_others);
    Ok(blocks.collect::<Result<_, _>>()?)
}

fn kept_beside_others(all: &[Kept]) -> Result<Block, MoneyError> {
    let (with_case, others): (Vec<&Kept>, Vec<&Kept>) = all.iter().partition(|one| one.had_case);
    let half_year =
        |of: &[&Kept]| share_of(sum(of.iter().map(|one| one.kept_half_year))?, sum(of.iter().map(|one| one.half_year))?);
    let year = |of: &[&Kept]| share_of(sum(of.iter().map(|one| one.kept_year))?, sum(of.iter().map(|one| one.year))?);
    let row = |one: &&Kept| {
        let values = vec![count(one.half_year), half_year(&[*one])?, count(one.year), year(&[*one])?];
        Ok(Row { group: one.pursuer.clone(), key: Key::Strategy(one.strategy.clone()), values })
    };
    Ok(Block {
        currency: all.first().map_or(Currency::EUR, |one| one.currency),
        figures: vec![
            figure(Measure::KeptHalfYear, half_year(&with_case)?),
            figure(Measure::OthersKeptHalfYear, half_year(&others)?),
            figure(Measure::KeptYear, year(&with_case)?),
            figure(Measure::OthersKeptYear, year(&others)?),
        ],
        grouped_by: Some(Grouping::Pursuer),
        keyed_by: KeyKind::Strategy,
        columns: vec![Measure::CustomersHalfYear, Measure::KeptHalfYear, Measure::CustomersYear, Measure::KeptYear],
        rows: with_case.iter().map(row).collect::<Result<_, MoneyError>>()?,
    })
}

/// What is owed on a day and what payments until then teach, by currency.
struct Outlook {
    owed: Vec<OwedByDay>,
    paid: Vec<payments::PaidAfter>,
    on: NaiveDate,
}

impl Outlook {
    async fn on(conn: &mut Conn<'_>, creditor: OrgId, on: NaiveDate) -> Result<Self, InsightError> {
        let owed = owed::owed(conn, creditor, on).await?;
        let paid = payments::paid_after(conn, creditor, days_before(on, LEARNT_FROM_DAYS), on).await?;
        Ok(Self { owed, paid, on })
    }

    fn payments(&self, currency: Currency) -> i64 {
        self.paid.iter().filter(|one| one.currency == currency).map(|one| one.payments).fold(0, i64::saturating_add)
    }

    fn weeks(&self, currency: Currency) -> Vec<ForecastWeek> {
        let owed: Vec<&OwedByDay> = self.owed.iter().filter(|one| one.currency == currency).collect();
        let paid: Vec<AtWeek> =
            self.paid.iter().filter(|one| one.currency == currency).map(|one| (i64::from(one.week), one.minor)).collect();
        let late = |due_on: NaiveDate| self.on.signed_duration_since(due_on).num_days();
        let learnt_from = days_before(self.on, LEARNT_FROM_DAYS);
        let unpaid: Vec<AtWeek> = owed
            .iter()
            .filter(|one| one.due_on > learnt_from)
            .map(|one| (late(one.due_on).div_euclid(7), one.minor.max(0)))
            .collect();
        let rates = PaymentRates::learn(&paid, &unpaid, self.payments(currency));
        let due: Vec<Due> = owed.iter().map(|one| Due { due_on: one.due_on, minor: one.minor, root: one.root }).collect();
        forecast(self.on, &due, &rates)
    }
}

fn all_weeks(weeks: &[ForecastWeek]) -> Result<i64, MoneyError> {
    sum(weeks.iter().map(|week| week.expected))
}

async fn forecasts(conn: &mut Conn<'_>, creditor: OrgId, on: NaiveDate) -> Result<Vec<Block>, InsightError> {
    let horizon = u64::try_from(WEEKS * 7).unwrap_or(0);
    let then = days_before(on, horizon);
    let now = Outlook::on(conn, creditor, on).await?;
    let before = Outlook::on(conn, creditor, then).await?;
    let came = payments::received(conn, creditor, (then, days_after(then, horizon))).await?;
    let block = |currency| expected(&now, &before, &came, currency);
    Ok(currencies(now.owed.iter().map(|one| one.currency)).into_iter().map(block).collect::<Result<_, _>>()?)
}

fn expected(now: &Outlook, before: &Outlook, came: &[InCurrency], currency: Currency) -> Result<Block, MoneyError> {
    let open = sum(now.owed.iter().filter(|one| one.currency == currency).map(|one| one.minor))?;
    let weeks = now.weeks(currency);
    let (soon, then) = (all_weeks(&weeks)?, all_weeks(&before.weeks(currency))?);
    let missed = of_currency(came, currency).unwrap_or(0).saturating_sub(then);
    let row = |week: ForecastWeek| {
        keyed(Key::Day(week.from), [week.expected, week.low, week.high].map(|minor| money(minor, currency)).into())
    };
    Ok(Block {
        currency,
        figures: vec![
            figure(Measure::Open, money(open, currency)),
            figure(Measure::Expected, money(soon, currency)),
            figure(Measure::LaterOrNever, money(open.saturating_sub(soon), currency)),
            figure(Measure::PaymentsSeen, count(now.payments(currency))),
            figure(Measure::PastError, share_of(missed, then)?),
        ],
        grouped_by: None,
        keyed_by: KeyKind::Week,
        columns: vec![Measure::Expected, Measure::Low, Measure::High],
        rows: weeks.into_iter().map(row).collect(),
    })
}

async fn set_aside(conn: &mut Conn<'_>, creditor: OrgId, on: NaiveDate) -> Result<Vec<Block>, InsightError> {
    let policy = provisions::find(conn, creditor).await?;
    let owed = owed::owed(conn, creditor, on).await?;
    let block = |currency| {
        let ages = by_age(&owed, currency, on)?;
        let row = |(age, minor): &(Age, i64)| {
            let provision = policy.provision(*age, Money::new(*minor, currency))?;
            let share = Value::Share { bp: policy.share(*age).0.into() };
            Ok((provision.minor, keyed(Key::Age(*age), vec![money(*minor, currency), Some(share), Some(provision.into())])))
        };
        let rows: Vec<(i64, Row)> = ages.iter().map(row).collect::<Result<_, MoneyError>>()?;
        let open = sum(ages.iter().map(|(_, minor)| *minor))?;
        let all = sum(rows.iter().map(|(minor, _)| *minor))?;
        Ok::<_, MoneyError>(Block {
            currency,
            figures: vec![figure(Measure::Open, money(open, currency)), figure(Measure::Provision, money(all, currency))],
            grouped_by: None,
            keyed_by: KeyKind::Age,
            columns: vec![Measure::Open, Measure::ProvisionShare, Measure::Provision],
            rows: rows.into_iter().map(|(_, row)| row).collect(),
        })
    };
    Ok(currencies(owed.iter().map(|one| one.currency)).into_iter().map(block).collect::<Result<_, _>>()?)
}
