package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// fileBytesMax is more than any tile, and than a bundle of our leaves.
const fileBytesMax = 1 << 20

// unreadError is what could not be looked at: nobody knows whether it is right.
type unreadError struct{ error }

func (u unreadError) Unwrap() error { return u.error }

// readFile answers a file that somebody names.
func readFile(file string) ([]byte, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, unreadError{err}
	}
	return raw, nil
}

// source is where a log's files are: a folder, or a URL below which they are served.
type source struct {
	place string
	http  *http.Client
}

func newSource(place string) *source {
	if strings.HasPrefix(place, "http://") || strings.HasPrefix(place, "https://") {
		return &source{place: strings.TrimSuffix(place, "/") + "/", http: &http.Client{Timeout: 10 * time.Second}}
	}
	return &source{place: place}
}

// read answers a file of the log; fs.ErrNotExist if it is not there.
func (s *source) read(path string) ([]byte, error) {
	if s.http == nil {
		raw, err := os.ReadFile(filepath.Join(s.place, filepath.FromSlash(path)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			err = unreadError{err}
		}
		return raw, err
	}
	response, err := s.http.Get(s.place + path)
	if err != nil {
		return nil, unreadError{err}
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNotFound {
		return nil, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	}
	if response.StatusCode != http.StatusOK {
		return nil, unreadError{fmt.Errorf("%s: %s", path, response.Status)}
	}
	if err := checkHeaders(path, response.Header); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(response.Body, fileBytesMax+1))
	if err != nil {
		return nil, unreadError{fmt.Errorf("%s: %w", path, err)}
	}
	if len(raw) > fileBytesMax {
		err = fmt.Errorf("%s is longer than %d bytes", path, fileBytesMax)
	}
	return raw, err
}

// checkHeaders holds what c2sp.org/tlog-tiles asks of a server: types, and that tiles may be cached for ever.
func checkHeaders(path string, header http.Header) error {
	kind, cache := header.Get("Content-Type"), header.Get("Cache-Control")
	if path == "checkpoint" {
		if !strings.HasPrefix(kind, "text/plain") || strings.Contains(cache, "immutable") {
			return fmt.Errorf("the checkpoint is served as %q, to be cached as %q", kind, cache)
		}
		return nil
	}
	if kind != "application/octet-stream" || !strings.Contains(cache, "immutable") {
		return fmt.Errorf("%s is served as %q, to be cached as %q", path, kind, cache)
	}
	return nil
}

// readPartial answers a file that may have grown since: a partial tile is the beginning of the full one.
func (s *source) readPartial(path string) ([]byte, error) {
	raw, err := s.read(path)
	full, _, partial := strings.Cut(path, ".p/")
	if partial && errors.Is(err, fs.ErrNotExist) {
		if whole, again := s.read(full); again == nil {
			return whole, nil
		}
	}
	return raw, err
}
