//! Alerts by rule: told once, to the right role, of one's own cases; in a list and in one mail a day.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use reqwest::header::{HeaderMap, HeaderName};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{
    recovery::{at, engage, outbox, posted},
    support::{Client, PASSWORD, World},
};

async fn rule(client: &Client, name: &str, condition: &str, role: &str) -> Value {
    let body = json!({ "name": name, "condition": condition, "role": role, "by_mail": true });
    client.post("/api/v1/alert-rules", &body).await.expect(201)
}

async fn alerts(client: &Client) -> Vec<String> {
    let found = client.get("/api/v1/alerts").await.expect(200);
    let said =
        |one: &Value| format!("{}: {} {}", one["rule_name"].as_str().unwrap(), one["event"].as_str().unwrap(), one["days"]);
    found["data"].as_array().unwrap().iter().map(said).collect()
}

#[actix_web::test]
async fn a_rule_is_tried_out_before_it_is_kept() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    for (change, pointer) in [
        (json!({ "condition": "event ==" }), "/condition"),
        (json!({ "condition": "debtor == 'Ruiz'" }), "/condition"),
        (json!({ "condition": "event == 'promise_brken'" }), "/condition"),
        (json!({ "condition": "[1].all(x, x > 0)" }), "/condition"),
        (json!({ "role": "agent" }), "/role"),
        (json!({ "name": "" }), "/name"),
    ] {
        let mut body = json!({ "name": "Broken", "condition": "event == 'promise_broken'", "role": "sales" });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let refused = creditor.post("/api/v1/alert-rules", &body).await.problem(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    let kept = rule(&creditor, "Broken", "event == 'promise_broken'", "sales").await;
    let again = json!({ "name": "Broken", "condition": "true", "role": "sales" });
    creditor.post("/api/v1/alert-rules", &again).await.problem(422, "invalid");
    let path = format!("/api/v1/alert-rules/{}", kept["id"].as_str().unwrap());
    let rival = world.creditor(2).await;
    rival.delete(&path, None).await.problem(404, "not-found");
    assert_eq!(rival.get("/api/v1/alert-rules").await.expect(200)["data"], json!([]));
    creditor.delete(&path, None).await.expect(204);
    assert_eq!(creditor.get("/api/v1/alert-rules").await.expect(200)["data"], json!([]));
    world.finish().await;
}

#[actix_web::test]
async fn what_happens_alerts_the_role_once_and_goes_into_one_mail_a_day() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let body = json!({ "full_name": "Sara Ventas", "email": "sara@colleagues.example", "role": "sales", "password": PASSWORD, "language": "en" });
    creditor.post("/api/v1/members", &body).await.expect(201);
    let sara = world.log_in("sara@colleagues.example").await;
    rule(&creditor, "Broken promises", "event == 'promise_broken' && principal_minor >= 100000", "sales").await;
    rule(&creditor, "Large ones only", "event == 'promise_broken' && principal_minor > 100000", "sales").await;
    rule(&creditor, "For managers", "event == 'promise_made'", "credit_manager").await;
    let (case, rivals) = (posted(&creditor, 1, 11).await, posted(&world.creditor(2).await, 1, 11).await);
    for one in [&case, &rivals] {
        one.creditor.post(&format!("{}/promises", one.path), &json!({ "promised_on": "2026-11-04" })).await.expect(201);
    }
    at(&world, "2026-11-05T20:00:00Z").await;
    assert_eq!(alerts(&sara).await, ["Broken promises: promise_broken 0"]);
    assert_eq!(alerts(&creditor).await.len(), 2, "an administrator sees all");
    assert_eq!(alerts(&rivals.creditor).await, Vec::<String>::new());
    at(&world, "2026-11-06T07:00:00Z").await;
    let digests =
        || outbox(&world.app).into_iter().filter(|mail| mail.contains("To: sara@colleagues.example")).collect::<Vec<_>>();
    let [mail] = digests().try_into().unwrap();
    let reference = case.case().await["reference"].as_str().unwrap().to_owned();
    assert!(mail.contains("Alerts today: 1") && mail.contains(&reference) && mail.contains("Broken promises"), "{mail}");
    assert!(!mail.contains("Bodegas"), "no debtor is named in a mail");
    at(&world, "2026-11-08T07:00:00Z").await;
    assert_eq!(digests().len(), 1, "nothing is mailed twice");

    let [alert] =
        sara.get("/api/v1/alerts?unread=true").await.expect(200)["data"].as_array().unwrap().clone().try_into().unwrap();
    let reading = format!("/api/v1/alerts/{}/reading", alert["id"].as_str().unwrap());
    rivals.creditor.post(&reading, &json!({})).await.problem(404, "not-found");
    assert!(sara.post(&reading, &json!({})).await.expect(200)["read_at"].is_string());
    assert_eq!(sara.get("/api/v1/alerts?unread=true").await.expect(200)["data"], json!([]));
    world.finish().await;
}

