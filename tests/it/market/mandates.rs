//! Mandates: signed by people, over what they read, in time, by both.

use serde_json::json;

use super::{Scene, sign, text};

#[actix_web::test]
async fn both_sign_what_they_read_and_the_engagement_begins() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    let mandate = scene.taken_by(&scene.agency).await;
    let signature = format!("{mandate}/signature");
    let wrong = json!({ "full_name": "Ana Firmante", "document_sha256": "00".repeat(32) });
    let problem = scene.creditor.post(&signature, &wrong).await.problem(409, "conflict");
    assert_eq!(problem["errors"][0]["pointer"], "/document_sha256");
    scene.creditor.post(&signature, &json!({ "full_name": "Ana", "document_sha256": "no hash" })).await.problem(422, "invalid");
    scene
        .creditor
        .post(&signature, &json!({ "full_name": "  ", "document_sha256": "00".repeat(32) }))
        .await
        .problem(422, "invalid");
    let half = sign(&scene.creditor, &mandate).await.expect(201);
    assert_eq!((half["status"].as_str(), half["signatures"].as_array().unwrap().len()), (Some("to_sign"), 1));
    sign(&scene.creditor, &mandate).await.problem(409, "conflict");
    assert_eq!(scene.phase().await, "awarded");
    let whole = sign(&scene.agency, &mandate).await.expect(201);
    assert_eq!(whole["status"], "signed");
    let evidence = &whole["signatures"][0];
    assert_eq!((evidence["full_name"].as_str(), evidence["address"].as_str()), (Some("Ana Firmante"), Some("127.0.0.1")));
    assert_eq!(evidence["document_sha256"], whole["document_sha256"]);
    assert_eq!(scene.phase().await, "active");
    let engagements = scene.agency.get(&scene.at("/engagements")).await.expect(200);
    assert_eq!(engagements["data"][0]["mandate_id"], whole["id"]);
    scene.finish().await;
}

#[actix_web::test]
async fn the_document_is_for_its_two_parties_alone() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    let mandate = scene.taken_by(&scene.agency).await;
    let document = format!("{mandate}/document");
    for party in [&scene.creditor, &scene.agency] {
        let answer = party.get(&document).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/pdf"));
        assert!(answer.bytes.starts_with(b"%PDF"));
        let shown = party.get(&mandate).await.expect(200);
        assert_eq!(shown["document_sha256"], hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&answer.bytes)));
    }
    let stranger = scene.world.creditor(2).await;
    for other in [&scene.rival, &stranger, &scene.operator] {
        other.get(&document).await.problem(404, "not-found");
        other.get(&mandate).await.problem(404, "not-found");
    }
    scene.rival.post(&format!("{mandate}/refusal"), &json!({ "reason": "mine" })).await.problem(404, "not-found");
    scene.finish().await;
}

#[actix_web::test]
async fn a_machine_does_not_sign() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    let mandate = scene.taken_by(&scene.agency).await;
    let key =
        scene.creditor.post("/api/v1/api-keys", &json!({ "name": "erp", "scopes": ["read", "manage_market"] })).await.expect(201);
    let machine = scene.world.stranger().with_token(&text(&key["secret"]));
    let problem = sign(&machine, &mandate).await.problem(403, "forbidden");
    assert!(text(&problem["detail"]).contains("person"), "{problem}");
    scene.finish().await;
}

#[actix_web::test]
async fn what_is_not_signed_in_time_goes_back_to_market() {
    let scene = Scene::new().await;
    let first = scene.list("by_hand").await;
    let mandate = scene.taken_by(&scene.agency).await;
    sign(&scene.creditor, &mandate).await.expect(201);
    let until = scene.creditor.get(&mandate).await.expect(200)["sign_by"].clone();
    scene.reach(&until).await;
    assert_eq!(scene.phase().await, "listed");
    assert_eq!(scene.creditor.get(&mandate).await.expect(200)["status"], "lapsed");
    sign(&scene.creditor, &mandate).await.problem(409, "wrong-state");
    let listings = scene.creditor.get("/api/v1/listings").await.expect(200);
    assert_eq!((listings["data"][0]["round"].as_i64(), listings["data"][0]["status"].as_str()), (Some(2), Some("open")));
    assert_ne!(listings["data"][0]["id"], first["id"]);
    // It names the debtor, and the agency has no business with it any more.
    scene.agency.get(&format!("{mandate}/document")).await.problem(404, "not-found");
    scene.agency.get(&scene.at("")).await.problem(404, "not-found");
    scene.finish().await;
}

#[actix_web::test]
async fn a_refused_mandate_sends_the_case_back_to_market() {
    let scene = Scene::new().await;
    scene.list("best_ranked").await;
    let mandate = scene.taken_by(&scene.agency).await;
    let refusal = format!("{mandate}/refusal");
    scene.agency.post(&refusal, &json!({ "reason": "" })).await.problem(422, "invalid");
    let refused = scene.agency.post(&refusal, &json!({ "reason": "we know the customer" })).await.expect(200);
    assert_eq!(refused["status"], "declined");
    scene.creditor.post(&refusal, &json!({ "reason": "too" })).await.problem(409, "wrong-state");
    assert_eq!(scene.phase().await, "listed");
    let listings = scene.creditor.get("/api/v1/listings").await.expect(200);
    assert_eq!(
        (listings["data"][0]["round"].as_i64(), listings["data"][0]["award_rule"].as_str()),
        (Some(2), Some("best_ranked"))
    );
    scene.engaged(&scene.rival).await;
    scene.finish().await;
}
