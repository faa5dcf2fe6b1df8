//! `score`: at least 50,000 customers scored per second on one core.

use std::{hint::black_box, time::Instant};

use entente::credit::score::{Record, score};
use serde_json::json;

use super::{ROUNDS, median, report};

const CUSTOMERS: i64 = 100_000;

pub fn measure() {
    let records: Vec<Record> = (0..CUSTOMERS).map(record).collect();
    let speeds = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        for record in &records {
            black_box(score(black_box(record)));
        }
        records.len() as f64 / began.elapsed().as_secs_f64()
    });
    let more = json!({ "customers": CUSTOMERS, "target": "ours ≥ 50,000 on one core" });
    report("score", "customers per second", median(speeds.collect()), None, &more);
}

/// Histories of every kind: long and short, prompt and late, with promises, cases and hardship among them.
fn record(number: i64) -> Record {
    let seen_30 = number % 400;
    let paid_30 = seen_30 * (number % 11) / 10;
    let seen_60 = seen_30 - paid_30.min(seen_30);
    Record {
        seen_30,
        paid_30: paid_30.min(seen_30),
        seen_60,
        paid_60: seen_60 / 2,
        seen_90: seen_60 - seen_60 / 2,
        paid_90: seen_60 / 5,
        paid: paid_30,
        days_late: paid_30 * (number % 60),
        lately_paid: number % 5,
        lately_days_late: number % 5 * (number % 90),
        oldest_overdue_days: number % 120 - 20,
        promises_kept: number % 3,
        promises_broken: number % 4,
        left_unpaid: number % 7 / 6,
        is_in_hardship: number % 13 == 0,
        is_insolvent: number % 101 == 0,
    }
}
