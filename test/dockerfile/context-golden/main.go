// Writes what BuildKit's own modules make of fixtures/context/cases.json: which files of a build context each COPY takes.
// A case's tree is written to disk, filtered by its ignore file as the client does (fsutil's FilterFS), and copied as the
// file backend does (fsutil's copy). Run it in this folder: go run . ../../../fixtures/context
// The versions stand in go.mod.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	iofs "io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"github.com/moby/patternmatcher/ignorefile"
	"github.com/tonistiigi/fsutil"
	fscopy "github.com/tonistiigi/fsutil/copy"
)

type testCase struct {
	Name     string   `json:"name"`
	Tree     string   `json:"tree"`
	Ignore   string   `json:"ignore"`
	Source   string   `json:"source"`
	Excludes []string `json:"excludes"`
	Parents  bool     `json:"parents"`
}

type corpus struct {
	// Paths; `a -> b` is a link, a path that ends in a slash an empty folder.
	Trees map[string][]string `json:"trees"`
	Cases []testCase          `json:"cases"`
}

type result struct {
	Name  string   `json:"name"`
	Taken []string `json:"taken"`
	Fails bool     `json:"fails,omitempty"`
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func write(root string, entries []string) {
	for _, entry := range entries {
		name, target, isLink := strings.Cut(entry, " -> ")
		at := filepath.Join(root, name)
		if strings.HasSuffix(entry, "/") {
			must(os.MkdirAll(at, 0o755))
			continue
		}
		must(os.MkdirAll(filepath.Dir(at), 0o755))
		if isLink {
			must(os.Symlink(target, at))
		} else {
			must(os.WriteFile(at, []byte(name), 0o644))
		}
	}
}

// transfer writes what the client would send.
func transfer(from, to string, opt *fsutil.FilterOpt) error {
	return fsutil.WalkDir(context.Background(), from, opt, func(name string, entry iofs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		at := filepath.Join(to, name)
		switch {
		case entry.IsDir():
			return os.MkdirAll(at, 0o755)
		case entry.Type()&os.ModeSymlink != 0:
			target, err := os.Readlink(filepath.Join(from, name))
			must(err)
			return os.Symlink(target, at)
		default:
			data, err := os.ReadFile(filepath.Join(from, name))
			must(err)
			return os.WriteFile(at, data, 0o644)
		}
	})
}

// clean is cleanPath of BuildKit's solver/llbsolver/file/backend.go.
func clean(s string) string {
	joined := filepath.Join("/", s)
	if strings.HasSuffix(s, "/.") {
		if joined != "/" {
			joined += "/"
		}
		joined += "."
	} else if strings.HasSuffix(s, "/") && joined != "/" {
		joined += "/"
	}
	return joined
}

func run(c testCase, tree []string) (res result) {
	res = result{Name: c.Name, Taken: []string{}}
	dir, err := os.MkdirTemp("", "golden")
	must(err)
	defer os.RemoveAll(dir)
	disk, sent, image := filepath.Join(dir, "disk"), filepath.Join(dir, "sent"), filepath.Join(dir, "image")
	for _, each := range []string{disk, sent, image} {
		must(os.Mkdir(each, 0o755))
	}
	write(disk, tree)
	excludes, err := ignorefile.ReadAll(bytes.NewBufferString(c.Ignore))
	must(err)
	opt := &fsutil.FilterOpt{ExcludePatterns: excludes}
	if p := path.Join("/", c.Source); p != "/" {
		opt.FollowPaths = []string{path.Join(".", p)}
	}
	if err := transfer(disk, sent, opt); err != nil {
		res.Fails = true
		return res
	}
	src := c.Source
	var include []string
	if c.Parents {
		parent, pattern, ok := strings.Cut(src, "/./")
		if !ok {
			pattern, src = src, "/"
		} else {
			src = parent
		}
		include = []string{strings.TrimPrefix(path.Join("/", pattern), "/")}
	}
	src = clean(src)
	matches, err := fscopy.ResolveWildcards(sent, src, true)
	if err != nil {
		res.Fails = true
		return res
	}
	taken := map[string]bool{}
	for i, match := range matches {
		dest := filepath.Join(image, fmt.Sprint(i))
		must(os.Mkdir(dest, 0o755))
		err := fscopy.Copy(context.Background(), sent, match, dest, "/", func(ci *fscopy.CopyInfo) {
			ci.IncludePatterns = include
			ci.ExcludePatterns = c.Excludes
			ci.CopyDirContents = true
			ci.FollowLinks = true
		})
		if err != nil {
			res.Fails = true
		}
		must(filepath.WalkDir(dest, func(at string, entry iofs.DirEntry, err error) error {
			must(err)
			if entry.Type().IsRegular() {
				data, err := os.ReadFile(at)
				must(err)
				taken[string(data)] = true
			}
			return nil
		}))
	}
	for name := range taken {
		res.Taken = append(res.Taken, name)
	}
	sort.Strings(res.Taken)
	return res
}

func main() {
	folder := os.Args[1]
	data, err := os.ReadFile(filepath.Join(folder, "cases.json"))
	must(err)
	var all corpus
	must(json.Unmarshal(data, &all))
	results := make([]result, 0, len(all.Cases))
	for _, c := range all.Cases {
		results = append(results, run(c, all.Trees[c.Tree]))
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	must(encoder.Encode(results))
	must(os.WriteFile(filepath.Join(folder, "golden.json"), out.Bytes(), 0o644))
}
