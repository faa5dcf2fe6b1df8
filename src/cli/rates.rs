//! `entente rates`: the table of statutory rates, and the next half-year in it.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use entente::{
    config::Settings,
    receivables::rates::{EMBEDDED_TEXT, NewHalfYear, Rates, appended},
    types::{BasisPoints, Currency, Money},
};

use super::{Failure, say};

/// Where a checkout keeps its table.
const OF_THE_CHECKOUT: &str = "config/rates.toml";

#[derive(Debug, Subcommand)]
pub enum RatesCommand {
    /// Add the next half-year to the file, checked.
    Add(AddArgs),
    /// Print the table inside the program: what a file of your own starts from.
    Show,
}

/// One half-year as read from its sources. Rates are in percent: 2.40
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The first day of the half-year: 2027-01-01
    #[arg(long, value_name = "DATE")]
    from: NaiveDate,
    /// The ECB's rate of its last main refinancing operation before that day.
    #[arg(long, value_name = "PERCENT", value_parser = percent, allow_hyphen_values = true)]
    ecb: BasisPoints,
    /// The Bank of England's official rate on the 30 June or 31 December before.
    #[arg(long, value_name = "PERCENT", value_parser = percent, allow_hyphen_values = true)]
    boe: BasisPoints,
    /// The Bundesbank's base rate: follows from the ECB's; if you give it, the two have to agree.
    #[arg(long, value_name = "PERCENT", value_parser = percent, allow_hyphen_values = true)]
    de_base: Option<BasisPoints>,
    /// Where you read them: addresses of the pages.
    #[arg(long)]
    source: String,
    /// The day you read them.
    #[arg(long, value_name = "DATE")]
    read_on: NaiveDate,
    /// The file; otherwise the one that settings name (`rates`), or config/rates.toml here.
    #[arg(long)]
    file: Option<PathBuf>,
}

fn percent(text: &str) -> Result<BasisPoints, String> {
    let hundredths = Money::parse_decimal(text, Currency::EUR).ok().and_then(|money| i32::try_from(money.minor).ok());
    hundredths.map(BasisPoints).ok_or_else(|| "write a rate in percent as 2.40".to_owned())
}

pub fn carry_out(settings: &Settings, command: RatesCommand) -> Result<(), Failure> {
    match command {
        RatesCommand::Add(args) => add(settings, args),
        RatesCommand::Show => {
            say(EMBEDDED_TEXT.trim_end());
            Ok(())
        }
    }
}

fn add(settings: &Settings, args: AddArgs) -> Result<(), Failure> {
    let path = args.file.or_else(|| settings.rates.clone()).unwrap_or_else(|| OF_THE_CHECKOUT.into());
    let text = std::fs::read_to_string(&path).map_err(|error| {
        format!("{}: {error}. Make it with `entente rates show`, and name it in the setting `rates`", path.display())
    })?;
    let new = NewHalfYear {
        from: args.from,
        ecb: args.ecb,
        boe: args.boe,
        de_base: args.de_base,
        read_on: args.read_on,
        source: args.source,
    };
    let grown = appended(&text, &new)?;
    replace(&path, &grown)?;
    let until = grown.parse::<Rates>()?.known_until();
    say(&format!("{} knows the rates until {until}; servers take it up when they start", path.display()));
    Ok(())
}

/// Whoever reads the file meanwhile sees the old one or the new one, never half of it.
fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let beside = path.with_extension("toml.new");
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| format!("cannot write {}: {error}", path.display()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_year_is_added_to_the_file_and_a_wrong_one_leaves_it_alone() {
        let path = std::env::temp_dir().join(format!("entente-rates-{}.toml", std::process::id()));
        std::fs::write(&path, EMBEDDED_TEXT).unwrap();
        let settings = Settings::for_tests("var".into()).unwrap();
        let args = |from: &str| AddArgs {
            from: from.parse().unwrap(),
            ecb: percent("2.25").unwrap(),
            boe: percent("3.5").unwrap(),
            de_base: None,
            source: "https://www.banque-france.fr/en/policy-rates".to_owned(),
            read_on: "2027-01-02".parse().unwrap(),
            file: Some(path.clone()),
        };
        assert!(add(&settings, args("2027-07-01")).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), EMBEDDED_TEXT);
        add(&settings, args("2027-01-01")).unwrap();
        let rates: Rates = std::fs::read_to_string(&path).unwrap().parse().unwrap();
        assert_eq!(rates.known_until().to_string(), "2027-06-30");
        std::fs::remove_file(&path).unwrap();
    }
}
