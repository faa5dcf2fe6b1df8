//! Speed and memory of the whole system, each figure beside its floor: `cargo bench --bench system -- NAME`.
//!
//! Ours is HTTP against the built program; the floor is pgbench replaying the very statements that we send, one by one,
//! and again as one pipeline. Both are measured in turn, several times, on one private, durable PostgreSQL.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::float_arithmetic,
    clippy::as_conversions,
    reason = "a measurement that meets the unexpected should stop; ratios are for people to read"
)]

mod support;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let measures = |name: &str| wanted.is_empty() || wanted.iter().any(|asked| asked == name);
    if measures("claim") {
        support::claim::measure();
    }
    if measures("parse") {
        support::parse::measure();
    }
    if measures("policy") {
        support::policy::measure();
    }
    if measures("score") {
        support::score::measure();
    }
    let place = support::Place::new().await;
    if measures("start") {
        support::start::measure(&place).await;
    }
    if measures("post_case") {
        support::post_case::measure(&place).await;
    }
    if measures("settle") {
        support::settle::measure(&place).await;
    }
    if let Some(sizes) = wanted.iter().find_map(|asked| asked.strip_prefix("import=")) {
        support::import::measure(&support::import::Sizes::read(sizes)).await;
    } else if measures("import") {
        support::import::measure(&support::import::Sizes::read("10000,100000,1000000")).await;
    }
    if measures("list") {
        support::list::measure(&place).await;
    }
    if measures("search") {
        support::search::measure(&place).await;
    }
    if measures("match") {
        support::matching::measure(&place).await;
    }
    if measures("engine") {
        support::engine::measure(&place).await;
    }
    if measures("take_now_race") {
        support::take_now_race::measure(&place).await;
    }
    if measures("post") {
        support::books::measure_post(&place).await;
    }
    if measures("verify") {
        support::books::measure_verify(&place).await;
    }
    if measures("reconcile") {
        support::reconcile::measure(&place).await;
    }
    if measures("reports") {
        support::reports::measure(&place).await;
    }
    ExitCode::SUCCESS
}
