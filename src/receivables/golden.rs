//! Published cases, and ours by hand, held against the engine.

use chrono::NaiveDate;
use serde_json::Value;

use super::{
    DebtorKind,
    claim::{Claim, ClaimTerms, Part, claim},
    costs::dutch_scale,
    interest::{Compounding, Convention, DayCount, Debt, LineRounding, RatePolicy, accrue},
    invoice::Invoice,
    law,
    rates::{Beginning, Series},
    test_support::shared_file,
};
use crate::types::{BasisPoints, Country, Currency, Money, ReceivableId};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn eur(text: &str) -> Money {
    Money::parse_decimal(text, Currency::EUR).unwrap()
}

/// `8.25` percent.
fn percent(text: &str) -> BasisPoints {
    BasisPoints(i32::try_from(eur(text).minor).unwrap())
}

// ---- the shared, published cases ---------------------------------------------------------------------------------------

/// Published cases that are about something else than claims, with the reason.
const NOT_OURS: [(&str, &str); 1] = [("G14", "metrics of a portfolio of receivables, not a claim")];

#[test]
fn every_published_case_comes_out() {
    let Some(text) = shared_file("golden/interest.json") else { return };
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    for case in &cases {
        let id = case["id"].as_str().unwrap();
        if NOT_OURS.iter().any(|(other, _)| *other == id) {
            continue;
        }
        let expected = eur(case["expected"].as_str().unwrap());
        assert_eq!(published(case), expected, "{id}");
        if let Some(sum) = case["fixed_sum"].as_str() {
            assert_eq!(british_fixed_sum(case["principal"].as_str().unwrap()), Money::parse_decimal(sum, Currency::GBP).unwrap());
        }
        // What was published may differ from what is right by what the source itself allows.
        if let Some((published, tolerance)) = case["published"].as_str().zip(case["tolerance"].as_str()) {
            assert!((eur(published).minor - expected.minor).abs() <= eur(tolerance).minor, "{id}");
        }
    }
    assert!(cases.len() >= 14, "only {} published cases were found", cases.len());
}

fn published(case: &Value) -> Money {
    let text = |key: &str| case[key].as_str().unwrap_or_default();
    let principal = eur(text("principal"));
    if text("kind") == "wik" {
        return dutch_scale(principal, 1).unwrap();
    }
    let convention = Convention {
        policy: RatePolicy::PerHalfYear,
        day_count: match text("basis") {
            "365" => DayCount::Act365Fixed,
            "act/act" => DayCount::ActAct,
            "30/360" => DayCount::Thirty360,
            other => panic!("an unknown way to count days: {other}"),
        },
        rounding: match text("rounding") {
            "per_line" | "" => LineRounding::PerLine,
            "at_end" => LineRounding::AtEnd,
            "daily_amount" => LineRounding::DailyAmount,
            other => panic!("an unknown rounding: {other}"),
        },
        compounding: Compounding::None,
    };
    if let Some(segments) = case["segments"].as_array() {
        return of_segments(principal, convention, segments);
    }
    if case["lines"].is_array() {
        return german_over_years(principal, convention, case);
    }
    let days = case["days"].as_i64().unwrap();
    let from = day("2025-01-02");
    // 30/360 has no 31st: seven months of thirty days end on the first of the eighth.
    let to = match convention.day_count {
        DayCount::Thirty360 => from + chrono::Months::new(u32::try_from(days / 30).unwrap()) - chrono::Days::new(1),
        DayCount::Act365Fixed | DayCount::ActAct => from + chrono::Days::new(u64::try_from(days - 1).unwrap()),
    };
    let segments = accrue(&Series::constant(percent(text("rate"))), convention, &debt(principal), (from, to)).unwrap();
    assert_eq!(segments.iter().map(|segment| i64::from(segment.days)).sum::<i64>(), days);
    Money::sum(Currency::EUR, segments.iter().map(|segment| segment.amount)).unwrap()
}

const fn debt(principal: Money) -> Debt<'static> {
    Debt { principal, payments: &[], interest_payments: &[] }
}

