//! Commands of the program. Each says what it does, what went wrong, and exits with 1 when it failed.

mod serve;
mod start;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use entente::{config::Settings, db};

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
    /// Bring the database up to date.
    Migrate {
        /// Take the newest migration back instead.
        #[arg(long)]
        revert: bool,
    },
}

type Failure = Box<dyn std::error::Error>;

/// Runs the command; a failure is one line on standard error.
pub async fn run(cli: Cli) -> ExitCode {
    match carry_out(cli.command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say_error(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn carry_out(command: Command) -> Result<(), Failure> {
    let settings = Settings::load()?;
    start::logging(&settings);
    match command {
        Command::Serve => serve::serve(settings).await,
        Command::Work => serve::work(settings).await,
        Command::Migrate { revert } => migrate(settings, revert).await,
    }
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

#[expect(clippy::print_stdout, reason = "the answer of a command belongs on standard output")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "why a command failed belongs on standard error")]
fn say_error(line: &str) {
    eprintln!("entente: {line}");
}
