//! Cards: who could tell a debtor by one, how agencies look for them, and what they are told of.

use serde_json::{Value, json};

use super::{Scene, case_of, post_case, text};
use crate::support::{Client, cif};

/// A case of another debtor: `seed` makes its number, the rest of its traits are given.
async fn case_of_trade(creditor: &Client, seed: u32, sector: &str, postal_code: &str) -> String {
    let debtor = json!({ "legal_name": format!("Vecino {seed} SL"), "tax_number": cif(seed), "kind": "business", "country": "ES",
                         "sector": sector, "postal_code": postal_code, "email": format!("v{seed}@vecino.example") });
    case_of(creditor, debtor, &format!("F-{seed}")).await
}

async fn list(creditor: &Client, case: &str) -> Value {
    creditor.post(&format!("/api/v1/cases/{case}/listing"), &json!({ "award_rule": "by_hand" })).await.expect(201)
}

#[actix_web::test]
async fn a_card_leaves_out_what_too_few_debtors_share_and_says_so() {
    let scene = Scene::new().await;
    let alone = scene.agency.get(&scene.listed("by_hand").await).await.expect(200);
    assert_eq!(alone["card"]["coarsened"], json!(["region", "debtor_record"]));
    assert_eq!((&alone["card"]["region"], &alone["card"]["debtor_record"]), (&Value::Null, &Value::Null));
    assert_eq!((alone["card"]["country"].as_str(), alone["card"]["debtor_kind"].as_str()), (Some("ES"), Some("business")));

    let mut last = json!(null);
    for seed in 100..105 {
        last = list(&scene.creditor, &case_of_trade(&scene.creditor, seed, "construction", "08001").await).await["card"].clone();
    }
    // The fifth builder in the region is one of five.
    assert_eq!(last["coarsened"], json!([]));
    assert_eq!((last["sector"].as_str(), last["region"].as_str()), (Some("construction"), Some("ES5")));
    assert_eq!(last["debtor_record"], "unknown");
    // A baker there is the only one, but one of six businesses there.
    let baker = list(&scene.creditor, &case_of_trade(&scene.creditor, 110, "manufacturing", "08001").await).await["card"].clone();
    assert_eq!((&baker["coarsened"], baker["region"].as_str()), (&json!(["sector"]), Some("ES5")));
    scene.finish().await;
}

#[actix_web::test]
async fn a_debtor_of_two_creditors_or_of_two_cases_is_one_debtor() {
    let scene = Scene::new().await;
    let other = scene.world.creditor(2).await;
    let mut card = json!(null);
    for creditor in [&scene.creditor, &other] {
        for round in 0..3 {
            let debtor = json!({ "legal_name": "Vecino SL", "tax_number": cif(100), "kind": "business", "country": "ES",
                                 "sector": "construction", "postal_code": "08001", "email": "v@vecino.example" });
            card = list(creditor, &case_of(creditor, debtor, &format!("F-{round}")).await).await["card"].clone();
        }
    }
    assert_eq!(card["coarsened"], json!(["sector", "region", "debtor_record"]));
    scene.finish().await;
}

#[actix_web::test]
async fn nobody_reads_the_crowds_and_a_stranger_cannot_ask_for_a_record() {
    use entente::db::{DbError, Scope};
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    for scope in [Scope::System, Scope::Creditor(super::org_of(&scene.creditor).await)] {
        let read = scene.world.app.db.transaction(scope, async |conn| {
            use diesel_async::SimpleAsyncConnection;
            conn.batch_execute("SELECT * FROM card_crowds").await.map_err(DbError::from)
        });
        assert!(read.await.is_err_and(|error| error.to_string().contains("permission denied")));
    }
    scene.finish().await;
}

#[actix_web::test]
async fn a_debtor_that_paid_others_is_told_by_a_band() {
    let scene = Scene::new().await;
    for seed in 100..104 {
        list(&scene.creditor, &case_of_trade(&scene.creditor, seed, "construction", "08001").await).await;
    }
    let debtor = |number: &str| (cif(105), number.to_owned());
    let (tax_number, _) = debtor("");
    let body = json!({ "legal_name": "Vecino SL", "tax_number": tax_number, "kind": "business", "country": "ES", "sector": "construction",
                       "postal_code": "08001", "email": "v@vecino.example" });
    let other = scene.world.creditor(2).await;
    let paid = case_of(&other, body.clone(), "F-1").await;
    other.post(&format!("/api/v1/cases/{paid}/closure"), &json!({ "outcome": "paid", "reason": "they paid" })).await.expect(200);
    for seed in 120..124 {
        // Four more with a record, so that it may be shown.
        let neighbour = case_of_trade(&other, seed, "construction", "08001").await;
        other
            .post(&format!("/api/v1/cases/{neighbour}/closure"), &json!({ "outcome": "paid", "reason": "they paid" }))
            .await
            .expect(200);
        list(&scene.creditor, &case_of_trade(&scene.creditor, seed, "construction", "08001").await).await;
    }
    let listing = list(&scene.creditor, &case_of(&scene.creditor, body, "F-2").await).await;
    assert_eq!(listing["card"]["debtor_record"], "pays", "{listing}");
    let parts = listing["take_now"]["contributions"].as_array().unwrap();
    assert!(
        parts.iter().any(|part| part["input"] == "debtor_record" && part["value"] == "pays" && part["bp"] == -150),
        "{parts:?}"
    );
    scene.finish().await;
}

