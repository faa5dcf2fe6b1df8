//! A dry run answers what would happen and leaves no trace of it: where money or a case's fate moves, step by step.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Client, World, payment};

const CENSUS: &str = "CREATE SCHEMA watch;
    CREATE FUNCTION watch.census() RETURNS text LANGUAGE plpgsql AS $$
    DECLARE name text; rows text; said text := '';
    BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1 LOOP
            EXECUTE format('SELECT coalesce(md5(string_agg(t::text, '''' ORDER BY t::text)), '''') FROM %I t', name) INTO rows;
            said := said || name || '=' || rows || ' ';
        END LOOP;
        RETURN said;
    END $$;
    CREATE TABLE watch.seen (said text)";

struct Watched {
    world: World,
}

impl Watched {
    async fn new() -> Self {
        let world = World::new().await;
        world.as_owner(CENSUS).await;
        Self { world }
    }

    /// Tries it out, sees that every table is as it was, then does it; both answers say the same.
    async fn tried_then_done(&self, client: &Client, path: &str, body: &Value, status: u16) -> Value {
        let tried = self.tried(client, path, body).await.expect(status);
        let done = client.post(path, body).await.expect(status);
        assert_eq!(shape(&tried), shape(&done), "{path}");
        done
    }

    async fn tried(&self, client: &Client, path: &str, body: &Value) -> crate::support::Answer {
        self.world.as_owner("TRUNCATE watch.seen; INSERT INTO watch.seen SELECT watch.census()").await;
        let answer = client.post_once(&format!("{path}?dry_run=true"), "tried", body).await;
        self.world.as_owner("DO $$ BEGIN ASSERT watch.census() = (SELECT said FROM watch.seen); END $$").await;
        if answer.status.is_success() {
            assert_eq!(answer.header("dry-run"), "true", "{path}");
        }
        answer
    }
}

/// An answer without what differs from one attempt to the next: ids and instants.
fn shape(answer: &Value) -> Value {
    const PASSING: [&str; 6] = ["_id", "_at", "_by", "_since", "_until", "_sha256"];
    let lasts = |name: &str| !["id", "reference"].contains(&name) && !PASSING.iter().any(|ending| name.ends_with(ending));
    match answer {
        Value::Object(fields) => {
            fields.iter().filter(|(name, _)| lasts(name)).map(|(name, value)| (name.clone(), shape(value))).collect()
        }
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => answer.clone(),
    }
}

fn path_of(thing: &str, answer: &Value) -> String {
    format!("/api/v1/{thing}/{}", answer["id"].as_str().unwrap())
}

#[actix_web::test]
async fn every_step_that_moves_money_or_fate_can_be_tried_out() {
    let watched = Watched::new().await;
    let world = &watched.world;
    let operator = world.operator().await;
    let (creditor, agency) = (world.creditor(1).await, world.agency(2, &operator).await);

    let invoice = json!({ "receivables": [{
        "debtor": { "legal_name": "Bodegas Ruiz SA", "tax_number": "A46353538", "kind": "business", "country": "ES", "email": "pagos@ruiz.example" },
        "number": "F-1", "issued_on": "2026-07-01", "due_on": "2026-07-31", "principal": { "minor": 100_000, "currency": "EUR" },
    }]});
    let intake = watched.tried_then_done(&creditor, "/api/v1/receivables", &invoice, 200).await;
    let posting = json!({ "receivable_ids": [intake["rows"][0]["receivable_id"]] });
    let case = path_of("cases", &watched.tried_then_done(&creditor, "/api/v1/cases", &posting, 201).await);

    let listed = watched.tried_then_done(&creditor, &format!("{case}/listing"), &json!({ "award_rule": "by_hand" }), 201).await;
    let listing = path_of("listings", &listed);
    watched.tried(&agency, &format!("{listing}/take-now"), &json!({})).await.expect(201);
    let promises = json!({ "fee_bp": 1200, "first_contact_hours": 24, "update_every_days": 14, "tone": "neutral" });
    let offer = watched.tried_then_done(&agency, &format!("{listing}/offers"), &promises, 201).await;
    world.pass(TimeDelta::days(3)).await;
    let choice = json!({ "offer_id": offer["id"] });
    let mandate = watched.tried_then_done(&creditor, &format!("{case}/award"), &choice, 201).await;
    assert_eq!(watched.tried(&creditor, &format!("{case}/award"), &choice).await.status, 409, "a refusal is the same");

    let signature = json!({ "full_name": "Ana Firmante", "document_sha256": mandate["document_sha256"] });
    for signer in [&creditor, &agency] {
        watched.tried_then_done(signer, &format!("{}/signature", path_of("mandates", &mandate)), &signature, 201).await;
    }
    world.work().await;
    let came_in = payment(30_000, "2026-11-05", "T-1");
    let declared = watched.tried_then_done(&agency, &format!("{case}/payments"), &came_in, 201).await;
    let confirmation = format!("{}/confirmation", path_of("payments", &declared));
    watched.tried_then_done(&creditor, &confirmation, &json!({}), 200).await;

    watched.tried(&agency, &format!("{case}/return"), &json!({ "reason": "no_capacity" })).await.expect(200);
    watched.tried(&creditor, &format!("{case}/recall"), &json!({ "ground": "new_order" })).await.expect(200);
    let closure = json!({ "outcome": "withdrawn", "reason": "a good customer" });
    watched.tried_then_done(&creditor, &format!("{case}/closure"), &closure, 200).await;
    watched.world.finish().await;
}

#[actix_web::test]
async fn a_dry_run_uses_no_key_up_and_makes_no_secret() {
    let watched = Watched::new().await;
    let creditor = watched.world.creditor(1).await;
    let key = json!({ "name": "ERP", "scopes": ["read"] });
    let tried = watched.tried(&creditor, "/api/v1/api-keys", &key).await.expect(201);
    assert_eq!(tried["secret"], Value::Null, "it would open nothing");
    let made = creditor.post_once("/api/v1/api-keys", "tried", &key).await;
    assert_eq!(made.header("idempotency-replayed"), "");
    assert!(made.expect(201)["secret"].is_string());
    watched.world.finish().await;
}

#[actix_web::test]
async fn what_cannot_be_tried_out_says_so_instead_of_doing_it() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    creditor.post("/api/v1/debtors?dry_run=perhaps", &json!({ "legal_name": "X" })).await.problem(400, "malformed-request");
    let body = json!({ "email": "ana@acme.example", "password": "whatever" });
    world.stranger().post("/api/v1/sessions?dry_run=true", &body).await.problem(400, "malformed-request");
    world
        .stranger()
        .post("/api/v1/sessions/refreshment?dry_run=true", &json!({ "refresh_token": "x" }))
        .await
        .problem(400, "malformed-request");
    world.finish().await;
}
