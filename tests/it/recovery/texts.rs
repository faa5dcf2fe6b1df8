//! Text messages: a provider that takes them, refuses them, is busy, or hangs up with one in hand; and what it reports.

use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::TimeDelta;
use entente::config::{Settings, SmsProvider};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use super::{Posted, days, inbound::takes_mail_in, nothing_is_forgotten, outbox, posted};
use crate::support::{Answer, Client, World};

const TOKEN: &str = "3f1c9d";
const NUMBER: &str = "+34600000000";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Takes,
    Busy,
    /// With this code of the reference.
    Refuses(u32),
    /// The message is made, the answer never comes.
    HangsUpWithIt,
    /// Neither.
    HangsUpWithout,
}

/// A stand-in for `Messages` as the public reference describes it: HTTP Basic, forms, 201 with a `sid`, numeric error codes, a list
/// by number.
#[derive(Clone)]
pub struct Provider {
    pub port: u16,
    mood: Arc<Mutex<Mood>>,
    messages: Arc<Mutex<Vec<Value>>>,
    posts: Arc<Mutex<usize>>,
}

impl Provider {
    pub async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let provider = Self { port, mood: Arc::new(Mutex::new(mood)), messages: Arc::default(), posts: Arc::default() };
        let serving = provider.clone();
        actix_web::rt::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = serving.clone();
                actix_web::rt::spawn(async move { serving.talk(stream).await });
            }
        });
        provider
    }

    pub fn becomes(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub fn messages(&self) -> Vec<Value> {
        self.messages.lock().unwrap().clone()
    }

    pub fn posts(&self) -> usize {
        *self.posts.lock().unwrap()
    }

    async fn talk(&self, stream: TcpStream) -> Option<()> {
        let mut stream = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head).await.ok()? == 0 {
                return None;
            }
        }
        let header = |name: &str| {
            head.lines().find_map(|line| {
                line.split_once(": ").filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
            })
        };
        let mut body = vec![0; header("content-length").map_or(0, |length| length.parse().unwrap())];
        stream.read_exact(&mut body).await.ok()?;
        let asked = head.lines().next()?.to_owned();
        let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("AC1:{TOKEN}")));
        let (status, said) = if header("authorization") != Some(basic.as_str()) {
            failure(401, 20_003, "Authenticate")
        } else if asked.starts_with("POST /2010-04-01/Accounts/AC1/Messages.json ") {
            self.make(&form(std::str::from_utf8(&body).unwrap()))?
        } else if let Some(query) = asked.strip_prefix("GET /2010-04-01/Accounts/AC1/Messages.json?") {
            (200, self.list(&form(query.split(' ').next()?)))
        } else {
            failure(404, 20_404, "The requested resource was not found")
        };
        let said = said.to_string();
        let answer = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{said}",
            said.len()
        );
        stream.write_all(answer.as_bytes()).await.ok()
    }

    /// None: hangs up.
    fn make(&self, fields: &[(String, String)]) -> Option<(u16, Value)> {
        *self.posts.lock().unwrap() += 1;
        let field =
            |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str()).unwrap_or_default();
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::HangsUpWithout => return None,
            Mood::Busy => return Some(failure(429, 20_429, "Too Many Requests")),
            Mood::Refuses(code) => return Some(failure(400, code, "The number is no good")),
            Mood::Takes | Mood::HangsUpWithIt => {}
        }
        if field("Body").is_empty() || field("Body").chars().count() > 1_600 {
            return Some(failure(400, 21_617, "The message body is empty or too long"));
        }
        let mut messages = self.messages.lock().unwrap();
        let message = json!({
            "sid": format!("SM{:032x}", messages.len() + 1), "to": field("To"), "from": field("From"), "body": field("Body"), "status": "queued",
            "direction": "outbound-api", "date_sent": null, "error_code": null, "status_callback": field("StatusCallback"),
        });
        messages.push(message.clone());
        (mood == Mood::Takes).then_some((201, message))
    }

    fn list(&self, fields: &[(String, String)]) -> Value {
        let to = fields.iter().find(|(field, _)| field == "To").map(|(_, value)| value.clone()).unwrap_or_default();
        let found: Vec<Value> = self.messages().into_iter().rev().filter(|message| message["to"] == to).collect();
        json!({ "messages": found, "page": 0, "page_size": 50, "next_page_uri": null })
    }
}

