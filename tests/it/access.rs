//! Who gets where: every operation of the API's description, asked by everybody there is. `docs/access.md` keeps the answers.
//!
//! An operation that this file does not know how to ask fails the test, and so does an answer that is not the one kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Engaged, PASSWORD, PICTURE, World, parties::email, payment, sign_up};

/// An operation as the description names it.
pub struct Operation {
    pub id: String,
    pub method: String,
    pub path: String,
    is_public: bool,
    has_dry_run: bool,
}

pub fn operations() -> Vec<Operation> {
    let api = serde_json::to_value(entente::routes::openapi()).expect("JSON");
    let mut found = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, said) in item.as_object().unwrap() {
            let parameters = said["parameters"].as_array().cloned().unwrap_or_default();
            found.push(Operation {
                id: said["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
                is_public: said.get("security").is_some(),
                has_dry_run: parameters.iter().any(|parameter| parameter["name"] == "dry_run"),
            });
        }
    }
    // Logging out comes last: it ends the sessions that the others are asked with.
    found.sort_by_key(|operation| operation.id == "log_out");
    found
}

/// What to send, where something is needed: bodies that pass, so that what comes back is about who asks.
fn body(operation: &str, scene: &Scene) -> Value {
    match operation {
        "sign_up" => sign_up("creditor", 91),
        "show_proof" => json!({ "password": PASSWORD }),
        "log_in" => json!({ "email": email("creditor", 1), "password": PASSWORD }),
        "add_member" => json!({ "full_name": "Bea Soler", "email": "bea@new.example", "role": "admin", "password": PASSWORD }),
        "create_api_key" => json!({ "name": "ERP", "scopes": ["read"] }),
        "submit_credential" => {
            json!({ "kind": "licence", "country": "ES", "issuer": "R", "reference": "1", "valid_from": "2026-01-01", "valid_until": "2027-12-31" })
        }
        "decide_credential" => json!({ "decision": "vetted", "note": "seen" }),
        "set" => json!({ "now": "2020-01-01T00:00:00Z" }),
        "post_debtor" => json!({ "legal_name": "Otra SA", "tax_number": "B12345674", "kind": "business" }),
        "put_profile" | "put_class_profile" => {
            json!({ "tone_ceiling": "firm", "channels": ["mail"], "do_not_contact": false, "contact_from": "09:00", "contact_until": "18:00", "account_owner_id": null })
        }
        "post_receivables" => json!({ "receivables": [{ "number": "F-9" }] }),
        "calculate_claim" => json!({ "country": "ES", "debtor_kind": "business", "on": "2026-10-01", "invoices": [
            { "number": "1", "due_on": "2026-07-31", "principal": { "minor": 100, "currency": "EUR" } }] }),
        "post_case" => json!({ "receivable_ids": [scene.ids["unassigned"]] }),
        "close_case" => json!({ "outcome": "withdrawn", "reason": "peace" }),
        "add_case_note" => json!({ "text": "called" }),
        "place_case_hold" => json!({ "kind": "hardship", "reason": "ill" }),
        "promise_payment" => json!({ "promised_on": scene.soon }),
        "note_opt_out" => json!({ "channel": "mail" }),
        "open_case_dispute" => json!({ "reason": "defective", "statement": "broken" }),
        "give_dispute_evidence" => json!({ "item": "defect_report", "statement": "torn" }),
        "resolve_case_dispute" => json!({ "decision": "reject", "note": "it was not" }),
        "list_on_market" => json!({ "award_rule": "by_hand" }),
        "rate" => json!({ "treatment": 4, "documents": 5 }),
        "appeal" => {
            json!({ "engagement_id": scene.ids["engagement_id"], "component": "treatment", "statement": "they never met" })
        }
        "decide_appeal" => json!({ "uphold": false, "note": "they did" }),
        "file" => json!({ "ground": "money_withheld", "statement": "nothing came" }),
        "answer_to" => json!({ "answer": "it came" }),
        "decide_complaint" => json!({ "severity": null, "note": "it came" }),
        "ask" => json!({ "question": "Is there a signed delivery note?" }),
        "reply" => json!({ "answer": "Yes." }),
        "list_lot" => json!({ "case_ids": [scene.ids["case_id"]], "award_rule": "by_hand" }),
        "draw_up_framework" => json!({ "agency_id": scene.ids["agency_id"] }),
        "sign_framework" => json!({ "full_name": "Ana", "document_sha256": scene.ids["framework_sha256"] }),
        "make_offer" => json!({ "fee_bp": 900, "first_contact_hours": 24, "update_every_days": 14, "tone": "neutral" }),
        "award_case" => json!({ "offer_id": scene.ids["offer_id"], "reason": "the best" }),
        "sign" => json!({ "full_name": "Ana", "document_sha256": scene.ids["document_sha256"] }),
        "refuse" => json!({ "reason": "too dear" }),
        "give_case_back" => json!({ "reason": "no_capacity" }),
        "take_case_back" => json!({ "ground": "new_order" }),
        "put_plan_policy" => json!({ "instalments_max": 6, "least_minor": 1_000, "first_within_days": 30 }),
        "agree_case_plan" => json!({ "instalments": 2, "first_on": scene.soon }),
        "put_settlement_policy" => json!({ "floor_bp": 8_000, "answer_days": 14, "pay_within_days": 30 }),
        "propose_settlement" => json!({ "amount": { "minor": 50_000, "currency": "EUR" }, "pay_by": scene.soon }),
        "answer_settlement" => json!({ "answer": "accept" }),
        "state_circumstance" => json!({ "kind": "hardship", "statement": "a fire" }),
        "write_strategy" => json!({ "name": "ours", "steps": [] }),
        "assign_strategy" => assignment(),
        "move_case_to_strategy" => json!({ "strategy_id": scene.ids["shipped_strategy"] }),
        "put_alert_webhook" => json!({ "url": "https://hooks.example.com/entente" }),
        "add_alert_rule" => alert_rule("tried"),
        "move_work" => json!({ "from_member_id": scene.ids["member_id"], "to_member_id": scene.ids["member_id"] }),
        "put_case_handler" => json!({ "member_id": null }),
        "add_absence" => {
            json!({ "member_id": scene.ids["member_id"], "deputy_id": scene.ids["member_id"], "from_on": scene.soon, "until_on": scene.soon })
        }
        "give_task" => json!({ "title": "ask the carrier", "due_at": "2027-03-01T10:00:00Z" }),
        "add_private_note" => json!({ "text": "mine" }),
        "put_credit_limit" => json!({ "limit": { "minor": 500_000, "currency": "EUR" } }),
        "put_provision_policy" => json!({ "shares_bp": [0, 0, 0, 0, 0, 0] }),
        "bundle_letters" => json!({}),
        "post_letter" | "post_letter_bundle" => json!({ "posted_on": scene.today }),
        "return_letter" => json!({ "reason": "moved away" }),
        "put_treasury_mail" => json!({ "rhythm": "monthly" }),
        "put_notice_digest" => json!({ "topics": ["payments"] }),
        "put_letterhead" => json!({ "line": "Registro Mercantil de Sevilla, tomo 4711" }),
        "put_wording" => json!({ "text": "Echamos de menos el pago de {invoices}." }),
        "preview_wording" => json!({ "case_id": scene.ids["case_id"], "text": "Echamos de menos el pago de {invoices}." }),
        "put_letter_settings" => json!({ "sent_when": "posted" }),
        "complete_task" => json!({ "result": "no_answer" }),
        "declare_payment" => payment(1_000, "2026-11-20", "T-9"),
        "contest_payment" => json!({ "reason": "nothing came" }),
        "decide_payment" => json!({ "decision": "confirm", "note": "seen" }),
        "match_entry" => {
            json!({ "parts": [{ "case_id": scene.ids["case_id"], "amount": { "minor": 1_000, "currency": "EUR" } }] })
        }
        "prepare_payout_batch" => json!({ "currency": "EUR", "execution_on": scene.today }),
        "dismiss_entry" => json!({ "reason": "rent" }),
        "refund_payment" => json!({ "reason": "twice" }),
        "reverse_payment" => json!({ "reversed_on": scene.today, "reason": "returned" }),
        "remit_payout" => json!({ "paid_on": scene.today, "bank_reference": "R-1" }),
        "put_payout_preference" => json!({ "schedule": "weekly", "day": 5, "minimum": { "minor": 5_000, "currency": "EUR" } }),
        "return_payout" => json!({ "returned_on": scene.today, "reason": "AC04" }),
        "ask_for_account" => json!({ "iban": "ES7921000813610123456789" }),
        "confirm_account" => json!({ "code": "00000000" }),
        "put_locale" => json!({ "language": "es", "time_zone": null }),
        "put_parent" => json!({ "parent_id": null }),
        "post_contact" | "put_contact" => contact(),
        "decide_debtor_match" => json!({ "decision": "keep_apart" }),
        "put_scope" | "put_settings" => json!({}),
        "put_standing" => json!({ "standing": "invited" }),
        "save" => search("Madrid"),
        "put_mapping" => json!({ "columns": {} }),
        "record_interruption" => {
            json!({ "kind": "written_demand", "interrupted_on": "2026-09-01", "evidence": "burofax NB000123" })
        }
        "post_credit_note" => credit_note("A-2"),
        "preview_case" => json!({ "receivable_ids": [scene.ids["unassigned"]] }),
        "approve_payout_batch"
        | "cancel_account_change"
        | "cancel_credit_note"
        | "cancel_payout_batch"
        | "commit_upload"
        | "confirm_payment"
        | "end_framework"
        | "join_pool"
        | "publish_strategy"
        | "back_test_strategy"
        | "read_alert"
        | "read_all_notifications"
        | "read_notification"
        | "run_reconciliation"
        | "rehearse_strategy"
        | "start_case"
        | "start_onboarding"
        | "take_case_now"
        | "withdraw_complaint" => {
            json!({})
        }
        unknown => panic!("{unknown} has no row in tests/it/access.rs: say what to send"),
    }
}

