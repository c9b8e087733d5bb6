//! Tags of databases and snapshots, by ARN.

use snapkeep_policy::ids::{RdsArn, ResourceType};
use snapkeep_policy::tags::Tags;

use super::{Reply, checks, render};
use crate::model;
use crate::refusal::Refusal;
use crate::wire::Call;
use crate::xml::Xml;

pub(super) fn add(call: &mut Call<'_>) -> Reply {
    let added = call.params.tags("Tags");
    let tags = tags_mut(call)?;
    let mut merged = tags.clone();
    merged.extend(added);
    checks::tags(&merged)?;
    *tags = merged;
    Ok(Xml::new())
}

pub(super) fn remove(call: &mut Call<'_>) -> Reply {
    let keys = call.params.list("TagKeys.member");
    let tags = tags_mut(call)?;
    tags.retain(|key, _| !keys.iter().any(|it| it == key));
    Ok(Xml::new())
}

pub(super) fn list(call: &mut Call<'_>) -> Reply {
    let tags = tags_mut(call)?;
    let mut xml = Xml::new();
    render::tags(&mut xml, tags);
    Ok(xml)
}

fn tags_mut<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Tags, Refusal> {
    let name = call.params.required("ResourceName")?.to_owned();
    let invalid = || Refusal::invalid_value(format!("Invalid resource name: {name}"));
    let arn: RdsArn = name.parse().map_err(|_| invalid())?;
    if model::Place::of(&arn) != call.place {
        return Err(invalid());
    }
    let now = call.now();
    let shape = model::shape_of(arn.resource);
    let locality = call.here_mut()?;
    let key = (shape, arn.id);
    match arn.resource {
        ResourceType::Cluster | ResourceType::Instance => locality
            .databases
            .get_mut(&key)
            .filter(|it| it.visible_from <= now)
            .map(|it| &mut it.tags)
            .ok_or_else(|| Refusal::database_not_found(shape, &key.1)),
        ResourceType::ClusterSnapshot | ResourceType::InstanceSnapshot => locality
            .snapshots
            .get_mut(&key)
            .filter(|it| it.visible_from <= now)
            .map(|it| &mut it.tags)
            .ok_or_else(|| Refusal::snapshot_not_found(shape, &key.1)),
    }
}
