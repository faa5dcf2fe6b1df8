//! Mail that comes back: signed, read, filed once, seen by a person.

use std::time::{SystemTime, UNIX_EPOCH};

use entente::config::Settings;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use super::{Posted, days, evaluate_only, nothing_is_forgotten, outbox, posted};
use crate::support::{Answer, Client, World};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PATH: &str = "/api/v1/inbound/mail";

/// A world whose mail server files answers.
pub async fn world() -> World {
    World::with(takes_mail_in).await
}

pub fn takes_mail_in(settings: &mut Settings) {
    settings.mail.reply_domain = Some("reply.entente.example".to_owned());
    settings.mail.inbound_secret = Some(SECRET.into());
}

/// Brings a mail in, signed as the platform's mail server would.
pub async fn deliver(client: &Client, mail: &[u8]) -> Answer {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap();
    let signature = Webhook::new(SECRET).unwrap().sign("msg_1", now, mail).unwrap();
    let headers = [("webhook-id", "msg_1".to_owned()), ("webhook-timestamp", now.to_string()), ("webhook-signature", signature)];
    client.deliver(PATH, &headers, mail).await
}

async fn filed(world: &World, mail: &str) -> String {
    deliver(&world.stranger(), mail.as_bytes()).await.expect(200)["filed_as"].as_str().unwrap().to_owned()
}

fn bounce(message_id: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
         Final-Recipient: rfc822; pagos@bodegas11.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user\r\n\r\n\
         --b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {message_id}\r\nSubject: Factura\r\n\r\nHola\r\n--b--\r\n"
    )
}

fn answer(to: &str, more: &str) -> String {
    format!(
        "From: Ana <ana@bodegas11.example>\r\nTo: {to}\r\nSubject: Re: Factura\r\nMessage-ID: <m1@bodegas11.example>\r\n{more}\r\n\
         Pagamos el viernes.\r\n"
    )
}

/// A case whose first mail has left; its Message-ID.
async fn written_to(world: &World) -> (Posted, Value) {
    let case = posted(&world.creditor(1).await, 1, 11).await;
    world.work().await;
    let sent = case.deliveries().await[0].clone();
    (case, sent)
}

