// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Keeps the newest checkpoint that an account anchored for a log, and tells the world of each one.
///
/// Nobody owns this contract and nothing in it can be paid, paused, upgraded or destroyed. Every account writes
/// under its own address only: whoever checks a log asks for the address that the log's organisation made known.
/// Nothing here says anything about a patient: a size and a root of hashes.
contract Anchor {
    /// One checkpoint was anchored. Emitted once for a (`by`, `origin`, `size`).
    ///
    /// `origin` is the SHA-256 of the checkpoint's first line without its line end, `root` the tree's root hash.
    event Anchored(address indexed by, bytes32 indexed origin, uint64 size, bytes32 root);

    /// A log only grows: `size` is smaller than what this account anchored before.
    error GoesBack(uint64 size, uint64 newest);
    /// Two roots for one size are two logs: this account anchored `root` at this size before.
    error Contradicts(uint64 size, bytes32 root);
    /// The empty log has nothing to anchor, and size 0 means "nothing yet" here.
    error Empty();

    /// `size` and `block_` share one storage word, so remembering the block costs nothing.
    struct Newest {
        uint64 size;
        uint64 block_;
        bytes32 root;
    }

    mapping(address => mapping(bytes32 => Newest)) private newest;

    /// Anchors a checkpoint of the log `origin` under the caller's address. The same one again changes nothing and
    /// emits nothing, so that a repeat after a crash leaves one event.
    function anchor(bytes32 origin, uint64 size, bytes32 root) external {
        if (size == 0) revert Empty();
        Newest storage last = newest[msg.sender][origin];
        if (size < last.size) revert GoesBack(size, last.size);
        if (size == last.size) {
            if (root != last.root) revert Contradicts(size, last.root);
            return;
        }
        last.size = size;
        last.block_ = uint64(block.number);
        last.root = root;
        emit Anchored(msg.sender, origin, size, root);
    }

    /// The newest checkpoint of the log `origin` that `by` anchored; size 0 if there is none.
    function latest(address by, bytes32 origin) external view returns (uint64 size, bytes32 root) {
        Newest storage last = newest[by][origin];
        return (last.size, last.root);
    }

    /// The block with the event of that newest checkpoint, so that nobody has to search for it; 0 if there is none.
    function anchoredIn(address by, bytes32 origin) external view returns (uint64) {
        return newest[by][origin].block_;
    }
}