/// Days at a rate, one after the other, each with its own amount.
fn of_segments(principal: Money, convention: Convention, published: &[Value]) -> Money {
    let start = day("2010-01-02");
    let mut cursor = start;
    let mut beginnings = Vec::new();
    for segment in published {
        beginnings.push(Beginning { from: cursor, rate: Some(percent(segment[1].as_str().unwrap())), doubt: None });
        cursor = cursor + chrono::Days::new(segment[0].as_u64().unwrap());
    }
    let last = cursor.pred_opt().unwrap();
    let segments = accrue(&Series::new(beginnings, last), convention, &debt(principal), (start, last)).unwrap();
    let shown: Vec<String> = segments.iter().map(|segment| segment.amount.decimal()).collect();
    let expected: Vec<&str> = published.iter().map(|segment| segment[2].as_str().unwrap()).collect();
    assert_eq!(shown, expected);
    Money::sum(Currency::EUR, segments.iter().map(|segment| segment.amount)).unwrap()
}

/// The German base rate before our table begins: 0.12 % from July 2009, 0.37 % in the second half of 2011, then 0.12 %.
fn german_over_years(principal: Money, convention: Convention, case: &Value) -> Money {
    let margin = case["margin"].as_str().unwrap().parse::<i32>().unwrap() * 100;
    let halves =
        [("2009-07-01", 12), ("2010-01-01", 12), ("2010-07-01", 12), ("2011-01-01", 12), ("2011-07-01", 37), ("2012-01-01", 12)];
    let beginning =
        |(from, base): &(&str, i32)| Beginning { from: day(from), rate: Some(BasisPoints(base + margin)), doubt: None };
    let series = Series::new(halves.iter().map(beginning).collect(), day("2012-06-30"));
    let days = (day(case["from_incl"].as_str().unwrap()), day(case["to_incl"].as_str().unwrap()));
    let segments = accrue(&series, convention, &debt(principal), days).unwrap();
    let lines = case["lines"].as_array().unwrap();
    assert_eq!(segments.len(), lines.len());
    for (segment, line) in segments.iter().zip(lines) {
        let exact: Vec<&str> = line.as_str().unwrap().split('.').collect();
        let ten_thousandths: i64 = format!("{}{}", exact[0], exact[1]).parse().unwrap();
        assert_eq!(segment.amount.minor, (ten_thousandths + 50) / 100, "{line}");
    }
    let total = Money::sum(Currency::EUR, segments.iter().map(|segment| segment.amount)).unwrap();
    let at_end = accrue(&series, Convention { rounding: LineRounding::AtEnd, ..convention }, &debt(principal), days).unwrap();
    assert_eq!(Money::sum(Currency::EUR, at_end.iter().map(|segment| segment.amount)).unwrap(), total);
    total
}

fn british_fixed_sum(principal: &str) -> Money {
    let principal = Money::parse_decimal(principal, Currency::GBP).unwrap();
    let invoice = Invoice::new(ReceivableId::fresh(), "F".to_owned(), (day("2025-01-01"), day("2025-01-31")), principal);
    let terms = ClaimTerms::statutory(Country::UnitedKingdom, DebtorKind::Business, true);
    claim(&terms, &[invoice], day("2025-03-01")).unwrap().compensation
}

// ---- ours, by hand -----------------------------------------------------------------------------------------------------

/// One claim: invoices `(amount, due)`, payments on the principal of the first, the day; then its interest lines
/// `(days, rate, base, amount)` and `principal, interest, compensation, costs` still owed.
struct ByHand {
    country: Country,
    kind: DebtorKind,
    notice_on: Option<&'static str>,
    invoices: &'static [(&'static str, &'static str)],
    payments: &'static [(&'static str, &'static str)],
    on: &'static str,
    lines: &'static [(u32, &'static str, &'static str, &'static str)],
    owed: [&'static str; 4],
}

const B2B: DebtorKind = DebtorKind::Business;
const B2C: DebtorKind = DebtorKind::Consumer;

