//! Reports over HTTP: reckoned by hand, for any day, in one block for each currency.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::{
    recovery::{outbox, posted},
    support::{Client, PASSWORD, World, cif, payment},
};

fn money(minor: i64, currency: &str) -> Value {
    json!({ "minor": minor, "currency": currency })
}

struct Owed {
    number: String,
    issued_on: NaiveDate,
    due_on: NaiveDate,
    minor: i64,
    currency: &'static str,
    paid: Vec<(NaiveDate, i64)>,
    parts: Vec<(NaiveDate, i64)>,
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn owed(number: &str, (issued_on, due_on): (&str, &str), minor: i64, paid: &[(&str, i64)], parts: &[(&str, i64)]) -> Owed {
    let dated = |of: &[(&str, i64)]| of.iter().map(|(on, minor)| (day(on), *minor)).collect();
    Owed {
        number: number.to_owned(),
        issued_on: day(issued_on),
        due_on: day(due_on),
        minor,
        currency: "EUR",
        paid: dated(paid),
        parts: dated(parts),
    }
}

impl Owed {
    fn json(&self) -> Value {
        let amount = |minor| money(minor, self.currency);
        let paid = self.paid.iter().map(|(on, minor)| json!({ "received_on": on, "amount": amount(*minor) })).collect::<Vec<_>>();
        let parts = self.parts.iter().map(|(on, minor)| json!({ "due_on": on, "amount": amount(*minor) })).collect::<Vec<_>>();
        json!({ "debtor": { "legal_name": "Bodegas Ruiz SA", "tax_number": "A46353538", "kind": "business", "country": "ES" },
                "number": self.number, "issued_on": self.issued_on, "due_on": self.due_on, "principal": amount(self.minor),
                "payments": paid, "instalments": parts })
    }