#[actix_web::test]
async fn what_stands_for_too_long_is_found_in_the_morning() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (creditor, agency) = (world.creditor(1).await, world.agency(2, &operator).await);
    rule(&creditor, "Old objections", "event == 'dispute_open' && days >= 3", "admin").await;
    rule(&creditor, "Silent agency", "event == 'agency_silent' && days >= 5", "admin").await;
    rule(&agency, "Old objections", "event == 'dispute_open' && days >= 3", "admin").await;
    let (disputed, silent) = (posted(&creditor, 1, 11).await, posted(&creditor, 2, 12).await);
    engage(&world, silent.id, &agency).await;
    silent.hold(None).await;
    let objection = json!({ "reason": "defective", "statement": "broken" });
    disputed.creditor.post(&format!("{}/disputes", disputed.path), &objection).await.expect(201);
    for _ in 0..2 {
        world.pass(TimeDelta::days(1)).await;
    }
    assert_eq!(alerts(&creditor).await, Vec::<String>::new());
    for _ in 0..6 {
        world.pass(TimeDelta::days(1)).await;
    }
    assert_eq!(alerts(&creditor).await, ["Silent agency: agency_silent 5", "Old objections: dispute_open 3"], "each once");
    assert_eq!(alerts(&agency).await, Vec::<String>::new(), "the objection is on a case that it does not have");
    // A month of downtime looks through one day, not thirty.
    at(&world, "2026-12-14T09:00:00Z").await;
    assert_eq!(alerts(&creditor).await.len(), 2);
    world.finish().await;
}

