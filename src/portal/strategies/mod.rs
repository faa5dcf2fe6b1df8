//! Strategies: one's own and the shipped ones, version by version, and which cases get which.

pub mod rehearsal;
pub mod version;

use std::collections::HashMap;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{Fields, Refused, Shell, Visitor, fields::settle, overview::first};
use crate::{
    app::App,
    http::Problem,
    parties::Permission,
    receivables::{self, Debtor, DebtorKind},
    recovery::{
        assignments::{self, Assignment, AssignmentScope, NewAssignment},
        strategies::{self, StrategyVersion},
        work_api::may_lead,
    },
    types::{Currency, DebtorId, Money, StrategyAssignmentId, StrategyId},
};

const HERE: &str = "/portal/strategies";
/// The newest; what is older is reached from a version that was made of it.
const VERSIONS_AT_MOST: i64 = 200;
const CUSTOMERS_AT_MOST: i64 = 200;

#[derive(Template)]
#[template(path = "portal/strategies.html")]
struct StrategiesPage<'a> {
    shell: &'a Shell,
    named: Vec<Named>,
    assigned: Vec<Assigned>,
    customers: Vec<Debtor>,
    may_change: bool,
}

/// The versions of a name, newest first.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    name: String,
    is_own: bool,
    versions: Vec<Version>,
}

#[derive(Debug, PartialEq, Eq)]
struct Version {
    id: StrategyId,
    number: i32,
    is_draft: bool,
}

struct Assigned {
    id: StrategyAssignmentId,
    strategy: String,
    /// Which cases, in the reader's words.
    to: String,
}

impl Named {
    /// Whether a version of it is published.
    fn can_be_assigned(&self) -> bool {
        self.versions.iter().any(|version| !version.is_draft)
    }
}

/// # Errors
/// The database fails.
pub async fn show(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, Refused::nothing()).await
}

async fn page(app: &App, visitor: &Visitor, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let shell = visitor.shell("portal.strategies.title", refused);
    let (versions, assigned, customers, names) = app
        .db
        .transaction(by.scope, async |conn| {
            let versions = strategies::list(conn, &by, first(VERSIONS_AT_MOST)?).await?;
            let assigned = assignments::list(conn, &by, visitor.org).await?;
            let customers = receivables::list_debtors(conn, &by, first(CUSTOMERS_AT_MOST)?).await?;
            let named: Vec<DebtorId> = assigned.iter().filter_map(|one| customer_of(one.applies_to)).collect();
            let names = receivables::debtor_names(conn, &by, &named).await?;
            Ok::<_, Problem>((versions, assigned, customers, names))
        })
        .await?;
    let assigned = assigned.into_iter().map(|one| told(&shell, &names, one)).collect();
    let named = by_name(versions, visitor);
    visitor.show(&shell, &StrategiesPage { shell: &shell, named, assigned, customers, may_change: may_lead(visitor).is_ok() })
}

const fn customer_of(scope: AssignmentScope) -> Option<DebtorId> {
    match scope {
        AssignmentScope::Customer { debtor_id } => Some(debtor_id),
        AssignmentScope::All | AssignmentScope::Class { .. } | AssignmentScope::Amount { .. } => None,
    }
}

fn told(shell: &Shell, names: &HashMap<DebtorId, String>, assignment: Assignment) -> Assigned {
    let to = match assignment.applies_to {
        AssignmentScope::All => shell.say("portal.strategies.to_all").to_owned(),
        AssignmentScope::Class { debtor_kind } => {
            shell.fill("portal.strategies.to_class", shell.word("debtor_kind", debtor_kind))
        }
        AssignmentScope::Amount { currency, from_minor, below_minor } => {
            let from = shell.fill("portal.strategies.to_from", shell.money(Money::new(from_minor, currency)));
            let below =
                below_minor.map(|minor| shell.fill("portal.strategies.to_below", shell.money(Money::new(minor, currency))));
            below.map_or(from.clone(), |below| format!("{from} {below}"))
        }
        AssignmentScope::Customer { debtor_id } => {
            let name = names.get(&debtor_id).map_or_else(|| debtor_id.to_string(), Clone::clone);
            shell.fill("portal.strategies.to_customer", name)
        }
    };
    Assigned { id: assignment.id, strategy: assignment.strategy, to }
}

/// One's own first, then the shipped ones; others', which a case of one's own runs through, are theirs to show.
fn by_name(versions: Vec<StrategyVersion>, visitor: &Visitor) -> Vec<Named> {
    let mut named: Vec<Named> = Vec::new();
    for version in versions.into_iter().filter(|version| version.owner_id.is_none_or(|owner| owner == visitor.org)) {
        let is_own = version.owner_id.is_some();
        let one = Version { id: version.id, number: version.version, is_draft: version.published_at.is_none() };
        match named.iter_mut().find(|known| known.is_own == is_own && known.name == version.name) {
            Some(known) => known.versions.push(one),
            None => named.push(Named { name: version.name, is_own, versions: vec![one] }),
        }
    }
    named.sort_by(|one, other| (!one.is_own, &one.name).cmp(&(!other.is_own, &other.name)));
    named
}

/// Gives a strategy to cases.
///
/// # Errors
/// What is not the form's fault.
pub async fn assign(app: Data<App>, visitor: Visitor, fields: Fields) -> Result<HttpResponse, Problem> {
    may_lead(&visitor)?;
    let refused = match scope_of(&fields) {
        Err(problem) => Some(fields.refused(problem)?),
        Ok(applies_to) => {
            let new = NewAssignment { strategy: fields.text("strategy").to_owned(), applies_to };
            fields.perform(&app, &visitor, async |conn, by| assignments::assign(conn, by, visitor.org, &new).await).await?
        }
    };
    settle(&visitor, refused, (HERE, "strategy_assigned"), async |refused| page(&app, &visitor, refused).await).await
}

fn scope_of(fields: &Fields) -> Result<AssignmentScope, Problem> {
    match fields.text("cases") {
        "all" => Ok(AssignmentScope::All),
        "amount" => {
            let currency: Currency = fields.parse("currency")?;
            let below = fields.optional("below").map(|_| fields.money("below", currency)).transpose()?;
            let from_minor = if fields.optional("from").is_some() { fields.money("from", currency)?.minor } else { 0 };
            Ok(AssignmentScope::Amount { currency, from_minor, below_minor: below.map(|money| money.minor) })
        }
        "customer" => Ok(AssignmentScope::Customer { debtor_id: fields.parse("debtor_id")? }),
        _ => Ok(AssignmentScope::Class { debtor_kind: fields.parse("cases")? }),
    }
}

/// Withdraws an assignment; running cases keep their strategies.
///
/// # Errors
/// What is not the form's fault.
pub async fn withdraw(
    app: Data<App>,
    visitor: Visitor,
    id: Path<StrategyAssignmentId>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    may_lead(&visitor)?;
    let refused =
        fields.perform(&app, &visitor, async |conn, by| assignments::withdraw(conn, by, visitor.org, *id).await).await?;
    settle(&visitor, refused, (HERE, "assignment_withdrawn"), async |refused| page(&app, &visitor, refused).await).await
}
