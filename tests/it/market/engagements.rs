//! Engagements: return, recall, idleness, and the end of a case.

use chrono::TimeDelta;
use entente::{
    db::By,
    market::{MarketTerms, follow_case},
};
use serde_json::json;

use super::{MARKERS, Scene, case_id, offer, text};

#[actix_web::test]
async fn a_returned_case_goes_to_the_next_agency_without_the_notes_of_the_last() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    scene.engaged(&scene.agency).await;
    scene.agency.post(&scene.at("/notes"), &json!({ "text": "NOTE-OF-THE-FIRST" })).await.expect(201);
    let back = json!({ "reason": "other", "note": "OPINION-OF-THE-FIRST" });
    scene.agency.post(&scene.at("/return"), &json!({ "reason": "other" })).await.problem(422, "invalid");
    let ended = scene.agency.post(&scene.at("/return"), &back).await.expect(200);
    assert_eq!(ended["end_reason"], "returned");
    assert_eq!(scene.phase().await, "listed");
    scene.agency.get(&scene.at("")).await.problem(404, "not-found");
    scene.agency.post(&scene.at("/return"), &back).await.problem(404, "not-found");

    let market = scene.rival.get("/api/v1/listings").await;
    for marker in MARKERS {
        assert!(!market.text.contains(marker), "{marker} stands in {}", market.text);
    }
    assert_eq!(market.expect(200)["data"][0]["round"], 2);
    scene.engaged(&scene.rival).await;
    for path in ["", "/events", "/engagements", "/disputes", "/claim"] {
        let told = scene.rival.get(&scene.at(path)).await;
        assert_eq!(told.status, 200, "{}", told.text);
        assert!(!told.text.contains("OF-THE-FIRST"), "{path}: {}", told.text);
    }
    let all = scene.creditor.get(&scene.at("/engagements")).await.expect(200);
    assert_eq!(all["data"].as_array().unwrap().len(), 2);
    assert_eq!(all["data"][1]["end_note"], "OPINION-OF-THE-FIRST");
    let own = scene.rival.get(&scene.at("/engagements")).await.expect(200);
    assert_eq!(own["data"].as_array().unwrap().len(), 1);
    let former = scene.agency.get(&scene.at("/engagements")).await.expect(200);
    assert_eq!(former["data"][0]["end_reason"], "returned");
    scene.finish().await;
}

#[actix_web::test]
async fn a_recalled_case_goes_on_in_house() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    let recall = scene.at("/recall");
    scene.creditor.post(&recall, &json!({ "ground": "new_order" })).await.problem(409, "wrong-state");
    scene.engaged(&scene.agency).await;
    scene.creditor.post(&recall, &json!({ "ground": "whim" })).await.problem(422, "invalid");
    let recalled =
        scene.creditor.post(&recall, &json!({ "ground": "new_order", "note": "they ordered again" })).await.expect(200);
    assert_eq!(recalled["phase"], "in_house");
    let engagement = scene.agency.get(&scene.at("/engagements")).await.expect(200)["data"][0].clone();
    assert_eq!(
        (engagement["end_reason"].as_str(), engagement["end_note"].as_str()),
        (Some("recalled"), Some("they ordered again"))
    );
    scene.agency.get(&scene.at("")).await.problem(404, "not-found");
    scene.finish().await;
}

#[actix_web::test]
async fn a_case_recalled_before_both_have_signed_leaves_no_mandate_to_sign() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    let mandate = scene.taken_by(&scene.agency).await;
    scene.creditor.post(&scene.at("/recall"), &json!({ "ground": "agreement_with_customer" })).await.expect(200);
    assert_eq!(scene.creditor.get(&mandate).await.expect(200)["status"], "declined");
    assert_eq!(scene.phase().await, "in_house");
    scene.finish().await;
}

#[actix_web::test]
async fn an_idle_agency_is_warned_and_a_week_later_the_case_is_back_on_the_market() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    scene.engaged(&scene.agency).await;
    // The engine would write by itself: a case on which nothing happens at all.
    scene.world.as_owner("UPDATE cases SET next_action_at = NULL").await;
    scene.world.pass(TimeDelta::days(21) + TimeDelta::minutes(1)).await;
    assert_eq!(scene.phase().await, "active");
    assert!(scene.kinds(&scene.agency).await.contains(&"idle_warned".to_owned()));
    scene.world.pass(TimeDelta::days(7) + TimeDelta::minutes(1)).await;
    assert_eq!(scene.phase().await, "listed");
    let engagement = scene.creditor.get(&scene.at("/engagements")).await.expect(200)["data"][0].clone();
    assert_eq!(engagement["end_reason"], "idle");
    scene.finish().await;
}

