//! `entente operator create`: the first administrator of the platform, and any after.

use std::io::Read;

use clap::Args;
use entente::{
    app::App,
    config::Settings,
    db::{By, Scope},
    keys::random_token,
    parties::{
        self, Company, NewMember, Organisation, PartiesError, Role,
        contact::{Email, Line},
        organisation::CompanyAddress,
        passwords,
    },
};
use secrecy::SecretString;

use super::{Failure, say, start};

/// An administrator of the platform. The first one brings the company that runs it.
#[derive(Debug, Args)]
pub struct NewOperator {
    #[arg(long)]
    email: String,
    #[arg(long)]
    name: String,
    /// Read the password from standard input; without it one is made and printed once.
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    company: Option<CompanyArgs>,
}

/// The company that runs the platform.
#[derive(Debug, Args)]
struct CompanyArgs {
    #[arg(long, required = false)]
    company_number: String,
    #[arg(long, required = false)]
    legal_name: String,
    #[arg(long, required = false)]
    iban: String,
    #[arg(long, required = false)]
    street: String,
    #[arg(long, required = false)]
    postal_code: String,
    #[arg(long, required = false)]
    city: String,
}

pub async fn create(settings: Settings, new: NewOperator) -> Result<(), Failure> {
    let (app, _database) = start::app(settings).await?;
    let (password, made) = if new.password_stdin { (read_password()?, false) } else { (random_token(18)?, true) };
    let email: Email = text(new.email)?;
    let full_name: Line = text(new.name)?;
    let company = new.company.map(|args| company(args, &email)).transpose()?;
    let organisation = appoint(&app, &email, &full_name, company.as_ref(), password.clone()).await?;
    say(&format!("{} may now log in as an operator of {}", email.as_str(), organisation.legal_name.as_str()));
    if made {
        say(&format!("password (shown this once): {password}"));
    }
    Ok(())
}

/// Makes an administrator of the platform; the first one brings the company that runs it.
pub async fn appoint(
    app: &App,
    email: &Email,
    full_name: &Line,
    company: Option<&Company>,
    password: String,
) -> Result<Organisation, Failure> {
    let hash = passwords::hash(SecretString::from(password), vec![email.as_str().to_owned()]).await?;
    let by = By::engine(app.clock.now());
    let created = app.db.transaction(Scope::System, async |conn| {
        let admin =
            NewMember { email, full_name, role: Role::Admin, language: None, password_hash: &hash, email_pointer: "/email" };
        parties::create_operator(conn, &by, company, &admin).await
    });
    let (organisation, _) = created.await.map_err(|error: PartiesError| error.to_string())?;
    Ok(organisation)
}

fn company(args: CompanyArgs, email: &Email) -> Result<Company, Failure> {
    Ok(Company {
        company_number: args.company_number,
        legal_name: text(args.legal_name)?,
        country: None,
        iban: args.iban.parse()?,
        address: CompanyAddress { street: text(args.street)?, postal_code: text(args.postal_code)?, city: text(args.city)? },
        email: email.clone(),
        phone: None,
        language: None,
    })
}

/// A checked text, refused in the words of its own type.
pub fn text<T: serde::de::DeserializeOwned>(value: String) -> Result<T, Failure> {
    Ok(serde_json::from_value(value.into())?)
}

fn read_password() -> Result<String, Failure> {
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password)?;
    Ok(password.trim_end_matches(['\r', '\n']).to_owned())
}
