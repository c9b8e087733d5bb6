//! From a request to its answer: who calls what where, what goes wrong on the way, and the form in
//! which each service answers.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HOST};
use http::{HeaderName, Request, Response};
use jiff::{SignedDuration, Timestamp};
use snapkeep_policy::ids::Region;

use crate::faults::{FaultKind, Moment, Site};
use crate::model::Place;
use crate::query::Params;
use crate::refusal::Refusal;
use crate::state::State;
use crate::witness::Seen;
use crate::xml::Xml;
use crate::{rds, s3, sns, sts};

/// What comes back from a call.
#[derive(Debug)]
pub enum Answer {
    /// A response, good or bad.
    Response(Response<Bytes>),
    /// A response whose connection breaks before its body is whole: this much arrives.
    Broken(Response<Bytes>),
    /// The connection could not be made; nothing has happened.
    Unreachable,
    /// No response came in time; something may have happened.
    TimedOut,
    /// The caller is killed: see [`crate::World::until_killed`].
    Killed,
}

/// The services that a world answers for, by the name that requests are signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    Rds,
    Sns,
    S3,
    Sts,
}

impl Service {
    fn named(name: &str) -> Option<Self> {
        match name {
            "rds" => Some(Self::Rds),
            "sns" => Some(Self::Sns),
            "s3" => Some(Self::S3),
            "sts" => Some(Self::Sts),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Rds => "rds",
            Self::Sns => "sns",
            Self::S3 => "s3",
            Self::Sts => "sts",
        }
    }

    fn namespace(self) -> &'static str {
        match self {
            Self::Rds => "http://rds.amazonaws.com/doc/2014-10-31/",
            Self::Sns => "http://sns.amazonaws.com/doc/2010-03-31/",
            Self::S3 => "http://s3.amazonaws.com/doc/2006-03-01/",
            Self::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
        }
    }
}

/// A call on its way through a service.
pub(crate) struct Call<'a> {
    pub state: &'a mut State,
    pub place: Place,
    /// As AWS names it, such as `CopyDBSnapshot`.
    pub operation: String,
    pub params: Params,
    /// See [`Site::nth`].
    pub nth: u64,
}

impl Call<'_> {
    pub(crate) fn now(&self) -> Timestamp {
        self.state.now()
    }

    /// The fault that strikes a call of this RDS operation at `moment`, if any.
    pub(crate) fn strike(&mut self, moment: Moment) -> Option<FaultKind> {
        let operation = format!("rds:{}", self.operation);
        strike(self.state, moment, &self.place.region, &operation, self.nth)
    }
}

/// A successful answer, before it is put into an envelope.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: u16,
    pub headers: Vec<(HeaderName, String)>,
    pub body: Bytes,
}

impl Reply {
    pub(crate) fn new(content_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![(CONTENT_TYPE, content_type.to_owned())];
        Self { status: 200, headers, body: body.into() }
    }
}

/// What the SDK waits before it asks again, about: it draws from twice that.
const WAIT_WHEN_THROTTLED: SignedDuration = SignedDuration::from_secs(1);

/// Lets a call's time pass, and `more`, if calls take any.
fn pass(state: &mut State, more: SignedDuration) {
    let latency = state.options.latency;
    if latency > SignedDuration::ZERO {
        state.advance_to(state.now() + latency + more);
    }
}

/// Who asks what of which service where.
struct Incoming {
    service: Service,
    place: Place,
    /// With its service: `rds:CopyDBSnapshot`.
    operation: String,
    params: Params,
}

impl Incoming {
    fn read(state: &State, request: &Request<Bytes>) -> Result<Self, (Service, Refusal)> {
        let credential = credential(request).ok_or_else(|| {
            let message = "Request is missing Authentication Token";
            (Service::Rds, Refusal::new(403, "MissingAuthenticationToken", message))
        })?;
        let parts: Vec<&str> = credential.split('/').collect();
        let [key_id, _day, region, service, _] = parts[..] else {
            let message = "The credential scope can't be read.";
            return Err((Service::Rds, Refusal::new(400, "IncompleteSignature", message)));
        };
        let service = Service::named(service).ok_or_else(|| {
            let message = format!("The simulated account has no service {service}.");
            (Service::Rds, Refusal::new(400, "InvalidAction", message))
        })?;
        let place = place(state, key_id, region).ok_or_else(|| {
            let message = "The security token included in the request is invalid.";
            (service, Refusal::new(403, "InvalidClientTokenId", message))
        })?;
        let (operation, params) = match service {
            Service::S3 => (s3::operation(request), Params::default()),
            Service::Rds | Service::Sns | Service::Sts => {
                let params = Params::parse(&String::from_utf8_lossy(request.body()));
                (params.owned("Action").unwrap_or_default(), params)
            }
        };
        Ok(Self { service, place, operation: format!("{}:{operation}", service.name()), params })
    }
}