const BY_HAND: &[ByHand] = &[
    // Two half-years, a payment of 400 on 31 July:
    // 1 May to 30 June 61 d: 1,000 × 0.1015 × 61 / 365 = 16.963 → 16.96
    // 1 to 31 July 31 d: 1,000 × 0.1040 × 31 / 365 = 8.8329 → 8.83; August 31 d: 600 × 0.1040 × 31 / 365 = 5.2997 → 5.30
    ByHand {
        country: Country::Spain,
        kind: B2B,
        notice_on: None,
        invoices: &[("1000", "2026-04-30")],
        payments: &[("2026-07-31", "400")],
        on: "2026-08-31",
        lines: &[(61, "10.15", "1000.00", "16.96"), (31, "10.40", "1000.00", "8.83"), (31, "10.40", "600.00", "5.30")],
        owed: ["600.00", "31.09", "40.00", "0.00"],
    },
    // The margin rises on 24 February 2013: from 1 February 23 d at 7.75: 5,000 × 0.0775 × 23 / 365 = 24.4178 → 24.42;
    // 24 to 28 February 5 d at 8.75: 5,000 × 0.0875 × 5 / 365 = 5.9932 → 5.99
    ByHand {
        country: Country::Spain,
        kind: DebtorKind::Public,
        notice_on: None,
        invoices: &[("5000", "2013-01-31")],
        payments: &[],
        on: "2013-02-28",
        lines: &[(23, "7.75", "5000.00", "24.42"), (5, "8.75", "5000.00", "5.99")],
        owed: ["5000.00", "30.41", "40.00", "0.00"],
    },
    // A consumer, demand received on 31 October 2025: 61 d at 3.25: 1,000 × 0.0325 × 61 / 365 = 5.4315 → 5.43
    ByHand {
        country: Country::Spain,
        kind: B2C,
        notice_on: Some("2025-10-31"),
        invoices: &[("1000", "2025-09-30")],
        payments: &[],
        on: "2025-12-31",
        lines: &[(61, "3.25", "1000.00", "5.43")],
        owed: ["1000.00", "5.43", "0.00", "0.00"],
    },
    // Two invoices: 1,200 from 1 January 2025 59 d at 13.15: 1,200 × 0.1315 × 59 / 365 = 25.5074 → 25.51;
    // 800 from 1 February 28 d: 800 × 0.1315 × 28 / 365 = 8.0702 → 8.07; EUR 40 twice
    ByHand {
        country: Country::France,
        kind: B2B,
        notice_on: None,
        invoices: &[("1200", "2024-12-31"), ("800", "2025-01-31")],
        payments: &[],
        on: "2025-02-28",
        lines: &[(59, "13.15", "1200.00", "25.51"), (28, "13.15", "800.00", "8.07")],
        owed: ["2000.00", "33.58", "80.00", "0.00"],
    },
    // A consumer, formal notice on 30 November 2024: from 1 December, whatever the due day.
    // 31 d at 4.92: 1,000 × 0.0492 × 31 / 365 = 4.1786 → 4.18; 31 d at 3.71: 1,000 × 0.0371 × 31 / 365 = 3.1510 → 3.15
    ByHand {
        country: Country::France,
        kind: B2C,
        notice_on: Some("2024-11-30"),
        invoices: &[("1000", "2024-09-30")],
        payments: &[],
        on: "2025-01-31",
        lines: &[(31, "4.92", "1000.00", "4.18"), (31, "3.71", "1000.00", "3.15")],
        owed: ["1000.00", "7.33", "0.00", "0.00"],
    },
    // A leap year counts 366 days: December 31 d: 2,000 × 0.1212 × 31 / 365 = 20.5874 → 20.59;
    // January to June 2024 182 d: 2,000 × 0.1262 × 182 / 366 = 125.5104 → 125.51
    ByHand {
        country: Country::Germany,
        kind: B2B,
        notice_on: None,
        invoices: &[("2000", "2023-11-30")],
        payments: &[],
        on: "2024-06-30",
        lines: &[(31, "12.12", "2000.00", "20.59"), (182, "12.62", "2000.00", "125.51")],
        owed: ["2000.00", "146.10", "40.00", "0.00"],
    },
    // Consumer, base + 5: 184 d: 500 × 0.0627 × 184 / 365 = 15.8038 → 15.80; no EUR 40
    ByHand {
        country: Country::Germany,
        kind: B2C,
        notice_on: None,
        invoices: &[("500", "2025-06-30")],
        payments: &[],
        on: "2025-12-31",
        lines: &[(184, "6.27", "500.00", "15.80")],
        owed: ["500.00", "15.80", "0.00", "0.00"],
    },
    // 36500 in a leap year too: 182 d: 3,000 × 0.1250 × 182 / 365 = 186.9863 → 186.99; 184 d: 3,000 × 0.1225 × 184 / 365
    // = 185.2603 → 185.26
    ByHand {
        country: Country::Italy,
        kind: B2B,
        notice_on: None,
        invoices: &[("3000", "2023-12-31")],
        payments: &[],
        on: "2024-12-31",
        lines: &[(182, "12.50", "3000.00", "186.99"), (184, "12.25", "3000.00", "185.26")],
        owed: ["3000.00", "372.25", "40.00", "0.00"],
    },
    // Eight points only from 1 July 2013: June 30 d at 7.75: 1,000 × 0.0775 × 30 / 365 = 6.3699 → 6.37;
    // July 31 d at 8.50: 1,000 × 0.0850 × 31 / 365 = 7.2192 → 7.22
    ByHand {
        country: Country::Portugal,
        kind: B2B,
        notice_on: None,
        invoices: &[("1000", "2013-05-31")],
        payments: &[],
        on: "2013-07-31",
        lines: &[(30, "7.75", "1000.00", "6.37"), (31, "8.50", "1000.00", "7.22")],
        owed: ["1000.00", "13.59", "40.00", "0.00"],
    },
    // 11.15 is rounded up to 11.50: 90 d: 1,000 × 0.1150 × 90 / 365 = 28.3562 → 28.36; 12.25 to 12.50 before: 31 d:
    // 1,000 × 0.1250 × 31 / 365 = 10.6164 → 10.62
    ByHand {
        country: Country::Belgium,
        kind: B2B,
        notice_on: None,
        invoices: &[("1000", "2024-11-30")],
        payments: &[],
        on: "2025-03-31",
        lines: &[(31, "12.50", "1000.00", "10.62"), (90, "11.50", "1000.00", "28.36")],
        owed: ["1000.00", "38.98", "40.00", "0.00"],
    },
    // Joins on the anniversary, 1 October 2024; lines end with half-years, years and the claim's years:
    // 92 d 2023: 10,000 × 0.1200 × 92 / 365 = 302.4658 → 302.47; 182 d: 10,000 × 0.1250 × 182 / 366 = 621.5847 → 621.58;
    // 92 d to 30 September: 10,000 × 0.1225 × 92 / 366 = 307.9235 → 307.92; 1,231.97 join:
    // 92 d: 11,231.97 × 0.1225 × 92 / 366 = 345.8588 → 345.86. Costs: 15 % of 2,500 + 10 % of 2,500 + 5 % of 5,000 = 875
    ByHand {
        country: Country::Netherlands,
        kind: B2B,
        notice_on: None,
        invoices: &[("10000", "2023-09-30")],
        payments: &[],
        on: "2024-12-31",
        lines: &[
            (92, "12.00", "10000.00", "302.47"),
            (182, "12.50", "10000.00", "621.58"),
            (92, "12.25", "10000.00", "307.92"),
            (92, "12.25", "11231.97", "345.86"),
        ],
        owed: ["10000.00", "1577.83", "0.00", "875.00"],
    },
    // A consumer: 7 % in 2024 (31 d: 1,000 × 0.07 × 31 / 366 = 5.9290 → 5.93), nothing for 2025, whose rate is not known.
    // The letter came on 1 March 2025, so costs are owed from 16 March on: 15 % = 150
    ByHand {
        country: Country::Netherlands,
        kind: B2C,
        notice_on: Some("2025-03-01"),
        invoices: &[("1000", "2024-11-30")],
        payments: &[],
        on: "2025-03-31",
        lines: &[(31, "7.00", "1000.00", "5.93"), (90, "", "1000.00", "0.00")],
        owed: ["1000.00", "5.93", "0.00", "150.00"],
    },
    // Due 20 December 2024, so the rate of the half-year from 1 July 2024 stays: 8 + 5.25 = 13.25, though the Bank's rate of
    // 31 December was 4.75. 101 d: 5,000 × 0.1325 × 101 / 365 = 183.3219 → 183.32; GBP 70
    ByHand {
        country: Country::UnitedKingdom,
        kind: B2B,
        notice_on: None,
        invoices: &[("5000", "2024-12-20")],
        payments: &[],
        on: "2025-03-31",
        lines: &[(101, "13.25", "5000.00", "183.32")],
        owed: ["5000.00", "183.32", "70.00", "0.00"],
    },
    // Due 31 December 2024: interest starts on 1 January at 8 + 4.75, also after 1 July and through a part payment.
    // 181 d: 999.99 × 0.1275 × 181 / 365 = 63.2254 → 63.23; 31 d: 499.99 × 0.1275 × 31 / 365 = 5.4142 → 5.41; GBP 40
    ByHand {
        country: Country::UnitedKingdom,
        kind: DebtorKind::Public,
        notice_on: None,
        invoices: &[("999.99", "2024-12-31")],
        payments: &[("2025-06-30", "500")],
        on: "2025-07-31",
        lines: &[(181, "12.75", "999.99", "63.23"), (31, "12.75", "499.99", "5.41")],
        owed: ["499.99", "68.64", "40.00", "0.00"],
    },
];

