//! STS: who am I. Enough for a client to learn its account.

use crate::refusal::Refusal;
use crate::wire::Call;
use crate::xml::Xml;

pub(crate) fn serve(call: &mut Call<'_>) -> Result<Xml, Refusal> {
    if call.operation != "GetCallerIdentity" {
        return Err(Refusal::unknown_operation(&call.operation));
    }
    let account = &call.place.account;
    let mut xml = Xml::new();
    xml.leaf("Arn", format_args!("arn:aws:iam::{account}:user/world"));
    xml.leaf("UserId", "WORLD");
    xml.leaf("Account", account);
    Ok(xml)
}