    /// What of it was owed at the end of a day, by due day: the earliest part is paid first.
    fn on(&self, on: NaiveDate) -> Vec<(NaiveDate, i64)> {
        if self.issued_on > on {
            return Vec::new();
        }
        let mut paid: i64 = self.paid.iter().filter(|(received, _)| *received <= on).map(|(_, minor)| minor).sum();
        let whole = [(self.due_on, self.minor)];
        let parts = if self.parts.is_empty() { &whole[..] } else { &self.parts };
        let mut left = Vec::new();
        for (due_on, minor) in parts {
            let of_it = paid.min(*minor);
            paid -= of_it;
            left.push((*due_on, minor - of_it));
        }
        left
    }
}

async fn take(creditor: &Client, invoices: &[Owed]) {
    let rows: Vec<Value> = invoices.iter().map(Owed::json).collect();
    let answer = creditor.post("/api/v1/receivables", &json!({ "receivables": rows })).await.expect(200);
    assert_eq!(answer["accepted"], rows.len(), "{answer}");
}

/// The report of a day; the block of one currency.
async fn block(creditor: &Client, report: &str, on: &str, currency: &str) -> Value {
    let report = creditor.get(&format!("/api/v1/reports/{report}?on={on}")).await.expect(200);
    let blocks = report["blocks"].as_array().unwrap().iter().filter(|block| block["currency"] == currency).cloned();
    let blocks: Vec<Value> = blocks.collect();
    assert!(blocks.len() <= 1, "one block for a currency: {report}");
    blocks.into_iter().next().unwrap_or_default()
}

/// A figure as a number, whatever its unit.
fn figure(block: &Value, measure: &str) -> Option<i64> {
    let found = block["figures"].as_array()?.iter().find(|figure| figure["measure"] == measure)?.clone();
    number(&found["value"])
}

fn number(value: &Value) -> Option<i64> {
    ["minor", "hundredths", "bp", "count"].iter().find_map(|unit| value[unit].as_i64())
}

/// The numbers of a column, by key.
fn column(block: &Value, measure: &str) -> Vec<(String, i64)> {
    let place = block["columns"].as_array().unwrap().iter().position(|column| column == measure).expect("a column");
    let rows = block["rows"].as_array().unwrap().iter();
    rows.map(|row| (row["key"].as_str().unwrap().to_owned(), number(&row["values"][place]).unwrap_or(i64::MIN))).collect()
}

fn rows(of: &[(&str, i64)]) -> Vec<(String, i64)> {
    of.iter().map(|(key, number)| ((*key).to_owned(), *number)).collect()
}

/// The set that the figures below are reckoned from by hand.
fn invoices() -> Vec<Owed> {
    let mut british = owed("E", ("2026-10-01", "2026-10-31"), 7_000, &[], &[]);
    british.currency = "GBP";
    vec![
        owed("A", ("2026-05-01", "2026-05-31"), 100_000, &[("2026-06-10", 40_000)], &[]),
        owed("B", ("2026-08-15", "2026-09-14"), 50_000, &[], &[]),
        owed("C", ("2026-10-20", "2026-11-19"), 30_000, &[], &[]),
        owed(
            "D",
            ("2026-09-01", "2026-10-01"),
            40_000,
            &[("2026-10-01", 5_000)],
            &[("2026-10-01", 20_000), ("2026-12-01", 20_000)],
        ),
        british,
        owed("F", ("2026-08-01", "2026-08-31"), 10_000, &[("2026-09-30", 9_999)], &[]),
    ]
}

#[actix_web::test]
async fn what_is_owed_stands_at_its_age_on_any_day() {
    let world = World::new().await;
    let (creditor, rival) = (world.creditor(1).await, world.creditor(2).await);
    take(&creditor, &invoices()).await;
    let now = block(&creditor, "aging", "2026-11-02", "EUR").await;
    let expected =
        [("not_due", 50_000), ("1_to_30", 0), ("31_to_60", 65_000), ("61_to_90", 1), ("91_to_180", 60_000), ("over_180", 0)];
    assert_eq!(column(&now, "open"), rows(&expected));
    assert_eq!((figure(&now, "open"), figure(&now, "overdue")), (Some(175_001), Some(125_001)));
    assert_eq!(figure(&now, "over_ninety_share"), Some(3_429));
    // Before the part payment of D, and of F.
    let then = block(&creditor, "aging", "2026-09-15", "EUR").await;
    let expected =
        [("not_due", 40_000), ("1_to_30", 60_000), ("31_to_60", 0), ("61_to_90", 0), ("91_to_180", 60_000), ("over_180", 0)];
    assert_eq!(column(&then, "open"), rows(&expected));
    let british = block(&creditor, "aging", "2026-11-02", "GBP").await;
    assert_eq!((figure(&british, "open"), column(&british, "open")[1].1), (Some(7_000), 7_000), "currencies stay apart");
    // Nothing was invoiced yet; nobody else sees it; no day to come.
    for (client, on) in [(&creditor, "2026-04-30"), (&rival, "2026-11-02")] {
        let none = client.get(&format!("/api/v1/reports/aging?on={on}")).await.expect(200);
        assert_eq!(none["blocks"], json!([]), "{on}");
    }
    for on in ["2026-11-03", "1999-12-31"] {
        let problem = creditor.get(&format!("/api/v1/reports/aging?on={on}")).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/on");
    }
    creditor.get("/api/v1/reports/aging?on=soon").await.problem(400, "malformed-request");
    assert!((400..405).contains(&creditor.get("/api/v1/reports/nonsense").await.status.as_u16()));
    let file = creditor.get("/api/v1/reports/aging/table.csv?on=2026-11-02").await;
    assert!(file.text.contains("aging;2026-11-02;EUR;;31_to_60;open;money;650.00\r\n"), "{}", file.text);
    world.finish().await;
}

#[actix_web::test]
async fn days_sales_and_effectiveness_come_out_as_by_hand() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let mut invoices = invoices();
    invoices.pop();
    take(&creditor, &invoices).await;
    // Month ends: 31 Jul 60,000; 31 Aug 110,000 (50,000 not due); 30 Sep 150,000 (40,000); 31 Oct 175,000 (30,000). Invoiced in
    // August 50,000, September 40,000, October 30,000: 120,000 in 92 days.
    let dso = block(&creditor, "dso", "2026-10-31", "EUR").await;
    assert_eq!(column(&dso, "receivables"), rows(&[("2026-08-31", 110_000), ("2026-09-30", 150_000), ("2026-10-31", 175_000)]));
    assert_eq!(column(&dso, "not_due"), rows(&[("2026-08-31", 50_000), ("2026-09-30", 40_000), ("2026-10-31", 30_000)]));
    assert_eq!(column(&dso, "credit_sales"), rows(&[("2026-08-31", 50_000), ("2026-09-30", 40_000), ("2026-10-31", 30_000)]));
    for (measure, hundredths) in [
        ("dso_simple", 13_417),
        ("dso", 10_875),
        // 31 + 30 + 31 days cover 120,000, July and June nothing in 61; May's 100,000 cover the rest with 17.05 of its days.
        ("dso_count_back", 17_005),
        ("best_possible_dso", 3_000),
        ("average_days_delinquent", 7_875),
        // 5,000 on the very day is all that was paid.
        ("days_late_paid", 0),
    ] {
        assert_eq!(figure(&dso, measure), Some(hundredths), "{measure}: {dso}");
    }
    let cei = block(&creditor, "cei", "2026-10-31", "EUR").await;
    // (3 × 60,000 + 120,000 − 3 × 175,000) / (3 × 60,000 + 120,000 − 3 × 30,000)
    assert_eq!(figure(&cei, "cei"), Some(-10_714));
    assert_eq!((figure(&cei, "receivables_before"), figure(&cei, "credit_sales")), (Some(60_000), Some(120_000)));
    assert_eq!(column(&cei, "cei").last(), Some(&("2026-10-31".to_owned(), 333)));
    world.finish().await;
}

