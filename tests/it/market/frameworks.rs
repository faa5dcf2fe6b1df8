//! Framework mandates: signed once, then a case needs its schedule only.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Scene, offer, org_of, post_case, sign, text};

impl Scene {
    /// Drawn up between creditor and agency; answers with its path.
    async fn framework(&self) -> String {
        let body = json!({ "agency_id": org_of(&self.agency).await.to_string() });
        let drawn = self.creditor.post("/api/v1/framework-mandates", &body).await.expect(201);
        format!("/api/v1/framework-mandates/{}", text(&drawn["id"]))
    }

    /// Signed by both.
    async fn framework_in_force(&self) -> String {
        let path = self.framework().await;
        assert_eq!(sign(&self.creditor, &path).await.expect(201)["status"], "to_sign");
        assert_eq!(sign(&self.agency, &path).await.expect(201)["status"], "in_force");
        path
    }

    /// The mandate of a case that the agency has just taken.
    async fn mandate_taken(&self) -> Value {
        self.list("by_hand").await;
        let mandate = self.taken_by(&self.agency).await;
        self.creditor.get(&mandate).await.expect(200)
    }
}

#[actix_web::test]
async fn a_case_awarded_under_a_framework_needs_its_schedule_only() {
    let scene = Scene::new().await;
    let framework = scene.framework_in_force().await;
    let listing = scene.listed("best_ranked").await;
    offer(&scene.agency, &listing, 1_200).await;
    scene.reach_deadline(&listing).await;
    assert_eq!(scene.phase().await, "active");
    let mandate = scene.agency.get("/api/v1/mandates").await.expect(200)["data"][0].clone();
    assert_eq!(
        (&mandate["status"], text(&mandate["framework_id"])),
        (&json!("signed"), framework.rsplit('/').next().unwrap().to_owned())
    );
    let path = format!("/api/v1/mandates/{}", text(&mandate["id"]));
    assert_eq!(scene.agency.get(&path).await.expect(200)["signatures"], json!([]));
    sign(&scene.agency, &path).await.problem(409, "wrong-state");
    let pdf = scene.agency.get(&format!("{path}/document")).await;
    assert!(pdf.status.is_success() && pdf.bytes.starts_with(b"%PDF"));
    let kinds = scene.kinds(&scene.creditor).await;
    assert!(kinds.windows(2).any(|pair| pair == ["awarded", "engaged"]), "{kinds:?}");
    scene.finish().await;
}

#[actix_web::test]
async fn what_one_side_has_not_signed_covers_nothing() {
    let scene = Scene::new().await;
    let path = scene.framework().await;
    sign(&scene.creditor, &path).await.expect(201);
    sign(&scene.creditor, &path).await.problem(409, "conflict");
    assert_eq!(scene.mandate_taken().await["status"], "to_sign");
    scene.rival.get(&path).await.problem(404, "not-found");
    scene.rival.get(&format!("{path}/document")).await.problem(404, "not-found");
    let other = json!({ "full_name": "Ana", "document_sha256": "00".repeat(32) });
    scene.agency.post(&format!("{path}/signature"), &other).await.problem(409, "conflict");
    let body = json!({ "agency_id": org_of(&scene.agency).await.to_string() });
    scene.creditor.post("/api/v1/framework-mandates", &body).await.problem(409, "conflict");
    let sign_by = scene.creditor.get(&path).await.expect(200)["sign_by"].clone();
    scene.reach(&sign_by).await;
    assert_eq!(scene.creditor.get(&path).await.expect(200)["status"], "lapsed");
    sign(&scene.agency, &path).await.problem(409, "wrong-state");
    scene.finish().await;
}

#[actix_web::test]
async fn notice_ends_it_for_new_cases_and_what_runs_runs_on() {
    let mut scene = Scene::new().await;
    let path = scene.framework_in_force().await;
    assert_eq!(scene.mandate_taken().await["status"], "signed");
    let first = scene.case.clone();
    scene.rival.post(&format!("{path}/end"), &json!({})).await.problem(404, "not-found");
    let ended = scene.agency.post(&format!("{path}/end"), &json!({})).await.expect(200);
    assert_eq!((&ended["status"], &ended["ended_by"]), (&json!("in_force"), &json!("agency")));
    assert_eq!(scene.creditor.post(&format!("{path}/end"), &json!({})).await.expect(200)["ended_by"], "agency");
    scene.case = post_case(&scene.creditor, "FACT-SECRETA-2").await;
    assert_eq!(scene.mandate_taken().await["status"], "signed");
    scene.world.pass(TimeDelta::days(30)).await;
    scene.case = post_case(&scene.creditor, "FACT-SECRETA-3").await;
    assert_eq!(scene.mandate_taken().await["status"], "to_sign");
    let engagements = scene.creditor.get(&format!("/api/v1/cases/{first}/engagements")).await.expect(200);
    assert!(engagements["data"][0]["ended_at"].is_null() || engagements["data"][0]["end_reason"] == "idle", "{engagements}");
    scene.framework().await;
    scene.finish().await;
}

#[actix_web::test]
async fn a_licence_that_ran_out_stops_an_award_under_a_framework_too() {
    let scene = Scene::new().await;
    scene.framework_in_force().await;
    let listing = scene.listed("by_hand").await;
    let agency = org_of(&scene.agency).await.0;
    scene.world.as_owner(&format!("UPDATE agency_credentials SET valid_until = '2026-11-01' WHERE agency_id = '{agency}'")).await;
    scene.agency.post(&format!("{listing}/take-now"), &json!({})).await.problem(403, "forbidden");
    assert_eq!(scene.phase().await, "listed");
    scene.finish().await;
}

#[actix_web::test]
async fn a_framework_is_with_an_agency_and_may_be_declined() {
    let scene = Scene::new().await;
    let with = async |org: String| scene.creditor.post("/api/v1/framework-mandates", &json!({ "agency_id": org })).await;
    with(org_of(&scene.creditor).await.to_string()).await.problem(404, "not-found");
    with("org_01938f5c2b7a7c0e9d3f4a5b6c7d8e9f".to_owned()).await.problem(404, "not-found");
    let path = scene.framework().await;
    assert_eq!(scene.agency.post(&format!("{path}/end"), &json!({})).await.expect(200)["status"], "declined");
    sign(&scene.agency, &path).await.problem(409, "wrong-state");
    scene.finish().await;
}
