//! What is under seal: who owes from every agency, an offer from everybody.

use chrono::TimeDelta;
use entente::{
    db::{Actor, By, DbError, Scope},
    market::{MarketError, submit_offer},
    types::{BasisPoints, FeeSchedule, Tone},
};
use serde_json::json;

use super::{MARKERS, Scene, offer, org_of, promises, text};

#[actix_web::test]
async fn the_take_now_price_is_the_sum_of_what_the_listing_shows() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    let shown = scene.agency.get(&listing).await.expect(200);
    let parts = shown["take_now"]["contributions"].as_array().unwrap();
    let sum: i64 = parts.iter().map(|part| part["bp"].as_i64().unwrap()).sum();
    assert_eq!(shown["take_now"]["price_bp"], sum);
    assert_eq!(shown["card"]["amount_band"], "500_to_2000");
    assert_eq!(shown["card"]["age_band"], "91_to_180_days");
    assert_eq!(shown["card"]["coarsened"], json!(["region", "debtor_record"]));
    assert_eq!(shown["card"]["documents"], json!(["purchase_order"]));
    scene.finish().await;
}

#[actix_web::test]
async fn no_answer_to_an_agency_before_the_award_tells_who_owes() {
    let scene = Scene::new().await;
    scene.creditor.post(&scene.at("/notes"), &json!({ "text": "Marcador promised on the phone" })).await.expect(201);
    let listing = scene.listed("by_hand").await;
    let mut told = String::new();
    scene.world.work().await;
    told += &scene.agency.post(&format!("{listing}/offers"), &promises(1_200)).await.text;
    let bad = json!({ "fee_bp": 9_999, "first_contact_hours": 0, "update_every_days": 14, "tone": "neutral" });
    told += &scene.rival.post(&format!("{listing}/offers"), &bad).await.text;
    told += &scene.agency.post(&scene.at("/award"), &json!({ "offer_id": "ofr_0", "reason": "mine" })).await.text;
    let (claim, events, offers) = (scene.at("/claim"), scene.at("/events"), scene.at("/offers"));
    let (engagements, disputes, actions, deliveries) =
        (scene.at("/engagements"), scene.at("/disputes"), scene.at("/actions"), scene.at("/deliveries"));
    let (case, qualification) = (scene.at(""), format!("{listing}/qualification"));
    let paths = [
        listing.as_str(),
        "/api/v1/listings?country=ES&amount_band=500_to_2000",
        "/api/v1/listings?country=FR",
        "/api/v1/listings",
        "/api/v1/offers",
        "/api/v1/mandates",
        "/api/v1/cases",
        "/api/v1/debtors",
        "/api/v1/receivables",
        "/api/v1/tasks",
        "/api/v1/payments",
        "/api/v1/payouts",
        "/api/v1/fees",
        "/api/v1/statement",
        "/api/v1/notifications",
        "/api/v1/saved-searches",
        "/api/v1/agency/scope",
        &qualification,
        "/api/v1/me",
        &case,
        &claim,
        &events,
        &offers,
        &engagements,
        &disputes,
        &actions,
        &deliveries,
    ];
    for client in [&scene.agency, &scene.rival] {
        for path in paths {
            told += &client.get(path).await.text;
        }
    }
    for marker in MARKERS.iter().copied().chain([scene.case.as_str(), "case_id"]) {
        // Paths in problems repeat what was asked; nothing else may name the case.
        let told = told.replace(&scene.at(""), "");
        assert!(!told.contains(marker), "{marker} was told to an agency: {told}");
    }
    scene.finish().await;
}

#[actix_web::test]
async fn the_planted_markers_are_there_for_those_who_may_read_them() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    scene.taken_by(&scene.agency).await;
    let mut told = String::new();
    for path in [scene.at(""), scene.at("/claim"), "/api/v1/debtors".to_owned(), "/api/v1/receivables".to_owned()] {
        told += &scene.agency.get(&path).await.text;
    }
    assert!(told.contains("Marcador Hermanos SA") && told.contains("FACT-SECRETA-1"), "{told}");
    let mut own = String::new();
    for path in ["/api/v1/debtors", "/api/v1/receivables", "/api/v1/me"] {
        own += &scene.creditor.get(path).await.text;
    }
    for marker in MARKERS {
        assert!(own.contains(marker), "{marker} was never planted: {own}");
    }
    scene.finish().await;
}

