// Command logclient reads a transparency log as any client would, with libraries that are not ours: golang.org/x/mod
// (sumdb/note, sumdb/tlog) and transparency-dev's merkle and formats. It prints what it checked as JSON and exits 0,
// or says what is wrong and exits 1, or that it could not look and exits 3.
//
//	logclient log [flags] URL-or-folder      checkpoint, all tiles, all entry bundles
//	logclient proof [flags] FILE             a c2sp.org/tlog-proof
//	logclient receipt [flags] FILE           an event's line, then a proof
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
)

// list is a flag that may stand more than once.
type list []string

func (l *list) String() string { return fmt.Sprint(*l) }

func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

// found is what was checked.
type found struct {
	Origin      string   `json:"origin"`
	Size        uint64   `json:"size"`
	Root        string   `json:"root"`
	Signatures  []string `json:"signatures"`
	Tiles       []string `json:"tiles,omitempty"`
	Entries     uint64   `json:"entries,omitempty"`
	Included    []uint64 `json:"included,omitempty"`
	Continues   []uint64 `json:"continues,omitempty"`
	EventSHA256 string   `json:"event_sha256,omitempty"`
}

func run() (*found, error) {
	if len(os.Args) < 2 {
		return nil, errors.New("say log, proof or receipt")
	}
	var keys, witnesses, indexes, olds list
	flags := flag.NewFlagSet(os.Args[1], flag.ContinueOnError)
	flags.Var(&keys, "key", "verifier key of the log; may stand more than once")
	flags.Var(&witnesses, "witness", "verifier key of a witness whose cosignature is wanted; more than once")
	flags.Var(&indexes, "index", "a leaf whose inclusion is proved and checked; more than once")
	flags.Var(&olds, "old", "file with an older checkpoint that the log must continue; more than once")
	policy := flags.String("policy", "", "c2sp.org/tlog-policy file whose quorum must have cosigned")
	if err := flags.Parse(os.Args[2:]); err != nil {
		return nil, err
	}
	if flags.NArg() != 1 {
		return nil, errors.New("name one log or file")
	}
	trust, err := newTrust(keys, witnesses, *policy)
	if err != nil {
		return nil, err
	}
	switch os.Args[1] {
	case "log":
		numbers := make([]uint64, len(indexes))
		for i, index := range indexes {
			if numbers[i], err = strconv.ParseUint(index, 10, 63); err != nil {
				return nil, err
			}
		}
		return readLog(newSource(flags.Arg(0)), trust, numbers, olds)
	case "proof", "receipt":
		return readProof(flags.Arg(0), trust, os.Args[1] == "receipt")
	}
	return nil, fmt.Errorf("%q is not log, proof or receipt", os.Args[1])
}

func main() {
	found, err := run()
	var unread unreadError
	if errors.As(err, &unread) {
		fmt.Fprintln(os.Stderr, "could not be read:", err)
		os.Exit(3)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
