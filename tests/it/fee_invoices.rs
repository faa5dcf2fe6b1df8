//! Invoices for fees over HTTP: one for each fee, numbered without a gap, and a credit note where nothing was recovered after all.

use serde_json::{Value, json};

use crate::support::{Client, Engaged, World};

async fn settled(engaged: &Engaged, minor: i64, reference: &str) -> Value {
    let declared = engaged.declare(&engaged.agency, minor, "2026-11-06", reference).await;
    let path = format!("/api/v1/payments/{}/confirmation", declared["id"].as_str().unwrap());
    engaged.creditor.post(&path, &json!({})).await.expect(200);
    declared
}

async fn invoices(client: &Client) -> Vec<Value> {
    client.get("/api/v1/fee-invoices?limit=200").await.expect(200)["data"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn a_settled_payment_has_an_invoice_for_the_fee_and_one_for_the_commission() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let payment = settled(&engaged, 100_000, "TR-1").await;
    world.work().await;
    let seen = invoices(&engaged.creditor).await;
    assert_eq!(seen.len(), 1, "what the agency pays the platform is not the creditor's: {seen:?}");
    let fee = &seen[0];
    assert_eq!((fee["number"].as_str(), fee["kind"].as_str()), (Some("ENT-2026-000001"), Some("invoice")));
    assert_eq!(
        (&fee["net"]["minor"], &fee["vat"]["minor"], &fee["gross"]["minor"]),
        (&json!(12_000), &json!(2_520), &json!(14_520))
    );
    assert_eq!((fee["vat_treatment"].as_str(), &fee["payment_id"]), (Some("domestic"), &payment["id"]));
    assert!(fee["issuer"]["vat_number"].as_str().unwrap().starts_with("ES"), "{fee}");
    let both = invoices(&engaged.agency).await;
    assert_eq!(both.len(), 2);
    let commission = both.iter().find(|one| one["service"] == "commission").unwrap();
    assert_eq!(commission["gross"]["minor"], 2_904);
    assert_eq!(invoices(&engaged.operator).await.len(), 1);

    let path = format!("/api/v1/fee-invoices/{}", fee["id"].as_str().unwrap());
    let pdf = engaged.creditor.get(&format!("{path}/invoice.pdf")).await;
    assert_eq!((pdf.status.as_u16(), pdf.header("content-type")), (200, "application/pdf"));
    let xml = engaged.agency.get(&format!("{path}/invoice.xml")).await;
    assert!(xml.text.contains("<cbc:PayableAmount currencyID=\"EUR\">145.20</cbc:PayableAmount>"), "{}", xml.text);
    world.work().await;
    assert_eq!(invoices(&engaged.agency).await.len(), 2, "done twice nothing more is issued");

    let stranger = world.agency(3, &engaged.operator).await;
    for of in [path.clone(), format!("{path}/invoice.pdf"), format!("{path}/invoice.xml")] {
        stranger.get(&of).await.problem(404, "not-found");
        world.stranger().get(&of).await.problem(401, "unauthenticated");
    }
    assert_eq!(invoices(&stranger).await, Vec::<Value>::new());
    world.finish().await;
}

#[actix_web::test]
async fn a_payment_taken_back_gives_each_invoice_its_credit_note() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let payment = settled(&engaged, 50_000, "TR-1").await;
    world.work().await;
    let body = json!({ "reversed_on": "2026-11-06", "reason": "direct debit returned: MD06" });
    let path = format!("/api/v1/payments/{}/reversal", payment["id"].as_str().unwrap());
    engaged.agency.post(&path, &body).await.expect(200);
    world.work().await;
    let seen = invoices(&engaged.creditor).await;
    let of_kind = |kind: &str| seen.iter().find(|one| one["kind"] == kind).cloned().unwrap();
    let (invoice, note) = (of_kind("invoice"), of_kind("credit_note"));
    assert_eq!((note["number"].as_str(), &note["corrects_id"]), (Some("ENT-R-2026-000001"), &invoice["id"]));
    assert_eq!(note["gross"], invoice["gross"]);
    assert_eq!(invoices(&engaged.agency).await.len(), 4);
    let xml = engaged.creditor.get(&format!("/api/v1/fee-invoices/{}/invoice.xml", note["id"].as_str().unwrap())).await;
    assert!(xml.text.contains("<cbc:CreditNoteTypeCode>381") && xml.text.contains("ENT-2026-000001"), "{}", xml.text);

    // Taken back before anybody was charged: nothing to credit.
    let again = settled(&engaged, 40_000, "TR-2").await;
    engaged.agency.post(&format!("/api/v1/payments/{}/reversal", again["id"].as_str().unwrap()), &body).await.expect(200);
    world.work().await;
    assert_eq!(invoices(&engaged.agency).await.len(), 4);
    world.finish().await;
}

#[actix_web::test]
async fn settlements_side_by_side_leave_no_gap_and_no_double_in_the_numbers() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    for turn in 0..6 {
        settled(&engaged, 1_000 + turn, &format!("TR-{turn}")).await;
    }
    // Several workers at once, as in production.
    futures_util::future::join_all((0..4).map(|_| world.work())).await;
    for issuer in [&engaged.agency, &engaged.operator] {
        let own = issuer.get("/api/v1/me").await.expect(200)["organisation"]["id"].clone();
        let mut numbers: Vec<String> = invoices(issuer)
            .await
            .iter()
            .filter(|one| one["issuer_id"] == own)
            .map(|one| one["number"].as_str().unwrap().to_owned())
            .collect();
        numbers.sort_unstable();
        let expected: Vec<String> = (1..=6).map(|number| format!("ENT-2026-{number:06}")).collect();
        assert_eq!(numbers, expected);
    }
    world.finish().await;
}
