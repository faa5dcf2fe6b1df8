//! `parse`: at least 500 UBL invoices a second on one core, from bytes to a receivable that may be stored.

use std::{fmt::Write, hint::black_box, time::Instant};

use chrono::NaiveDate;
use entente::{
    receivables::intake::{Defaults, check, read},
    types::Country,
};
use serde_json::json;

use super::{ROUNDS, median, report, round};

const INVOICES: u32 = 2_000;
const LINES: u32 = 20;

pub fn measure() {
    let defaults = Defaults {
        issuer: "FR:732829320".to_owned(),
        country: Country::France,
        debtor_kind: None,
        today: NaiveDate::from_ymd_opt(2026, 11, 25).expect("a day"),
        mapping: Default::default(),
    };
    // Each differs, so that nothing is read twice.
    let invoices: Vec<String> = (0..INVOICES).map(invoice).collect();
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for invoice in &invoices {
            let row = read(invoice.as_bytes(), &defaults).expect("a UBL invoice").rows.remove(0);
            black_box(row.draft.and_then(|draft| check(draft, &defaults)).expect("a receivable"));
        }
        rates.push(f64::from(INVOICES) / began.elapsed().as_secs_f64());
    }
    let kib = round(invoices.iter().map(String::len).sum::<usize>() as f64 / f64::from(INVOICES) / 1024.0);
    report("parse", "invoices/s", median(rates), None, &json!({ "lines": LINES, "kib": kib, "target": "≥ 500" }));
}

fn invoice(number: u32) -> String {
    let sample = include_str!("../../tests/samples/intake/ubl-invoice.xml");
    let (head, rest) = sample.split_once("<cac:InvoiceLine>").expect("lines");
    let tail = rest.rsplit_once("</cac:InvoiceLine>").expect("lines").1;
    let mut text = head.replace("VF-2026-118", &format!("VF-2026-{number}"));
    for line in 1..=LINES {
        writeln!(
            text,
            "<cac:InvoiceLine><cbc:ID>{line}</cbc:ID><cbc:InvoicedQuantity unitCode=\"KGM\">20</cbc:InvoicedQuantity>\
             <cbc:LineExtensionAmount currencyID=\"EUR\">50.00</cbc:LineExtensionAmount><cac:OrderLineReference><cbc:LineID>{line}</cbc:LineID></cac:OrderLineReference>\
             <cac:Item><cbc:Description>Pommes de table, calibre 70, caisse de 20 kg</cbc:Description><cbc:Name>Pommes {number}</cbc:Name>\
             <cac:SellersItemIdentification><cbc:ID>POM-{line}</cbc:ID></cac:SellersItemIdentification><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID>\
             <cbc:Percent>5.5</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item>\
             <cac:Price><cbc:PriceAmount currencyID=\"EUR\">2.50</cbc:PriceAmount></cac:Price></cac:InvoiceLine>"
        )
        .expect("a text");
    }
    text + tail
}
