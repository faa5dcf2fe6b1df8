//! Workers die at any moment, and each step is done once all the same.
//!
//! A worker dies here as in a crash between two statements: its future is dropped where it stands, its connection is closed,
//! the server rolls back, its leases run out. That whole processes may be killed is shown by the demonstration's tests.

use std::time::Duration;

use actix_web::rt;
use chrono::TimeDelta;
use entente::workers;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use super::{move_on, nothing_is_forgotten, outbox};
use crate::support::{Client, World, cif};

const WORKERS: usize = 4;
const KILLS: usize = 100;
/// Mail, call, mail, call.
const STEPS: usize = 4;

/// 2,500 make the ten thousand steps of a long run: `ENTENTE_CHAOS_CASES=2500` when compiling.
fn cases() -> usize {
    option_env!("ENTENTE_CHAOS_CASES").map_or(100, |count| count.parse().expect("a number"))
}

#[actix_web::test]
async fn workers_that_die_a_hundred_times_do_each_step_once() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    assign_strategy(&creditor).await;
    let posted = post(&creditor).await;
    let mut chance = StdRng::seed_from_u64(20_261_125);
    let mut killed = 0;
    for _ in 0..STEPS {
        for _ in 0..KILLS.div_ceil(STEPS * WORKERS) {
            killed += let_die(&world, &mut chance).await;
        }
        world.work().await;
        // What a dead worker held under lease is free again.
        world.pass(TimeDelta::minutes(10)).await;
        nothing_is_forgotten(&world).await;
        move_on(&world, TimeDelta::days(7)).await;
    }
    assert!(killed >= KILLS, "{killed} died");

    for path in &posted {
        let actions = rows(&creditor, &format!("{path}/actions")).await;
        let steps: Vec<String> = actions.iter().map(|action| format!("{} {}", action["step"], action["status"])).collect();
        assert_eq!(steps, ["1 \"done\"", "2 \"prepared\"", "3 \"done\"", "4 \"prepared\""], "{path}");
        let sent = rows(&creditor, &format!("{path}/events")).await;
        assert_eq!(sent.iter().filter(|event| event["kind"] == "contact_sent").count(), 2, "{path}");
    }
    assert_eq!(outbox(&world.app).len(), 2 * posted.len());
    world.finish().await;
}

/// Four workers begin, and are gone some milliseconds later; how many.
async fn let_die(world: &World, chance: &mut StdRng) -> usize {
    let start = || {
        let app = world.app.clone();
        rt::spawn(async move { while workers::round(&app).await.is_ok() {} })
    };
    let crew: Vec<_> = std::iter::repeat_with(start).take(WORKERS).collect();
    for worker in crew {
        tokio::time::sleep(Duration::from_millis(chance.random_range(1..25))).await;
        worker.abort();
    }
    WORKERS
}

async fn assign_strategy(creditor: &Client) {
    let step = |days: usize, channel: &str, template: &str| json!({ "anchor": "phase_start", "days": days, "channel": channel, "template": template, "tone": "gentle" });
    let steps = [
        step(0, "mail", "reminder"),
        step(7, "call", "call_script"),
        step(14, "mail", "second_reminder"),
        step(21, "call", "call_script"),
    ];
    let draft = creditor.post("/api/v1/strategies", &json!({ "name": "chaos", "steps": steps })).await.expect(201);
    creditor.post(&format!("/api/v1/strategies/{}/publication", draft["id"].as_str().unwrap()), &json!({})).await.expect(200);
    let all = json!({ "strategy": "chaos", "applies_to": { "kind": "all" } });
    creditor.post("/api/v1/strategy-assignments", &all).await.expect(201);
}

async fn post(creditor: &Client) -> Vec<String> {
    let numbers: Vec<u32> = (1_000..).take(cases()).collect();
    let mut paths = Vec::new();
    for some in numbers.chunks(100) {
        let invoice = |number: &u32| {
            json!({
                "debtor": { "legal_name": format!("Bodegas {number} SA"), "tax_number": cif(*number), "email": format!("pagos@b{number}.example") },
                "number": format!("F-{number}"), "issued_on": "2026-07-01", "due_on": "2026-07-31", "principal": { "minor": 100_000, "currency": "EUR" },
            })
        };
        let body = json!({ "receivables": some.iter().map(invoice).collect::<Vec<_>>() });
        let intake = creditor.post("/api/v1/receivables", &body).await.expect(200);
        for row in intake["rows"].as_array().unwrap() {
            let case = creditor.post("/api/v1/cases", &json!({ "receivable_ids": [row["receivable_id"]] })).await.expect(201);
            paths.push(format!("/api/v1/cases/{}", case["id"].as_str().unwrap()));
        }
    }
    paths
}

async fn rows(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).await.expect(200)["data"].as_array().unwrap().clone()
}
