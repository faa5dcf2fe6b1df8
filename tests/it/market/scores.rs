//! Scores: published with all that they are made of, corrected in the open, and counted at the award.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Scene, offer, org_of, post_case, sign, text};
use crate::support::Client;

impl Scene {
    async fn scores(&self, reader: &Client) -> Value {
        reader.get(&format!("/api/v1/agencies/{}/scores", org_of(&self.agency).await)).await.expect(200)
    }

    /// Taken, signed, and recalled at once: an engagement that has ended, by its path.
    async fn ended(&self) -> String {
        self.list("by_hand").await;
        self.engaged(&self.agency).await;
        self.creditor.post(&self.at("/recall"), &json!({ "ground": "new_order" })).await.expect(200);
        let engagements = self.creditor.get(&self.at("/engagements")).await.expect(200);
        format!("/api/v1/engagements/{}", text(&engagements["data"][0]["id"]))
    }

    /// Past the tenth day after the quarter.
    async fn publication(&self) {
        self.reach(&json!("2027-01-11T00:00:00Z")).await;
    }
}

fn marks(treatment: i32) -> Value {
    json!({ "treatment": treatment, "documents": 5, "comment": "They knew our customer's name." })
}

fn component<'a>(score: &'a Value, name: &str) -> &'a Value {
    score["score"]["components"].as_array().unwrap().iter().find(|one| one["component"] == name).unwrap()
}

#[actix_web::test]
async fn a_quarter_is_published_with_its_inputs_and_every_organisation_reads_it() {
    let scene = Scene::new().await;
    let before = scene.scores(&scene.rival).await;
    assert_eq!((&before["prior"]["score_bp"], &before["data"]), (&json!(8_450), &json!([])));
    let engagement = scene.ended().await;
    scene.creditor.post(&format!("{engagement}/rating"), &marks(5)).await.expect(201);
    scene.publication().await;
    for reader in [&scene.creditor, &scene.agency, &scene.rival, &scene.operator] {
        let published = scene.scores(reader).await;
        let score = &published["data"][0];
        assert_eq!((&score["country"], &score["quarter"], &score["version"]), (&json!("ES"), &json!("2026-Q4"), &json!(1)));
        // One engagement beside a prior of ten: (10 × 75 + 100) ÷ 11.
        assert_eq!(
            (&component(score, "treatment")["engagements"], &component(score, "treatment")["value_bp"]),
            (&json!(1), &json!(7_727))
        );
        // Nothing came of the 58 % that the award expected of a case of that age.
        assert_eq!(
            (&component(score, "recovery")["observed_bp"], &component(score, "recovery")["value_bp"]),
            (&json!(0), &json!(8_181))
        );
        assert_eq!(
            score["calibration"],
            json!([{ "age_band": "91_to_180_days", "engagements": 1, "promised_bp": 5_800, "recovered_bp": 0 }])
        );
    }
    let told = scene.agency.get("/api/v1/notifications").await.expect(200);
    assert!(told["data"].as_array().unwrap().iter().any(|one| one["kind"] == "score_published"), "{told}");
    scene.finish().await;
}

#[actix_web::test]
async fn a_creditor_rates_its_own_ended_engagement_once() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    scene.engaged(&scene.agency).await;
    let engagements = scene.creditor.get(&scene.at("/engagements")).await.expect(200);
    let path = format!("/api/v1/engagements/{}/rating", text(&engagements["data"][0]["id"]));
    scene.creditor.post(&path, &marks(4)).await.problem(409, "wrong-state");
    scene.creditor.post(&scene.at("/recall"), &json!({ "ground": "new_order" })).await.expect(200);
    assert_eq!(scene.creditor.post(&path, &marks(6)).await.problem(422, "invalid")["errors"][0]["pointer"], "/treatment");
    scene.world.creditor(3).await.post(&path, &marks(1)).await.problem(404, "not-found");
    scene.creditor.post(&path, &marks(4)).await.expect(201);
    scene.creditor.post(&path, &marks(5)).await.problem(409, "conflict");
    scene.finish().await;
}

