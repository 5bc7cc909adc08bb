package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/transparency-dev/formats/log"
	tlogproof "github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"
)

// height is that of C2SP's tiles, whose paths do not say it.
const height = 8

// tiles reads tiles for tlog.TileHashReader, which authenticates them against the root.
type tiles struct {
	source *source
	names  []string
	seen   map[string]bool
}

func (t *tiles) Height() int { return height }

func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(wanted))
	for i, tile := range wanted {
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
		raw, err := t.source.readPartial(path)
		if err != nil {
			return nil, err
		}
		if len(raw) < tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes", path, len(raw))
		}
		data[i] = raw[:tile.W*tlog.HashSize]
		if !t.seen[path] {
			t.seen[path] = true
			t.names = append(t.names, path)
		}
	}
	return data, nil
}

// readLog checks a whole log: tiles against the root, bundles against the tiles and once more against the root.
func readLog(source *source, trust *trust, indexes []uint64, olds []string) (*found, error) {
	raw, err := source.read("checkpoint")
	if errors.Is(err, fs.ErrNotExist) {
		// Without a checkpoint there is nothing to hold anything against.
		err = unreadError{err}
	}
	if err != nil {
		return nil, fmt.Errorf("the checkpoint: %w", err)
	}
	checkpoint, found, err := trust.open(raw)
	if err != nil {
		return nil, err
	}
	tree := tlog.Tree{N: int64(checkpoint.Size), Hash: tlog.Hash(checkpoint.Hash)}
	tiles := &tiles{source: source, seen: make(map[string]bool)}
	reader := tlog.TileHashReader(tree, tiles)
	leaves, err := leafHashes(tree, reader)
	if err != nil {
		return nil, fmt.Errorf("the tiles: %w", err)
	}
	if found.Entries, err = readEntries(source, checkpoint, leaves); err != nil {
		return nil, err
	}
	for _, index := range indexes {
		if err := checkInclusion(tree, reader, int64(index), leaves); err != nil {
			return nil, fmt.Errorf("inclusion of leaf %d: %w", index, err)
		}
		found.Included = append(found.Included, index)
	}
	for _, old := range olds {
		size, err := checkConsistency(tree, reader, trust, old)
		if err != nil {
			return nil, fmt.Errorf("consistency with %s: %w", old, err)
		}
		found.Continues = append(found.Continues, size)
	}
	found.Tiles = tiles.names
	return found, nil
}

// leafHashes reads every leaf's hash, and with them every tile that has one below it.
func leafHashes(tree tlog.Tree, reader tlog.HashReader) ([]tlog.Hash, error) {
	stored := make([]int64, tree.N)
	for i := range stored {
		stored[i] = tlog.StoredHashIndex(0, int64(i))
	}
	if tree.N == 0 {
		return nil, nil
	}
	return reader.ReadHashes(stored)
}

// readEntries hashes every entry into a compact range, whose root must be the checkpoint's.
func readEntries(source *source, checkpoint *log.Checkpoint, leaves []tlog.Hash) (uint64, error) {
	hasher := rfc6962.DefaultHasher
	tree := (&compact.RangeFactory{Hash: hasher.HashChildren}).NewEmptyRange(0)
	for start := uint64(0); start < checkpoint.Size; start += 1 << height {
		width := min(checkpoint.Size-start, 1<<height)
		tile := tlog.Tile{H: height, L: -1, N: int64(start >> height), W: int(width)}
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/data/", height), "tile/entries/", 1)
		raw, err := source.readPartial(path)
		if err != nil {
			return 0, fmt.Errorf("the bundle: %w", err)
		}
		for index := start; index < start+width; index++ {
			if len(raw) < 2 || len(raw)-2 < int(binary.BigEndian.Uint16(raw)) {
				return 0, fmt.Errorf("%s ends in entry %d", path, index)
			}
			end := 2 + int(binary.BigEndian.Uint16(raw))
			hash := hasher.HashLeaf(raw[2:end])
			if !bytes.Equal(hash, leaves[index][:]) {
				return 0, fmt.Errorf("%s: entry %d is not the leaf that the tiles have", path, index)
			}
			if err := tree.Append(hash, nil); err != nil {
				return 0, err
			}
			raw = raw[end:]
		}
	}
	root, err := tree.GetRootHash(nil)
	if err != nil {
		return 0, err
	}
	if root == nil {
		root = hasher.EmptyRoot()
	}
	if !bytes.Equal(root, checkpoint.Hash) {
		return 0, errors.New("the entries do not give the checkpoint's root")
	}
	return tree.End(), nil
}