/// `key/day/region/service/aws4_request`, from the header of a signed request.
fn credential(request: &Request<Bytes>) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    header.split_once("Credential=")?.1.split([',', ' ']).next()
}

/// The account whose number is the access key id, in an enabled region.
pub(crate) fn place(state: &State, key_id: &str, region: &str) -> Option<Place> {
    let place = Place { account: key_id.parse().ok()?, region: region.parse().ok()? };
    state.places.contains_key(&place).then_some(place)
}

/// Answers one request, under the eyes of whoever watches the world, and adds both to the trace.
pub(crate) fn answer(state: &mut State, request: &Request<Bytes>) -> Answer {
    state.calls_total += 1;
    pass(state, SignedDuration::ZERO);
    let incoming = match Incoming::read(state, request) {
        Ok(incoming) => incoming,
        Err((service, refusal)) => {
            let reply = refused(state, service, &refusal);
            return Answer::Response(respond(state, reply, SignedDuration::ZERO));
        }
    };
    *state.calls.entry(incoming.operation.clone()).or_default() += 1;
    let (operation, place) = (incoming.operation.clone(), incoming.place.clone());
    let seen = Seen::of(&operation, &place, &incoming.params);
    state.show(|witness, truth| witness.before(&seen, truth));
    let answer = exchange(state, incoming, request);
    let answered = is_whole(state, &answer);
    state.show(|witness, truth| witness.after(&seen, answered, truth));
    state.trace.add(&seen, request, &answer);
    answer
}

fn is_whole(state: &State, answer: &Answer) -> bool {
    let last = state.faults.occurrences.last();
    let is_cut = last.is_some_and(|it| it.kind == FaultKind::TruncatedAnswer.name())
        && state.faults.struck_at == state.calls_total;
    matches!(answer, Answer::Response(response) if response.status().is_success() && !is_cut)
}

fn exchange(state: &mut State, incoming: Incoming, request: &Request<Bytes>) -> Answer {
    let Incoming { service, place, operation, params } = incoming;
    let region = place.region.clone();
    let nth = state.faults.count(&region, &operation, state.clock.now());
    let strike = |state: &mut State, moment| strike(state, moment, &region, &operation, nth);

    let before = strike(state, Moment::Before);
    if before == Some(FaultKind::Throttle) {
        pass(state, WAIT_WHEN_THROTTLED);
    }
    let before = match before {
        Some(FaultKind::Unreachable) => return Answer::Unreachable,
        Some(FaultKind::KilledBefore) => return state.kill(),
        Some(FaultKind::RegionOutage) if state.calls_total.is_multiple_of(2) => {
            return Answer::Unreachable;
        }
        Some(kind) => Some(refusal_of(&kind)),
        None if asks_for_next_page(&params, request) => {
            strike(state, Moment::NextPage).map(|kind| refusal_of(&kind))
        }
        None => None,
    };
    let outcome = match before {
        Some(refusal) => Err(refusal),
        None => serve(state, service, place, &operation, params, nth, request),
    };
    if let Err(refusal) = &outcome {
        *state.refusals.entry((operation.clone(), refusal.code.to_string())).or_default() += 1;
    }
    // What was refused had no effect: nothing is lost with its answer.
    let after = if outcome.is_ok() { strike(state, Moment::After) } else { None };
    let mut reply = match (outcome, &after) {
        (_, Some(FaultKind::LostAnswer)) => return Answer::TimedOut,
        (_, Some(FaultKind::KilledAfter)) => return state.kill(),
        (Ok(_), Some(kind @ FaultKind::ErrorAfterEffect)) => {
            refused(state, service, &refusal_of(kind))
        }
        (Ok(reply), _) => reply,
        (Err(refusal), _) => refused(state, service, &refusal),
    };
    let broken = after == Some(FaultKind::BrokenAnswer);
    if broken {
        reply.headers.push((CONTENT_LENGTH, reply.body.len().to_string()));
    }
    if broken || after == Some(FaultKind::TruncatedAnswer) {
        reply.body = reply.body.slice(..reply.body.len() / 2);
    }
    let skew = match strike(state, Moment::Date) {
        Some(FaultKind::ClockSkew(skew)) => skew,
        _ => SignedDuration::ZERO,
    };
    let response = respond(state, reply, skew);
    if broken { Answer::Broken(response) } else { Answer::Response(response) }
}

