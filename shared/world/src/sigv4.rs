//! Signature Version 4 of a presigned URL, recomputed.
//!
//! Written out instead of taken from the SDK, so that a URL signed by the SDK is held against
//! something else. Source: IAM User Guide, "Create a signed AWS API request".

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use snapkeep_policy::ids::AccountId;

/// The secret access key of an account: everybody who lives in this world may know it.
pub(crate) fn secret(account: &AccountId) -> String {
    format!("secret-of-{account}")
}

/// SHA-256 of nothing: a presigned GET has no body.
const NO_BODY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The signature that `url` should carry if it was signed with `secret`; `None` when it isn't in the
/// form of a presigned URL.
pub(crate) fn presigned(url: &str, secret: &str) -> Option<String> {
    let (address, query) = url.split_once('?')?;
    let (_, address) = address.split_once("://")?;
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    let mut pairs: Vec<&str> = query.split('&').collect();
    pairs.retain(|pair| !pair.starts_with("X-Amz-Signature="));
    pairs.sort_unstable();
    let value = |name: &str| {
        let found = pairs.iter().find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        found.map(|text| text.replace("%2F", "/"))
    };
    let (time, credential) = (value("X-Amz-Date")?, value("X-Amz-Credential")?);
    let (_, scope) = credential.split_once('/')?;
    let request = format!("GET\n/{path}\n{}\nhost:{host}\n\nhost\n{NO_BODY}", pairs.join("&"));
    let hash = hex(&Sha256::digest(request.as_bytes()));
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{hash}");
    let key = scope
        .split('/')
        .fold(format!("AWS4{secret}").into_bytes(), |key, part| mac(&key, part.as_bytes()));
    Some(hex(&mac(&key, text.as_bytes())))
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_a_url_that_botocore_signed() {
        let url = "https://rds.us-west-2.amazonaws.com/?Action=CopyDBClusterSnapshot&\
                   Version=2014-10-31&\
                   SourceDBClusterSnapshotIdentifier=arn%3Aaws%3Ards%3Aus-west-2%3A123456789012%3Acluster-snapshot%3Aone&\
                   TargetDBClusterSnapshotIdentifier=one&KmsKeyId=alias%2Faws%2Frds&\
                   DestinationRegion=us-east-1&X-Amz-Algorithm=AWS4-HMAC-SHA256&\
                   X-Amz-Credential=123456789012%2F20260304%2Fus-west-2%2Frds%2Faws4_request&\
                   X-Amz-Date=20260304T020000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&\
                   X-Amz-Signature=99543b0fefeacb845c58c9091977188ae78382f3e25bba955f8787fdd658f899";
        let signature = url.rsplit_once('=').unwrap().1;
        assert_eq!(presigned(url, "secret").as_deref(), Some(signature));
        assert_ne!(presigned(url, "secrets").as_deref(), Some(signature));
    }
}
