//! Awards by hand, by rule and by taking: one winner, reasons for the others.

use chrono::{DateTime, TimeDelta, Utc};
use entente::{
    db::{By, Scope},
    market::{MarketTerms, close_offers, take_now},
};
use serde_json::{Value, json};

use super::{Scene, offer, org_of, sign, text};
use crate::support::Client;

#[actix_web::test]
async fn the_best_ranked_offer_is_awarded_at_the_deadline_and_the_loser_told_without_the_winners_terms() {
    let scene = Scene::new().await;
    let listing = scene.listed("best_ranked").await;
    offer(&scene.agency, &listing, 1_177).await;
    offer(&scene.rival, &listing, 1_499).await;
    scene.reach_deadline(&listing).await;
    assert_eq!(scene.phase().await, "awarded");
    let won = &scene.agency.get("/api/v1/offers").await.expect(200)["data"][0];
    assert_eq!((won["status"].as_str(), won["rank"].as_i64()), (Some("awarded"), Some(1)));
    let answer = scene.rival.get("/api/v1/offers").await;
    let lost = answer.text.clone();
    let row = answer.expect(200)["data"][0].clone();
    assert_eq!((row["status"].as_str(), row["rank"].as_i64()), (Some("lost"), Some(2)));
    assert!(text(&row["reason"]).contains("came 2 of 2") && text(&row["reason"]).contains("14.99%"), "{row}");
    for secret in ["1177", "11.77", "AGENCY 11"] {
        assert!(!lost.contains(secret), "{secret} stands in {lost}");
    }
    let mandate = &scene.agency.get("/api/v1/mandates").await.expect(200)["data"][0];
    assert_eq!((mandate["fee_bp"].as_i64(), mandate["status"].as_str()), (Some(1_177), Some("to_sign")));
    scene.agency.get(&scene.at("")).await.expect(200);
    scene.rival.get(&scene.at("")).await.problem(404, "not-found");
    scene.finish().await;
}

#[actix_web::test]
async fn by_hand_a_choice_off_the_top_needs_a_reason_that_no_agency_reads() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    let first = offer(&scene.agency, &listing, 1_000).await;
    let second = offer(&scene.rival, &listing, 2_000).await;
    let choice = |offer: &Value, reason: Option<&str>| json!({ "offer_id": offer["id"], "reason": reason });
    let award = scene.at("/award");
    scene.creditor.post(&award, &choice(&first, None)).await.problem(409, "wrong-state");
    scene.reach_deadline(&listing).await;
    let opened = scene.creditor.get(&scene.at("/offers")).await.expect(200);
    assert_eq!((opened["data"][0]["id"].clone(), opened["data"][1]["id"].clone()), (first["id"].clone(), second["id"].clone()));
    let ranking = &opened["data"][1]["ranking"];
    let factors: i64 = ranking["factors"].as_array().unwrap().iter().map(|factor| factor["ppm"].as_i64().unwrap()).sum();
    assert_eq!(ranking["score_ppm"].as_i64().unwrap(), ranking["expected_net_ppm"].as_i64().unwrap() + factors);
    let problem = scene.creditor.post(&award, &choice(&second, None)).await.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/reason");
    scene.creditor.post(&award, &choice(&second, Some("they know the trade, AGENCY 11 does not"))).await.expect(201);
    assert_eq!(scene.phase().await, "awarded");
    scene.creditor.post(&award, &choice(&first, None)).await.problem(409, "wrong-state");
    let told = scene.agency.get("/api/v1/offers").await.expect(200)["data"][0].clone();
    assert_eq!((told["status"].as_str(), told["rank"].as_i64()), (Some("lost"), Some(1)));
    for reader in [&scene.agency, &scene.rival] {
        for path in ["/api/v1/offers".to_owned(), "/api/v1/mandates".to_owned(), scene.at("/events")] {
            assert!(!reader.get(&path).await.text.contains("know the trade"), "{path}");
        }
    }
    assert!(scene.creditor.get(&scene.at("/events")).await.text.contains("know the trade"));
    scene.finish().await;
}

#[actix_web::test]
async fn of_two_awards_at_once_one_stands() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    let offers = [offer(&scene.agency, &listing, 1_000).await, offer(&scene.rival, &listing, 1_000).await];
    scene.reach_deadline(&listing).await;
    let award = scene.at("/award");
    let bodies: Vec<Value> = offers.iter().map(|offer| json!({ "offer_id": offer["id"], "reason": "because" })).collect();
    let (one, other) = tokio::join!(scene.creditor.post(&award, &bodies[0]), scene.creditor.post(&award, &bodies[1]));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(scene.creditor.get("/api/v1/mandates").await.expect(200)["data"].as_array().unwrap().len(), 1);
    scene.finish().await;
}