#[actix_web::test]
async fn provisions_follow_the_policy_and_forecasts_add_up() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    take(&creditor, &invoices()).await;
    let proposed = block(&creditor, "provisions", "2026-11-02", "EUR").await;
    assert_eq!(figure(&proposed, "provision"), Some(250 + 3_250 + 30_000));
    let policy = json!({ "shares_bp": [0, 0, 1_000, 1_000, 10_000, 10_000] });
    creditor.put("/api/v1/provision-policy", Some("\"v3\""), &policy).await.problem(412, "stale-version");
    let falling = json!({ "shares_bp": [0, 0, 1_000, 900, 10_000, 10_000] });
    creditor.put("/api/v1/provision-policy", Some("\"v0\""), &falling).await.problem(422, "invalid");
    creditor.put("/api/v1/provision-policy", Some("\"v0\""), &policy).await.expect(200);
    assert_eq!(creditor.get("/api/v1/provision-policy").await.expect(200)["version"], 1);
    let own = block(&creditor, "provisions", "2026-11-02", "EUR").await;
    assert_eq!(figure(&own, "provision"), Some(6_500 + 60_000));

    let forecast = block(&creditor, "forecast", "2026-11-02", "EUR").await;
    let weeks = column(&forecast, "expected");
    assert_eq!((weeks.len(), weeks[0].0.as_str()), (13, "2026-11-03"));
    let soon: i64 = weeks.iter().map(|(_, minor)| minor).sum();
    assert!(soon > 0 && figure(&forecast, "expected") == Some(soon));
    assert_eq!(figure(&forecast, "later_or_never"), Some(175_001 - soon));
    assert_eq!(figure(&forecast, "payments_seen"), Some(3));
    for (low, high) in column(&forecast, "low").iter().zip(column(&forecast, "high")) {
        assert!(low.1 <= high.1);
    }
    world.finish().await;
}