#[actix_web::test]
async fn agencies_filter_page_and_find_nothing_else() {
    let scene = Scene::new().await;
    for seed in 100..107 {
        list(&scene.creditor, &case_of_trade(&scene.creditor, seed, "construction", "08001").await).await;
    }
    for seed in 110..113 {
        list(&scene.creditor, &case_of_trade(&scene.creditor, seed, "transport", "28013").await).await;
    }
    let count = async |query: &str| {
        let found = scene.agency.get(&format!("/api/v1/listings?{query}")).await.expect(200);
        found["data"].as_array().unwrap().len()
    };
    for (query, expected) in [
        ("", 10),
        ("country=ES", 10),
        ("country=FR", 0),
        ("country=FR,ES&sector=construction", 3),
        ("sector=construction", 3),
        ("sector=construction,transport", 3),
        ("region=ES5", 3),
        ("country=ES&sector=construction&amount_band=500_to_2000&age_band=91_to_180_days", 3),
        ("amount_band=below_500", 0),
        ("debtor_kind=consumer,public", 0),
        ("disputed=true", 0),
        ("documents=letter", 0),
        ("take_now_min_bp=100", 10),
        ("take_now_min_bp=4000", 0),
    ] {
        assert_eq!(count(query).await, expected, "{query}");
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = scene.agency.get(&format!("/api/v1/listings?sector=construction&limit=2{cursor}")).await.expect(200);
        seen.extend(page["data"].as_array().unwrap().iter().map(|listing| text(&listing["id"])));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 3);
    assert!(seen.is_sorted_by(|newer, older| newer > older), "{seen:?}");
    for bad in ["country=XX", "sector=bakery", "amount_band=much", "take_now_min_bp=x"] {
        scene.agency.get(&format!("/api/v1/listings?{bad}")).await.problem(400, "malformed-request");
    }
    scene.agency.get("/api/v1/listings?region=Madrid%27").await.problem(422, "invalid");
    assert_eq!(scene.creditor.get("/api/v1/listings?sector=construction").await.expect(200)["data"].as_array().unwrap().len(), 3);
    scene.finish().await;
}

#[actix_web::test]
async fn a_saved_search_is_run_again_and_tells_of_new_listings_once() {
    let scene = Scene::new().await;
    let criteria = json!({ "countries": ["ES"], "amount_bands": ["500_to_2000"] });
    let wanted = json!({ "name": "Spain", "criteria": criteria, "alerts": true });
    let search = scene.agency.post("/api/v1/saved-searches", &wanted).await.expect(201);
    scene.agency.post("/api/v1/saved-searches", &wanted).await.problem(409, "conflict");
    let twin = json!({ "name": "All", "criteria": {}, "alerts": true });
    scene.agency.post("/api/v1/saved-searches", &twin).await.expect(201);
    let elsewhere = json!({ "name": "France", "criteria": { "countries": ["FR"] }, "alerts": true });
    scene.rival.post("/api/v1/saved-searches", &elsewhere).await.expect(201);
    scene.list("by_hand").await;
    scene.world.work().await;
    let told = scene.agency.get("/api/v1/notifications").await;
    for marker in super::MARKERS {
        assert!(!told.text.contains(marker), "{marker} stands in {}", told.text);
    }
    let told = told.expect(200)["data"].as_array().unwrap().clone();
    let found: Vec<&Value> = told.iter().filter(|one| one["kind"] == "listing_found").collect();
    assert_eq!(found.len(), 1, "{told:?}");
    assert_eq!(scene.rival.get("/api/v1/notifications").await.expect(200)["data"], json!([]));

    let path = format!("/api/v1/saved-searches/{}", text(&search["id"]));
    let run = scene.agency.get(&format!("{path}/listings")).await.expect(200);
    assert_eq!(run["data"][0]["id"], found[0]["data"]["listing_id"]);
    scene.rival.get(&format!("{path}/listings")).await.problem(404, "not-found");
    scene.rival.delete(&path, None).await.problem(404, "not-found");
    assert_eq!(scene.agency.delete(&path, None).await.status, 204);
    scene.agency.get(&format!("{path}/listings")).await.problem(404, "not-found");
    assert_eq!(scene.agency.get("/api/v1/saved-searches").await.expect(200)["data"].as_array().unwrap().len(), 1);
    for path in ["/api/v1/saved-searches".to_owned(), format!("{path}/listings")] {
        scene.creditor.get(&path).await.problem(403, "forbidden");
        scene.world.stranger().get(&path).await.problem(401, "unauthenticated");
    }
    scene.creditor.post("/api/v1/saved-searches", &wanted).await.problem(403, "forbidden");
    scene.creditor.delete(&path, None).await.problem(403, "forbidden");
    scene.finish().await;
}

#[actix_web::test]
async fn a_saved_search_with_a_hole_is_refused() {
    let scene = Scene::new().await;
    for (body, pointer) in [
        (json!({ "name": " ", "criteria": {}, "alerts": true }), "/name"),
        (json!({ "name": "x".repeat(81), "criteria": {}, "alerts": true }), "/name"),
        (json!({ "name": "x", "criteria": { "regions": ["Madrid'"] }, "alerts": true }), "/criteria/regions"),
        (json!({ "name": "x", "criteria": { "countries": ["XX"] }, "alerts": true }), "/criteria/countries/0"),
    ] {
        let problem = scene.agency.post("/api/v1/saved-searches", &body).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
    post_case(&scene.creditor, "F-9").await;
    scene.finish().await;
}