fn assignment() -> Value {
    json!({ "strategy": "small_amounts", "applies_to": { "kind": "all" } })
}

fn search(name: &str) -> Value {
    json!({ "name": name, "criteria": { "countries": ["ES"] }, "alerts": false })
}

fn alert_rule(name: &str) -> Value {
    json!({ "name": name, "condition": "event == 'contact_sent'", "role": "admin" })
}

fn contact() -> Value {
    json!({ "full_name": "Lucía Pagos", "role": "accounts_payable", "email": "lucia@ruiz.example" })
}

fn credit_note(number: &str) -> Value {
    json!({ "number": number, "issued_on": "2026-10-01", "amount": { "minor": 100, "currency": "EUR" } })
}

struct Scene {
    world: World,
    /// Values of path parameters, all of one creditor, its agency and the case between them.
    ids: BTreeMap<&'static str, String>,
    callers: Vec<(&'static str, Client)>,
    today: String,
    soon: String,
}

const CREDITORS: [&str; 3] = ["credit_manager", "accountant", "sales"];
const AGENCIES: [&str; 2] = ["supervisor", "agent"];

impl Scene {
    async fn new() -> Self {
        let world = crate::recovery::texts::world().await;
        let case = world.engaged(1_200).await;
        let (rival_creditor, rival_agency) = (world.creditor(3).await, world.agency(4, &case.operator).await);
        let mut ids = BTreeMap::new();
        case.creditor.post("/api/v1/alert-rules", &alert_rule("contacts")).await.expect(201);
        receivables(&case, &mut ids).await;
        customers(&world, &case, &mut ids).await;
        for _ in 0..22 {
            world.pass(TimeDelta::days(1)).await;
        }
        of_the_case(&case, &mut ids).await;
        let account = json!({ "iban": "ES7921000813610123456789" });
        case.creditor.post("/api/v1/account-change", &account).await.expect(201);
        world.work().await;
        ids.insert("fee_invoice_id", text(&first(&case.creditor, "/api/v1/fee-invoices").await["id"]));
        appealed(&world, &mut ids).await;
        let mut callers = vec![("nobody", world.stranger()), ("bogus token", world.stranger().with_token("nonsense"))];
        callers.push(("creditor admin", case.creditor.clone()));
        for role in CREDITORS {
            callers.push((role, colleague(&world, &case.creditor, role).await));
        }
        callers.push(("other creditor", rival_creditor));
        callers.push(("agency admin", case.agency.clone()));
        for role in AGENCIES {
            callers.push((role, colleague(&world, &case.agency, role).await));
        }
        callers.push(("other agency", rival_agency));
        callers.push(("operator", case.operator.clone()));
        for (name, owner, scope) in [
            ("creditor key: read", &case.creditor, "read"),
            ("creditor key: money", &case.creditor, "money"),
            ("agency key: read", &case.agency, "read"),
        ] {
            let key = owner.post("/api/v1/api-keys", &json!({ "name": name, "scopes": [scope] })).await.expect(201);
            callers.push((name, world.stranger().with_token(key["secret"].as_str().unwrap())));
        }
        let idle = case.creditor.post("/api/v1/api-keys", &json!({ "name": "idle", "scopes": ["read"] })).await.expect(201);
        ids.insert("api-keys", text(&idle["id"]));
        let today = world.now().date_naive();
        let (today, soon) = (today.to_string(), (today + TimeDelta::days(3)).to_string());
        Self { world, ids, callers, today, soon }
    }

