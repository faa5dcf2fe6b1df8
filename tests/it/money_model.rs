//! Random sequences of every money event against a model that a child could keep: who holds what, who got what, whose it is.
//! And a settlement whose connections die under it at every moment in turn.

use std::{collections::HashMap, time::Duration};

use serde_json::{Value, json};

use crate::support::{Client, Engaged, World, payment};

const TODAY: &str = "2026-11-06";

/// SplitMix64: the same steps for the same seed on every machine.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() { None } else { from.get(usize::try_from(self.throw(u64::try_from(from.len()).unwrap())).unwrap()) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Party {
    Creditor,
    Agency,
    Operator,
}

/// What is each one's of a payment at a fee of 12 %, a commission of 20 %, and 21 % VAT: by hand, as in docs/money.md.
fn shares(minor: i64) -> [(Party, i64); 3] {
    let vat = |net: i64| (net * 21 + 50) / 100;
    let fee = minor * 12 / 100;
    let commission = fee * 20 / 100;
    let (fee, commission) = (fee + vat(fee), commission + vat(commission));
    [(Party::Creditor, minor - fee), (Party::Agency, fee - commission), (Party::Operator, commission)]
}

/// Of each party: what it holds of others' money, less what it is still to get.
#[derive(Debug, Default, PartialEq, Eq)]
struct Model(HashMap<Party, i64>);

impl Model {
    fn add(&mut self, party: Party, minor: i64) {
        *self.0.entry(party).or_default() += minor;
    }

    /// A payment came in (1), or was taken back (-1).
    fn payment(&mut self, holder: Party, minor: i64, sign: i64) {
        self.add(holder, sign * minor);
        for (party, share) in shares(minor) {
            self.add(party, -sign * share);
        }
    }

    fn moved(&mut self, from: Party, to: Party, minor: i64) {
        self.add(from, -minor);
        self.add(to, minor);
    }
}

/// The world of one sequence.
struct Play<'a> {
    world: &'a World,
    engaged: &'a Engaged,
    names: HashMap<String, Party>,
    model: Model,
    /// Confirmed payments: id, holder, amount.
    live: Vec<(String, Party, i64)>,
    /// Requests that were answered, to be sent again: who, path, key, body, status.
    sent: Vec<(Party, String, String, Value, u16)>,
    turn: u32,
}

