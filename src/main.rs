//! `entente`: the server, its workers, and the tools an operator needs at three in the morning.

mod cli;

use std::process::ExitCode;

use clap::Parser;

#[actix_web::main]
async fn main() -> ExitCode {
    cli::run(cli::Cli::parse()).await
}
