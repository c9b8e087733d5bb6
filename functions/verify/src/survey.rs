//! What each recovery point held, in the bucket: `surveys/<resource id>/<instant>.json`. It is what later
//! ones are held against, so it is written before the verdict that makes it one.

use jiff::Timestamp;
use snapkeep_aws::Failure;
use snapkeep_aws::store::Store;
use snapkeep_policy::ids::{RdsArn, ResourceId};
use snapkeep_policy::verify::Surveys;
use snapkeep_policy::verify::testimony::Survey;

/// The first of the baselines that left a survey, if any did. Recovery points that were proven before
/// there were surveys left none.
///
/// # Errors
/// As the store: a survey that can't be read now may be read by the next run.
pub(crate) async fn baseline(
    store: &Store,
    surveys: &Surveys,
) -> Result<Option<(RdsArn, Survey)>, Failure> {
    for (arn, at) in &surveys.baselines {
        let key = key(&surveys.source, *at);
        let Some((bytes, _)) = store.get(&key).await? else { continue };
        return match serde_json::from_slice(&bytes) {
            Ok(survey) => Ok(Some((arn.clone(), survey))),
            Err(error) => {
                let problem = format!("{error}; delete that object to compare with an older one");
                Err(Failure::invalid(format!("read {key}"), problem))
            }
        };
    }
    Ok(None)
}

/// Keeps the survey of a recovery point. What is in it never changes, so an earlier one stands.
///
/// # Errors
/// As the store.
pub(crate) async fn keep(
    store: &Store,
    surveys: &Surveys,
    survey: Option<&Survey>,
) -> Result<(), Failure> {
    let (Some(own), Some(survey)) = (surveys.own, survey) else { return Ok(()) };
    let key = key(&surveys.source, own);
    let bytes = serde_json::to_vec(survey)
        .map_err(|error| Failure::invalid(format!("write {key}"), error.to_string()))?;
    store.put_new(&key, bytes).await.map(drop)
}

fn key(source: &ResourceId, at: Timestamp) -> String {
    format!("surveys/{source}/{at}.json")
}
