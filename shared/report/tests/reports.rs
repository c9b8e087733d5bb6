//! The three reports of a small fleet, in both forms: complete, harmless, and as the schema says.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may")]

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use snapkeep_policy::alarm::{Format, Memory};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::history::{Act, Kind};
use snapkeep_policy::inventory::Observation;
use snapkeep_policy::period::{Cadence, Period};
use snapkeep_policy::recovery_point::Outcome;
use snapkeep_policy::verb::Verb;
use snapkeep_policy::verify::PhaseTimes;
use snapkeep_policy::view::View;
use snapkeep_report::{Facts, Form, Report, Shelf, Tip, Unseen, announcement, json_schema};

const POLICY: &str = r#"{ "version": 1, "deployment": "test", "time_zone": "UTC", "policies": {
    "critical": { "select": { "databases": ["shepherd"] }, "schedules": ["cron(0 2 * * ? *)"],
                  "retention": { "daily": 7 } } } }"#;

const HOSTILE: &str = "\"'><script>alert(1)</script><b x='";

fn now() -> Timestamp {
    "2026-11-26T06:00:00Z".parse().unwrap()
}

fn act(hours_ago: i64, kind: Kind) -> Act {
    let name = || HOSTILE.to_owned();
    Act {
        at: now() - SignedDuration::from_hours(hours_ago),
        kind,
        database: name(),
        region: Some(name()),
        recovery_point: Some(name()),
        reason: name(),
        evidence: "verify/1".to_owned(),
    }
}

/// Every report of an account of which nothing could be seen but its evidence, in which every text
/// is hostile.
fn reports() -> [Report; 3] {
    let document = PolicyDocument::from_json(POLICY).unwrap();
    let (regions, clock_skew) = (Default::default(), None);
    let observation = Observation { account: None, regions, clock_skew };
    let view = View::new(&document, &observation, None, now());
    let seconds = |count| Some(SignedDuration::from_secs(count));
    let phases = PhaseTimes::default();
    let (rto, objective) = (seconds(4_000), seconds(3_600));
    let failed = Kind::Verified { outcome: Outcome::Fail, rto, objective, phases };
    let acts = [
        act(1, Kind::Refused { verb: Verb::Prune }),
        act(2, failed),
        act(3, Kind::Created),
        act(4, Kind::Approved { verb: Verb::Prune }),
    ];
    let tips = [Tip { verb: Verb::Prune, entries: 3, sha256: Some("ab".repeat(32)) }];
    let unread = [Unseen { what: HOSTILE.to_owned(), why: HOSTILE.to_owned() }];
    Cadence::ALL.map(|cadence| {
        let period = Period::before(now(), cadence, &document.time_zone);
        let memory = Memory::default();
        Report::of(&Facts {
            view: &view,
            period: &period,
            acts: &acts,
            memory: &memory,
            tips: &tips,
            unread: &unread,
        })
    })
}

fn page(report: &Report) -> String {
    String::from_utf8(report.bytes(Form::Html).unwrap()).unwrap()
}

#[test]
fn whatever_a_name_contains_is_text() {
    for report in reports() {
        let page = page(&report);
        for markup in ["<script", "<b x", "\"'>", "alert(1)</"] {
            assert!(!page.contains(markup), "{}: {markup}", report.key());
        }
        assert!(page.contains("&#60;script&#62;alert(1)&#60;/script&#62;"), "{}", report.key());
    }
}

#[test]
fn a_page_asks_for_nothing_outside_of_itself_and_runs_nothing() {
    for report in reports() {
        let page = page(&report);
        for outside in ["http:", "https:", "//", "<script", "@import", "src="] {
            assert!(!page.contains(outside), "{}: {outside}", report.key());
        }
        assert!(page.contains("default-src 'none'"));
        assert!(!page.contains("NaN") && !page.contains("inf%"));
    }
}

#[test]
fn each_report_says_its_period_and_what_it_could_not_see() {
    let keys = reports().map(|report| report.key());
    assert_eq!(
        keys,
        ["reports/daily/2026-11-26", "reports/weekly/2026-W47", "reports/monthly/2026-10"]
    );
    for report in reports() {
        assert!(report.answer().reservations[0].ends_with(HOSTILE));
        let json: Value = serde_json::from_slice(&report.bytes(Form::Json).unwrap()).unwrap();
        assert_eq!(json["unseen"][0]["what"], HOSTILE);
        assert_eq!(json["schema"], 1);
    }
}

#[test]
fn the_daily_report_counts_what_was_done() {
    let [daily, ..] = reports();
    let json: Value = serde_json::from_slice(&daily.bytes(Form::Json).unwrap()).unwrap();
    let expected = serde_json::json!({
        "created": 1, "copied": 0, "passed": 0, "failed": 1, "inconclusive": 0, "pruned": 0,
        "refused": 1, "approved": 1,
    });
    assert_eq!(json["done"], expected);
}

#[test]
fn a_failed_restore_is_an_exception_and_decisions_are_listed() {
    let [.., monthly] = reports();
    let json: Value = serde_json::from_slice(&monthly.bytes(Form::Json).unwrap()).unwrap();
    assert_eq!(json["exceptions"][0]["what"], "restore failed");
    assert_eq!(json["decisions"].as_array().unwrap().len(), 2);
}

#[test]
fn the_message_names_both_forms_and_is_no_alarm() {
    let region = "eu-west-1".parse().unwrap();
    for report in reports() {
        let message = announcement(&report, Shelf { bucket: "b", region: &region }, Format::Hybrid);
        let body: Value = serde_json::from_str(&message.body).unwrap();
        let uri = format!("s3://b/{}.html", report.key());
        assert_eq!(body["snapkeep"]["html"]["uri"], uri);
        assert!(body.get("NewStateValue").is_none() && body.get("AlarmName").is_none());
        assert!(message.subject.is_ascii() && message.subject.len() < 100);
        assert_eq!(message.attributes["event_type"], "report");
        assert_eq!(message.attributes.len(), 5);
        let mail = announcement(&report, Shelf { bucket: "b", region: &region }, Format::Plain);
        assert_eq!((mail.subject, mail.attributes), (message.subject, message.attributes));
        assert!(mail.body.contains(&uri) && !mail.body.contains('{'), "{}", mail.body);
    }
}

#[test]
fn reports_are_as_the_published_schema_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/report.schema.json");
    let made = format!("{}\n", serde_json::to_string_pretty(&json_schema()).unwrap());
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == made,
        "schemas/report.schema.json is out of date: \
         run UPDATE_SCHEMAS=1 cargo test -p snapkeep-report --test reports"
    );
    let schema = jsonschema::draft202012::new(&json_schema()).unwrap();
    for report in reports() {
        let json = serde_json::from_slice(&report.bytes(Form::Json).unwrap()).unwrap();
        let errors: Vec<String> = schema.iter_errors(&json).map(|e| e.to_string()).collect();
        assert_eq!(errors, [""; 0], "{}", report.key());
    }
}
