//! Lots: several cases, one offer, one award, a mandate for each.

use serde_json::{Value, json};

use super::{Scene, case_of, offer, post_case, promises, text};
use crate::support::cif;

impl Scene {
    /// This case and one more as a lot; answers with it and the other case.
    async fn lot(&self, award_rule: &str) -> (Value, String) {
        let other = post_case(&self.creditor, "FACT-SECRETA-2").await;
        let body = json!({ "case_ids": [self.case, other], "award_rule": award_rule });
        (self.creditor.post("/api/v1/lots", &body).await.expect(201), other)
    }

    async fn phase_of(&self, case: &str) -> String {
        text(&self.creditor.get(&format!("/api/v1/cases/{case}")).await.expect(200)["phase"])
    }
}

fn listings(lot: &Value) -> Vec<String> {
    lot["data"].as_array().unwrap().iter().map(|one| format!("/api/v1/listings/{}", text(&one["id"]))).collect()
}

#[actix_web::test]
async fn one_offer_on_a_lot_is_awarded_every_case_of_it() {
    let scene = Scene::new().await;
    let (lot, other) = scene.lot("best_ranked").await;
    let listings = listings(&lot);
    let shown = scene.agency.get(&format!("/api/v1/lots/{}", text(&lot["id"]))).await.expect(200);
    assert_eq!((shown["data"].as_array().unwrap().len(), &shown["data"][1]["lot_id"]), (2, &lot["id"]));
    assert_eq!(shown["data"][0].get("case_id"), None);
    // Through the second listing: it is the same lot, and the second offer replaces the first.
    offer(&scene.agency, &listings[1], 1_300).await;
    offer(&scene.agency, &listings[0], 1_200).await;
    offer(&scene.rival, &listings[1], 1_500).await;
    assert_eq!(scene.creditor.get(&listings[0]).await.expect(200)["offer_count"], 2);
    scene.agency.post(&format!("{}/take-now", listings[0]), &json!({})).await.problem(409, "conflict");
    let mut flat = promises(0);
    flat["fee"] = json!({ "model": "flat", "amount_minor": 10_000 });
    flat.as_object_mut().unwrap().remove("fee_bp");
    let refused = scene.rival.post(&format!("{}/offers", listings[0]), &flat).await.problem(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/fee/model");
    scene.reach_deadline(&listings[0]).await;
    let mandates = scene.agency.get("/api/v1/mandates").await.expect(200);
    let cases: Vec<String> = mandates["data"].as_array().unwrap().iter().map(|mandate| text(&mandate["case_id"])).collect();
    assert!(cases.len() == 2 && cases.contains(&scene.case) && cases.contains(&other), "{cases:?}");
    assert!(mandates["data"].as_array().unwrap().iter().all(|mandate| mandate["fee_bp"] == 1_200));
    for case in [&scene.case, &other] {
        assert_eq!(scene.phase_of(case).await, "awarded");
        let opened = scene.creditor.get(&format!("/api/v1/cases/{case}/offers")).await.expect(200);
        assert_eq!(opened["data"].as_array().unwrap().len(), 2);
    }
    assert_eq!(scene.rival.get("/api/v1/offers").await.expect(200)["data"][0]["status"], "lost");
    scene.finish().await;
}

#[actix_web::test]
async fn a_lot_is_awarded_by_hand_through_any_of_its_cases() {
    let scene = Scene::new().await;
    let (lot, other) = scene.lot("by_hand").await;
    let made = offer(&scene.agency, &listings(&lot)[0], 1_200).await;
    scene.reach_deadline(&listings(&lot)[0]).await;
    let choice = json!({ "offer_id": made["id"] });
    scene.world.creditor(3).await.post(&format!("/api/v1/cases/{other}/award"), &choice).await.problem(404, "not-found");
    scene.creditor.post(&format!("/api/v1/cases/{other}/award"), &choice).await.expect(201);
    assert_eq!((scene.phase().await.as_str(), scene.phase_of(&other).await.as_str()), ("awarded", "awarded"));
    scene.finish().await;
}

#[actix_web::test]
async fn a_case_that_leaves_a_lot_leaves_the_offers_to_the_rest() {
    let scene = Scene::new().await;
    let (lot, other) = scene.lot("best_ranked").await;
    let lead = text(&lot["data"][0]["case_id"]);
    let rest = if lead == scene.case { &other } else { &scene.case };
    offer(&scene.agency, &listings(&lot)[0], 1_200).await;
    scene.creditor.delete(&format!("/api/v1/cases/{lead}/listing"), None).await.expect(200);
    let standing = scene.agency.get("/api/v1/offers").await.expect(200);
    assert_eq!((&standing["data"][0]["status"], &standing["data"][0]["listing_id"]), (&json!("sealed"), &lot["data"][1]["id"]));
    assert_eq!(scene.creditor.get(&listings(&lot)[1]).await.expect(200)["offer_count"], 1);
    scene.reach_deadline(&listings(&lot)[1]).await;
    assert_eq!((scene.phase_of(rest).await.as_str(), scene.phase_of(&lead).await == "awarded"), ("awarded", false));
    scene.finish().await;
}

#[actix_web::test]
async fn nobody_offers_on_a_lot_and_all_of_it_comes_back() {
    let scene = Scene::new().await;
    let (lot, other) = scene.lot("by_hand").await;
    scene.reach_deadline(&listings(&lot)[0]).await;
    assert_eq!((scene.phase().await.as_str(), scene.phase_of(&other).await.as_str()), ("in_house", "in_house"));
    scene.creditor.get(&format!("/api/v1/lots/{}", text(&lot["id"]))).await.problem(404, "not-found");
    scene.finish().await;
}

#[actix_web::test]
async fn an_agency_needs_room_for_the_whole_lot() {
    let scene = Scene::new().await;
    let (lot, _) = scene.lot("by_hand").await;
    let scope = |capacity: i32| json!({ "capacity": capacity });
    scene.agency.put("/api/v1/agency/scope", Some("\"v0\""), &scope(1)).await.expect(200);
    let refused = scene.agency.post(&format!("{}/offers", listings(&lot)[0]), &promises(1_200)).await.problem(403, "forbidden");
    assert!(text(&refused["detail"]).contains("capacity"), "{refused}");
    scene.agency.put("/api/v1/agency/scope", Some("\"v1\""), &scope(2)).await.expect(200);
    offer(&scene.agency, &listings(&lot)[0], 1_200).await;
    scene.finish().await;
}

#[actix_web::test]
async fn sisters_make_one_offer_on_a_lot_whichever_listing_they_come_through() {
    let scene = Scene::new().await;
    let (lot, _) = scene.lot("by_hand").await;
    let owned = json!({ "parent_number": cif(11) });
    scene.rival.put("/api/v1/agency/scope", Some("\"v0\""), &owned).await.expect(200);
    offer(&scene.agency, &listings(&lot)[0], 1_200).await;
    scene.rival.post(&format!("{}/offers", listings(&lot)[1]), &promises(1_100)).await.problem(409, "conflict");
    scene.finish().await;
}

#[actix_web::test]
async fn what_does_not_go_together_is_no_lot() {
    let scene = Scene::new().await;
    let french = json!({ "legal_name": "Dupont SARL", "kind": "business", "country": "FR" });
    let abroad = case_of(&scene.creditor, french, "FR-1").await;
    for (cases, rule) in [
        (json!([scene.case]), "by_hand"),
        (json!([scene.case, scene.case]), "by_hand"),
        (json!([scene.case, abroad]), "by_hand"),
        (json!([scene.case, abroad]), "assign"),
    ] {
        let body = json!({ "case_ids": cases, "award_rule": rule });
        scene.creditor.post("/api/v1/lots", &body).await.problem(422, "invalid");
    }
    let other = post_case(&scene.creditor, "FACT-SECRETA-2").await;
    let body = json!({ "case_ids": [scene.case, other], "award_rule": "by_hand" });
    scene.world.creditor(3).await.post("/api/v1/lots", &body).await.problem(404, "not-found");
    scene.list("by_hand").await;
    scene.creditor.post("/api/v1/lots", &body).await.problem(422, "invalid");
    assert_eq!(scene.phase_of(&other).await, "in_house");
    scene.finish().await;
}
