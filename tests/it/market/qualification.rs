//! Who may be given which case: every rule by its id, lists and circles that nobody learns of, and conflicts of interest.

use serde_json::{Value, json};

use super::{Scene, case_of, offer, org_of, promises, text};
use crate::support::{Client, cif};

async fn unmet(agency: &Client, listing: &str) -> Vec<String> {
    let answer = agency.get(&format!("{listing}/qualification")).await.expect(200);
    let rules: Vec<String> = answer["unmet"].as_array().unwrap().iter().map(|one| text(&one["rule"])).collect();
    assert_eq!(answer["qualified"].as_bool(), Some(rules.is_empty()), "{answer}");
    rules
}

async fn set_scope(agency: &Client, scope: Value) {
    let shown = agency.get("/api/v1/agency/scope").await;
    let etag = shown.header("etag").to_owned();
    agency.put("/api/v1/agency/scope", Some(&etag), &scope).await.expect(200);
}

async fn set_standing(creditor: &Client, agency: &Client, standing: &str) {
    let path = format!("/api/v1/agency-list/{}", org_of(agency).await);
    creditor.put(&path, None, &json!({ "standing": standing })).await.expect(200);
}

#[actix_web::test]
async fn what_an_agency_takes_on_decides_what_it_is_given_rule_by_rule() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    assert_eq!(unmet(&scene.agency, &listing).await, Vec::<String>::new());
    for (scope, rule) in [
        (json!({ "debtor_kinds": ["consumer"] }), "debtor_kind"),
        (json!({ "languages": ["fr"] }), "language"),
        (json!({ "amount_bands": ["100000_and_more"] }), "amount_band"),
        (json!({ "capacity": 0 }), "capacity"),
    ] {
        set_scope(&scene.agency, scope).await;
        assert_eq!(unmet(&scene.agency, &listing).await, [rule]);
        let refused = scene.agency.post(&format!("{listing}/offers"), &promises(1_000)).await.problem(403, "forbidden");
        assert!(text(&refused["detail"]).contains(&format!("{rule}: ")), "{refused}");
        scene.agency.post(&format!("{listing}/take-now"), &json!({})).await.problem(403, "forbidden");
    }
    set_scope(&scene.agency, json!({})).await;
    offer(&scene.agency, &listing, 1_000).await;
    let problem = scene.agency.put("/api/v1/agency/scope", Some("\"v0\""), &json!({})).await.problem(412, "stale-version");
    assert!(text(&problem["detail"]).contains("it is at 5"), "{problem}");
    scene.agency.put("/api/v1/agency/scope", Some("\"v5\""), &json!({ "capacity": -1 })).await.problem(422, "invalid");
    scene.agency.put("/api/v1/agency/scope", Some("\"v5\""), &json!({ "parent_number": "B1" })).await.problem(422, "invalid");
    scene.finish().await;
}

#[actix_web::test]
async fn capacity_is_booked_by_an_award_and_released_when_the_case_leaves() {
    let scene = Scene::new().await;
    set_scope(&scene.agency, json!({ "capacity": 1 })).await;
    scene.list("by_hand").await;
    scene.engaged(&scene.agency).await;
    let debtor = json!({ "legal_name": "Otro SL", "tax_number": cif(300), "kind": "business", "country": "ES", "email": "o@otro.example" });
    let other = case_of(&scene.creditor, debtor, "F-2").await;
    let listed =
        scene.creditor.post(&format!("/api/v1/cases/{other}/listing"), &json!({ "award_rule": "by_hand" })).await.expect(201);
    let listing = format!("/api/v1/listings/{}", text(&listed["id"]));
    assert_eq!(unmet(&scene.agency, &listing).await, ["capacity"]);
    scene.agency.post(&scene.at("/return"), &json!({ "reason": "no_capacity" })).await.expect(200);
    assert_eq!(unmet(&scene.agency, &listing).await, Vec::<String>::new());
    scene.finish().await;
}

