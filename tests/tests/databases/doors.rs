//! Who is let in, who is believed, and who isn't there.

use std::time::{Duration, Instant};

use snapkeep_database::{Limits, Secret, Target, Trust};
use snapkeep_policy::verify::testimony::{Protocol, Trouble};
use snapkeep_tests::{Certificate, Kind, Server};
use tokio::net::TcpListener;

use crate::{LIMITS, count, target, testimony};

const PROTOCOLS: [Protocol; 3] = [Protocol::Postgres, Protocol::Mysql, Protocol::Mongodb];

async fn trouble(target: &Target, limits: &Limits) -> Option<Trouble> {
    let testimony = testimony(target, &[], limits).await;
    assert_eq!((testimony.answered_after, testimony.survey), (None, None));
    testimony.trouble
}

fn on_port(protocol: Protocol, port: u16) -> Target {
    Target {
        protocol,
        host: "127.0.0.1".into(),
        port,
        user: "keeper".into(),
        password: Secret::new("hunter2"),
        database: None,
        trust: Trust::Plain,
    }
}

#[tokio::test]
async fn a_wrong_password_is_denied_and_not_repeated() {
    for kind in Kind::ALL {
        let server = Server::start(kind);
        let mut target = target(&server);
        target.password = Secret::new("not-the-password");
        let testimony = testimony(&target, &[], &LIMITS).await;
        let shown = format!("{target:?} {testimony:?}");
        assert!(!shown.contains("not-the-password"), "{kind}: {shown}");
        assert!(matches!(testimony.trouble, Some(Trouble::Denied(_))), "{kind}: {shown}");
    }
}

#[tokio::test]
async fn a_certificate_that_does_not_hold_is_not_trusted() {
    for kind in Kind::ALL {
        for certificate in [Certificate::Expired, Certificate::OtherHost] {
            let server = Server::with_certificate(kind, certificate);
            let trouble = trouble(&target(&server), &LIMITS).await;
            let is_untrusted = matches!(trouble, Some(Trouble::Untrusted(_)));
            assert!(is_untrusted, "{kind} {certificate:?}: {trouble:?}");
        }
        let server = Server::with_certificate(kind, Certificate::OtherAuthority);
        let trouble = trouble(&target(&server), &LIMITS).await;
        assert!(matches!(trouble, Some(Trouble::UnknownIssuer(_))), "{kind}: {trouble:?}");
    }
}

#[tokio::test]
async fn who_accepts_and_never_answers_hangs() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = silent.local_addr().expect("a port").port();
    let limits = Limits { connect: Duration::from_secs(1), ..LIMITS };
    let bundle = std::fs::read(Server::start(Kind::Postgres).ca()).ok();
    let bundle = bundle.and_then(|bundle| Trust::pem(&bundle).ok()).expect("a bundle");
    for trust in [Trust::Plain, bundle] {
        for protocol in PROTOCOLS {
            let begun = Instant::now();
            let target = Target { trust: trust.clone(), ..on_port(protocol, port) };
            let trouble = trouble(&target, &limits).await;
            assert!(matches!(trouble, Some(Trouble::Hangs(_))), "{protocol:?}: {trouble:?}");
            assert!(begun.elapsed() < Duration::from_secs(3), "{protocol:?}");
        }
    }
}

#[tokio::test]
async fn where_nobody_listens_nobody_is_reached() {
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = closed.local_addr().expect("a port").port();
    drop(closed);
    for protocol in PROTOCOLS {
        for host in ["127.0.0.1", "nobody.invalid"] {
            let target = Target { host: host.into(), ..on_port(protocol, port) };
            let trouble = trouble(&target, &LIMITS).await;
            let is_unreachable = matches!(trouble, Some(Trouble::Unreachable(_)));
            assert!(is_unreachable, "{protocol:?} {host}: {trouble:?}");
        }
    }
}

#[tokio::test]
async fn without_time_nothing_is_asked_and_that_is_nobodys_fault() {
    let limits = Limits { until: Some(Instant::now()), ..LIMITS };
    for protocol in PROTOCOLS {
        let trouble = trouble(&on_port(protocol, 1), &limits).await;
        assert_eq!(trouble, Some(Trouble::OutOfTime), "{protocol:?}");
    }
}

#[tokio::test]
async fn a_database_that_goes_away_ends_the_questions() {
    for kind in Kind::ALL {
        let server = Server::start(kind);
        let target = target(&server);
        let mut server = Some(server);
        let checks = [count(kind, "orders"), count(kind, "orders"), count(kind, "orders")];
        let limits = Limits { connect: Duration::from_secs(2), ..LIMITS };
        let testimony = snapkeep_database::ask(&target, &checks, &limits, |_, _| {
            drop(server.take());
        });
        let testimony = testimony.await;
        assert!(testimony.answers[0].said.is_ok(), "{kind}: {testimony:?}");
        let last = testimony.answers.last().map(|answer| answer.said.clone());
        assert!(matches!(last, Some(Err(Trouble::Unreachable(_)))), "{kind}: {testimony:?}");
        assert!(testimony.trouble.is_some() && testimony.survey.is_none(), "{kind}");
    }
}
