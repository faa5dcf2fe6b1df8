//! A stand-in for Stripe over real HTTP, as its public API reference describes it: what it remembers, what it refuses, what it
//! tells by webhook. Tests act the debtor, the debtor's bank and Stripe's dashboard through it.

use std::{
    collections::{BTreeMap, HashMap},
    net::TcpListener,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::StatusCode,
    web::{self, Bytes, Data},
};
use aws_lc_rs::hmac;
use entente::types::Clock;
use futures_util::stream;
use serde_json::{Value, json};

use super::objects;
use crate::support::{Answer, World};

pub const KEY: &str = "sk_test_stand_in";
pub const WEBHOOK_SECRET: &str = "whsec_stand_in";

/// What goes wrong with the next request to a path.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// An error of Stripe's own, before anything is done.
    Broken,
    /// It is done, and the answer breaks off.
    DoneWithoutAnswer,
    Slow(Duration),
}

#[derive(Clone)]
pub struct StandIn {
    memory: Arc<Mutex<Memory>>,
    clock: Arc<OnceLock<Clock>>,
    pub base: String,
}

#[derive(Default)]
pub struct Memory {
    pub objects: BTreeMap<String, Value>,
    /// In the order in which they came to be.
    order: Vec<String>,
    answers: HashMap<String, (String, u16, Value)>,
    faults: Vec<(String, Fault)>,
    /// `POST /v1/transfers`, …, each as often as it was asked.
    pub asked: Vec<String>,
    delivered: usize,
    next: u32,
    now: i64,
    base: String,
}

/// A refusal as Stripe writes it.
type Refused = (u16, Value);

fn refusal(status: u16, kind: &str, code: &str, message: &str) -> Refused {
    (status, json!({ "error": { "type": kind, "code": code, "message": message } }))
}

fn invalid(code: &str, message: &str) -> Refused {
    refusal(400, "invalid_request_error", code, message)
}

impl StandIn {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let memory = Memory { base: base.clone(), ..Memory::default() };
        let stand_in = Self { memory: Arc::new(Mutex::new(memory)), clock: Arc::default(), base };
        let own = stand_in.clone();
        let server = HttpServer::new(move || App::new().app_data(Data::new(own.clone())).default_service(web::to(answer)));
        actix_web::rt::spawn(server.workers(1).disable_signals().listen(listener).expect("it listens").run());
        stand_in
    }

    /// A world whose Stripe this is.
    pub async fn world(&self) -> World {
        let base = self.base.clone();
        let world = World::with(|settings| {
            settings.stripe.api = base;
            settings.stripe.secret_key = Some(KEY.to_owned().into());
            settings.stripe.webhook_secret = Some(WEBHOOK_SECRET.to_owned().into());
        })
        .await;
        assert!(self.clock.set(world.app.clock.clone()).is_ok(), "one world for each stand-in");
        world
    }

    pub fn with<T>(&self, act: impl FnOnce(&mut Memory) -> T) -> T {
        let mut memory = self.memory.lock().expect("no panic before");
        memory.now = self.clock.get().map_or(1_793_610_000, |clock| clock.now().timestamp());
        act(&mut memory)
    }

    pub fn fail_next(&self, path: &str, fault: Fault) {
        self.with(|memory| memory.faults.push((path.to_owned(), fault)));
    }

    pub fn get(&self, id: &str) -> Value {
        self.with(|memory| memory.objects[id].clone())
    }

    /// All of one kind, oldest first.
    pub fn all(&self, kind: &str) -> Vec<Value> {
        self.with(|memory| memory.all(kind))
    }

    pub fn count_asked(&self, call: &str) -> usize {
        self.with(|memory| memory.asked.iter().filter(|asked| *asked == call).count())
    }

    /// The events that no webhook has brought yet.
    pub fn undelivered(&self) -> Vec<Value> {
        self.with(|memory| {
            let events = memory.all("event");
            let new = events[memory.delivered..].to_vec();
            memory.delivered = events.len();
            new
        })
    }

    /// Brings what has not been brought yet, and has it worked on.
    pub async fn deliver(&self, world: &World) {
        for event in self.undelivered() {
            self.send(world, &event).await.expect(200);
        }
        world.work().await;
    }

    /// Brings one event, freshly signed.
    pub async fn send(&self, world: &World, event: &Value) -> Answer {
        let raw = event.to_string();
        let at = world.now().timestamp();
        send_raw(world, &raw, &signed(&raw, at, WEBHOOK_SECRET)).await
    }
}

