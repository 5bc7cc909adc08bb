//! TLS at the service's own door: a certificate that is renewed while it runs, and the words of a start that
//! has none.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use api::config::Config;
use reqwest::{Certificate, Client};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::cast::PASSWORD;
use tests::door::{Door, Reply};
use tests::process::ServerProcess;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const NAME: &str = "medlock.example.org";
/// Longer than a renewal may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A certificate for [`NAME`], signed by itself, with its key.
struct Pair {
    certificate: PathBuf,
    key: PathBuf,
}

impl Pair {
    fn make(folder: &Path, file: &str) -> Self {
        let pair = Self { certificate: folder.join(file), key: folder.join(format!("{file}.key")) };
        let name = format!("subjectAltName=DNS:{NAME}");
        let made = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
            ])
            .args(["-days", "2", "-subj", "/CN=medlock", "-addext", &name])
            .args(["-addext", "basicConstraints=critical,CA:FALSE", "-out"])
            .arg(&pair.certificate)
            .arg("-keyout")
            .arg(&pair.key)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        pair
    }

    fn serves(&self, config: &mut Config) {
        config.http.tls_certificate = Some(self.certificate.clone());
        config.http.tls_key = Some(self.key.clone());
    }

    /// A client that trusts this certificate and no other.
    fn client(&self, at: SocketAddr) -> Client {
        let pem = std::fs::read(&self.certificate).unwrap();
        let only = Certificate::from_pem(&pem).unwrap();
        Client::builder().tls_certs_only([only]).resolve(NAME, at).build().unwrap()
    }
}

fn at(door: &Door) -> SocketAddr {
    door.url.trim_start_matches("http://").parse().unwrap()
}

fn url(door: &Door, path: &str) -> String {
    format!("https://{NAME}:{}{path}", at(door).port())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_answers_by_tls_and_by_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let pair = Pair::make(folder.path(), "one.pem");
    let app = TestApp::start_with(|config| {
        pair.serves(config);
        config.http.head_millis = 1_500;
    })
    .await;
    let client = pair.client(at(&app));
    let alive = Reply::to(client.get(url(&app, "/livez"))).await.expect(200);
    assert_eq!(alive.header("strict-transport-security"), "max-age=31536000");
    let form = json!({ "email": "ana@example.org", "password": PASSWORD, "client": "browser" });
    let page = format!("https://{NAME}:{}", at(&app).port());
    let log_in = client.post(url(&app, "/api/v1/sessions")).json(&form).header("Origin", page);
    Reply::to(log_in).await.refused(401, "wrong_credentials");
    // Who knows no TLS gets nothing, and who says nothing is not waited for.
    for said in ["GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", "", "\u{16}\u{3}\u{1}"] {
        let mut stream = TcpStream::connect(at(&app)).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        let mut all = Vec::new();
        let gone = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut all)).await;
        let _ = gone.expect("cut in time");
        assert!(!String::from_utf8_lossy(&all).contains("HTTP"), "{all:?}");
    }
}

/// Asks until it is so.
async fn until(client: &Client, url: &str, so: impl Fn(Option<Value>) -> bool) {
    let asked = async {
        loop {
            let answer = client.get(url).send().await;
            let answer = match answer {
                Ok(answer) => Some(answer.json().await.unwrap_or(Value::Null)),
                Err(_) => None,
            };
            if so(answer) {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.expect("in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_used_and_half_of_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let pair = Pair::make(folder.path(), "one.pem");
    let app = TestApp::start_with(|config| pair.serves(config)).await;
    let (old, ready) = (pair.client(at(&app)), url(&app, "/readyz"));
    until(&old, &ready, |said| said.is_some_and(|said| said["healthy"] == json!(true))).await;
    let renewed = Pair::make(folder.path(), "two.pem");
    let new = renewed.client(at(&app));
    assert!(new.get(&ready).send().await.is_err(), "it is not in use yet");

    std::fs::copy(&renewed.certificate, &pair.certificate).unwrap();
    until(&old, &ready, |said| {
        let said = said.unwrap();
        let jobs = said["jobs"].as_array().unwrap().clone();
        let job = jobs.iter().find(|job| job["name"] == "certificate").unwrap();
        let why = job["why"].as_str().unwrap_or_default();
        said["healthy"] == json!(false) && why.contains("do not fit")
    })
    .await;
    // A new handshake still gets the old pair.
    let first_certificate = old_client_again(&old, &app).await;
    assert!(first_certificate);

    std::fs::copy(&renewed.key, &pair.key).unwrap();
    until(&new, &ready, |said| said.is_some_and(|said| said["healthy"] == json!(true))).await;
}

/// Whether a connection of its own is still answered by the certificate that the client knows.
async fn old_client_again(old: &Client, app: &TestApp) -> bool {
    let request = old.get(url(app, "/livez")).header("Connection", "close");
    Reply::to(request).await.status == 200
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_others_may_read_or_that_does_not_fit_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let (pair, other) = (Pair::make(folder.path(), "a.pem"), Pair::make(folder.path(), "b.pem"));
    let start = |key: &Path| {
        let ended = Command::new(tests::program::medlock())
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path().join("data"))
            .env("MEDLOCK_HTTP__TLS_CERTIFICATE", &pair.certificate)
            .env("MEDLOCK_HTTP__TLS_KEY", key)
            .output()
            .unwrap();
        assert!(!ended.status.success());
        String::from_utf8(ended.stderr).unwrap()
    };
    let said = start(&other.key);
    assert!(said.contains("do not fit"), "{said}");
    std::fs::set_permissions(&pair.key, PermissionsExt::from_mode(0o644)).unwrap();
    let said = start(&pair.key);
    assert!(said.contains("chmod 600"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_others_can_listen_to_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let pair = Pair::make(folder.path(), "one.pem");
    let certificate = pair.certificate.to_str().unwrap();
    let key = pair.key.to_str().unwrap();
    let tls = [("MEDLOCK_HTTP__TLS_CERTIFICATE", certificate), ("MEDLOCK_HTTP__TLS_KEY", key)];
    let proxy = [("MEDLOCK_HTTP__TRUSTED_PROXIES", "10.0.0.0/8")];
    let said = |name: &str, listen: &str, settings: &[(&str, &str)]| {
        let data = folder.path().join(name);
        let server = ServerProcess::start_at(&data, listen, settings);
        drop(server);
        std::fs::read_to_string(data.with_extension("log")).unwrap()
    };
    let open = said("open", "0.0.0.0:0", &[]);
    assert!(open.contains("WARNING: 0.0.0.0:") && open.contains("http.trusted_proxies"), "{open}");
    for quiet in [said("tls", "0.0.0.0:0", &tls), said("proxy", "0.0.0.0:0", &proxy)] {
        assert!(!quiet.contains("WARNING"), "{quiet}");
    }
    let here = said("here", "127.0.0.1:0", &[]);
    assert!(!here.contains("WARNING"), "{here}");
}
