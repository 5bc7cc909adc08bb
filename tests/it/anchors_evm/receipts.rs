//! Receipts that were changed, swapped or made up: each is refused with words that say what is wrong.

use infra::anchor::evm::EvmChecker;
use serde_json::{Value, json};
use transparency::ports::{Anchor as _, AnchorRequest};

use super::world::{World, asked, checkpoint, later, refused};

/// The receipt with one member changed.
fn with(receipt: &Value, name: &str, value: &Value) -> Value {
    let mut changed = receipt.clone();
    assert_ne!(&changed[name], value, "nothing was changed");
    changed[name] = value.clone();
    changed
}

/// The last hex digit is another one.
fn flipped(text: &Value) -> Value {
    let text = text.as_str().unwrap();
    let (rest, last) = text.split_at(text.len() - 1);
    json!(format!("{rest}{}", if last == "0" { "1" } else { "0" }))
}

#[tokio::test]
async fn a_changed_receipt_is_refused_in_words() {
    let world = World::start().await;
    let receipt = world.anchor.anchor(&checkpoint(5, 1)).await.unwrap();
    let later_one = world.anchor.anchor(&checkpoint(6, 1)).await.unwrap();
    let block = receipt["block"].as_u64().unwrap();
    for (name, value, words) in [
        ("chain_id", json!(1), "it names chain 1, not 31337"),
        ("contract", flipped(&receipt["contract"]), "it names contract 0x"),
        ("sender", json!(world.node.account(1)), "was sent by"),
        ("transaction", flipped(&receipt["transaction"]), "the chain has no transaction"),
        ("transaction", later_one["transaction"].clone(), "is in block"),
        ("block", json!(block - 1), "is in block"),
        ("block_hash", flipped(&receipt["block_hash"]), "in a block with hash"),
        ("log_index", json!(1), "has no event 1"),
        ("block", json!("5"), "not a receipt of an evm anchor"),
        ("log_index", json!(-1), "not a receipt of an evm anchor"),
        ("transaction", json!("0x12"), "not a receipt of an evm anchor"),
        ("note", json!("more"), "not a receipt of an evm anchor"),
    ] {
        let changed = with(&receipt, name, &value);
        let said = refused(world.anchor.check(&checkpoint(5, 1), &changed).await);
        assert!(said.contains(words), "{name}: {said}");
    }
    let big = receipt["contract"].as_str().unwrap().to_uppercase().replace("0X", "0x");
    let said = with(&receipt, "contract", &json!(big));
    let said = refused(world.anchor.check(&checkpoint(5, 1), &said).await);
    assert!(said.contains("small letters"), "{said}");
    for name in ["chain_id", "contract", "sender", "transaction", "block", "log_index"] {
        let mut short = receipt.clone();
        short.as_object_mut().unwrap().remove(name);
        let said = refused(world.anchor.check(&checkpoint(5, 1), &short).await);
        assert!(said.contains(&format!("missing field `{name}`")), "{said}");
    }
    for not_one in [json!(null), json!([]), json!("receipt"), json!({})] {
        refused(world.anchor.check(&checkpoint(5, 1), &not_one).await);
    }
}

#[tokio::test]
async fn a_receipt_of_another_checkpoint_is_refused_in_words() {
    let world = World::start().await;
    let receipt = world.anchor.anchor(&checkpoint(5, 1)).await.unwrap();
    let other_log = AnchorRequest { origin: "elsewhere.example/log".into(), ..checkpoint(5, 1) };
    for (request, words) in [
        (checkpoint(5, 2), "its event anchors root 0x0101"),
        (checkpoint(6, 1), "its event anchors size 5, not 6"),
        (other_log, "its event anchors another log"),
    ] {
        let said = refused(world.stranger().check(&request, &receipt).await);
        assert!(said.contains(words), "{said}");
    }
}