#[actix_web::test]
async fn a_card_names_neither_its_case_nor_how_many_rivals_there_are() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    offer(&scene.agency, &listing, 1_200).await;
    for client in [&scene.agency, &scene.rival] {
        let shown = client.get(&listing).await.expect(200);
        assert!(shown.get("case_id").is_none() && shown.get("offer_count").is_none(), "{shown}");
    }
    let own = scene.creditor.get(&listing).await.expect(200);
    assert_eq!((own["offer_count"].as_i64(), own["case_id"].as_str()), (Some(1), Some(scene.case.as_str())));
    scene.finish().await;
}

#[actix_web::test]
async fn offers_are_sealed_until_the_deadline_even_from_the_operator() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    offer(&scene.agency, &listing, 1_234).await;
    scene.creditor.get(&scene.at("/offers")).await.problem(409, "wrong-state");
    scene.rival.get(&scene.at("/offers")).await.problem(403, "forbidden");
    assert_eq!(scene.rival.get("/api/v1/offers").await.expect(200)["data"], json!([]));
    let (creditor, rival, operator) = (org_of(&scene.creditor).await, org_of(&scene.rival).await, org_of(&scene.operator).await);
    for scope in [Scope::Creditor(creditor), Scope::Agency(rival), Scope::Operator(operator)] {
        assert_eq!(count_offers(&scene, scope).await, 0, "{scope:?}");
    }
    assert_eq!(count_offers(&scene, Scope::Agency(org_of(&scene.agency).await)).await, 1);
    scene.reach_deadline(&listing).await;
    let opened = scene.creditor.get(&scene.at("/offers")).await.expect(200);
    assert_eq!(opened["data"][0]["fee_bp"], 1_234);
    assert_eq!(opened["data"][0]["agency"]["legal_name"], "AGENCY 11 SL");
    assert_eq!(count_offers(&scene, Scope::Agency(rival)).await, 0);
    scene.finish().await;
}

#[actix_web::test]
async fn who_takes_a_case_off_the_market_does_not_get_to_read_the_offers() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    let made = offer(&scene.agency, &listing, 1_200).await;
    assert_eq!(scene.creditor.delete(&scene.at("/listing"), None).await.expect(200)["status"], "withdrawn");
    assert_eq!(scene.phase().await, "in_house");
    assert_eq!(scene.creditor.get(&scene.at("/offers")).await.expect(200)["data"], json!([]));
    assert_eq!(count_offers(&scene, Scope::Creditor(org_of(&scene.creditor).await)).await, 0);
    let told = scene.agency.get("/api/v1/offers").await.expect(200);
    assert_eq!((told["data"][0]["id"].clone(), told["data"][0]["status"].as_str()), (made["id"].clone(), Some("void")));
    assert!(text(&told["data"][0]["reason"]).contains("off the market"));
    scene.creditor.delete(&scene.at("/listing"), None).await.expect(200);
    scene.finish().await;
}

