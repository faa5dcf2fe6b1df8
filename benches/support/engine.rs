//! `engine`: steps evaluated and carried out per second (policy, action, event, message and its job, next date, all durable) by
//! eight workers, beside a bare loop that claims and deletes jobs; and what a look costs where a million cases sleep.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeZone, Utc};
use entente::types::{Calendar, Clock, Country};
use serde_json::{Value, json};

use super::{CLIENTS, Place, http, report, round, sign_up};

/// Cases due in the same minute.
const DUE: u32 = 1_000;
const FEW: u32 = 10_000;
const MANY: u32 = 1_000_000;
/// Jobs claimed at a time by the floor.
const BATCH: f64 = 100.0;
const NOOPS: u32 = 600_000;
const INVOICES_A_POST: u32 = 200;

pub async fn measure(place: &Place) {
    // The last program to leave stops the database: this one stays, and does nothing.
    let keeper = place.serve().await;
    sleepers(place, 0, FEW).await;
    let floor = noop_jobs(place);
    let among_few = steps_per_second(place, 1).await;
    sleepers(place, FEW, MANY).await;
    let among_many = steps_per_second(place, 2).await;
    keeper.stop();
    let more = json!({
        "due": DUE, "workers": CLIENTS, "at_1_000_000": round(among_many), "growth_of_a_tick": round(among_few / among_many),
        "target": "ratio ≥ 0.08, growth ≤ 1.2",
    });
    report("engine", "steps per second", among_few, Some(floor), &more);
}

/// No-op jobs per second: claim a hundred, delete them, commit.
fn noop_jobs(place: &Place) -> f64 {
    place.sql("CREATE TABLE noops (id bigint PRIMARY KEY, run_at timestamptz NOT NULL); GRANT SELECT, UPDATE, DELETE ON noops TO entente_runtime");
    place.sql(&format!(
        "INSERT INTO noops SELECT n, now() FROM generate_series(1, {NOOPS}) n; CREATE INDEX ON noops (run_at); ANALYZE noops"
    ));
    BATCH * place.pgbench(
        "DELETE FROM noops WHERE id IN (SELECT id FROM noops WHERE run_at <= now() ORDER BY run_at LIMIT 100 FOR UPDATE SKIP LOCKED);\n",
    )
}

/// Cases that nobody looks at: with the market, of the first customer there is.
async fn sleepers(place: &Place, from: u32, to: u32) {
    let served = place.serve().await;
    let token = served.creditor(&sign_up()).await;
    post_invoices(&served.address, &token, 0, 1).await;
    place.sql(&format!(
        "INSERT INTO cases (id, reference, creditor_id, debtor_id, phase, currency, principal_minor, with_interest, oldest_due_on,
                            event_count, last_event_hash, version, phase_since, posted_at)
         SELECT gen_random_uuid(), 'SLEEPER' || n, d.creditor_id, d.id, 'listed', 'EUR', 100000, false, '2026-07-31', 0, '', 1, now(), now()
         FROM generate_series({from} + 1, {to}) n, (SELECT id, creditor_id FROM debtors LIMIT 1) d"
    ));
    place.sql("VACUUM ANALYZE cases");
    served.stop();
}

/// Posts cases with nobody at work, then lets eight workers loose on them.
async fn steps_per_second(place: &Place, round: u32) -> f64 {
    let served = place.serve().await;
    let token = served.creditor(&sign_up()).await;
    for batch in 0..DUE / INVOICES_A_POST {
        let first = round * DUE + batch * INVOICES_A_POST;
        let receivables = post_invoices(&served.address, &token, first, INVOICES_A_POST).await;
        for receivable in receivables {
            let body = json!({ "receivable_ids": [receivable] });
            let (status, text) = http::post(&served.address, "/api/v1/cases", Some(&token), &body).await;
            assert_eq!(status, 201, "{text}");
        }
    }
    served.stop();
    let office_hours = office_hours();
    place.sql(&format!(
        "UPDATE clock_offset SET offset_seconds = extract(epoch FROM '{office_hours}'::timestamptz - now())::bigint;
         UPDATE cases SET next_action_at = '{office_hours}'::timestamptz - interval '1 second' WHERE next_action_at IS NOT NULL"
    ));
    let before = actions(place);
    let served = place.serve_on(CLIENTS, &[("ENTENTE_MOVABLE_CLOCK", "true"), ("ENTENTE_DATABASE__POOL", "16")]).await;
    let began = Instant::now();
    while actions(place) < before + DUE {
        assert!(began.elapsed() < Duration::from_secs(300), "the engine does not get through");
        // Each look costs a process: often enough to be within two in a hundred.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let took = began.elapsed() + served.ready_after;
    served.stop();
    f64::from(DUE) / took.as_secs_f64()
}

/// The second next working day at eleven in Madrid: nothing is deferred.
fn office_hours() -> DateTime<Utc> {
    let calendar = Calendar::of(Country::Spain);
    let day = calendar.add_working_days(Clock::real().now().date_naive(), 2);
    calendar
        .zone()
        .from_local_datetime(&day.and_hms_opt(11, 0, 0).expect("a time"))
        .single()
        .expect("no clock changes at eleven")
        .to_utc()
}

fn actions(place: &Place) -> u32 {
    place.ask("SELECT count(*) FROM actions").parse().expect("a count")
}

async fn post_invoices(address: &str, token: &str, first: u32, count: u32) -> Vec<String> {
    let invoice = |number: u32| {
        json!({
            "debtor": { "legal_name": format!("Bodegas {number} SA"), "kind": "business", "country": "ES", "postal_code": "28013",
                        "email": format!("pagos@bodegas{number}.example") },
            "number": format!("E-{number}"), "issued_on": "2026-07-01", "due_on": "2026-07-31",
            "principal": { "minor": 100_000, "currency": "EUR" },
        })
    };
    let body = json!({ "receivables": (first..first + count).map(invoice).collect::<Vec<_>>() });
    let (status, text) = http::post(address, "/api/v1/receivables", Some(token), &body).await;
    assert_eq!(status, 200, "{text}");
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    answer["rows"].as_array().expect("rows").iter().map(|row| row["receivable_id"].as_str().expect("an id").to_owned()).collect()
}