/// Many invoices with payments and parts, reckoned once more in the plainest way.
#[actix_web::test]
async fn ages_sum_to_what_is_open_on_any_day() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let mut seed = 42_u64;
    let mut random = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let start = day("2026-01-01");
    let mut all = Vec::new();
    for number in 0..120 {
        let issued_on = start + Days::new(random(290));
        let due_on = issued_on + Days::new(random(60));
        let minor = 1_000 + i64::try_from(random(200_000)).unwrap();
        let mut one =
            Owed { number: format!("N-{number}"), issued_on, due_on, minor, currency: "EUR", paid: vec![], parts: vec![] };
        if random(2) == 0 {
            let first = minor / 3;
            let received = (issued_on + Days::new(1 + random(40))).min(day("2026-10-30"));
            one.paid.push((received, first));
            if random(2) == 0 {
                one.paid.push(((received + Days::new(1 + random(30))).min(day("2026-10-31")), minor / 2));
            }
        }
        if random(4) == 0 {
            one.parts = vec![(due_on, minor / 4), (due_on + Days::new(30), minor - minor / 4)];
        }
        all.push(one);
    }
    for some in all.chunks(60) {
        take(&creditor, some).await;
    }
    for back in [0, 1, 30, 61, 100, 150, 199, 250, 300, 306, 307] {
        let on = day("2026-11-02") - Days::new(back);
        let report = block(&creditor, "aging", &on.to_string(), "EUR").await;
        let parts: Vec<(NaiveDate, i64)> = all.iter().flat_map(|one| one.on(on)).collect();
        let open: i64 = parts.iter().map(|(_, minor)| minor).sum();
        if report.is_null() {
            assert_eq!(open, 0, "{on}");
            continue;
        }
        assert_eq!(figure(&report, "open"), Some(open), "{on}");
        let ages = column(&report, "open");
        assert_eq!(ages.iter().map(|(_, minor)| minor).sum::<i64>(), open, "{on}");
        let late = |from: i64, to: i64| -> i64 {
            let days = |due: &NaiveDate| on.signed_duration_since(*due).num_days();
            parts.iter().filter(|(due, _)| (from..=to).contains(&days(due))).map(|(_, minor)| minor).sum()
        };
        let expected = [late(-9_999, 0), late(1, 30), late(31, 60), late(61, 90), late(91, 180), late(181, 9_999)];
        assert_eq!(ages.iter().map(|(_, minor)| *minor).collect::<Vec<_>>(), expected, "{on}");
    }
    world.finish().await;
}

async fn open_on(creditor: &Client, on: NaiveDate) -> i64 {
    figure(&block(creditor, "aging", &on.to_string(), "EUR").await, "open").unwrap_or(0)
}

/// Each day is written down as it ends; when all is over, each is asked for once more.
#[actix_web::test]
async fn a_past_day_stays_as_it_was() {
    let world = World::new().await;
    let posted = world.posted().await;
    let creditor = &posted.creditor;
    let receivable = creditor.get("/api/v1/receivables").await.expect(200)["data"][0]["id"].as_str().unwrap().to_owned();
    let mut kept = Vec::new();
    for step in 0..9 {
        let today = world.now().date_naive();
        match step {
            1 => posted.pay(30_000, &today.to_string(), "T-1").await,
            2 => {
                let note = json!({ "number": "A-1", "issued_on": today, "amount": money(10_000, "EUR") });
                creditor.post(&format!("/api/v1/receivables/{receivable}/credit-notes"), &note).await.expect(201);
            }
            3 => {
                let objection = json!({ "reason": "defective", "statement": "two bottles were broken" });
                let dispute = creditor.post(&format!("{}/disputes", posted.api), &objection).await.expect(201);
                let settled = json!({ "decision": "settle", "reduction": money(5_000, "EUR"), "note": "two bottles less" });
                let path = format!("/api/v1/disputes/{}/resolution", dispute["data"][0]["id"].as_str().unwrap());
                creditor.post(&path, &settled).await.expect(200);
            }
            4 => {
                let paid = creditor.get("/api/v1/payments").await.expect(200)["data"][0]["id"].as_str().unwrap().to_owned();
                let returned = json!({ "reversed_on": today, "reason": "the debit came back" });
                creditor.post(&format!("/api/v1/payments/{paid}/reversal"), &returned).await.expect(200);
            }
            5 => {
                let less = json!({ "amount": money(50_000, "EUR"), "pay_by": today + TimeDelta::days(5) });
                let offered = creditor.post(&format!("{}/settlements", posted.api), &less).await.expect(201);
                let path = format!("/api/v1/settlements/{}/answer", offered["id"].as_str().unwrap());
                creditor.post(&path, &json!({ "answer": "accept" })).await.expect(200);
            }
            6 => posted.pay(50_000, &today.to_string(), "T-2").await,
            _ => {}
        }
        kept.push((today, open_on(creditor, today).await));
        world.pass(TimeDelta::days(1)).await;
    }
    assert_eq!(posted.case().await["outcome"], "settled");
    let amounts: Vec<i64> = kept.iter().map(|(_, minor)| *minor).collect();
    assert_eq!(amounts[0], 100_000);
    assert!(amounts[1] < 100_000 && amounts[2] == amounts[1] - 10_000 && amounts[3] == amounts[2] - 5_000, "{amounts:?}");
    assert_eq!((amounts[4], amounts[5], amounts[6], amounts[8]), (85_000, 85_000, 0, 0), "{amounts:?}");
    for (on, minor) in &kept {
        let now = open_on(creditor, *on).await;
        // A payment that was taken back was one until then.
        assert_eq!(now, *minor, "{on} as it stands now");
    }
    // Its dispute took no time and conceded what was taken off.
    let disputes = block(creditor, "disputes", &world.now().date_naive().to_string(), "EUR").await;
    assert_eq!(column(&disputes, "disputes_resolved"), rows(&[("defective", 1)]));
    assert_eq!(column(&disputes, "conceded"), rows(&[("defective", 5_000)]));
    world.finish().await;
}

