//! The daily reconciliation: what the books should say, what banks say, who is late, and since when.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Client, Engaged, World};

async fn confirmed(engaged: &Engaged) -> Value {
    let declared = engaged.declare(&engaged.agency, 100_000, "2026-11-06", "TR-1").await;
    let path = format!("/api/v1/payments/{}/confirmation", declared["id"].as_str().unwrap());
    engaged.creditor.post(&path, &json!({})).await.expect(200);
    declared
}

/// `(kind, age in days)` of what differs now.
async fn differences(operator: &Client) -> Vec<(String, i64)> {
    let run = operator.post("/api/v1/operator/reconciliation", &json!({})).await.expect(200);
    let listed = run["differences"].as_array().unwrap();
    listed.iter().map(|one| (one["kind"].as_str().unwrap().to_owned(), one["age_days"].as_i64().unwrap())).collect()
}

fn kinds(of: &[(String, i64)]) -> Vec<&str> {
    of.iter().map(|(kind, _)| kind.as_str()).collect()
}

async fn told(client: &Client, kind: &str) -> usize {
    let page = client.get("/api/v1/notifications?limit=200").await.expect(200);
    page["data"].as_array().unwrap().iter().filter(|one| one["kind"] == kind).count()
}

#[actix_web::test]
async fn the_books_follow_every_step_of_a_payment_and_a_false_balance_is_found() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    assert_eq!(differences(&engaged.operator).await, []);
    let payment = confirmed(&engaged).await;
    assert_eq!(differences(&engaged.operator).await, [], "not even a day old");
    let due = engaged.agency.get("/api/v1/payouts").await.expect(200)["data"].as_array().unwrap().clone();
    for payout in &due {
        let path = format!("/api/v1/payouts/{}/remittance", payout["id"].as_str().unwrap());
        engaged.agency.post(&path, &json!({ "paid_on": "2026-11-06", "bank_reference": "OUT" })).await.expect(200);
        assert_eq!(differences(&engaged.operator).await, []);
    }
    let back = json!({ "returned_on": "2026-11-06", "reason": "AC04" });
    engaged.agency.post(&format!("/api/v1/payouts/{}/return", due[0]["id"].as_str().unwrap()), &back).await.expect(200);
    assert_eq!(differences(&engaged.operator).await, []);
    let body = json!({ "reversed_on": "2026-11-06", "reason": "MD06" });
    engaged.agency.post(&format!("/api/v1/payments/{}/reversal", payment["id"].as_str().unwrap()), &body).await.expect(200);
    world.work().await;
    assert_eq!(differences(&engaged.operator).await, [], "taken back after a payout had come back");

    // What no path of the product does: a balance without a payment.
    let creditor = engaged.creditor.get("/api/v1/me").await.expect(200)["organisation"]["id"].as_str().unwrap().to_owned();
    let owner: entente::types::OrgId = creditor.parse().unwrap();
    let by = entente::db::By::engine(world.now());
    let forged = entente::ledger::Posting::about("test.forged", 1)
        .debit(owner, entente::ledger::AccountKind::Cash, entente::types::Money::new(500, entente::types::Currency::EUR))
        .credit(owner, entente::ledger::AccountKind::Payable, entente::types::Money::new(500, entente::types::Currency::EUR))
        .balanced()
        .unwrap();
    let posted =
        world.app.db.transaction(entente::db::Scope::System, async |conn| entente::ledger::post(conn, &by, &forged).await);
    posted.await.unwrap();
    assert_eq!(kinds(&differences(&engaged.operator).await), ["books", "cash"]);
    world.finish().await;
}

#[actix_web::test]
async fn what_no_bank_has_shown_and_what_is_late_is_listed_with_its_age_and_told() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    confirmed(&engaged).await;
    let unknown = b"Date;Amount;Description\n2026-11-06;10,00;who knows\n".to_vec();
    engaged.agency.upload("/api/v1/bank-statements", unknown).await.expect(201);
    // Due on the 9th, the daily run of each day in between.
    for _ in 0..8 {
        world.pass(TimeDelta::days(1)).await;
        world.work().await;
    }
    let found = engaged.operator.get("/api/v1/operator/reconciliation").await.expect(200);
    let listed = found["differences"].as_array().unwrap();
    let mut shown: Vec<_> = listed
        .iter()
        .map(|one| (one["kind"].as_str().unwrap(), one["since"].as_str().unwrap(), one["age_days"].as_i64().unwrap()))
        .collect();
    shown.sort_unstable();
    let expected = [
        ("overdue_payout", "2026-11-09", 5),
        ("overdue_payout", "2026-11-09", 5),
        ("unexplained_entry", "2026-11-06", 8),
        ("unproven_payment", "2026-11-06", 8),
    ];
    assert_eq!(shown, expected, "{found}");
    for (client, due, overdue, escalated) in
        [(&engaged.agency, 2, 2, 2), (&engaged.creditor, 0, 1, 1), (&engaged.operator, 0, 1, 3)]
    {
        assert_eq!(told(client, "payout_due").await, due);
        assert_eq!(told(client, "payout_overdue").await, overdue);
        assert!(told(client, "payout_escalated").await >= usize::from(escalated > 0));
    }
    let earlier = engaged.operator.get("/api/v1/operator/reconciliation?day=2026-11-07").await.expect(200);
    assert!(earlier["finished_at"].is_string(), "{earlier}");
    engaged.operator.get("/api/v1/operator/reconciliation?day=2020-01-01").await.problem(404, "not-found");
    engaged.agency.get("/api/v1/operator/reconciliation").await.problem(403, "forbidden");
    engaged.agency.post("/api/v1/operator/reconciliation", &json!({})).await.problem(403, "forbidden");
    world.stranger().get("/api/v1/operator/reconciliation").await.problem(401, "unauthenticated");
    world.finish().await;
}
