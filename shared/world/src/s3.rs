//! S3: objects with the conditions that make concurrent writers safe, lists in pages, and versions.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, ETAG, IF_MATCH, IF_NONE_MATCH, LAST_MODIFIED};
use http::{HeaderName, Method, Request};
use jiff::Timestamp;

use crate::bucket::{Bucket, Object, Version};
use crate::model::Place;
use crate::query::{Params, decode};
use crate::refusal::Refusal;
use crate::state::State;
use crate::wire::{Reply, host};
use crate::xml::Xml;

/// Keys in one page of a list, at most. Source: S3 API reference, `ListObjectsV2`.
const KEYS_MAX: u32 = 1_000;

/// AWS's name of what a request asks for.
pub(crate) fn operation(request: &Request<Bytes>) -> String {
    let (_, key) = address(request);
    let query = request.uri().query().unwrap_or_default();
    let asks = |what: &str| query.split('&').any(|pair| pair.trim_end_matches('=') == what);
    let (lists, past) = (asks("list-type=2"), asks("versions"));
    match (request.method(), key.is_empty()) {
        (&Method::PUT, true) => "CreateBucket",
        (&Method::PUT, false) => "PutObject",
        (&Method::GET, true) if lists => "ListObjectsV2",
        (&Method::GET, true) if past => "ListObjectVersions",
        (&Method::GET, false) => "GetObject",
        (&Method::HEAD, false) => "HeadObject",
        _ => "Unknown",
    }
    .to_owned()
}

/// Bucket and key, whether the bucket stands in the host or at the start of the path.
fn address(request: &Request<Bytes>) -> (String, String) {
    let path = decode(request.uri().path().trim_start_matches('/'), false);
    match host(request).split_once(".s3.") {
        Some((bucket, _)) => (bucket.to_owned(), path),
        None => {
            let (bucket, key) = path.split_once('/').unwrap_or((&path, ""));
            (bucket.to_owned(), key.to_owned())
        }
    }
}

pub(crate) fn serve(
    state: &mut State,
    place: &Place,
    operation: &str,
    request: &Request<Bytes>,
) -> Result<Reply, Refusal> {
    let (name, key) = address(request);
    let now = state.now();
    if operation == "CreateBucket" {
        return create_bucket(state, place, &name);
    }
    let bucket = state
        .buckets
        .get_mut(&name)
        .ok_or_else(|| Refusal::new(404, "NoSuchBucket", "The specified bucket does not exist"))?;
    match operation {
        "PutObject" => put(bucket, key, request, now),
        "GetObject" => {
            match Params::parse(request.uri().query().unwrap_or_default()).get("versionId") {
                Some(id) => Ok(found(&get_version(bucket, &key, id)?, true)),
                None => Ok(found(get(bucket, &key)?, true)),
            }
        }
        "HeadObject" => Ok(found(get(bucket, &key)?, false)),
        "ListObjectsV2" => list(bucket, &name, request),
        "ListObjectVersions" => list_versions(bucket, &name, request),
        other => Err(Refusal::unknown_operation(other)),
    }
}

fn create_bucket(state: &mut State, place: &Place, name: &str) -> Result<Reply, Refusal> {
    if state.buckets.contains_key(name) {
        let message = format!("The bucket {name} exists already; asked for by {}.", place.account);
        return Err(Refusal::new(409, "BucketAlreadyOwnedByYou", message));
    }
    state.buckets.insert(name.to_owned(), Bucket::default());
    Ok(Reply::new("application/xml", Bytes::new()))
}

fn get<'a>(bucket: &'a Bucket, key: &str) -> Result<&'a Object, Refusal> {
    let missing = || Refusal::new(404, "NoSuchKey", "The specified key does not exist.");
    bucket.objects().get(key).ok_or_else(missing)
}

/// A delete marker can't be read. Source: S3 User Guide, "Working with delete markers".
fn get_version(bucket: &Bucket, key: &str, id: &str) -> Result<Object, Refusal> {
    let versions = bucket.versions(key).into_iter();
    let found = versions.filter(|(name, _)| *name == key).find(|(_, version)| version.id() == id);
    match found.map(|(_, version)| version) {
        Some(Version::Written(object)) => Ok(object),
        Some(Version::Deleted(_)) => {
            let message = "The specified method is not allowed against this resource.";
            Err(Refusal::new(405, "MethodNotAllowed", message))
        }
        None => {
            let message = "The specified version does not exist.";
            Err(Refusal::new(404, "NoSuchVersion", message))
        }
    }
}

fn found(object: &Object, with_body: bool) -> Reply {
    let body = if with_body { object.body.clone() } else { Bytes::new() };
    let mut reply = Reply::new("application/octet-stream", body);
    let modified = object.written_at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    reply.headers.push((ETAG, object.etag.clone()));
    reply.headers.push((LAST_MODIFIED, modified));
    reply
}

fn put(
    bucket: &mut Bucket,
    key: String,
    request: &Request<Bytes>,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    check_conditions(bucket.objects().get(&key), request)?;
    let object = Object::new(content(request), now);
    let etag = object.etag.clone();
    bucket.put(key, object);
    let mut reply = Reply::new("application/xml", Bytes::new());
    reply.headers.push((ETAG, etag));
    Ok(reply)
}

