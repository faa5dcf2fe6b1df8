//! A claim as an aligned table for people, with its grounds and what is not sure about them.

use std::fmt::Write;

use entente::{
    receivables::claim::{ClaimLine, Part},
    types::Money,
};

use super::{Reckoning, decimal_percent};

const HEADINGS: [&str; 8] = ["", "invoice", "from", "to", "days", "rate", "base", "amount"];
/// Columns that hold numbers stand to the right.
const FIRST_NUMBER: usize = 4;

pub fn text(reckoning: &Reckoning) -> String {
    let claim = &reckoning.claim;
    let mut out =
        format!("Claim under the law of {}, {}, on {}, in {}\n\n", reckoning.country, reckoning.kind, claim.on, claim.currency);
    let mut rows = vec![(HEADINGS.map(str::to_owned), "ground")];
    rows.extend(claim.lines.iter().map(|line| (cells(line), line.citation)));
    let widths: Vec<usize> = (0..HEADINGS.len())
        .map(|at| rows.iter().filter_map(|(cells, _)| cells.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0))
        .collect();
    for (cells, citation) in &rows {
        push_line(&mut out, &row(cells, &widths), citation);
    }
    out.push('\n');
    sums(&mut out, reckoning);
    payments(&mut out, reckoning);
    remarks(&mut out, reckoning);
    limitation(&mut out, reckoning);
    out
}

/// A line with its tail, without blanks at the end. Writing to a string does not fail.
fn push_line(out: &mut String, head: &str, tail: &str) {
    out.push_str(format!("{head}  {tail}").trim_end());
    out.push('\n');
}

fn cells(line: &ClaimLine) -> [String; 8] {
    let mark = if line.uncertain { " [?]" } else { "" };
    [
        format!("{}{mark}", line.part),
        line.number.clone(),
        line.from.to_string(),
        line.to.to_string(),
        if line.days > 0 { line.days.to_string() } else { String::new() },
        line.rate.map_or_else(String::new, |rate| format!("{} %", decimal_percent(rate))),
        line.base.decimal(),
        line.amount.decimal(),
    ]
}

fn row(cells: &[String], widths: &[usize]) -> String {
    let mut row = String::new();
    for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let gap = " ".repeat(width.saturating_sub(cell.chars().count()));
        let between = if at == 0 { "" } else { "  " };
        let padded = if at >= FIRST_NUMBER { format!("{between}{gap}{cell}") } else { format!("{between}{cell}{gap}") };
        row.push_str(&padded);
    }
    row
}

fn sums(out: &mut String, reckoning: &Reckoning) {
    let claim = &reckoning.claim;
    let paid = Money::new(claim.paid.minor.saturating_neg(), claim.currency);
    let asked =
        [Part::Principal, Part::Interest, Part::Compensation, Part::Costs].map(|part| (part.as_str(), reckoning.asked(part)));
    let sums = asked.into_iter().chain([("paid", paid), ("total", claim.total)]);
    for (name, money) in sums {
        push_line(out, &format!("{name:<12}  {:>16}", money.decimal()), "");
    }
}

fn payments(out: &mut String, reckoning: &Reckoning) {
    for spent in &reckoning.spent {
        let on = spent.on.iter().map(|line| format!("{} on {}", line.amount.decimal(), line.part));
        let words = on.collect::<Vec<_>>().join(", ");
        push_line(out, &format!("\npayment of {} on {}: {words}", spent.amount.decimal(), spent.received_on), "");
    }
    if reckoning.later > 0 {
        push_line(out, &format!("\n{} payments came in after that day and are left out", reckoning.later), "");
    }
}

/// Why something is not asked, and what is not sure: once for each ground.
fn remarks(out: &mut String, reckoning: &Reckoning) {
    let mut said: Vec<String> = Vec::new();
    for line in &reckoning.claim.lines {
        // Days without a known rate say so themselves.
        let nothing = (line.amount.minor == 0 && line.day_count.is_none())
            .then(|| format!("no {}: {} ({})", line.part, line.rule, line.citation));
        let doubt = line.doubt.map(|doubt| format!("[?] {} is uncertain: {doubt} ({})", line.part, line.citation));
        for words in [nothing, doubt].into_iter().flatten() {
            if !said.contains(&words) {
                said.push(words);
            }
        }
    }
    if !said.is_empty() {
        out.push('\n');
    }
    for words in said {
        push_line(out, &words, "");
    }
}

fn limitation(out: &mut String, reckoning: &Reckoning) {
    out.push('\n');
    for (invoice, bar) in &reckoning.limitation {
        let passed = if bar.has_passed(reckoning.claim.on) { ": it is time-barred" } else { "" };
        let mut words =
            format!("invoice {invoice} can be enforced until {}{passed}; {} ({})", bar.enforceable_until, bar.rule, bar.citation);
        let anew = bar.interrupted_by.iter().map(|by| by.as_str().replace('_', " ")).collect::<Vec<_>>().join(", ");
        if write!(words, "; begun anew by: {anew}").is_err() {
            continue;
        }
        push_line(out, &words, "");
        if let Some(doubt) = bar.doubt {
            push_line(out, &format!("[?] uncertain: {doubt}"), "");
        }
    }
}