/// Brings a body with a signature of the test's own making.
pub async fn send_raw(world: &World, raw: &str, signature: &str) -> Answer {
    world.stranger().deliver("/webhooks/stripe", &[("Stripe-Signature", signature.to_owned())], raw.as_bytes()).await
}

/// `t=…,v1=…`
pub fn signed(raw: &str, at: i64, secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    format!("t={at},v1={}", hex::encode(hmac::sign(&key, format!("{at}.{raw}").as_bytes())))
}

async fn answer(stand_in: Data<StandIn>, request: HttpRequest, body: Bytes) -> HttpResponse {
    if request.path().starts_with("/c/pay/") {
        return HttpResponse::Ok().content_type("text/html; charset=utf-8").body("Stripe's page");
    }
    let call = format!("{} {}", request.method(), request.path());
    let fault = stand_in.with(|memory| {
        memory.asked.push(call.clone());
        let at = memory.faults.iter().position(|(path, _)| *path == call)?;
        Some(memory.faults.remove(at).1)
    });
    if let Some(Fault::Slow(time)) = fault {
        actix_web::rt::time::sleep(time).await;
    }
    if let Some(Fault::Broken) = fault {
        return HttpResponse::InternalServerError().json(json!({ "error": { "type": "api_error" } }));
    }
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    if header("authorization") != Some(format!("Bearer {KEY}")) {
        return HttpResponse::Unauthorized().json(refusal(401, "invalid_request_error", "", "Invalid API Key provided").1);
    }
    let text =
        if request.method() == "GET" { request.query_string().to_owned() } else { String::from_utf8_lossy(&body).into_owned() };
    let (status, said) = stand_in.with(|memory| memory.once(&call, header("idempotency-key"), &text));
    if let Some(Fault::DoneWithoutAnswer) = fault {
        let broken = stream::iter([Err::<Bytes, _>(std::io::Error::other("the connection broke"))]);
        return HttpResponse::Ok().streaming(broken);
    }
    HttpResponse::build(StatusCode::from_u16(status).expect("a status")).json(said)
}

/// A form or query, flat: `line_items[0][quantity]` is a name.
pub type Form = HashMap<String, String>;

fn form(text: &str) -> Form {
    web::Query::<Vec<(String, String)>>::from_query(text).expect("a form").into_inner().into_iter().collect()
}

impl Memory {
    /// A key answers once; later it repeats what it answered, and refuses everything else.
    fn once(&mut self, call: &str, key: Option<String>, text: &str) -> (u16, Value) {
        let Some(key) = key.filter(|_| call.starts_with("POST")) else { return self.answer(call, &form(text)) };
        let asked = format!("{call}\n{text}");
        if let Some((before, status, said)) = self.answers.get(&key) {
            if *before != asked {
                let message = "Keys for idempotent requests can only be used with the same parameters they were first used with.";
                return refusal(400, "idempotency_error", "", message);
            }
            return (*status, said.clone());
        }
        let (status, said) = self.answer(call, &form(text));
        self.answers.insert(key, (asked, status, said.clone()));
        (status, said)
    }

    fn answer(&mut self, call: &str, form: &Form) -> (u16, Value) {
        let done = match call.split([' ', '/']).filter(|part| !part.is_empty()).collect::<Vec<_>>()[..] {
            ["POST", "v1", "checkout", "sessions"] => self.open_session(form),
            ["POST", "v1", "checkout", "sessions", id, "expire"] => self.expire(id),
            ["GET", "v1", "checkout", "sessions"] => Ok(self.list("checkout.session", form)),
            ["GET", "v1", "payment_intents", id] => self.find(id).map(|intent| self.with_charge(intent)),
            ["GET", "v1", "disputes"] => Ok(self.list("dispute", form)),
            ["POST", "v1", "refunds"] => self.refund(form),
            ["GET", "v1", "refunds"] => Ok(self.list("refund", form)),
            ["POST", "v1", "transfers"] => self.transfer(form),
            ["GET", "v1", "transfers"] => Ok(self.list("transfer", form)),
            ["POST", "v1", "transfers", id, "reversals"] => self.reverse(id, form),
            ["GET", "v1", "transfers", id, "reversals"] => {
                let of = Form::from([("transfer".to_owned(), id.to_owned())]);
                Ok(self.list("transfer_reversal", &of))
            }
            ["POST", "v1", "accounts"] => Ok(self.open_account(form)),
            ["POST", "v1", "account_links"] => self.link(form),
            ["GET", "v1", "events"] => Ok(self.list("event", form)),
            ["GET", "v1", "balance_transactions"] => Ok(self.list("balance_transaction", form)),
            ["GET", "v1", "checkout", "sessions", id] | ["GET", "v1", "transfers" | "accounts", id] => self.find(id),
            _ => Err(refusal(404, "invalid_request_error", "", &format!("Unrecognized request URL ({call})"))),
        };
        match done {
            Ok(said) => (200, said),
            Err(refused) => refused,
        }
    }

