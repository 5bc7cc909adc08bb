//! Checkpoints on an EVM chain: a real node, the real compiler, and what a stranger sees without our code.

mod faults;
mod receipts;
mod waiting;
pub(crate) mod world;

use std::process::Command;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use tests::anvil::{Anvil, npm};
use transparency::ports::Anchor as _;

use world::{World, checkpoint, nothing_strange};

#[tokio::test]
async fn a_checkpoint_is_anchored_and_its_receipt_checks() {
    let world = World::start().await;
    let receipt = world.anchor.anchor(&checkpoint(5, 1)).await.unwrap();
    nothing_strange(&receipt);
    assert_eq!(receipt["chain_id"], Anvil::CHAIN);
    assert_eq!(receipt["contract"], world.contract);
    assert_eq!(receipt["sender"], world.node.account(0));
    world.anchor.check(&checkpoint(5, 1), &receipt).await.unwrap();
    world.stranger().check(&checkpoint(5, 1), &receipt).await.unwrap();
}

const DOCUMENT: &str = include_str!("../../docs/anchors-evm.md");

/// What `docs/anchors-evm.md` says one can do with `curl`, done without our client.
#[tokio::test]
async fn a_stranger_sees_it_without_our_code() {
    let world = World::start().await;
    let request = checkpoint(0x1_0203, 7);
    let receipt = world.anchor.anchor(&request).await.unwrap();
    let origin = hex::encode(Sha256::digest(request.origin.as_bytes()));
    let root = hex::encode(request.root);

    let mined = world.node.mined(&receipt["transaction"]).await;
    assert_eq!(mined["status"], "0x1");
    assert_eq!(mined["to"], receipt["contract"]);
    assert_eq!(mined["from"], receipt["sender"]);
    assert_eq!(mined["blockHash"], receipt["block_hash"]);
    let log = &mined["logs"][0];
    assert_eq!(log["address"], receipt["contract"]);
    let event = world.keccak("Anchored(address,bytes32,uint64,bytes32)").await;
    assert_eq!(log["topics"][0], json!(event));
    let by = format!("0x{:0>64}", world.node.account(0).trim_start_matches("0x"));
    assert_eq!(log["topics"][1], json!(by));
    assert_eq!(log["topics"][2], json!(format!("0x{origin}")));
    let size = format!("{:064x}", 0x1_0203);
    let said = log["data"].as_str().unwrap();
    assert_eq!(said, format!("0x{size}{root}"));

    let latest = &world.keccak("latest(address,bytes32)").await[..10];
    let call = json!({"to": receipt["contract"], "data": format!("{latest}{}{origin}", &by[2..])});
    let newest = world.node.ask("eth_call", json!([call, "latest"])).await;
    assert_eq!(newest, json!(format!("0x{size}{root}")));
}

#[tokio::test]
async fn the_same_again_is_the_same_receipt_and_no_second_transaction() {
    let world = World::start().await;
    let first = world.anchor.anchor(&checkpoint(5, 1)).await.unwrap();
    let sent = world.transactions().await;
    assert_eq!(world.anchor.anchor(&checkpoint(5, 1)).await.unwrap(), first);
    // As after a crash: nothing of the first try is remembered here.
    assert_eq!(world.again().anchor(&checkpoint(5, 1)).await.unwrap(), first);
    assert_eq!(world.transactions().await, sent);
}

#[tokio::test]
async fn an_older_checkpoint_that_was_anchored_is_found_behind_newer_ones() {
    let world = World::start().await;
    let mut receipts = Vec::new();
    for size in 5..8 {
        receipts.push(world.anchor.anchor(&checkpoint(size, 1)).await.unwrap());
    }
    let sent = world.transactions().await;
    for (size, receipt) in (5..8).zip(&receipts) {
        assert_eq!(&world.again().anchor(&checkpoint(size, 1)).await.unwrap(), receipt);
    }
    assert_eq!(world.transactions().await, sent);
}

#[tokio::test]
async fn another_root_at_the_same_size_is_refused() {
    let world = World::start().await;
    world.anchor.anchor(&checkpoint(5, 1)).await.unwrap();
    let sent = world.transactions().await;
    let words = world.refused(&checkpoint(5, 2)).await;
    assert!(words.contains("at size 5 another root was anchored"), "{words}");
    assert_eq!(world.transactions().await, sent);
}

#[tokio::test]
async fn going_back_is_refused() {
    let world = World::start().await;
    world.anchor.anchor(&checkpoint(5, 1)).await.unwrap();
    let words = world.refused(&checkpoint(4, 1)).await;
    assert!(words.contains("goes back to size 4 after size 5"), "{words}");
}

