//! The end: the demo's own sums, every statement of account and the ledger side by side, and both records recomputed.

use std::{collections::BTreeMap, str::FromStr};

use chrono::NaiveDate;
use entente::{
    app::App,
    cases,
    db::{DbError, Scope},
    ledger::{self, AccountKind},
    types::{Currency, OrgId},
};

use super::{
    client::{Stop, Told},
    narrator::euros,
    tally::{Account, Who},
    world::{Party, World},
};

/// What a party's statements say of one account over the whole story.
#[derive(Debug, Clone, Copy, Default)]
struct Said {
    moved: i64,
    closing: i64,
}

/// Counts the differences; each row that differs says so.
pub async fn everything(world: &mut World, app: &App) -> Told<usize> {
    world.settle_down().await?;
    world.tell.chapter("The books");
    world.tell.line(
        "moved: all that went in or out in these months. balance: money held for others, or (with -) still due to the owner.",
    );
    let mut differences = accounts(world, app).await?;
    world.tell.line("");
    differences += recoveries(world).await?;
    world.tell.line("");
    verify(world, app).await?;
    Ok(differences)
}

async fn accounts(world: &World, app: &App) -> Told<usize> {
    let (mut rows, mut differences) = (Vec::new(), 0);
    for who in Who::ALL {
        let party = world.party(who)?;
        let said = statements(world, party).await?;
        for account in Account::ALL {
            let said = said.get(account.name()).copied().unwrap_or_default();
            let ledger = ledger_balance(world, app, party, account).await?;
            let (moved, balance) = (world.tally.moved(who, account), world.tally.balance(who, account));
            let agrees = said.moved == moved && said.closing == balance && ledger == balance;
            if !agrees {
                differences += 1;
            }
            if agrees && moved == 0 {
                continue;
            }
            let verdict = if agrees { "=" } else { "DIFFERS" };
            let name = format!("{} · {}", party.company.short, account.name());
            rows.push(
                [name]
                    .into_iter()
                    .chain([moved, said.moved, balance, said.closing, ledger].map(euros))
                    .chain([verdict.to_owned()])
                    .collect(),
            );
        }
    }
    world.tell.table(&["account", "moved: demo", "statements", "balance: demo", "statement", "ledger", ""], &rows);
    Ok(differences)
}

/// Reads the statements of every day on which the demo moved money, and of today; between two of them nothing may have moved.
async fn statements(world: &World, party: &Party) -> Told<BTreeMap<String, Said>> {
    let mut said: BTreeMap<String, Said> = BTreeMap::new();
    let days: Vec<NaiveDate> = world.tally.days.iter().copied().chain([world.today()]).collect();
    let mut read = None;
    for day in days.into_iter().filter(|day| read.replace(*day) != Some(*day)) {
        let statement = party.client.get(&format!("/api/v1/statement?on={day}")).await?;
        for account in statement.json().list("/accounts")? {
            let kind = account.text("/kind")?;
            let entry = said.entry(kind.to_owned()).or_default();
            let opening = account.minor("/opening")?;
            if opening != entry.closing {
                let (name, before) = (party.company.short, entry.closing);
                return Err(Stop::because(format!(
                    "the statement of {name} for {day} opens {kind} with {}, but the one before closed with {}",
                    euros(opening),
                    euros(before)
                )));
            }
            for movement in account.list("/movements")? {
                entry.moved += movement.minor("/amount")?.abs();
            }
            entry.closing = account.minor("/closing")?;
        }
    }
    Ok(said)
}

async fn ledger_balance(world: &World, app: &App, party: &Party, account: Account) -> Told<i64> {
    let unreadable = |why: String| Stop::because(format!("the ledger of {} cannot be read: {why}", party.company.short));
    let owner = OrgId::from_str(&party.id).map_err(|error| unreadable(error.to_string()))?;
    let kind = AccountKind::from_str(account.name()).map_err(|_| unreadable(format!("there is no kind `{}`", account.name())))?;
    let asked = ledger::Account { owner, kind, currency: Currency::EUR };
    let now = world.now();
    let balance =
        app.db.transaction(Scope::System, async |conn| Ok::<_, DbError>(ledger::balance(conn, &asked, now).await?)).await;
    balance.map(|money| money.minor).map_err(|error| unreadable(error.to_string()))
}

/// What came in for each creditor, as its cases say.
async fn recoveries(world: &World) -> Told<usize> {
    let (mut rows, mut differences) = (Vec::new(), 0);
    for who in [Who::Urrutia, Who::Comptoir] {
        let party = world.party(who)?;
        let cases = party.client.get("/api/v1/cases?limit=200").await?;
        let mut sum = 0;
        for case in cases.json().list("/data")? {
            sum += case.minor("/recovered")?;
        }
        let expected = world.tally.recovered(who);
        if sum != expected {
            differences += 1;
        }
        let verdict = if sum == expected { "=" } else { "DIFFERS" };
        rows.push(vec![party.company.short.to_owned(), euros(expected), euros(sum), verdict.to_owned()]);
    }
    world.tell.table(&["recovered for", "demo", "cases", ""], &rows);
    Ok(differences)
}

/// As `entente ledger verify` and `entente audit verify` do.
async fn verify(world: &World, app: &App) -> Told {
    let verified = ledger::verify(app).await.map_err(|error| Stop::because(format!("ledger verify: {error}")))?;
    world.tell.holds(&format!(
        "ledger verify: {} transactions, {} entries, all as they must be",
        verified.transactions, verified.entries
    ));
    let audited = cases::audit::verify(app).await.map_err(|error| Stop::because(format!("audit verify: {error}")))?;
    world
        .tell
        .holds(&format!("audit verify: {} events of {} cases, every line is what was written", audited.events, audited.cases));
    Ok(())
}
