//! Which lists there are, whose they are, and what stands in their columns.

use chrono::NaiveDate;

use super::{Cell, Rows};
use crate::{
    app::App,
    cases::{
        self, Phase,
        desk::{Search, Sort},
    },
    http::{PageQuery, Problem},
    insight::{self, Block, Measure, ReportKind, Value},
    market::{self, Criteria},
    parties::{OrgKind, Permission},
    payments::{self, PaymentStatus},
    portal::{Shell, Visitor, market::criteria, team},
    receivables,
    recovery::work::{self, Whose, WorkList},
    types::{Calendar, CaseId, DebtorId, clock::day_in},
};

/// Rows of a page on their way into a file.
const ROWS: i64 = 200;
/// A work list is for people: no longer one is worked through.
const WORK_AT_MOST: i64 = 10_000;

/// A list with its filter.
pub enum List {
    Cases {
        phase: Option<Phase>,
        text: String,
        sort: Sort,
    },
    Customers,
    /// That nobody pursues yet, as on their page; or all.
    Invoices {
        unassigned: bool,
    },
    Payments {
        status: Option<PaymentStatus>,
    },
    Work {
        list: WorkList,
        whose: Whose,
    },
    Market(Box<Criteria>),
    /// A report of a day, today unless said.
    Report {
        kind: ReportKind,
        on: Option<NaiveDate>,
    },
}

impl List {
    /// # Errors
    /// There is none of this name for this reader.
    pub fn read(name: &str, visitor: &Visitor, query: &[(String, String)]) -> Result<Self, Problem> {
        visitor.may(Permission::Read)?;
        let said = |wanted: &str| query.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value.trim());
        match (name, visitor.kind) {
            ("cases", _) => Ok(Self::Cases {
                phase: said("phase").parse().ok(),
                text: said("q").to_owned(),
                sort: said("sort").parse().unwrap_or(Sort::Newest),
            }),
            ("payments", _) => Ok(Self::Payments { status: said("status").parse().ok() }),
            ("customers", OrgKind::Creditor) => Ok(Self::Customers),
            ("invoices", OrgKind::Creditor) => Ok(Self::Invoices { unassigned: said("all").is_empty() }),
            ("work", OrgKind::Creditor | OrgKind::Agency) => {
                let (list, whose) = team::wanted(Some(said("list")), Some(said("whose")), visitor);
                Ok(Self::Work { list, whose })
            }
            ("report", OrgKind::Creditor) => {
                Ok(Self::Report { kind: said("report").parse().map_err(|_| Problem::not_found())?, on: said("on").parse().ok() })
            }
            ("market", OrgKind::Agency) => Ok(Self::Market(Box::new(criteria(query)))),
            _ => Err(Problem::not_found()),
        }
    }

    /// What stands above the columns.
    pub fn headings(&self, shell: &Shell) -> Vec<String> {
        let keys: &[&str] = match self {
            Self::Cases { .. } => &[
                "portal.exports.reference",
                "portal.cases.debtor",
                "portal.cases.phase",
                "portal.case.outcome",
                "portal.cases.agency",
                "portal.cases.due",
                "portal.cases.principal",
                "portal.cases.recovered",
                "portal.exports.currency",
            ],
            Self::Customers => &[
                "portal.case.name",
                "portal.case.number",
                "portal.case.kind",
                "portal.card.where",
                "portal.case.email",
                "portal.case.phone",
                "portal.exports.street",
                "portal.exports.postal_code",
                "portal.exports.city",
            ],
            Self::Invoices { .. } => &[
                "portal.cases.debtor",
                "portal.invoices.number",
                "portal.invoices.issued",
                "portal.invoices.due",
                "portal.invoices.principal",
                "portal.invoices.open",
                "portal.exports.currency",
            ],
            Self::Payments { .. } => &[
                "portal.payments.received",
                "portal.payments.case",
                "portal.cases.debtor",
                "portal.payments.route",
                "portal.payments.status",
                "portal.payments.reference",
                "portal.payments.amount",
                "portal.exports.currency",
            ],
            Self::Work { .. } => &[
                "portal.work.due",
                "portal.cases.debtor",
                "portal.exports.reference",
                "portal.work.what",
                "portal.cases.principal",
                "portal.exports.currency",
            ],
            Self::Market(_) => &[
                "portal.card.who",
                "portal.card.where",
                "portal.card.amount",
                "portal.exports.currency",
                "portal.card.age",
                "portal.market.take_now",
                "portal.market.until",
            ],
            Self::Report { .. } => &[
                "portal.exports.currency",
                "portal.exports.row",
                "portal.exports.measure",
                "portal.exports.value",
                "portal.exports.unit",
            ],
        };
        keys.iter().map(|key| shell.say(key).to_owned()).collect()
    }

    /// # Errors
    /// The database fails.
    pub async fn rows(&self, app: &App, visitor: &Visitor, shell: &Shell, cursor: Option<String>) -> Result<Rows, Problem> {
        match self {
            Self::Cases { phase, text, sort } => {
                let search = Search { phase: *phase, text, sort: *sort, cursor: cursor.as_deref() };
                cases(app, visitor, shell, &search).await
            }
            Self::Customers => customers(app, visitor, shell, cursor).await,
            Self::Invoices { unassigned } => invoices(app, visitor, *unassigned, cursor).await,
            Self::Payments { status } => payments_of(app, visitor, shell, *status, cursor).await,
            Self::Work { list, whose } => work_of(app, visitor, shell, (*list, *whose)).await,
            Self::Market(criteria) => cards(app, visitor, shell, criteria, cursor).await,
            Self::Report { kind, on } => numbers_of(app, visitor, shell, *kind, *on).await,
        }
    }
}