/// The receipt that somebody would write who owns the key and knows only the transaction's hash.
async fn made_up(world: &World, transaction: &Value) -> Value {
    let mined = world.node.mined(transaction).await;
    let block = mined["blockNumber"].as_str().unwrap().trim_start_matches("0x");
    json!({
        "chain_id": tests::anvil::Anvil::CHAIN,
        "contract": world.contract,
        "sender": world.node.account(0),
        "transaction": transaction,
        "block": u64::from_str_radix(block, 16).unwrap(),
        "block_hash": mined["blockHash"],
        "log_index": 0,
    })
}

#[tokio::test]
async fn the_hash_of_a_reverted_transaction_is_no_receipt() {
    let world = World::start().await;
    let good = world.anchor.anchor(&checkpoint(5, 1)).await.unwrap();
    assert_eq!(made_up(&world, &good["transaction"]).await, good, "it is written the right way");
    let call = world.call(4, 1).await;
    let hash = world.node.ask("eth_sendTransaction", json!([call])).await;
    let mined = world.node.mined(&hash).await;
    assert_eq!(mined["status"], "0x0", "it reverted and has a hash all the same");
    let receipt = made_up(&world, &hash).await;
    let said = refused(world.stranger().check(&checkpoint(4, 1), &receipt).await);
    assert!(said.contains("reverted"), "{said}");
}

#[tokio::test]
async fn a_transaction_without_an_event_is_no_receipt() {
    let world = World::start().await;
    world.anchor.anchor(&checkpoint(5, 1)).await.unwrap();
    // The same again: it succeeds and says nothing.
    let call = world.call(5, 1).await;
    let hash = world.node.ask("eth_sendTransaction", json!([call])).await;
    let receipt = made_up(&world, &hash).await;
    let said = refused(world.stranger().check(&checkpoint(5, 1), &receipt).await);
    assert!(said.contains("has no event 0"), "{said}");
}

/// Code that emits the very event our contract emits: one byte more, which could as well be a way around its
/// promises.
#[tokio::test]
async fn an_event_of_a_contract_that_only_looks_like_ours_is_refused() {
    let world = World::start().await;
    let other = "0x00000000000000000000000000000000000000aa";
    let code = world.node.ask("eth_getCode", json!([world.contract, "latest"])).await;
    let code = format!("{}00", code.as_str().unwrap());
    world.node.ask("anvil_setCode", json!([other, code])).await;
    let mut call = world.call(5, 1).await;
    call["to"] = json!(other);
    let hash = world.node.ask("eth_sendTransaction", json!([call])).await;
    let mined = world.node.mined(&hash).await;
    assert_eq!((&mined["status"], &mined["logs"][0]["address"]), (&json!("0x1"), &json!(other)));
    let mut receipt = made_up(&world, &hash).await;
    receipt["contract"] = json!(other);
    let checker = EvmChecker::new(&asked(&world.node.url()), other, None).unwrap();
    let said = refused(checker.check(&checkpoint(5, 1), &receipt).await);
    assert!(said.contains("is another one"), "{said}");
}

#[tokio::test]
async fn a_chain_that_took_the_block_back_is_noticed() {
    let world = World::start().await;
    let before = world.node.ask("evm_snapshot", json!([])).await;
    let receipt = world.anchor.anchor(&checkpoint(5, 1)).await.unwrap();
    assert_eq!(world.node.ask("evm_revert", json!([before])).await, true);
    let said = later(world.stranger().check(&checkpoint(5, 1), &receipt).await);
    assert!(said.contains("the node stands at block"), "{said}");
    world.node.ask("anvil_mine", json!(["0x1"])).await;
    let said = refused(world.stranger().check(&checkpoint(5, 1), &receipt).await);
    assert!(said.contains("the chain has no transaction"), "{said}");
    let second = world.anchor.anchor(&checkpoint(5, 1)).await.unwrap();
    assert_ne!(second["block_hash"], receipt["block_hash"]);
    world.stranger().check(&checkpoint(5, 1), &second).await.unwrap();
}
