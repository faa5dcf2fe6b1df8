//! Bank statements over HTTP: taken once, matched, posted, laid before a person, taken back.

use serde_json::{Value, json};

use crate::support::{Client, World};

const OWN: &str = "ES9121000418450200051332";
const PAYER: &str = "ES7921000813610123456789";

/// A statement of one account: `(day, amount, payer, text)` a line.
fn csv(lines: &[(&str, &str, &str, &str)]) -> Vec<u8> {
    let mut file = "Date;Amount;Name;IBAN;Description\n".to_owned();
    for (day, amount, payer, text) in lines {
        file.push_str(&format!("{day};{amount};{payer};{PAYER};{text}\n"));
    }
    file.into_bytes()
}

async fn import(client: &Client, file: Vec<u8>) -> Value {
    client.upload(&format!("/api/v1/bank-statements?account={OWN}"), file).await.expect(201)
}

async fn entries(client: &Client, status: &str) -> Vec<Value> {
    client.get(&format!("/api/v1/bank-entries?status={status}")).await.expect(200)["data"].as_array().unwrap().clone()
}

/// Debits minus credits of one account of a client, today.
async fn balance(client: &Client, kind: &str) -> i64 {
    let statement = client.get("/api/v1/statement").await.expect(200);
    let account = statement["accounts"].as_array().unwrap().iter().find(|account| account["kind"] == kind).cloned();
    account.map_or(0, |account| account["closing"]["minor"].as_i64().unwrap())
}

fn path_of(case: &Value) -> String {
    format!("/api/v1/cases/{}", case["id"].as_str().unwrap())
}

#[actix_web::test]
async fn a_transfer_with_the_cases_reference_is_posted_by_itself_and_once() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let case = world.overdue_case(&creditor, "F-2026-0817").await;
    let reference = case["reference"].as_str().unwrap();
    let file = csv(&[("2026-11-02", "300,00", "Bodegas Ruiz SA", reference), ("2026-11-02", "-12,00", "Gestoría", "cuota")]);
    let taken = import(&creditor, file.clone()).await;
    assert_eq!((taken["format"].as_str(), &taken["entries"], &taken["fresh"]), (Some("csv"), &json!(2), &json!(2)));
    assert_eq!(balance(&creditor, "suspense").await, -30_000, "what came in stands in suspense until somebody has looked");
    world.work().await;

    let matched = entries(&creditor, "matched").await;
    assert_eq!(matched.len(), 1);
    assert_eq!(matched[0]["proposals"][0]["reasons"], json!(["reference"]));
    assert_eq!(entries(&creditor, "outgoing").await.len(), 1);
    let payments = creditor.get(&format!("/api/v1/payments?case_id={}", case["id"].as_str().unwrap())).await.expect(200);
    let payment = &payments["data"][0];
    assert_eq!((payment["status"].as_str(), payment["route"].as_str()), (Some("confirmed"), Some("direct")));
    assert_eq!((&payment["bank_entry_id"], &payment["amount"]["minor"]), (&matched[0]["id"], &json!(30_000)));
    assert_eq!((balance(&creditor, "suspense").await, balance(&creditor, "cash").await), (0, 0), "no agency: drawn at once");

    // The same file again, and another one that tells of the same day and one movement more.
    assert_eq!(import(&creditor, file).await, taken);
    let longer = csv(&[
        ("2026-11-02", "300,00", "Bodegas Ruiz SA", reference),
        ("2026-11-02", "-12,00", "Gestoría", "cuota"),
        ("2026-11-02", "5,00", "Nobody", "?"),
    ]);
    assert_eq!(import(&creditor, longer).await["fresh"], 1);
    world.work().await;
    assert_eq!(creditor.get(&path_of(&case)).await.expect(200)["recovered"]["minor"], 30_000);
    assert_eq!(balance(&creditor, "suspense").await, -500);
    world.finish().await;
}

#[actix_web::test]
async fn one_transfer_over_several_invoices_pays_each_of_their_cases() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let (one, two) = (world.overdue_case(&creditor, "F-2026-0817").await, world.overdue_case(&creditor, "F-2026-0818").await);
    import(&creditor, csv(&[("2026-11-02", "2.000,00", "BODEGAS RUIZ", "Facturas F-2026/0817 y F-2026/0818")])).await;
    world.work().await;
    let matched = entries(&creditor, "matched").await;
    assert_eq!(matched.len(), 1, "{:?}", entries(&creditor, "likely").await);
    for case in [&one, &two] {
        assert_eq!(creditor.get(&path_of(case)).await.expect(200)["recovered"]["minor"], 100_000);
    }
    // The account is known by now: a part payment that names its invoice is certain.
    import(&creditor, csv(&[("2026-11-02", "20,00", "", "a cuenta F-2026-0818")])).await;
    world.work().await;
    assert_eq!(entries(&creditor, "matched").await.len(), 2);
    assert_eq!(creditor.get(&path_of(&two)).await.expect(200)["recovered"]["minor"], 102_000);
    world.finish().await;
}