#[actix_web::test]
async fn an_appeal_that_is_upheld_has_the_score_published_again() {
    let scene = Scene::new().await;
    let engagement = scene.ended().await;
    let id = engagement.rsplit('/').next().unwrap().to_owned();
    scene.creditor.post(&format!("{engagement}/rating"), &marks(1)).await.expect(201);
    let appeal = json!({ "engagement_id": id, "component": "treatment", "statement": "We never spoke with the customer." });
    scene.agency.post("/api/v1/score-appeals", &appeal).await.problem(409, "wrong-state");
    scene.publication().await;
    assert_eq!(component(&scene.scores(&scene.agency).await["data"][0], "treatment")["value_bp"], 6_818);
    scene.rival.post("/api/v1/score-appeals", &appeal).await.problem(404, "not-found");
    let filed = scene.agency.post("/api/v1/score-appeals", &appeal).await.expect(201);
    scene.agency.post("/api/v1/score-appeals", &appeal).await.problem(409, "conflict");
    let recovery = json!({ "engagement_id": id, "component": "recovery", "statement": "It was recalled at once." });
    let second = scene.agency.post("/api/v1/score-appeals", &recovery).await.expect(201);
    let decision = |appeal: &Value| format!("/api/v1/operator/score-appeals/{}/decision", text(&appeal["id"]));
    let upheld = json!({ "uphold": true, "note": "The record shows no call." });
    assert_eq!(scene.operator.post(&decision(&filed), &upheld).await.expect(200)["status"], "upheld");
    scene.operator.post(&decision(&filed), &upheld).await.problem(409, "wrong-state");
    let rejected = json!({ "uphold": false, "note": "A recall is part of the trade." });
    assert_eq!(scene.operator.post(&decision(&second), &rejected).await.expect(200)["status"], "rejected");
    scene.world.work().await;
    let corrected = scene.scores(&scene.creditor).await;
    let score = &corrected["data"][0];
    assert_eq!((&score["version"], &component(score, "treatment")["value_bp"]), (&json!(2), &json!(7_500)));
    assert_eq!(component(score, "recovery")["value_bp"], 8_181);
    assert_eq!(scene.agency.get("/api/v1/score-appeals").await.expect(200)["data"].as_array().unwrap().len(), 2);
    assert_eq!(scene.rival.get("/api/v1/score-appeals").await.expect(200)["data"], json!([]));
    // Twenty working days later it is too late for another.
    scene.world.pass(TimeDelta::days(35)).await;
    let late = json!({ "engagement_id": id, "component": "updates", "statement": "late" });
    scene.agency.post("/api/v1/score-appeals", &late).await.problem(409, "wrong-state");
    scene.finish().await;
}

#[actix_web::test]
async fn a_complaint_that_is_upheld_later_corrects_the_score() {
    let scene = Scene::new().await;
    scene.ended().await;
    let complaint = json!({ "ground": "treatment", "statement": "They shouted." });
    let filed = scene.creditor.post(&scene.at("/complaints"), &complaint).await.expect(201);
    scene.publication().await;
    assert_eq!(component(&scene.scores(&scene.agency).await["data"][0], "complaints")["value_bp"], 9_545);
    let decision = format!("/api/v1/operator/complaints/{}/decision", text(&filed["id"]));
    scene.operator.post(&decision, &json!({ "severity": "grave", "note": "It is on record." })).await.expect(200);
    scene.world.work().await;
    let corrected = scene.scores(&scene.agency).await;
    let score = &corrected["data"][0];
    assert_eq!((&score["version"], &component(score, "complaints")["value_bp"]), (&json!(2), &json!(8_636)));
    scene.finish().await;
}

