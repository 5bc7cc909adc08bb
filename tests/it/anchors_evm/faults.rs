//! Nodes that are gone, slow, wrong or too dear: nothing is sent that should not be, and all goes on
//! afterwards.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use infra::anchor::evm::{EvmAccount, EvmAnchor, EvmNode, Patience, deploy};
use secrecy::ExposeSecret as _;
use serde_json::json;
use tests::anvil::Anvil;
use transparency::ports::Anchor as _;

use super::world::{World, asked, checkpoint, later, paid_with, refused};

#[tokio::test]
async fn a_node_that_is_gone_means_later_and_all_goes_on_after_its_return() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("chain.json");
    let World { node, contract, anchor } = World::on(Anvil::kept(&state, 0)).await;
    let receipt = anchor.anchor(&checkpoint(5, 1)).await.unwrap();
    let port = node.port();
    node.stop();

    let said = later(anchor.anchor(&checkpoint(6, 1)).await);
    assert!(said.contains("the node did not say its chain id"), "{said}");
    later(anchor.check(&checkpoint(5, 1), &receipt).await);

    let world = World { node: Anvil::kept(&state, port), contract, anchor };
    world.anchor.check(&checkpoint(5, 1), &receipt).await.unwrap();
    assert_eq!(world.anchor.anchor(&checkpoint(5, 1)).await.unwrap(), receipt);
    let next = world.anchor.anchor(&checkpoint(6, 1)).await.unwrap();
    world.stranger().check(&checkpoint(6, 1), &next).await.unwrap();
}

#[tokio::test]
async fn a_bound_below_the_price_sends_nothing() {
    let world = World::on(Anvil::with(&["--block-base-fee-per-gas", "5000000000"])).await;
    let sent = world.transactions().await;
    let account = EvmAccount { max_fee_gwei: 1, ..paid_with(world.node.key(0)) };
    let said = later(world.bounded(&account).anchor(&checkpoint(5, 1)).await);
    assert!(said.contains("gwei, the bound is 1 gwei"), "{said}");
    let said = later(deploy(&asked(&world.node.url()), &account).await);
    assert!(said.contains("the bound is 1 gwei"), "{said}");
    assert_eq!(world.transactions().await, sent);
    world.anchor.anchor(&checkpoint(5, 1)).await.unwrap();
}

#[tokio::test]
async fn a_gas_limit_that_cannot_suffice_sends_nothing() {
    let world = World::start().await;
    let sent = world.transactions().await;
    let account = EvmAccount { gas_limit: 30_000, ..paid_with(world.node.key(0)) };
    let said = later(world.bounded(&account).anchor(&checkpoint(5, 1)).await);
    assert!(said.to_lowercase().contains("gas"), "{said}");
    assert_eq!(world.transactions().await, sent);
}

#[tokio::test]
async fn an_account_without_coins_sends_nothing() {
    let world = World::start().await;
    world.node.ask("anvil_setBalance", json!([world.node.account(1), "0x0"])).await;
    let said = later(world.anchor_of(1).anchor(&checkpoint(5, 1)).await);
    assert!(said.contains("took no transaction") && said.contains("unds"), "{said}");
}

#[tokio::test]
async fn another_chain_is_refused() {
    let world = World::start().await;
    let receipt = world.anchor.anchor(&checkpoint(5, 1)).await.unwrap();
    let node = EvmNode { chain_id: 1, ..asked(&world.node.url()) };
    let account = paid_with(world.node.key(0));
    let sent = world.transactions().await;
    let elsewhere = EvmAnchor::new(&node, &account, &world.contract).unwrap();
    let words = "the node is on chain 31337, not on 1";
    assert_eq!(refused(elsewhere.anchor(&checkpoint(6, 1)).await), words);
    assert_eq!(refused(deploy(&node, &account).await), words);
    let mut named = receipt;
    named["chain_id"] = json!(1);
    assert_eq!(refused(elsewhere.check(&checkpoint(5, 1), &named).await), words);
    assert_eq!(world.transactions().await, sent);
}