#[actix_web::test]
async fn what_is_likely_waits_for_a_person_with_its_reasons() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let case = world.overdue_case(&creditor, "F-2026-0817").await;
    import(
        &creditor,
        csv(&[("2026-11-02", "1.000,00", "Bodegas Ruiz", "gracias"), ("2026-11-02", "777,00", "Somebody", "rent")]),
    )
    .await;
    world.work().await;
    assert_eq!(balance(&creditor, "suspense").await, -177_700);
    let likely = entries(&creditor, "likely").await[0].clone();
    assert_eq!(
        (&likely["proposals"][0]["score"], &likely["proposals"][0]["reasons"]),
        (&json!(55), &json!(["payer_name", "amount"]))
    );
    let path = format!("/api/v1/bank-entries/{}", likely["id"].as_str().unwrap());
    let part = |minor: i64| json!({ "case_id": case["id"], "amount": { "minor": minor, "currency": "EUR" } });
    creditor.post(&format!("{path}/match"), &json!({ "parts": [part(99_999)] })).await.problem(422, "invalid");
    creditor.post(&format!("{path}/match"), &json!({ "parts": [part(50_000), part(50_000)] })).await.problem(422, "invalid");
    let matched = creditor.post(&format!("{path}/match"), &json!({ "parts": [part(100_000)] })).await.expect(200);
    assert_eq!(matched["status"], "matched");
    creditor.post(&format!("{path}/dismissal"), &json!({ "reason": "late" })).await.problem(409, "wrong-state");
    assert_eq!(creditor.get(&path_of(&case)).await.expect(200)["recovered"]["minor"], 100_000);

    let rest = entries(&creditor, "suspense").await[0].clone();
    let dismissal = format!("/api/v1/bank-entries/{}/dismissal", rest["id"].as_str().unwrap());
    creditor.post(&dismissal, &json!({ "reason": " " })).await.problem(422, "invalid");
    assert_eq!(creditor.post(&dismissal, &json!({ "reason": "rent" })).await.expect(200)["status"], "dismissed");
    assert_eq!((balance(&creditor, "suspense").await, balance(&creditor, "cash").await), (0, 0));
    world.finish().await;
}

#[actix_web::test]
async fn more_than_is_owed_waits_for_a_person_and_moves_nothing() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let case = world.overdue_case(&creditor, "F-2026-0817").await;
    import(&creditor, csv(&[("2026-11-02", "9.000,00", "Bodegas Ruiz SA", case["reference"].as_str().unwrap())])).await;
    world.work().await;
    let likely = entries(&creditor, "likely").await[0].clone();
    assert!(likely["note"].as_str().unwrap().contains("is owed on 2026-11-02"), "{likely}");
    assert_eq!((balance(&creditor, "suspense").await, balance(&creditor, "payable").await), (-900_000, 0));
    world.finish().await;
}

#[actix_web::test]
async fn what_was_declared_by_hand_and_what_the_bank_tells_is_one_payment() {
    let world = World::new().await;
    let engaged = world.engaged(1200).await;
    let (creditor, agency) = (&engaged.creditor, &engaged.agency);
    let declared = engaged.declare(creditor, 40_000, "2026-11-05", "TR-778899").await;
    assert_eq!(declared["status"], "declared");
    import(creditor, csv(&[("2026-11-06", "400,00", "Bodegas Ruiz SA", "transferencia TR-778899")])).await;
    world.work().await;
    let payments = creditor.get("/api/v1/payments").await.expect(200);
    assert_eq!(payments["data"].as_array().unwrap().len(), 1, "{payments}");
    assert_eq!((&payments["data"][0]["id"], payments["data"][0]["status"].as_str()), (&declared["id"], Some("confirmed")));
    assert_eq!(balance(creditor, "cash").await, 40_000);
    assert_eq!(balance(creditor, "suspense").await, 0);

    // On the agency's client account it is a report: the creditor answers it.
    import(agency, csv(&[("2026-11-06", "100,00", "Bodegas Ruiz SA", &engaged.reference)])).await;
    world.work().await;
    let reported = creditor.get("/api/v1/payments?status=declared").await.expect(200)["data"][0].clone();
    assert_eq!((reported["route"].as_str(), reported["declared_by"].as_str()), (Some("agency_account"), Some("agency")));
    assert_eq!((balance(agency, "suspense").await, balance(agency, "cash").await), (0, 0), "it is booked when it is confirmed");
    world.finish().await;
}

#[actix_web::test]
async fn what_the_bank_takes_back_before_anybody_looked_leaves_suspense() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    world.overdue_case(&creditor, "F-2026-0817").await;
    let mt940 = include_bytes!("../samples/bank/mt940.sta").to_vec();
    let taken = creditor.upload("/api/v1/bank-statements", mt940).await.expect(201);
    assert_eq!((taken["format"].as_str(), &taken["accounts"]), (Some("mt940"), &json!([OWN])));
    world.work().await;
    let reversed = entries(&creditor, "reversed").await;
    assert_eq!(reversed.len(), 2);
    let back = reversed.iter().find(|entry| entry["is_reversal"] == true).unwrap();
    assert!(reversed.iter().any(|entry| entry["id"] == back["reverses_id"] && entry["amount"]["minor"] == 35_000));
    assert_eq!(balance(&creditor, "suspense").await, -109_585);
    world.finish().await;
}