/// A stand-in for an organisation's software: answers each POST with what it is told to, and keeps headers and body.
struct Software {
    url: String,
    answers: Arc<Mutex<VecDeque<u16>>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Software {
    async fn start(answers: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let answers = Arc::new(Mutex::new(VecDeque::from(answers.to_vec())));
        let software = Self { url, answers, heard: Arc::default() };
        let (answers, heard) = (software.answers.clone(), software.heard.clone());
        actix_web::rt::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut asked = Vec::new();
                let mut piece = [0; 4096];
                while !is_whole(&asked) {
                    let read = stream.read(&mut piece).await.unwrap_or(0);
                    if read == 0 {
                        break;
                    }
                    asked.extend_from_slice(&piece[..read]);
                }
                heard.lock().unwrap().push(String::from_utf8_lossy(&asked).into_owned());
                let status = answers.lock().unwrap().pop_front().unwrap_or(204);
                let answer = format!(
                    "HTTP/1.1 {status} X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        software
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// Headers and as much body as they say.
fn is_whole(asked: &[u8]) -> bool {
    let text = String::from_utf8_lossy(asked);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    body.len() >= length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

/// Whether a call was signed with the secret.
fn is_signed(heard: &str, secret: &str) -> bool {
    let (head, body) = heard.split_once("\r\n\r\n").unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in head.lines().skip(1).filter_map(|line| line.split_once(": ")) {
        headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    standardwebhooks::Webhook::new(secret).unwrap().verify(body.as_bytes(), &headers).is_ok()
}

#[actix_web::test]
async fn an_alert_is_posted_signed_until_it_is_taken_and_then_no_more() {
    let software = Software::start(&[500, 302]).await;
    let world = World::with(|settings| settings.webhooks.to_private_networks = true).await;
    let creditor = world.creditor(1).await;
    let wish = json!({ "name": "Contacts", "condition": "event == 'contact_sent'", "role": "admin", "by_webhook": true });
    creditor.post("/api/v1/alert-rules", &wish).await.problem(422, "invalid");
    let set = creditor.put("/api/v1/alert-webhook", None, &json!({ "url": software.url })).await.expect(200);
    let secret = set["secret"].as_str().unwrap();
    assert!(creditor.get("/api/v1/alert-webhook").await.expect(200).get("secret").is_none(), "it is shown once");
    creditor.post("/api/v1/alert-rules", &wish).await.expect(201);
    posted(&creditor, 1, 11).await;
    world.work().await;
    let told = creditor.get("/api/v1/alerts").await.expect(200)["data"][0].clone();
    assert_eq!(
        (&told["webhook_taken_at"], &told["webhook_error"]),
        (&Value::Null, &json!("it answered 500 Internal Server Error"))
    );
    world.pass(TimeDelta::seconds(10)).await;
    assert!(creditor.get("/api/v1/alerts").await.expect(200)["data"][0]["webhook_error"].as_str().unwrap().contains("302"));
    world.pass(TimeDelta::minutes(1)).await;
    let told = creditor.get("/api/v1/alerts").await.expect(200)["data"][0].clone();
    assert!(told["webhook_taken_at"].is_string() && told["webhook_error"].is_null(), "{told}");
    let heard = software.heard();
    assert_eq!(heard.len(), 3, "no redirect is followed");
    for call in &heard {
        assert!(is_signed(call, secret) && !is_signed(call, "whsec_AAAA"), "{call}");
        assert!(
            call.contains(told["id"].as_str().unwrap()) && call.contains("contact_sent") && !call.contains("Bodegas"),
            "{call}"
        );
    }
    let again = creditor.put("/api/v1/alert-webhook", None, &json!({ "url": software.url })).await.expect(200);
    assert_ne!(again["secret"], secret);
    creditor.delete("/api/v1/alert-webhook", None).await.expect(204);
    creditor.delete("/api/v1/alert-webhook", None).await.problem(404, "not-found");
    world.finish().await;
}

#[actix_web::test]
async fn nothing_is_posted_into_our_own_network() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    for inside in ["http://127.0.0.1:9/", "https://localhost/", "https://169.254.169.254/latest", "https://[::1]/", "nowhere"] {
        let refused = creditor.put("/api/v1/alert-webhook", None, &json!({ "url": inside })).await.problem(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/url", "{inside}");
    }
    // A name that is open when it is set and leads inside later is looked at again when it is asked.
    let software = Software::start(&[]).await;
    creditor.put("/api/v1/alert-webhook", None, &json!({ "url": "https://hooks.example.com/" })).await.expect(200);
    let wish = json!({ "name": "Contacts", "condition": "event == 'contact_sent'", "role": "admin", "by_webhook": true });
    creditor.post("/api/v1/alert-rules", &wish).await.expect(201);
    world.as_owner(&format!("UPDATE alert_webhooks SET url = '{}'", software.url)).await;
    posted(&creditor, 1, 11).await;
    world.work().await;
    assert!(creditor.get("/api/v1/alerts").await.expect(200)["data"][0]["webhook_error"].is_string());
    assert_eq!(software.heard(), Vec::<String>::new());
    world.finish().await;
}

#[actix_web::test]
async fn a_customer_over_its_limit_is_told_to_its_own_salesperson_each_time_it_begins() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let salesperson = async |name: &str| {
        let address = format!("{name}@colleagues.example");
        let body = json!({ "full_name": name, "email": address, "role": "sales", "password": PASSWORD, "language": "en" });
        let made = creditor.post("/api/v1/members", &body).await.expect(201);
        (made["id"].clone(), world.log_in(&address).await)
    };
    let (sara_id, sara) = salesperson("sara").await;
    let (_, pau) = salesperson("pau").await;
    let case = posted(&creditor, 1, 11).await;
    case.set_profile(|profile| profile["account_owner_id"] = sara_id).await;
    case.hold(None).await;
    rule(&creditor, "Over the limit", "event == 'limit_exceeded' && limit_use >= 150 && principal_minor == 100000", "sales")
        .await;
    rule(&creditor, "Far over", "event == 'limit_exceeded' && limit_use > 300", "sales").await;
    let path = format!("/api/v1/debtors/{}/credit-limit", case.debtor);
    let limit = async |minor: i64| {
        let version = creditor.get(&path).await.expect(200)["version"].clone();
        let setting = json!({ "limit": { "minor": minor, "currency": "EUR" } });
        creditor.put(&path, Some(&format!("\"v{version}\"")), &setting).await.expect(200);
        for _ in 0..2 {
            world.pass(TimeDelta::days(1)).await;
        }
    };
    limit(100_000).await;
    assert_eq!(alerts(&creditor).await, Vec::<String>::new(), "what is just used up is not exceeded");
    limit(50_000).await;
    assert_eq!(alerts(&sara).await, ["Over the limit: limit_exceeded 0"], "once, however often it is looked for");
    assert_eq!((alerts(&pau).await.len(), alerts(&creditor).await.len()), (0, 1), "it is Sara's customer");
    let told = creditor.get("/api/v1/alerts").await.expect(200)["data"][0].clone();
    assert_eq!((&told["debtor_id"], &told["case_id"]), (&json!(case.debtor), &Value::Null));
    let reading = format!("/api/v1/alerts/{}/reading", told["id"].as_str().unwrap());
    pau.post(&reading, &json!({})).await.problem(404, "not-found");
    let mails: Vec<String> = outbox(&world.app).into_iter().filter(|mail| mail.contains("Over the limit")).collect();
    assert!(mails.len() == 1 && mails[0].contains("To: sara@") && !mails[0].contains("Bodegas"), "{mails:?}");
    limit(200_000).await;
    limit(50_000).await;
    assert_eq!(alerts(&sara).await.len(), 2, "it began again");
    world.finish().await;
}

#[actix_web::test]
async fn a_customer_that_pays_less_surely_is_noticed() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    rule(&creditor, "Worse", "event == 'risk_worse' && score_drop >= 1", "admin").await;
    let case = posted(&creditor, 1, 11).await;
    for _ in 0..3 {
        let day = (world.now() + TimeDelta::days(1)).date_naive().to_string();
        creditor.post(&format!("{}/promises", case.path), &json!({ "promised_on": day })).await.expect(201);
        for _ in 0..4 {
            world.pass(TimeDelta::days(1)).await;
        }
    }
    assert_eq!(alerts(&creditor).await, ["Worse: risk_worse 0"]);
    world.finish().await;
}