#[tokio::test]
async fn the_empty_log_is_not_anchored() {
    let world = World::start().await;
    let sent = world.transactions().await;
    assert!(world.refused(&checkpoint(0, 1)).await.contains("the empty log"));
    assert_eq!(world.transactions().await, sent);
}

#[tokio::test]
async fn logs_and_accounts_do_not_know_of_each_other() {
    let world = World::start().await;
    world.anchor.anchor(&checkpoint(5, 1)).await.unwrap();
    let other_log = transparency::ports::AnchorRequest {
        origin: "elsewhere.example/log".into(),
        ..checkpoint(3, 9)
    };
    let receipt = world.anchor.anchor(&other_log).await.unwrap();
    world.anchor.check(&other_log, &receipt).await.unwrap();
    let other_account = world.anchor_of(1);
    let receipt = other_account.anchor(&checkpoint(3, 9)).await.unwrap();
    other_account.check(&checkpoint(3, 9), &receipt).await.unwrap();
    // Whoever knows the installation's account notices a second log under another one.
    let no = world.stranger().check(&checkpoint(3, 9), &receipt).await.unwrap_err().to_string();
    assert!(no.contains("it names sender"), "{no}");
}

/// Gas of the transaction behind a receipt.
async fn gas(world: &World, transaction: &serde_json::Value) -> u64 {
    let mined = world.node.mined(transaction).await;
    let used = mined["gasUsed"].as_str().unwrap().trim_start_matches("0x");
    u64::from_str_radix(used, 16).unwrap()
}

/// The bounds that `docs/anchors-evm.md` gives.
#[tokio::test]
async fn it_costs_no_more_than_the_document_says() {
    let world = World::start().await;
    let made = world.node.ask("eth_getBlockByNumber", json!(["latest", false])).await;
    let deployed = gas(&world, &made["transactions"][0]).await;
    let first = world.anchor.anchor(&checkpoint(5, 1)).await.unwrap();
    let next = world.anchor.anchor(&checkpoint(6, 2)).await.unwrap();
    let (first, next) =
        (gas(&world, &first["transaction"]).await, gas(&world, &next["transaction"]).await);
    for (what, used, words) in [
        ("deploying", deployed, "Deploying takes at most 300,000 gas"),
        ("first", first, "an account's first anchor of a log 75,000"),
        ("next", next, "every further one 42,000"),
    ] {
        assert!(DOCUMENT.contains(words), "{words}");
        let bound: String = words.chars().filter(char::is_ascii_digit).collect();
        assert!(used <= bound.parse().unwrap(), "{what}: {used} gas");
    }
}

#[tokio::test]
async fn the_document_calls_the_contract_by_its_numbers() {
    let world = World::start().await;
    let event = world.keccak("Anchored(address,bytes32,uint64,bytes32)").await;
    let latest = &world.keccak("latest(address,bytes32)").await[..10];
    let runtime = include_str!("../../infra/contracts/AnchorRuntime.bin");
    let sum = hex::encode(Sha256::digest(runtime.trim_end()));
    for number in [&event, latest, &sum] {
        assert!(DOCUMENT.contains(number), "{number}");
    }
}

/// The contract itself, without our client in front of it.
#[tokio::test]
async fn the_contract_refuses_what_we_would_not_ask() {
    let world = World::start().await;
    world.anchor.anchor(&checkpoint(5, 1)).await.unwrap();
    for (size, root, error) in [
        (4, 1, "GoesBack(uint64,uint64)"),
        (5, 2, "Contradicts(uint64,bytes32)"),
        (0, 1, "Empty()"),
    ] {
        let call = json!([world.call(size, root).await, "latest"]);
        let answer = world.node.says("eth_call", call).await;
        let selector = &world.keccak(error).await[..10];
        let data = answer["error"]["data"].as_str().unwrap();
        assert!(data.starts_with(selector), "{error}: {answer}");
    }
    // The same again is no error and no event.
    let call = world.call(5, 1).await;
    let again = world.node.ask("eth_sendTransaction", json!([call])).await;
    let mined = world.node.mined(&again).await;
    assert_eq!((&mined["status"], &mined["logs"]), (&json!("0x1"), &json!([])));
}

#[test]
fn the_compiler_makes_exactly_the_committed_bytes() {
    let contracts = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/contracts");
    let out = tempfile::tempdir().unwrap();
    let mut compile = Command::new("node");
    compile.arg(contracts.join("compile.mjs")).arg(npm("solc")).arg(out.path());
    let done = compile.output().expect("node is there");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    for file in ["Anchor.bin", "AnchorRuntime.bin"] {
        let made = out.path().join(file);
        let committed = contracts.join(file);
        let (made, committed) = (std::fs::read(made).unwrap(), std::fs::read(committed).unwrap());
        assert!(made == committed, "{file} is not what the compiler makes of Anchor.sol");
    }
}