    fn all(&self, kind: &str) -> Vec<Value> {
        self.order.iter().map(|id| &self.objects[id]).filter(|object| object["object"] == kind).cloned().collect()
    }

    fn find(&self, id: &str) -> Result<Value, Refused> {
        let missing = || refusal(404, "invalid_request_error", "resource_missing", &format!("No such object: '{id}'"));
        self.objects.get(id).cloned().ok_or_else(missing)
    }

    /// Newest first, filtered by what the query names.
    fn list(&self, kind: &str, query: &Form) -> Value {
        let mut found = self.all(kind);
        found.reverse();
        for name in ["payment_intent", "transfer_group", "transfer"] {
            if let Some(wanted) = query.get(name) {
                found.retain(|object| object[name] == **wanted);
            }
        }
        if let Some(since) = query.get("created[gte]") {
            let since: i64 = since.parse().expect("a time");
            found.retain(|object| object["created"].as_i64().unwrap() >= since);
        }
        if let Some(after) = query.get("starting_after") {
            let at = found.iter().position(|object| object["id"] == **after).map_or(found.len(), |at| at + 1);
            found.drain(..at);
        }
        let limit = query.get("limit").map_or(10, |limit| limit.parse().expect("a number"));
        let has_more = found.len() > limit;
        found.truncate(limit);
        json!({ "object": "list", "data": found, "has_more": has_more, "url": "/v1" })
    }

    fn fresh(&mut self, prefix: &str) -> String {
        self.next += 1;
        format!("{prefix}_{:08}", self.next)
    }

    /// Keeps a new object.
    fn keep(&mut self, object: Value) -> Value {
        let id = object["id"].as_str().expect("an id").to_owned();
        if self.objects.insert(id.clone(), object.clone()).is_none() {
            self.order.push(id);
        }
        object
    }

    fn change(&mut self, id: &str, change: Value) -> Value {
        let object = self.objects.get_mut(id).expect("a known object");
        for (name, value) in change.as_object().expect("an object") {
            object[name] = value.clone();
        }
        object.clone()
    }

    /// Writes down that something happened.
    pub fn tell(&mut self, kind: &str, object: &Value) {
        let id = self.fresh("evt");
        self.keep(objects::event(&id, kind, object, self.now));
    }

    fn move_balance(&mut self, kind: &str, source: &str, amount: i64, fee: i64, currency: &str) -> Value {
        let id = self.fresh("txn");
        self.keep(objects::movement(&id, kind, source, (amount, fee), currency, self.now))
    }

    fn balance(&self) -> i64 {
        self.all("balance_transaction").iter().map(|line| line["net"].as_i64().unwrap()).sum()
    }

    fn open_session(&mut self, form: &Form) -> Result<Value, Refused> {
        let field =
            |name: &str| form.get(name).ok_or_else(|| invalid("parameter_missing", &format!("Missing required param: {name}.")));
        let amount: i64 = field("line_items[0][price_data][unit_amount]")?.parse().expect("a number");
        field("line_items[0][price_data][currency]")?;
        field("success_url")?;
        if form.get("mode").map(String::as_str) != Some("payment") {
            return Err(invalid("parameter_invalid", "mode"));
        }
        if amount < 50 {
            return Err(invalid("amount_too_small", "The Checkout Session's total amount must convert to at least 50 cents."));
        }
        let id = self.fresh("cs_test");
        Ok(self.keep(objects::session(&id, form, &self.base, self.now)))
    }

