//! The statement of account: what one's accounts stood at on a day, and every movement between.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::{Refused, Shell, Visitor};
use crate::{
    app::App,
    db::Scope,
    http::{Problem, Query},
    ledger::AccountKind,
    parties::{OrgKind, Permission},
    settlement::statement::{self, Statement},
    types::Money,
};

/// `?on=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    on: String,
}

#[derive(Template)]
#[template(path = "portal/statement.html")]
struct StatementPage<'a> {
    shell: &'a Shell,
    statement: Statement,
    before: Option<NaiveDate>,
    after: Option<NaiveDate>,
}

impl StatementPage<'_> {
    /// The ledger writes what is owed to somebody as negative; whoever is to get it reads it as theirs.
    const fn shown(kind: &AccountKind, amount: &Money) -> Money {
        match kind {
            AccountKind::Cash | AccountKind::Stripe => *amount,
            AccountKind::Payable
            | AccountKind::Earned
            | AccountKind::Commission
            | AccountKind::Vat
            | AccountKind::Suspense
            | AccountKind::Own => Money::new(-amount.minor, amount.currency),
        }
    }
}

/// # Errors
/// A day to come.
pub async fn show(app: Data<App>, visitor: Visitor, wish: Query<Wish>) -> Result<HttpResponse, Problem> {
    visitor.may(if visitor.kind == OrgKind::Operator { Permission::Read } else { Permission::Money })?;
    let (by, on) = (visitor.by_now(), wish.0.on.parse().ok());
    let statement = app.db.transaction(Scope::System, async |conn| statement::draw(conn, &by, visitor.org, on).await).await?;
    let (before, after) = (statement.on.pred_opt(), statement.on.succ_opt().filter(|_| statement.until <= by.at));
    let shell = visitor.shell("portal.statement.title", Refused::nothing());
    visitor.show(&shell, &StatementPage { shell: &shell, statement, before, after })
}
