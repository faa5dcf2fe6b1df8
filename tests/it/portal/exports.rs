//! Lists as files: the rows that their pages show, of one's own alone, with nothing that a spreadsheet runs.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use serde_json::json;

use super::{browser::Browser, journeys::Desks};
use crate::support::{Client, parties::email};

async fn invoice(creditor: &Client, number: &str, name: &str) {
    let body = json!({ "receivables": [{ "debtor": { "legal_name": name, "kind": "business", "country": "ES", "postal_code": "28013" },
        "number": number, "issued_on": "2026-07-01", "due_on": "2026-07-31", "principal": { "minor": 123_456, "currency": "EUR" } }] });
    creditor.post("/api/v1/receivables", &body).await.expect(200);
}

async fn lines(browser: &Browser, path: &str) -> Vec<String> {
    let file = browser.open(path).await.expect(200);
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    assert!(file.headers["content-disposition"].to_str().unwrap().starts_with("attachment; filename=\""));
    file.html.trim_start_matches('\u{feff}').lines().map(str::to_owned).collect()
}

#[actix_web::test]
async fn a_list_leaves_whole_by_the_filter_of_its_page() {
    let desks = Desks::open().await;
    let client = desks.world.log_in(&email("creditor", 1)).await;
    // More than a page of the list, and more than a page of the export.
    for number in 0..3 {
        let rows: Vec<_> = (0..100)
            .map(|row| json!({ "debtor": { "legal_name": "Bodegas Ruiz SA", "tax_number": "A46353538", "kind": "business", "country": "ES" },
                "number": format!("M-{number}-{row}"), "issued_on": "2026-07-01", "due_on": "2026-07-31", "principal": { "minor": 100, "currency": "EUR" } }))
            .collect();
        client.post("/api/v1/receivables", &json!({ "receivables": rows })).await.expect(200);
    }
    let all = lines(&desks.creditor, "/portal/exports/invoices.csv").await;
    assert_eq!((all.len(), all[0].split(';').count()), (301, 7));
    let mut numbers: Vec<&str> = all[1..].iter().map(|line| line.split(';').nth(1).unwrap()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 300, "each once");
    desks.world.overdue_case(&client, "F-1").await;
    let other = desks.world.overdue_case(&client, "F-2").await;
    let withdrawn = json!({ "outcome": "withdrawn", "reason": "peace" });
    client.post(&format!("/api/v1/cases/{}/closure", other["id"].as_str().unwrap()), &withdrawn).await.expect(200);
    assert_eq!(lines(&desks.creditor, "/portal/exports/cases.csv").await.len(), 3);
    let closed = lines(&desks.creditor, "/portal/exports/cases.csv?phase=closed&q=ruiz").await;
    assert!(closed.len() == 2 && closed[1].contains(other["reference"].as_str().unwrap()), "{closed:?}");
    assert!(closed[1].contains(";1000.00;0.00;EUR"), "{closed:?}");
    assert_eq!(lines(&desks.creditor, "/portal/exports/customers.csv").await.len(), 2);
    let ageing = lines(&desks.creditor, "/portal/exports/report.csv?report=aging").await;
    assert!(ageing.len() > 10 && ageing[1].contains("EUR"), "{ageing:?}");
    let none = desks.creditor.open("/portal/exports/report.csv?report=horoscope").await;
    assert_eq!(none.status, 404);
    assert_eq!(lines(&desks.creditor, "/portal/exports/payments.csv?status=declared").await.len(), 1);
    assert_eq!(lines(&desks.creditor, "/portal/exports/work.csv?list=due&whose=all").await.len(), 1);
    assert_eq!(lines(&desks.agency, "/portal/exports/cases.csv").await.len(), 1, "another's are not in it");
    assert_eq!(lines(&desks.agency, "/portal/exports/market.csv?country=ES").await.len(), 1);
    for (person, list, status) in [
        (&desks.agency, "customers.csv", 404),
        (&desks.agency, "invoices.xlsx", 404),
        (&desks.creditor, "market.csv", 404),
        (&desks.creditor, "cases.exe", 404),
        (&desks.creditor, "everything.csv", 404),
    ] {
        assert_eq!(person.open(&format!("/portal/exports/{list}")).await.status, status, "{list}");
    }
    desks.world.finish().await;
}

#[actix_web::test]
async fn no_cell_is_run_and_a_workbook_has_numbers_and_days() {
    let desks = Desks::open().await;
    let client = desks.world.log_in(&email("creditor", 1)).await;
    invoice(&client, "@SUM(1)", "=HYPERLINK(\"http://evil.example\";\"x\")").await;
    let csv = lines(&desks.creditor, "/portal/exports/invoices.csv").await;
    assert!(csv[1].starts_with("\"'=HYPERLINK(") && csv[1].contains(";'@SUM(1);"), "{csv:?}");
    let (bytes, kind) = desks.creditor.download("/portal/exports/invoices.xlsx").await;
    assert_eq!(kind, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    let mut book = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let sheet = book.worksheet_range_at(0).expect("a sheet").expect("readable");
    let row: Vec<Data> = sheet.rows().nth(1).expect("a row").to_vec();
    assert!(matches!(&row[0], Data::String(text) if text.starts_with("=HYPERLINK")), "{row:?}");
    assert!(matches!(&row[3], Data::DateTime(_)), "{row:?}");
    assert_eq!(row[4], Data::Float(1234.56));
    let formulas = book.worksheet_formula("Sheet1").expect("a sheet");
    assert!(formulas.is_empty(), "{formulas:?}");
    desks.world.finish().await;
}
