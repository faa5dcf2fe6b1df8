//! What people typed stays text: every stored field is planted with markup, every page is visited, nothing comes out as markup.

use super::{browser::Page, journeys::Desks};

/// Breaks out of an attribute, an element and a text, were it not written as text.
const PAYLOAD: &str = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>{{ 7*7 }}";

/// Every column that holds what somebody typed, or what came from outside.
const PLANTED: &[(&str, &[&str])] = &[
    ("organisations", &["legal_name", "email", "phone", "street", "postal_code", "city"]),
    ("members", &["full_name"]),
    ("portal_sessions", &["user_agent"]),
    ("agency_credentials", &["issuer", "reference", "decision_note"]),
    ("debtors", &["legal_name", "tax_number", "sector", "email", "phone", "street", "postal_code", "city"]),
    ("receivables", &["purchase_order", "delivery_note"]),
    ("holds", &["reason"]),
    ("disputes", &["statement", "resolution"]),
    ("payments", &["bank_reference", "answer_note"]),
    ("payouts", &["bank_reference"]),
    ("tasks", &["title", "note"]),
    ("deliveries", &["sender", "address", "subject", "body", "error"]),
    ("engagements", &["end_note"]),
    ("mandate_signatures", &["full_name"]),
    ("offers", &["reason"]),
    ("upload_files", &["file_name", "failure"]),
    ("jobs", &["last_error"]),
];

#[track_caller]
fn harmless(page: Page) -> Page {
    for sign in ["<img", "<script", "onerror=alert(1)>", "\"'><"] {
        assert!(!page.html.contains(sign), "`{sign}` came out as markup on {}:\n{}", page.path, page.html);
    }
    assert!(!page.html.contains(" style="), "a style of its own on {}", page.path);
    page
}

#[actix_web::test]
async fn nothing_that_was_typed_comes_out_as_markup() {
    let desks = Desks::open().await;
    let path = desks.engage().await;
    let case = desks.agency.open(&path).await.expect(200);
    desks.agency.send(&case, &format!("{path}/notes"), &[("text", PAYLOAD)]).await.expect(200);
    desks.agency.send(&case, &format!("{path}/disputes"), &[("reason", "other"), ("statement", PAYLOAD)]).await.expect(200);
    let today = desks.world.now().date_naive().to_string();
    let typed = [("amount", "10"), ("received_on", today.as_str()), ("bank_reference", PAYLOAD), ("route", "agency_account")];
    desks.agency.send(&case, &format!("{path}/payments"), &typed).await.expect(200);
    desks
        .agency
        .send(&case, &format!("{path}/holds"), &[("kind", "hardship"), ("reason", PAYLOAD), ("until", "")])
        .await
        .expect(200);
    harmless(
        desks.agency.send(&case, &format!("{path}/promises"), &[("promised_on", PAYLOAD), ("amount", PAYLOAD)]).await.expect(422),
    );
    harmless(
        desks.creditor.open(&format!("/portal/cases?q={}", "%22%27%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E")).await.expect(200),
    );
    harmless(desks.world.browser().open("/portal/log-in?next=/portal/%22%3E%3Cscript%3E").await.expect(200));

    for (table, columns) in PLANTED {
        for column in *columns {
            let sql = format!("UPDATE {table} SET {column} = '{}' || left(md5(random()::text), 8)", PAYLOAD.replace('\'', "''"));
            desks.world.as_owner(&sql).await;
        }
    }
    let mandate = desks.creditor.open(&path).await.link("/portal/mandates/");
    let upload = desks.creditor.open("/portal/uploads").await.link("/portal/uploads/upl_");
    let debtor = desks.creditor.open(&path).await;
    let debtor = debtor
        .html
        .split("href=\"")
        .find_map(|rest| rest.split('"').next().filter(|href| href.contains("/d/")))
        .unwrap()
        .to_owned();
    let debtor = debtor[debtor.find("/d/").unwrap()..].to_owned();
    let shared = [
        "/portal",
        "/portal/cases",
        "/portal/payments",
        "/portal/statement",
        "/portal/account",
        "/portal/members",
        &path,
        &mandate,
        &debtor,
    ];
    let creditors = ["/portal/invoices", "/portal/uploads", &upload];
    let agencies = ["/portal/market", "/portal/offers", "/portal/papers"];
    let operators = ["/portal", "/portal/organisations", "/portal/health", "/portal/payments"];
    let mut planted = 0;
    for (browser, paths) in [
        (&desks.creditor, creditors.iter().chain(&shared)),
        (&desks.agency, agencies.iter().chain(&shared)),
        (&desks.operator, operators.iter().chain(&[])),
    ] {
        for path in paths {
            let page = harmless(browser.open(path).await.expect(200));
            planted += u32::from(page.html.contains("&#60;img src=x"));
        }
    }
    assert!(planted > 12, "the payload was seen as text on {planted} pages only");
}
