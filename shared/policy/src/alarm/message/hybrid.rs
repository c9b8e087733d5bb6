//! The parts that programs read: a custom notification for chats, the fields of a CloudWatch alarm, and
//! our own block.
//!
//! Sources: Amazon Q Developer in chat applications Administrator Guide, "Custom notifications using Amazon
//! Q Developer in chat applications", "Event schema" and "Parameter details": `version` is 1.0 and `source`
//! custom, `client-markdown` is the one text type, all but these two and the description may be left out.
//! The lengths of title and description are our own bounds: they aren't among what of that page could be
//! confirmed. Amazon CloudWatch User Guide, "Notifying users on alarm changes".

use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Value, json};

use super::text;
use super::told::{SCHEMA, Told};

/// One line of a card.
const TITLE_CHARS_MAX: usize = 250;
/// Keywords, next steps and summaries have no published limit; one line each is what a card has room for.
const KEYWORD_CHARS_MAX: usize = 75;
const SUMMARY_CHARS_MAX: usize = 300;

/// A message for chats, pagers and programs at once.
#[derive(Serialize, JsonSchema)]
struct Hybrid {
    #[serde(flatten)]
    chat: Chat,
    #[serde(flatten)]
    alarm: Alarm,
    /// What snapkeep says in its own words: programs should read this.
    snapkeep: Told,
}

/// A custom notification of Amazon Q Developer in chat applications.
#[derive(Serialize, JsonSchema)]
struct Chat {
    /// Version of the custom notification's schema, which is Amazon's.
    #[schemars(extend("const" = "1.0"))]
    version: &'static str,
    /// Says that it is a custom notification.
    #[schemars(extend("const" = "custom"))]
    source: &'static str,
    /// What the card shows.
    content: Content,
    /// What the card is about, and its thread.
    metadata: Metadata,
}

/// What a card in a chat shows.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Content {
    /// Texts are in the chat's own markdown.
    #[schemars(extend("const" = "client-markdown"))]
    text_type: &'static str,
    /// One line: state, condition, and with what.
    #[schemars(length(min = 1, max = 250))]
    title: String,
    /// What is wrong, of many with the worst ten, and since when.
    #[schemars(length(min = 1, max = 8000))]
    description: String,
    /// What to do, and where the runbook is.
    next_steps: Vec<String>,
    /// Words to find it by.
    keywords: Vec<String>,
}

/// What a card in a chat is about.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    /// The alarm's key: all its messages are in one thread.
    thread_id: String,
    /// What is wrong, in one line.
    summary: String,
    /// The condition.
    event_type: String,
    /// The worst ten databases, snapshots, policies or regions.
    related_resources: Vec<String>,
    /// Deployment, severity and status; of a database, what could be restored.
    additional_context: BTreeMap<&'static str, String>,
}

/// The fields of a CloudWatch alarm.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct Alarm {
    /// The alarm's key.
    #[schemars(length(min = 1, max = 255))]
    alarm_name: String,
    /// What to do, and where the runbook is.
    #[schemars(length(max = 1024))]
    alarm_description: String,
    /// The account, if it is known.
    #[serde(rename = "AWSAccountId")]
    account: Option<String>,
    /// The region of the database, snapshot or policy.
    region: String,
    /// The state it is in.
    #[schemars(extend("enum" = ["ALARM", "OK"]))]
    new_state_value: String,
    /// The state it was in.
    #[schemars(extend("enum" = ["ALARM", "OK"]))]
    old_state_value: &'static str,
    /// What is wrong, or that it is over.
    #[schemars(length(max = 1023))]
    new_state_reason: String,
    /// When it came into this state, as CloudWatch writes times.
    #[schemars(regex(pattern = r"^[0-9-]{10}T[0-9:]{8}\.[0-9]{3}\+0000$"))]
    state_change_time: String,
}

/// Everything in one object.
pub(super) fn hybrid(told: Told) -> String {
    json!(Hybrid { chat: Chat::of(&told), alarm: Alarm::of(&told), snapkeep: told }).to_string()
}

/// The custom notification alone.
pub(super) fn chat(told: &Told) -> String {
    json!(Chat::of(told)).to_string()
}

/// The CloudWatch alarm alone.
pub(super) fn cloudwatch(told: &Told) -> String {
    json!(Alarm::of(told)).to_string()
}

impl Chat {
    fn of(told: &Told) -> Self {
        let Told { key, severity, condition, deployment, status, .. } = told;
        let figures = told.figures().map(|figures| ("recovery", figures));
        let keywords = [deployment, severity, condition, &told.subject];
        Self {
            version: "1.0",
            source: "custom",
            content: Content {
                text_type: "client-markdown",
                title: text::line(&text::defused(&told.title), TITLE_CHARS_MAX),
                description: text::defused(&description(told)),
                next_steps: vec![told.next_step.clone(), format!("Runbook: {}", told.runbook)],
                keywords: keywords.map(|word| text::line(word, KEYWORD_CHARS_MAX)).into(),
            },
            metadata: Metadata {
                thread_id: key.clone(),
                summary: text::line(&text::defused(&told.reason()), SUMMARY_CHARS_MAX),
                event_type: condition.clone(),
                related_resources: told.affected.iter().map(|it| it.subject.clone()).collect(),
                additional_context: [
                    ("deployment", deployment.clone()),
                    ("severity", severity.clone()),
                    ("status", status.clone()),
                ]
                .into_iter()
                .chain(figures)
                .collect(),
            },
        }
    }
}

/// At most 8,000 characters, which the schema promises: a reason, ten lines, two words on its state.
fn description(told: &Told) -> String {
    let mut lines = vec![told.reason()];
    if told.count > 1 {
        let item =
            |it: &super::Affected| format!("• {} ({}): {}", it.subject, it.region, it.message);
        lines.extend(told.affected.iter().map(item));
    }
    if told.unnamed() > 0 {
        lines.push(format!("• and {} more", told.unnamed()));
    }
    let Told { severity, status, opened_at, .. } = told;
    lines.push(format!("{severity}, {status}, {}, since {opened_at}", told.escalation()));
    lines.join("\n")
}

impl Alarm {
    fn of(told: &Told) -> Self {
        let Told { next_step, runbook, .. } = told;
        Self {
            alarm_name: told.key.clone(),
            alarm_description: format!("{next_step} Runbook: {runbook}"),
            account: told.account.clone(),
            region: told.region.clone(),
            new_state_value: told.state.clone(),
            old_state_value: told.old_state(),
            new_state_reason: told.reason(),
            state_change_time: told.changed_at().strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string(),
        }
    }
}

/// The JSON Schema (draft 2020-12) of a message in [`super::Format::Hybrid`].
///
/// Within one version fields are only added and lists of words only grow, so it accepts fields that it
/// doesn't know.
#[must_use]
pub fn json_schema() -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<Hybrid>();
    schema.insert("$id".to_owned(), json!(SCHEMA));
    schema.insert("title".to_owned(), json!("An alarm of snapkeep"));
    schema.to_value()
}
