// Writes what BuildKit makes of the parity corpus: golden.json (instructions of each Dockerfile) and words.json (the shell
// lexer over each word of words.txt). Run it in this folder: go run . ../../../fixtures/parity
// The version of BuildKit stands in go.mod and in both files.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sort"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

type heredoc struct {
	Name     string `json:"name"`
	Expand   bool   `json:"expand"`
	Chomp    bool   `json:"chomp"`
	FD       uint   `json:"fd"`
	Content  string `json:"content"`
	Stripped string `json:"stripped"`
}

type instruction struct {
	Original  string       `json:"original"`
	StartLine int          `json:"startLine"`
	EndLine   int          `json:"endLine"`
	Keyword   string       `json:"keyword"`
	Flags     []string     `json:"flags"`
	JSON      bool         `json:"json"`
	Values    []string     `json:"values"`
	Heredocs  []heredoc    `json:"heredocs"`
	Trigger   *instruction `json:"trigger,omitempty"`
}

type file struct {
	Error        string        `json:"error,omitempty"`
	Escape       string        `json:"escape,omitempty"`
	Instructions []instruction `json:"instructions,omitempty"`
	// Why the next stage of BuildKit, which reads each instruction, refuses what the parser let through.
	Refused string `json:"refused,omitempty"`
}

type word struct {
	Word   string `json:"word"`
	Escape string `json:"escape"`
	// Whether quotes are processed; not in the body of a heredoc.
	Quotes bool    `json:"quotes"`
	Result *string `json:"result"`
	Error  string  `json:"error,omitempty"`
}

func toInstruction(node *parser.Node) instruction {
	result := instruction{
		Original:  node.Original,
		StartLine: node.StartLine,
		EndLine:   node.EndLine,
		Keyword:   node.Value,
		Flags:     append([]string{}, node.Flags...),
		JSON:      node.Attributes["json"],
		Values:    []string{},
		Heredocs:  []heredoc{},
	}
	for next := node.Next; next != nil; next = next.Next {
		if len(next.Children) > 0 {
			trigger := toInstruction(next.Children[0])
			result.Trigger = &trigger
			break
		}
		result.Values = append(result.Values, next.Value)
	}
	for _, doc := range node.Heredocs {
		stripped := doc.Content
		if doc.Chomp {
			stripped = parser.ChompHeredocContent(stripped)
		}
		result.Heredocs = append(result.Heredocs, heredoc{doc.Name, doc.Expand, doc.Chomp, doc.FileDescriptor, doc.Content, stripped})
	}
	return result
}

func parse(data []byte) file {
	result, err := parser.Parse(bytes.NewReader(data))
	if err != nil {
		return file{Error: err.Error()}
	}
	parsed := file{Escape: string(result.EscapeToken), Instructions: []instruction{}}
	for _, node := range result.AST.Children {
		parsed.Instructions = append(parsed.Instructions, toInstruction(node))
	}
	if _, _, err := instructions.Parse(result.AST, nil); err != nil {
		parsed.Refused = err.Error()
	}
	return parsed
}

var env = map[string]string{
	"A":     "alpha",
	"B":     "b c  d",
	"EMPTY": "",
	"PATH":  "/usr/local/bin:/usr/bin:/bin",
	"FILE":  "dir/sub.dir/name.tar.gz",
	"LINES": "one\ntwo\nthree",
	"STARS": "a*b?c\\d",
	"PAT":   "*a",
	"HASH":  "#*/",
	"BACK":  "*\\",
	"WIDE":  "é你😀x",
	"QUOTE": "it's \"so\"",
	"NAME":  "A",
	"CURLY": "a}b/c",
	"_x1":   "under",
	"ÄÖ":    "umlaut",
}

func environment() shell.EnvGetter {
	list := []string{}
	for key, value := range env {
		list = append(list, key+"="+value)
	}
	sort.Strings(list)
	return shell.EnvsFromSlice(list)
}

func expand(text string, escape rune, quotes bool) word {
	lex := shell.NewLex(escape)
	lex.SkipProcessQuotes = !quotes
	result, _, err := lex.ProcessWord(text, environment())
	entry := word{Word: text, Escape: string(escape), Quotes: quotes}
	if err != nil {
		entry.Error = err.Error()
	} else {
		entry.Result = &result
	}
	return entry
}

func readWords(path string) ([]word, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	words := []word{}
	scanner := bufio.NewScanner(bytes.NewReader(data))
	for scanner.Scan() {
		var text string
		if err := json.Unmarshal(scanner.Bytes(), &text); err != nil {
			return nil, fmt.Errorf("%s: %w", scanner.Text(), err)
		}
		words = append(words, expand(text, '\\', true))
		if strings.ContainsAny(text, "\\`") {
			words = append(words, expand(text, '`', true))
		}
		if strings.ContainsAny(text, "\\'\"") {
			words = append(words, expand(text, '\\', false))
		}
	}
	return words, scanner.Err()
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, dep := range info.Deps {
		if dep.Path == "github.com/moby/buildkit" {
			return dep.Version
		}
	}
	return "unknown"
}

func write(path string, value any) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(value); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}

func run(from, to string) error {
	paths, err := filepath.Glob(filepath.Join(from, "*.Dockerfile"))
	if err != nil {
		return err
	}
	files := map[string]file{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files[filepath.Base(path)] = parse(data)
	}
	if err := write(filepath.Join(to, "golden.json"), map[string]any{"buildkit": version(), "files": files}); err != nil {
		return err
	}
	words, err := readWords(filepath.Join(from, "words.txt"))
	if err != nil {
		return err
	}
	return write(filepath.Join(to, "words.json"), map[string]any{"buildkit": version(), "env": env, "words": words})
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: golden CORPUS [OUTPUT]")
		os.Exit(2)
	}
	to := os.Args[1]
	if len(os.Args) > 2 {
		to = os.Args[2]
	}
	if err := run(os.Args[1], to); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
