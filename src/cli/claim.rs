//! `entente claim`: what may be asked on a day, by the law of a country. Needs no database.

mod table;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use entente::{
    payments::rehearsal::{Spent, spend},
    receivables::{
        DebtorKind,
        agreement::Agreement,
        claim::{Claim, ClaimLine, ClaimTerms, Part, claim},
        invoice::{Dated, Invoice},
        law,
        limitation::{Interruption, TimeBar, time_bar},
    },
    types::{BasisPoints, Country, Currency, Money, ReceivableId},
};
use serde_json::{Value, json};

use super::{Failure, say};

/// What to reckon. Amounts are decimal with a dot (1234.56), in euro, in pounds under the law of the United Kingdom; days are
/// written 2026-12-31.
#[derive(Debug, Args)]
pub struct ClaimArgs {
    /// Whose law: ES, FR, DE, IT, PT, BE, NL, UK (where the creditor has its seat).
    #[arg(long)]
    country: String,
    /// Who owes: a business, a consumer, or a public body.
    #[arg(long, value_enum)]
    kind: Kind,
    /// An invoice with the day it fell due; again for more. Instalments: 300,2026-01-31+700,2026-02-28
    #[arg(long, value_name = "AMOUNT,DUE", required = true, allow_hyphen_values = true)]
    invoice: Vec<String>,
    /// What was paid and when; again for more. Spent in the order of the country's law, on the oldest invoice first.
    #[arg(long, value_name = "AMOUNT,DATE", allow_hyphen_values = true)]
    payment: Vec<String>,
    /// A credit note; again for more. It counts from the day of the invoice, the oldest first.
    #[arg(long, value_name = "AMOUNT,DATE", allow_hyphen_values = true)]
    credit: Vec<String>,
    /// The last day that bears interest.
    #[arg(long, value_name = "DATE")]
    on: String,
    /// The yearly rate that the contract names, in the place of the legal one: 8.5
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    contract_rate: Option<String>,
    /// The lump sum for late payment that a consumer's contract names (Belgium).
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    contract_penalty: Option<String>,
    /// The day on which the debtor received a formal notice to pay: some interest and costs begin with it.
    #[arg(long, value_name = "DATE")]
    notice: Option<String>,
    /// For machines: decimal strings.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    B2b,
    B2c,
    Public,
}

impl Kind {
    const fn debtor(self) -> DebtorKind {
        match self {
            Self::B2b => DebtorKind::Business,
            Self::B2c => DebtorKind::Consumer,
            Self::Public => DebtorKind::Public,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::B2b => "b2b",
            Self::B2c => "b2c",
            Self::Public => "public",
        }
    }
}

/// Everything that was reckoned.
struct Reckoning {
    country: &'static str,
    kind: &'static str,
    claim: Claim,
    spent: Vec<Spent>,
    /// Payments that came in after the day.
    later: usize,
    limitation: Vec<(String, TimeBar)>,
}

pub fn reckon(args: &ClaimArgs) -> Result<(), Failure> {
    let reckoning = Reckoning::of(args)?;
    if args.json {
        say(&serde_json::to_string_pretty(&reckoning.json())?);
    } else {
        say(table::text(&reckoning).trim_end());
    }
    Ok(())
}

impl Reckoning {
    fn of(args: &ClaimArgs) -> Result<Self, Failure> {
        let country = country(&args.country)?;
        let currency = law::of(country).currency;
        let on = day("--on", &args.on)?;
        let notice_on = args.notice.as_deref().map(|text| day("--notice", text)).transpose()?;
        let mut invoices = Vec::new();
        for (number, text) in (1..).zip(&args.invoice) {
            invoices.push(Invoice { notice_on, ..invoice(number, text, currency)? });
        }
        take_off(&mut invoices, &all_dated("--credit", &args.credit, currency)?)?;
        let terms = ClaimTerms {
            agreement: Agreement {
                rate: args.contract_rate.as_deref().map(percent).transpose()?,
                penalty: args.contract_penalty.as_deref().map(|text| amount("--contract-penalty", text, currency)).transpose()?,
            },
            ..ClaimTerms::statutory(country, args.kind.debtor(), true)
        };
        let (payments, later): (Vec<Dated>, Vec<Dated>) =
            all_dated("--payment", &args.payment, currency)?.into_iter().partition(|(received_on, _)| *received_on <= on);
        let spent = spend(&terms, &mut invoices, &payments)?;
        let claim = claim(&terms, &invoices, on)?;
        let limitation = invoices.iter().map(|invoice| (invoice.number.clone(), time_bar_of(&terms, invoice, &spent))).collect();
        let country = if country == Country::UnitedKingdom { "UK" } else { country.as_str() };
        Ok(Self { country, kind: args.kind.as_str(), claim, spent, later: later.len(), limitation })
    }

