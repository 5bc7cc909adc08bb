//! Clients that mean no good, or are broken: packed bodies, bodies that never come, connections that are held
//! on to, answers that are not taken, names that nobody knows. Nobody else notices.

use std::net::{IpAddr, SocketAddr};
use std::process::{Command, Stdio};
use std::time::Duration;

use api::config::Config;
use reqwest::Method;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::cast::PASSWORD;
use tests::door::{Door, Reply};
use tests::process::ServerProcess;
use tests::soak::sized;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The size of a story in CI, or its full size.
fn size(in_ci: u64, full: u64) -> usize {
    usize::try_from(sized(in_ci, full)).unwrap()
}

fn at(door: &Door) -> SocketAddr {
    door.url.trim_start_matches("http://").parse().unwrap()
}

/// A connection from one of this machine's many addresses: each is a source of its own.
async fn connect(door: &Door, from: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(from.parse::<IpAddr>().unwrap(), 0)).unwrap();
    socket.connect(at(door)).await.unwrap()
}

async fn say(stream: &mut TcpStream, bytes: &str) {
    stream.write_all(bytes.as_bytes()).await.unwrap();
}

/// Everything that comes until the connection is gone, which it must be in time.
async fn until_gone(mut stream: TcpStream) -> String {
    let mut all = Vec::new();
    let gone = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut all)).await;
    // A reset is an end as well.
    let _ = gone.expect("the connection is cut in time");
    String::from_utf8_lossy(&all).into_owned()
}

/// The status of the next answer on a connection that goes on.
async fn status(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    while !all.windows(4).any(|four| four == b"\r\n\r\n") {
        let read = tokio::time::timeout(PATIENCE, stream.read_buf(&mut all)).await;
        if read.expect("an answer in time").unwrap_or(0) == 0 {
            break;
        }
    }
    String::from_utf8_lossy(&all).split(' ').nth(1).unwrap_or_default().to_owned()
}

/// Deadlines that a story can wait for.
fn impatient(config: &mut Config) {
    config.http.head_millis = 1_500;
    config.http.body_millis = 300;
    config.http.stalled_millis = 300;
    config.http.quiet_millis = 1_500;
}

/// Every operation of the API that takes a body, with something in the place of each name.
fn operations_with_a_body() -> Vec<(Method, String)> {
    let description = api::rest::openapi();
    let paths = description["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, operations)| {
        let path = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
        let path = path.collect::<Vec<_>>().join("/");
        let with_body = ["post", "put", "patch", "delete"];
        let operations = operations.as_object().unwrap().keys();
        operations
            .filter(move |name| with_body.contains(&name.as_str()))
            .map(move |name| (name.to_uppercase().parse().unwrap(), path.clone()))
    });
    operations.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packed_body_is_refused_wherever_bodies_are_taken() {
    let app = TestApp::start().await;
    let operations = operations_with_a_body();
    assert!(operations.len() > 15, "{}", operations.len());
    for (method, path) in operations {
        let url = format!("{}{path}", app.url);
        let request = || app.client.request(method.clone(), &url).body("x");
        for encoding in ["gzip", "deflate", "br", "zstd", "identity, gzip", "made-up"] {
            let packed = request().header("Content-Encoding", encoding);
            let refused = Reply::to(packed).await.refused(415, "encoding_not_taken");
            assert_eq!(refused.header("accept-encoding"), "identity");
        }
        let plain = Reply::to(request().header("Content-Encoding", "Identity")).await;
        assert_ne!(plain.code(), "encoding_not_taken", "{method} {path}");
    }
}

/// A figure of `/proc/<pid>/status`, KiB.
fn memory(pid: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
}

/// Sixty megabytes of nothing, packed into sixty kilobytes.
fn bomb() -> Vec<u8> {
    let packed = Command::new("sh")
        .args(["-c", "head -c 62914560 /dev/zero | gzip -9"])
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(packed.stdout.len() < 100_000, "{}", packed.stdout.len());
    packed.stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_bombs_at_once_take_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(&folder.path().join("data"));
    let (bomb, url) = (bomb(), format!("{}/api/v1/sessions", server.url));
    let throw = |encoding: Option<&str>| {
        let request = server.client.post(&url).header("Content-Type", "application/json");
        let request = match encoding {
            Some(encoding) => request.header("Content-Encoding", encoding),
            None => request,
        };
        let request = request.body(bomb.clone());
        async move { Reply::to(request).await }
    };
    // As many connections and bodies as later, but nothing to unpack: what that takes is not counted.
    futures::future::join_all((0..40).map(|_| throw(None))).await;
    let before = memory(server.pid(), "VmHWM:");
    for _ in 0..size(2, 20) {
        for reply in futures::future::join_all((0..40).map(|_| throw(Some("gzip")))).await {
            reply.refused(415, "encoding_not_taken");
        }
    }
    let grown = memory(server.pid(), "VmHWM:") - before;
    println!("40 bombs at once: {grown} KiB more at the most");
    assert!(grown <= 16 * 1_024, "{grown} KiB");
    server.get("/livez").await.expect(200);
}

