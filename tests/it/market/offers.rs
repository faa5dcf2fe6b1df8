//! Offers: what is under seal is written nowhere, every model of fee is ranked and charged, and flooding leads nowhere.

use serde_json::{Value, json};

use super::{Scene, case_of, offer, promises, sign, text};
use crate::support::{Client, cif};

/// An amount that stands nowhere else.
const MARKER: i64 = 41_414_141;

fn asking(fee: Value) -> Value {
    json!({ "fee": fee, "first_contact_hours": 24, "update_every_days": 14, "tone": "neutral", "languages": ["es"] })
}

/// Looks through every row of every table as the owner of the database: the table that holds `marker`, if one does.
async fn written_anywhere(scene: &Scene, marker: &str) -> Option<String> {
    let search = format!(
        "DO $$ DECLARE t text; found bigint; BEGIN
             FOR t IN SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' LOOP
                 EXECUTE format('SELECT count(*) FROM %I AS line WHERE line::text LIKE %L OR line::text LIKE %L', t, '%{marker}%',
                     '%' || encode(convert_to('{marker}', 'UTF8'), 'hex') || '%') INTO found;
                 IF found > 0 THEN RAISE EXCEPTION 'written in %', t; END IF;
             END LOOP;
         END $$"
    );
    scene.world.try_as_owner(&search).await.err()
}

#[actix_web::test]
async fn terms_under_seal_are_written_nowhere_that_even_the_owner_of_the_database_can_read() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    let fee = json!({ "model": "flat", "amount_minor": MARKER });
    let path = format!("{listing}/offers");
    let made = scene.agency.post_once(&path, "bid-1", &asking(fee.clone())).await.expect(201);
    assert_eq!((made["status"].as_str(), &made["terms"], &made["fee_bp"]), (Some("sealed"), &Value::Null, &Value::Null));
    assert_eq!(scene.agency.post_once(&path, "bid-1", &asking(fee.clone())).await.expect(201), made);
    scene.world.work().await;
    assert_eq!(written_anywhere(&scene, &MARKER.to_string()).await, None);
    // Its own agency reads it all the same.
    let own = scene.agency.get("/api/v1/offers").await.expect(200);
    assert_eq!(own["data"][0]["terms"]["fee"], fee);
    for other in [&scene.creditor, &scene.rival, &scene.operator] {
        for path in ["/api/v1/offers".to_owned(), scene.at("/offers"), listing.clone(), scene.at("/events")] {
            assert!(!other.get(&path).await.text.contains(&MARKER.to_string()), "{path}");
        }
    }
    scene.reach_deadline(&listing).await;
    let opened = scene.creditor.get(&scene.at("/offers")).await.expect(200);
    assert_eq!(opened["data"][0]["terms"]["fee"], fee);
    let found = written_anywhere(&scene, &MARKER.to_string()).await;
    assert!(found.as_ref().is_some_and(|table| table.contains("offers")), "the search finds nothing at all: {found:?}");
    scene.finish().await;
}

#[actix_web::test]
async fn an_offer_that_is_never_opened_stays_a_cipher() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    scene
        .agency
        .post(&format!("{listing}/offers"), &asking(json!({ "model": "flat", "amount_minor": MARKER })))
        .await
        .expect(201);
    scene.creditor.delete(&scene.at("/listing"), None).await.expect(200);
    scene.world.work().await;
    assert_eq!(written_anywhere(&scene, &MARKER.to_string()).await, None);
    let own = scene.agency.get("/api/v1/offers").await.expect(200);
    assert_eq!(
        (own["data"][0]["status"].as_str(), own["data"][0]["terms"]["fee"]["amount_minor"].as_i64()),
        (Some("void"), Some(MARKER))
    );
    scene.finish().await;
}