    /// What is asked of one part, before payments.
    fn asked(&self, part: Part) -> Money {
        let lines = self.claim.lines.iter().filter(|line| line.part == part).map(|line| line.amount.minor);
        Money::new(lines.sum(), self.claim.currency)
    }

    fn json(&self) -> Value {
        let claim = &self.claim;
        json!({
            "country": self.country,
            "kind": self.kind,
            "currency": claim.currency,
            "on": claim.on,
            "principal": self.asked(Part::Principal).decimal(),
            "interest": self.asked(Part::Interest).decimal(),
            "compensation": self.asked(Part::Compensation).decimal(),
            "costs": self.asked(Part::Costs).decimal(),
            "paid": claim.paid.decimal(),
            "total": claim.total.decimal(),
            "still_owed": {
                "principal": claim.principal.decimal(), "interest": claim.interest.decimal(),
                "compensation": claim.compensation.decimal(), "costs": claim.costs.decimal(),
            },
            "lines": claim.lines.iter().map(line).collect::<Vec<_>>(),
            "payments": self.spent.iter().map(payment).collect::<Vec<_>>(),
            "limitation": self.limitation.iter().map(|(invoice, bar)| limitation(invoice, bar, claim.on)).collect::<Vec<_>>(),
            "remarks": claim.remarks,
        })
    }
}

fn line(line: &ClaimLine) -> Value {
    json!({
        "kind": line.part,
        "invoice": line.number,
        "ground": ground(line),
        "code": line.ground,
        "uncertain": line.uncertain,
        "doubt": line.doubt,
        "from": line.from,
        "to": line.to,
        "days": line.days,
        "rate": line.rate.map(decimal_percent),
        "base": line.base.decimal(),
        "day_count": line.day_count,
        "formula": line.formula,
        "amount": line.amount.decimal(),
    })
}

/// The text of law, what it says, and what is not sure about it.
fn ground(line: &ClaimLine) -> String {
    let doubt = line.doubt.map_or_else(String::new, |doubt| format!(" (uncertain: {doubt})"));
    format!("{}: {}{doubt}", line.citation, line.rule)
}

fn payment(spent: &Spent) -> Value {
    let on = |part| {
        let lines = spent.on.iter().filter(|line| line.part == part).map(|line| line.amount.minor);
        Money::new(lines.sum(), spent.amount.currency).decimal()
    };
    json!({
        "received_on": spent.received_on, "amount": spent.amount.decimal(), "costs": on(Part::Costs),
        "compensation": on(Part::Compensation), "interest": on(Part::Interest), "principal": on(Part::Principal),
    })
}

fn limitation(invoice: &str, bar: &TimeBar, on: NaiveDate) -> Value {
    json!({
        "invoice": invoice, "enforceable_until": bar.enforceable_until, "time_barred": bar.has_passed(on), "ground": bar.citation,
        "rule": bar.rule, "uncertain": bar.uncertain, "doubt": bar.doubt, "interrupted_by": bar.interrupted_by,
    })
}

/// A payment acknowledges the invoice that it was spent on.
fn time_bar_of(terms: &ClaimTerms, invoice: &Invoice, spent: &[Spent]) -> TimeBar {
    let on_it = |spent: &&Spent| spent.on.iter().any(|line| line.receivable_id == invoice.receivable_id);
    let acknowledged: Vec<_> =
        spent.iter().filter(on_it).map(|spent| (spent.received_on, Interruption::Acknowledgement)).collect();
    time_bar(terms.country, terms.kind, invoice.due_on, &acknowledged)
}

/// `10.15`
fn decimal_percent(rate: BasisPoints) -> String {
    Money::new(rate.0.into(), Currency::EUR).decimal()
}

// ---- reading what was typed --------------------------------------------------------------------------------------------

fn country(text: &str) -> Result<Country, Failure> {
    let code = text.trim().to_uppercase();
    let code = if code == "UK" { "GB" } else { &code };
    code.parse().map_err(|_| format!("--country {text}: the law of ES, FR, DE, IT, PT, BE, NL or UK").into())
}