fn reckoned(case: &ByHand) -> Claim {
    let currency = law::of(case.country).currency;
    let money = |text: &str| Money::parse_decimal(text, currency).unwrap();
    let mut invoices: Vec<Invoice> = case
        .invoices
        .iter()
        .map(|(amount, due)| Invoice::new(ReceivableId::fresh(), format!("F-{due}"), (day(due), day(due)), money(amount)))
        .map(|invoice| Invoice { notice_on: case.notice_on.map(day), ..invoice })
        .collect();
    invoices[0].principal_payments = case.payments.iter().map(|(on, amount)| (day(on), money(amount))).collect();
    let terms = ClaimTerms::statutory(case.country, case.kind, true);
    claim(&terms, &invoices, day(case.on)).unwrap()
}

#[test]
fn claims_reckoned_by_hand_come_out_line_by_line() {
    for case in BY_HAND {
        let claim = reckoned(case);
        let rate = |bp: BasisPoints| format!("{}.{:02}", bp.0 / 100, bp.0 % 100);
        let lines: Vec<_> = claim
            .lines
            .iter()
            .filter(|line| line.part == Part::Interest)
            .map(|line| (line.days, line.rate.map_or_else(String::new, rate), line.base.decimal(), line.amount.decimal()))
            .collect();
        let expected: Vec<_> = case
            .lines
            .iter()
            .map(|(days, rate, base, amount)| (*days, (*rate).to_owned(), (*base).to_owned(), (*amount).to_owned()))
            .collect();
        assert_eq!(lines, expected, "{} {}", case.country, case.kind);
        let owed = [claim.principal, claim.interest, claim.compensation, claim.costs].map(Money::decimal);
        assert_eq!(owed, case.owed, "{} {}", case.country, case.kind);
    }
}

