//! A simulated account with a fleet in it, for function binaries to be measured against.
//!
//! `peer POINTS STAGE [CERTIFICATE KEY]` serves it over HTTP, and over HTTPS too if it is given a
//! certificate. The first line that it prints says where, and what is in it; when its standard input ends, it prints how
//! often each operation was called, as one JSON object, and ends.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use snapkeep_performance::{AWAY, HOME, POINTS_EACH, POLICY, Slots, Stage, TAG, named_and_tagged};
use snapkeep_policy::document::PolicyDocument;
use snapkeep_policy::ids::{RdsArn, Region, ResourceId};
use snapkeep_policy::inventory::{Engine, Quotas};
use snapkeep_policy::tags::{self, Tags};
use snapkeep_world::{Admin, DatabaseSpec, Options, SnapshotSpec, World};
use tokio::io::{AsyncReadExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

type Failed = Box<dyn std::error::Error>;

const LOCALHOST: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);
/// How often the account's clock is set: functions refuse to delete by one that is minutes off.
const BEAT: Duration = Duration::from_secs(1);
const ROOM: Quotas = Quotas { cluster_snapshots_max: 1_000_000, instance_snapshots_max: 1_000_000 };

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [points, stage, tls @ ..] = &arguments[..] else {
        return Err("usage: peer POINTS STAGE [CERTIFICATE KEY]".into());
    };
    let world = World::new(Options { start: Timestamp::now(), ..Options::new(1) });
    let databases = points.parse::<usize>()?.div_ceil(POINTS_EACH);
    let fleet = furnish(&world, databases, stage.parse()?)?;
    let server = world.serve(SocketAddr::from(LOCALHOST)).await?;
    let https = match tls {
        [certificate, key] => Some(encrypted(server.address(), certificate, key).await?),
        _ => None,
    };
    println!("{}", json!({ "http": server.endpoint(), "https": https, "fleet": fleet }));
    let clock = async {
        loop {
            tokio::time::sleep(BEAT).await;
            world.advance_to(Timestamp::now());
        }
    };
    let (mut stdin, mut said) = (tokio::io::stdin(), Vec::new());
    tokio::select! {
        () = clock => {}
        read = stdin.read_to_end(&mut said) => drop(read?),
    }
    println!("{}", json!(world.calls()));
    Ok(())
}

/// The fleet as [`snapkeep_performance::observed`] has it, with what a deployment needs around it; and
/// how many of each there are.
fn furnish(world: &World, databases: usize, stage: Stage) -> Result<Value, Failed> {
    let document = PolicyDocument::from_json(POLICY).map_err(|bad| bad.to_string())?;
    let slots = Slots::on_a_day(&document, world.now(), stage);
    let (admin, home, away): (_, Region, Region) = (world.admin(), HOME.parse()?, AWAY.parse()?);
    admin.create_bucket("snapkeep");
    admin.put_object("snapkeep", "policy.json", POLICY);
    admin.create_topic(&home, "alarms");
    admin.create_key(&away, "snapkeep");
    admin.create_subnet_group(&home, "scratch", false);
    admin.set_quotas(&home, ROOM);
    admin.set_quotas(&away, ROOM);
    let specs: Vec<DatabaseSpec> = (0..databases).map(spec).collect();
    let arns: Vec<RdsArn> = specs.iter().map(|spec| admin.create_database(&home, spec)).collect();
    let found = world.databases(&home);
    for (spec, arn) in specs.iter().zip(&arns) {
        let of = found.iter().find(|database| database.arn == *arn).ok_or("it was just made")?;
        let source: ResourceId = of.resource_id.parse()?;
        let named = |at| named_and_tagged(arn, &source, &document.deployment, at);
        for taken_at in &slots.originals {
            let (id, tags) = named(*taken_at);
            admin.create_snapshot(arn, &snapshot(&id, *taken_at, tags));
        }
        // A snapshot is made of a database that is there: it stays only for as long as that takes.
        let there = admin.create_database(&away, spec);
        for taken_at in &slots.copies {
            let (id, tags) = named(*taken_at);
            put_copy(&admin, arn, &there, &source, snapshot(&id, *taken_at, tags));
        }
        admin.delete_database(&there);
    }
    Ok(json!({
        "databases": databases,
        "originals": databases * slots.originals.len(),
        "copies": databases * slots.copies.len(),
        "expired": databases * slots.expired(&document, world.now()),
    }))
}

fn spec(number: usize) -> DatabaseSpec {
    let spec = DatabaseSpec::instance(Engine::Postgres, &format!("service-{number:05}-database"));
    DatabaseSpec { created_at: Some(Timestamp::UNIX_EPOCH), ..spec }.tag(TAG.0, TAG.1)
}

fn snapshot(id: &str, taken_at: Timestamp, tags: Tags) -> SnapshotSpec {
    SnapshotSpec { tags, ..SnapshotSpec::manual(id, taken_at) }
}

fn put_copy(
    admin: &Admin<'_>,
    database: &RdsArn,
    there: &RdsArn,
    source: &ResourceId,
    spec: SnapshotSpec,
) {
    let original = format!("arn:aws:rds:{HOME}:{}:snapshot:{}", database.account, spec.id);
    let spec = spec.tag(tags::COPY_OF, &original);
    if let Some(copy) = admin.create_snapshot(there, &spec) {
        admin.alter_snapshot(&copy, |copy| {
            copy.resource_id = source.to_string();
            copy.source_arn = original.parse().ok();
        });
    }
}

/// Serves over TLS, on a port of its own, what is served at `plain`.
async fn encrypted(plain: SocketAddr, certificate: &str, key: &str) -> Result<String, Failed> {
    let chain = CertificateDer::pem_file_iter(certificate)?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(key)?;
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(LOCALHOST).await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        // A connection that fails while it is accepted is its client's trouble.
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(acceptor.clone(), stream, plain));
        }
    });
    Ok(format!("https://localhost:{port}"))
}

async fn converse(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    plain: SocketAddr,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut outside = acceptor.accept(stream).await?;
    let mut inside = TcpStream::connect(plain).await?;
    inside.set_nodelay(true)?;
    copy_bidirectional(&mut outside, &mut inside).await.map(drop)
}
