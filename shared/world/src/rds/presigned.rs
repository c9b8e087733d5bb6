//! The presigned request inside a copy: proof to the source region that the caller may read there.
//!
//! Source: RDS API reference, `PreSignedUrl` of `CopyDBClusterSnapshot`: it must be a valid request
//! for the same operation in the source region, with the same source and key, and the destination.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::copy::source_parameter;
use crate::model::Snapshot;
use crate::query::Params;
use crate::refusal::Refusal;
use crate::sigv4;
use crate::wire::Call;

pub(super) fn check(call: &Call<'_>, source: &Snapshot) -> Result<(), Refusal> {
    let refuse = |why: &str| {
        let message = format!("PreSignedUrl could not be authenticated: {why}.");
        Err(Refusal::invalid_value(message))
    };
    let Some(url) = call.params.get("PreSignedUrl").filter(|url| !url.is_empty()) else {
        return refuse("an encrypted copy across regions needs one");
    };
    let signed = Params::parse(url.split_once('?').map_or("", |(_, query)| query));
    let same = |name: &str| signed.get(name).is_some() && signed.get(name) == call.params.get(name);
    if signed.get("Action") != Some(&call.operation) {
        return refuse("it is for another operation");
    }
    if !same(source_parameter(source.shape)) {
        return refuse("it names another source");
    }
    if !same("KmsKeyId") {
        return refuse("it names another key");
    }
    if signed.get("DestinationRegion") != Some(call.place.region.as_str()) {
        return refuse("it names another destination");
    }
    let scope = signed.get("X-Amz-Credential").unwrap_or_default();
    let scope: Vec<&str> = scope.split('/').collect();
    let [key_id, _day, region, "rds", "aws4_request"] = scope[..] else {
        return refuse("its credential scope can't be read");
    };
    if key_id != call.place.account.as_str() || region != source.arn.region.as_str() {
        return refuse("it is not signed for the source region by the caller");
    }
    check_time(call, &signed).or_else(refuse)?;
    let secret = sigv4::secret(&call.place.account);
    match (sigv4::presigned(url, &secret), signed.get("X-Amz-Signature")) {
        (Some(right), Some(given)) if right == given => Ok(()),
        _ => refuse("its signature is wrong"),
    }
}

/// A presigned URL holds from `X-Amz-Date` for `X-Amz-Expires` seconds.
fn check_time<'a>(call: &Call<'_>, signed: &Params) -> Result<(), &'a str> {
    let unreadable = "its time can't be read";
    let stamp = signed.get("X-Amz-Date").ok_or(unreadable)?;
    let date = DateTime::strptime("%Y%m%dT%H%M%SZ", stamp).map_err(|_| unreadable)?;
    let from = date.to_zoned(TimeZone::UTC).map_err(|_| unreadable)?.timestamp();
    let seconds = signed.number("X-Amz-Expires").ok().flatten().ok_or(unreadable)?;
    let until = from + SignedDuration::from_secs(i64::from(seconds));
    if call.now() > until { Err("it has expired") } else { Ok(()) }
}
