//! A page asks the database the same number of questions for one row as for many.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

use super::browser::Browser;
use crate::support::{Client, World, parties::email};

/// Statements by the database they went to: each test has its own.
static COUNTS: LazyLock<Mutex<HashMap<String, u64>>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Counter(String);

impl Instrumentation for Counter {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartEstablishConnection { url, .. } = event {
            url.clone_into(&mut self.0);
        } else if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            *COUNTS.lock().unwrap().entry(self.0.clone()).or_default() += 1;
        }
    }
}

fn asked(world: &World) -> u64 {
    let counts = COUNTS.lock().unwrap();
    counts.iter().filter(|(url, _)| url.contains(world.database())).map(|(_, count)| count).sum()
}

async fn cost(world: &World, browser: &Browser, path: &str) -> u64 {
    // What is prepared once, or written once a minute, has happened by then.
    browser.open(path).await.expect(200);
    let before = asked(world);
    browser.open(path).await.expect(200);
    asked(world) - before
}

/// Cases on the market with an agency's offer on each, payments reported, papers submitted, people taken in.
async fn grow(world: &World, creditor: &Client, agency: &Client, numbers: std::ops::Range<u32>) {
    use serde_json::json;
    for number in numbers {
        let case = world.overdue_case(creditor, &format!("Q-{number}")).await;
        let path = format!("/api/v1/cases/{}", case["id"].as_str().unwrap());
        let listing = creditor.post(&format!("{path}/listing"), &json!({ "award_rule": "by_hand" })).await.expect(201);
        let offer = json!({ "fee_bp": 900, "first_contact_hours": 24, "update_every_days": 14, "tone": "neutral" });
        agency.post(&format!("/api/v1/listings/{}/offers", listing["id"].as_str().unwrap()), &offer).await.expect(201);
        let payment = crate::support::payment(1_000, "2026-11-01", &format!("T-{number}"));
        creditor.post(&format!("{path}/payments"), &payment).await.expect(201);
        let loose = json!({ "receivables": [{ "debtor": { "legal_name": "Bodegas Ruiz SA", "tax_number": "A46353538", "kind": "business", "country": "ES" },
            "number": format!("L-{number}"), "issued_on": "2026-07-01", "due_on": "2026-07-31", "principal": { "minor": 100_000, "currency": "EUR" } }] });
        creditor.post("/api/v1/receivables", &loose).await.expect(200);
        let paper = json!({ "kind": "certificate", "country": "ES", "issuer": "AENOR", "reference": format!("C-{number}"),
                            "valid_from": "2026-01-01", "valid_until": "2027-12-31" });
        agency.post("/api/v1/agency/credentials", &paper).await.expect(201);
        creditor.post(&format!("{path}/notes"), &json!({ "text": "rang" })).await.expect(201);
    }
    world.work().await;
}

#[actix_web::test]
async fn no_page_asks_more_for_more_rows() {
    set_default_instrumentation(|| Some(Box::new(Counter::default()))).expect("nobody else counts");
    let world = World::new().await;
    let operator = world.operator().await;
    let (creditor, agency) = (world.creditor(1).await, world.agency(2, &operator).await);
    grow(&world, &creditor, &agency, 0..1).await;
    let browsers = [
        (
            world.logged_in(&email("creditor", 1)).await,
            &[
                "",
                "/cases",
                "/cases?sort=largest",
                "/invoices",
                "/uploads",
                "/payments",
                "/members",
                "/account",
                "/statement",
                "/reports",
                "/reports?report=recovery",
                "/reports?report=forecast",
            ][..],
        ),
        (world.logged_in(&email("agency", 2)).await, &["", "/market", "/offers", "/papers", "/payments", "/cases"][..]),
        (world.logged_in("operator@entente.example").await, &["", "/organisations", "/payments", "/health"][..]),
    ];
    let mut before = Vec::new();
    for (browser, paths) in &browsers {
        for path in *paths {
            before.push((path, cost(&world, browser, &format!("/portal{path}")).await));
        }
    }
    grow(&world, &creditor, &agency, 1..6).await;
    let mut before = before.into_iter();
    for (browser, paths) in &browsers {
        for path in *paths {
            let now = cost(&world, browser, &format!("/portal{path}")).await;
            assert_eq!(before.next(), Some((path, now)), "of /portal{path}");
            assert!((1..=40).contains(&now), "/portal{path} asks {now} questions");
        }
    }
    world.finish().await;
}
