//! A creditor's first page: what needs somebody first, then the sums, then how old what is open is.

use std::collections::HashMap;

use actix_web::HttpResponse;
use askama::Template;

use super::{Refused, Shell, visitor::Visitor};
use crate::{
    app::App,
    cases::{
        self, Phase,
        desk::{Age, CaseLine, OpenDispute, Standing},
    },
    http::{Cursor, PageQuery, Problem},
    market::{
        self,
        desk::{Deciding, ToSign},
    },
    payments::{self, Payment, PaymentStatus, Wanted},
    recovery::{self, desk::Work},
    types::{CaseId, Currency, Money, clock::day_in},
};

/// Of each kind of work, no more: the rest comes up when these are done.
pub const AT_MOST: i64 = 20;

#[derive(Template)]
#[template(path = "portal/overview.html")]
struct OverviewPage<'a> {
    shell: &'a Shell,
    deciding: Vec<Deciding>,
    to_sign: Vec<ToSign>,
    to_answer: Vec<ToAnswer>,
    disputes: Vec<OpenDispute>,
    work: Vec<Work>,
    sums: Vec<Sums>,
}

impl OverviewPage<'_> {
    fn nothing_waits(&self) -> bool {
        self.deciding.is_empty()
            && self.to_sign.is_empty()
            && self.to_answer.is_empty()
            && self.disputes.is_empty()
            && self.work.is_empty()
    }
}

/// A payment that one's own side has not answered, with its case as far as one still sees it.
pub struct ToAnswer {
    pub payment: Payment,
    pub case: Option<CaseLine>,
}

/// # Errors
/// The database fails.
pub async fn show(app: &App, visitor: &Visitor) -> Result<HttpResponse, Problem> {
    let by = visitor.by_now();
    let shell = visitor.shell("portal.overview.title", Refused::nothing());
    let on = day_in(visitor.country.time_zone(), by.at);
    let page = app.db.transaction(by.scope, async |conn| {
        Ok::<_, Problem>(OverviewPage {
            shell: &shell,
            deciding: market::desk::to_decide(conn, &by, AT_MOST).await?,
            to_sign: market::desk::to_sign(conn, &by, AT_MOST).await?,
            to_answer: to_answer(conn, &by, visitor).await?,
            disputes: cases::desk::open_disputes(conn, &by, AT_MOST).await?,
            work: recovery::desk::work(conn, &by, AT_MOST).await?,
            sums: sums(&cases::desk::portfolio(conn, &by, on).await?),
        })
    });
    visitor.show(&shell, &page.await?)
}

/// The first of a list.
///
/// # Errors
/// None for a number of rows that a page may have.
pub fn first(rows: i64) -> Result<Cursor, Problem> {
    PageQuery { limit: Some(rows), cursor: None }.cursor()
}

/// Payments that the other side declared and `visitor`'s has not answered.
///
/// # Errors
/// The database fails.
pub async fn to_answer(conn: &mut crate::db::Conn<'_>, by: &crate::db::By, visitor: &Visitor) -> Result<Vec<ToAnswer>, Problem> {
    let wanted = Wanted { case: None, status: Some(PaymentStatus::Declared) };
    let declared = payments::list(conn, by, wanted, first(200)?).await?;
    let mine: Vec<Payment> = declared.into_iter().filter(|payment| payment.answering() == Some(visitor.org)).collect();
    let ids: Vec<CaseId> = mine.iter().map(|payment| payment.case).collect();
    let mut lines: HashMap<CaseId, CaseLine> = cases::desk::lines_of(conn, by, &ids).await?;
    Ok(mine.into_iter().map(|payment| ToAnswer { case: lines.remove(&payment.case), payment }).collect())
}

/// A portfolio in one currency.
#[derive(Debug, PartialEq, Eq)]
pub struct Sums {
    pub currency: Currency,
    /// Principal that is still owed on open cases.
    pub open: Money,
    pub in_house: Money,
    pub on_market: Money,
    pub with_agencies: Money,
    /// What has come in, on open and closed cases.
    pub recovered: Money,
    pub open_cases: i64,
    pub closed_cases: i64,
    pub ages: Vec<Aged>,
}