#[test]
fn every_line_can_be_recomputed_from_its_own_fields() {
    for case in BY_HAND {
        for line in reckoned(case).lines {
            assert!(!line.citation.is_empty() && !line.rule.is_empty() && !line.formula.is_empty());
            assert_eq!(line.uncertain, line.doubt.is_some());
            let Some(rate) = line.rate else { continue };
            let year = i128::from(line.formula.rsplit(' ').next().unwrap().parse::<u32>().unwrap());
            let (base, days) = (i128::from(line.base.minor), i128::from(line.days));
            let twice = base * i128::from(rate.0) * days * 2 / (10_000 * year);
            assert_eq!(i128::from(line.amount.minor), (twice + 1) / 2, "{} {}", line.ground, line.from);
            assert_eq!(i64::from(line.days), (line.to - line.from).num_days() + 1);
        }
    }
}

#[test]
fn every_country_has_a_case_reckoned_by_hand() {
    for country in Country::ALL {
        assert!(BY_HAND.iter().any(|case| case.country == *country), "{country}");
    }
}

/// What the rulebook is not sure of is marked on the line.
#[test]
fn what_is_not_sure_says_so_on_its_line() {
    let doubted = |country, kind| {
        let invoice = [("1000", "2025-12-31")];
        let days = (day(invoice[0].1), day(invoice[0].1));
        let currency = law::of(country).currency;
        let invoice = Invoice::new(ReceivableId::fresh(), "F".to_owned(), days, Money::new(100_000, currency));
        let claim = claim(&ClaimTerms::statutory(country, kind, true), &[invoice], day("2026-03-31")).unwrap();
        claim.lines.iter().filter(|line| line.uncertain).map(|line| line.ground).collect::<Vec<_>>()
    };
    assert!(doubted(Country::Spain, B2B).is_empty() && doubted(Country::France, B2B).is_empty());
    assert!(doubted(Country::Germany, B2B).is_empty() && doubted(Country::UnitedKingdom, B2B).is_empty());
    assert_eq!(doubted(Country::Portugal, B2B), ["pt_interest", "pt_compensation"]);
    assert_eq!(doubted(Country::Belgium, B2B), ["be_interest", "be_compensation"]);
    assert_eq!(doubted(Country::Netherlands, B2B), ["nl_commercial_interest"]);
    assert_eq!(doubted(Country::Netherlands, B2C), ["nl_consumer_interest"]);
    assert!(doubted(Country::Spain, B2C).is_empty(), "nothing runs without a demand");
}