fn failure(status: u16, code: u32, message: &str) -> (u16, Value) {
    (
        status,
        json!({ "code": code, "message": message, "more_info": format!("https://www.twilio.com/docs/errors/{code}"), "status": status }),
    )
}

fn form(text: &str) -> Vec<(String, String)> {
    actix_web::web::Query::<Vec<(String, String)>>::from_query(text).unwrap().into_inner()
}

/// A world that takes mail and text messages in, and sends the latter to nobody there is.
pub async fn world() -> World {
    World::with(|settings| {
        takes_mail_in(settings);
        sends_texts(settings, 9);
    })
    .await
}

pub fn sends_texts(settings: &mut Settings, port: u16) {
    settings.sms.provider = Some(SmsProvider {
        url: format!("http://127.0.0.1:{port}"),
        account_sid: "AC1".to_owned(),
        auth_token: TOKEN.to_owned().into(),
        from: "+34600111222".to_owned(),
    });
}

/// Posts a form as the provider does.
pub async fn signed(client: &Client, world: &World, path: &str, fields: &[(&str, &str)]) -> Answer {
    let mut sorted = fields.to_vec();
    sorted.sort_unstable();
    let covered = sorted.iter().fold(format!("{}{path}", world.base()), |covered, (name, value)| covered + name + value);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, TOKEN.as_bytes()), covered.as_bytes());
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let headers =
        [("content-type", "application/x-www-form-urlencoded".to_owned()), ("x-twilio-signature", BASE64_STANDARD.encode(tag))];
    client.deliver(path, &headers, body.join("&").as_bytes()).await
}

/// Texts on the first and fourth day, a mail on the eighth; a bounce of the first leads to the mail.
pub async fn assign_texts(creditor: &Client) {
    let step = |key: &str, days: i64, channel: &str, template: &str, branches: Value| json!({ "key": key, "anchor": "phase_start", "days": days, "channel": channel, "template": template, "tone": "neutral", "branches": branches });
    let steps = [
        step("text", 0, "sms", "text_reminder", json!([{ "on": "bounced", "go_to": "mail" }])),
        step("again", 4, "sms", "text_final_notice", json!([])),
        step("mail", 8, "mail", "reminder", json!([])),
    ];
    let draft = creditor.post("/api/v1/strategies", &json!({ "name": "texts", "steps": steps })).await.expect(201);
    assert_eq!(draft["faults"], json!([]));
    creditor.post(&format!("/api/v1/strategies/{}/publication", draft["id"].as_str().unwrap()), &json!({})).await.expect(200);
    creditor
        .post("/api/v1/strategy-assignments", &json!({ "strategy": "texts", "applies_to": { "kind": "all" } }))
        .await
        .expect(201);
}

/// A case whose first text met a provider in this mood.
async fn texted(mood: Mood) -> (World, Provider, Posted) {
    let provider = Provider::start(mood).await;
    let world = World::with(|settings| sends_texts(settings, provider.port)).await;
    let creditor = world.creditor(1).await;
    assign_texts(&creditor).await;
    let case = posted(&creditor, 1, 11).await;
    world.work().await;
    (world, provider, case)
}

async fn report(world: &World, sent: &Value, fields: &[(&str, &str)]) {
    let path = format!("/api/v1/inbound/sms-reports/{}", sent["id"].as_str().unwrap());
    signed(&world.stranger(), world, &path, fields).await.expect(204);
}

async fn reasons(case: &Posted) -> Vec<String> {
    let open = case.creditor.get("/api/v1/tasks?status=open").await.expect(200);
    open["data"].as_array().unwrap().iter().map(|task| task["reason"].as_str().unwrap().to_owned()).collect()
}

