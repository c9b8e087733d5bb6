//! What can be typed.

mod doctor;
mod evidence;
mod report;
mod scale;
mod soak;
mod status;

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use snapkeep_policy::alarm::Format;
use snapkeep_policy::ids::Region;

pub use doctor::Doctor;
pub use evidence::{Evidence, Export, Ledgers, List, Verify as VerifyEvidence};
pub use report::Report;
pub use scale::Scale;
pub use soak::Soak;
pub use status::Status;

/// Keeps a fleet's backups restorable, and proves it every day.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to use colours. NO_COLOR is respected.
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    pub color: Color,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the main job: a fleet, 400 nights and six incidents in a simulated account
    Demo(Demo),
    /// Show what the five functions would do now, and change nothing
    ///
    /// Exit code 0: nothing to do; 2: there is something to do; 1: error; 64: usage.
    Plan(Plan),
    /// Look whether a deployment would do its work, before or after it is deployed
    ///
    /// Exit code 0: all is well; 1: something is wrong or couldn't be looked at, or error; 64: usage.
    /// Changes nothing. Names follow the Terraform module: roles NAME-VERB, topic NAME-alarms, bucket
    /// NAME-ACCOUNT-REGION. IAM is asked what the roles' own policies say; the policies of bucket,
    /// topic and keys, and whether the security groups exist, aren't looked at.
    Doctor(Box<Doctor>),
    /// Try a policy and a fleet over months or years in a simulated account
    Simulate(Simulate),
    /// Put many small simulated accounts through every fault, and watch every call
    ///
    /// Exit code 0: every invariant holds; 1: one doesn't, or error; 64: usage. Each seed is an account
    /// of some weeks, with faults of its own; it is run twice, and both runs must be alike to the byte.
    Soak(Soak),
    /// Live through one day of a large fleet in a simulated account, with slow and throttled calls
    ///
    /// Exit code 0: nothing was missed, nothing is left over, no alarm is open; 1: not so, or error;
    /// 64: usage.
    Scale(Scale),
    /// Show what a retention keeps of a list of recovery points, and why
    Retention(Retention),
    /// Show how every protected database stands now, the worst first
    ///
    /// Exit code 0: all of them are proven within their limits and nothing is alarmed; 3: one isn't, or
    /// an alarm is open; 4: nothing is known to be wrong, but something couldn't be looked at; 1: error;
    /// 64: usage. Changes nothing.
    Status(Status),
    /// Check the records of what was done, list them, or take them along
    #[command(subcommand)]
    Evidence(Evidence),
    /// Write a report as alarm does from its schedules: are we restorable, in time, by the policy?
    ///
    /// daily is about the last 24 hours, weekly about the last whole ISO week, monthly about the last
    /// whole month. Nothing in the account is changed. Exit code 0: it is written; 1: something couldn't
    /// be looked at, which the report says, or error; 64: usage.
    Report(Report),
    /// Put a policy's checks to a database that can be reached, now
    ///
    /// Exit code 0: PASS; 3: FAIL; 4: INCONCLUSIVE; 1: error; 64: usage. The password comes from the
    /// URL, from --password-file or from $SNAPKEEP_PASSWORD, and is never printed. TLS is verified; it
    /// is left out only if the URL says so (sslmode=disable, ssl-mode=DISABLED, tls=false), or on this
    /// machine when nothing asks for it.
    Verify(Verify),
    /// Serve a simulated account on a local port, for the AWS CLI, boto3 or any other client
    World(World),
    /// Print shell completions
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Days to simulate; below 24 there is no room for the incidents
    #[arg(long, default_value_t = 400, value_parser = days())]
    pub days: u32,
    /// Decides durations and everything that is left to chance
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Random faults on top of the incidents
    #[arg(long, value_enum, default_value_t = Faults::None)]
    pub faults: Faults,
    /// Where to write the report
    #[arg(long, default_value = "report.html", value_name = "FILE")]
    pub report: PathBuf,
    /// Also write the last daily, weekly and monthly report into this folder, as alarm makes them
    #[arg(long, value_name = "FOLDER")]
    pub reports: Option<PathBuf>,
    #[command(flatten)]
    pub published: Published,
    /// How to print the outcome
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
}

/// What becomes of the messages that a simulation publishes.
#[derive(Debug, clap::Args)]
pub struct Published {
    /// Write every published message here as it came over the wire, one JSON object a line: topic,
    /// subject, message, attributes
    #[arg(long, value_name = "FILE")]
    pub messages: Option<PathBuf>,
    /// Who alarms are written for: everybody at once, or chats, CloudWatch's readers, people alone
    #[arg(long, value_parser = format(), default_value_t = Format::Hybrid)]
    pub format: Format,
}