/// A credit note counts from the day of the invoice: 1,000 less 200 bears interest as 800 from the first day.
#[test]
fn a_credit_note_is_dated_back_to_the_invoice() {
    let days = (day("2026-06-30"), day("2026-06-30"));
    let mut invoice = Invoice::new(ReceivableId::fresh(), "F".to_owned(), days, eur("1000"));
    invoice.credits = vec![(day("2026-08-15"), eur("200"))];
    let terms = ClaimTerms::statutory(Country::Spain, B2B, true);
    let after = claim(&terms, std::slice::from_ref(&invoice), day("2026-08-31")).unwrap();
    // 800 × 0.1040 × 62 / 365 = 14.1326
    assert_eq!((after.principal, after.interest), (eur("800"), eur("14.13")));
    let before = claim(&terms, std::slice::from_ref(&invoice), day("2026-08-14")).unwrap();
    assert_eq!(before.principal, eur("1000"), "nobody knew of it yet");
    invoice.credits = vec![(day("2026-08-15"), eur("1000"))];
    let all = claim(&terms, &[invoice], day("2026-08-31")).unwrap();
    assert_eq!(all.total, eur("0"), "an invoice that was credited is not chased");
}

/// Ley 3/2004 art. 6: with instalments, interest and the fixed sum only on what has fallen due.
#[test]
fn instalments_bear_interest_from_their_own_due_day() {
    let in_two = |country| {
        let days = (day("2026-06-30"), day("2026-06-30"));
        let currency = law::of(country).currency;
        let money = |minor| Money::new(minor, currency);
        let mut invoice = Invoice::new(ReceivableId::fresh(), "F".to_owned(), days, money(100_000));
        invoice.instalments = vec![(day("2026-06-30"), money(50_000)), (day("2026-07-31"), money(50_000))];
        let claim = |on| claim(&ClaimTerms::statutory(country, B2B, true), std::slice::from_ref(&invoice), day(on)).unwrap();
        let (early, late) = (claim("2026-07-31"), claim("2026-08-31"));
        [early.interest.minor, early.compensation.minor, late.interest.minor, late.compensation.minor]
    };
    // 500 × 0.1040 × 31 / 365 = 4.4164 → 4.42; then 62 d = 8.8329 → 8.83 and 31 d = 4.42
    assert_eq!(in_two(Country::Spain), [442, 4_000, 883 + 442, 4_000]);
    // 500 × 0.1052 × 31 / 365 = 4.4674 → 4.47; 62 d = 8.9348 → 8.93; the fixed sum once for each instalment (§ 288(5))
    assert_eq!(in_two(Country::Germany), [447, 4_000, 893 + 447, 8_000]);
}