    fn expire(&mut self, id: &str) -> Result<Value, Refused> {
        if self.find(id)?["status"] != "open" {
            return Err(invalid("", "Only Checkout Sessions with a status in [\"open\"] can be expired."));
        }
        let session = self.change(id, json!({ "status": "expired", "url": null }));
        self.tell("checkout.session.expired", &session);
        Ok(session)
    }

    fn with_charge(&self, mut intent: Value) -> Value {
        if let Some(charge) = intent["latest_charge"].as_str() {
            intent["latest_charge"] = self.objects[charge].clone();
        }
        intent
    }

    /// The debtor has chosen a means to pay with on the page: the payment, as it stands then.
    fn submit(&mut self, session: &str, status: &str) -> String {
        let known = self.objects[session].clone();
        let intent = match known["payment_intent"].as_str() {
            Some(intent) => intent.to_owned(),
            None => {
                let intent = self.fresh("pi");
                let made = objects::intent(&intent, &known, self.now);
                self.keep(made);
                self.change(session, json!({ "payment_intent": intent }));
                intent
            }
        };
        self.change(&intent, json!({ "status": status, "last_payment_error": null }));
        intent
    }

    fn charge(&mut self, intent: &str, kind: &str) -> String {
        let (id, known) = (self.fresh("ch"), self.objects[intent].clone());
        let charge = objects::charge(&id, &known, kind, self.now);
        self.keep(charge);
        self.change(intent, json!({ "latest_charge": id }));
        id
    }

    fn succeed(&mut self, session: &str, intent: &str, charge: &str, fee: i64) {
        let known = self.objects[intent].clone();
        let amount = known["amount"].as_i64().unwrap();
        let currency = known["currency"].as_str().unwrap().to_owned();
        let kind = if self.objects[charge]["payment_method_details"]["type"] == "card" { "charge" } else { "payment" };
        let line = self.move_balance(kind, charge, amount, fee, &currency);
        self.change(charge, json!({ "status": "succeeded", "paid": true, "balance_transaction": line["id"] }));
        self.change(session, json!({ "status": "complete", "payment_status": "paid", "url": null }));
        self.change(intent, json!({ "status": "succeeded", "amount_received": amount }));
    }

    fn refund(&mut self, form: &Form) -> Result<Value, Refused> {
        let intent = self.find(form.get("payment_intent").map_or("", String::as_str))?;
        let charge = self.find(intent["latest_charge"].as_str().unwrap_or_default())?;
        let minor = |name: &str| charge[name].as_i64().unwrap();
        let left = minor("amount_captured") - minor("amount_refunded");
        let amount = form.get("amount").map_or(left, |amount| amount.parse().expect("a number"));
        if left == 0 {
            return Err(invalid("charge_already_refunded", "Charge has already been refunded."));
        }
        if amount > left {
            return Err(invalid("", &format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left})")));
        }
        if charge["disputed"] == true {
            return Err(invalid("charge_disputed", "The charge has been charged back."));
        }
        let id = self.fresh("re");
        let currency = intent["currency"].as_str().unwrap().to_owned();
        let line = self.move_balance("refund", &id, -amount, 0, &currency);
        let refunded = minor("amount_refunded") + amount;
        let charge =
            self.change(charge["id"].as_str().unwrap(), json!({ "amount_refunded": refunded, "refunded": amount == left }));
        let refund = self.keep(objects::refund(&id, &charge, (amount, &line), form.get("metadata[refund]"), self.now));
        self.tell("charge.refunded", &charge);
        Ok(refund)
    }

    fn transfer(&mut self, form: &Form) -> Result<Value, Refused> {
        let account = self.find(form.get("destination").map_or("", String::as_str))?;
        if account["capabilities"]["transfers"] != "active" {
            return Err(invalid(
                "insufficient_capabilities_for_transfer",
                "Your destination account needs to have the transfers capability.",
            ));
        }
        let amount: i64 = form["amount"].parse().expect("a number");
        if let Some(charge) = form.get("source_transaction") {
            let charge = self.find(charge)?;
            let sent: i64 = self
                .all("transfer")
                .iter()
                .filter(|one| one["source_transaction"] == charge["id"])
                .map(|one| one["amount"].as_i64().unwrap())
                .sum();
            if sent + amount > charge["amount"].as_i64().unwrap() {
                return Err(invalid("", "The transfers cannot exceed the source amount."));
            }
        } else if amount > self.balance() {
            return Err(invalid("balance_insufficient", "You have insufficient available funds in your Stripe account."));
        }
        let id = self.fresh("tr");
        let line = self.move_balance("transfer", &id, -amount, 0, &form["currency"]);
        let transfer = self.keep(objects::transfer(&id, form, &line, self.now));
        self.move_connected(account["id"].as_str().unwrap(), amount);
        self.tell("transfer.created", &transfer);
        Ok(transfer)
    }

