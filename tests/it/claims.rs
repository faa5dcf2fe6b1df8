//! Claims over HTTP: laws of other countries in cases, and what can no longer be enforced.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Client, World, payment};

/// An invoice of 1,000.00 EUR that fell due on `due_on`; answers with the receivable's id.
async fn receivable(creditor: &Client, number: &str, due_on: &str) -> String {
    let body = json!({ "receivables": [{
        "debtor": { "legal_name": "Bodegas Ruiz SA", "tax_number": "A46353538", "kind": "business", "country": "ES", "email": "pagos@ruiz.example" },
        "number": number, "issued_on": due_on, "due_on": due_on, "principal": { "minor": 100_000, "currency": "EUR" },
    }]});
    let intake = creditor.post("/api/v1/receivables", &body).await.expect(200);
    intake["rows"][0]["receivable_id"].as_str().unwrap().to_owned()
}

/// A case that nobody pursues yet; answers with its path.
async fn draft(creditor: &Client, number: &str, due_on: &str) -> String {
    let ids = [receivable(creditor, number, due_on).await];
    let case = creditor.post("/api/v1/cases", &json!({ "receivable_ids": ids, "start": false })).await.expect(201);
    format!("/api/v1/cases/{}", case["id"].as_str().unwrap())
}

/// What the creditor was told, oldest first.
async fn told(creditor: &Client) -> Vec<String> {
    let page = creditor.get("/api/v1/notifications").await.expect(200);
    let mut kinds: Vec<String> =
        page["data"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect();
    kinds.reverse();
    kinds
}

#[actix_web::test]
async fn what_is_time_barred_is_not_posted_unless_something_began_the_time_anew() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (creditor, other, agency) = (world.creditor(1).await, world.creditor(3).await, world.agency(2, &operator).await);
    let id = receivable(&creditor, "F-1", "2021-09-30").await;
    let posting = json!({ "receivable_ids": [id] });
    let refused = creditor.post("/api/v1/cases", &posting).await.problem(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/receivable_ids");
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("2026-09-30") && detail.contains("Código Civil art. 1964.2"), "{detail}");

    let path = format!("/api/v1/receivables/{id}/interruptions");
    let letter = json!({ "kind": "written_demand", "interrupted_on": "2024-05-06", "evidence": "burofax NB000123" });
    world.stranger().post(&path, &letter).await.problem(401, "unauthenticated");
    agency.post(&path, &letter).await.problem(403, "forbidden");
    other.post(&path, &letter).await.problem(404, "not-found");
    for (day, why) in [("2021-09-29", "before the due day"), ("2026-11-03", "to come")] {
        let wrong = json!({ "kind": "written_demand", "interrupted_on": day, "evidence": "burofax" });
        let refused = creditor.post(&path, &wrong).await.problem(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/interrupted_on", "{why}");
    }
    let recorded = creditor.post(&path, &letter).await.expect(201);
    assert_eq!((&recorded["enforceable_until"], &recorded["time_barred"]), (&json!("2029-05-06"), &json!(false)));
    creditor.post(&path, &letter).await.problem(409, "conflict");
    creditor.post("/api/v1/cases", &posting).await.expect(201);

    let limitation = format!("/api/v1/receivables/{id}/limitation");
    let shown = creditor.get(&limitation).await.expect(200);
    assert_eq!(shown["interruptions"][0]["evidence"], "burofax NB000123");
    world.stranger().get(&limitation).await.problem(401, "unauthenticated");
    for client in [&other, &agency] {
        client.get(&limitation).await.problem(404, "not-found");
    }
    world.finish().await;
}

#[actix_web::test]
async fn a_creditor_is_warned_once_before_the_last_day_and_once_after_and_may_not_list_any_more() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let path = draft(&creditor, "F-1", "2021-12-31").await;
    let calm = draft(&creditor, "F-2", "2024-06-30").await;
    world.work().await;
    assert_eq!(told(&creditor).await, ["limitation_near"]);
    let limitation = creditor.get(&path).await.expect(200)["limitation"].clone();
    assert_eq!((&limitation["enforceable_until"], &limitation["number"]), (&json!("2026-12-31"), &json!("F-1")));
    assert_eq!(limitation["uncertain"], true);
    assert!(limitation["interrupted_by"].as_array().unwrap().contains(&json!("written_demand")));
    assert_eq!(creditor.get(&calm).await.expect(200)["limitation"]["enforceable_until"], "2029-06-30");

    world.pass(TimeDelta::days(58)).await;
    assert_eq!(told(&creditor).await, ["limitation_near"]);
    world.pass(TimeDelta::days(3)).await;
    world.pass(TimeDelta::days(3)).await;
    assert_eq!(told(&creditor).await, ["limitation_near", "time_barred"]);
    let refused =
        creditor.post(&format!("{path}/listing"), &json!({ "award_rule": "best_ranked" })).await.problem(409, "wrong-state");
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("F-1") && detail.contains("2026-12-31") && detail.contains("art. 1964.2"), "{detail}");
    creditor.post(&format!("{calm}/listing"), &json!({ "award_rule": "best_ranked" })).await.expect(201);
    world.finish().await;
}