#[test]
fn dutch_costs_are_for_all_invoices_together_and_at_least_forty_euro_each() {
    let terms = ClaimTerms::statutory(Country::Netherlands, B2B, true);
    let invoice = |due: &str, amount| Invoice::new(ReceivableId::fresh(), due.to_owned(), (day(due), day(due)), eur(amount));
    let of = |invoices: &[Invoice]| claim(&terms, invoices, day("2026-03-31")).unwrap();
    let three = of(&[invoice("2026-02-28", "100"), invoice("2026-01-31", "100"), invoice("2026-12-01", "9000")]);
    // 15 % of 200 is 30; two late invoices make it 80; the one that is not due counts for nothing
    assert_eq!((three.costs, three.compensation), (eur("80"), eur("0")));
    let costs = three.lines.iter().find(|line| line.part == Part::Costs).unwrap();
    assert_eq!((costs.number.as_str(), costs.base), ("2026-01-31", eur("200")), "kept with what was due first");
    assert_eq!(of(&[invoice("2026-01-31", "23000")]).costs, eur("1005"));
}

#[test]
fn a_dutch_consumer_owes_no_costs_until_fourteen_days_after_the_letter() {
    let invoice = Invoice::new(ReceivableId::fresh(), "F".to_owned(), (day("2026-01-31"), day("2026-01-31")), eur("125"));
    let costs = |notice_on: Option<&str>, on: &str| {
        let terms = ClaimTerms::statutory(Country::Netherlands, B2C, true);
        let noticed = Invoice { notice_on: notice_on.map(day), ..invoice.clone() };
        let claim = claim(&terms, &[noticed], day(on)).unwrap();
        let line = claim.lines.iter().find(|line| line.part == Part::Costs).unwrap();
        assert_eq!(line.amount, claim.costs);
        (claim.costs.decimal(), line.citation)
    };
    assert_eq!(costs(None, "2026-06-30"), ("0.00".to_owned(), "BW 6:96(6)"));
    assert_eq!(costs(Some("2026-03-01"), "2026-03-15").0, "0.00");
    assert_eq!(costs(Some("2026-03-01"), "2026-03-16").0, "40.00");
}

#[test]
fn a_belgian_consumer_owes_the_penalty_of_the_contract_within_its_cap() {
    let invoice = Invoice::new(ReceivableId::fresh(), "F".to_owned(), (day("2026-01-31"), day("2026-01-31")), eur("400"));
    let of = |penalty: Option<&str>| {
        let mut terms = ClaimTerms::statutory(Country::Belgium, B2C, true);
        terms.agreement.penalty = penalty.map(eur);
        claim(&terms, std::slice::from_ref(&invoice), day("2026-03-31"))
    };
    assert_eq!(of(None).unwrap().costs, eur("0"));
    assert_eq!(of(Some("55")).unwrap().costs, eur("55"));
    let refusal = of(Some("55.01")).unwrap_err().to_string();
    assert!(refusal.contains("55.00 EUR") && refusal.contains("XIX.4"), "{refusal}");
    let mut french = ClaimTerms::statutory(Country::France, B2C, true);
    french.agreement.penalty = Some(eur("10"));
    assert!(claim(&french, &[invoice], day("2026-03-31")).is_err());
}

#[test]
fn british_debts_carry_a_sum_by_their_size_and_a_known_rate_beyond_the_table() {
    for (principal, sum) in [("999.99", "40"), ("1000", "70"), ("9999.99", "70"), ("10000", "100")] {
        assert_eq!(british_fixed_sum(principal), Money::parse_decimal(sum, Currency::GBP).unwrap(), "{principal}");
    }
    let money = Money::new(100_000, Currency::GBP);
    let invoice = Invoice::new(ReceivableId::fresh(), "F".to_owned(), (day("2026-06-30"), day("2026-06-30")), money);
    let terms = ClaimTerms::statutory(Country::UnitedKingdom, B2B, true);
    // 365 d at 11.75 frozen in July 2026
    assert_eq!(claim(&terms, &[invoice], day("2027-06-30")).unwrap().interest.minor, 11_750);
}

#[test]
fn a_british_agreed_rate_leaves_no_fixed_sum() {
    let money = Money::new(100_000, Currency::GBP);
    let invoice = Invoice::new(ReceivableId::fresh(), "F".to_owned(), (day("2026-06-30"), day("2026-06-30")), money);
    let mut terms = ClaimTerms::statutory(Country::UnitedKingdom, B2B, true);
    terms.agreement.rate = Some(BasisPoints(1_000));
    let claim = claim(&terms, &[invoice], day("2026-07-31")).unwrap();
    assert_eq!((claim.interest.minor, claim.compensation.minor), (849, 0));
}
