//! Many messages at once: a provider's rate is kept, creditors come by turns, nothing is lost or sent twice; a provider that is
//! away is spared; another channel takes over.

use std::{collections::BTreeMap, time::Instant};

use actix_web::rt;
use chrono::TimeDelta;
use entente::{recovery::line, workers};
use serde_json::{Value, json};

use super::{
    Posted, days, evaluate_only, move_on, nothing_is_forgotten, posted,
    texts::{Mood, Provider, assign_texts, sends_texts},
};
use crate::support::{Client, World};

/// As many due at once, nearly all of one creditor.
const MESSAGES: usize = 10_000;
const OF_THE_OTHER: usize = 10;
const A_SECOND: usize = 10;

/// A world that sends texts to a provider in this mood.
async fn texting(mood: Mood) -> (World, Provider) {
    let provider = Provider::start(mood).await;
    let world = World::with(|settings| sends_texts(settings, provider.port)).await;
    (world, provider)
}

async fn statuses(case: &Posted) -> Vec<String> {
    case.deliveries()
        .await
        .iter()
        .map(|one| format!("{}: {}", one["channel"].as_str().unwrap(), one["status"].as_str().unwrap()))
        .collect()
}

/// Copies the one message of each creditor that waits, until there are `MESSAGES` and `OF_THE_OTHER`.
async fn multiply(world: &World, large: &Posted, small: &Posted) {
    for (case, count) in [(large, MESSAGES), (small, OF_THE_OTHER)] {
        let case = case.id.0;
        world
            .as_owner(&format!(
                "INSERT INTO actions SELECT (jsonb_populate_record(a, jsonb_build_object('id', md5(a.id::text || n)::uuid, 'step', 100 + n))).*
                 FROM actions a, generate_series(2, {count}) n WHERE a.case_id = '{case}';
                 INSERT INTO deliveries SELECT (jsonb_populate_record(d, jsonb_build_object('id', md5(d.id::text || n)::uuid,
                        'action_id', md5(d.action_id::text || n)::uuid, 'message_id', d.message_id || n))).*
                 FROM deliveries d, generate_series(2, {count}) n WHERE d.case_id = '{case}';"
            ))
            .await;
    }
}

#[actix_web::test]
async fn ten_thousand_due_at_once_leave_ten_a_second_and_creditors_take_turns() {
    let (world, _) = texting(Mood::Takes).await;
    let (one, two) = (world.creditor(1).await, world.creditor(2).await);
    assign_texts(&one).await;
    assign_texts(&two).await;
    let (large, small) = (posted(&one, 1, 11).await, posted(&two, 1, 12).await);
    evaluate_only(&world).await;
    multiply(&world, &large, &small).await;

    let mut gone = Vec::new();
    while gone.iter().sum::<usize>() < MESSAGES + OF_THE_OTHER {
        // Four workers look, again and again, in the same second; later, to save time, one does.
        let (workers, again) = if gone.len() < 100 { (4, 2) } else { (1, 0) };
        let began = Instant::now();
        let looks = std::iter::repeat_with(|| line::round(&world.app)).take(workers);
        let mut this_second: usize = futures_util::future::join_all(looks).await.into_iter().map(Result::unwrap).sum();
        for _ in 0..again {
            this_second += line::round(&world.app).await.unwrap();
        }
        gone.push(this_second);
        let seconds = 1 + usize::try_from(began.elapsed().as_secs()).unwrap();
        assert!(this_second <= A_SECOND * seconds, "{this_second} in {seconds} s");
        if gone.len() == 4 {
            let waiting = format!("deliveries WHERE case_id = '{}' AND due_at IS NOT NULL", small.id.0);
            world
                .as_owner(&format!(
                    "DO $$ BEGIN IF EXISTS (SELECT FROM {waiting}) THEN RAISE EXCEPTION 'the small one waits'; END IF; END $$"
                ))
                .await;
        }
        assert!(gone.len() <= 2 * (MESSAGES + OF_THE_OTHER) / A_SECOND, "they do not leave: {gone:?}");
        move_on(&world, TimeDelta::seconds(1)).await;
    }
    assert!(gone.len() >= (MESSAGES + OF_THE_OTHER) / A_SECOND);
    let asked =
        "SELECT count(*) AS jobs, count(DISTINCT payload->>'delivery_id') AS messages FROM jobs WHERE kind = 'recovery.deliver'";
    let expected = MESSAGES + OF_THE_OTHER;
    world
        .as_owner(&format!(
            "DO $$ DECLARE r record; BEGIN SELECT * INTO r FROM ({asked}) q; IF r.jobs <> {expected} OR r.messages <> {expected} THEN
             RAISE EXCEPTION '% of %', r.messages, r.jobs; END IF; END $$;
             DELETE FROM jobs WHERE kind = 'recovery.deliver'; UPDATE deliveries SET status = 'stopped'; UPDATE actions SET status = 'stopped'"
        ))
        .await;
    world.finish().await;
}

