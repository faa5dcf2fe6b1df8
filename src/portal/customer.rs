//! A customer at a glance: what it owes, how it pays and is likely to, what is suggested, and all that was said.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{Fields, Refused, Shell, fields::settle, visitor::CreditorVisitor};
use crate::{
    app::App,
    credit::limits::{self, LimitSetting},
    http::Problem,
    insight::{
        Value,
        overview::{self, CustomerOverview, Position},
    },
    parties::Permission,
    types::{BasisPoints, DebtorId, Money},
};

#[derive(Template)]
#[template(path = "portal/customer.html")]
struct CustomerPage<'a> {
    shell: &'a Shell,
    it: CustomerOverview,
    may_limit: bool,
}

impl CustomerPage<'_> {
    fn bp(&self, bp: &i64) -> String {
        self.shell.value(Value::Share { bp: *bp })
    }

    fn days(&self, hundredths: &i64) -> String {
        self.shell.value(Value::Days { hundredths: *hundredths })
    }

    fn points(&self, bp: &i64) -> String {
        i32::try_from(*bp).map_or_else(|_| bp.to_string(), |bp| self.shell.points(BasisPoints(bp)))
    }

    /// How long a bar is, in percent of the longest of its position.
    fn bar(position: &Position, open: &Money) -> i64 {
        let longest = position.ages.iter().map(|at| at.open.minor).max().unwrap_or(0).max(1);
        i64::try_from(i128::from(open.minor) * 100 / i128::from(longest)).unwrap_or(0).clamp(0, 100)
    }

    fn limit(&self) -> String {
        self.it.credit_limit.limit.map(Money::decimal).unwrap_or_default()
    }

    fn currency(&self) -> String {
        let of_limit = self.it.credit_limit.limit.map(|limit| limit.currency);
        let currency = of_limit.or_else(|| self.it.positions.first().map(|position| position.currency));
        currency.map_or_else(|| "EUR".to_owned(), |currency| currency.to_string())
    }
}

/// Where a customer's page is.
#[must_use]
pub fn at(id: DebtorId) -> String {
    format!("/portal/customers/{id}")
}

/// # Errors
/// Not one's own.
pub async fn show(app: Data<App>, visitor: CreditorVisitor, id: Path<DebtorId>) -> Result<HttpResponse, Problem> {
    page(&app, &visitor, *id, Refused::nothing()).await
}

async fn page(app: &App, visitor: &CreditorVisitor, id: DebtorId, refused: Refused) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::Read)?;
    let by = visitor.by_now();
    let it = app.db.transaction(by.scope, async |conn| overview::overview(conn, &by, id).await).await?;
    let shell = visitor.shell("portal.customer.title", refused);
    let may_limit = visitor.may(Permission::PostCases).is_ok();
    visitor.show(&shell, &CustomerPage { shell: &shell, it, may_limit })
}

/// Sets how much the customer may owe; nothing typed takes the limit away.
///
/// # Errors
/// What is not the form's fault.
pub async fn set_limit(
    app: Data<App>,
    visitor: CreditorVisitor,
    id: Path<DebtorId>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    visitor.may(Permission::PostCases)?;
    let read = || {
        let limit = fields.optional("limit").map(|_| fields.money("limit", fields.parse("currency")?)).transpose()?;
        Ok::<_, Problem>((LimitSetting { limit }, fields.parse("version")?))
    };
    let refused = match read() {
        Err(problem) => Some(fields.refused(problem)?),
        Ok((setting, version)) => {
            fields.perform(&app, &**visitor, async |conn, by| limits::set(conn, by, *id, version, setting).await).await?
        }
    };
    settle(&visitor, refused, (&at(*id), "limit_set"), async |refused| page(&app, &visitor, *id, refused).await).await
}