#[actix_web::test]
async fn what_agencies_bring_is_told_by_age_and_its_cost() {
    let world = World::new().await;
    let engaged = world.engaged(1_000).await;
    let paid = engaged.declare(&engaged.agency, 60_000, "2026-11-06", "T-1").await;
    engaged
        .creditor
        .post(&format!("/api/v1/payments/{}/confirmation", paid["id"].as_str().unwrap()), &json!({}))
        .await
        .expect(200);
    let report = block(&engaged.creditor, "recovery", "2026-11-06", "EUR").await;
    let table = report["rows"].as_array().unwrap();
    assert_eq!(table.len(), 2, "{report}");
    assert_eq!((&table[0]["group"], &table[1]["group"]), (&Value::Null, &json!("AGENCY 2 SL")));
    let brought = number(&table[1]["values"][2]).unwrap();
    assert!(brought > 50_000 && brought <= 60_000, "the principal's part: {report}");
    assert_eq!(number(&table[0]["values"][2]), Some(0), "in-house brought nothing");
    assert_eq!((figure(&report, "placed"), figure(&report, "recovered")), (Some(100_000), Some(brought)));
    assert!(figure(&report, "fees").unwrap() > 0);
    // A promise that is kept, and the day before it was due.
    let promise = json!({ "promised_on": "2026-11-10", "amount": money(10_000, "EUR") });
    engaged.agency.post(&format!("{}/promises", engaged.path), &promise).await.expect(201);
    world.pass(TimeDelta::days(2)).await;
    let body = payment(10_000, "2026-11-08", "T-2");
    let paid = engaged.agency.post(&format!("{}/payments", engaged.path), &body).await.expect(201);
    engaged
        .creditor
        .post(&format!("/api/v1/payments/{}/confirmation", paid["id"].as_str().unwrap()), &json!({}))
        .await
        .expect(200);
    world.pass(TimeDelta::days(6)).await;
    let promises = block(&engaged.creditor, "promises", "2026-11-14", "EUR").await;
    assert_eq!((figure(&promises, "kept_share"), column(&promises, "kept")), (Some(10_000), rows(&[("2026-11-30", 1)])));
    assert!(block(&engaged.creditor, "promises", "2026-11-09", "EUR").await.is_null());
    world.finish().await;
}

