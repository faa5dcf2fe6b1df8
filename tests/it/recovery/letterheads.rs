//! What organisations print on their letters.

use serde_json::{Value, json};

use super::{engage, posted};
use crate::support::{Answer, Client, PICTURE, World};

const LINE: &str = "Registro Mercantil de Sevilla, tomo 4711";

/// A letter to the debtor of a case, as it would be drawn today.
async fn letter(client: &Client, case: impl serde::Serialize) -> lopdf::Document {
    let trial = json!({ "case_id": case, "text": "Echamos de menos el pago de {invoices}." });
    let Answer { bytes, .. } = client.post("/api/v1/wordings/letter/es/neutral/preview", &trial).await;
    lopdf::Document::load_mem(&bytes).expect("a PDF")
}

fn pictures(pdf: &lopdf::Document) -> usize {
    let is_picture = |object: &&lopdf::Object| {
        let kind = object.as_stream().and_then(|stream| stream.dict.get(b"Subtype")).and_then(lopdf::Object::as_name);
        kind.is_ok_and(|kind| kind == b"Image")
    };
    pdf.objects.values().filter(is_picture).count()
}

fn says(pdf: &lopdf::Document, text: &str) -> bool {
    let pages: Vec<u32> = pdf.get_pages().into_keys().collect();
    let squeezed = |text: &str| text.chars().filter(|sign| !sign.is_whitespace()).collect::<String>();
    squeezed(&pdf.extract_text(&pages).expect("text")).contains(&squeezed(text))
}

#[actix_web::test]
async fn a_letterhead_is_its_organisations_alone() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (creditor, agency) = (world.creditor(1).await, world.agency(2, &operator).await);
    let case = posted(&creditor, 1, 11).await;
    let plain = pictures(&letter(&creditor, case.id).await);
    assert_eq!(creditor.get("/api/v1/letterhead").await.expect(200), json!({ "line": Value::Null, "has_logo": false }));

    creditor.put("/api/v1/letterhead", None, &json!({ "line": LINE })).await.expect(200);
    let set = creditor.replace("/api/v1/letterhead/logo", PICTURE.to_vec()).await.expect(200);
    assert_eq!(set, json!({ "line": LINE, "has_logo": true }));
    let drawn = letter(&creditor, case.id).await;
    assert!(says(&drawn, LINE) && pictures(&drawn) == plain + 1);

    engage(&world, case.id, &agency).await;
    let theirs = letter(&agency, case.id).await;
    assert!(!says(&theirs, LINE) && pictures(&theirs) == plain, "the agency writes on its own paper");
    let set = creditor.delete("/api/v1/letterhead/logo", None).await.expect(200);
    assert_eq!(set, json!({ "line": LINE, "has_logo": false }));
    world.finish().await;
}

#[actix_web::test]
async fn what_is_no_letterhead_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    for line in ["a".repeat(201), "one\ntwo".to_owned()] {
        let refused = creditor.put("/api/v1/letterhead", None, &json!({ "line": line })).await.problem(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/line");
    }
    let mut vast = PICTURE.to_vec();
    vast[16..24].copy_from_slice(&[0, 0, 0x40, 0, 0, 0, 0x40, 0]);
    for content in [b"%PDF-1.7".to_vec(), PICTURE[..45].to_vec(), vast, Vec::new()] {
        let refused = creditor.replace("/api/v1/letterhead/logo", content).await.problem(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/file");
    }
    creditor.replace("/api/v1/letterhead/logo", vec![0; 200 * 1024]).await.problem(413, "payload-too-large");
    assert_eq!(creditor.get("/api/v1/letterhead").await.expect(200), json!({ "line": Value::Null, "has_logo": false }));
    world.finish().await;
}
