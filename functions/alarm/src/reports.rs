//! Reports: written when a schedule asks for one, in place of a judgement.
//!
//! A run that writes a report doesn't judge and doesn't touch the memory of open alarms; it reads it. The
//! next ordinary run is a quarter of an hour away at most, and a report that can't be written must keep
//! nobody from hearing an alarm. The same report again is written over, so a second attempt does no harm;
//! but one that couldn't see everything takes nobody's place, and isn't told of if there is another.

use std::cell::Cell;

use snapkeep_aws::Failure;
use snapkeep_aws::act::Applied;
use snapkeep_aws::publish::publish;
use snapkeep_aws::store::{Put, Store};
use snapkeep_function::app::Observed;
use snapkeep_function::{App, Error, Report, Tick, carry_out, evidence};
use snapkeep_policy::alarm::Memory;
use snapkeep_policy::period::{Cadence, Period};
use snapkeep_policy::verb::Verb;
use snapkeep_policy::view::View;
use snapkeep_report::{self as reports, Action, Facts, Form, Older, Placed, Shelf, Tip, Unseen};

use crate::MEMORY_KEY;
use crate::memory::{Stored, read};

/// Makes a report of what was seen, and changes nothing. What can't be read is named in it.
pub async fn make(app: &App, seen: &Observed, cadence: Cadence, tick: &Tick) -> reports::Report {
    let view = View::new(&seen.document, &seen.observation, None, tick.now);
    let period = Period::before(tick.now, cadence, &seen.document.time_zone);
    let store = app.store();
    let mut unread = Vec::new();
    let reading = Box::pin(evidence::acts(&store, period.since, period.until));
    let acts = tick.reading("read the evidence", reading).await;
    let acts = acts.unwrap_or_else(|failure| {
        unread.push(Unseen { what: "what was done".to_owned(), why: failure.to_string() });
        Vec::new()
    });
    let memory = read(&store, MEMORY_KEY).await.map_err(|failure| failure.to_string());
    let memory = memory.and_then(|stored| match stored {
        Stored::Whole(memory, _) => Ok(memory),
        Stored::Damaged(_, why) => Err(why),
        Stored::Absent => Ok(Memory::default()),
    });
    let memory = memory.unwrap_or_else(|why| {
        unread.push(Unseen { what: MEMORY_KEY.to_owned(), why });
        Memory::default()
    });
    let mut tips = Vec::new();
    for verb in Verb::ALL {
        match evidence::newest_of(&store, verb).await {
            Ok((entries, sha256)) => tips.push(Tip { verb, entries, sha256 }),
            Err(failure) => {
                let what = format!("evidence of {verb}");
                unread.push(Unseen { what, why: failure.to_string() });
            }
        }
    }
    reports::Report::of(&Facts {
        view: &view,
        period: &period,
        acts: &acts,
        memory: &memory,
        tips: &tips,
        unread: &unread,
    })
}

/// A run that writes the report of `cadence` and tells of it.
pub(crate) async fn run(
    app: &App,
    seen: &Observed,
    cadence: Cadence,
    tick: &Tick,
) -> Result<Report, Error> {
    let made = make(app, seen, cadence, tick).await;
    let bucket = &app.settings.bucket;
    let shelf = Shelf { bucket, region: app.aws.home() };
    let plan = reports::plan(&made, shelf, app.settings.alert_format);
    let dry_run = app.is_dry_run(&seen.request);
    let mut report = Report::of(Verb::Alarm, &seen.document, tick.now, dry_run, &plan);
    if !dry_run {
        let all_written = Cell::new(true);
        let act = async |placed: &Placed| act(app, &made, &placed.action, &all_written).await;
        carry_out(&plan, &mut report, tick, act).await;
    }
    // It is out, and says so itself; but whoever runs this shall hear of it too.
    let unseen = made.head().unseen.iter();
    report.failures.extend(unseen.map(|it| format!("{}: {}; the report says so", it.what, it.why)));
    Ok(report)
}

async fn act(
    app: &App,
    made: &reports::Report,
    action: &Action,
    all_written: &Cell<bool>,
) -> Result<Applied, Failure> {
    match action {
        // Its forms belong together.
        Action::Write { older: Older::Kept, .. } if !all_written.get() => {
            Ok(Applied::Dropped("its other form isn't there".to_owned()))
        }
        Action::Write { key, form, older } => {
            let written = match made.bytes(*form).map_err(|error| Failure::invalid(key, error)) {
                Ok(bytes) => write(&app.store(), key, bytes, *form, *older).await,
                Err(failure) => Err(failure),
            };
            all_written.set(all_written.get() && matches!(written, Ok(Applied::Done)));
            written
        }
        Action::Announce { .. } if !all_written.get() => {
            Ok(Applied::Dropped("it wasn't written: nobody is sent to it".to_owned()))
        }
        Action::Announce { message } => match &app.settings.topic {
            Some(topic) => publish(&app.aws, topic, message).await.map(|_| Applied::Done),
            None => Ok(Applied::Dropped("no topic is set".to_owned())),
        },
    }
}

async fn write(
    store: &Store,
    key: &str,
    bytes: Vec<u8>,
    form: Form,
    older: Older,
) -> Result<Applied, Failure> {
    match older {
        Older::Replaced => store.put(key, bytes, form.media_type()).await.map(|()| Applied::Done),
        Older::Kept => match store.put_new_of(key, bytes, form.media_type()).await? {
            Put::Written(_) => Ok(Applied::Done),
            Put::AlreadyThere => {
                let why = "one is there, and this one couldn't see everything: it is left alone";
                Ok(Applied::Dropped(why.to_owned()))
            }
        },
    }
}