const LOGIN: &str =
    "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_never_comes_is_cut_off_with_an_answer() {
    let app = TestApp::start_with(impatient).await;
    let bodies = ["Content-Length: 1000\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"];
    for body in bodies {
        let mut stream = connect(&app, "127.0.0.1").await;
        say(&mut stream, &format!("{LOGIN}{body}")).await;
        let answer = until_gone(stream).await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("\"body_too_slow\""), "{answer}");
        assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
    }
    // Where nobody wants the body the answer comes at once, and the rest is not waited for either.
    for head in ["GET /livez", "POST /nowhere", "PUT /api/v1/uploads", "GET /api/v1/me"] {
        for body in bodies {
            let mut stream = connect(&app, "127.0.0.1").await;
            say(&mut stream, &format!("{head} HTTP/1.1\r\nHost: x\r\n{body}")).await;
            let answer = until_gone(stream).await;
            let status = answer.split(' ').nth(1).unwrap_or_default();
            assert!(["200", "404", "401", "400"].contains(&status), "{head}: {answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_may_take_long_but_not_stand_still() {
    let mut app = TestApp::start().await;
    let (ana, ticket) = announced(&app).await;
    app.set(|config| config.http.body_millis = 1);
    app.restart(|_| {}).await;
    let put = ana.request(&app, Method::PUT, "/api/v1/uploads").header("Upload-Ticket", &ticket);
    let pieces = (0..400).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 16_384]));
    let put = put.body(reqwest::Body::wrap_stream(futures::stream::iter(pieces)));
    Reply::to(put).await.expect(201);

    let app = TestApp::start_with(|config| config.http.stalled_millis = 300).await;
    let (ana, ticket) = announced(&app).await;
    let before = app.newest();
    let mut stream = connect(&app, "127.0.0.1").await;
    let head = format!(
        "PUT /api/v1/uploads HTTP/1.1\r\nHost: x\r\nCookie: {}\r\nX-CSRF-Token: {}\r\n\
         Upload-Ticket: {ticket}\r\nContent-Length: 100000\r\n\r\n{}",
        ana.cookie(),
        ana.csrf(),
        "x".repeat(50_000),
    );
    say(&mut stream, &head).await;
    let answer = until_gone(stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"body_too_slow\""),
        "{answer}"
    );
    assert_eq!(app.newest(), before, "nothing was recorded");
    let incoming = std::fs::read_dir(app.data().join("blobs/incoming")).unwrap().count();
    assert_eq!(incoming, 0, "nothing was left");
}