#[actix_web::test]
async fn of_two_hundred_agencies_that_take_a_case_at_once_one_gets_it_and_the_others_are_told() {
    let scene = Scene::new().await;
    let agencies = two_hundred(&scene).await;
    let listing = scene.listed("by_hand").await;
    offer(&scene.rival, &listing, 900).await;
    let path = format!("{listing}/take-now");
    let body = json!({});
    let answers = futures_util::future::join_all(agencies.iter().map(|agency| agency.post(&path, &body))).await;
    let won: Vec<usize> =
        answers.iter().enumerate().filter(|(_, answer)| answer.status == 201).map(|(position, _)| position).collect();
    assert_eq!(won.len(), 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| matches!(answer.status.as_u16(), 201 | 409)));
    let case = scene.creditor.get(&scene.at("")).await.expect(200);
    assert_eq!(case["agency_id"], org_of(&agencies[won[0]]).await.to_string());
    let told = scene.rival.get("/api/v1/offers").await.expect(200)["data"][0].clone();
    assert_eq!((told["status"].as_str(), told["rank"].as_i64()), (Some("void"), None));
    // Who won or bid goes on seeing the card; for the others it has left the market.
    for (client, status) in [(&agencies[won[0]], 200), (&scene.rival, 200), (&scene.agency, 404)] {
        assert_eq!(client.get(&listing).await.status, status);
    }
    scene.finish().await;
}

/// As many agencies with papers in force, each with an API key.
async fn two_hundred(scene: &Scene) -> Vec<Client> {
    scene
        .world
        .as_owner(
            "INSERT INTO organisations (id, kind, legal_name, country, enterprise_key, iban, language, email, street, postal_code, city, created_at)
             SELECT gen_random_uuid(), 'agency', 'Racer ' || n, 'ES', 'RACE:' || n,
                'ES' || lpad((98 - ('21000418' || lpad(n::text, 12, '0') || '142800')::numeric % 97)::integer::text, 2, '0')
                    || '21000418' || lpad(n::text, 12, '0'),
                'es', 'r' || n || '@race.example', 'Calle 1', '28013', 'Madrid', now() FROM generate_series(1001, 1200) n;
             INSERT INTO agency_credentials (id, agency_id, kind, country, issuer, reference, valid_from, valid_until, status, created_at)
             SELECT gen_random_uuid(), o.id, papers.kind, 'ES', 'R', 'R', '2020-01-01', '2099-12-31', 'vetted', now()
             FROM organisations o, (VALUES ('licence'), ('insurance')) AS papers (kind) WHERE o.legal_name LIKE 'Racer %';
             INSERT INTO api_keys (id, organisation_id, name, secret_hash, hint, scopes, created_by, created_at)
             SELECT gen_random_uuid(), o.id, 'race', sha256(convert_to('ent_' || o.enterprise_key, 'UTF8')), 'race', '{read,offer}',
                (SELECT id FROM members LIMIT 1), now() FROM organisations o WHERE o.legal_name LIKE 'Racer %'",
        )
        .await;
    (1001..=1200).map(|number| scene.world.stranger().with_token(&format!("ent_RACE:{number}"))).collect()
}

#[actix_web::test]
async fn the_creditors_condition_picks_the_first_in_rank_of_which_it_is_true() {
    let scene = Scene::new().await;
    for (condition, told) in
        [(None, "CEL"), (Some("fee_bp <"), "CEL"), (Some("debtor == 1"), "`debtor`"), (Some("[1].all(x, true)"), "lists")]
    {
        let body = json!({ "award_rule": "by_condition", "award_condition": condition });
        let problem = scene.creditor.post(&scene.at("/listing"), &body).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/award_condition");
        assert!(text(&problem["errors"][0]["detail"]).contains(told), "{problem}");
    }
    let body = json!({ "award_rule": "by_hand", "award_condition": "true" });
    scene.creditor.post(&scene.at("/listing"), &body).await.problem(422, "invalid");
    let body = json!({ "award_rule": "by_condition", "award_condition": "fee_bp >= 1000 && first_contact_hours <= 24" });
    let listed = scene.creditor.post(&scene.at("/listing"), &body).await.expect(201);
    let listing = format!("/api/v1/listings/{}", text(&listed["id"]));
    assert!(scene.agency.get(&listing).await.expect(200).get("award_condition").is_none());
    offer(&scene.agency, &listing, 900).await;
    offer(&scene.rival, &listing, 1_100).await;
    scene.reach_deadline(&listing).await;
    let case = scene.creditor.get(&scene.at("")).await.expect(200);
    assert_eq!(case["agency_id"], org_of(&scene.rival).await.to_string());
    scene.finish().await;
}