// rawHashes gives hashes as merkle's verifiers take them.
func rawHashes(hashes []tlog.Hash) [][]byte {
	raw := make([][]byte, len(hashes))
	for i := range hashes {
		raw[i] = hashes[i][:]
	}
	return raw
}

func checkInclusion(tree tlog.Tree, reader tlog.HashReader, index int64, leaves []tlog.Hash) error {
	if index >= tree.N {
		return fmt.Errorf("the tree has %d leaves", tree.N)
	}
	path, err := tlog.ProveRecord(tree.N, index, reader)
	if err != nil {
		return err
	}
	leaf := leaves[index]
	if err := tlog.CheckRecord(path, tree.N, tree.Hash, index, leaf); err != nil {
		return err
	}
	size := uint64(tree.N)
	return proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), size, leaf[:], rawHashes(path), tree.Hash[:])
}

func checkConsistency(tree tlog.Tree, reader tlog.HashReader, trust *trust, file string) (uint64, error) {
	raw, err := readFile(file)
	if err != nil {
		return 0, err
	}
	old, _, err := trust.open(raw)
	if err != nil {
		return 0, err
	}
	if old.Size > uint64(tree.N) {
		return 0, fmt.Errorf("it has %d leaves, the log has only %d", old.Size, tree.N)
	}
	if old.Size == 0 {
		return 0, nil
	}
	path, err := tlog.ProveTree(tree.N, int64(old.Size), reader)
	if err != nil {
		return 0, err
	}
	if err := tlog.CheckTree(path, tree.N, tree.Hash, int64(old.Size), tlog.Hash(old.Hash)); err != nil {
		return 0, err
	}
	hasher, size := rfc6962.DefaultHasher, uint64(tree.N)
	return old.Size, proof.VerifyConsistency(hasher, old.Size, size, rawHashes(path), old.Hash, tree.Hash[:])
}

// readProof checks a file with a proof; a receipt has the event's line before it.
func readProof(file string, trust *trust, receipt bool) (*found, error) {
	raw, err := readFile(file)
	if err != nil {
		return nil, err
	}
	var line []byte
	if receipt {
		line, raw, _ = bytes.Cut(raw, []byte("\n"))
	}
	var read tlogproof.TLogProof
	if err := read.Unmarshal(raw); err != nil {
		return nil, unreadError{err}
	}
	if !bytes.Equal(read.Marshal(), raw) {
		return nil, unreadError{errors.New("the proof is not written as it is read")}
	}
	checkpoint, found, err := trust.open(read.Checkpoint)
	if err != nil {
		return nil, err
	}
	path := make([][]byte, len(read.Hashes))
	for i := range read.Hashes {
		path[i] = read.Hashes[i][:]
	}
	leaf := rfc6962.DefaultHasher.HashLeaf(read.ExtraData)
	err = proof.VerifyInclusion(rfc6962.DefaultHasher, read.Index, checkpoint.Size, leaf, path, checkpoint.Hash)
	if err != nil {
		return nil, err
	}
	found.Included = []uint64{read.Index}
	if receipt {
		digest := sha256.Sum256(line)
		if len(read.ExtraData) != 100 || !bytes.Equal(read.ExtraData[68:], digest[:]) {
			return nil, errors.New("the leaf does not carry the SHA-256 of the line")
		}
		found.EventSHA256 = hex.EncodeToString(digest[:])
	}
	return found, nil
}
