//! The worked example to the cent, over HTTP: split, payouts, statements, and books that stand still at the end.

use entente::{
    db::Scope,
    ledger::{self, Account, AccountKind},
    types::{Currency, OrgId},
};
use serde_json::{Value, json};

use crate::support::{Client, Engaged, World};

async fn confirmed(engaged: &Engaged, declared_by: &Client, confirmed_by: &Client, minor: i64) -> Value {
    let declared = engaged.declare(declared_by, minor, "2026-11-06", "TR-1").await;
    let path = format!("/api/v1/payments/{}/confirmation", declared["id"].as_str().unwrap());
    confirmed_by.post(&path, &json!({})).await.expect(200);
    declared
}

/// `(kind, opening, closing)` of each account on a day.
async fn accounts(client: &Client, on: &str) -> Vec<(String, i64, i64)> {
    let statement = client.get(&format!("/api/v1/statement?on={on}")).await.expect(200);
    let accounts = statement["accounts"].as_array().unwrap().iter().map(|account| {
        let minor = |end: &str| account[end]["minor"].as_i64().unwrap();
        let moved: i64 =
            account["movements"].as_array().unwrap().iter().map(|one| one["amount"]["minor"].as_i64().unwrap()).sum();
        assert_eq!(minor("opening") + moved, minor("closing"), "{account}");
        (account["kind"].as_str().unwrap().to_owned(), minor("opening"), minor("closing"))
    });
    accounts.collect()
}

fn account(kind: &str, opening: i64, closing: i64) -> (String, i64, i64) {
    (kind.to_owned(), opening, closing)
}

async fn payouts(client: &Client) -> Vec<(String, i64, String)> {
    let page = client.get("/api/v1/payouts").await.expect(200);
    let mut shown: Vec<_> = page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|payout| {
            let text = |field: &str| payout[field].as_str().unwrap().to_owned();
            (text("id"), payout["amount"]["minor"].as_i64().unwrap(), text("status"))
        })
        .collect();
    shown.sort_by_key(|(_, minor, _)| -minor);
    shown
}

async fn remit(client: &Client, payout: &str) -> Value {
    let path = format!("/api/v1/payouts/{payout}/remittance");
    client.post(&path, &json!({ "paid_on": "2026-11-06", "bank_reference": "OUT" })).await.expect(200)
}

#[actix_web::test]
async fn a_thousand_euro_in_the_agencys_account_are_split_paid_out_and_accounted_for() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let payment = confirmed(&engaged, &engaged.agency, &engaged.creditor, 100_000).await;

    assert_eq!(accounts(&engaged.creditor, "2026-11-06").await, [account("payable", 0, -85_480)]);
    assert_eq!(accounts(&engaged.agency, "2026-11-06").await, [account("cash", 0, 100_000), account("earned", 0, -11_616)]);
    assert_eq!(accounts(&engaged.operator, "2026-11-06").await, [account("commission", 0, -2_400), account("vat", 0, -504)]);
    let statement = engaged.creditor.get("/api/v1/statement").await.expect(200);
    let line = &statement["accounts"][0]["movements"][0];
    assert_eq!((line["case_reference"].as_str(), &line["payment_id"]), (Some(engaged.reference.as_str()), &payment["id"]));

    let fees = engaged.agency.get("/api/v1/fees").await.expect(200);
    let mut charged: Vec<_> = fees["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fee| {
            (
                fee["kind"].as_str().unwrap(),
                fee["net"]["minor"].as_i64().unwrap(),
                fee["vat"]["minor"].as_i64().unwrap(),
                fee["vat_ground"].as_str().unwrap(),
            )
        })
        .collect();
    charged.sort_unstable();
    let ground = "Ley 37/1992 art. 90.Uno";
    assert_eq!(charged, [("commission", 2_400, 504, ground), ("success_fee", 12_000, 2_520, ground)]);
    let seen = engaged.creditor.get("/api/v1/fees").await.expect(200);
    assert_eq!(seen["data"].as_array().unwrap().len(), 1, "what the agency pays the platform is not the creditor's: {seen}");

    let due = payouts(&engaged.agency).await;
    assert_eq!(
        due.iter().map(|(_, minor, status)| (*minor, status.as_str())).collect::<Vec<_>>(),
        [(85_480, "due"), (2_904, "due")]
    );
    let path = format!("/api/v1/payouts/{}/remittance", due[0].0);
    let remittance = json!({ "paid_on": "2026-11-06", "bank_reference": "OUT" });
    engaged.creditor.post(&path, &remittance).await.problem(403, "forbidden");
    engaged.agency.post(&path, &json!({ "paid_on": "2026-11-05", "bank_reference": "OUT" })).await.problem(422, "invalid");
    engaged.agency.post(&path, &json!({ "paid_on": "2026-12-05", "bank_reference": "OUT" })).await.problem(422, "invalid");
    for (payout, _, _) in &due {
        assert_eq!(remit(&engaged.agency, payout).await["status"], "paid");
    }
    engaged.agency.post(&path, &remittance).await.problem(409, "wrong-state");

    for client in [&engaged.creditor, &engaged.agency, &engaged.operator] {
        assert!(accounts(client, "2026-11-06").await.iter().all(|(_, _, closing)| *closing == 0), "everyone has been paid");
    }
    let events = engaged.events(&engaged.agency).await;
    assert_eq!(events.iter().filter(|event| event["kind"] == "payout_paid").count(), 2);
    world.finish().await;
}