#[actix_web::test]
async fn every_model_of_fee_is_ranked_by_what_it_would_cost_and_shown_with_its_vat() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    let mut agencies: Vec<Client> = Vec::new();
    for seed in 20..25 {
        agencies.push(scene.world.agency(seed, &scene.operator).await);
    }
    // Of 580.00 expected out of 1,000.00: 58.00, 63.80, 69.60, 75.40 and 81.20.
    let models = [
        json!({ "model": "success", "rate_bp": 1_000 }),
        json!({ "model": "tiered_by_time", "tiers": [{ "from_day": 0, "rate_bp": 500 }, { "from_day": 30, "rate_bp": 1_100 }] }),
        json!({ "model": "tiered_by_amount", "tiers": [{ "from_minor": 0, "rate_bp": 1_200 }, { "from_minor": 58_000, "rate_bp": 5_000 }] }),
        json!({ "model": "flat", "amount_minor": 7_540 }),
        json!({ "model": "hybrid", "amount_minor": 2_320, "rate_bp": 1_000 }),
    ];
    for (agency, model) in agencies.iter().zip(&models).rev() {
        agency.post(&format!("{listing}/offers"), &asking(model.clone())).await.expect(201);
    }
    scene.reach_deadline(&listing).await;
    let opened = scene.creditor.get(&scene.at("/offers")).await.expect(200);
    let data = opened["data"].as_array().unwrap();
    let order: Vec<&Value> = data.iter().map(|offer| &offer["terms"]["fee"]).collect();
    assert_eq!(order, models.iter().collect::<Vec<_>>());
    let effective: Vec<i64> = data.iter().map(|offer| offer["fee_bp"].as_i64().unwrap()).collect();
    assert_eq!(effective, [1_000, 1_100, 1_200, 1_300, 1_400]);
    assert_eq!(
        (data[0]["fee_vat"]["rate_bp"].as_i64(), data[0]["ranking"]["factors"][3]["ppm"].as_i64()),
        (Some(2_100), Some(5_000))
    );
    scene.finish().await;
}

#[actix_web::test]
async fn a_flat_fee_is_settled_out_of_what_comes_in() {
    let scene = Scene::new().await;
    let listing = scene.listed("best_ranked").await;
    let fee = json!({ "model": "flat", "amount_minor": 15_000 });
    scene.agency.post(&format!("{listing}/offers"), &asking(fee.clone())).await.expect(201);
    scene.reach_deadline(&listing).await;
    let mandate = scene.agency.get("/api/v1/mandates").await.expect(200)["data"][0].clone();
    assert_eq!(mandate["fee"], fee);
    let mandate = format!("/api/v1/mandates/{}", text(&mandate["id"]));
    for party in [&scene.creditor, &scene.agency] {
        sign(party, &mandate).await.expect(201);
    }
    let engaged = scene.agency.get(&scene.at("/engagements")).await.expect(200);
    assert_eq!(engaged["data"][0]["fee"], fee);
    // 200.00, then 500.00: half of the first, then the rest.
    for (minor, reference, net, rate) in [(20_000, "T-1", 10_000, 5_000), (50_000, "T-2", 5_000, 1_000)] {
        let on = scene.world.now().date_naive();
        let body = json!({ "amount": { "minor": minor, "currency": "EUR" }, "received_on": on, "bank_reference": reference });
        let paid = scene.agency.post(&scene.at("/payments"), &body).await.expect(201);
        scene.creditor.post(&format!("/api/v1/payments/{}/confirmation", text(&paid["id"])), &json!({})).await.expect(200);
        let fees = scene.agency.get("/api/v1/fees").await.expect(200);
        let fee = fees["data"]
            .as_array()
            .unwrap()
            .iter()
            .find(|fee| fee["payment_id"] == paid["id"] && fee["kind"] == "success_fee")
            .unwrap();
        assert_eq!((fee["net"]["minor"].as_i64(), fee["rate_bp"].as_i64()), (Some(net), Some(rate)), "{fee}");
    }
    scene.finish().await;
}

#[actix_web::test]
async fn schedules_out_of_range_are_pointed_at() {
    let scene = Scene::new().await;
    let path = format!("{}/offers", scene.listed("by_hand").await);
    for (fee, pointer) in [
        (json!({ "model": "success", "rate_bp": 5_001 }), "/fee/rate_bp"),
        (json!({ "model": "flat", "amount_minor": -1 }), "/fee/amount_minor"),
        (json!({ "model": "tiered_by_amount", "tiers": [] }), "/fee/tiers"),
        (json!({ "model": "tiered_by_amount", "tiers": [{ "from_minor": 5, "rate_bp": 1 }] }), "/fee/tiers/0/from_minor"),
        (json!({ "model": "hourly" }), "/fee"),
    ] {
        let problem = scene.agency.post(&path, &asking(fee)).await.problem(422, "invalid");
        assert!(text(&problem["errors"][0]["pointer"]).starts_with(pointer), "{problem}");
    }
    let mut none = asking(json!(null));
    none.as_object_mut().unwrap().remove("fee");
    assert_eq!(scene.agency.post(&path, &none).await.problem(422, "invalid")["errors"][0]["pointer"], "/fee");
    none["fee_bp"] = json!(1_000);
    none["fee"] = json!({ "model": "success", "rate_bp": 1_000 });
    assert_eq!(scene.agency.post(&path, &none).await.problem(422, "invalid")["errors"][0]["pointer"], "/fee_bp");
    scene.finish().await;
}