impl Play<'_> {
    fn client(&self, party: Party) -> &Client {
        match party {
            Party::Creditor => &self.engaged.creditor,
            Party::Agency => &self.engaged.agency,
            Party::Operator => &self.engaged.operator,
        }
    }

    /// A POST that may be refused; remembered to be replayed.
    async fn post(&mut self, by: Party, path: &str, body: Value) -> Option<Value> {
        self.turn += 1;
        let key = format!("key-{}", self.turn);
        let answer = self.client(by).post_once(path, &key, &body).await;
        let status = answer.status.as_u16();
        assert!(status < 300 || [409, 422].contains(&status), "{path}: {status} {}", answer.text);
        if status < 300 {
            self.sent.push((by, path.to_owned(), key, body, status));
            return Some(serde_json::from_str(&answer.text).unwrap());
        }
        None
    }

    async fn payouts(&self, status: &str) -> Vec<Value> {
        let path = format!("/api/v1/payouts?status={status}&limit=200");
        self.engaged.operator.get(&path).await.expect(200)["data"].as_array().unwrap().clone()
    }

    async fn pay_in(&mut self, dice: &mut Dice) {
        let (declares, answers) =
            if dice.throw(2) == 0 { (Party::Agency, Party::Creditor) } else { (Party::Creditor, Party::Agency) };
        let minor = 1 + i64::try_from(dice.throw(20_000)).unwrap();
        let path = format!("{}/payments", self.engaged.path);
        let Some(declared) = self.post(declares, &path, payment(minor, TODAY, &format!("TR-{}", self.turn))).await else {
            return;
        };
        let id = declared["id"].as_str().unwrap().to_owned();
        if dice.throw(6) == 0 {
            self.post(answers, &format!("/api/v1/payments/{id}/contest"), json!({ "reason": "nothing came" })).await.unwrap();
            let decision = json!({ "decision": "reject", "note": "it did not" });
            self.post(Party::Operator, &format!("/api/v1/operator/payments/{id}/decision"), decision).await.unwrap();
            return;
        }
        self.post(answers, &format!("/api/v1/payments/{id}/confirmation"), json!({})).await.unwrap();
        self.model.payment(declares, minor, 1);
        self.live.push((id, declares, minor));
    }

    async fn take_back(&mut self, dice: &mut Dice) {
        let Some((id, holder, minor)) = dice.pick(&self.live).cloned() else { return };
        let body = json!({ "reversed_on": TODAY, "reason": "MD06" });
        self.post(holder, &format!("/api/v1/payments/{id}/reversal"), body).await.unwrap();
        self.model.payment(holder, minor, -1);
        self.live.retain(|(other, ..)| *other != id);
    }

    async fn pay_out(&mut self, payout: &Value) {
        let (from, to, leaves) = self.way(payout);
        let path = format!("/api/v1/payouts/{}/remittance", payout["id"].as_str().unwrap());
        self.post(from, &path, json!({ "paid_on": TODAY, "bank_reference": "OUT" })).await.unwrap();
        self.model.moved(from, to, leaves);
    }

    async fn send_back(&mut self, payout: &Value) {
        let (from, to, leaves) = self.way(payout);
        let path = format!("/api/v1/payouts/{}/return", payout["id"].as_str().unwrap());
        // What was set off whole was moved by no bank: refused.
        if self.post(from, &path, json!({ "returned_on": TODAY, "reason": "AC04" })).await.is_some() {
            self.model.moved(to, from, leaves);
        } else {
            assert_eq!(leaves, 0, "{payout}");
        }
    }

    fn way(&self, payout: &Value) -> (Party, Party, i64) {
        let party = |field: &str| self.names[payout[field].as_str().unwrap()];
        let leaves = payout["amount"]["minor"].as_i64().unwrap() - payout["set_off"]["minor"].as_i64().unwrap();
        (party("payer_id"), party("payee_id"), leaves)
    }

    async fn replay(&mut self, dice: &mut Dice) {
        let Some((by, path, key, body, status)) = dice.pick(&self.sent).cloned() else { return };
        let again = self.client(by).post_once(&path, &key, &body).await;
        assert_eq!(again.status.as_u16(), status, "{path}: {}", again.text);
    }

    async fn step(&mut self, dice: &mut Dice) {
        match dice.throw(10) {
            0..=3 => self.pay_in(dice).await,
            4 | 5 => {
                let due = self.payouts("due").await;
                if let Some(payout) = dice.pick(&due) {
                    self.pay_out(payout).await;
                }
            }
            6 => {
                let paid = self.payouts("paid").await;
                if let Some(payout) = dice.pick(&paid) {
                    self.send_back(payout).await;
                }
            }
            7 | 8 => self.take_back(dice).await,
            _ => self.replay(dice).await,
        }
        self.world.work().await;
    }

    /// Every party's accounts come to what the model says.
    async fn compare(&self, seed: u64) {
        for party in [Party::Creditor, Party::Agency, Party::Operator] {
            let statement = self.client(party).get("/api/v1/statement").await.expect(200);
            let closing = statement["accounts"].as_array().unwrap().iter().map(|one| one["closing"]["minor"].as_i64().unwrap());
            let expected = self.model.0.get(&party).copied().unwrap_or_default();
            assert_eq!(closing.sum::<i64>(), expected, "seed {seed}, after request {}, {party:?}: {statement}", self.turn);
        }
        assert_eq!(
            books_that_differ(&self.engaged.operator).await,
            Vec::<Value>::new(),
            "seed {seed}, after request {}",
            self.turn
        );
    }
}

