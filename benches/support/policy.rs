//! `policy`: at least 500,000 decisions of the contact policy per second on one core.

use std::{hint::black_box, time::Instant};

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use entente::{
    cases::{HoldKind, Phase},
    receivables::DebtorKind,
    recovery::{
        hours::Hours,
        policy::{Approval, Contact, Facts, OwnerWindow, RunningHold, Writing, decide},
    },
    types::{Calendar, Channel, Country, Tone},
};
use serde_json::json;

use super::{ROUNDS, median, report};

const DECISIONS_A_ROUND: usize = 1_000_000;

pub fn measure() {
    let situations = situations();
    let contact = Contact {
        channel: Channel::Mail,
        tone: Tone::Firm,
        address_known: true,
        address_unreachable: false,
        opted_out: false,
        approval: Approval::NotNeeded,
        prepared_under: None,
    };
    let speeds = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        for facts in situations.iter().cycle().take(DECISIONS_A_ROUND) {
            black_box(decide(black_box(facts), black_box(&contact)));
        }
        DECISIONS_A_ROUND as f64 / began.elapsed().as_secs_f64()
    });
    let more = json!({ "situations": situations.len(), "target": "ours ≥ 500,000 on one core" });
    report("policy", "decisions per second", median(speeds.collect()), None, &more);
}

/// Every hour of a fortnight in every country, with a week's contacts behind it, every third under a hold.
fn situations() -> Vec<Facts> {
    let start: DateTime<Utc> = "2026-11-23T00:00:00Z".parse().expect("a time");
    let hours = (0..14 * 24).map(|hour| start + TimeDelta::hours(hour));
    let all = hours.flat_map(|now| Country::ALL.iter().map(move |country| (now, *country)));
    all.enumerate().map(|(number, (now, country))| facts(number, now, country)).collect()
}

fn facts(number: usize, now: DateTime<Utc>, country: Country) -> Facts {
    let ago = |hours| now - TimeDelta::hours(hours);
    let held = RunningHold { kind: HoldKind::Promise, ends_at: Some(now + TimeDelta::days(3)) };
    Facts {
        now,
        phase: Phase::Active,
        country,
        debtor_kind: if number.is_multiple_of(2) { DebtorKind::Business } else { DebtorKind::Consumer },
        contact_epoch: 4,
        holds: if number.is_multiple_of(3) { vec![held] } else { Vec::new() },
        do_not_contact: false,
        owner: OwnerWindow::Over,
        channels: Channel::ALL.to_vec(),
        tone_ceiling: Tone::Neutral,
        promised_tone: Some(Tone::Firm),
        hours: Hours {
            calendar: Calendar::of(country),
            from: NaiveTime::MIN,
            until: NaiveTime::from_hms_opt(19, 0, 0).expect("a time"),
        },
        writings: vec![Writing { channel: Channel::Letter, at: ago(200) }],
        recent_contacts: vec![ago(20), ago(90), ago(160)],
        contacts_per_week: 3,
        last_contact_at: Some(ago(90)),
        last_conversation_at: Some(ago(400)),
    }
}