    fn move_connected(&mut self, account: &str, amount: i64) {
        let has = self.connected(account);
        self.objects.insert(format!("balance of {account}"), json!({ "object": "balance", "minor": has + amount }));
    }

    fn connected(&self, account: &str) -> i64 {
        self.objects.get(&format!("balance of {account}")).map_or(0, |balance| balance["minor"].as_i64().unwrap())
    }

    fn reverse(&mut self, id: &str, form: &Form) -> Result<Value, Refused> {
        let transfer = self.find(id)?;
        let minor = |name: &str| transfer[name].as_i64().unwrap();
        let left = minor("amount") - minor("amount_reversed");
        let amount: i64 = form.get("amount").map_or(left, |amount| amount.parse().expect("a number"));
        let account = transfer["destination"].as_str().unwrap().to_owned();
        if amount > left {
            return Err(invalid("", "Reversal amount is greater than what is left of the transfer."));
        }
        if amount > self.connected(&account) {
            return Err(invalid("balance_insufficient", "The connected account has insufficient funds."));
        }
        let reversal = self.fresh("trr");
        let currency = transfer["currency"].as_str().unwrap().to_owned();
        let line = self.move_balance("transfer_refund", &reversal, amount, 0, &currency);
        self.move_connected(&account, -amount);
        let reversed = minor("amount_reversed") + amount;
        let changed = self.change(id, json!({ "amount_reversed": reversed, "reversed": amount == left }));
        let made =
            self.keep(objects::reversal(&reversal, id, (amount, &currency), form.get("metadata[payout]"), &line, self.now));
        self.tell("transfer.reversed", &changed);
        Ok(made)
    }

    fn open_account(&mut self, form: &Form) -> Value {
        let id = self.fresh("acct");
        self.keep(objects::account(&id, form.get("country"), form.get("metadata[organisation]"), self.now))
    }

    fn link(&mut self, form: &Form) -> Result<Value, Refused> {
        let account = self.find(&form["account"])?;
        let url = format!("https://connect.stripe.com/setup/e/{}", account["id"].as_str().unwrap());
        Ok(json!({ "object": "account_link", "created": self.now, "expires_at": self.now + 300, "url": url }))
    }
}

/// What debtors, their banks and people before Stripe's dashboard do.
impl StandIn {
    /// The only page that is open, or the latest one.
    pub fn session(&self) -> String {
        self.all("checkout.session").last().expect("a session")["id"].as_str().unwrap().to_owned()
    }

    /// With a card that is good. 1.5 % + 0.25 for Stripe.
    pub fn pay_by_card(&self, session: &str) -> String {
        self.with(|memory| {
            let intent = memory.submit(session, "processing");
            let charge = memory.charge(&intent, "card");
            let amount = memory.objects[&intent]["amount"].as_i64().unwrap();
            memory.succeed(session, &intent, &charge, amount * 15 / 1000 + 25);
            memory.told_of(session, &intent, "payment_intent.succeeded", "checkout.session.completed");
            intent
        })
    }

    /// The bank asks the debtor something first (3-D Secure).
    pub fn pay_with_question(&self, session: &str) -> String {
        self.with(|memory| {
            let intent = memory.submit(session, "requires_action");
            let known = memory.objects[&intent].clone();
            memory.tell("payment_intent.requires_action", &known);
            intent
        })
    }

    pub fn decline(&self, session: &str) {
        self.with(|memory| {
            let intent = memory.submit(session, "requires_payment_method");
            let error = json!({ "type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds", "message": "Your card has insufficient funds." });
            let known = memory.change(&intent, json!({ "last_payment_error": error }));
            memory.tell("payment_intent.payment_failed", &known);
        });
    }

    /// By direct debit: some days pass before the bank answers.
    pub fn pay_by_debit(&self, session: &str) -> String {
        self.with(|memory| {
            let intent = memory.submit(session, "processing");
            memory.charge(&intent, "sepa_debit");
            memory.change(session, json!({ "status": "complete", "payment_status": "unpaid", "url": null }));
            memory.told_of(session, &intent, "payment_intent.processing", "checkout.session.completed");
            intent
        })
    }