#[actix_web::test]
async fn money_in_the_creditors_account_is_owed_to_agency_and_platform() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    confirmed(&engaged, &engaged.creditor, &engaged.agency, 100_000).await;
    assert_eq!(accounts(&engaged.creditor, "2026-11-06").await, [account("cash", 0, 100_000), account("payable", 0, -85_480)]);
    let due = payouts(&engaged.creditor).await;
    assert_eq!(due.iter().map(|(_, minor, _)| *minor).collect::<Vec<_>>(), [11_616, 2_904]);
    remit(&engaged.creditor, &due[0].0).await;
    assert_eq!(accounts(&engaged.agency, "2026-11-06").await, [account("earned", 0, 0)]);
    assert_eq!(accounts(&engaged.creditor, "2026-11-06").await, [account("cash", 0, 88_384), account("payable", 0, -85_480)]);
    remit(&engaged.creditor, &due[1].0).await;
    assert_eq!(accounts(&engaged.creditor, "2026-11-06").await, [account("cash", 0, 0), account("payable", 0, 0)]);
    world.finish().await;
}

#[actix_web::test]
async fn a_statement_can_be_drawn_for_any_day_up_to_today() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    confirmed(&engaged, &engaged.agency, &engaged.creditor, 100_000).await;
    world.pass(chrono::TimeDelta::days(1)).await;
    let due = payouts(&engaged.agency).await;
    remit(&engaged.agency, &due[0].0).await;
    assert_eq!(accounts(&engaged.creditor, "2026-11-05").await, [account("payable", 0, 0)]);
    assert_eq!(accounts(&engaged.creditor, "2026-11-06").await, [account("payable", 0, -85_480)]);
    assert_eq!(accounts(&engaged.creditor, "2026-11-07").await, [account("payable", -85_480, 0)]);
    engaged.creditor.get("/api/v1/statement?on=2026-11-08").await.problem(422, "invalid");
    engaged.creditor.get("/api/v1/statement?on=yesterday").await.problem(400, "malformed-request");
    world.finish().await;
}

#[actix_web::test]
async fn a_statement_of_some_days_is_printed_and_reads_as_csv() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    confirmed(&engaged, &engaged.agency, &engaged.creditor, 100_000).await;
    world.pass(chrono::TimeDelta::days(1)).await;
    remit(&engaged.agency, &payouts(&engaged.agency).await[0].0).await;
    for client in [&engaged.creditor, &engaged.agency, &engaged.operator] {
        let pdf = client.get("/api/v1/statement.pdf?from=2026-11-01").await;
        assert_eq!((pdf.status.as_u16(), pdf.header("content-type")), (200, "application/pdf"));
    }
    let csv = engaged.creditor.get("/api/v1/statement.csv?from=2026-11-06&until=2026-11-07").await;
    assert_eq!(csv.status.as_u16(), 200);
    let lines: Vec<Vec<&str>> = csv.text.lines().map(|line| line.split(';').collect()).collect();
    let shown: Vec<_> = lines.iter().skip(1).map(|line| (line[0], line[3], line[6], line[7])).collect();
    assert_eq!(
        shown,
        [
            ("payable", "opening", "", "0.00"),
            ("payable", "payment.confirmed", "-854.80", "-854.80"),
            ("payable", "payout.paid", "854.80", "0.00"),
            ("payable", "closing", "", "0.00"),
        ]
    );
    assert_eq!(lines[2][5], engaged.reference);
    for bad in ["from=2026-11-07&until=2026-11-06", "from=2025-01-01&until=2026-11-06"] {
        engaged.creditor.get(&format!("/api/v1/statement.csv?{bad}")).await.problem(422, "invalid");
    }
    engaged.creditor.get("/api/v1/statement.pdf?until=2027-01-01").await.problem(422, "invalid");
    world.finish().await;
}

#[actix_web::test]
async fn a_statement_says_what_the_ledger_says() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    confirmed(&engaged, &engaged.agency, &engaged.creditor, 33_333).await;
    remit(&engaged.agency, &payouts(&engaged.agency).await[1].0).await;
    let at = world.now();
    for client in [&engaged.creditor, &engaged.agency, &engaged.operator] {
        let statement = client.get("/api/v1/statement").await.expect(200);
        let owner: OrgId = serde_json::from_value(statement["organisation_id"].clone()).unwrap();
        for stated in statement["accounts"].as_array().unwrap() {
            let kind: AccountKind = serde_json::from_value(stated["kind"].clone()).unwrap();
            let account = Account { owner, kind, currency: Currency::EUR };
            let balance = world.app.db.transaction(Scope::System, async |conn| ledger::balance(conn, &account, at).await).await;
            assert_eq!(stated["closing"]["minor"], balance.unwrap().minor, "{stated}");
        }
    }
    assert!(ledger::verify(&world.app).await.is_ok());
    world.finish().await;
}

#[actix_web::test]
async fn strangers_see_no_payouts_fees_or_accounts() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    confirmed(&engaged, &engaged.agency, &engaged.creditor, 100_000).await;
    let (rival, other) = (world.agency(3, &engaged.operator).await, world.creditor(4).await);
    let payout = payouts(&engaged.agency).await[0].0.clone();
    for stranger in [&rival, &other] {
        for list in ["/api/v1/payouts", "/api/v1/fees", "/api/v1/payments"] {
            assert_eq!(stranger.get(list).await.expect(200)["data"], json!([]), "{list}");
        }
        assert_eq!(stranger.get("/api/v1/statement").await.expect(200)["accounts"], json!([]));
        let remittance = json!({ "paid_on": "2026-11-06", "bank_reference": "OUT" });
        stranger.post(&format!("/api/v1/payouts/{payout}/remittance"), &remittance).await.problem(404, "not-found");
    }
    let all = engaged.operator.get("/api/v1/payouts").await.expect(200);
    assert_eq!(all["data"].as_array().unwrap().len(), 2);
    world.finish().await;
}
