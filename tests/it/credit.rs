//! Scores, limits and the customer at a glance, over HTTP.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    portal::browser::Browser,
    support::{Client, World, parties::email, payment},
};

fn eur(minor: i64) -> Value {
    json!({ "minor": minor, "currency": "EUR" })
}

/// An invoice of Bodegas Ruiz, or of another customer.
fn owed(name: &str, number: &str, (issued_on, due_on): (&str, &str), minor: i64, paid: &[(&str, i64)]) -> Value {
    let paid: Vec<Value> = paid.iter().map(|(on, minor)| json!({ "received_on": on, "amount": eur(*minor) })).collect();
    json!({ "debtor": { "legal_name": name, "kind": "business", "country": "ES", "postal_code": "28013" }, "number": number,
            "issued_on": issued_on, "due_on": due_on, "principal": eur(minor), "payments": paid })
}

async fn take(creditor: &Client, invoices: &[Value]) -> Vec<String> {
    let answer = creditor.post("/api/v1/receivables", &json!({ "receivables": invoices })).await.expect(200);
    let rows = answer["rows"].as_array().unwrap().iter();
    rows.map(|row| row["debtor_id"].as_str().unwrap_or_else(|| panic!("{row}")).to_owned()).collect()
}

fn part(score: &Value, reason: &str) -> Option<i64> {
    score["contributions"].as_array()?.iter().find(|part| part["reason"] == reason)?["bp"].as_i64()
}