#[actix_web::test]
async fn a_full_listing_takes_no_more_and_nobody_floods_it() {
    let scene = Scene::new().await;
    scene.creditor.put("/api/v1/market-settings", Some("\"v0\""), &json!({ "offers_max": 1 })).await.expect(200);
    let listing = scene.listed("by_hand").await;
    let path = format!("{listing}/offers");
    for fee in 0..10 {
        offer(&scene.agency, &listing, 1_000 + fee).await;
    }
    let flooded = scene.agency.post(&path, &promises(900)).await.problem(409, "conflict");
    assert!(text(&flooded["detail"]).contains("10 times"), "{flooded}");
    let full = scene.rival.post(&path, &promises(900)).await.problem(409, "conflict");
    assert!(text(&full["detail"]).contains("1 offers"), "{full}");
    for (field, value) in [("offers_max", 0), ("offers_max", 201), ("extend_below", 11), ("relationship_weight_bp", 4_999)] {
        let problem = scene
            .creditor
            .put("/api/v1/market-settings", Some("\"v1\""), &json!({ (field): value }))
            .await
            .problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], format!("/{field}"));
    }
    scene.finish().await;
}

#[actix_web::test]
async fn sister_agencies_of_one_owner_or_account_make_one_offer() {
    let scene = Scene::new().await;
    for agency in [&scene.agency, &scene.rival] {
        agency.put("/api/v1/agency/scope", Some("\"v0\""), &json!({ "parent_number": cif(900) })).await.expect(200);
    }
    let listing = scene.listed("by_hand").await;
    offer(&scene.agency, &listing, 1_000).await;
    let refused = scene.rival.post(&format!("{listing}/offers"), &promises(1_100)).await.problem(409, "conflict");
    assert!(text(&refused["detail"]).contains("same owner"), "{refused}");
    let third = scene.world.agency(13, &scene.operator).await;
    let (one, other) = (super::org_of(&scene.agency).await.0, super::org_of(&third).await.0);
    scene
        .world
        .as_owner(&format!(
            "UPDATE organisations SET iban = (SELECT iban FROM organisations WHERE id = '{one}') WHERE id = '{other}'"
        ))
        .await;
    third.post(&format!("{listing}/offers"), &promises(1_100)).await.problem(409, "conflict");
    assert_eq!(scene.creditor.get(&listing).await.expect(200)["offer_count"], 1);
    scene.finish().await;
}

#[actix_web::test]
async fn too_few_offers_put_the_deadline_off_once_by_rule() {
    let scene = Scene::new().await;
    scene.creditor.put("/api/v1/market-settings", Some("\"v0\""), &json!({ "extend_below": 2 })).await.expect(200);
    let listing = scene.listed("best_ranked").await;
    let first = scene.agency.get(&listing).await.expect(200);
    offer(&scene.agency, &listing, 1_000).await;
    scene.reach_deadline(&listing).await;
    let later = scene.agency.get(&listing).await.expect(200);
    assert_eq!((later["status"].as_str(), later["extended_at"].is_null()), (Some("open"), false));
    assert!(text(&later["offers_until"]) > text(&first["offers_until"]), "{later}");
    assert!(scene.kinds(&scene.creditor).await.contains(&"offers_extended".to_owned()));
    scene.reach_deadline(&listing).await;
    assert_eq!(scene.phase().await, "awarded");
    scene.finish().await;
}

#[actix_web::test]
async fn what_an_agency_recovered_before_moves_what_is_expected_of_it() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    scene.engaged(&scene.agency).await;
    // It ends without a cent: one engagement against the prior of twenty.
    scene.creditor.post(&scene.at("/closure"), &json!({ "outcome": "unresponsive", "reason": "nothing came" })).await.expect(200);
    scene.world.work().await;
    let debtor = json!({ "legal_name": "Otro SL", "tax_number": cif(300), "kind": "business", "country": "ES", "email": "o@otro.example" });
    let other = case_of(&scene.creditor, debtor, "F-2").await;
    let listed =
        scene.creditor.post(&format!("/api/v1/cases/{other}/listing"), &json!({ "award_rule": "by_hand" })).await.expect(201);
    let listing = format!("/api/v1/listings/{}", text(&listed["id"]));
    for agency in [&scene.agency, &scene.rival] {
        offer(agency, &listing, 1_000).await;
    }
    scene.reach_deadline(&listing).await;
    let opened = scene.creditor.get(&format!("/api/v1/cases/{other}/offers")).await.expect(200);
    let expected: Vec<i64> =
        opened["data"].as_array().unwrap().iter().map(|offer| offer["ranking"]["recovery_bp"].as_i64().unwrap()).collect();
    assert_eq!(expected, [5_800, 5_500]);
    scene.finish().await;
}
