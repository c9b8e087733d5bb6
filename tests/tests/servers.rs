//! The real databases are what tests on them take for granted, each by its own client.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use snapkeep_tests::{Certificate, Kind, Script, Server};

/// Set for a copy of this program that only holds a server.
const HOLDS: &str = "SNAPKEEP_TEST_HOLDS";

#[test]
fn postgres_is_a_server_with_the_sample_data_and_a_lock_on_its_door() {
    is_a_server(Kind::Postgres);
}

#[test]
fn mariadb_is_a_server_with_the_sample_data_and_a_lock_on_its_door() {
    is_a_server(Kind::Mariadb);
}

#[test]
fn mongodb_is_a_server_with_the_sample_data_and_a_lock_on_its_door() {
    is_a_server(Kind::Mongodb);
}

fn is_a_server(kind: Kind) {
    let server = Server::start(kind);
    assert_eq!(visit(&server, server.password(), &[]).as_deref(), Ok("5000"));
    // Each server's own words: what it refuses is the login and nothing else.
    let (wrong, none) = match kind {
        Kind::Postgres => ("password authentication failed", "no password supplied"),
        Kind::Mariadb => ("Access denied", "Access denied"),
        Kind::Mongodb => ("Authentication failed", "requires authentication"),
    };
    for (password, reason) in [("not-the-password", wrong), ("", none)] {
        let refused = visit(&server, password, &[]).expect_err("it must not let in");
        assert!(refused.contains(reason), "{refused}");
    }
    assert!(visit(&server, server.password(), &["--plain"]).is_err(), "no TLS");
}

#[test]
fn a_new_password_is_the_only_one_whatever_it_is_made_of() {
    for kind in Kind::ALL {
        let server = Server::start(kind);
        let awkward = r#"a'b\c;$d%e--{f}=,g"#;
        server.set_password(awkward);
        assert_eq!(visit(&server, awkward, &[]).as_deref(), Ok("5000"), "{kind}");
        assert!(visit(&server, server.password(), &[]).is_err(), "{kind}");
    }
}

#[test]
fn a_script_is_run_and_what_it_asks_is_answered() {
    let server = Server::start(Kind::Postgres);
    let sums = "SELECT count(*), max(updated_at) FROM orders;
        SELECT count(*) FROM users; SELECT count(*) FROM notifications;
        SELECT bt_index_check('orders_customer')";
    let answered = server.execute(sums);
    assert_eq!(answered.trim(), "5000|2026-03-02 01:59:00+00\n1000\n250");

    let server = Server::start(Kind::Mariadb);
    let answered = server.execute("SELECT count(*), max(updated_at) FROM orders");
    assert_eq!(answered.trim(), "5000\t2026-03-02 01:59:00");

    let server = Server::start(Kind::Mongodb);
    server.execute(r#"[{"delete": "orders", "deletes": [{"q": {"_id": 7}, "limit": 1}]}]"#);
    let newest = r#"{"find": "orders", "sort": {"updated_at": -1}, "limit": 1}"#;
    assert!(server.execute(newest).contains("2026-03-02T01:59:00Z"));
    assert_eq!(visit(&server, server.password(), &[]).as_deref(), Ok("4999"));
}

#[test]
fn each_server_has_fresh_data() {
    for kind in [Kind::Postgres, Kind::Mariadb] {
        let changed = Server::start(kind);
        changed.execute("DELETE FROM orders");
        let fresh = Server::start(kind);
        assert_eq!(visit(&changed, changed.password(), &[]).as_deref(), Ok("0"), "{kind}");
        assert_eq!(visit(&fresh, fresh.password(), &[]).as_deref(), Ok("5000"), "{kind}");
    }
}

#[test]
fn a_certificate_that_is_wrong_is_not_trusted() {
    for kind in Kind::ALL {
        for certificate in
            [Certificate::Expired, Certificate::OtherAuthority, Certificate::OtherHost]
        {
            let server = Server::with_certificate(kind, certificate);
            let refused = visit(&server, server.password(), &[]);
            let told = refused.expect_err("a client must not trust it").to_lowercase();
            assert!(told.contains("certificate"), "{kind}, {certificate:?}: {told}");
        }
    }
}

#[test]
fn a_server_that_is_dropped_leaves_nothing_behind() {
    for kind in Kind::ALL {
        let server = Server::start(kind);
        let (port, folder) = (server.port(), folder_of(&server));
        assert_ne!(processes_in(&folder), Vec::<u32>::new(), "{kind}");
        drop(server);
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "{kind}: somebody listens");
        assert_eq!(processes_in(&folder), Vec::<u32>::new(), "{kind}");
        assert!(!folder.exists(), "{kind}");
    }
}