async fn statuses(case: &Posted) -> Vec<String> {
    case.deliveries().await.iter().map(|delivery| delivery["status"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn a_text_leaves_once_is_counted_and_its_provider_reports_on_it() {
    let (world, provider, case) = texted(Mood::Takes).await;
    let sent = case.deliveries().await[0].clone();
    assert_eq!((&sent["status"], &sent["address"], &sent["segments"]), (&json!("sent"), &json!(NUMBER), &json!(2)), "{sent}");
    let [message] = provider.messages().try_into().unwrap();
    assert_eq!((&message["to"], &message["body"]), (&json!(NUMBER), &sent["body"]));
    let body = sent["body"].as_str().unwrap();
    assert!(body.contains("F-1") && body.contains("/d/") && body.contains("responda BAJA"), "{body}");
    let sid = message["sid"].as_str().unwrap();
    assert!(message["status_callback"].as_str().unwrap().ends_with(sent["id"].as_str().unwrap()));

    report(&world, &sent, &[("MessageSid", "SMother"), ("MessageStatus", "undelivered")]).await;
    assert_eq!(statuses(&case).await, ["sent"], "that is another message");
    report(&world, &sent, &[("MessageSid", sid), ("MessageStatus", "delivered")]).await;
    report(&world, &sent, &[("MessageSid", sid), ("MessageStatus", "sent")]).await;
    assert_eq!(statuses(&case).await, ["delivered"], "reports come in any order");
    let path = format!("/api/v1/inbound/sms-reports/{}", sent["id"].as_str().unwrap());
    let unsigned = [("content-type", "application/x-www-form-urlencoded".to_owned())];
    world.stranger().deliver(&path, &unsigned, b"MessageSid=SM1&MessageStatus=failed").await.problem(403, "forbidden");
    signed(&world.stranger(), &world, &path, &[("MessageSid", sid), ("MessageStatus", "flying")])
        .await
        .problem(400, "malformed-request");
    days(&world, 5).await;
    assert_eq!((provider.messages().len(), statuses(&case).await), (2, vec!["delivered".into(), "sent".into()]));
    world.finish().await;
}

#[actix_web::test]
async fn one_taken_without_an_answer_is_found_and_never_sent_again() {
    let (world, provider, case) = texted(Mood::HangsUpWithIt).await;
    assert_eq!(statuses(&case).await, ["sending"]);
    provider.becomes(Mood::Takes);
    world.pass(TimeDelta::minutes(1)).await;
    assert_eq!((statuses(&case).await, provider.posts()), (vec!["sent".into()], 1));
    // Its name is known now: a report reaches it.
    let sid = provider.messages()[0]["sid"].as_str().unwrap().to_owned();
    let sent = case.deliveries().await[0].clone();
    report(&world, &sent, &[("MessageSid", &sid), ("MessageStatus", "delivered")]).await;
    assert_eq!(statuses(&case).await, ["delivered"]);
    world.finish().await;
}

#[actix_web::test]
async fn a_report_tells_what_no_answer_told() {
    let (world, provider, case) = texted(Mood::HangsUpWithIt).await;
    let sent = case.deliveries().await[0].clone();
    let sid = provider.messages()[0]["sid"].as_str().unwrap().to_owned();
    report(&world, &sent, &[("MessageSid", &sid), ("MessageStatus", "sent")]).await;
    assert_eq!(statuses(&case).await, ["sent"]);
    world.pass(TimeDelta::hours(3)).await;
    assert_eq!((statuses(&case).await, provider.posts()), (vec!["sent".into()], 1));
    world.finish().await;
}

#[actix_web::test]
async fn one_of_which_the_provider_knows_nothing_is_asked_after_and_put_to_a_person() {
    let (world, provider, case) = texted(Mood::HangsUpWithout).await;
    provider.becomes(Mood::Takes);
    for _ in 0..20 {
        world.pass(TimeDelta::minutes(10)).await;
    }
    assert_eq!((statuses(&case).await, provider.posts(), provider.messages().len()), (vec!["failed".into()], 1, 0));
    assert_eq!(reasons(&case).await, ["delivery_unknown"]);
    nothing_is_forgotten(&world).await;
    world.finish().await;
}

#[actix_web::test]
async fn a_busy_provider_gets_it_later_and_once() {
    let (world, provider, case) = texted(Mood::Busy).await;
    assert_eq!(statuses(&case).await, ["queued"]);
    assert!(case.deliveries().await[0]["error"].as_str().unwrap().contains("429"));
    provider.becomes(Mood::Takes);
    world.pass(TimeDelta::minutes(2)).await;
    assert_eq!((statuses(&case).await, provider.messages().len()), (vec!["sent".into()], 1));
    world.finish().await;
}

#[actix_web::test]
async fn a_number_that_takes_no_texts_is_used_no_more_until_somebody_checks_it() {
    let (world, provider, case) = texted(Mood::Refuses(21_614)).await;
    assert_eq!((statuses(&case).await, reasons(&case).await), (vec!["failed".into()], vec!["not_delivered".into()]));
    let path = format!("/api/v1/debtors/{}/unreachable-addresses", case.debtor);
    let marked = case.creditor.get(&path).await.expect(200)["data"][0].clone();
    assert_eq!((&marked["channel"], &marked["address"]), (&json!("sms"), &json!(NUMBER)));
    provider.becomes(Mood::Takes);
    days(&world, 9).await;
    // The answer `bounced` leads to the mail; the second text is left out.
    assert_eq!(case.done().await, ["text_reminder: failed", "text_final_notice: left_out", "reminder: done"]);
    assert_eq!(provider.messages().len(), 0);

    let other = posted(&case.creditor, 2, 11).await;
    world.pass(TimeDelta::days(4)).await;
    assert_eq!(other.actions().await[0]["rule"], "debtor.address_unreachable");
    let clear = format!("/api/v1/unreachable-addresses/{}", marked["id"].as_str().unwrap());
    world.creditor(2).await.delete(&clear, None).await.problem(404, "not-found");
    case.creditor.delete(&clear, None).await.expect(204);
    assert_eq!(case.creditor.get(&path).await.expect(200)["data"], json!([]));
    world.finish().await;
}

#[actix_web::test]
async fn a_text_reported_as_undelivered_has_bounced() {
    let (world, provider, case) = texted(Mood::Takes).await;
    let sent = case.deliveries().await[0].clone();
    let sid = provider.messages()[0]["sid"].as_str().unwrap().to_owned();
    // A telephone that is switched off is no wrong number.
    report(&world, &sent, &[("MessageSid", &sid), ("MessageStatus", "undelivered"), ("ErrorCode", "30003")]).await;
    let came_back = case.deliveries().await[0].clone();
    assert_eq!((&came_back["status"], &came_back["error"]), (&json!("bounced"), &json!("undelivered: 30003")));
    assert_eq!(case.events("message_bounced").await.len(), 1);
    let path = format!("/api/v1/debtors/{}/unreachable-addresses", case.debtor);
    assert_eq!(case.creditor.get(&path).await.expect(200)["data"], json!([]));
    world.finish().await;
}

#[actix_web::test]
async fn a_text_that_comes_in_is_filed_on_its_case_and_a_farewell_is_obeyed() {
    let (world, _, case) = texted(Mood::Takes).await;
    let incoming = |sid: &'static str, from: &'static str, body: &'static str| {
        let world = &world;
        async move {
            let fields = [("MessageSid", sid), ("From", from), ("To", "+34600111222"), ("Body", body)];
            signed(&world.stranger(), world, "/api/v1/inbound/sms", &fields).await
        }
    };
    assert_eq!(incoming("SM90", "+34699999999", "who are you?").await.text, "<Response/>", "somebody else's: let go");
    assert_eq!(incoming("SM91", NUMBER, "Pago el viernes").await.status, 200);
    incoming("SM91", NUMBER, "Pago el viernes").await;
    let replies = case.creditor.get(&format!("{}/replies", case.path)).await.expect(200)["data"].as_array().unwrap().clone();
    assert_eq!((replies.len(), &replies[0]["body"], &replies[0]["sender"]), (1, &json!("Pago el viernes"), &json!(NUMBER)));
    assert_eq!((statuses(&case).await, reasons(&case).await), (vec!["answered".into()], vec!["answered".into()]));
    incoming("SM92", NUMBER, "Baja.").await;
    let refused = case.creditor.get(&format!("{}/opt-outs", case.path)).await.expect(200)["data"].clone();
    assert_eq!(refused, json!([{ "channel": "sms", "address": "+34 600 000 000" }]));
    assert_eq!(case.events("opted_out").await, [json!({ "channel": "sms", "way": "text_message" })]);
    world.stranger().deliver("/api/v1/inbound/sms", &[], b"MessageSid=SM1&From=%2B34600000000").await.problem(403, "forbidden");
    nothing_is_forgotten(&world).await;
    world.finish().await;
}

#[actix_web::test]
async fn without_a_provider_texts_are_left_in_the_outbox() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    assign_texts(&creditor).await;
    let case = posted(&creditor, 1, 11).await;
    world.work().await;
    assert_eq!(statuses(&case).await, ["sent"]);
    let [text] = outbox(&world.app).try_into().unwrap();
    assert!(text.starts_with("To: +34600000000\n\n") && text.contains("F-1"), "{text}");
    world.finish().await;
}
