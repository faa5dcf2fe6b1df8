//! Credit notes: what is credited is not chased, what is cancelled is, and each word of it stands in the timeline.

use serde_json::{Value, json};

use crate::support::{Client, World};

fn eur(minor: i64) -> Value {
    json!({ "minor": minor, "currency": "EUR" })
}

fn note(number: &str, minor: i64) -> Value {
    json!({ "number": number, "issued_on": "2026-10-15", "amount": eur(minor) })
}

/// A case over one invoice of 1,000.00 EUR, and the paths of both.
async fn one_case(world: &World, creditor: &Client) -> (String, String) {
    let case = world.overdue_case(creditor, "F-1").await;
    let receivable = creditor.get("/api/v1/receivables").await.expect(200)["data"][0]["id"].as_str().unwrap().to_owned();
    (format!("/api/v1/cases/{}", case["id"].as_str().unwrap()), format!("/api/v1/receivables/{receivable}/credit-notes"))
}

async fn claimed(creditor: &Client, case: &str) -> i64 {
    creditor.get(&format!("{case}/claim?on=2026-11-02")).await.expect(200)["principal"]["minor"].as_i64().unwrap()
}

#[actix_web::test]
async fn a_part_credit_lowers_the_claim_from_the_first_day() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let (case, credits) = one_case(&world, &creditor).await;
    let interest =
        async || creditor.get(&format!("{case}/claim?on=2026-11-02")).await.expect(200)["interest"]["minor"].as_i64().unwrap();
    let before = interest().await;
    let given = creditor.post(&credits, &note("A-1", 40_000)).await.expect(201);
    assert_eq!((&given["applied"], &given["cancelled_on"]), (&eur(40_000), &Value::Null));
    assert_eq!(claimed(&creditor, &case).await, 60_000);
    assert!(interest().await * 10 <= before * 6 + 10, "interest is reckoned on what is left, from the start");
    let view = creditor.get(&case).await.expect(200);
    assert_eq!((&view["phase"], &view["principal"]), (&json!("in_house"), &eur(60_000)));
    // The same note again is the same note; its number for another amount is refused.
    assert_eq!(creditor.post(&credits, &note("A-1", 40_000)).await.expect(201)["id"], given["id"]);
    creditor.post(&credits, &note("A-1", 10_000)).await.problem(409, "conflict");
    assert_eq!(claimed(&creditor, &case).await, 60_000);
    world.finish().await;
}

#[actix_web::test]
async fn an_invoice_credited_in_full_is_not_chased_and_one_whose_credit_is_cancelled_is() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let (case, credits) = one_case(&world, &creditor).await;
    // More than is owed: what is open is all that it can take off.
    let given = creditor.post(&credits, &note("A-1", 150_000)).await.expect(201);
    assert_eq!(given["applied"], eur(100_000));
    let closed = creditor.get(&case).await.expect(200);
    assert_eq!(
        (&closed["phase"], &closed["outcome"], &closed["next_action_at"]),
        (&json!("closed"), &json!("invalid"), &Value::Null)
    );
    world.work().await;
    assert_eq!(creditor.get(&format!("{case}/deliveries")).await.expect(200)["data"], json!([]));

    let path = format!("/api/v1/credit-notes/{}/cancellation", given["id"].as_str().unwrap());
    let cancelled = creditor.post(&path, &json!({})).await.expect(200);
    assert_eq!((&cancelled["cancelled_on"], &cancelled["applied"]), (&json!("2026-11-02"), &eur(0)));
    let open = creditor.get(&case).await.expect(200);
    assert_eq!((&open["phase"], &open["outcome"]), (&json!("in_house"), &Value::Null));
    assert_eq!(claimed(&creditor, &case).await, 100_000);
    creditor.post(&path, &json!({})).await.problem(409, "wrong-state");
    world.work().await;
    assert!(!creditor.get(&format!("{case}/deliveries")).await.expect(200)["data"].as_array().unwrap().is_empty());
    let events = creditor.get(&format!("{case}/events")).await.expect(200);
    let kinds: Vec<&str> = events["data"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds[..6], ["posted", "started", "credited", "closed", "credit_cancelled", "reopened"]);
    world.finish().await;
}

#[actix_web::test]
async fn nobody_else_credits_or_sees_a_credit() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (creditor, rival, agency) = (world.creditor(1).await, world.creditor(2).await, world.agency(3, &operator).await);
    let (_, credits) = one_case(&world, &creditor).await;
    let given = creditor.post(&credits, &note("A-1", 1)).await.expect(201);
    let cancellation = format!("/api/v1/credit-notes/{}/cancellation", given["id"].as_str().unwrap());
    rival.post(&credits, &note("A-2", 1)).await.problem(404, "not-found");
    rival.get(&credits).await.problem(404, "not-found");
    rival.post(&cancellation, &json!({})).await.problem(404, "not-found");
    agency.post(&credits, &note("A-2", 1)).await.problem(403, "forbidden");
    agency.post(&cancellation, &json!({})).await.problem(403, "forbidden");
    agency.get(&credits).await.problem(404, "not-found");
    for path in [&credits, &cancellation] {
        world.stranger().post(path, &note("A-2", 1)).await.problem(401, "unauthenticated");
    }
    world.stranger().get(&credits).await.problem(401, "unauthenticated");
    let wrong = [
        (json!({ "number": " ", "issued_on": "2026-10-15", "amount": eur(1) }), "/number"),
        (json!({ "number": "A-3", "issued_on": "2026-11-03", "amount": eur(1) }), "/issued_on"),
        (json!({ "number": "A-3", "issued_on": "2026-10-15", "amount": eur(0) }), "/amount/minor"),
        (json!({ "number": "A-3", "issued_on": "2026-10-15", "amount": { "minor": 1, "currency": "USD" } }), "/amount/currency"),
    ];
    for (body, pointer) in wrong {
        assert_eq!(creditor.post(&credits, &body).await.problem(422, "invalid")["errors"][0]["pointer"], pointer);
    }
    assert_eq!(creditor.get(&credits).await.expect(200)["data"].as_array().unwrap().len(), 1);
    world.finish().await;
}