async fn cases(app: &App, visitor: &Visitor, shell: &Shell, search: &Search<'_>) -> Result<Rows, Problem> {
    let by = visitor.by_now();
    let found = app.db.transaction(by.scope, async |conn| cases::desk::search(conn, &by, search).await).await?;
    let row = |case: cases::desk::CaseLine| {
        vec![
            Cell::of(&case.reference),
            Cell::of(&case.debtor),
            Cell::of(shell.word("phase", case.phase)),
            Cell::or_nothing(case.outcome.map(|outcome| shell.word("outcome", outcome))),
            Cell::or_nothing(case.agency.as_ref()),
            Cell::Day(case.oldest_due_on),
            Cell::Amount(case.principal()),
            Cell::Amount(case.recovered()),
            Cell::of(case.principal().currency),
        ]
    };
    Ok(Rows { rows: found.data.into_iter().map(row).collect(), next_cursor: found.next_cursor })
}

/// One row for each number, in a form that pivots; a figure stands for the whole report.
async fn numbers_of(
    app: &App,
    visitor: &Visitor,
    shell: &Shell,
    kind: ReportKind,
    on: Option<NaiveDate>,
) -> Result<Rows, Problem> {
    let by = visitor.by_now();
    let report = app.db.transaction(by.scope, async |conn| insight::draw(conn, &by, visitor.org, kind, on).await).await?;
    let number = |block: &Block, of: Cell, measure: Measure, value: Option<Value>| {
        let unit = value.map_or(Cell::Nothing, |value| Cell::of(shell.word("unit", value.unit())));
        let value = value.map_or(Cell::Nothing, |value| Cell::Number(value.decimal()));
        vec![Cell::of(block.currency), of, Cell::of(shell.word("measure", measure)), value, unit]
    };
    let mut rows = Vec::new();
    for block in &report.blocks {
        rows.extend(block.figures.iter().map(|figure| number(block, Cell::Nothing, figure.measure, figure.value)));
        for row in &block.rows {
            let label = block.label(row, shell.language);
            rows.extend(
                block.columns.iter().zip(&row.values).map(|(measure, value)| number(block, Cell::of(&label), *measure, *value)),
            );
        }
    }
    Ok(Rows { rows, next_cursor: None })
}

async fn customers(app: &App, visitor: &Visitor, shell: &Shell, cursor: Option<String>) -> Result<Rows, Problem> {
    let (by, cursor) = (visitor.by_now(), PageQuery { limit: Some(ROWS), cursor }.cursor()?);
    let found = app.db.transaction(by.scope, async |conn| receivables::list_debtors(conn, &by, cursor).await).await?;
    let page = cursor.page(found, |debtor| debtor.id.0);
    let row = |debtor: receivables::Debtor| {
        vec![
            Cell::of(&debtor.legal_name),
            Cell::or_nothing(debtor.tax_number.as_ref()),
            Cell::of(shell.word("debtor_kind", debtor.kind)),
            Cell::of(shell.word("country", debtor.country)),
            Cell::or_nothing(debtor.email.as_ref()),
            Cell::or_nothing(debtor.phone.as_ref()),
            Cell::or_nothing(debtor.street.as_ref()),
            Cell::or_nothing(debtor.postal_code.as_ref()),
            Cell::or_nothing(debtor.city.as_ref()),
        ]
    };
    Ok(Rows { rows: page.data.into_iter().map(row).collect(), next_cursor: page.next_cursor })
}