fn day(option: &str, text: &str) -> Result<NaiveDate, Failure> {
    NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").map_err(|_| format!("{option} {text}: write a day as 2026-12-31").into())
}

fn amount(option: &str, text: &str, currency: Currency) -> Result<Money, Failure> {
    let money = Money::parse_decimal(text, currency).map_err(|error| format!("{option} {text}: {error}"))?;
    if money.is_positive() { Ok(money) } else { Err(format!("{option} {text}: an amount is more than nothing").into()) }
}

fn dated(option: &str, text: &str, currency: Currency) -> Result<Dated, Failure> {
    let (money, on) =
        text.split_once(',').ok_or_else(|| format!("{option} {text}: write AMOUNT,DATE as in 1234.56,2026-12-31"))?;
    Ok((day(option, on)?, amount(option, money, currency)?))
}

fn all_dated(option: &str, texts: &[String], currency: Currency) -> Result<Vec<Dated>, Failure> {
    texts.iter().map(|text| dated(option, text, currency)).collect()
}

/// `8.5` percent a year.
fn percent(text: &str) -> Result<BasisPoints, Failure> {
    let hundredths = Money::parse_decimal(text, Currency::EUR).ok().and_then(|money| i32::try_from(money.minor).ok());
    hundredths.map(BasisPoints).ok_or_else(|| format!("--contract-rate {text}: write a rate in percent as 8.5").into())
}

/// One amount with its due day, or several as instalments.
fn invoice(number: u32, text: &str, currency: Currency) -> Result<Invoice, Failure> {
    let mut parts: Vec<Dated> = text.split('+').map(|part| dated("--invoice", part, currency)).collect::<Result<_, _>>()?;
    parts.sort_by_key(|(due_on, _)| *due_on);
    let principal = Money::sum(currency, parts.iter().map(|(_, amount)| *amount))?;
    let due_on = parts.first().map_or(NaiveDate::MAX, |(due_on, _)| *due_on);
    let instalments = if parts.len() > 1 { parts } else { Vec::new() };
    // When the debt arose was not said; the due day stands for it.
    Ok(Invoice { instalments, ..Invoice::new(ReceivableId::fresh(), number.to_string(), (due_on, due_on), principal) })
}

