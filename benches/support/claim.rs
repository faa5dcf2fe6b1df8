//! `claim`: at least 100,000 claims per second on one core, of three invoices with two payments over two half-years.

use std::{hint::black_box, time::Instant};

use chrono::NaiveDate;
use entente::{
    receivables::{
        DebtorKind,
        claim::{ClaimTerms, claim},
        invoice::Invoice,
        law,
    },
    types::{Country, Money, ReceivableId},
};
use serde_json::json;

use super::{ROUNDS, median, report, round};

const CLAIMS_A_ROUND: usize = 100_000;

pub fn measure() {
    let speeds: Vec<(Country, f64)> = Country::ALL.iter().map(|country| (*country, per_second(*country))).collect();
    let spain = speeds[0].1;
    let slowest = speeds.iter().min_by(|one, other| one.1.total_cmp(&other.1)).expect("eight countries");
    let more = json!({
        "law": speeds[0].0, "slowest_law": slowest.0, "slowest": round(slowest.1), "target": "ours ≥ 100,000 on one core",
    });
    report("claim", "claims per second", spain, None, &more);
}

fn per_second(country: Country) -> f64 {
    let invoices = invoices(country);
    let terms = ClaimTerms::statutory(country, DebtorKind::Business, true);
    let on = day("2026-10-31");
    let speeds = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        for _ in 0..CLAIMS_A_ROUND {
            black_box(claim(black_box(&terms), black_box(&invoices), on).expect("a claim"));
        }
        CLAIMS_A_ROUND as f64 / began.elapsed().as_secs_f64()
    });
    median(speeds.collect())
}

/// Due in the first half of the year, claimed in the second; the first two were paid in part.
fn invoices(country: Country) -> Vec<Invoice> {
    let money = |minor| Money::new(minor, law::of(country).currency);
    let invoice = |number: &str, issued_on: &str, due_on: &str, minor: i64, payment: Option<(&str, i64)>| Invoice {
        principal_payments: payment.into_iter().map(|(on, minor)| (day(on), money(minor))).collect(),
        ..Invoice::new(ReceivableId::fresh(), number.to_owned(), (day(issued_on), day(due_on)), money(minor))
    };
    vec![
        invoice("F-2026-0411", "2026-03-15", "2026-04-14", 184_530, Some(("2026-08-03", 60_000))),
        invoice("F-2026-0502", "2026-04-02", "2026-05-02", 92_015, Some(("2026-05-29", 25_000))),
        invoice("F-2026-0533", "2026-05-01", "2026-05-31", 1_250_000, None),
    ]
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}