    pub fn debit_settles(&self, session: &str) {
        self.with(|memory| {
            let intent = memory.objects[session]["payment_intent"].as_str().unwrap().to_owned();
            let charge = memory.objects[&intent]["latest_charge"].as_str().unwrap().to_owned();
            memory.succeed(session, &intent, &charge, 35);
            memory.told_of(session, &intent, "payment_intent.succeeded", "checkout.session.async_payment_succeeded");
        });
    }

    pub fn debit_fails(&self, session: &str) {
        self.with(|memory| {
            let intent = memory.objects[session]["payment_intent"].as_str().unwrap().to_owned();
            let error =
                json!({ "type": "invalid_request_error", "code": "debit_not_authorized", "message": "The debit was refused." });
            memory.change(&intent, json!({ "status": "requires_payment_method", "last_payment_error": error }));
            memory.told_of(session, &intent, "payment_intent.payment_failed", "checkout.session.async_payment_failed");
        });
    }

    /// The debtor's bank takes the money back: a chargeback, or a direct debit that bounced. 15.00 for Stripe.
    pub fn dispute(&self, intent: &str, amount: i64, reason: &str) -> String {
        self.with(|memory| {
            let charge = memory.objects[intent]["latest_charge"].as_str().unwrap().to_owned();
            memory.change(&charge, json!({ "disputed": true }));
            let (id, currency) = (memory.fresh("dp"), memory.objects[intent]["currency"].as_str().unwrap().to_owned());
            let line = memory.move_balance("adjustment", &id, -amount, 1_500, &currency);
            let known = memory.objects[&charge].clone();
            let dispute = objects::dispute(&id, &known, (amount, reason), &line, memory.now);
            memory.keep(dispute.clone());
            memory.tell("charge.dispute.created", &dispute);
            memory.tell("charge.dispute.funds_withdrawn", &dispute);
            id
        })
    }

    pub fn win_dispute(&self, id: &str) {
        self.with(|memory| {
            let known = memory.objects[id].clone();
            let currency = known["currency"].as_str().unwrap().to_owned();
            let line = memory.move_balance("adjustment", id, known["amount"].as_i64().unwrap(), 0, &currency);
            let mut lines = known["balance_transactions"].as_array().unwrap().clone();
            lines.push(line);
            let won = memory.change(id, json!({ "status": "won", "balance_transactions": lines }));
            memory.tell("charge.dispute.funds_reinstated", &won);
            memory.tell("charge.dispute.closed", &won);
        });
    }

    pub fn refund_by_hand(&self, intent: &str, amount: i64) -> (u16, Value) {
        let text = format!("payment_intent={intent}&amount={amount}");
        self.with(|memory| memory.answer("POST /v1/refunds", &form(&text)))
    }

    pub fn reverse_by_hand(&self, transfer: &str) {
        self.with(|memory| memory.reverse(transfer, &Form::new()).expect("it is reversed"));
    }

    /// The connected account has sent its money on to its bank.
    pub fn empty(&self, account: &str) {
        self.with(|memory| {
            let has = memory.connected(account);
            memory.move_connected(account, -has);
        });
    }

    /// The organisation has shown who it is.
    pub fn finish_onboarding(&self, account: &str) {
        self.with(|memory| {
            let account = memory.change(
                account,
                json!({ "capabilities": { "transfers": "active" }, "details_submitted": true, "payouts_enabled": true, "requirements": objects::requirements(&[]) }),
            );
            memory.tell("account.updated", &account);
        });
    }

    /// Stripe sends the platform's own money to its bank.
    pub fn withdraw(&self, amount: i64) {
        self.with(|memory| {
            let payout = memory.fresh("po");
            memory.move_balance("payout", &payout, -amount, 0, "eur");
        });
    }

    pub fn balance(&self) -> i64 {
        self.with(|memory| memory.balance())
    }
}

impl Memory {
    fn told_of(&mut self, session: &str, intent: &str, of_intent: &str, of_session: &str) {
        let (intent, session) = (self.objects[intent].clone(), self.objects[session].clone());
        self.tell(of_intent, &intent);
        self.tell(of_session, &session);
    }
}