    async fn ask(&self, operation: &Operation, client: &Client) -> Answer {
        let path = self.path(&operation.path);
        match (operation.method.as_str(), operation.id.as_str()) {
            ("GET", "list_work") => client.get(&format!("{path}?list=due&member=all")).await,
            // Whoever may set it has one then; whoever may not is refused by both.
            ("GET", "show_alert_webhook") => {
                client.put(&path, None, &body("put_alert_webhook", self)).await;
                client.get(&path).await
            }
            ("GET", _) => client.get(&path).await,
            ("DELETE", "delete_contact") => {
                let contacts = self.path("/api/v1/debtors/{id}/contacts");
                let made = self.callers[2].1.post(&contacts, &contact()).await.expect(201);
                client.delete(&format!("/api/v1/contacts/{}", text(&made["id"])), None).await
            }
            ("DELETE", "withdraw_strategy_assignment") => {
                let made = self.callers[2].1.post("/api/v1/strategy-assignments", &assignment()).await.expect(201);
                client.delete(&format!("/api/v1/strategy-assignments/{}", text(&made["id"])), None).await
            }
            ("DELETE", "drop_from_list") => {
                self.callers[2].1.put(&path, None, &body("put_standing", self)).await.expect(200);
                client.delete(&path, None).await
            }
            ("DELETE", "forget") => {
                let agency = &self.callers[7].1;
                agency.post("/api/v1/saved-searches", &search("to forget")).await;
                let kept = agency.get("/api/v1/saved-searches").await.expect(200)["data"].as_array().unwrap().clone();
                let one = kept.iter().find(|one| one["name"] == "to forget").expect("it was saved");
                client.delete(&format!("/api/v1/saved-searches/{}", text(&one["id"])), None).await
            }
            ("DELETE", "remove_alert_webhook") => {
                client.put(&path, None, &body("put_alert_webhook", self)).await;
                client.delete(&path, None).await
            }
            ("DELETE", "remove_alert_rule") => {
                let name = format!("to remove {}", entente::types::fresh_uuid());
                let made = self.callers[2].1.post("/api/v1/alert-rules", &alert_rule(&name)).await.expect(201);
                client.delete(&format!("/api/v1/alert-rules/{}", text(&made["id"])), None).await
            }
            ("DELETE", "remove_absence") => {
                let hex = |id: &str| id.rsplit('_').next().unwrap().to_owned();
                let (absence, member) = (hex(&self.ids["absence_id"]), hex(&self.ids["member_id"]));
                let away = format!(
                    "INSERT INTO absences SELECT '{absence}', m.organisation_id, m.id,
                        (SELECT d.id FROM members d WHERE d.organisation_id = m.organisation_id AND d.id <> m.id LIMIT 1),
                        current_date, current_date, now() FROM members m WHERE m.id = '{member}' ON CONFLICT DO NOTHING"
                );
                self.world.as_owner(&away).await;
                client.delete(&path, None).await
            }
            ("DELETE", "clear_unreachable_address") => {
                let (debtor, creditor) = (&self.ids["debtors"], &self.ids["creditor_org"]);
                let hex = |id: &str| id.rsplit('_').next().unwrap().to_owned();
                let marked = format!(
                    "INSERT INTO unreachable_addresses (id, creditor_id, debtor_id, channel, address, reason, marked_at)
                     VALUES ('{}', '{}', '{}', 'mail', 'a@b.example', 'gone', now()) ON CONFLICT DO NOTHING",
                    hex(&self.ids["address_id"]),
                    hex(creditor),
                    hex(debtor)
                );
                self.world.as_owner(&marked).await;
                client.delete(&path, None).await
            }
            ("DELETE", _) => client.delete(&path, Some("\"v999\"")).await,
            ("PUT", "put_letterhead_logo") => client.replace(&path, PICTURE.to_vec()).await,
            ("PUT", id) => client.put(&path, Some("\"v999\""), &body(id, self)).await,
            ("POST", "upload_receivables") => {
                client.upload(&format!("{path}?dry_run=true"), b"number;principal\n1;2\n".to_vec()).await
            }
            ("POST", "import_statement") => {
                client.upload(&format!("{path}?dry_run=true"), b"Date;Amount;Description\n2026-11-20;10,00;rent\n".to_vec()).await
            }
            ("POST", "import_status_report") => client.upload(&path, b"<Document/>".to_vec()).await,
            ("POST", "take_mail_in") => crate::recovery::inbound::deliver(client, b"From: a@b.example\r\n\r\nhello").await,
            ("POST", "take_text_in") => {
                crate::recovery::texts::signed(client, &self.world, &path, &[("MessageSid", "SM1"), ("From", "+34600000001")])
                    .await
            }
            ("POST", "take_text_report") => {
                crate::recovery::texts::signed(client, &self.world, &path, &[("MessageSid", "SM1"), ("MessageStatus", "sent")])
                    .await
            }
            ("POST", "post_evidence") => {
                client.upload(&format!("{path}?kind=contract&dry_run=true"), b"We agree on thirty days.".to_vec()).await
            }
            ("POST", "refresh_session") => {
                let session = self.world.stranger().post("/api/v1/sessions", &body("log_in", self)).await.expect(201);
                client.post(&path, &json!({ "refresh_token": session["refresh_token"] })).await
            }
            ("POST", id) if operation.has_dry_run => client.post(&format!("{path}?dry_run=true"), &body(id, self)).await,
            ("POST", id) => client.post(&path, &body(id, self)).await,
            (method, id) => panic!("{method} of {id} has no row in tests/it/access.rs"),
        }
    }

