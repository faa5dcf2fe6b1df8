//! Recovery over HTTP, on a clock that walks through weeks: steps, stops, deliveries, tasks.

mod approvals;
mod chaos;
mod countries;
mod debtor_terms;
pub mod inbound;
mod letterheads;
mod letters;
mod line;
mod opt_outs;
mod rehearsals;
mod smtp;
mod steps;
mod stops;
mod strategies;
mod tasks;
pub mod texts;
mod wordings;
mod work;

use chrono::{DateTime, TimeDelta, Utc};
use entente::{
    app::App,
    cases::{self, CasesError, Command, EventKind},
    db::{By, Scope},
    recovery::engine,
    types::{CaseId, OrgId},
};
use serde_json::{Value, json};

use crate::support::{Client, World, cif};

/// A case in-house over 1,000.00 EUR, due in July, against a debtor of this number.
pub struct Posted {
    pub creditor: Client,
    pub path: String,
    pub id: CaseId,
    pub debtor: String,
}

pub async fn posted(creditor: &Client, number: u32, debtor: u32) -> Posted {
    let body = json!({ "receivables": [{
        "debtor": {
            "legal_name": format!("Bodegas {debtor} SA"), "tax_number": cif(debtor), "language": "es", "email": format!("pagos@bodegas{debtor}.example"),
            "phone": "+34 600 000 000", "street": "Calle del Vino 3", "postal_code": "26001", "city": "Logroño",
        },
        "number": format!("F-{number}"), "issued_on": "2026-07-01", "due_on": "2026-07-31", "principal": { "minor": 100_000, "currency": "EUR" },
    }]});
    let intake = creditor.post("/api/v1/receivables", &body).await.expect(200);
    let receivable = &intake["rows"][0]["receivable_id"];
    let case = creditor.post("/api/v1/cases", &json!({ "receivable_ids": [receivable] })).await.expect(201);
    let id: CaseId = case["id"].as_str().unwrap().parse().unwrap();
    let debtor = case["debtor_id"].as_str().unwrap().to_owned();
    Posted { creditor: creditor.clone(), path: format!("/api/v1/cases/{id}"), id, debtor }
}

impl Posted {
    pub async fn case(&self) -> Value {
        self.creditor.get(&self.path).await.expect(200)
    }

    pub async fn next_action_at(&self) -> Option<DateTime<Utc>> {
        self.case().await["next_action_at"].as_str().map(|at| at.parse().unwrap())
    }

    async fn rows(&self, of: &str) -> Vec<Value> {
        self.creditor.get(&format!("{}/{of}", self.path)).await.expect(200)["data"].as_array().unwrap().clone()
    }

    pub async fn deliveries(&self) -> Vec<Value> {
        self.rows("deliveries").await
    }

    pub async fn actions(&self) -> Vec<Value> {
        self.rows("actions").await
    }

    /// `template: status` of each action.
    pub async fn done(&self) -> Vec<String> {
        let said = |action: &Value| format!("{}: {}", action["template"].as_str().unwrap(), action["status"].as_str().unwrap());
        self.actions().await.iter().map(said).collect()
    }

    /// The data of the events of this kind.
    pub async fn events(&self, kind: &str) -> Vec<Value> {
        let events = self.rows("events").await;
        events.into_iter().filter(|event| event["kind"] == kind).map(|event| event["data"].clone()).collect()
    }

    pub async fn set_profile(&self, change: impl FnOnce(&mut Value)) {
        let path = format!("/api/v1/debtors/{}/profile", self.debtor);
        let seen = self.creditor.get(&path).await.expect(200);
        let mut setting = seen.clone();
        for known in ["debtor_id", "version"] {
            setting.as_object_mut().unwrap().remove(known);
        }
        change(&mut setting);
        self.creditor.put(&path, Some(&format!("\"v{}\"", seen["version"])), &setting).await.expect(200);
    }

    pub async fn hold(&self, ends_at: Option<DateTime<Utc>>) -> Value {
        let body = json!({ "kind": "hardship", "reason": "fire in the workshop", "ends_at": ends_at });
        self.creditor.post(&format!("{}/holds", self.path), &body).await.expect(201)
    }

    pub async fn release_holds(&self) {
        let case = self.case().await;
        for hold in case["holds"].as_array().unwrap() {
            let path = format!("{}/holds/{}", self.path, hold["id"].as_str().unwrap());
            let version = format!("\"v{}\"", self.case().await["version"]);
            self.creditor.delete(&path, Some(&version)).await.expect(200);
        }
    }
}

/// What the engine does, without the messages leaving.
pub async fn evaluate_only(world: &World) {
    while engine::round(&world.app).await.unwrap() > 0 {}
}

/// Moves the clock and does nothing.
pub async fn move_on(world: &World, time: TimeDelta) {
    let offset = world.app.clock.offset_for(world.now() + time).unwrap();
    world.app.move_clock(offset).await.unwrap();
}

/// Moves the clock to a moment and does what fell due until then, in one go.
pub async fn at(world: &World, moment: &str) {
    let moment: DateTime<Utc> = moment.parse().unwrap();
    world.pass(moment - world.now()).await;
}

pub async fn days(world: &World, count: i64) {
    for _ in 0..count {
        world.pass(TimeDelta::days(1)).await;
        nothing_is_forgotten(world).await;
    }
}

/// The files of the outbox, whole.
pub fn outbox(app: &App) -> Vec<String> {
    let Ok(folder) = std::fs::read_dir(app.settings.var.join("outbox")) else { return Vec::new() };
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// Carries a lifecycle command out, as payments and the market do.
pub async fn command(world: &World, case: CaseId, wanted: Command, kind: EventKind) {
    let by = By::engine(world.now());
    let carried = world.app.db.transaction(Scope::System, async |conn| {
        let mut case = cases::lock(conn, &by, case).await?;
        case.carry_out(&by, wanted, kind, json!({}))?;
        cases::save(conn, &by, &mut case).await
    });
    carried.await.unwrap_or_else(|error: CasesError| panic!("{error}"));
}

/// Hands a case to an agency without the formalities of the market.
pub async fn engage(world: &World, case: CaseId, agency: &Client) {
    let me = agency.get("/api/v1/me").await.expect(200);
    let agency: OrgId = me["organisation"]["id"].as_str().unwrap().parse().unwrap();
    command(world, case, Command::List, EventKind::Listed).await;
    command(world, case, Command::Award(agency), EventKind::Awarded).await;
    command(world, case, Command::Engage, EventKind::Engaged).await;
}

/// Every case is closed, with the market, held without end, waiting for a person, or due at a date.
pub async fn nothing_is_forgotten(world: &World) {
    let forgotten = "SELECT c.reference FROM cases c WHERE c.phase IN ('in_house', 'active') AND c.next_action_at IS NULL
        AND NOT EXISTS (SELECT FROM holds h WHERE h.case_id = c.id AND h.released_at IS NULL AND h.ends_at IS NULL)
        AND NOT EXISTS (SELECT FROM tasks t WHERE t.case_id = c.id AND t.status = 'open' AND t.kind IN ('review', 'approval')
                        AND (t.reason = 'creditor_approval' OR t.agency_id IS NOT DISTINCT FROM CASE WHEN c.phase = 'active' THEN c.agency_id END))";
    world
        .as_owner(&format!("DO $$ BEGIN IF EXISTS ({forgotten}) THEN RAISE EXCEPTION 'a case is forgotten'; END IF; END $$"))
        .await;
}
