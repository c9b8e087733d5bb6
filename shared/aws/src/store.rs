//! Documents in S3: the policy, the evidence of verifications, the open alarms.
//!
//! Writes are conditional, so that two runs at once can't overwrite each other: [`Store::put_new`]
//! only where nothing is, [`Store::replace`] only what was read. Only reports are [`Store::put`] over
//! what was there, because they can be made again, as long as they are whole. Reads are bounded, and an answer
//! that is cut short, or is an error in a success's clothes, is a failure.
//!
//! The buckets keep versions, so what was overwritten or deleted can be read for a while: [`Store::past`].

use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::ObjectLockMode;
use jiff::Timestamp;
use snapkeep_policy::ids::Region;

use crate::whole::WholeAnswer;
use crate::{Aws, Failure, FailureClass};

/// The largest document that is read or written. The largest of ours is alarm's memory, with some 100
/// bytes for each recovery point: a quarter of this for 61,000.
pub const DOCUMENT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// So many versions of a document are looked at, deletions among them.
pub const VERSIONS_MAX: i32 = 20;

/// A version of a document, as S3 names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(String);

/// How [`Store::put_new`] ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// It is written.
    Written(ETag),
    /// There is a document under this key; it was left alone.
    AlreadyThere,
}

/// One of the versions of a document that a bucket keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    id: String,
    /// When it was written.
    pub written_at: Timestamp,
}

/// What a bucket keeps of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// The newest first, the current one among them; no more than [`VERSIONS_MAX`].
    pub versions: Vec<Version>,
    /// When it was deleted, if it is.
    pub deleted_at: Option<Timestamp>,
}

/// A bucket, in the region where the function lives unless told otherwise.
#[derive(Debug, Clone)]
pub struct Store {
    client: aws_sdk_s3::Client,
    bucket: String,
    locked_until: Option<Timestamp>,
}

impl Store {
    /// The bucket, in the account's home region.
    #[must_use]
    pub fn new(aws: &Aws, bucket: impl Into<String>) -> Self {
        Self::in_region(aws, aws.home(), bucket)
    }

    /// The bucket, in a region of its own.
    #[must_use]
    pub fn in_region(aws: &Aws, region: &Region, bucket: impl Into<String>) -> Self {
        Self { client: aws.s3(region), bucket: bucket.into(), locked_until: None }
    }

    /// The same bucket, in which what [`Store::put_new`] writes can't be deleted or changed before
    /// that instant, by anybody (Object Lock, compliance mode).
    #[must_use]
    pub fn locking_until(self, locked_until: Option<Timestamp>) -> Self {
        Self { locked_until, ..self }
    }