#[actix_web::test]
async fn where_the_condition_is_true_of_none_the_creditor_chooses_by_hand() {
    let scene = Scene::new().await;
    let body = json!({ "award_rule": "by_condition", "award_condition": "fee_bp < 100" });
    let listed = scene.creditor.post(&scene.at("/listing"), &body).await.expect(201);
    let listing = format!("/api/v1/listings/{}", text(&listed["id"]));
    let made = offer(&scene.agency, &listing, 900).await;
    scene.reach_deadline(&listing).await;
    assert_eq!(scene.creditor.get(&listing).await.expect(200)["status"], "deciding");
    scene.creditor.post(&scene.at("/award"), &json!({ "offer_id": made["id"] })).await.expect(201);
    scene.finish().await;
}

#[actix_web::test]
async fn without_offers_a_case_is_listed_wider_where_its_creditor_says_so_and_comes_back_after_three_rounds() {
    let scene = Scene::new().await;
    scene.creditor.put("/api/v1/market-settings", Some("\"v0\""), &json!({ "no_offers": "relist_wider" })).await.expect(200);
    let agency = format!("/api/v1/agency-list/{}", org_of(&scene.agency).await);
    scene.creditor.put(&agency, None, &json!({ "standing": "invited" })).await.expect(200);
    let body = json!({ "award_rule": "best_ranked", "audience": "circle" });
    let first = scene.creditor.post(&scene.at("/listing"), &body).await.expect(201);
    let mut price = first["take_now"]["price_bp"].as_i64().unwrap();
    scene.reach(&first["offers_until"]).await;
    for round in [2, 3] {
        let open = scene.rival.get("/api/v1/listings").await.expect(200)["data"][0].clone();
        assert_eq!(
            (open["round"].as_i64(), open["audience"].as_str(), open["award_rule"].as_str()),
            (Some(round), Some("open"), Some("best_ranked"))
        );
        assert!(open["take_now"]["price_bp"].as_i64().unwrap() > price, "{open}");
        price = open["take_now"]["price_bp"].as_i64().unwrap();
        scene.reach(&open["offers_until"]).await;
    }
    assert_eq!(scene.phase().await, "in_house");
    scene.finish().await;
}

#[actix_web::test]
async fn a_take_now_races_the_deadline_and_one_of_them_stands() {
    let scene = Scene::new().await;
    let listed = scene.list("best_ranked").await;
    let (id, until) = (text(&listed["id"]).parse().unwrap(), text(&listed["offers_until"]).parse::<DateTime<Utc>>().unwrap());
    offer(&scene.agency, &format!("/api/v1/listings/{}", text(&listed["id"])), 1_000).await;
    let (app, terms, rival) = (&scene.world.app, MarketTerms::of(&scene.world.app), org_of(&scene.rival).await);
    let (deadline, moment_before) = (By::engine(until), By::engine(until - TimeDelta::milliseconds(1)));
    let closing = app.db.transaction(Scope::System, async |conn| close_offers(conn, &deadline, &app.keys, terms, id).await);
    let taking = app.db.transaction(Scope::System, async |conn| take_now(conn, &moment_before, terms, rival, id).await);
    let (closed, taken) = tokio::join!(closing, taking);
    closed.unwrap();
    let case = scene.creditor.get(&scene.at("")).await.expect(200);
    let winner = if taken.is_ok() { rival } else { org_of(&scene.agency).await };
    assert_eq!((case["phase"].as_str(), case["agency_id"].as_str()), (Some("awarded"), Some(winner.to_string().as_str())));
    assert_eq!(scene.creditor.get("/api/v1/mandates").await.expect(200)["data"].as_array().unwrap().len(), 1);
    scene.finish().await;
}

#[actix_web::test]
async fn a_taken_case_stays_taken_when_the_request_is_repeated_and_the_deadline_passes() {
    let scene = Scene::new().await;
    let listing = scene.listed("best_ranked").await;
    offer(&scene.agency, &listing, 1_000).await;
    let taken = scene.rival.post_once(&format!("{listing}/take-now"), "take-1", &json!({})).await.expect(201);
    let again = scene.rival.post_once(&format!("{listing}/take-now"), "take-1", &json!({})).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(201), taken);
    scene.world.pass(TimeDelta::days(1)).await;
    scene.world.pass(TimeDelta::days(3)).await;
    let case = scene.creditor.get(&scene.at("")).await.expect(200);
    assert_eq!(case["agency_id"], org_of(&scene.rival).await.to_string());
    assert_eq!(scene.agency.get("/api/v1/mandates").await.expect(200)["data"], json!([]));
    scene.finish().await;
}