/// Source: S3 User Guide, "Conditional writes": 412 for either condition, 404 for `If-Match` on a key
/// that doesn't exist.
fn check_conditions(present: Option<&Object>, request: &Request<Bytes>) -> Result<(), Refusal> {
    let header = |name: HeaderName| request.headers().get(name).and_then(|v| v.to_str().ok());
    let failed = |condition: &str| {
        let message = "At least one of the pre-conditions you specified did not hold";
        Err(Refusal::new(412, "PreconditionFailed", format!("{message}: {condition}")))
    };
    if header(IF_NONE_MATCH) == Some("*") && present.is_some() {
        return failed("If-None-Match");
    }
    match (header(IF_MATCH), present) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(Refusal::new(404, "NoSuchKey", "The specified key does not exist.")),
        (Some(etag), Some(object)) if etag.trim_matches('"') == object.etag.trim_matches('"') => {
            Ok(())
        }
        (Some(_), Some(_)) => failed("If-Match"),
    }
}

/// The body, out of the chunks in which a client may have wrapped it to add a checksum.
fn content(request: &Request<Bytes>) -> Bytes {
    let encodings = request.headers().get_all(CONTENT_ENCODING);
    let chunked = encodings.iter().any(|v| v.to_str().is_ok_and(|v| v.contains("aws-chunked")));
    if chunked { unchunk(request.body()) } else { request.body().clone() }
}

/// Each chunk is its length in hexadecimal, maybe `;chunk-signature=…`, a line end, the bytes and
/// another line end. Source: S3 API reference, "Signature calculation: chunked upload".
fn unchunk(mut rest: &[u8]) -> Bytes {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
        let head = String::from_utf8_lossy(&rest[..end]);
        let digits = head.split(';').next().unwrap_or_default();
        let length = usize::from_str_radix(digits, 16).unwrap_or(0);
        let start = end + 2;
        let Some(chunk) = rest.get(start..start + length).filter(|chunk| !chunk.is_empty()) else {
            break;
        };
        body.extend_from_slice(chunk);
        rest = rest.get(start + length + 2..).unwrap_or_default();
    }
    body.into()
}

fn list(bucket: &Bucket, name: &str, request: &Request<Bytes>) -> Result<Reply, Refusal> {
    let params = Params::parse(request.uri().query().unwrap_or_default());
    let prefix = params.get("prefix").unwrap_or_default();
    let after = params.get("continuation-token").or(params.get("start-after")).unwrap_or_default();
    let keys_max = params.number("max-keys")?.unwrap_or(KEYS_MAX).min(KEYS_MAX) as usize;
    let matching =
        bucket.objects().iter().filter(|(key, _)| key.starts_with(prefix) && key.as_str() > after);
    let mut matching = matching.peekable();
    let page: Vec<_> = matching.by_ref().take(keys_max).collect();
    let truncated = matching.peek().is_some();
    let mut xml = Xml::new();
    xml.element("ListBucketResult", |xml| {
        xml.leaf("Name", name);
        xml.leaf("Prefix", prefix);
        xml.leaf("KeyCount", page.len());
        xml.leaf("MaxKeys", keys_max);
        xml.leaf("IsTruncated", truncated);
        if let (true, Some((key, _))) = (truncated, page.last()) {
            xml.leaf("NextContinuationToken", key);
        }
        for (key, object) in page {
            xml.element("Contents", |xml| {
                xml.leaf("Key", key);
                xml.instant("LastModified", Some(object.written_at));
                xml.leaf("ETag", &object.etag);
                xml.leaf("Size", object.body.len());
                xml.leaf("StorageClass", "STANDARD");
            });
        }
    });
    Ok(Reply::new("application/xml", xml.into_string()))
}

/// One page: nobody asks for more than the newest. Source: S3 API reference, `ListObjectVersions`.
fn list_versions(bucket: &Bucket, name: &str, request: &Request<Bytes>) -> Result<Reply, Refusal> {
    let params = Params::parse(request.uri().query().unwrap_or_default());
    let prefix = params.get("prefix").unwrap_or_default();
    let keys_max = params.number("max-keys")?.unwrap_or(KEYS_MAX).min(KEYS_MAX) as usize;
    let versions = bucket.versions(prefix);
    let mut xml = Xml::new();
    xml.element("ListVersionsResult", |xml| {
        xml.leaf("Name", name);
        xml.leaf("Prefix", prefix);
        xml.leaf("MaxKeys", keys_max);
        xml.leaf("IsTruncated", versions.len() > keys_max);
        let mut newest_of = None;
        for (key, version) in versions.into_iter().take(keys_max) {
            let is_latest = newest_of.replace(key) != Some(key);
            let (element, at) = match &version {
                Version::Written(object) => ("Version", object.written_at),
                Version::Deleted(at) => ("DeleteMarker", *at),
            };
            xml.element(element, |xml| {
                xml.leaf("Key", key);
                xml.leaf("VersionId", version.id());
                xml.leaf("IsLatest", is_latest);
                xml.instant("LastModified", Some(at));
                if let Version::Written(object) = &version {
                    xml.leaf("ETag", &object.etag);
                    xml.leaf("Size", object.body.len());
                    xml.leaf("StorageClass", "STANDARD");
                }
            });
        }
    });
    Ok(Reply::new("application/xml", xml.into_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_comes_out_of_its_chunks() {
        let wire =
            b"5\r\nhello\r\n6;chunk-signature=abc\r\n world\r\n0\r\nx-amz-checksum:a\r\n\r\n";
        assert_eq!(unchunk(wire), "hello world");
    }
}