/// Ana, and the ticket of a report whose body is to come.
async fn announced(app: &TestApp) -> (tests::cast::Person, String) {
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let path = format!("/api/v1/patients/{}/reports", ana.id);
    let body = json!({ "title": "Film", "category": "imaging", "media_type": "text/plain" });
    let ticket = ana.post(app, &path, body).await.expect(201).text("ticket");
    (ana, ticket)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_on_which_nothing_happens_is_cut() {
    let app = TestApp::start_with(impatient).await;
    until_gone(connect(&app, "127.0.0.1").await).await;
    let whole = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
    // Quiet after an answer; half a head after one, which the framework waits for as long as it takes.
    for then in ["", "GET /livez HTTP/1.1\r\nHost:", "POST /api/v1/se"] {
        let mut stream = connect(&app, "127.0.0.1").await;
        say(&mut stream, whole).await;
        assert_eq!(status(&mut stream).await, "200");
        say(&mut stream, then).await;
        until_gone(stream).await;
    }
}

/// Holds all places of an address, then asks from it until a place is free again.
async fn until_a_place_is_free(door: &Door, from: &str) {
    let asked = async {
        loop {
            let mut stream = connect(door, from).await;
            let _ = stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await;
            if status(&mut stream).await == "200" {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.expect("a place in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_take_an_answer_loses_the_connection() {
    let app = TestApp::start_with(|config| {
        config.http.connections_per_source_max = 1;
        config.http.stalled_millis = 300;
    })
    .await;
    let mut stream = connect(&app, "127.0.0.2").await;
    let ask = b"GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(16);
    // Answers are asked for and not read until nothing more goes in either direction.
    let full = async { while stream.write_all(&ask).await.is_ok() {} };
    let _ = tokio::time::timeout(Duration::from_secs(2), full).await;
    until_a_place_is_free(&app, "127.0.0.2").await;
    drop(stream);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_so_many_connections_and_all_together_have_so_many() {
    let app = TestApp::start_with(|config| {
        config.http.connections_max = 12;
        config.http.connections_per_source_max = 2;
    })
    .await;
    let mut held = Vec::new();
    for n in 0..2 {
        let mut stream = connect(&app, "127.0.0.2").await;
        say(&mut stream, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert_eq!(status(&mut stream).await, "200", "{n}");
        held.push(stream);
    }
    let third = until_gone(connect(&app, "127.0.0.2").await).await;
    assert!(
        third.starts_with("HTTP/1.1 503 ") && third.contains("too_many_connections"),
        "{third}"
    );
    assert!(third.contains("retry-after: "), "{third}");
    app.get("/livez").await.expect(200);
    held.pop();
    until_a_place_is_free(&app, "127.0.0.2").await;
    for n in 3..20 {
        held.push(connect(&app, &format!("127.0.0.{n}")).await);
    }
    let beyond = until_gone(connect(&app, "127.0.0.99").await).await;
    assert!(beyond.contains("too_many_connections"), "{beyond}");
    held.clear();
    until_a_place_is_free(&app, "127.0.0.99").await;
}

/// Behind a trusted proxy connections are the proxy's; what each of its customers holds is counted.
#[tokio::test(flavor = "multi_thread")]
async fn a_customer_of_the_proxy_holds_no_more_than_anybody_else() {
    let app = TestApp::start_with(|config| {
        config.http.trusted_proxies = api::config::Networks::of(["127.0.0.1"]).unwrap();
        config.http.connections_per_source_max = 2;
        config.http.body_millis = 60_000;
    })
    .await;
    let customer = format!("{LOGIN}X-Forwarded-For: 203.0.113.9\r\nContent-Length: 9\r\n\r\n{{");
    let from =
        |from: &str| app.client.get(format!("{}/livez", app.url)).header("X-Forwarded-For", from);
    // One that is read while a question is answered is one too many itself: another is held in its place.
    let mut held = Vec::new();
    let refused = async {
        loop {
            let mut stream = connect(&app, "127.0.0.1").await;
            say(&mut stream, &customer).await;
            held.push(stream);
            let reply = Reply::to(from("203.0.113.9")).await;
            if reply.status == 503 {
                return reply.refused(503, "too_many_connections");
            }
        }
    };
    let refused = tokio::time::timeout(PATIENCE, refused).await.expect("a bound");
    assert_eq!(refused.header("retry-after"), "5");
    Reply::to(from("203.0.113.10")).await.expect(200);
}

/// Holds a connection with a body that never comes; some send a byte of it now and then.
async fn hold(door: Door, from: String, drips: bool) -> String {
    let mut stream = connect(&door, &from).await;
    let _ = stream.write_all(format!("{LOGIN}Content-Length: 1000\r\n\r\n{{").as_bytes()).await;
    if !drips {
        return until_gone(stream).await;
    }
    let (mut read, mut write) = stream.into_split();
    let drip = async move {
        let mut now_and_then = tokio::time::interval(Duration::from_millis(50));
        while write.write_all(b" ").await.is_ok() {
            now_and_then.tick().await;
        }
    };
    let mut all = Vec::new();
    tokio::select! {
        () = drip => {}
        gone = tokio::time::timeout(PATIENCE, read.read_to_end(&mut all)) => {
            let _ = gone.expect("the connection is cut in time");
        }
    }
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_bodies_that_never_come_hurt_nobody_else_and_are_gone_in_time() {
    const WITHIN: Duration = Duration::from_secs(3);
    let folder = tempfile::tempdir().unwrap();
    let limit = |pid: u32| prlimit(pid, "--nofile=1024:1024");
    let body = WITHIN.as_millis().to_string();
    let settings = [("MEDLOCK_HTTP__BODY_MILLIS", body.as_str())];
    let server = ServerProcess::start_held(&folder.path().join("data"), &settings, limit).unwrap();
    let many = size(160, 500);
    // Half from one address, half from a crowd: the one address is bounded, the crowd by its deadline.
    let mut held = JoinSet::new();
    for n in 0..many {
        let from = if n % 2 == 0 { "127.0.0.2".to_owned() } else { format!("127.0.1.{}", n % 250) };
        held.spawn(hold(server.clone(), from, n % 4 == 0));
    }
    // Meanwhile somebody else is answered, again and again, until the last of them is gone.
    let (mut answered, mut cut, mut refused) = (0, 0, 0);
    let began = tokio::time::Instant::now();
    while !held.is_empty() {
        let form = json!({ "email": "ana@example.org", "password": "x", "client": "browser" });
        let other = server.post("/api/v1/sessions", form);
        let other = tokio::time::timeout(PATIENCE, other).await.expect("others are answered");
        assert!([401, 429].contains(&other.status), "{}", other.status);
        answered += 1;
        while let Some(ended) = held.try_join_next() {
            let ended = ended.unwrap();
            cut += usize::from(ended.contains("body_too_slow"));
            refused += usize::from(ended.contains("too_many_connections"));
        }
    }
    let took = began.elapsed();
    println!(
        "{many} bodies that never came: {cut} cut, {refused} refused, gone after {} ms; {answered} \
         others answered meanwhile",
        took.as_millis()
    );
    assert!(took < WITHIN * 4, "gone after {took:?}");
    assert!(answered > 3 && cut > many / 8, "{answered} {cut}");
    server.get("/readyz").await.expect(200);
}

fn prlimit(pid: u32, what: &str) {
    let set = Command::new("prlimit").args(["--pid", &pid.to_string(), what]).status();
    assert!(set.is_ok_and(|status| status.success()), "prlimit of util-linux");
}

#[tokio::test(flavor = "multi_thread")]
async fn running_out_of_descriptors_is_said_and_survived() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = ServerProcess::start(&folder.path().join("data"));
    let before = server.get("/readyz").await.expect(200).json();
    assert_eq!((&before["ready"], &before["descriptors"]), (&json!(true), &json!("ok")));
    let pid = server.pid();
    let open = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count();
    prlimit(pid, &format!("--nofile={}:", open + 3));
    // Asked on the connection that is open already; others wait outside.
    let poor = server.get("/readyz").await.expect(503).json();
    assert_eq!(poor["ready"], json!(false));
    let why = poor["descriptors"].as_str().unwrap();
    assert!(why.starts_with("fewer than 16 files can be opened"), "{why}");
    let waiting: Vec<TcpStream> =
        futures::future::join_all((2..40).map(|n| connect_at(at(&server), n))).await;
    for _ in 0..5 {
        // Whatever it says to this, or if it says nothing: it goes on.
        let form = json!({
            "name": "Ana Acker", "birth_date": "1980-02-29", "email": "ana@example.org",
            "password": PASSWORD,
        });
        let asked = server.client.post(format!("{}/api/v1/patients", server.url)).json(&form);
        let _ = tokio::time::timeout(Duration::from_secs(5), asked.send()).await;
    }
    assert!(server.is_alive());
    drop(waiting);
    prlimit(pid, "--nofile=1024:");
    let well = async {
        loop {
            let fresh = reqwest::Client::new().get(format!("{}/readyz", server.url)).send().await;
            let Ok(fresh) = fresh else { continue };
            let said: Value = fresh.json().await.unwrap();
            if said["healthy"] == json!(true) {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, well).await.expect("well again, without a restart");
}

async fn connect_at(address: SocketAddr, n: u8) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("127.0.0.{n}:0").parse().unwrap()).unwrap();
    socket.connect(address).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn made_up_names_make_no_figures() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(&folder.path().join("data"));
    let mut stream = connect(&server, "127.0.0.2").await;
    let series = async || {
        let text = server.get("/metrics").await.expect(200).bytes;
        String::from_utf8(text).unwrap().lines().filter(|line| !line.starts_with('#')).count()
    };
    let made_up = [
        |n: usize| format!("M{n} /livez HTTP/1.1\r\nHost: x\r\n\r\n"),
        |n: usize| format!("GET /livez/{n} HTTP/1.1\r\nHost: x\r\n\r\n"),
        |n: usize| format!("GET /livez?{n} HTTP/1.1\r\nHost: x{n}\r\nUser-Agent: {n}\r\n\r\n"),
        |n: usize| format!("GET /log/tile/{n}/x HTTP/1.1\r\nHost: x\r\n\r\n"),
        |n: usize| format!("GET /api/docs/{n} HTTP/1.1\r\nHost: x\r\n\r\n"),
    ];
    // Each once, so that what there is to be counted at all is there.
    for request in made_up {
        say(&mut stream, &request(0)).await;
        status(&mut stream).await;
    }
    series().await;
    let before = series().await;
    for n in 1..size(40, 500) {
        for request in made_up {
            say(&mut stream, &request(n)).await;
            status(&mut stream).await;
        }
    }
    assert_eq!(series().await, before);
}