#[actix_web::test]
async fn customers_are_kept_where_they_are_invoiced_again() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let invoiced = async |number: &str, customer: u32, (issued_on, due_on): (NaiveDate, NaiveDate)| {
        let debtor = json!({ "legal_name": format!("Bodegas {customer} SA"), "tax_number": cif(customer), "kind": "business", "country": "ES" });
        let row = json!({ "debtor": debtor, "number": number, "issued_on": issued_on, "due_on": due_on, "principal": money(10_000, "EUR") });
        let answer = creditor.post("/api/v1/receivables", &json!({ "receivables": [row] })).await.expect(200);
        answer["rows"][0]["receivable_id"].clone()
    };
    let ended = world.now().date_naive();
    let [before, due, after, late] = [("2026-08-01", 0), ("2026-10-01", 0), ("", 100), ("", 190)]
        .map(|(on, days)| if on.is_empty() { ended + Days::new(days) } else { day(on) });
    // 11 is kept, 12 comes back after the half year, 13 never; 14 and 15 had no case, and 14 goes on.
    for customer in 11..=15 {
        let receivable = invoiced(&format!("F-{customer}"), customer, (before, due)).await;
        if customer <= 13 {
            let case = creditor.post("/api/v1/cases", &json!({ "receivable_ids": [receivable] })).await.expect(201);
            let path = format!("/api/v1/cases/{}/closure", case["id"].as_str().unwrap());
            creditor.post(&path, &json!({ "outcome": "withdrawn", "reason": "we spoke" })).await.expect(200);
        }
    }
    world.pass(TimeDelta::days(200)).await;
    for (number, customer, issued) in [("G-11", 11, after), ("G-12", 12, late), ("G-14", 14, after)] {
        invoiced(number, customer, (issued, issued)).await;
    }
    let on = (ended + Days::new(182)).to_string();
    let half_year = block(&creditor, "customers_kept", &on, "EUR").await;
    assert_eq!((figure(&half_year, "kept_half_year"), figure(&half_year, "others_kept_half_year")), (Some(3_333), Some(5_000)));
    assert_eq!((figure(&half_year, "kept_year"), figure(&half_year, "others_kept_year")), (None, None));
    let table = &half_year["rows"];
    assert_eq!((table.as_array().map(Vec::len), &table[0]["group"]), (Some(1), &Value::Null), "{half_year}");
    assert_eq!(column(&half_year, "customers_half_year").first().map(|(_, count)| *count), Some(3));
    let early = block(&creditor, "customers_kept", &(ended + Days::new(120)).to_string(), "EUR").await;
    assert!(early.is_null(), "nobody's half year is over: {early}");
    world.pass(TimeDelta::days(180)).await;
    let year = block(&creditor, "customers_kept", &(ended + Days::new(370)).to_string(), "EUR").await;
    assert_eq!((figure(&year, "kept_year"), figure(&year, "others_kept_year")), (Some(6_667), Some(5_000)), "{year}");
    world.finish().await;
}

#[actix_web::test]
async fn each_case_has_one_cause_and_the_costliest_stand_first() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let body = json!({ "full_name": "Sara Sol", "email": "sara@colleagues.example", "role": "sales", "password": PASSWORD, "language": "en" });
    let sara = creditor.post("/api/v1/members", &body).await.expect(201)["id"].clone();
    let [disputed, stopped, promised, paid, silent] = [
        posted(&creditor, 1, 11).await,
        posted(&creditor, 2, 11).await,
        posted(&creditor, 3, 12).await,
        posted(&creditor, 4, 13).await,
        posted(&creditor, 5, 13).await,
    ];
    disputed.set_profile(|profile| profile["account_owner_id"] = sara).await;
    for reason in ["other", "not_delivered"] {
        let objection = json!({ "reason": reason, "statement": "nothing came" });
        let dispute = creditor.post(&format!("{}/disputes", disputed.path), &objection).await.expect(201);
        let list = dispute["data"].as_array().unwrap();
        let open = list.iter().find(|one| one["status"] == "open").unwrap();
        let path = format!("/api/v1/disputes/{}/resolution", open["id"].as_str().unwrap());
        let settled = json!({ "decision": "settle", "reduction": money(5_000, "EUR"), "note": "one box less" });
        creditor.post(&path, &settled).await.expect(200);
    }
    stopped.hold(None).await;
    let day = (world.now() + TimeDelta::days(3)).date_naive().to_string();
    creditor.post(&format!("{}/promises", promised.path), &json!({ "promised_on": day })).await.expect(201);
    let today = world.now().date_naive().to_string();
    let owed = 106_678; // As the law says of 94 days.
    creditor.post(&format!("{}/payments", paid.path), &payment(owed, &today, "T-9")).await.expect(201);
    assert_eq!((paid.case().await["outcome"].as_str(), silent.case().await["outcome"].as_str()), (Some("paid"), None));
    let causes = block(&creditor, "causes", &today, "EUR").await;
    let found: Vec<(Option<&str>, &str, i64)> = causes["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["group"].as_str(), row["key"].as_str().unwrap(), number(&row["values"][1]).unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            (Some("Sara Sol"), "hardship", 100_000),
            (None, "forgotten", 100_000),
            (None, "needed_time", 100_000),
            (None, "unanswered", 100_000),
            (Some("Sara Sol"), "not_delivered", 90_000),
        ],
        "{causes}"
    );
    assert_eq!((figure(&causes, "cases"), figure(&causes, "conceded")), (Some(5), Some(10_000)));
    assert_eq!(figure(&causes, "disputed_share"), Some(1_837), "90,000 of 490,000");
    let late = column(&causes, "days_late");
    let since_due = world.now().date_naive().signed_duration_since(self::day("2026-07-31")).num_days() * 100;
    assert!(late.iter().all(|(_, days)| (since_due..=since_due + 100).contains(days)), "{late:?}");
    let by_customer = block(&creditor, "customer_causes", &today, "EUR").await;
    assert_eq!(by_customer["rows"].as_array().map(Vec::len), Some(5));
    assert!(by_customer["rows"].to_string().contains("Bodegas 11 SA"), "{by_customer}");
    world.finish().await;
}