#[actix_web::test]
async fn promises_are_held_against_what_was_done() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    scene.engaged(&scene.agency).await;
    // The engine would write by itself: an agency that does nothing.
    scene.world.as_owner("UPDATE cases SET next_action_at = NULL").await;
    scene.world.pass(TimeDelta::days(3)).await;
    let engaged = scene.creditor.get(&scene.at("/engagements")).await.expect(200)["data"][0].clone();
    assert_eq!((engaged["first_contact_kept"].as_bool(), engaged["updates_kept"].as_i64()), (Some(false), Some(0)), "{engaged}");
    scene.world.pass(TimeDelta::days(12)).await;
    scene.agency.post(&scene.at("/notes"), &json!({ "text": "called twice, nobody there" })).await.expect(201);
    scene.world.pass(TimeDelta::days(14)).await;
    let engaged = scene.creditor.get(&scene.at("/engagements")).await.expect(200)["data"][0].clone();
    assert_eq!((engaged["updates_kept"].as_i64(), engaged["updates_missed"].as_i64()), (Some(1), Some(1)), "{engaged}");
    let kinds = scene.kinds(&scene.creditor).await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "agency_promise_broken").count(), 2, "{kinds:?}");
    let told = scene.creditor.get("/api/v1/notifications").await.expect(200);
    assert!(told["data"].as_array().unwrap().iter().any(|one| one["kind"] == "agency_promise_broken"), "{told}");
    scene.finish().await;
}

#[actix_web::test]
async fn a_first_contact_in_time_is_a_promise_kept_and_a_hold_stops_the_clock() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    scene.engaged(&scene.agency).await;
    scene.world.work().await;
    for days in [1, 2] {
        scene.world.pass(TimeDelta::days(days)).await;
    }
    let engaged = scene.creditor.get(&scene.at("/engagements")).await.expect(200)["data"][0].clone();
    assert_eq!(engaged["first_contact_kept"].as_bool(), Some(true), "{engaged}");
    assert!(scene.kinds(&scene.agency).await.contains(&"agency_promise_kept".to_owned()));
    let hold = json!({ "kind": "creditor_request", "reason": "a fair week", "ends_at": scene.world.now() + TimeDelta::days(40) });
    scene.creditor.post(&scene.at("/holds"), &hold).await.expect(201);
    scene.world.pass(TimeDelta::days(30)).await;
    let engaged = scene.creditor.get(&scene.at("/engagements")).await.expect(200)["data"][0].clone();
    assert_eq!(engaged["updates_missed"].as_i64(), Some(0), "{engaged}");
    scene.finish().await;
}

#[actix_web::test]
async fn when_a_case_closes_its_engagement_ends_with_it() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    let mandate = scene.engaged(&scene.agency).await;
    scene.creditor.post(&scene.at("/closure"), &json!({ "outcome": "withdrawn", "reason": "peace" })).await.expect(200);
    scene.world.work().await;
    let engagement = scene.agency.get(&scene.at("/engagements")).await.expect(200)["data"][0].clone();
    assert_eq!(engagement["end_reason"], "closed");
    assert_eq!(scene.agency.get(&format!("{mandate}/document")).await.status, 200);
    scene.finish().await;
}

#[actix_web::test]
async fn an_engagement_goes_on_when_a_bounced_payment_reopens_its_case() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    scene.engaged(&scene.agency).await;
    scene.creditor.post(&scene.at("/closure"), &json!({ "outcome": "paid", "reason": "they paid" })).await.expect(200);
    scene.world.work().await;
    scene.world.as_owner("UPDATE cases SET phase = 'active', outcome = NULL, closed_from = NULL, closed_at = NULL").await;
    let (app, id) = (&scene.world.app, case_id(&scene));
    for _ in 0..2 {
        let by = By::engine(scene.world.now());
        let followed = app.db.transaction(by.scope, async |conn| follow_case(conn, &by, MarketTerms::of(app), id).await);
        followed.await.unwrap();
    }
    let engagements = scene.agency.get(&scene.at("/engagements")).await.expect(200);
    assert_eq!((engagements["data"].as_array().unwrap().len(), engagements["data"][0]["ended_at"].is_null()), (1, true));
    scene.finish().await;
}

#[actix_web::test]
async fn when_a_case_closes_its_listing_ends_and_the_bidders_are_told() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    offer(&scene.agency, &listing, 1_000).await;
    scene.creditor.post(&scene.at("/closure"), &json!({ "outcome": "paid", "reason": "they paid" })).await.expect(200);
    scene.world.work().await;
    let told = scene.agency.get("/api/v1/offers").await.expect(200)["data"][0].clone();
    assert_eq!(told["status"], "void");
    assert!(text(&told["reason"]).contains("ended while it was on the market"), "{told}");
    assert_eq!(scene.rival.get("/api/v1/listings").await.expect(200)["data"], json!([]));
    scene.rival.post(&format!("{listing}/take-now"), &json!({})).await.problem(409, "wrong-state");
    scene.world.pass(TimeDelta::days(5)).await;
    let closed = scene.creditor.get(&scene.at("")).await.expect(200);
    assert_eq!((closed["phase"].as_str(), case_id(&scene).to_string()), (Some("closed"), scene.case.clone()));
    scene.finish().await;
}