    /// The document and its version; `None` when there is none.
    ///
    /// # Errors
    /// [`FailureClass::Invalid`] above [`DOCUMENT_BYTES_MAX`]; [`FailureClass::Unavailable`] when
    /// the body ends early.
    pub async fn get(&self, key: &str) -> Result<Option<(Vec<u8>, ETag)>, Failure> {
        let subject = self.subject("read", key);
        let sent = self.client.get_object().bucket(&self.bucket).key(key).send().await;
        let answer = match sent.map_err(|error| Failure::of(&subject, &error)) {
            Ok(answer) => answer,
            Err(failure) if failure.class == FailureClass::Gone => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let etag = etag(answer.e_tag, &subject)?;
        let bytes = body(answer.body, &subject).await?;
        Ok(Some((bytes, etag)))
    }

    /// Writes a document where there is none.
    ///
    /// # Errors
    /// [`FailureClass::PreconditionFailed`] when another write is under way at this very moment;
    /// [`FailureClass::Invalid`] above [`DOCUMENT_BYTES_MAX`]: nobody could read it again.
    pub async fn put_new(&self, key: &str, bytes: Vec<u8>) -> Result<Put, Failure> {
        self.put_new_of(key, bytes, "application/json").await
    }

    /// The same, of another media type.
    ///
    /// # Errors
    /// As [`Store::put_new`].
    pub async fn put_new_of(
        &self,
        key: &str,
        bytes: Vec<u8>,
        media_type: &str,
    ) -> Result<Put, Failure> {
        let subject = self.subject("write", key);
        refuse_too_large(bytes.len(), &subject)?;
        let call = self.client.put_object().bucket(&self.bucket).key(key).if_none_match("*");
        let until = self.locked_until.map(|until| DateTime::from_secs(until.as_second()));
        let call = call.set_object_lock_mode(until.map(|_| ObjectLockMode::Compliance));
        let call = call.set_object_lock_retain_until_date(until);
        let sent = call.content_type(media_type).body(ByteStream::from(bytes)).send().await;
        match sent.map_err(|error| Failure::of(&subject, &error)) {
            Ok(answer) => Ok(Put::Written(etag(answer.e_tag, &subject)?)),
            Err(failure) if failure.code == "PreconditionFailed" => Ok(Put::AlreadyThere),
            Err(failure) => Err(failure),
        }
    }

    /// Replaces the version that was read, and no other.
    ///
    /// # Errors
    /// [`FailureClass::PreconditionFailed`] when it was changed meanwhile: read it again;
    /// [`FailureClass::Invalid`] as for [`Store::put_new`].
    pub async fn replace(&self, key: &str, bytes: Vec<u8>, read: &ETag) -> Result<ETag, Failure> {
        let subject = self.subject("replace", key);
        refuse_too_large(bytes.len(), &subject)?;
        let call = self.client.put_object().bucket(&self.bucket).key(key).if_match(&read.0);
        let sent = call.content_type("application/json").body(ByteStream::from(bytes)).send().await;
        let answer = sent.map_err(|error| Failure::of(&subject, &error))?;
        etag(answer.e_tag, &subject)
    }

    /// Writes a document, whatever was there: for what follows from other things and can be made again.
    ///
    /// # Errors
    /// [`FailureClass::Invalid`] as for [`Store::put_new`].
    pub async fn put(&self, key: &str, bytes: Vec<u8>, media_type: &str) -> Result<(), Failure> {
        let subject = self.subject("write", key);
        refuse_too_large(bytes.len(), &subject)?;
        let call = self.client.put_object().bucket(&self.bucket).key(key).content_type(media_type);
        let sent = call.body(ByteStream::from(bytes)).send().await;
        sent.map(drop).map_err(|error| Failure::of(&subject, &error))
    }

    /// The first key that starts with `prefix`, in the order of their bytes; `None` without any.
    ///
    /// S3 lists what was written before: a listing is as consistent as a read.
    ///
    /// # Errors
    /// [`FailureClass::Unavailable`] when the listing says that there is a key and doesn't name it.
    pub async fn first(&self, prefix: &str) -> Result<Option<String>, Failure> {
        Ok(self.page(prefix, None, Some(1)).await?.0.into_iter().next())
    }

    /// Every key that starts with `prefix`, in the order of their bytes: a call for each thousand.
    ///
    /// # Errors
    /// [`FailureClass::Unavailable`] when a page says that there is more and doesn't go on.
    pub async fn keys(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        let mut keys: Vec<String> = Vec::new();
        loop {
            let (page, is_last) = self.page(prefix, keys.last(), None).await?;
            if page.first().is_some_and(|first| keys.last().is_some_and(|last| first <= last)) {
                let why = "a page repeats the one before";
                return Err(Failure::doubtful(self.subject("list", prefix), why));
            }
            keys.extend(page);
            if is_last {
                return Ok(keys);
            }
        }
    }

    /// The keys behind `after`, and whether there are no more.
    async fn page(
        &self,
        prefix: &str,
        after: Option<&String>,
        keys_max: Option<i32>,
    ) -> Result<(Vec<String>, bool), Failure> {
        let subject = self.subject("list", prefix);
        let call = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let call = call.set_start_after(after.cloned()).set_max_keys(keys_max);
        let sent = call.customize().interceptor(WholeAnswer).send().await;
        let page = sent.map_err(|error| Failure::of(&subject, &error))?;
        let is_last = !page.is_truncated.unwrap_or_default();
        let objects = page.contents.unwrap_or_default().into_iter();
        let keys: Vec<String> = objects.filter_map(|object| object.key).collect();
        if keys.is_empty() && !is_last {
            return Err(Failure::doubtful(subject, "there is more, but no key"));
        }
        Ok((keys, is_last))
    }

    /// What the bucket keeps of a document; nothing where nothing ever was.
    ///
    /// S3 lists the versions of a key from the newest back, and other keys that begin like it behind
    /// them. Sources: S3 User Guide, "Listing objects in a versioning-enabled bucket"; S3 API reference,
    /// `ListObjectVersions`, which needs the permission `s3:ListBucketVersions`.
    ///
    /// # Errors
    /// [`FailureClass::Denied`] without that permission; otherwise as the call.
    pub async fn past(&self, key: &str) -> Result<Past, Failure> {
        let subject = self.subject("list versions of", key);
        let call = self.client.list_object_versions().bucket(&self.bucket).prefix(key);
        let call = call.max_keys(VERSIONS_MAX).customize().interceptor(WholeAnswer);
        let page = call.send().await.map_err(|error| Failure::of(&subject, &error))?;
        let is_it = |name: &Option<String>| name.as_deref() == Some(key);
        let versions = page.versions.unwrap_or_default().into_iter().filter(|it| is_it(&it.key));
        let versions = versions.filter_map(|it| {
            Some(Version { id: it.version_id?, written_at: instant(it.last_modified)? })
        });
        let mut markers = page.delete_markers.unwrap_or_default().into_iter();
        let marker = markers.find(|it| is_it(&it.key) && it.is_latest == Some(true));
        Ok(Past {
            versions: versions.collect(),
            deleted_at: marker.and_then(|marker| instant(marker.last_modified)),
        })
    }

    /// A version of a document; `None` when it is gone by now.
    ///
    /// # Errors
    /// As [`Store::get`]; [`FailureClass::Denied`] without the permission `s3:GetObjectVersion`.
    pub async fn get_version(
        &self,
        key: &str,
        version: &Version,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let subject = self.subject(&format!("read version {} of", version.id), key);
        let call = self.client.get_object().bucket(&self.bucket).key(key).version_id(&version.id);
        match call.send().await.map_err(|error| Failure::of(&subject, &error)) {
            Ok(answer) => body(answer.body, &subject).await.map(Some),
            Err(failure) if failure.class == FailureClass::Gone => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    fn subject(&self, what: &str, key: &str) -> String {
        format!("{what} s3://{}/{key}", self.bucket)
    }
}

fn instant(at: Option<DateTime>) -> Option<Timestamp> {
    Timestamp::from_second(at?.secs()).ok()
}

/// S3 has been seen to answer 200 with an error in the body, which then bears no ETag.
fn etag(etag: Option<String>, subject: &str) -> Result<ETag, Failure> {
    etag.map(ETag).ok_or_else(|| Failure::doubtful(subject, "the answer bears no ETag"))
}

/// The SDK compares length and checksum with what was promised, and ends the stream with an error.
async fn body(mut body: ByteStream, subject: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| Failure::doubtful(subject, error.to_string()))?;
        bytes.extend_from_slice(&chunk);
        refuse_too_large(bytes.len(), subject)?;
    }
    Ok(bytes)
}

fn refuse_too_large(bytes: usize, subject: &str) -> Result<(), Failure> {
    if bytes > DOCUMENT_BYTES_MAX {
        let message = format!("it is larger than {DOCUMENT_BYTES_MAX} bytes");
        return Err(Failure::invalid(subject, message));
    }
    Ok(())
}