#[actix_web::test]
async fn four_workers_send_each_message_once_within_the_rate() {
    let (world, provider) = texting(Mood::Takes).await;
    let (one, two) = (world.creditor(1).await, world.creditor(2).await);
    assign_texts(&one).await;
    assign_texts(&two).await;
    for number in 0..25 {
        posted(&one, number, 100 + number).await;
    }
    for number in 0..5 {
        posted(&two, number, 200 + number).await;
    }
    evaluate_only(&world).await;
    let began = Instant::now();
    let crew: Vec<_> = std::iter::repeat_with(|| {
        let app = world.app.clone();
        rt::spawn(async move { workers::until_idle(&app).await.unwrap() })
    })
    .take(4)
    .collect();
    for worker in crew {
        worker.await.unwrap();
    }
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for message in provider.messages() {
        *times.entry(message["status_callback"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!((times.len(), times.values().copied().max()), (30, Some(1)), "each once");
    assert!(began.elapsed().as_secs_f64() >= 2.0, "thirty take two seconds after the first ten: {:?}", began.elapsed());
    world.finish().await;
}

#[actix_web::test]
async fn a_provider_that_is_away_is_tried_by_one_message_at_a_time_and_nothing_is_lost() {
    let (world, provider) = texting(Mood::Busy).await;
    let creditor = world.creditor(1).await;
    assign_texts(&creditor).await;
    let mut cases = Vec::new();
    for number in 0..20 {
        cases.push(posted(&creditor, number, 100 + number).await);
    }
    world.work().await;
    let first = provider.posts();
    assert!((1..=A_SECOND).contains(&first), "those that left before it was known: {first}");
    for _ in 0..10 {
        world.pass(TimeDelta::seconds(30)).await;
    }
    let tried = provider.posts() - first;
    assert!(tried <= 10, "one at a time, ever less often: {tried}");
    provider.becomes(Mood::Takes);
    for _ in 0..20 {
        world.pass(TimeDelta::minutes(10)).await;
    }
    for case in &cases {
        assert_eq!(statuses(case).await[0], "sms: sent", "{}", case.path);
    }
    nothing_is_forgotten(&world).await;
    world.finish().await;
}

/// A text on the first day, or a mail instead; a letter on the eighth, which a bounce leads to, past a mail.
async fn assign_fallback(creditor: &Client) {
    let step = |key: &str, days: i64, channel: &str, template: &str, more: Value| {
        let mut step = json!({ "key": key, "anchor": "phase_start", "days": days, "channel": channel, "template": template, "tone": "neutral" });
        step.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        step
    };
    let instead = json!({ "fallback": { "channel": "mail", "template": "reminder" }, "branches": [{ "on": "bounced", "go_to": "letter" }] });
    let steps = [
        step("text", 0, "sms", "text_reminder", instead),
        step("mail", 5, "mail", "second_reminder", json!({})),
        step("letter", 8, "letter", "letter", json!({})),
    ];
    let draft = creditor.post("/api/v1/strategies", &json!({ "name": "instead", "steps": steps })).await.expect(201);
    assert_eq!(draft["faults"], json!([]));
    creditor.post(&format!("/api/v1/strategies/{}/publication", draft["id"].as_str().unwrap()), &json!({})).await.expect(200);
    creditor
        .post("/api/v1/strategy-assignments", &json!({ "strategy": "instead", "applies_to": { "kind": "all" } }))
        .await
        .expect(201);
}

#[actix_web::test]
async fn where_a_message_is_refused_the_steps_other_channel_is_taken_at_once() {
    let (world, _) = texting(Mood::Refuses(21_614)).await;
    let creditor = world.creditor(1).await;
    assign_fallback(&creditor).await;
    let case = posted(&creditor, 1, 11).await;
    world.work().await;
    assert_eq!(statuses(&case).await, ["sms: failed", "mail: sent"]);
    days(&world, 8).await;
    // The mail was step one: nothing branches, the second step follows.
    assert_eq!(case.done().await, ["text_reminder: failed", "reminder: done", "second_reminder: done"]);
    world.finish().await;
}

#[actix_web::test]
async fn where_a_provider_stays_away_the_other_channel_takes_over_after_four_hours() {
    let (world, provider) = texting(Mood::Busy).await;
    let creditor = world.creditor(1).await;
    assign_fallback(&creditor).await;
    let case = posted(&creditor, 1, 11).await;
    for _ in 0..3 {
        world.pass(TimeDelta::hours(1)).await;
    }
    assert_eq!(statuses(&case).await, ["sms: queued"]);
    for _ in 0..4 {
        world.pass(TimeDelta::hours(1)).await;
    }
    assert_eq!(statuses(&case).await, ["sms: failed", "mail: sent"]);
    provider.becomes(Mood::Takes);
    days(&world, 1).await;
    assert_eq!(provider.messages().len(), 0, "what was given up is not sent after all");
    world.finish().await;
}

#[actix_web::test]
async fn a_fallback_that_a_hold_stops_comes_again_and_one_that_cannot_be_taken_leaves_the_branch_its_way() {
    let (world, _) = texting(Mood::Refuses(21_614)).await;
    let creditor = world.creditor(1).await;
    assign_fallback(&creditor).await;
    let case = posted(&creditor, 1, 11).await;
    case.set_profile(|profile| profile["channels"] = json!(["sms", "letter", "call"])).await;
    world.work().await;
    assert_eq!(case.done().await, ["text_reminder: failed", "reminder: refused"]);
    days(&world, 8).await;
    assert_eq!(case.done().await, ["text_reminder: failed", "reminder: refused", "second_reminder: left_out", "letter: done"]);

    let other = posted(&creditor, 2, 12).await;
    world.work().await;
    assert_eq!(statuses(&other).await[0], "sms: failed");
    nothing_is_forgotten(&world).await;
    world.finish().await;
}