#[actix_web::test]
async fn a_licence_that_runs_out_before_the_deadline_costs_the_award() {
    let scene = Scene::new().await;
    let listing = scene.listed("best_ranked").await;
    offer(&scene.agency, &listing, 500).await;
    offer(&scene.rival, &listing, 2_000).await;
    let agency = org_of(&scene.agency).await.0;
    scene
        .world
        .as_owner(&format!(
            "UPDATE agency_credentials SET valid_until = '2026-11-02' WHERE agency_id = '{agency}' AND kind = 'licence'"
        ))
        .await;
    scene.reach_deadline(&listing).await;
    let case = scene.creditor.get(&scene.at("")).await.expect(200);
    assert_eq!(case["agency_id"], org_of(&scene.rival).await.to_string());
    let told = scene.agency.get("/api/v1/offers").await.expect(200)["data"][0].clone();
    assert_eq!((told["status"].as_str(), told["rank"].as_i64()), (Some("lost"), None));
    assert!(text(&told["reason"]).contains("licence for ES expired on 2026-11-02"), "{told}");
    scene.finish().await;
}

#[actix_web::test]
async fn a_licence_that_runs_out_before_both_have_signed_stops_the_engagement() {
    let scene = Scene::new().await;
    scene.list("by_hand").await;
    let mandate = scene.taken_by(&scene.agency).await;
    sign(&scene.agency, &mandate).await.expect(201);
    let agency = org_of(&scene.agency).await.0;
    scene
        .world
        .as_owner(&format!(
            "UPDATE agency_credentials SET valid_until = '2026-11-01' WHERE agency_id = '{agency}' AND kind = 'insurance'"
        ))
        .await;
    let problem = sign(&scene.creditor, &mandate).await.problem(409, "conflict");
    assert!(text(&problem["detail"]).contains("insurance expired on 2026-11-01"), "{problem}");
    assert_eq!(scene.phase().await, "awarded");
    scene.finish().await;
}

#[actix_web::test]
async fn a_creditor_that_does_not_choose_in_time_gets_its_case_back() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    offer(&scene.agency, &listing, 1_000).await;
    scene.reach_deadline(&listing).await;
    let deciding = scene.creditor.get(&listing).await.expect(200);
    assert_eq!(deciding["status"], "deciding");
    scene.rival.post(&format!("{listing}/take-now"), &json!({})).await.problem(409, "wrong-state");
    scene.reach(&deciding["decide_by"]).await;
    assert_eq!(scene.creditor.get(&listing).await.expect(200)["status"], "expired");
    assert_eq!(scene.phase().await, "in_house");
    assert_eq!(scene.agency.get("/api/v1/offers").await.expect(200)["data"][0]["status"], "lost");
    scene.finish().await;
}

#[actix_web::test]
async fn foreign_and_unknown_ids_lead_nowhere() {
    let scene = Scene::new().await;
    let listing = scene.listed("by_hand").await;
    let made = offer(&scene.agency, &listing, 1_000).await;
    let stranger = scene.world.creditor(2).await;
    stranger.post(&scene.at("/listing"), &json!({ "award_rule": "by_hand" })).await.problem(404, "not-found");
    stranger.delete(&scene.at("/listing"), None).await.problem(404, "not-found");
    stranger.get(&listing).await.problem(404, "not-found");
    assert_eq!(stranger.get("/api/v1/listings").await.expect(200)["data"], json!([]));
    stranger.get(&scene.at("/offers")).await.problem(404, "not-found");
    stranger.post(&scene.at("/award"), &json!({ "offer_id": made["id"] })).await.problem(404, "not-found");
    stranger.post(&scene.at("/recall"), &json!({ "ground": "new_order" })).await.problem(404, "not-found");
    stranger.get(&scene.at("/engagements")).await.problem(404, "not-found");
    scene.rival.post(&scene.at("/return"), &json!({ "reason": "no_capacity" })).await.problem(404, "not-found");
    scene
        .rival
        .post("/api/v1/listings/lst_00000000000000000000000000000000/take-now", &json!({}))
        .await
        .problem(404, "not-found");
    scene.reach_deadline(&listing).await;
    let other = super::post_case(&stranger, "X-1").await;
    stranger.post(&format!("/api/v1/cases/{other}/listing"), &json!({ "award_rule": "by_hand" })).await.expect(201);
    stranger
        .post(&format!("/api/v1/cases/{other}/award"), &json!({ "offer_id": made["id"], "reason": "x" }))
        .await
        .problem(409, "wrong-state");
    scene.finish().await;
}
