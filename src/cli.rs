//! The command line: what `convene` can be told to do.

mod doctor;
mod selftest;
mod transfer;

use std::io::{self, BufRead, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser, Subcommand};
use zeroize::Zeroizing;

use crate::accounts::{self, AccountError, Password, Registration};
use crate::config::{self, Config};
use crate::http::openapi::Document;
use crate::scheduling;
use crate::serve::{self, ServeError};
use crate::storage::StorageError;
use crate::telemetry;
use crate::time::{Period, SystemClock, Timestamp};

/// When are we all free? A calendar-interop meeting scheduler.
#[derive(Parser, Debug)]
#[command(name = "convene", version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do; without it, serve.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// How to do it.
    #[command(flatten)]
    pub config: Config,
}

/// What `convene` can do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Serve the API (the default).
    Serve,
    /// Bring the database's schema up to date, and stop.
    Migrate,
    /// Print the OpenAPI document.
    Openapi {
        /// As YAML rather than JSON.
        #[arg(long)]
        yaml: bool,
    },
    /// Print when somebody is busy, as a VFREEBUSY.
    FreeBusy {
        /// The username.
        #[arg(long)]
        user: String,
        /// Where the window begins: RFC 3339, such as 2026-01-05T00:00:00Z.
        #[arg(long)]
        start: Timestamp,
        /// Where it ends.
        #[arg(long)]
        end: Timestamp,
    },
    /// Import iCalendar files for a user.
    Import(transfer::ImportArgs),
    /// Export a user's events as an iCalendar file.
    Export(transfer::ExportArgs),
    /// Say what is wrong with iCalendar files, and how they are understood; 1 where events had to be left out.
    Doctor(doctor::DoctorArgs),
    /// Compare recurrences and zones with vectors that this binary carries; 1 where they differ.
    Selftest,
    /// Manage accounts.
    User {
        /// What to do with an account.
        #[command(subcommand)]
        command: UserCommand,
    },
}

/// What can be done with an account.
#[derive(Subcommand, Debug)]
pub enum UserCommand {
    /// Add an account; the password is read from standard input.
    Add {
        /// The username.
        username: String,
        /// The e-mail address.
        #[arg(long)]
        email: String,
        /// IANA name of the user's time zone.
        #[arg(long, default_value = "UTC")]
        timezone: String,
    },
    /// Give an account a new password, read from standard input; all its sessions and tokens end.
    Passwd {
        /// The username.
        username: String,
    },
}

/// Why a command did not happen: one sentence.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error("{0}")]
    Account(String),
    #[error("the two passwords are not the same")]
    NotTheSame,
    #[error("{0}")]
    Input(String),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    telemetry::start(&cli.config);
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in config::unknown_variables(&Cli::command(), names) {
        tracing::warn!(name, "{name} is no key and does nothing; convene --help lists the keys");
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("no runtime: {error}")),
    };
    match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

async fn run(cli: Cli) -> Result<(), CommandError> {
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => Ok(serve::serve(&cli.config).await?),
        Command::Migrate => {
            let app = serve::open(&cli.config, Arc::new(SystemClock)).await?;
            app.db.close().await;
            say("the database is up to date")
        }
        Command::Openapi { yaml } => {
            let document = Document::new();
            Ok(io::stdout().write_all(if yaml { document.yaml() } else { document.json() }.as_bytes())?)
        }
        Command::FreeBusy { user, start, end } => free_busy(&cli.config, &user, start, end).await,
        Command::Import(args) => transfer::import(&cli.config, args).await,
        Command::Export(args) => transfer::export(&cli.config, args).await,
        Command::Doctor(args) => doctor::doctor(&cli.config, &args),
        Command::Selftest => {
            let verdict = selftest::run();
            say(&verdict.report)?;
            if verdict.passed { Ok(()) } else { Err(CommandError::Input("the self-test failed".to_owned())) }
        }
        Command::User { command } => user(&cli.config, command).await,
    }
}

async fn free_busy(config: &Config, user: &str, start: Timestamp, end: Timestamp) -> Result<(), CommandError> {
    let window = Period::new(start, end).map_err(|error| CommandError::Account(error.to_string()))?;
    let app = serve::open(config, Arc::new(SystemClock)).await?;
    let found = scheduling::free_busy_of_name(&app, user, window).await;
    app.db.close().await;
    let found = found.map_err(|error| CommandError::Account(error.to_string()))?;
    let text = found.ok_or_else(|| CommandError::Account(format!("there is no user {user}")))?;
    Ok(io::stdout().write_all(text.as_bytes())?)
}

async fn user(config: &Config, command: UserCommand) -> Result<(), CommandError> {
    let app = serve::open(config, Arc::new(SystemClock)).await?;
    let done = match command {
        UserCommand::Add { username, email, timezone } => {
            let new = Registration { username, password: read_password()?, email, timezone };
            let user = accounts::add_user(&app, new).await?;
            format!("user {} has id {}", user.username, user.id)
        }
        UserCommand::Passwd { username } => {
            accounts::set_password(&app, &username, read_password()?).await?;
            format!("user {username} has a new password; all sessions and tokens ended")
        }
    };
    app.db.close().await;
    say(&done)
}

/// The first line of standard input; at a terminal typed twice and not shown. A password in an argument would stand in the
/// list of processes.
fn read_password() -> Result<Password, CommandError> {
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        return Ok(Password::new(line.trim_end_matches(['\n', '\r']).to_owned()));
    }
    let first = Zeroizing::new(rpassword::prompt_password("Password: ")?);
    let second = Zeroizing::new(rpassword::prompt_password("Again: ")?);
    if first == second { Ok(Password::new(first.to_string())) } else { Err(CommandError::NotTheSame) }
}

fn say(words: &str) -> Result<(), CommandError> {
    Ok(writeln!(io::stdout(), "{words}")?)
}

/// Says on standard error why it ends.
fn fail(reason: &str) -> ExitCode {
    // Where standard error is closed there is nobody to tell.
    writeln!(io::stderr(), "convene: {reason}").unwrap_or_default();
    ExitCode::FAILURE
}

fn refuse(error: &clap::Error) -> ExitCode {
    if let Some(sentence) = config::sentence(error) {
        fail(&sentence);
        return ExitCode::from(2);
    }
    error.print().unwrap_or_default();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

impl From<AccountError> for CommandError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Invalid(errors) => Self::Account(match errors.first() {
                Some((field, message)) => format!("{field}: {message}"),
                None => "the input is not valid".to_owned(),
            }),
            other => Self::Account(other.to_string()),
        }
    }
}

impl From<StorageError> for CommandError {
    fn from(error: StorageError) -> Self {
        Self::Account(error.to_string())
    }
}