#[actix_web::test]
async fn an_offer_at_the_deadline_is_a_millisecond_too_late() {
    let scene = Scene::new().await;
    let listing = scene.list("by_hand").await;
    let until: chrono::DateTime<chrono::Utc> = text(&listing["offers_until"]).parse().unwrap();
    let (agency, id) = (org_of(&scene.agency).await, text(&listing["id"]).parse().unwrap());
    for (at, taken) in [(until - TimeDelta::milliseconds(1), true), (until, false), (until + TimeDelta::milliseconds(1), false)] {
        let by = By { scope: Scope::Agency(agency), actor: Actor::ENGINE, at };
        let (keys, bid) = (&scene.world.app.keys, bid_of(1_200));
        let answer =
            scene.world.app.db.transaction(by.scope, async |conn| submit_offer(conn, &by, keys, agency, id, bid).await).await;
        assert_eq!(answer.is_ok(), taken, "{at}: {answer:?}");
        assert!(taken || matches!(answer, Err(MarketError::TooLate(_))), "{answer:?}");
    }
    let path = format!("/api/v1/listings/{}", text(&listing["id"]));
    scene.reach(&listing["offers_until"]).await;
    scene.rival.post(&format!("{path}/offers"), &promises(900)).await.problem(404, "not-found");
    scene.agency.post(&format!("{path}/offers"), &promises(900)).await.problem(409, "wrong-state");
    let own = text(&scene.agency.get("/api/v1/offers").await.expect(200)["data"][0]["id"]);
    scene.agency.delete(&format!("/api/v1/offers/{own}"), None).await.problem(409, "wrong-state");
    scene.finish().await;
}

#[actix_web::test]
async fn an_offer_may_be_replaced_and_withdrawn_before_the_deadline() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    offer(&scene.agency, &listing, 1_500).await;
    let second = offer(&scene.agency, &listing, 1_300).await;
    assert_eq!(scene.creditor.get(&listing).await.expect(200)["offer_count"], 1);
    let path = format!("/api/v1/offers/{}", text(&second["id"]));
    scene.rival.delete(&path, None).await.problem(404, "not-found");
    assert_eq!(scene.agency.delete(&path, None).await.expect(200)["status"], "withdrawn");
    assert_eq!(scene.agency.delete(&path, None).await.expect(200)["status"], "withdrawn");
    assert_eq!(scene.creditor.get(&listing).await.expect(200)["offer_count"], 0);
    scene.reach_deadline(&listing).await;
    assert_eq!(scene.phase().await, "in_house");
    // The creditor's own strategy goes on at once, so more may follow.
    let kinds = scene.kinds(&scene.creditor).await;
    assert!(kinds.windows(2).any(|pair| pair == ["listed", "unlisted"]), "{kinds:?}");
    scene.finish().await;
}

#[actix_web::test]
async fn figures_out_of_range_are_pointed_at() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    for (field, value) in
        [("fee_bp", json!(5_001)), ("fee_bp", json!(-1)), ("first_contact_hours", json!(0)), ("update_every_days", json!(61))]
    {
        let mut body = promises(1_200);
        body[field] = value;
        let problem = scene.agency.post(&format!("{listing}/offers"), &body).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], format!("/{field}"));
    }
    scene.finish().await;
}

#[actix_web::test]
async fn an_agency_without_standing_papers_may_not_bid_and_is_told_what_is_missing() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    let agency = org_of(&scene.agency).await.0;
    scene
        .world
        .as_owner(&format!(
            "UPDATE agency_credentials SET valid_until = '2026-11-01' WHERE agency_id = '{agency}' AND kind = 'licence'"
        ))
        .await;
    for path in [format!("{listing}/offers"), format!("{listing}/take-now")] {
        let body = if path.ends_with("offers") { promises(1_200) } else { json!({}) };
        let problem = scene.agency.post(&path, &body).await.problem(403, "forbidden");
        assert!(text(&problem["detail"]).contains("licence for ES expired on 2026-11-01"), "{problem}");
    }
    scene.finish().await;
}

async fn count_offers(scene: &Scene, scope: Scope) -> i64 {
    use diesel::{QueryableByName, sql_types::BigInt};
    use diesel_async::RunQueryDsl;
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let counted = scene.world.app.db.transaction(scope, async |conn| {
        Ok::<_, DbError>(diesel::sql_query("SELECT count(*) AS count FROM offers").get_result::<Counted>(conn).await?)
    });
    counted.await.unwrap().count
}

fn bid_of(fee_bp: i32) -> entente::market::Promises {
    entente::market::Promises {
        fee: FeeSchedule::Success { rate_bp: BasisPoints(fee_bp) },
        first_contact_hours: 24,
        update_every_days: 14,
        tone: Tone::Neutral,
        languages: Vec::new(),
        recovery_bp: None,
    }
}