#[actix_web::test]
async fn a_wrong_file_is_refused_whole_and_leaves_nothing() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let path = "/api/v1/bank-statements";
    let broken = "Date;Amount\n2026-11-02;10,00\n2026-11-03;12..34\n";
    let refused = creditor.upload(path, broken.into()).await.problem(422, "invalid");
    assert!(refused["detail"].as_str().unwrap().starts_with("line 3: `12..34`"), "{refused}");
    creditor.upload(path, b"hello".to_vec()).await.problem(415, "unsupported-media-type");
    creditor.upload(path, Vec::new()).await.problem(422, "invalid");
    assert_eq!(creditor.get("/api/v1/bank-entries").await.expect(200)["data"], json!([]));
    let tried = creditor.upload(&format!("{path}?dry_run=true"), csv(&[("2026-11-02", "10,00", "X", "y")])).await;
    assert_eq!(tried.header("dry-run"), "true");
    assert_eq!(creditor.get(path).await.expect(200)["data"], json!([]));
    world.finish().await;
}

#[actix_web::test]
async fn strangers_see_no_statements_and_match_nothing() {
    let world = World::new().await;
    let (creditor, other) = (world.creditor(1).await, world.creditor(2).await);
    let case = world.overdue_case(&creditor, "F-2026-0817").await;
    import(&creditor, csv(&[("2026-11-02", "5,00", "Nobody", "?")])).await;
    world.work().await;
    let entry = entries(&creditor, "suspense").await[0]["id"].as_str().unwrap().to_owned();
    for list in ["/api/v1/bank-statements", "/api/v1/bank-entries"] {
        assert_eq!(other.get(list).await.expect(200)["data"], json!([]));
        world.stranger().get(list).await.problem(401, "unauthenticated");
    }
    let path = format!("/api/v1/bank-entries/{entry}");
    other.get(&path).await.problem(404, "not-found");
    let parts = json!({ "parts": [{ "case_id": case["id"], "amount": { "minor": 500, "currency": "EUR" } }] });
    other.post(&format!("{path}/match"), &parts).await.problem(404, "not-found");
    other.post(&format!("{path}/dismissal"), &json!({ "reason": "mine" })).await.problem(404, "not-found");
    // Nor does one's own money pay a case of somebody else.
    import(&other, csv(&[("2026-11-02", "5,00", "Nobody", case["reference"].as_str().unwrap())])).await;
    world.work().await;
    let own = entries(&other, "suspense").await[0]["id"].as_str().unwrap().to_owned();
    other.post(&format!("/api/v1/bank-entries/{own}/match"), &parts).await.problem(404, "not-found");
    assert_eq!(creditor.get(&path_of(&case)).await.expect(200)["recovered"]["minor"], 0);
    world.finish().await;
}

#[actix_web::test]
async fn what_the_bank_takes_back_after_it_was_posted_takes_the_payment_back() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let case = world.overdue_case(&creditor, "F-2026-0817").await;
    let reference = case["reference"].as_str().unwrap();
    let owed =
        creditor.get(&format!("{}/claim?on=2026-11-02", path_of(&case))).await.expect(200)["total"]["minor"].as_i64().unwrap();
    let amount = format!("{},{:02}", owed / 100, owed % 100);
    let statement = |entries: &str, opening: &str, closing: &str| {
        format!(":20:X\n:25:{OWN}\n:28C:1\n:60F:C261101EUR{opening}\n{entries}:62F:C261102EUR{closing}\n").into_bytes()
    };
    let came = format!(":61:2611021102C{amount}NTRFNONREF//B-1\n:86:166?00X?20SVWZ+{reference}\n");
    creditor.upload("/api/v1/bank-statements", statement(&came, "0,00", &amount)).await.expect(201);
    world.work().await;
    assert_eq!(creditor.get(&path_of(&case)).await.expect(200)["outcome"], "paid");
    let back = format!(":61:2611021102RC{amount}NTRFNONREF//B-2\n:86:109?00RETOURE?20SVWZ+{reference}\n");
    creditor.upload("/api/v1/bank-statements", statement(&back, &amount, "0,00")).await.expect(201);
    world.work().await;
    let shown = creditor.get(&path_of(&case)).await.expect(200);
    assert_eq!((shown["phase"].as_str(), &shown["recovered"]["minor"]), (Some("in_house"), &json!(0)));
    assert_eq!(entries(&creditor, "reversed").await.len(), 2);
    for kind in ["cash", "suspense", "payable"] {
        assert_eq!(balance(&creditor, kind).await, 0, "{kind}");
    }
    world.finish().await;
}