#[tokio::test]
async fn another_contract_is_refused() {
    let world = World::start().await;
    let sent = world.transactions().await;
    let (node, account) = (asked(&world.node.url()), paid_with(world.node.key(0)));
    let nowhere = EvmAnchor::new(&node, &account, world.node.account(1)).unwrap();
    let said = refused(nowhere.anchor(&checkpoint(5, 1)).await);
    assert!(said.contains("there is no contract at"), "{said}");
    assert_eq!(world.transactions().await, sent);
}

#[tokio::test]
async fn the_private_key_is_in_no_debug_output() {
    let world = World::start().await;
    let key = world.node.key(0).trim_start_matches("0x");
    let account = paid_with(world.node.key(0));
    let poor = EvmAccount { max_fee_gwei: 1, gas_limit: 1, ..account.clone() };
    let error = world.bounded(&poor).anchor(&checkpoint(5, 1)).await.unwrap_err();
    let shown = format!("{account:?} {:?} {error:?} {error}", world.anchor);
    assert!(shown.contains(&format!("{:?}", world.contract)[1..10]), "it shows something: {shown}");
    assert!(!shown.to_lowercase().contains(key), "{shown}");
}

/// A server of another kind: what it does with each connection is told, and they are counted.
fn stranger(answer: impl Fn(TcpStream) + Send + 'static) -> (EvmNode, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/secret-path", listener.local_addr().unwrap());
    let met = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&met);
    std::thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            counted.fetch_add(1, Ordering::SeqCst);
            answer(connection);
        }
    });
    let asked = asked(&url);
    let patience = Patience { retries: 2, pause: Duration::from_millis(1), ..asked.patience };
    (EvmNode { patience, ..asked }, met)
}

fn reply(mut connection: TcpStream, head: &str, body: &[u8]) {
    let _ = connection.read(&mut [0; 4_096]);
    let length = body.len();
    let head = format!("HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    let _ = connection.write_all(head.as_bytes());
    let _ = connection.write_all(body);
}

async fn put_off(node: &EvmNode) -> String {
    let key = "11".repeat(32);
    let contract = format!("0x{}", "22".repeat(20));
    let anchor = EvmAnchor::new(node, &paid_with(&key), &contract).unwrap();
    later(anchor.anchor(&checkpoint(5, 1)).await)
}

#[tokio::test]
async fn a_busy_node_is_asked_again_but_not_for_ever() {
    let (node, met) = stranger(|connection| reply(connection, "503 Busy", b""));
    let said = put_off(&node).await;
    assert!(said.contains("503"), "{said}");
    assert_eq!(met.load(Ordering::SeqCst), 3, "once and two repeats");
}

#[tokio::test]
async fn a_node_that_never_answers_is_given_up() {
    let held = std::sync::Mutex::new(Vec::new());
    let (mut node, _) = stranger(move |connection| held.lock().unwrap().push(connection));
    node.patience.call = Duration::from_millis(200);
    let said = put_off(&node).await;
    assert!(said.contains("no answer in time"), "{said}");
}

#[tokio::test]
async fn a_node_behind_https_is_spoken_to_in_tls() {
    let (said, hears) = std::sync::mpsc::channel();
    let (node, _) = stranger(move |mut connection| {
        let mut first = [0; 1];
        let _ = connection.read(&mut first);
        let _ = said.send(first[0]);
    });
    let url = node.rpc_url.expose_secret().replace("http://", "https://");
    put_off(&EvmNode { rpc_url: url.into(), ..node }).await;
    let handshake = 22;
    assert_eq!(hears.recv().unwrap(), handshake, "RFC 8446, 5.1");
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let huge = vec![b' '; 8 << 20];
    let (node, met) = stranger(move |connection| reply(connection, "200 OK", &huge));
    let said = put_off(&node).await;
    assert!(said.contains("an answer of more than"), "{said}");
    assert_eq!(met.load(Ordering::SeqCst), 1, "it would be as large again");
}

#[tokio::test]
async fn a_server_that_is_no_node_is_put_off_without_its_address() {
    let (node, _) = stranger(|connection| reply(connection, "200 OK", b"<html>Welcome</html>"));
    let said = put_off(&node).await;
    assert!(said.contains("no JSON-RPC answer"), "{said}");
    assert!(!said.contains("secret-path"), "{said}");
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let said = put_off(&asked(&format!("http://{gone}/v1/secret-path"))).await;
    assert!(!said.contains("secret-path"), "{said}");
}