/// Código Civil art. 1108 and 1100: a consumer owes the legal interest from the demand on, and only for what was demanded.
#[actix_web::test]
async fn a_consumer_owes_interest_from_the_demand_that_the_invoice_came_with() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let invoice = |number: &str, reminders: Value| {
        json!({ "debtor": { "legal_name": "María Pérez", "kind": "consumer", "country": "ES", "email": "maria@example.com" },
                "number": number, "issued_on": "2025-08-31", "due_on": "2025-09-30",
                "principal": { "minor": 100_000, "currency": "EUR" }, "reminders": reminders })
    };
    let demanded = json!([{ "sent_on": "2025-10-28", "channel": "letter", "notice_received_on": "2025-10-31" }]);
    let reminded = json!([{ "sent_on": "2025-10-28", "channel": "mail" }]);
    let receivables = json!([invoice("F-1", demanded), invoice("F-2", reminded)]);
    let case = creditor.post("/api/v1/cases", &json!({ "receivables": receivables, "start": false })).await.expect(201);
    let path = format!("/api/v1/cases/{}/claim", case["id"].as_str().unwrap());
    let interest = async |on: &str| {
        let claim = creditor.get(&format!("{path}?on={on}")).await.expect(200);
        assert_eq!(claim["compensation"]["minor"], 0, "no fixed sum is asked of a consumer");
        let from: Vec<String> = claim["lines"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|line| line["ground"] == "es_consumer_interest")
            .map(|line| line["from"].as_str().unwrap().to_owned())
            .collect();
        (claim["interest"]["minor"].as_i64().unwrap(), from)
    };
    assert_eq!(interest("2025-10-31").await, (0, vec![]));
    // 1,000 × 0.0325 × 61 / 365 = 5.4315
    assert_eq!(interest("2025-12-31").await, (543, vec!["2025-11-01".to_owned()]));
    world.finish().await;
}

#[actix_web::test]
async fn costs_of_a_dutch_creditor_are_asked_and_paid_first() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let ids = [receivable(&creditor, "F-1", "2026-07-31").await];
    let case = creditor.post("/api/v1/cases", &json!({ "receivable_ids": ids })).await.expect(201);
    let path = format!("/api/v1/cases/{}", case["id"].as_str().unwrap());
    world.as_owner("UPDATE organisations SET country = 'NL' WHERE kind = 'creditor'").await;
    let claim = async || creditor.get(&format!("{path}/claim?on=2026-10-31")).await.expect(200);
    let before = claim().await;
    // 15 % of 1,000; 92 days at 10.40 %: 26.21
    assert_eq!((&before["costs"]["minor"], &before["compensation"]["minor"]), (&json!(15_000), &json!(0)));
    assert_eq!((&before["interest"]["minor"], &before["total"]["minor"]), (&json!(2_621), &json!(117_621)));

    let paid = creditor.post(&format!("{path}/payments"), &payment(20_000, "2026-10-31", "TR-1")).await.expect(201);
    let shown = creditor.get(&format!("/api/v1/payments/{}", paid["id"].as_str().unwrap())).await.expect(200);
    let spent: Vec<(&str, i64)> = shown["allocations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["part"].as_str().unwrap(), line["amount"]["minor"].as_i64().unwrap()))
        .collect();
    assert_eq!(spent, [("costs", 15_000), ("interest", 2_621), ("principal", 2_379)]);
    let after = claim().await;
    assert_eq!((&after["costs"]["minor"], &after["paid"]["minor"]), (&json!(0), &json!(20_000)));
    assert_eq!(after["total"]["minor"], Value::from(97_621));
    let receivable = creditor.get(&format!("/api/v1/receivables/{}", ids[0])).await.expect(200);
    assert_eq!(receivable["costs_paid"]["minor"], 15_000);
    world.finish().await;
}
