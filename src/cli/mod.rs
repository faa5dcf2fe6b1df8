//! Commands of the program. Each says what it does, what went wrong, and exits with 1 when it failed.

mod claim;
mod demo;
mod intake;
mod market;
mod operator;
mod price;
mod rates;
mod serve;
mod start;

use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use entente::{cases, config::Settings, db, ledger, receivables::rates::Rates, routes};

/// A marketplace for unpaid invoices that keeps the customer.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and the pages, with workers inside unless settings say 0.
    Serve,
    /// Run workers only: as many processes as you like beside `serve`.
    Work,
    /// Play a small world through the main job, check the books, and keep serving (ONCE=1: stop at the end).
    Demo,
    /// Reckon what may be asked on a day, by the law of a country. Needs no database.
    Claim(claim::ClaimArgs),
    /// The statutory rates of late payment.
    #[command(subcommand)]
    Rates(rates::RatesCommand),
    /// Bring the database up to date.
    Migrate {
        /// Take the newest migration back instead.
        #[arg(long)]
        revert: bool,
    },
    /// People who run the platform.
    #[command(subcommand)]
    Operator(Operator),
    /// The timelines of cases.
    #[command(subcommand)]
    Audit(Audit),
    /// The books.
    #[command(subcommand)]
    Ledger(Ledger),
    /// Invoices on their way in.
    #[command(subcommand)]
    Intake(Intake),
    /// The market as a whole.
    #[command(subcommand)]
    Market(Market),
    /// The take-now price of a case on the market.
    #[command(subcommand)]
    Price(Price),
    /// Print the API's description (OpenAPI 3.1).
    Openapi {
        /// Compare with this file instead; fail if it differs.
        #[arg(long)]
        check: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
enum Operator {
    /// Make an administrator.
    Create(operator::NewOperator),
}

#[derive(Debug, Subcommand)]
enum Audit {
    /// Recompute every case's chain of events; name the first row that is wrong.
    Verify,
}

#[derive(Debug, Subcommand)]
enum Ledger {
    /// Recompute every transaction and every balance; name the first row that is wrong.
    Verify,
}

#[derive(Debug, Subcommand)]
enum Intake {
    /// Compare our reading of files with a list of what is in them.
    Check(intake::Check),
}

#[derive(Debug, Subcommand)]
enum Market {
    /// Count the agencies that qualify for each open listing; name the listings that nobody may take.
    Reach,
}

#[derive(Debug, Subcommand)]
enum Price {
    /// Say what a price is made of: of a card described by its inputs, or of a listing or case on record.
    Explain(Box<price::Explain>),
}

type Failure = Box<dyn std::error::Error>;

/// Runs the command; a failure is one line on standard error.
pub async fn run(cli: Cli) -> ExitCode {
    match carry_out(cli.command).await {
        Ok(code) => code,
        Err(failure) => {
            say_error(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn carry_out(command: Command) -> Result<ExitCode, Failure> {
    let settings = if matches!(command, Command::Demo) { demo::own(Settings::load()?) } else { Settings::load()? };
    start::logging(&settings);
    // A table that cannot be read is mended by the commands for it.
    if let Some(path) = settings.rates.as_deref().filter(|_| !matches!(command, Command::Rates(_))) {
        Rates::install(path)?;
    }
    let done = match command {
        Command::Intake(Intake::Check(args)) => return intake::check(&args),
        Command::Serve => serve::serve(settings).await,
        Command::Work => serve::work(settings).await,
        Command::Demo => demo::play(settings).await,
        Command::Claim(args) => claim::reckon(&args),
        Command::Rates(command) => rates::carry_out(&settings, command),
        Command::Migrate { revert } => migrate(settings, revert).await,
        Command::Operator(Operator::Create(new)) => operator::create(settings, new).await,
        Command::Audit(Audit::Verify) => audit_verify(settings).await,
        Command::Ledger(Ledger::Verify) => ledger_verify(settings).await,
        Command::Market(Market::Reach) => market::reach(settings).await,
        Command::Price(Price::Explain(asked)) => price::explain(settings, *asked).await,
        Command::Openapi { check } => openapi(check),
    };
    done.map(|()| ExitCode::SUCCESS)
}

async fn migrate(settings: Settings, revert: bool) -> Result<(), Failure> {
    let database = start::database(&settings).await?;
    if revert {
        say(&format!("took back {}", db::migrations::revert(&database.owner_url).await?));
    } else {
        say(&format!("{} migrations ran", db::migrations::run(&database.owner_url).await?));
    }
    Ok(())
}

async fn audit_verify(settings: Settings) -> Result<(), Failure> {
    let (app, _database) = start::app(settings).await?;
    let audited = cases::audit::verify(&app).await?;
    say(&format!("{} events of {} cases: every line is what was written", audited.events, audited.cases));
    Ok(())
}

async fn ledger_verify(settings: Settings) -> Result<(), Failure> {
    let (app, _database) = start::app(settings).await?;
    let verified = ledger::verify(&app).await?;
    let counted =
        format!("{} entries of {} transactions on {} accounts", verified.entries, verified.transactions, verified.accounts);
    say(&format!("{counted}: every sum is zero, every balance what its entries say"));
    Ok(())
}

fn openapi(check: Option<PathBuf>) -> Result<(), Failure> {
    let description = routes::openapi().to_yaml()?;
    match check {
        None => say(description.trim_end()),
        Some(path) if std::fs::read_to_string(&path)?.trim_end() == description.trim_end() => {
            say("the API's description is up to date")
        }
        Some(path) => {
            return Err(format!("{} is not what the code says: entente openapi > {}", path.display(), path.display()).into());
        }
    }
    Ok(())
}

/// The answer of a command, on standard output. A reader who has left (`| head`) is no failure.
pub(crate) fn say(line: &str) {
    if writeln!(std::io::stdout(), "{line}").is_err() {
        tracing::debug!("nobody reads the standard output any more");
    }
}

#[expect(clippy::print_stderr, reason = "why a command failed belongs on standard error")]
fn say_error(line: &str) {
    eprintln!("entente: {line}");
}