/// The debtor of a case.
async fn debtor_of(creditor: &Client, case: &str) -> String {
    creditor.get(case).await.expect(200)["debtor_id"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_score_says_why_and_follows_what_happens() {
    let world = World::new().await;
    let posted = world.posted().await;
    let (creditor, rival) = (&posted.creditor, world.creditor(2).await);
    let debtor = format!("/api/v1/debtors/{}", debtor_of(creditor, &posted.api).await);
    let score = creditor.get(&format!("{debtor}/score")).await.expect(200);
    // One invoice, 94 days late and unpaid: (0 + 5 × 8,000) / 6 = 6,667.
    assert_eq!(
        (part(&score, "prior"), part(&score, "history"), part(&score, "overdue")),
        (Some(8_000), Some(-1_333), Some(-3_500))
    );
    assert_eq!((&score["paid_30_bp"], &score["is_thin"], &score["formula"]), (&json!(3_167), &json!(true), &json!("pay-1")));
    assert_eq!(score["days_late_hundredths"], 9_400);

    // A promise that is broken is kept as a score of its own, and counts.
    let soon = world.now().date_naive() + TimeDelta::days(2);
    creditor.post(&format!("{}/promises", posted.api), &json!({ "promised_on": soon })).await.expect(201);
    world.pass(TimeDelta::days(8)).await;
    let now = creditor.get(&format!("{debtor}/score")).await.expect(200);
    assert_eq!(part(&now, "promises_broken"), Some(-600));
    let past = creditor.get(&format!("{debtor}/scores")).await.expect(200)["data"].as_array().unwrap().clone();
    assert!(past.len() >= 2, "{past:?}");
    assert_eq!((&past[0]["contributions"], &past[0]["paid_30_bp"]), (&now["contributions"], &now["paid_30_bp"]));
    assert_eq!(part(&past[past.len() - 1], "promises_broken"), None);

    // Insolvent, nobody counts on anything.
    let stated = json!({ "kind": "insolvent", "statement": "filed on Monday" });
    creditor.post(&format!("{}/circumstances", posted.api), &stated).await.expect(201);
    world.work().await;
    let gone = creditor.get(&format!("{debtor}/score")).await.expect(200);
    assert_eq!((&gone["paid_30_bp"], &gone["paid_90_bp"]), (&json!(0), &json!(0)));
    let overview = creditor.get(&format!("{debtor}/overview")).await.expect(200);
    assert_eq!(
        (&overview["recommendations"][0]["advice"], &overview["recommendations"][1]["advice"]),
        (&json!("block_orders"), &json!("hold"))
    );
    for path in ["score", "scores", "overview", "credit-limit"] {
        rival.get(&format!("{debtor}/{path}")).await.problem(404, "not-found");
        world.stranger().get(&format!("{debtor}/{path}")).await.problem(401, "unauthenticated");
    }
    world.finish().await;
}

#[actix_web::test]
async fn who_paid_in_time_is_likely_to() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let months = ["01", "02", "03", "04", "05", "06", "07", "08", "09"];
    let invoices: Vec<Value> = months
        .iter()
        .map(|month| {
            let (issued, due, paid) = (format!("2026-{month}-01"), format!("2026-{month}-15"), format!("2026-{month}-20"));
            owed("Hotel Sol", &format!("N-{month}"), (&issued, &due), 10_000, &[(&paid, 9_999)])
        })
        .collect();
    let answer = creditor.post("/api/v1/receivables", &json!({ "receivables": invoices })).await.expect(200);
    assert_eq!(answer["accepted"], 9, "{answer}");
    // No invoice is taken in that was paid in full: the last cent comes on the same day.
    world.as_owner("UPDATE prior_payments SET amount_minor = 10000").await;
    world.as_owner("UPDATE receivables SET principal_paid_minor = 10000").await;
    let debtor = answer["rows"][0]["debtor_id"].as_str().unwrap();
    let score = creditor.get(&format!("/api/v1/debtors/{debtor}/score")).await.expect(200);
    // (9 × 10,000 + 5 × 8,000) / 14 = 9,286; (9 × 5 + 5 × 10) / 14 = 6.79 days.
    assert_eq!((&score["paid_30_bp"], &score["is_thin"]), (&json!(9_286), &json!(false)));
    assert_eq!(score["days_late_hundredths"], 679);
    let overview = creditor.get(&format!("/api/v1/debtors/{debtor}/overview")).await.expect(200);
    assert_eq!(overview["positions"], json!([]));
    assert_eq!(overview["payments"].as_array().unwrap().len(), 9);
    assert_eq!(overview["payments"][0]["days_late_hundredths"], 500);
    assert_eq!(overview["recommendations"][0]["advice"], "release_orders");
    world.finish().await;
}

#[actix_web::test]
async fn a_limit_is_set_once_for_each_version_and_its_use_is_shown() {
    let world = World::new().await;
    let (creditor, rival) = (world.creditor(1).await, world.creditor(2).await);
    let ids = take(&creditor, &[owed("Hotel Sol", "N-1", ("2026-10-01", "2026-11-30"), 90_000, &[])]).await;
    let path = format!("/api/v1/debtors/{}/credit-limit", ids[0]);
    let none = creditor.get(&path).await.expect(200);
    assert_eq!((&none["limit"], &none["version"]), (&Value::Null, &json!(0)));
    let limit = json!({ "limit": eur(80_000) });
    creditor.put(&path, None, &limit).await.problem(428, "version-required");
    creditor.put(&path, Some("\"v0\""), &json!({ "limit": eur(-1) })).await.problem(422, "invalid");
    rival.put(&path, Some("\"v0\""), &limit).await.problem(404, "not-found");
    assert_eq!(creditor.put(&path, Some("\"v0\""), &limit).await.expect(200)["version"], 1);
    creditor.put(&path, Some("\"v0\""), &limit).await.problem(412, "stale-version");
    let overview = creditor.get(&format!("/api/v1/debtors/{}/overview", ids[0])).await.expect(200);
    assert_eq!(overview["limit_used_bp"], 11_250);
    assert_eq!(
        (&overview["recommendations"][0]["advice"], &overview["recommendations"][0]["because"]),
        (&json!("ask_for_deposit"), &json!("over_limit"))
    );
    let away = creditor.put(&path, Some("\"v1\""), &json!({ "limit": null })).await.expect(200);
    assert_eq!((&away["limit"], &away["version"]), (&Value::Null, &json!(2)));
    world.finish().await;
}

#[actix_web::test]
async fn a_customer_at_a_glance_holds_what_hangs_on_it_and_its_group() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let case = world.overdue_case(&creditor, "F-1").await;
    let api = format!("/api/v1/cases/{}", case["id"].as_str().unwrap());
    let debtor = debtor_of(&creditor, &api).await;
    let sites = take(&creditor, &[owed("Ruiz Norte", "S-1", ("2026-09-01", "2026-10-01"), 20_000, &[])]).await;
    creditor.put(&format!("/api/v1/debtors/{}/parent", sites[0]), None, &json!({ "parent_id": debtor })).await.expect(200);
    creditor.post(&format!("{api}/payments"), &payment(30_000, "2026-11-02", "T-1")).await.expect(201);
    let objection = json!({ "reason": "defective", "statement": "two bottles were broken" });
    creditor.post(&format!("{api}/disputes"), &objection).await.expect(201);
    let contact = json!({ "full_name": "Lucía Pagos", "role": "accounts_payable", "email": "lucia@ruiz.example" });
    creditor.post(&format!("/api/v1/debtors/{debtor}/contacts"), &contact).await.expect(201);
    world.work().await;
    let it = creditor.get(&format!("/api/v1/debtors/{debtor}/overview")).await.expect(200);
    let open = it["positions"][0]["open"]["minor"].as_i64().unwrap();
    assert!(open > 70_000 && open < 100_000, "interest is paid before the principal: {it}");
    let ages = it["positions"][0]["ages"].as_array().unwrap().iter();
    assert_eq!(ages.map(|at| at["open"]["minor"].as_i64().unwrap()).sum::<i64>(), open);
    assert_eq!(it["group"]["positions"][0]["open"]["minor"], open + 20_000);
    assert_eq!((&it["group"]["parent_id"], it["group"]["members"].as_array().unwrap().len()), (&json!(debtor), 2));
    assert_eq!((&it["cases"][0]["id"], &it["disputes"][0]["reason"]), (&case["id"], &json!("defective")));
    assert_eq!(it["contacts"][0]["full_name"], "Lucía Pagos");
    let advice = it["recommendations"].as_array().unwrap().iter();
    let advice: Vec<_> = advice.map(|one| (one["advice"].as_str().unwrap(), one["because"].as_str().unwrap())).collect();
    assert_eq!(advice[..3], [("block_orders", "long_overdue"), ("ask_for_deposit", "poor_payer"), ("hold", "disputed")]);
    // A site knows its parent's group, and owes its own.
    let site = creditor.get(&format!("/api/v1/debtors/{}/overview", sites[0])).await.expect(200);
    assert_eq!((&site["positions"][0]["open"], &site["group"]["parent_id"]), (&eur(20_000), &json!(debtor)));

    let browser: Browser = world.logged_in(&email("creditor", 1)).await;
    let page = browser.open(&format!("/portal/customers/{debtor}")).await.expect(200);
    let page = page.shows(&["Bodegas Ruiz SA", "What is suggested", "Lucía Pagos", "Paid within 30 days"]);
    let form = format!("/portal/customers/{debtor}/limit");
    let set = browser.send(&page, &form, &[("limit", "1.500,00"), ("currency", "EUR")]).await.expect(200);
    let set = set.shows(&["The limit is set.", "€1,500.00"]);
    let wrong = browser.send(&set, &form, &[("limit", "much"), ("currency", "EUR")]).await;
    assert_eq!(wrong.status, 422);
    browser.open("/portal/reports").await.expect(200).shows(&["Ageing", "In EUR", "61 to 90 days"]);
    for report in ["dso", "cei", "disputes", "recovery", "forecast", "provisions"] {
        browser.open(&format!("/portal/reports?report={report}")).await.expect(200).shows(&["In EUR"]);
    }
    let file = browser.open("/portal/reports/table.csv?report=aging").await.expect(200);
    assert!(file.html.contains("aging;2026-11-02;EUR;;;open;money;"), "{}", file.html);
    world.finish().await;
}