/// Takes credit notes off the oldest invoices.
fn take_off(invoices: &mut [Invoice], credits: &[Dated]) -> Result<(), Failure> {
    invoices.sort_by_key(|invoice| invoice.due_on);
    for (credited_on, credit) in credits {
        let mut left = *credit;
        for invoice in invoices.iter_mut() {
            let taken = Money::new(left.minor.min(invoice.net_principal(NaiveDate::MAX)?.minor), left.currency);
            if taken.is_positive() {
                invoice.credits.push((*credited_on, taken));
                left = left.checked_sub(taken)?;
            }
        }
        if left.is_positive() {
            return Err(format!("--credit {},{credited_on}: {left} more than was invoiced", credit.decimal()).into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        claim: ClaimArgs,
    }

    fn reckoned(line: &str) -> Result<Reckoning, String> {
        let typed = std::iter::once("claim").chain(line.split_whitespace());
        let cli = Cli::try_parse_from(typed).map_err(|error| error.to_string())?;
        Reckoning::of(&cli.claim).map_err(|error| error.to_string())
    }

    fn shown(line: &str) -> [String; 6] {
        let json = reckoned(line).unwrap().json();
        ["principal", "interest", "compensation", "costs", "paid", "total"].map(|key| json[key].as_str().unwrap().to_owned())
    }

    #[test]
    fn parts_less_what_was_paid_are_the_total() {
        let table = [
            (
                "--country ES --kind b2b --invoice 1000,2026-06-30 --on 2026-11-22",
                ["1000.00", "41.32", "40.00", "0.00", "0.00", "1081.32"],
            ),
            // 40 on the fixed sum, 8.83 on interest, 151.17 on principal; then 848.83 for 31 days: 7.50
            (
                "--country ES --kind b2b --invoice 1000,2026-06-30 --payment 200,2026-07-31 --on 2026-08-31",
                ["1000.00", "16.33", "40.00", "0.00", "200.00", "856.33"],
            ),
            (
                "--country uk --kind public --invoice 5000,2025-12-31 --on 2026-01-31",
                ["5000.00", "49.90", "70.00", "0.00", "0.00", "5119.90"],
            ),
            (
                "--country GB --kind b2b --invoice 10000,2025-12-31 --on 2025-12-31",
                ["10000.00", "0.00", "0.00", "0.00", "0.00", "10000.00"],
            ),
            (
                "--country NL --kind b2b --invoice 23000,2026-10-31 --on 2026-10-31",
                ["23000.00", "0.00", "0.00", "0.00", "0.00", "23000.00"],
            ),
            (
                "--country FR --kind b2c --invoice 100,2026-01-31 --on 2026-06-30",
                ["100.00", "0.00", "0.00", "0.00", "0.00", "100.00"],
            ),
            (
                "--country DE --kind b2b --invoice 1000,2026-06-30 --credit 200,2026-07-15 --on 2026-07-31",
                ["800.00", "7.15", "40.00", "0.00", "0.00", "847.15"],
            ),
        ];
        for (line, expected) in table {
            assert_eq!(shown(line), expected, "{line}");
        }
    }

    #[test]
    fn lines_are_decimal_strings_with_their_ground() {
        let json = reckoned("--country BE --kind b2b --invoice 1000,2025-12-31 --on 2026-01-10").unwrap().json();
        let interest = &json["lines"][1];
        assert_eq!(
            (&interest["kind"], &interest["rate"], &interest["base"]),
            (&json!("interest"), &json!("10.50"), &json!("1000.00"))
        );
        assert_eq!((&interest["days"], &interest["amount"]), (&json!(10), &json!("2.88")));
        let ground = interest["ground"].as_str().unwrap();
        assert!(ground.starts_with("Loi du 2 août 2002 art. 5: ") && ground.contains("(uncertain: "), "{ground}");
        assert_eq!(interest["uncertain"], json!(true));
        assert_eq!(json["limitation"][0]["enforceable_until"], json!("2030-12-31"));
    }

    #[test]
    fn payments_after_the_day_are_left_out() {
        let reckoning =
            reckoned("--country ES --kind b2b --invoice 100,2026-06-30 --payment 50,2026-09-01 --on 2026-08-31").unwrap();
        assert_eq!((reckoning.later, reckoning.claim.paid.minor), (1, 0));
        assert!(table::text(&reckoning).contains("after that day"));
    }

    #[test]
    fn the_table_says_what_the_json_says() {
        let line =
            "--country PT --kind b2b --invoice 1000,2026-06-30 --invoice 500,2026-07-31 --payment 100,2026-08-15 --on 2026-09-30";
        let text = table::text(&reckoned(line).unwrap());
        for shown in ["Código Comercial art. 102 § 5", "10.40 %", "2026-08-16", "uncertain", "Código Civil art. 309", "total"]
        {
            assert!(text.contains(shown), "{shown} is missing in\n{text}");
        }
        assert!(text.contains(&shown(line)[5]));
        assert!(text.lines().all(|line| line == line.trim_end()), "no trailing blanks");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let good = "--country ES --kind b2b --invoice 1000,2026-06-30 --on 2026-08-31";
        let table = [
            (good.replace("ES", "XX"), "--country XX"),
            (good.replace("1000,2026-06-30", "1000"), "AMOUNT,DATE"),
            (good.replace("1000,", "1.000,50,"), "2026-12-31"),
            (good.replace("1000,", "-5,"), "more than nothing"),
            (good.replace("1000,", "0,"), "more than nothing"),
            (good.replace("1000,", "1000.001,"), "at most 2 after the decimal point"),
            (good.replace("2026-06-30", "2026-02-30"), "write a day"),
            (good.replace("2026-08-31", "31/08/2026"), "--on 31/08/2026"),
            (good.replace("2026-08-31", "2027-01-01"), "until 2026-12-31"),
            (format!("{good} --payment 5000,2026-07-31"), "is more than the"),
            (format!("{good} --credit 1000.01,2026-07-31"), "more than was invoiced"),
            (format!("{good} --contract-rate 1"), "Ley 3/2004 art. 9"),
            (format!("{good} --contract-rate acht"), "in percent"),
            (format!("{good} --contract-penalty 10"), "Belgium alone"),
            (good.replace("b2b", "business"), "possible values: b2b, b2c, public"),
            ("--country ES --kind b2b --on 2026-08-31".to_owned(), "--invoice"),
        ];
        for (line, expected) in table {
            let refusal = reckoned(&line).err().unwrap_or_else(|| panic!("{line} was taken"));
            assert!(refusal.contains(expected), "{line}: {refusal}");
        }
    }
}
