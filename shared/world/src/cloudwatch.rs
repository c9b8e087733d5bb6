//! CloudWatch: metric data, as it was put, in CBOR, which is what the Rust SDK speaks to it. Clients
//! that speak JSON or forms to CloudWatch, such as boto3, are refused.

use std::collections::BTreeMap;

use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::decode::DeserializeError;
use aws_smithy_cbor::{Decoder, Encoder};
use bytes::Bytes;
use http::{HeaderName, Request};
use jiff::Timestamp;

use crate::model::Place;
use crate::refusal::Refusal;
use crate::state::State;
use crate::wire::Reply;

/// A value of a metric that was put.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// When it was put; the timestamp that the caller may give isn't kept.
    pub at: Timestamp,
    /// Where.
    pub place: Place,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its dimensions.
    pub dimensions: BTreeMap<String, String>,
    /// Its value.
    pub value: f64,
}

/// The last part of the path: `/service/…/operation/PutMetricData`.
pub(crate) fn operation(request: &Request<Bytes>) -> String {
    request.uri().path().rsplit('/').next().unwrap_or_default().to_owned()
}

pub(crate) fn serve(
    state: &mut State,
    place: &Place,
    operation: &str,
    request: &Request<Bytes>,
) -> Result<Reply, Refusal> {
    if operation != "PutMetricData" {
        return Err(Refusal::unknown_operation(operation));
    }
    let at = state.now();
    let metrics = read(request.body(), at, place).map_err(|error| {
        Refusal::invalid_value(format!("The metric data can't be read: {error}."))
    })?;
    state.metrics.extend(metrics);
    let mut encoder = Encoder::new(Vec::new());
    encoder.begin_map().end();
    Ok(reply(encoder.into_writer()))
}

pub(crate) fn refused(refusal: &Refusal) -> Reply {
    let mut encoder = Encoder::new(Vec::new());
    encoder.begin_map();
    encoder.str("__type").str(&refusal.code);
    encoder.str("message").str(&refusal.message);
    encoder.end();
    reply(encoder.into_writer())
}

fn reply(body: Vec<u8>) -> Reply {
    let mut reply = Reply::new("application/cbor", body);
    let protocol = HeaderName::from_static("smithy-protocol");
    reply.headers.push((protocol, "rpc-v2-cbor".to_owned()));
    reply
}

fn read(body: &[u8], at: Timestamp, place: &Place) -> Result<Vec<Metric>, DeserializeError> {
    let mut namespace = String::new();
    let mut metrics = Vec::new();
    let blank = Metric {
        at,
        place: place.clone(),
        namespace: String::new(),
        name: String::new(),
        dimensions: BTreeMap::new(),
        value: 0.0,
    };
    fields(&mut Decoder::new(body), |name, decoder| match name {
        "Namespace" => {
            namespace = decoder.string()?;
            Ok(())
        }
        "MetricData" => items(decoder, |decoder| {
            let mut metric = blank.clone();
            read_metric(decoder, &mut metric)?;
            metrics.push(metric);
            Ok(())
        }),
        _ => decoder.skip(),
    })?;
    for metric in &mut metrics {
        metric.namespace.clone_from(&namespace);
    }
    Ok(metrics)
}

fn read_metric(decoder: &mut Decoder<'_>, metric: &mut Metric) -> Result<(), DeserializeError> {
    fields(decoder, |name, decoder| {
        match name {
            "MetricName" => metric.name = decoder.string()?,
            "Value" => metric.value = decoder.double()?,
            "Dimensions" => items(decoder, |decoder| {
                let (mut name, mut value) = (String::new(), String::new());
                fields(decoder, |field, decoder| {
                    match field {
                        "Name" => name = decoder.string()?,
                        "Value" => value = decoder.string()?,
                        _ => decoder.skip()?,
                    }
                    Ok(())
                })?;
                metric.dimensions.insert(name, value);
                Ok(())
            })?,
            _ => decoder.skip()?,
        }
        Ok(())
    })
}

/// Hands each field of a map to `read`, whether the map states its length or ends with a mark.
fn fields<'b>(
    decoder: &mut Decoder<'b>,
    mut read: impl FnMut(&str, &mut Decoder<'b>) -> Result<(), DeserializeError>,
) -> Result<(), DeserializeError> {
    let length = decoder.map()?;
    each(decoder, length, |decoder| {
        let name = decoder.string()?;
        read(&name, decoder)
    })
}

/// Hands each element of a list to `read`.
fn items<'b>(
    decoder: &mut Decoder<'b>,
    read: impl FnMut(&mut Decoder<'b>) -> Result<(), DeserializeError>,
) -> Result<(), DeserializeError> {
    let length = decoder.list()?;
    each(decoder, length, read)
}

fn each<'b>(
    decoder: &mut Decoder<'b>,
    length: Option<u64>,
    mut read: impl FnMut(&mut Decoder<'b>) -> Result<(), DeserializeError>,
) -> Result<(), DeserializeError> {
    let mut done = 0;
    loop {
        match length {
            Some(length) if done == length => return Ok(()),
            None if decoder.datatype()? == Type::Break => return decoder.skip(),
            _ => {}
        }
        read(decoder)?;
        done += 1;
    }
}
