//! Own words to debtors: kept, looked at, sent, and what is refused of them.

use serde_json::{Value, json};

use super::{engage, outbox, posted};
use crate::support::{Client, World};

const OWN: &str = "Estimada casa {debtor}:\n\nechamos de menos el pago de {invoices}, {total}.";

fn path(template: &str, tone: &str) -> String {
    format!("/api/v1/wordings/{template}/es/{tone}")
}

/// The same words in every tone: which one a step takes is its strategy's.
async fn write(client: &Client, template: &str, text: &str) {
    for tone in ["gentle", "neutral", "firm"] {
        client.put(&path(template, tone), None, &json!({ "text": text })).await.expect(200);
    }
}

#[actix_web::test]
async fn own_words_leave_inside_the_frame_until_they_are_withdrawn() {
    let world = World::new().await;
    let (own, other) = (world.creditor(1).await, world.creditor(2).await);
    let shipped = own.get(&path("reminder", "gentle")).await.expect(200);
    assert_eq!(shipped["written_at"], Value::Null);
    write(&own, "reminder", "Otra cosa sobre {invoices}.").await;
    write(&own, "reminder", OWN).await;
    let listed = own.get("/api/v1/wordings").await.expect(200)["data"].as_array().unwrap().clone();
    let mine: Vec<&Value> = listed.iter().filter(|wording| !wording["written_at"].is_null()).collect();
    assert_eq!((listed.len(), mine.len(), &mine[0]["text"]), (6 * 3 * 3, 3, &json!(OWN)));
    assert_eq!(mine[0]["subject"], shipped["subject"], "the subject that ships stays");

    let (mine, theirs) = (posted(&own, 1, 11).await, posted(&other, 1, 12).await);
    world.work().await;
    let body = mine.deliveries().await[0]["body"].as_str().unwrap().to_owned();
    assert!(body.contains("\n\nEstimada casa Bodegas 11 SA:\n\nechamos de menos el pago de la factura F-1, "), "{body}");
    for frame in ["CREDITOR 1 SL", "Lo que se debe", "IBAN", "/channels"] {
        assert!(body.contains(frame), "{frame} is missing in {body}");
    }
    let body = theirs.deliveries().await[0]["body"].as_str().unwrap().to_owned();
    assert!(!body.contains("Estimada casa"), "one organisation's words are no other's: {body}");
    assert_eq!(outbox(&world.app).len(), 2);

    for tone in ["gentle", "neutral", "firm", "firm"] {
        own.delete(&path("reminder", tone), None).await.expect(204);
    }
    assert_eq!(own.get(&path("reminder", "gentle")).await.expect(200), shipped);
    let later = posted(&own, 2, 13).await;
    world.work().await;
    assert!(!later.deliveries().await[0]["body"].as_str().unwrap().contains("Estimada casa"));
    world.finish().await;
}

#[actix_web::test]
async fn words_that_no_debtor_is_told_are_refused_at_their_field() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    for (template, tone, body, pointer) in [
        ("reminder", "firm", json!({ "text": "Pague o iremos al juzgado." }), "/text"),
        ("reminder", "gentle", json!({ "text": "Pague {invoices} inmediatamente." }), "/text"),
        ("reminder", "gentle", json!({ "text": "Pague {importe}." }), "/text"),
        ("reminder", "gentle", json!({ "subject": "Vea www.cobros.example", "text": "Pague {invoices}." }), "/subject"),
        ("final_notice", "gentle", json!({ "text": "Pague {invoices}." }), "/text"),
        ("text_reminder", "gentle", json!({ "subject": "Hola", "text": "{invoices}: {total}" }), "/subject"),
        ("letter", "gentle", json!({ "text": "  " }), "/text"),
    ] {
        let refused = creditor.put(&path(template, tone), None, &body).await.problem(422, "invalid");
        let faults = refused["errors"].as_array().unwrap();
        assert_eq!((faults.len(), &faults[0]["pointer"]), (1, &json!(pointer)), "{body}: {refused}");
        assert_eq!(creditor.get(&path(template, tone)).await.expect(200)["written_at"], Value::Null);
    }
    let written = json!({ "text": "Hola" });
    creditor.put(&path("call_script", "gentle"), None, &written).await.problem(404, "not-found");
    creditor.put("/api/v1/wordings/reminder/de/gentle", None, &written).await.problem(404, "not-found");
    world.finish().await;
}

#[actix_web::test]
async fn words_are_looked_at_in_a_real_case_and_nothing_is_kept_or_sent() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (creditor, agency) = (world.creditor(1).await, world.agency(2, &operator).await);
    let case = posted(&creditor, 1, 11).await;
    let preview = |template: &str| format!("{}/preview", path(template, "neutral"));
    let trial = json!({ "case_id": case.id, "subject": "Sobre {invoices}", "text": OWN });
    let read = creditor.post(&preview("reminder"), &trial).await.expect(200);
    assert_eq!(read["subject"], "Sobre la factura F-1");
    assert!(read["text"].as_str().unwrap().contains("Estimada casa Bodegas 11 SA:"), "{read}");
    let drawn = creditor.post(&preview("letter"), &trial).await;
    assert_eq!((drawn.status.as_u16(), drawn.header("content-type")), (200, "application/pdf"));
    let message = json!({ "case_id": case.id, "text": "{invoices}: {total}" });
    assert!(creditor.post(&preview("text_reminder"), &message).await.expect(200)["text"].as_str().unwrap().contains("F-1: 1"));
    assert_eq!(case.deliveries().await.len(), 0);

    let threat = json!({ "case_id": case.id, "text": "Nos vemos en el juzgado." });
    creditor.post(&preview("reminder"), &threat).await.problem(422, "invalid");
    agency.post(&preview("reminder"), &trial).await.problem(404, "not-found");
    engage(&world, case.id, &agency).await;
    let refused = creditor.post(&preview("reminder"), &trial).await.problem(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/case_id", "an agency writes now");
    agency.post(&preview("reminder"), &trial).await.expect(200);
    world.finish().await;
}

#[actix_web::test]
async fn a_creditor_reads_an_agencys_own_words_before_its_yes() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (creditor, agency) = (world.creditor(1).await, world.agency(2, &operator).await);
    let case = posted(&creditor, 1, 11).await;
    case.set_profile(|profile| profile["approves_texts"] = json!(true)).await;
    engage(&world, case.id, &agency).await;
    write(&agency, "reminder", OWN).await;
    world.work().await;
    let awaited = creditor.get("/api/v1/approvals").await.expect(200)["data"][0].clone();
    let words = awaited["words"]["text"].as_str().unwrap().to_owned();
    assert!(words.contains("Estimada casa Bodegas 11 SA"), "{awaited}");
    let completion = format!("/api/v1/tasks/{}/completion", awaited["task_id"].as_str().unwrap());
    creditor.post(&completion, &json!({ "result": "approved" })).await.expect(200);
    world.work().await;
    assert_eq!(case.deliveries().await[0]["body"], json!(words), "and that is what was said");
    world.finish().await;
}
