package main

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/transparency-dev/formats/log"
	cosignature "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/witness"
	"golang.org/x/mod/sumdb/note"
)

// trust is whom the caller believes.
type trust struct {
	logs      []note.Verifier
	witnesses []note.Verifier
	quorum    *witness.Group
}

func newTrust(keys, witnesses []string, policy string) (*trust, error) {
	var t trust
	for _, key := range keys {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			return nil, fmt.Errorf("the key %q: %w", key, err)
		}
		t.logs = append(t.logs, verifier)
	}
	for _, key := range witnesses {
		verifier, err := cosignature.NewVerifierForCosignatureV1(key)
		if err != nil {
			return nil, fmt.Errorf("the witness key %q: %w", key, err)
		}
		t.witnesses = append(t.witnesses, verifier)
	}
	if policy != "" {
		text, err := readFile(policy)
		if err != nil {
			return nil, err
		}
		group, err := witness.ParsePolicy(text)
		if err != nil {
			return nil, fmt.Errorf("the policy: %w", err)
		}
		t.quorum = &group
	}
	if len(t.logs) == 0 {
		return nil, errors.New("no -key of a log is given")
	}
	return &t, nil
}

// wasCut tells whether a signature below a note has not the length of any kind that is known here: its key's id and
// 64 bytes, with the time of a cosignature before them.
func wasCut(raw []byte) bool {
	_, below, _ := strings.Cut(string(raw), "\n\n")
	for line := range strings.Lines(below) {
		words := strings.Fields(line)
		if len(words) != 3 {
			return true
		}
		signature, err := base64.StdEncoding.DecodeString(words[2])
		if length := len(signature); err != nil || length != 4+64 && length != 4+8+64 {
			return true
		}
	}
	return false
}

// open believes a checkpoint or says why not: by sumdb/note, by formats/log, by each witness asked for, by the quorum.
func (t *trust) open(raw []byte) (*log.Checkpoint, *found, error) {
	opened, err := note.Open(raw, note.VerifierList(slices.Concat(t.logs, t.witnesses)...))
	if err != nil {
		err = fmt.Errorf("the checkpoint: %w", err)
		var unverified *note.UnverifiedNoteError
		var invalid *note.InvalidSignatureError
		if broken := !errors.As(err, &unverified) && !errors.As(err, &invalid); broken || wasCut(raw) {
			err = unreadError{err}
		}
		return nil, nil, err
	}
	var signatures []string
	signed := make(map[uint32]bool)
	for _, signature := range opened.Sigs {
		signatures = append(signatures, signature.Name)
		signed[signature.Hash] = true
	}
	for _, wanted := range t.witnesses {
		if !signed[wanted.KeyHash()] {
			return nil, nil, fmt.Errorf("the checkpoint: %s has not cosigned it", wanted.Name())
		}
	}
	if t.quorum != nil && !t.quorum.Satisfied(raw) {
		return nil, nil, errors.New("the checkpoint: no quorum of the policy has cosigned it")
	}
	for _, key := range t.logs {
		if !signed[key.KeyHash()] {
			continue
		}
		checkpoint, rest, _, err := log.ParseCheckpoint(raw, key.Name(), key, t.witnesses...)
		if err != nil {
			return nil, nil, fmt.Errorf("the checkpoint: %w", err)
		}
		if len(rest) != 0 {
			return nil, nil, fmt.Errorf("the checkpoint has %d bytes of extensions", len(rest))
		}
		root := hex.EncodeToString(checkpoint.Hash)
		return checkpoint, &found{Origin: checkpoint.Origin, Size: checkpoint.Size, Root: root, Signatures: signatures}, nil
	}
	return nil, nil, errors.New("the checkpoint: no log that was named has signed it")
}