/// Arguments of `plan`.
#[derive(Debug, clap::Args)]
pub struct Plan {
    /// Policy document, JSON or TOML; - reads JSON from standard input
    #[arg(long, value_name = "FILE")]
    pub policy: PathBuf,
    /// Endpoint of an emulator or of `snapkeep world`; without it, AWS
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Where databases are looked for when the policy names no region; default: AWS_REGION
    #[arg(long, value_name = "REGION")]
    pub region: Option<Region>,
    /// Plan as of this instant, RFC 3339; default: now
    #[arg(long, value_name = "INSTANT")]
    pub now: Option<Timestamp>,
    /// How to print the plan
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
}

/// Arguments of `simulate`.
#[derive(Debug, clap::Args)]
pub struct Simulate {
    /// Policy document, JSON or TOML; - reads JSON from standard input
    #[arg(long, value_name = "FILE")]
    pub policy: PathBuf,
    /// Databases, JSON: [{"id", "engine", "region", "encrypted", "storage_gib", "tags"}]; without it,
    /// one for each database and each set of tags that the policy selects
    #[arg(long, value_name = "FILE")]
    pub fleet: Option<PathBuf>,
    /// A second policy document, to be compared with the first on the same fleet
    #[arg(long, value_name = "FILE")]
    pub compare: Option<PathBuf>,
    /// Days to simulate
    #[arg(long, default_value_t = 90, value_parser = days())]
    pub days: u32,
    /// Decides durations and everything that is left to chance
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Random faults
    #[arg(long, value_enum, default_value_t = Faults::None)]
    pub faults: Faults,
    /// Also write a report
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    #[command(flatten)]
    pub published: Published,
    /// How to print the outcome
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
}

/// Arguments of `retention`.
#[derive(Debug, clap::Args)]
pub struct Retention {
    /// The `retention` object of a policy document, JSON or TOML; - reads JSON from standard input
    #[arg(long, value_name = "FILE")]
    pub policy: PathBuf,
    /// [{"id", "taken_at", "verified": "pass"|"fail"|null, "hold": bool, "status"}], JSON; - reads
    /// standard input
    #[arg(long, value_name = "FILE")]
    pub recovery_points: PathBuf,
    /// IANA zone of days, weeks, months and years
    #[arg(long, default_value = "UTC", value_parser = zone, value_name = "ZONE")]
    pub time_zone: TimeZone,
    /// Decide as of this instant, RFC 3339; default: now
    #[arg(long, value_name = "INSTANT")]
    pub now: Option<Timestamp>,
    /// How to print the decisions
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
}

/// Arguments of `verify`.
#[derive(clap::Args)]
pub struct Verify {
    /// The database: postgres://…, mysql://… or mongodb://user:password@host:port/database
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// The `checks` list of a policy, JSON; - reads standard input. Without it, the database has to
    /// answer and to hold something
    #[arg(long, value_name = "FILE")]
    pub checks: Option<PathBuf>,
    /// Certificate authorities to trust, PEM; without it, those of Amazon RDS
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// The password, in a file of its own
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Hold the content against this survey of an earlier run: 30 % fewer rows, or a lost table, fail
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write a survey of what the database holds: names, counts, sizes and newest times
    #[arg(long, value_name = "FILE")]
    pub survey: Option<PathBuf>,
    /// How fresh the data should be is counted from this instant, RFC 3339; default: now
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<Timestamp>,
    /// Seconds that one check may take
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub timeout: u32,
    /// How to print the verdict
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
}

/// A URL may hold a password: of these arguments nothing is shown.
impl std::fmt::Debug for Verify {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verify")
    }
}

/// Arguments of `world`.
#[derive(Debug, clap::Args)]
pub struct World {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Decides durations and resource ids
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Seconds of virtual time that pass in a second. Above 1 its clock runs away from yours, and
    /// prune refuses to delete by a clock in doubt
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=86_400))]
    pub speed: u32,
}

/// How a command prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// Which random faults strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Faults {
    /// None.
    None,
    /// Something is always wrong somewhere.
    Stormy,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Sets it for everything that is printed.
    pub fn write_global(self) {
        let choice = match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

fn format() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::as_str))
        .try_map(|word| word.parse::<Format>())
}

fn days() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=36_500)
}

fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| "expected an IANA time zone such as Europe/Vienna".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }
}