async fn open_tasks(case: &Posted) -> Vec<Value> {
    case.creditor.get("/api/v1/tasks?status=open").await.expect(200)["data"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn an_answer_is_filed_once_stops_what_is_pending_and_is_seen_by_a_person() {
    let world = world().await;
    let (case, sent) = written_to(&world).await;
    let address = sent["reply_to"].as_str().unwrap().to_owned();
    assert_eq!(address, format!("{}@reply.entente.example", case.case().await["reference"].as_str().unwrap().to_lowercase()));
    assert!(outbox(&world.app)[0].contains(&address));
    days(&world, 6).await;
    super::move_on(&world, chrono::TimeDelta::days(1)).await;
    evaluate_only(&world).await;
    assert_eq!(case.deliveries().await[1]["status"], "queued");

    let mail = answer(&address, &format!("In-Reply-To: {}\r\n", sent["message_id"].as_str().unwrap()));
    assert_eq!(filed(&world, &mail).await, "reply");
    assert_eq!(filed(&world, &mail).await, "ignored", "filed once");
    world.work().await;
    let statuses: Vec<Value> = case.deliveries().await.iter().map(|delivery| delivery["status"].clone()).collect();
    assert_eq!(statuses, ["answered", "stopped"], "no reminder crosses an answer");
    let replies = case.creditor.get(&format!("{}/replies", case.path)).await.expect(200);
    assert_eq!((&replies["data"][0]["body"], &replies["data"][0]["delivery_id"]), (&json!("Pagamos el viernes."), &sent["id"]));
    world.creditor(2).await.get(&format!("{}/replies", case.path)).await.problem(404, "not-found");
    let [task] = open_tasks(&case).await.try_into().unwrap();
    assert_eq!(
        (task["reason"].as_str(), task["title"].as_str()),
        (Some("answered"), Some("The customer has answered: decide how the case goes on, ana@bodegas11.example"))
    );
    days(&world, 10).await;
    assert_eq!(outbox(&world.app).len(), 1, "until it is read nobody writes");
    nothing_is_forgotten(&world).await;
    let read = format!("/api/v1/tasks/{}/completion", task["id"].as_str().unwrap());
    case.creditor.post(&read, &json!({ "result": "reviewed" })).await.expect(200);
    days(&world, 1).await;
    assert_eq!(outbox(&world.app).len(), 2);
    world.finish().await;
}

#[actix_web::test]
async fn an_answer_is_found_by_the_address_alone_and_what_a_machine_wrote_is_let_go() {
    let world = world().await;
    let (case, sent) = written_to(&world).await;
    let address = sent["reply_to"].as_str().unwrap().to_owned();
    for header in ["Auto-Submitted: auto-replied\r\n", "Precedence: bulk\r\n", "X-Autoreply: yes\r\n"] {
        assert_eq!(filed(&world, &answer(&address, header)).await, "ignored", "{header}");
    }
    assert_eq!(open_tasks(&case).await, Vec::<Value>::new());
    assert_eq!(filed(&world, &answer("nobody@reply.entente.example", "")).await, "unknown");
    assert_eq!(filed(&world, &answer(&address, "")).await, "reply");
    for number in 0..30 {
        let mail = answer(&address, "").replace("<m1@", &format!("<loop{number}@"));
        filed(&world, &mail).await;
    }
    let replies = case.creditor.get(&format!("{}/replies", case.path)).await.expect(200);
    assert_eq!(replies["data"].as_array().unwrap().len(), 20, "a loop ends");
    world.finish().await;
}

#[actix_web::test]
async fn a_bounce_marks_the_address_asks_a_person_and_leads_where_the_strategy_says() {
    let world = world().await;
    let creditor = world.creditor(1).await;
    let step = |key: &str, days: i64, channel: &str, template: &str, branches: Value| json!({ "key": key, "anchor": "phase_start", "days": days, "channel": channel, "template": template, "tone": "gentle", "branches": branches });
    let steps = [
        step("mail", 0, "mail", "reminder", json!([{ "on": "bounced", "go_to": "letter" }])),
        step("second", 7, "mail", "second_reminder", json!([])),
        step("letter", 3, "letter", "letter", json!([])),
    ];
    let draft = creditor.post("/api/v1/strategies", &json!({ "name": "bouncing", "steps": steps })).await.expect(201);
    creditor.post(&format!("/api/v1/strategies/{}/publication", draft["id"].as_str().unwrap()), &json!({})).await.expect(200);
    let all = json!({ "strategy": "bouncing", "applies_to": { "kind": "all" } });
    creditor.post("/api/v1/strategy-assignments", &all).await.expect(201);
    let case = posted(&creditor, 1, 11).await;
    world.work().await;
    let message_id = case.deliveries().await[0]["message_id"].as_str().unwrap().to_owned();
    assert_eq!(filed(&world, &bounce("<another@entente.example>")).await, "unknown");
    assert_eq!(filed(&world, &bounce(&message_id)).await, "bounce");
    assert_eq!(filed(&world, &bounce(&message_id)).await, "ignored");
    let came_back = &case.deliveries().await[0];
    assert_eq!((came_back["status"].as_str(), came_back["error"].as_str()), (Some("bounced"), Some("5.1.1 550 no such user")));
    assert_eq!(open_tasks(&case).await[0]["reason"], "not_delivered");
    days(&world, 4).await;
    assert_eq!(case.done().await, ["reminder: failed", "second_reminder: left_out", "letter: done"]);
    world.finish().await;
}

#[actix_web::test]
async fn without_a_signature_nothing_is_taken_in() {
    let world = world().await;
    let (case, sent) = written_to(&world).await;
    let mail = answer(sent["reply_to"].as_str().unwrap(), "");
    world.stranger().deliver(PATH, &[], mail.as_bytes()).await.problem(403, "forbidden");
    let forged =
        [("webhook-id", "m".to_owned()), ("webhook-timestamp", "1".to_owned()), ("webhook-signature", "v1,AAAA".to_owned())];
    world.stranger().deliver(PATH, &forged, mail.as_bytes()).await.problem(403, "forbidden");
    deliver(&world.stranger(), b"").await.problem(400, "malformed-request");
    assert_eq!(case.events("message_received").await, Vec::<Value>::new());
    world.finish().await;
}