async fn books_that_differ(operator: &Client) -> Vec<Value> {
    let run = operator.post("/api/v1/operator/reconciliation", &json!({})).await.expect(200);
    let differ = |one: &&Value| ["books", "cash", "suspense"].contains(&one["kind"].as_str().unwrap());
    run["differences"].as_array().unwrap().iter().filter(differ).cloned().collect()
}

#[actix_web::test]
async fn whatever_happens_in_whatever_order_each_party_has_what_is_its_own() {
    for seed in [1, 2, 3] {
        let world = World::new().await;
        let engaged = world.engaged(1200).await;
        let mut names = HashMap::new();
        for (client, party) in
            [(&engaged.creditor, Party::Creditor), (&engaged.agency, Party::Agency), (&engaged.operator, Party::Operator)]
        {
            names.insert(client.get("/api/v1/me").await.expect(200)["organisation"]["id"].as_str().unwrap().to_owned(), party);
        }
        let (model, live, sent) = (Model::default(), Vec::new(), Vec::new());
        let mut play = Play { world: &world, engaged: &engaged, names, model, live, sent, turn: 0 };
        let mut dice = Dice(seed);
        for _ in 0..40 {
            play.step(&mut dice).await;
            play.compare(seed).await;
        }
        // Once everybody has paid what it owes, nobody holds or is owed anything.
        for _ in 0..40 {
            let due = play.payouts("due").await;
            let Some(payout) = due.first() else { break };
            play.pay_out(payout).await;
            world.work().await;
        }
        play.compare(seed).await;
        assert!(play.model.0.values().all(|minor| *minor == 0), "seed {seed}: {:?}", play.model);
        for party in [Party::Creditor, Party::Agency, Party::Operator] {
            let statement = play.client(party).get("/api/v1/statement").await.expect(200);
            for account in statement["accounts"].as_array().unwrap() {
                assert_eq!(account["closing"]["minor"], 0, "seed {seed}: {account}");
            }
        }
        assert!(entente::ledger::verify(&world.app).await.is_ok(), "seed {seed}");
        world.finish().await;
    }
}

/// The connections of the server die a little later each time: before the first statement of a settlement, between any two of
/// them, and after its commit. Asked again under the same key, it is settled once.
#[actix_web::test]
async fn a_settlement_that_is_cut_off_at_any_moment_is_done_once_or_not_at_all() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let kill =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let mut cut_off = 0;
    for turn in 0..24_u32 {
        let declared = engaged.declare(&engaged.agency, 1_000, TODAY, &format!("TR-{turn}")).await;
        let path = format!("/api/v1/payments/{}/confirmation", declared["id"].as_str().unwrap());
        let (key, body) = (format!("confirm-{turn}"), json!({}));
        let killer = async {
            tokio::time::sleep(Duration::from_micros(u64::from(turn) * 500)).await;
            world.as_owner(kill).await;
        };
        let (first, ()) = futures_util::future::join(engaged.creditor.post_once(&path, &key, &body), killer).await;
        cut_off += usize::from(!first.status.is_success());
        // Connections that died are found out one by one.
        for _ in 0..40 {
            engaged.creditor.get("/api/v1/me").await;
        }
        for _ in 0..2 {
            let again = engaged.creditor.post_once(&path, &key, &body).await;
            assert!(again.status.is_success(), "turn {turn}: {}", again.text);
        }
    }
    eprintln!("{cut_off} of 24 settlements were cut off");
    let recovered = engaged.creditor.get(&engaged.path).await.expect(200)["recovered"]["minor"].as_i64();
    assert_eq!(recovered, Some(24_000), "each once");
    assert_eq!(books_that_differ(&engaged.operator).await, Vec::<Value>::new());
    assert!(entente::ledger::verify(&world.app).await.is_ok());
    world.finish().await;
}
