//! Who gets to which page: every route of the portals, asked by everybody there is. A route that this file does not know fails.

use super::{browser::Browser, journeys::Desks};
use crate::support::parties::email;

const ROUTES: &str = include_str!("../../../src/portal/routes.rs");

/// Pages without an id, and what a creditor, an agency and the operator get.
const PAGES: &[(&str, [u16; 3])] = &[
    ("", [200, 200, 200]),
    ("/account", [200, 200, 200]),
    ("/proof", [200, 200, 200]),
    ("/account/second-factor", [200, 200, 200]),
    ("/members", [200, 200, 200]),
    ("/cases", [200, 200, 200]),
    ("/invoices", [200, 403, 403]),
    ("/posting", [200, 403, 403]),
    ("/uploads", [200, 403, 403]),
    ("/market", [403, 200, 403]),
    ("/offers", [403, 200, 403]),
    ("/papers", [403, 200, 403]),
    ("/alerts", [200, 200, 200]),
    ("/approvals", [200, 200, 200]),
    ("/strategies", [200, 200, 200]),
    ("/wordings", [200, 200, 200]),
    ("/notifications", [200, 200, 200]),
    ("/team", [200, 200, 200]),
    ("/letters", [200, 200, 200]),
    ("/payments", [200, 200, 200]),
    ("/statement", [200, 200, 200]),
    ("/bank", [200, 200, 403]),
    ("/payout-batches", [200, 200, 403]),
    ("/payout-account", [200, 200, 403]),
    ("/fee-invoices", [200, 200, 200]),
    ("/complaints", [200, 200, 200]),
    ("/reconciliation", [403, 403, 200]),
    ("/reports", [200, 403, 403]),
    ("/organisations", [403, 403, 200]),
    ("/health", [403, 403, 200]),
];

/// Pages of one thing. Strangers of the right kind get 404.
const OF_ONE: &[&str] = &[
    "/cases/{id}",
    "/cases/{id}/listing",
    "/customers/{id}",
    "/uploads/{id}",
    "/uploads/{id}/result.csv",
    "/market/{id}",
    "/mandates/{id}",
    "/mandates/{id}/document",
    "/documents/{id}",
    "/letters/{id}",
    "/exports/{id}",
    "/approvals/{id}/letter.pdf",
    "/strategies/{id}",
    "/strategies/{id}/rehearsal",
    "/letter-bundles/{id}/letters.pdf",
    "/letter-bundles/{id}/addresses.csv",
    "/payout-batches/{id}/pain.001",
    "/fee-invoices/{id}/invoice.pdf",
    "/fee-invoices/{id}/invoice.xml",
];

/// The addresses of `routes.rs` that are asked with a method.
fn routes(method: &str) -> Vec<&'static str> {
    let lines = ROUTES.lines().filter(|line| line.contains(&format!(", {method}()")));
    lines.filter_map(|line| line.split(".route(\"").nth(1)?.split('"').next()).collect()
}

#[test]
fn every_page_has_its_row() {
    let known: Vec<&str> = PAGES
        .iter()
        .map(|(path, _)| *path)
        .chain(OF_ONE.iter().copied())
        .chain(["/reports/table.csv", "/reports/treasury.pdf", "/log-in", "/sign-up", "/forgotten", "/password"])
        .collect();
    for path in routes("get") {
        assert!(known.contains(&path), "{path} is in no table of this file");
    }
    assert!(routes("get").len() > 20 && routes("post").len() > 30);
}

/// Ids that are of the right kind and nobody's.
fn nobodys(path: &str) -> String {
    let none = "0".repeat(32);
    let prefix = [
        ("/cases", "case"),
        ("/customers", "dbt"),
        ("/uploads", "upl"),
        ("/market", "list"),
        ("/mandates", "mand"),
        ("/documents", "doc"),
        ("/letters", "dlv"),
        ("/approvals", "tsk"),
        ("/strategies", "str"),
        ("/letter-bundles", "bdl"),
        ("/payout-batches", "pbt"),
        ("/fee-invoices", "finv"),
        ("/bank-entries", "bent"),
        ("/complaints", "cmp"),
    ];
    let (_, prefix) = prefix.iter().find(|(start, _)| path.starts_with(start)).unwrap_or(&("", "x"));
    path.replace("{id}", &format!("{prefix}_{none}"))
}

#[actix_web::test]
async fn everybody_gets_to_their_own_pages_and_to_no_others() {
    let desks = Desks::open().await;
    let stranger = desks.world.browser();
    let people: [&Browser; 3] = [&desks.creditor, &desks.agency, &desks.operator];
    for (path, expected) in PAGES {
        let path = format!("/portal{path}");
        assert!(stranger.open(&path).await.expect(200).path.starts_with("/portal/log-in"), "{path} to a stranger");
        for (person, expected) in people.iter().zip(expected) {
            let page = person.open(&path).await;
            assert_eq!(page.status, *expected, "{path}: {}", page.text());
            assert!(page.html.starts_with("<!doctype html>"), "{path}");
        }
    }
    for path in OF_ONE {
        let path = format!("/portal{}", nobodys(path));
        assert!(stranger.open(&path).await.path.starts_with("/portal/log-in"), "{path} to a stranger");
        for person in people {
            let page = person.open(&path).await;
            assert!([403, 404].contains(&page.status), "{path}: {} {}", page.status, page.text());
        }
    }
    desks.world.finish().await;
}

#[actix_web::test]
async fn what_belongs_to_others_looks_like_what_is_not_there() {
    let desks = Desks::open().await;
    let path = desks.engage().await;
    desks.world.creditor(3).await;
    let other = desks.world.logged_in(&email("creditor", 3)).await;
    let case = desks.creditor.open(&path).await.expect(200);
    let (mandate, uploads) =
        (case.link("/portal/mandates/"), desks.creditor.open("/portal/uploads").await.link("/portal/uploads/upl_"));
    for path in [path.as_str(), &mandate, &format!("{mandate}/document"), &uploads, &format!("{uploads}/result.csv")] {
        let page = desks.creditor.open(path).await;
        assert_eq!(page.status, 200, "{path}");
        other.open(path).await.expect(404).shows(&["There is nothing here that you can see"]);
    }
    assert!(desks.creditor.open(&format!("{mandate}/document")).await.html.starts_with("%PDF"));
    desks.world.finish().await;
}

#[actix_web::test]
async fn no_form_does_anything_without_a_log_in_or_without_its_token() {
    let desks = Desks::open().await;
    let stranger = desks.world.browser();
    for path in routes("post") {
        let mut path = format!("/portal{}", nobodys(path));
        while let Some((start, rest)) = path.split_once('{').map(|(start, rest)| (start.to_owned(), rest.to_owned())) {
            path = format!("{start}x{}", rest.split_once('}').unwrap().1);
        }
        if !["/portal/log-in", "/portal/log-in/code", "/portal/sign-up", "/portal/forgotten", "/portal/password"]
            .contains(&path.as_str())
        {
            let page = stranger.post(&path, "form_token=x", &[]).await;
            assert!(page.path.starts_with("/portal/log-in"), "{path} took a stranger's form: {}", page.text());
        }
        for person in [&desks.creditor, &desks.agency, &desks.operator] {
            let page = person.post(&path, "form_token=x", &[]).await;
            assert!((400..500).contains(&page.status), "{path} took a form without its token: {} {}", page.status, page.text());
        }
    }
    desks.world.finish().await;
}