#[actix_web::test]
async fn what_changes_between_offer_and_deadline_costs_the_award() {
    let scene = Scene::new().await;
    let listing = scene.listed("best_ranked").await;
    offer(&scene.agency, &listing, 500).await;
    offer(&scene.rival, &listing, 2_000).await;
    set_standing(&scene.creditor, &scene.agency, "blocked").await;
    scene.reach_deadline(&listing).await;
    let case = scene.creditor.get(&scene.at("")).await.expect(200);
    assert_eq!(case["agency_id"], org_of(&scene.rival).await.to_string());
    let told = scene.agency.get("/api/v1/offers").await.expect(200)["data"][0].clone();
    assert!(text(&told["reason"]).contains("creditor_choice"), "{told}");
    assert!(!text(&told["reason"]).contains("block"), "{told}");
    scene.finish().await;
}

#[actix_web::test]
async fn a_certificate_is_asked_for_where_the_creditor_wants_one() {
    let scene = Scene::new().await;
    let wishes = json!({ "certificate_required": true });
    scene.creditor.put("/api/v1/market-settings", Some("\"v0\""), &wishes).await.expect(200);
    scene.creditor.put("/api/v1/market-settings", Some("\"v0\""), &wishes).await.problem(412, "stale-version");
    scene.creditor.put("/api/v1/market-settings", None, &wishes).await.problem(428, "version-required");
    let listing = scene.listed("by_hand").await;
    assert_eq!(unmet(&scene.agency, &listing).await, ["certificate"]);
    let from = scene.world.now().date_naive();
    let paper = json!({ "kind": "certificate", "country": "FR", "issuer": "AFNOR", "reference": "ISO 9001",
                        "valid_from": from, "valid_until": from + chrono::TimeDelta::days(300) });
    let submitted = scene.agency.post("/api/v1/agency/credentials", &paper).await.expect(201);
    assert_eq!(unmet(&scene.agency, &listing).await, ["certificate"]);
    let path = format!("/api/v1/operator/credentials/{}/decision", text(&submitted["id"]));
    scene.operator.post(&path, &json!({ "decision": "vetted", "note": "seen" })).await.expect(200);
    assert_eq!(unmet(&scene.agency, &listing).await, Vec::<String>::new());
    scene.finish().await;
}

#[actix_web::test]
async fn a_circle_is_for_the_invited_and_nobody_learns_of_lists() {
    let scene = Scene::new().await;
    let circle = json!({ "award_rule": "by_hand", "audience": "circle" });
    let empty = scene.creditor.post(&scene.at("/listing"), &circle).await.problem(409, "conflict");
    assert_eq!(empty["errors"][0]["pointer"], "/audience");
    set_standing(&scene.creditor, &scene.agency, "invited").await;
    let listed = scene.creditor.post(&scene.at("/listing"), &circle).await.expect(201);
    let listing = format!("/api/v1/listings/{}", text(&listed["id"]));
    assert_eq!(scene.agency.get(&listing).await.expect(200)["audience"], "circle");
    assert_eq!(scene.agency.get("/api/v1/listings").await.expect(200)["data"].as_array().unwrap().len(), 1);
    assert_eq!(scene.rival.get("/api/v1/listings").await.expect(200)["data"], json!([]));
    for path in [listing.clone(), format!("{listing}/qualification")] {
        scene.rival.get(&path).await.problem(404, "not-found");
    }
    scene.rival.post(&format!("{listing}/offers"), &promises(900)).await.problem(404, "not-found");
    let refused = scene.rival.post(&format!("{listing}/take-now"), &json!({})).await.problem(404, "not-found");
    assert!(!refused.to_string().contains("circle"), "{refused}");
    offer(&scene.agency, &listing, 900).await;

    let lists = scene.creditor.get("/api/v1/agency-list").await.expect(200);
    assert_eq!(
        (lists["data"][0]["standing"].as_str(), lists["data"][0]["legal_name"].as_str()),
        (Some("invited"), Some("AGENCY 11 SL"))
    );
    let known = scene.creditor.get("/api/v1/agencies").await.expect(200);
    assert_eq!((known["data"].as_array().unwrap().len(), &known["data"][0]["licensed_in"]), (2, &json!(["ES", "FR"])));
    assert_eq!((&known["data"][0]["standing"], known["data"][1]["standing"].as_str()), (&Value::Null, Some("invited")));
    let path = format!("/api/v1/agency-list/{}", org_of(&scene.agency).await);
    assert_eq!(scene.creditor.delete(&path, None).await.status, 204);
    scene.creditor.delete(&path, None).await.problem(404, "not-found");
    let creditor = format!("/api/v1/agency-list/{}", org_of(&scene.creditor).await);
    scene.creditor.put(&creditor, None, &json!({ "standing": "blocked" })).await.problem(404, "not-found");
    let other = scene.world.creditor(2).await;
    assert_eq!(other.get("/api/v1/agency-list").await.expect(200)["data"], json!([]));
    scene.finish().await;
}

