//! Transactions that wait: one wish is one transaction, however often it is asked for.

use infra::anchor::evm::{EvmAccount, EvmAnchor, EvmChecker, EvmNode};
use serde_json::{Value, json};
use transparency::ports::Anchor as _;

use super::world::{World, asked_briefly, checkpoint, later, refused};

async fn waiting(world: &World) -> Value {
    world.node.ask("txpool_status", json!([])).await["pending"].clone()
}

#[tokio::test]
async fn a_transaction_that_waits_is_not_sent_twice() {
    let world = World::start().await;
    world.node.ask("evm_setAutomine", json!([false])).await;
    let said = later(world.impatient(&world.account()).anchor(&checkpoint(5, 1)).await);
    assert!(said.contains("still waits"), "{said}");
    let sent = world.transactions().await;
    assert_eq!(waiting(&world).await, "0x1");
    // As after a crash between sending and the block.
    let said = later(world.impatient(&world.account()).anchor(&checkpoint(5, 1)).await);
    assert!(said.contains("still waits"), "{said}");
    // A newer checkpoint does not overtake the one that waits, and does not queue up behind it.
    let said = later(world.impatient(&world.account()).anchor(&checkpoint(6, 1)).await);
    assert!(said.contains("took no transaction"), "{said}");
    assert_eq!(waiting(&world).await, "0x1");

    world.node.ask("anvil_mine", json!(["0x1"])).await;
    let receipt = world.again().anchor(&checkpoint(5, 1)).await.unwrap();
    world.stranger().check(&checkpoint(5, 1), &receipt).await.unwrap();
    assert_eq!(world.transactions().await, sent, "one wish, one transaction");
    assert_eq!(waiting(&world).await, "0x0");
}

#[tokio::test]
async fn what_the_node_forgot_is_sent_into_the_same_place() {
    let world = World::start().await;
    world.node.ask("evm_setAutomine", json!([false])).await;
    later(world.impatient(&world.account()).anchor(&checkpoint(5, 1)).await);
    let sent = world.transactions().await;
    world.node.ask("anvil_dropAllTransactions", json!([])).await;
    // The node forgot it: it is sent again, into the same place.
    later(world.impatient(&world.account()).anchor(&checkpoint(5, 1)).await);
    assert_eq!(world.transactions().await, sent);
    assert_eq!(waiting(&world).await, "0x1");
    world.node.ask("anvil_mine", json!(["0x1"])).await;
    world.again().anchor(&checkpoint(5, 1)).await.unwrap();
    assert_eq!(world.transactions().await, sent);
}

#[tokio::test]
async fn a_raised_bound_takes_the_place_of_what_waits() {
    let world = World::start().await;
    world.node.ask("evm_setAutomine", json!([false])).await;
    later(world.impatient(&world.account()).anchor(&checkpoint(5, 1)).await);
    let sent = world.transactions().await;
    let account = world.account();
    let account = EvmAccount { max_fee_gwei: account.max_fee_gwei * 2, ..account };
    let said = later(world.impatient(&account).anchor(&checkpoint(6, 1)).await);
    assert!(said.contains("still waits"), "{said}");
    assert_eq!((waiting(&world).await, world.transactions().await), (json!("0x1"), sent.clone()));

    world.node.ask("anvil_mine", json!(["0x1"])).await;
    world.again().anchor(&checkpoint(6, 1)).await.unwrap();
    let said = world.refused(&checkpoint(5, 1)).await;
    assert!(said.contains("goes back to size 5 after size 6"), "the older one never was: {said}");
    assert_eq!(world.transactions().await, sent);
}

#[tokio::test]
async fn two_tries_at_once_are_one_transaction() {
    let world = World::start().await;
    let sent = counted(&world.transactions().await);
    let request = checkpoint(5, 1);
    let (first, second) =
        futures::join!(world.anchor.anchor(&request), world.anchor.anchor(&request));
    assert_eq!(first.unwrap(), second.unwrap());
    assert_eq!(counted(&world.transactions().await), sent + 1);
}

fn counted(count: &Value) -> u64 {
    u64::from_str_radix(count.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
}

/// The try-out succeeded, the transaction did not: it has a hash, a block and no effect.
#[tokio::test]
async fn a_transaction_that_reverts_in_its_block_is_no_success() {
    let world = World::start().await;
    world.node.ask("evm_setAutomine", json!([false])).await;
    let request = checkpoint(5, 1);
    let (answer, ()) = futures::join!(world.anchor.anchor(&request), async {
        let mut asked = 0..10_000;
        while waiting(&world).await != "0x1" {
            asked.next().expect("the transaction arrives");
        }
        // PUSH1 0, PUSH1 0, REVERT.
        world.node.ask("anvil_setCode", json!([world.contract, "0x60006000fd"])).await;
        world.node.ask("anvil_mine", json!(["0x1"])).await;
    });
    let said = refused(answer);
    assert!(said.contains("was reverted"), "{said}");
}

#[tokio::test]
async fn a_receipt_is_given_when_enough_blocks_stand_on_it() {
    let world = World::start().await;
    let deep = EvmNode { confirmations: 3, ..asked_briefly(&world.node.url()) };
    let anchor = EvmAnchor::new(&deep, &world.account(), &world.contract).unwrap();
    let said = later(anchor.anchor(&checkpoint(5, 1)).await);
    assert!(said.contains("still waits for its blocks"), "{said}");
    let sent = world.transactions().await;
    let hasty = world.anchor.anchor(&checkpoint(5, 1)).await.unwrap();
    let checker = EvmChecker::new(&deep, &world.contract, None).unwrap();
    let said = later(checker.check(&checkpoint(5, 1), &hasty).await);
    assert!(said.contains("too few blocks"), "{said}");

    world.node.ask("anvil_mine", json!(["0x2"])).await;
    assert_eq!(anchor.anchor(&checkpoint(5, 1)).await.unwrap(), hasty);
    checker.check(&checkpoint(5, 1), &hasty).await.unwrap();
    assert_eq!(world.transactions().await, sent);
}