/// Open principal of one age.
#[derive(Debug, PartialEq, Eq)]
pub struct Aged {
    pub age: Age,
    pub cases: i64,
    pub open: Money,
    /// Of the largest of its currency, in percent: the length of its bar.
    pub bar: i64,
}

impl Sums {
    const fn empty(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            currency,
            open: zero,
            in_house: zero,
            on_market: zero,
            with_agencies: zero,
            recovered: zero,
            open_cases: 0,
            closed_cases: 0,
            ages: Vec::new(),
        }
    }

    const fn add(&mut self, standing: &Standing) {
        let open = standing.open_minor;
        self.recovered.minor = self.recovered.minor.saturating_add(standing.recovered_minor);
        let part = match standing.phase {
            Phase::Draft | Phase::InHouse => &mut self.in_house,
            Phase::Listed | Phase::Awarded => &mut self.on_market,
            Phase::Active => &mut self.with_agencies,
            Phase::Closed => {
                self.closed_cases += standing.cases;
                return;
            }
        };
        part.minor = part.minor.saturating_add(open);
        self.open.minor = self.open.minor.saturating_add(open);
        self.open_cases += standing.cases;
    }
}

/// The sums of each currency, in the order in which the standings come.
#[must_use]
pub fn sums(standings: &[Standing]) -> Vec<Sums> {
    let mut all: Vec<Sums> = Vec::new();
    for standing in standings {
        if all.last().is_none_or(|last| last.currency != standing.currency) {
            all.push(Sums::empty(standing.currency));
        }
        if let Some(last) = all.last_mut() {
            last.add(standing);
        }
    }
    for one in &mut all {
        one.ages = ages(one.currency, standings);
    }
    all
}

fn ages(currency: Currency, standings: &[Standing]) -> Vec<Aged> {
    let open: Vec<&Standing> = standings.iter().filter(|one| one.currency == currency && one.phase != Phase::Closed).collect();
    let of = |age: Age| open.iter().filter(move |one| one.age == age);
    let sum = |age: Age| of(age).fold(0_i64, |sum, one| sum.saturating_add(one.open_minor));
    let largest = Age::ALL.iter().map(|age| sum(*age)).max().unwrap_or(0).max(1);
    Age::ALL
        .iter()
        .map(|age| {
            let minor = sum(*age);
            let bar = i64::try_from(i128::from(minor) * 100 / i128::from(largest)).unwrap_or(0).clamp(0, 100);
            Aged { age: *age, cases: of(*age).map(|one| one.cases).sum(), open: Money::new(minor, currency), bar }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(phase: Phase, currency: Currency, age: Age, open_minor: i64, recovered_minor: i64) -> Standing {
        Standing { phase, currency, age, cases: 1, open_minor, recovered_minor }
    }

    #[test]
    fn currencies_stay_apart_and_the_parts_sum_to_what_is_open() {
        let all = sums(&[
            standing(Phase::Closed, Currency::EUR, Age::Over180, 0, 70),
            standing(Phase::InHouse, Currency::EUR, Age::UpTo30, 100, 5),
            standing(Phase::Listed, Currency::EUR, Age::UpTo90, 20, 0),
            standing(Phase::Active, Currency::EUR, Age::UpTo30, 300, 25),
            standing(Phase::Draft, Currency::GBP, Age::NotDue, 9, 0),
        ]);
        let [eur, gbp] = all.as_slice() else { panic!("two currencies: {all:?}") };
        assert_eq!((eur.open.minor, eur.in_house.minor, eur.on_market.minor, eur.with_agencies.minor), (420, 100, 20, 300));
        assert_eq!((eur.recovered.minor, eur.open_cases, eur.closed_cases), (100, 3, 1));
        assert_eq!(eur.ages.iter().map(|aged| aged.open.minor).sum::<i64>(), eur.open.minor);
        assert_eq!(
            eur.ages.iter().map(|aged| (aged.cases, aged.bar)).collect::<Vec<_>>(),
            [(0, 0), (2, 100), (0, 0), (1, 5), (0, 0), (0, 0)]
        );
        assert_eq!((gbp.open.minor, gbp.open_cases), (9, 1));
    }

    #[test]
    fn nothing_has_no_sums() {
        assert_eq!(sums(&[]), []);
    }
}