#[actix_web::test]
async fn neither_the_debtors_nor_the_creditors_own_agency_is_given_the_case() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    // Owned by the debtor; owned by the creditor; paid into the creditor's account.
    set_scope(&scene.agency, json!({ "parent_number": "A46353538" })).await;
    assert_eq!(unmet(&scene.agency, &listing).await, ["creditor_choice"]);
    set_scope(&scene.agency, json!({ "parent_number": cif(1) })).await;
    assert_eq!(unmet(&scene.agency, &listing).await, ["creditor_choice"]);
    set_scope(&scene.agency, json!({ "parent_number": cif(900) })).await;
    assert_eq!(unmet(&scene.agency, &listing).await, Vec::<String>::new());
    let (rival, creditor) = (org_of(&scene.rival).await.0, org_of(&scene.creditor).await.0);
    scene
        .world
        .as_owner(&format!(
            "UPDATE organisations SET iban = (SELECT iban FROM organisations WHERE id = '{creditor}') WHERE id = '{rival}'"
        ))
        .await;
    let refused = scene.rival.post(&format!("{listing}/take-now"), &json!({})).await.problem(403, "forbidden");
    let told = text(&refused["detail"]);
    assert!(told.contains("creditor_choice: this case is not offered to the agency"), "{told}");
    scene.finish().await;
}

#[actix_web::test]
async fn strangers_come_to_none_of_it() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    let agency = format!("/api/v1/agency-list/{}", org_of(&scene.agency).await);
    for path in ["/api/v1/agency/scope".to_owned(), format!("{listing}/qualification")] {
        scene.creditor.get(&path).await.problem(403, "forbidden");
        scene.world.stranger().get(&path).await.problem(401, "unauthenticated");
    }
    for path in ["/api/v1/market-settings", "/api/v1/agencies", "/api/v1/agency-list"] {
        scene.agency.get(path).await.problem(403, "forbidden");
        scene.world.stranger().get(path).await.problem(401, "unauthenticated");
    }
    scene.creditor.put("/api/v1/agency/scope", Some("\"v0\""), &json!({})).await.problem(403, "forbidden");
    scene.agency.put("/api/v1/market-settings", Some("\"v0\""), &json!({})).await.problem(403, "forbidden");
    scene.agency.put(&agency, None, &json!({ "standing": "invited" })).await.problem(403, "forbidden");
    scene.agency.delete(&agency, None).await.problem(403, "forbidden");
    scene.finish().await;
}

#[actix_web::test]
async fn a_suspended_agency_is_given_nothing_whatever_was_vetted() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    scene.world.as_owner("UPDATE organisations SET suspended_at = now() WHERE kind = 'agency'").await;
    assert_eq!(unmet(&scene.agency, &listing).await, ["suspended"]);
    scene.agency.post(&format!("{listing}/offers"), &promises(1_000)).await.problem(403, "forbidden");
    scene.agency.post(&format!("{listing}/take-now"), &json!({})).await.problem(403, "forbidden");
    scene.finish().await;
}