#[actix_web::test]
async fn the_treasury_report_is_a_file_and_a_mail_to_who_asked_for_it() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    take(&creditor, &invoices()).await;
    let drawn = creditor.get("/api/v1/treasury-report?on=2026-10-31").await;
    assert_eq!((drawn.status.as_u16(), drawn.header("content-type")), (200, "application/pdf"));
    assert!(drawn.bytes.starts_with(b"%PDF") && drawn.header("content-disposition").contains("treasury-2026-10-31.pdf"));
    creditor.get("/api/v1/treasury-report?on=2100-01-01").await.problem(422, "invalid");

    let setting = "/api/v1/me/treasury-mail";
    assert_eq!(creditor.get(setting).await.expect(200), json!({ "rhythm": null }));
    let mails = || outbox(&world.app).into_iter().filter(|mail| mail.contains("filename=\"treasury-")).collect::<Vec<_>>();
    // Chosen twice, and changed: what counts is what was chosen last.
    for rhythm in ["weekly", "weekly", "monthly"] {
        creditor.put(setting, None, &json!({ "rhythm": rhythm })).await.expect(200);
    }
    let first = "2026-12-01T05:00:00Z".parse::<DateTime<Utc>>().unwrap();
    world.pass(first - world.now()).await;
    assert_eq!(mails().len(), 0, "it is five in the morning, and no Monday counted");
    world.pass(TimeDelta::hours(2)).await;
    let [mail] = mails().try_into().unwrap();
    assert!(mail.contains("treasury-2026-11-30.pdf") && mail.contains("DSO"), "{mail}");
    creditor.put(setting, None, &json!({ "rhythm": "weekly" })).await.expect(200);
    for _ in 0..7 {
        world.pass(TimeDelta::days(1)).await;
    }
    assert_eq!(mails().len(), 2, "one Monday");
    creditor.put(setting, None, &json!({ "rhythm": null })).await.expect(200);
    for _ in 0..31 {
        world.pass(TimeDelta::days(1)).await;
    }
    assert_eq!(mails().len(), 2);
    world.finish().await;
}

#[actix_web::test]
async fn what_a_debtor_does_counts_for_the_last_message_before_it() {
    let world = World::new().await;
    let creditor = world.creditor(1).await;
    let [paying, speaking, silent] =
        [posted(&creditor, 1, 11).await, posted(&creditor, 2, 12).await, posted(&creditor, 3, 13).await];
    world.work().await;
    let first = paying.done().await;
    assert_eq!(first.len(), 1, "each got its first message: {first:?}");
    world.pass(TimeDelta::days(1)).await;
    let today = world.now().date_naive();
    creditor.post(&format!("{}/payments", paying.path), &payment(30_000, &today.to_string(), "T-1")).await.expect(201);
    let promise = json!({ "promised_on": (today + Days::new(5)).to_string() });
    creditor.post(&format!("{}/promises", speaking.path), &promise).await.expect(201);
    let before = block(&creditor, "responses", &(today + Days::new(0)).to_string(), "EUR").await;
    assert!(before.is_null(), "nothing has had its fortnight: {before}");
    world.pass(TimeDelta::days(15)).await;
    let report = block(&creditor, "responses", &world.now().date_naive().to_string(), "EUR").await;
    let row = &report["rows"][0];
    assert!(row["group"].as_str().unwrap().ends_with(" v1") && row["key"].as_str().unwrap().starts_with("mail/"), "{report}");
    let numbers: Vec<i64> = row["values"].as_array().unwrap().iter().map(|value| number(value).unwrap()).collect();
    assert_eq!(numbers, [3, 6_667, 3_333, 615, 7_923], "sent, answered, paid, and its band");
    assert!(silent.done().await.len() >= first.len());
    world.finish().await;
}