#[actix_web::test]
async fn the_award_counts_the_latest_score() {
    let mut scene = Scene::new().await;
    let engagement = scene.ended().await;
    scene.creditor.post(&format!("{engagement}/rating"), &marks(1)).await.expect(201);
    scene.publication().await;
    let score = scene.scores(&scene.creditor).await["data"][0]["score"]["score_bp"].as_i64().unwrap();
    scene.case = post_case(&scene.creditor, "FACT-SECRETA-2").await;
    let listing = scene.listed("by_hand").await;
    offer(&scene.agency, &listing, 1_000).await;
    offer(&scene.rival, &listing, 1_000).await;
    scene.reach_deadline(&listing).await;
    let opened = scene.creditor.get(&scene.at("/offers")).await.expect(200);
    let agency = org_of(&scene.agency).await.to_string();
    let factor = |id: &str, own: bool| {
        let offers = opened["data"].as_array().unwrap();
        let found = offers.iter().find(|one| (one["agency"]["id"] == id) == own).unwrap();
        let factors = found["ranking"]["factors"].as_array().unwrap();
        factors.iter().find(|factor| factor["criterion"] == "agency_score").unwrap()["ppm"].as_i64().unwrap()
    };
    assert!(score < 8_450, "{score}");
    assert_eq!((factor(&agency, true), factor(&agency, false)), ((score - 8_450) * 10, 0));
    scene.finish().await;
}

#[actix_web::test]
async fn what_an_agency_promised_to_recover_is_held_against_it_and_does_not_rank() {
    let scene = Scene::new().await;
    let listing = scene.listed("best_ranked").await;
    let promise = |recovery_bp: i32| json!({ "fee_bp": 1_000, "first_contact_hours": 24, "update_every_days": 14, "tone": "neutral", "recovery_bp": recovery_bp });
    let refused = scene.agency.post(&format!("{listing}/offers"), &promise(10_001)).await.problem(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/recovery_bp");
    scene.agency.post(&format!("{listing}/offers"), &promise(9_900)).await.expect(201);
    scene.reach_deadline(&listing).await;
    let mandate = format!("/api/v1/mandates/{}", text(&scene.agency.get("/api/v1/mandates").await.expect(200)["data"][0]["id"]));
    for party in [&scene.creditor, &scene.agency] {
        sign(party, &mandate).await.expect(201);
    }
    scene.creditor.post(&scene.at("/recall"), &json!({ "ground": "new_order" })).await.expect(200);
    scene.publication().await;
    let published = scene.scores(&scene.creditor).await;
    assert_eq!(published["data"][0]["calibration"][0]["promised_bp"], 9_900);
    scene.finish().await;
}

#[actix_web::test]
async fn the_debtor_says_on_its_page_how_it_was_treated_and_that_counts_for_half() {
    let scene = Scene::new().await;
    let page = scene.creditor.get(&scene.at("")).await.expect(200)["debtor_page"].as_str().unwrap().to_owned();
    let page = page[page.find("/d/").unwrap()..].to_owned();
    let stranger = scene.world.stranger();
    assert_eq!(stranger.browse(&format!("{page}/rating")).await.status.as_u16(), 404, "nothing has ended");
    let engagement = scene.ended().await;
    let form = format!("{page}/rating?lang=en");
    assert!(stranger.browse(&form).await.page(200).contains("treat you?"));
    let wrong = stranger.submit(&form, &[("treatment", "9"), ("comment", "they <b>shouted</b>")]).await.page(422);
    assert!(wrong.contains("they &#60;b&#62;shouted"), "{wrong}");
    assert!(stranger.submit(&form, &[("treatment", "1"), ("comment", "they shouted")]).await.page(200).contains("Thank you"));
    // A second click finds the first one's mark.
    stranger.submit(&form, &[("treatment", "5"), ("comment", "")]).await.page(200);
    scene.creditor.post(&format!("{engagement}/rating"), &marks(5)).await.expect(201);
    scene.publication().await;
    // One engagement beside a prior of ten: (10 × 75 + (100 + 0) ÷ 2) ÷ 11.
    let published = scene.scores(&scene.agency).await;
    assert_eq!(component(&published["data"][0], "treatment")["value_bp"], 7_272);
    assert!(!published.to_string().contains("shouted"));
    scene.finish().await;
}
