//! Automatic assignment: to whom, at what price, and what when nobody fits.

use serde_json::{Value, json};

use super::{Scene, offer, org_of, text};
use crate::support::Client;

/// Says that an agency takes assignments, and how many cases it holds at most.
async fn takes_assignments(agency: &Client, capacity: Option<i32>) {
    let answer = agency.get("/api/v1/agency/scope").await;
    let etag = format!("\"v{}\"", answer.expect(200)["version"]);
    let scope = json!({ "takes_assignments": true, "capacity": capacity });
    assert_eq!(agency.put("/api/v1/agency/scope", Some(&etag), &scope).await.expect(200)["takes_assignments"], true);
}

impl Scene {
    /// Listed to be assigned, with what is due then done.
    async fn assign(&self, condition: Option<&str>) -> String {
        let body = json!({ "award_rule": "assign", "award_condition": condition });
        let listing = self.creditor.post(&self.at("/listing"), &body).await.expect(201);
        self.world.work().await;
        format!("/api/v1/listings/{}", text(&listing["id"]))
    }

    /// The agency that the case is with, if it is with one.
    async fn holder(&self) -> Value {
        self.creditor.get(&self.at("")).await.expect(200)["agency_id"].clone()
    }
}

#[actix_web::test]
async fn a_case_is_assigned_at_its_posted_price_to_an_agency_that_takes_such() {
    let scene = Scene::new().await;
    takes_assignments(&scene.rival, None).await;
    let listing = scene.assign(None).await;
    assert_eq!((scene.phase().await.as_str(), scene.holder().await), ("awarded", json!(org_of(&scene.rival).await.to_string())));
    let mandate = scene.rival.get("/api/v1/mandates").await.expect(200)["data"][0].clone();
    let shown = scene.creditor.get(&listing).await.expect(200);
    assert_eq!((&mandate["fee_bp"], &mandate["status"]), (&shown["take_now"]["price_bp"], &json!("to_sign")));
    let events = scene.creditor.get(&scene.at("/events")).await.expect(200);
    let explained = events["data"].as_array().unwrap().iter().find(|event| event["kind"] == "award_explained").unwrap().clone();
    assert_eq!((&explained["data"]["rank"], &explained["data"]["ranking"]["version"]), (&json!(1), &json!("award-3")));
    assert_eq!(scene.agency.get("/api/v1/mandates").await.expect(200)["data"], json!([]));
    scene.finish().await;
}

#[actix_web::test]
async fn who_refuses_is_not_asked_again_and_the_next_one_is() {
    let scene = Scene::new().await;
    for agency in [&scene.agency, &scene.rival] {
        takes_assignments(agency, None).await;
    }
    scene.assign(None).await;
    let first = scene.holder().await;
    let (first_asked, second) = if first == org_of(&scene.agency).await.to_string() {
        (&scene.agency, &scene.rival)
    } else {
        (&scene.rival, &scene.agency)
    };
    let refuse = async |agency: &Client| {
        let mandate = text(&agency.get("/api/v1/mandates").await.expect(200)["data"][0]["id"]);
        agency.post(&format!("/api/v1/mandates/{mandate}/refusal"), &json!({ "reason": "too busy" })).await.expect(200);
        scene.world.work().await;
    };
    refuse(first_asked).await;
    assert_eq!(scene.holder().await, json!(org_of(second).await.to_string()));
    refuse(second).await;
    assert_eq!((scene.phase().await.as_str(), scene.holder().await), ("listed", Value::Null));
    scene.finish().await;
}

#[actix_web::test]
async fn where_nobody_fits_it_stays_on_the_market() {
    let scene = Scene::new().await;
    takes_assignments(&scene.rival, Some(0)).await;
    let listing = scene.assign(None).await;
    assert_eq!(scene.phase().await, "listed");
    offer(&scene.agency, &listing, 900).await;
    scene.reach_deadline(&listing).await;
    assert_eq!((scene.phase().await.as_str(), scene.holder().await), ("awarded", json!(org_of(&scene.agency).await.to_string())));
    scene.finish().await;
}

#[actix_web::test]
async fn the_creditors_condition_and_its_lists_hold() {
    let scene = Scene::new().await;
    takes_assignments(&scene.rival, None).await;
    let rival = format!("/api/v1/agency-list/{}", org_of(&scene.rival).await);
    let body = json!({ "award_rule": "assign", "award_condition": "nonsense(" });
    scene.creditor.post(&scene.at("/listing"), &body).await.problem(422, "invalid");
    scene.assign(Some("recovery_bp > 9000")).await;
    assert_eq!(scene.phase().await, "listed");
    scene.creditor.delete(&scene.at("/listing"), None).await.expect(200);
    scene.creditor.put(&rival, None, &json!({ "standing": "blocked" })).await.expect(200);
    scene.assign(Some("recovery_bp > 5000")).await;
    assert_eq!(scene.phase().await, "listed");
    scene.creditor.delete(&scene.at("/listing"), None).await.expect(200);
    scene.creditor.delete(&rival, None).await;
    scene.assign(Some("recovery_bp > 5000")).await;
    assert_eq!(scene.phase().await, "awarded");
    scene.finish().await;
}