async fn invoices(app: &App, visitor: &Visitor, unassigned: bool, cursor: Option<String>) -> Result<Rows, Problem> {
    let (by, cursor) = (visitor.by_now(), PageQuery { limit: Some(ROWS), cursor }.cursor()?);
    let wanted = receivables::Wanted { unassigned, debtor: None };
    let (found, names) = app
        .db
        .transaction(by.scope, async |conn| {
            let found = receivables::list_receivables(conn, &by, wanted, cursor).await?;
            let ids: Vec<DebtorId> = found.iter().map(|invoice| invoice.debtor_id).collect();
            let names = receivables::debtor_names(conn, &by, &ids).await?;
            Ok::<_, Problem>((found, names))
        })
        .await?;
    let page = cursor.page(found, |invoice| invoice.id.0);
    let row = |invoice: receivables::Receivable| {
        vec![
            Cell::or_nothing(names.get(&invoice.debtor_id)),
            Cell::of(&invoice.number),
            Cell::Day(invoice.issued_on),
            Cell::Day(invoice.due_on),
            Cell::Amount(invoice.principal),
            Cell::Amount(invoice.open_principal()),
            Cell::of(invoice.principal.currency),
        ]
    };
    Ok(Rows { rows: page.data.into_iter().map(row).collect(), next_cursor: page.next_cursor })
}

async fn payments_of(
    app: &App,
    visitor: &Visitor,
    shell: &Shell,
    status: Option<PaymentStatus>,
    cursor: Option<String>,
) -> Result<Rows, Problem> {
    let (by, cursor) = (visitor.by_now(), PageQuery { limit: Some(ROWS), cursor }.cursor()?);
    let (found, lines) = app
        .db
        .transaction(by.scope, async |conn| {
            let found = payments::list(conn, &by, payments::Wanted { case: None, status }, cursor).await?;
            let ids: Vec<CaseId> = found.iter().map(|payment| payment.case).collect();
            let lines = cases::desk::lines_of(conn, &by, &ids).await?;
            Ok::<_, Problem>((found, lines))
        })
        .await?;
    let page = cursor.page(found, |payment| payment.id.0);
    let row = |payment: payments::Payment| {
        let line = lines.get(&payment.case);
        vec![
            Cell::Day(payment.received_on),
            Cell::or_nothing(line.map(|line| &line.reference)),
            Cell::or_nothing(line.map(|line| &line.debtor)),
            Cell::of(shell.word("route", payment.route)),
            Cell::of(shell.word("payment_status", payment.status)),
            Cell::of(&payment.bank_reference),
            Cell::Amount(payment.amount),
            Cell::of(payment.amount.currency),
        ]
    };
    Ok(Rows { rows: page.data.into_iter().map(row).collect(), next_cursor: page.next_cursor })
}

async fn work_of(app: &App, visitor: &Visitor, shell: &Shell, wanted: (WorkList, Whose)) -> Result<Rows, Problem> {
    let by = visitor.by_now();
    let calendar = Calendar::of(visitor.country);
    let today = day_in(calendar.zone(), by.at);
    let until = calendar.instant(today, 23);
    let found =
        app.db.transaction(by.scope, async |conn| work::list(conn, &by, wanted, (today, until), WORK_AT_MOST).await).await?;
    let row = |item: work::WorkItem| {
        vec![
            Cell::Day(day_in(calendar.zone(), item.at)),
            Cell::of(&item.debtor),
            Cell::of(&item.case_reference),
            Cell::of(shell.word("work_reason", &item.why)),
            Cell::Amount(item.principal()),
            Cell::of(item.principal().currency),
        ]
    };
    Ok(Rows { rows: found.into_iter().map(row).collect(), next_cursor: None })
}

async fn cards(
    app: &App,
    visitor: &Visitor,
    shell: &Shell,
    criteria: &Criteria,
    cursor: Option<String>,
) -> Result<Rows, Problem> {
    let (by, cursor) = (visitor.by_now(), PageQuery { limit: Some(ROWS), cursor }.cursor()?);
    let found = app.db.transaction(by.scope, async |conn| market::list_listings(conn, &by, criteria, cursor).await).await?;
    let page = cursor.page(found, |listing| listing.id.0);
    let row = |listing: market::Listing| {
        let card = listing.card;
        vec![
            Cell::of(shell.word("debtor_kind", card.debtor_kind)),
            Cell::of(shell.word("country", card.country)),
            Cell::of(shell.word("amount_band", card.amount_band)),
            Cell::of(card.currency),
            Cell::of(shell.word("age_band", card.age_band)),
            Cell::of(shell.percent(listing.price.price_bp)),
            Cell::of(shell.instant(&listing.offers_until)),
        ]
    };
    Ok(Rows { rows: page.data.into_iter().map(row).collect(), next_cursor: page.next_cursor })
}