/// Whether a list is asked for from some point on: of RDS by `Marker`, of S3 in the query.
fn asks_for_next_page(params: &Params, request: &Request<Bytes>) -> bool {
    let query = request.uri().query().unwrap_or_default();
    params.get("Marker").is_some() || query.contains("continuation-token=")
}

fn strike(
    state: &mut State,
    moment: Moment,
    region: &Region,
    operation: &str,
    nth: u64,
) -> Option<FaultKind> {
    let site = Site { region, operation, now: state.now(), call: state.calls_total, nth };
    state.faults.strike(moment, &site, state.dice)
}

fn refusal_of(kind: &FaultKind) -> Refusal {
    let message = format!("The injected fault {}.", kind.name());
    if let FaultKind::Refuse { status, code } = kind {
        Refusal::new(*status, *code, message)
    } else if *kind == FaultKind::Throttle {
        Refusal::new(400, "Throttling", message)
    } else if *kind == FaultKind::RegionOutage {
        Refusal::new(503, "ServiceUnavailable", message)
    } else {
        Refusal::new(500, "InternalFailure", message)
    }
}

fn serve(
    state: &mut State,
    service: Service,
    place: Place,
    operation: &str,
    params: Params,
    nth: u64,
    request: &Request<Bytes>,
) -> Result<Reply, Refusal> {
    let operation = operation.split_once(':').map_or("", |(_, name)| name).to_owned();
    let handler: fn(&mut Call<'_>) -> Result<Xml, Refusal> = match service {
        Service::S3 => return s3::serve(state, &place, &operation, request),
        Service::Rds => rds::serve,
        Service::Sns => sns::serve,
        Service::Sts => sts::serve,
    };
    let mut call = Call { state, place, operation, params, nth };
    let result = handler(&mut call)?.into_string();
    let operation = call.operation;
    let mut xml = String::with_capacity(result.len() + 400);
    xml.push_str(&format!("<{operation}Response xmlns=\"{}\">", service.namespace()));
    xml.push_str(&format!("<{operation}Result>"));
    xml.push_str(&result);
    xml.push_str(&format!("</{operation}Result>"));
    let id = request_id(state);
    xml.push_str(&format!("<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata>"));
    xml.push_str(&format!("</{operation}Response>"));
    Ok(Reply::new("text/xml", xml))
}

/// A refusal in the form of its service.
fn refused(state: &State, service: Service, refusal: &Refusal) -> Reply {
    let id = request_id(state);
    let error = |xml: &mut Xml| {
        if service != Service::S3 {
            xml.leaf("Type", if refusal.status < 500 { "Sender" } else { "Receiver" });
        }
        xml.leaf("Code", &refusal.code);
        xml.leaf("Message", &refusal.message);
    };
    let mut xml = Xml::new();
    let mut reply = match service {
        Service::S3 => {
            xml.element("Error", |xml| {
                error(xml);
                xml.leaf("RequestId", id);
            });
            Reply::new("application/xml", xml.into_string())
        }
        Service::Rds | Service::Sns | Service::Sts => {
            xml.element("ErrorResponse", |xml| {
                xml.element("Error", error);
                xml.leaf("RequestId", id);
            });
            Reply::new("text/xml", xml.into_string())
        }
    };
    reply.status = refusal.status;
    reply
}

/// Looks like a UUID, and is made of the seed and the call's number.
fn request_id(state: &State) -> String {
    let draw = state.dice.draw("request id") >> 32;
    format!("{draw:08x}-0000-4000-8000-{:012x}", state.calls_total)
}

fn respond(state: &State, reply: Reply, skew: SignedDuration) -> Response<Bytes> {
    let date = state.now() + skew;
    let mut response = Response::builder()
        .status(reply.status)
        .header(DATE, date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .header("x-amzn-requestid", request_id(state));
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(reply.body).unwrap_or_else(|_| Response::new(Bytes::new()))
}

/// The host that a request is for, wherever it states it.
pub(crate) fn host(request: &Request<Bytes>) -> &str {
    let header = || request.headers().get(HOST).and_then(|host| host.to_str().ok());
    request.uri().host().or_else(header).unwrap_or("")
}
