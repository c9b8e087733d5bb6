//! Engine versions that AWS has taken out of its offer since the recovery point was taken.

use snapkeep_policy::ids::Region;
use snapkeep_policy::inventory::Engine;

use crate::{Aws, Failure, FailureClass};

/// AWS's largest page. Source: `DescribeDBEngineVersions`, MaxRecords.
const PAGE_ITEMS_MAX: i32 = 100;
/// An engine has some hundred versions; this ends a listing that would never end.
const PAGES_MAX: usize = 20;

/// Whether AWS refused because it doesn't offer the version. It has no code of its own: the wire says
/// `InvalidParameterCombination` or `InvalidParameterValue`, and the message names the version.
pub(super) fn is_about_it(failure: &Failure) -> bool {
    failure.class == FailureClass::Invalid
        && failure.code.starts_with("InvalidParameter")
        && failure.message.to_ascii_lowercase().contains("cannot find version")
}

/// The versions of an engine that a restore may have now.
pub(super) async fn offered(
    aws: &Aws,
    region: &Region,
    engine: Engine,
) -> Result<Vec<String>, Failure> {
    let subject = || format!("list the versions of {engine} in {region}");
    let (mut versions, mut marker) = (Vec::new(), None);
    for _ in 0..PAGES_MAX {
        let call = aws.rds(region).describe_db_engine_versions().engine(engine.as_str());
        let sent = call.max_records(PAGE_ITEMS_MAX).set_marker(marker.take()).send().await;
        let page = sent.map_err(|error| Failure::of(subject(), &error))?;
        let offers = page.db_engine_versions.unwrap_or_default().into_iter();
        versions.extend(offers.filter_map(|offer| offer.engine_version));
        marker = page.marker.filter(|marker| !marker.is_empty());
        if marker.is_none() {
            return Ok(versions);
        }
    }
    Err(Failure::doubtful(subject(), format!("no end after {PAGES_MAX} pages")))
}