    /// `{id}` goes by the noun before it.
    fn path(&self, template: &str) -> String {
        let mut noun = "";
        let mut parts = Vec::new();
        for part in template.split('/') {
            let name = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            parts.push(match name {
                None => part,
                Some(name) => {
                    let wanted = if name == "id" { noun } else { name };
                    self.ids.get(wanted).unwrap_or_else(|| panic!("{template}: {wanted} has no row in tests/it/access.rs"))
                }
            });
            noun = part;
        }
        parts.join("/")
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

async fn first(client: &Client, path: &str) -> Value {
    client.get(path).await.expect(200)["data"][0].clone()
}

async fn colleague(world: &World, admin: &Client, role: &str) -> Client {
    let address = format!("{role}@colleagues.example");
    let body = json!({ "full_name": "Bea Soler", "email": address, "role": role, "password": PASSWORD });
    admin.post("/api/v1/members", &body).await.expect(201);
    world.log_in(&address).await
}

/// The debtor gets an address for letters, the creditor one more invoice, and one that came as a file.
async fn receivables(case: &Engaged, ids: &mut BTreeMap<&'static str, String>) {
    let one_more = json!({ "receivables": [{
        "debtor": { "legal_name": "Bodegas Ruiz SA", "tax_number": "A46353538", "kind": "business", "country": "ES", "email": "pagos@ruiz.example",
                    "street": "Calle Mayor 3", "postal_code": "46001", "city": "Valencia" },
        "number": "F-2", "issued_on": "2026-07-01", "due_on": "2026-07-31", "principal": { "minor": 5_000, "currency": "EUR" },
    }]});
    let intake = case.creditor.post("/api/v1/receivables", &one_more).await.expect(200);
    let receivable = text(&intake["rows"][0]["receivable_id"]);
    ids.insert("unassigned", receivable.clone());
    ids.insert("receivables", receivable);
    ids.insert("debtors", text(&intake["rows"][0]["debtor_id"]));
    let file = case.creditor.upload("/api/v1/receivables/uploads", crate::receivables::UBL.into()).await.expect(200);
    let invoice = format!("/api/v1/receivables/{}", text(&file["rows"][0]["receivable_id"]));
    ids.insert("documents", text(&case.creditor.get(&invoice).await.expect(200)["document_id"]));
}

/// Two customers that may be one, a contact, a credit note, and a file that was taken.
async fn customers(world: &World, case: &Engaged, ids: &mut BTreeMap<&'static str, String>) {
    let creditor = &case.creditor;
    let owed = |name: &str, number: &str| {
        json!({
        "debtor": { "legal_name": name, "kind": "business", "country": "ES", "postal_code": "28013" }, "number": number,
        "issued_on": "2026-07-01", "due_on": "2026-07-31", "principal": { "minor": 1_000, "currency": "EUR" } })
    };
    let near = json!({ "receivables": [owed("Hotel Monte Sol SL", "F-3"), owed("Hotel Monte Sol S.L.U.", "F-4")] });
    creditor.post("/api/v1/receivables", &near).await.expect(200);
    let file = creditor.upload("/api/v1/receivables/uploads?later=true&dry_run=true", b"number;principal\n1;2\n".to_vec()).await;
    ids.insert("uploads", text(&file.expect(202)["id"]));
    world.work().await;
    ids.insert("debtor-matches", text(&first(creditor, "/api/v1/debtor-matches").await["id"]));
    let contacts = format!("/api/v1/debtors/{}/contacts", ids["debtors"]);
    ids.insert("contacts", text(&creditor.post(&contacts, &contact()).await.expect(201)["id"]));
    let credits = format!("/api/v1/receivables/{}/credit-notes", ids["receivables"]);
    ids.insert("credit-notes", text(&creditor.post(&credits, &credit_note("A-1")).await.expect(201)["id"]));
}

/// A letter, a call to make, an objection, a hold, and two payments: one paid out further, one yet to be answered.
async fn of_the_case(case: &Engaged, ids: &mut BTreeMap<&'static str, String>) {
    let (creditor, agency) = (&case.creditor, &case.agency);
    ids.insert("case_id", case.path.rsplit('/').next().unwrap().to_owned());
    let deliveries = creditor.get(&format!("{}/deliveries", case.path)).await.expect(200);
    let letter = deliveries["data"].as_array().unwrap().iter().find(|delivery| delivery["channel"] == "letter").cloned();
    ids.insert("delivery_id", text(&letter.expect("a letter")["id"]));
    let bundle = agency.post("/api/v1/letter-bundles", &json!({})).await.expect(201);
    ids.insert("bundle_id", text(&bundle["id"]));
    ids.insert("task_id", text(&first(agency, "/api/v1/tasks?status=open").await["id"]));
    let step = json!({ "anchor": "phase_start", "days": 0, "channel": "mail", "template": "reminder", "tone": "gentle" });
    let own = creditor.post("/api/v1/strategies", &json!({ "name": "own", "steps": [step] })).await.expect(201);
    ids.insert("strategy_id", text(&own["id"]));
    for (part, word) in [("template", "reminder"), ("language", "es"), ("tone", "neutral")] {
        ids.insert(part, word.to_owned());
    }
    ids.insert("assignment_id", text(&creditor.post("/api/v1/strategy-assignments", &assignment()).await.expect(201)["id"]));
    let strategies = creditor.get("/api/v1/strategies").await.expect(200);
    let shipped = strategies["data"].as_array().unwrap().iter().find(|one| one["owner_id"].is_null()).cloned();
    ids.insert("shipped_strategy", text(&shipped.expect("a shipped strategy")["id"]));
    let paid = case.declare(agency, 30_000, "2026-11-10", "T-1").await;
    creditor.post(&format!("/api/v1/payments/{}/confirmation", text(&paid["id"])), &json!({})).await.expect(200);
    ids.insert("payout_id", text(&first(agency, "/api/v1/payouts").await["id"]));
    let batch = agency.post("/api/v1/payout-batches", &json!({ "currency": "EUR", "execution_on": "2026-12-01" })).await;
    ids.insert("batch_id", text(&batch.expect(201)["id"]));
    ids.insert("debtor_kind", "consumer".to_owned());
    ids.insert("report", "aging".to_owned());
    let less = json!({ "amount": { "minor": 40_000, "currency": "EUR" }, "pay_by": "2026-12-04" });
    let offered = creditor.post(&format!("{}/settlements", case.path), &less).await.expect(201);
    ids.insert("settlement_id", text(&offered["id"]));
    let objection = json!({ "reason": "defective", "statement": "broken" });
    let disputes = creditor.post(&format!("{}/disputes", case.path), &objection).await.expect(201);
    ids.insert("dispute_id", text(&disputes["data"][0]["id"]));
    let stop = json!({ "kind": "creditor_request", "reason": "a fair" });
    let held = creditor.post(&format!("{}/holds", case.path), &stop).await.expect(201);
    ids.insert("hold_id", text(&held["holds"][0]["id"]));
    ids.insert("payment_id", text(&case.declare(agency, 10_000, "2026-11-11", "T-2").await["id"]));
    let unknown = b"Date;Amount;Description\n2026-11-12;10,00;who knows\n".to_vec();
    creditor.upload("/api/v1/bank-statements", unknown).await.expect(201);
    ids.insert("bank_entry_id", text(&first(creditor, "/api/v1/bank-entries").await["id"]));
    let offer = first(agency, "/api/v1/offers").await;
    ids.insert("offer_id", text(&offer["id"]));
    ids.insert("listing_id", text(&offer["listing_id"]));
    let mandate = first(creditor, "/api/v1/mandates").await;
    ids.insert("mandate_id", text(&mandate["id"]));
    ids.insert("document_sha256", text(&mandate["document_sha256"]));
    ids.insert("notification_id", text(&first(creditor, "/api/v1/notifications").await["id"]));
    ids.insert("member_id", text(&creditor.get("/api/v1/me").await.expect(200)["member"]["id"]));
    ids.insert("rule_id", "rule_01938f5c2b7a7c0e9d3f4a5b6c7d8e9f".to_owned());
    ids.insert("alert_id", text(&first(creditor, "/api/v1/alerts").await["id"]));
    ids.insert("absence_id", "abs_01938f5c2b7a7c0e9d3f4a5b6c7d8e9f".to_owned());
    ids.insert("creditor_org", text(&creditor.get("/api/v1/me").await.expect(200)["organisation"]["id"]));
    ids.insert("address_id", "una_01938f5c2b7a7c0e9d3f4a5b6c7d8e9e".to_owned());
    ids.insert("agency_id", text(&agency.get("/api/v1/me").await.expect(200)["organisation"]["id"]));
    ids.insert("search_id", text(&agency.post("/api/v1/saved-searches", &search("Spain")).await.expect(201)["id"]));
    let complaint = json!({ "ground": "treatment", "statement": "they were rude" });
    let complaint = creditor.post(&format!("{}/complaints", case.path), &complaint).await.expect(201);
    let engagements = creditor.get(&format!("{}/engagements", case.path)).await.expect(200);
    ids.insert("engagement_id", text(&engagements["data"][0]["id"]));
    ids.insert("complaint_id", text(&complaint["id"]));
    let framework = json!({ "agency_id": ids["agency_id"] });
    let framework = creditor.post("/api/v1/framework-mandates", &framework).await.expect(201);
    ids.insert("framework_id", text(&framework["id"]));
    ids.insert("framework_sha256", text(&framework["document_sha256"]));
    lot(case, ids).await;
    ids.insert("credentials", text(&first(agency, "/api/v1/agency/credentials").await["id"]));
}

/// Two cases that are on the market still, as one lot, and a question about it.
async fn lot(case: &Engaged, ids: &mut BTreeMap<&'static str, String>) {
    let creditor = &case.creditor;
    let mut cases = Vec::new();
    for number in ["F-10", "F-11"] {
        let invoice = json!({ "receivables": [{
            "debtor": { "legal_name": "Talleres Lobo SL", "kind": "business", "country": "ES" }, "number": number,
            "issued_on": "2026-07-01", "due_on": "2026-07-31", "principal": { "minor": 90_000, "currency": "EUR" } }] });
        let taken = creditor.post("/api/v1/receivables", &invoice).await.expect(200);
        let receivable = &taken["rows"][0]["receivable_id"];
        let posted = creditor.post("/api/v1/cases", &json!({ "receivable_ids": [receivable] })).await.expect(201);
        cases.push(posted["id"].clone());
    }
    let lot = creditor.post("/api/v1/lots", &json!({ "case_ids": cases, "award_rule": "by_hand" })).await.expect(201);
    ids.insert("lot_id", text(&lot["id"]));
    let questions = format!("/api/v1/listings/{}/questions", text(&lot["data"][0]["id"]));
    let asked = case.agency.post(&questions, &json!({ "question": "Is there a signed delivery note?" })).await.expect(201);
    ids.insert("question_id", text(&asked["id"]));
}

/// As if a score had counted the engagement and its agency had objected.
async fn appealed(world: &World, ids: &mut BTreeMap<&'static str, String>) {
    let hex = |id: &str| id.rsplit('_').next().unwrap().to_owned();
    let (appeal, engagement, agency) = ("01938f5c2b7a7c0e9d3f4a5b6c7d8e9f", hex(&ids["engagement_id"]), hex(&ids["agency_id"]));
    world
        .as_owner(&format!(
            "INSERT INTO score_appeals (id, agency_id, engagement_id, component, statement, status, filed_at)
             VALUES ('{appeal}', '{agency}', '{engagement}', 'updates', 'they came', 'open', now())"
        ))
        .await;
    ids.insert("appeal_id", format!("apl_{appeal}"));
}

const PREFACE: &str = "# Who gets where

Every operation of the API, asked by everybody there is, about one creditor's case in one agency's hands. A test asks again on
every run and compares; an operation that is missing here fails it.

- `401` no credentials of ours · `403` you may not do this · `404` there is nothing here that you can see.
- Everything else was let in: `2xx`, and what the case's state or the request itself then ran against: `409` not in this state,
  `412` an ETag that is not the present one (asked on purpose), `415` and `422` values (asked on purpose where the real thing
  could not be taken back). POSTs are asked as dry runs.
- *other creditor* and *other agency* ask with ids of things that are not theirs.
- A key stands for a machine, with the one scope that is named.

";

#[actix_web::test]
async fn every_operation_answers_everybody_as_docs_access_md_says() {
    let scene = Scene::new().await;
    let names: Vec<&str> = scene.callers.iter().map(|(name, _)| *name).collect();
    let mut rows = BTreeMap::new();
    for operation in operations() {
        let mut statuses = Vec::new();
        for (name, client) in &scene.callers {
            let answer = scene.ask(&operation, client).await;
            judge(&operation, name, &answer);
            statuses.push(answer.status.as_u16().to_string());
        }
        assert!(
            statuses.iter().any(|status| !["401", "403", "404"].contains(&status.as_str())),
            "{} is for nobody",
            operation.id
        );
        let path = operation.path.trim_start_matches("/api/v1");
        rows.insert(
            (operation.path.clone(), operation.method.clone()),
            format!("| `{} {path}` | {} |\n", operation.method, statuses.join(" | ")),
        );
    }
    let head = format!("| | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    let said = format!("{PREFACE}{head}{}", rows.into_values().collect::<String>());
    let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join("access.md");
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/access.md");
    if std::fs::read_to_string(kept).expect("a file") != said {
        std::fs::write(&fresh, &said).expect("a file");
        panic!("docs/access.md says otherwise: read the difference to {} and copy it over if it is meant", fresh.display());
    }
    scene.world.finish().await;
}

/// What holds whatever the file says.
fn judge(operation: &Operation, name: &str, answer: &Answer) {
    let status = answer.status.as_u16();
    let what = format!("{} {} as {name}: {status} {}", operation.method, operation.path, answer.text);
    assert!(status < 500, "{what}");
    let is_unknown = ["nobody", "bogus token"].contains(&name);
    assert_eq!(status == 401, is_unknown && !operation.is_public, "{what}");
    // What comes in is signed by whoever brings it. The market and the scores are for all, any agency may stand on any creditor's
    // list, and every creditor has classes of customers, reports and words of its own; the files behind them are not.
    const OPEN: [&str; 8] = ["inbound", "listings", "agency-list", "agencies", "lots", "profile-defaults", "reports", "wordings"];
    let is_open = OPEN.iter().any(|open| operation.path.starts_with(&format!("/api/v1/{open}/")));
    let is_theirs = operation.path.contains('{') && !is_open;
    if name.starts_with("other ") && is_theirs {
        assert!([403, 404].contains(&status), "{what}");
    }
}

#[test]
fn every_route_is_in_the_apis_description() {
    let routes = include_str!("../../src/routes.rs");
    let api = routes
        .split("web::scope(\"/api/v1\")")
        .nth(1)
        .and_then(|rest| rest.split("\n        )").next())
        .expect("the API's routes");
    let routed: BTreeSet<(String, String)> = api
        .lines()
        .filter_map(|line| {
            let (path, rest) = line.trim().strip_prefix(".route(\"")?.split_once("\", ")?;
            Some((format!("/api/v1{path}"), rest.split_once("()")?.0.to_uppercase()))
        })
        .collect();
    let described = operations().into_iter().map(|operation| (operation.path, operation.method)).collect();
    assert!(routed.len() > 60, "the routes were not found");
    assert_eq!(routed, described);
}
