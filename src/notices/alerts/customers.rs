//! Customers that stand badly, looked for once a day: over their credit limit, or less likely to pay than a month ago.

use chrono::{DateTime, Utc};

use super::{About, AlertRule, What, account_owner, facts::Happened, facts::Standing, store, tell};
use crate::{
    credit::{self, CustomerAtRisk},
    db::{By, Conn},
    notices::NoticesError,
    receivables::{self, Debtor},
    types::{OrgId, clock::day_in},
};

/// # Errors
/// The database fails.
pub async fn look(conn: &mut Conn<'_>, by: &By, owner: OrgId, rules: &[AlertRule]) -> Result<(), NoticesError> {
    let over = credit::over_limit(conn, owner, store::LOOKED_THROUGH).await?;
    let worse = credit::worsened(conn, owner, by.at, store::LOOKED_THROUGH).await?;
    for (standing, found) in [(Standing::LimitExceeded, over), (Standing::RiskWorse, worse)] {
        let ids: Vec<_> = found.iter().map(|one| one.debtor_id).collect();
        let since = store::keep_standing(conn, owner, standing, &ids, by.at).await?;
        for one in &found {
            let Some(since) = since.get(&one.debtor_id) else { continue };
            let debtor = receivables::find_debtor(conn, by, one.debtor_id).await?;
            let what = What {
                happened: happened(standing, one, &debtor, *since, by),
                key: format!("{standing}:{}:{}", one.debtor_id, since.timestamp()),
            };
            let about = About { debtor: &debtor, case: None, account_owner: account_owner(conn, by, &debtor).await? };
            tell(conn, by, &about, &what, rules.iter()).await?;
        }
    }
    Ok(())
}

fn happened<'a>(standing: Standing, risk: &CustomerAtRisk, debtor: &Debtor, since: DateTime<Utc>, by: &By) -> Happened<'a> {
    let today = day_in(debtor.country.time_zone(), by.at);
    Happened {
        event: standing.as_str(),
        days: (by.at - since).num_days(),
        principal_minor: risk.open_minor,
        recovered_minor: 0,
        currency: risk.currency.map_or("", |currency| currency.code()),
        days_overdue: risk.oldest_due_on.map_or(0, |due| (today - due).num_days().max(0)),
        debtor_kind: debtor.kind.as_str(),
        country: debtor.country.as_str(),
        phase: "",
        limit_use: risk.limit_use,
        score_drop: risk.score_drop,
    }
}
