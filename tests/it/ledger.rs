//! The books themselves: replays, races, tampering, and the database's own proof.

use entente::{
    db::{By, DbError, Scope},
    ledger::{self, Account, AccountKind, Posted, Posting},
    types::{Currency, Money, OrgId},
};

use crate::support::World;

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn cash(owner: OrgId) -> Account {
    Account { owner, kind: AccountKind::Cash, currency: Currency::EUR }
}

fn moved(subject: &str, from: OrgId, to: OrgId, minor: i64) -> Posting {
    let draft =
        Posting::about("test", subject).debit(to, AccountKind::Cash, eur(minor)).credit(from, AccountKind::Cash, eur(minor));
    draft.balanced().unwrap()
}

async fn post(world: &World, posting: &Posting) -> Result<Posted, DbError> {
    let by = By::engine(world.now());
    world.app.db.transaction(Scope::System, async |conn| ledger::post(conn, &by, posting).await).await
}

async fn balance(world: &World, owner: OrgId) -> i64 {
    let at = world.now();
    let found = world.app.db.transaction(Scope::System, async |conn| ledger::balance(conn, &cash(owner), at).await);
    found.await.unwrap().minor
}

#[actix_web::test]
async fn a_posting_repeated_moves_nothing() {
    let world = World::new().await;
    let (one, other) = (OrgId::fresh(), OrgId::fresh());
    let posting = moved("1", one, other, 500);
    assert_eq!(post(&world, &posting).await.unwrap(), Posted::Now);
    assert_eq!(post(&world, &posting).await.unwrap(), Posted::Already);
    assert_eq!((balance(&world, one).await, balance(&world, other).await), (-500, 500));
    let verified = ledger::verify(&world.app).await.unwrap();
    assert_eq!((verified.accounts, verified.entries, verified.transactions), (2, 2, 1));
    world.finish().await;
}

#[actix_web::test]
async fn a_balance_of_any_instant_can_be_told() {
    let world = World::new().await;
    let (one, other) = (OrgId::fresh(), OrgId::fresh());
    post(&world, &moved("1", one, other, 500)).await.unwrap();
    let then = world.now();
    world.pass(chrono::TimeDelta::hours(1)).await;
    post(&world, &moved("2", one, other, 70)).await.unwrap();
    let found = world.app.db.transaction(Scope::System, async |conn| ledger::balance(conn, &cash(other), then).await);
    assert_eq!(found.await.unwrap(), eur(500));
    assert_eq!(balance(&world, other).await, 570);
    world.finish().await;
}

#[actix_web::test]
async fn many_writers_on_the_same_accounts_neither_lock_up_nor_lose_a_cent() {
    let world = World::new().await;
    let owners: Vec<OrgId> = (0..4).map(|_| OrgId::fresh()).collect();
    let writers = (0_usize..6).map(|writer| {
        let (owners, world) = (&owners, &world);
        async move {
            for round in 0..25 {
                let (from, to) = (owners[(writer + round) % 4], owners[(writer + 2 * round + 1) % 4]);
                if from != to {
                    post(world, &moved(&format!("{writer}-{round}"), from, to, 1)).await.unwrap();
                }
            }
        }
    });
    futures_util::future::join_all(writers).await;
    let mut sum = 0;
    for owner in &owners {
        sum += balance(&world, *owner).await;
    }
    assert_eq!(sum, 0);
    assert!(ledger::verify(&world.app).await.is_ok());
    world.finish().await;
}

#[actix_web::test]
async fn the_first_tampered_row_is_named() {
    for (tampering, named) in [
        ("UPDATE ledger_entries SET amount_minor = amount_minor + 1 WHERE seq = 2 AND amount_minor > 0", "entry 2"),
        ("UPDATE ledger_accounts SET balance_minor = balance_minor + 1 WHERE balance_minor > 0", "its balance"),
        ("DELETE FROM ledger_entries WHERE seq = 1 AND amount_minor > 0", "entry 1 is missing"),
        ("INSERT INTO ledger_transactions VALUES (gen_random_uuid(), 'forged:1', 'forged', now())", "forged:1"),
        (
            "UPDATE ledger_entries SET amount_minor = 600, balance_after_minor = 570 + 600 - 500 WHERE seq = 1 AND amount_minor = 500;
             UPDATE ledger_entries SET balance_after_minor = 670 WHERE seq = 2 AND amount_minor = 70;
             UPDATE ledger_entries SET balance_after_minor = 600 WHERE seq = 1 AND amount_minor = 600;
             UPDATE ledger_accounts SET balance_minor = 670 WHERE balance_minor > 0",
            "test:1",
        ),
    ] {
        let world = World::new().await;
        let (one, other) = (OrgId::fresh(), OrgId::fresh());
        post(&world, &moved("1", one, other, 500)).await.unwrap();
        post(&world, &moved("2", one, other, 70)).await.unwrap();
        assert!(ledger::verify(&world.app).await.is_ok());
        world.as_owner(tampering).await;
        let found = ledger::verify(&world.app).await.expect_err("something wrong").to_string();
        assert!(found.contains(named), "{tampering}: {found}");
        world.finish().await;
    }
}

#[actix_web::test]
async fn the_database_itself_refuses_what_does_not_balance() {
    let world = World::new().await;
    let unbalanced = "
        INSERT INTO ledger_accounts (id, owner_id, kind, currency) VALUES ('00000000-0000-7000-8000-000000000001', gen_random_uuid(), 'cash', 'EUR');
        INSERT INTO ledger_transactions VALUES ('00000000-0000-7000-8000-000000000002', 'forged:1', 'forged', now());
        INSERT INTO ledger_entries VALUES ('00000000-0000-7000-8000-000000000001', 1, '00000000-0000-7000-8000-000000000002', 5, 'EUR', 5)";
    let refused = world.try_as_owner(unbalanced).await.expect_err("refused at commit");
    assert!(refused.contains("does not sum to zero"), "{refused}");
    world.finish().await;
}

#[actix_web::test]
async fn the_runtime_role_can_neither_change_nor_remove_an_entry() {
    let world = World::new().await;
    post(&world, &moved("1", OrgId::fresh(), OrgId::fresh(), 500)).await.unwrap();
    for forbidden in
        ["UPDATE ledger_entries SET amount_minor = 1", "DELETE FROM ledger_entries", "UPDATE ledger_transactions SET kind = 'x'"]
    {
        let refused = world.try_as_owner(&format!("SET ROLE entente_runtime; {forbidden}")).await.expect_err("refused");
        assert!(refused.contains("permission denied"), "{forbidden}: {refused}");
    }
    world.finish().await;
}