#[test]
fn a_server_ends_with_whoever_started_it() {
    const THIS: &str = "a_server_ends_with_whoever_started_it";
    if let Ok(kind) = env::var(HOLDS) {
        let kind = Kind::ALL.into_iter().find(|known| known.to_string() == kind);
        let server = Server::start(kind.expect("a kind"));
        println!("\nholding {}", folder_of(&server).display());
        thread::sleep(Duration::from_secs(600));
        return;
    }
    for kind in Kind::ALL {
        let mut holder = Command::new(env::current_exe().expect("this program"))
            .args(["--exact", THIS, "--nocapture"])
            .env(HOLDS, kind.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let lines = BufReader::new(holder.stdout.take().expect("it is piped")).lines();
        let mut lines = lines.map(|line| line.expect("text"));
        let line = lines.find(|line| line.starts_with("holding ")).expect("it holds a server");
        let folder = PathBuf::from(line.trim_start_matches("holding "));
        assert!(folder.exists(), "{kind}");
        holder.kill().expect("it is ours");
        holder.wait().expect("it is ours");
        assert!(within_seconds(|| !folder.exists()), "{kind}: its folder is left");
        assert_eq!(processes_in(&folder), Vec::<u32>::new(), "{kind}");
    }
}

#[test]
fn a_database_ends_with_its_launcher_even_if_that_is_killed() {
    for kind in Kind::ALL {
        let server = Server::start(kind);
        let folder = folder_of(&server);
        let database = processes_in(&folder)[0];
        let launcher = parent_of(database);
        let killed = Command::new("kill").args(["-KILL", &launcher.to_string()]).status();
        assert!(killed.expect("there is kill").success());
        assert!(within_seconds(|| processes_in(&folder).is_empty()), "{kind}");
        fs::remove_dir_all(folder).expect("what a killed launcher can't take away");
    }
}

/// What the server's own client counts, or why it doesn't.
fn visit(server: &Server, password: &str, more: &[&str]) -> Result<String, String> {
    let mut script = Script::of("servers", "visit").arg(server.kind().to_string());
    script = script.arg("--port").arg(server.port().to_string());
    script = script.arg("--user").arg(server.user()).arg("--ca").arg(server.ca());
    for word in more {
        script = script.arg(word);
    }
    script.input(password).run().map(|counted| counted.trim().to_owned())
}

fn folder_of(server: &Server) -> PathBuf {
    server.ca().parent().expect("it is in a folder").to_owned()
}

/// The processes that work in a folder, the oldest first.
fn processes_in(folder: &Path) -> Vec<u32> {
    let all = fs::read_dir("/proc").expect("Linux").flatten();
    let numbers = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let works_there = |process: &u32| {
        fs::read_link(format!("/proc/{process}/cwd")).is_ok_and(|cwd| cwd.starts_with(folder))
    };
    let mut found: Vec<u32> = numbers.filter(works_there).collect();
    found.sort_unstable();
    found
}

fn parent_of(process: u32) -> u32 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("PPid:")).expect("it has one");
    line.trim().parse().expect("a number")
}

/// Whether something becomes so soon.
fn within_seconds(holds: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        if holds() {
            return true;
        }
        thread::sleep(Duration::from_millis(50));
    }
    false
}
