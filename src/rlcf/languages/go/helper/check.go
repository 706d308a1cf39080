package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"reflect"
	"sort"
	"strings"

	codes "rlcf/codes"
)

const mostErrors = 50

// Row is an error, as it is written.
type Row struct {
	code, message string
	offset        int
}

func (r Row) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{r.code, "error", strings.ToValidUTF8(r.message, "\ufffd"), r.offset})
}

// Checker checks one program after the other.
type Checker struct {
	version  string // of the language, such as "go1.22"; empty: the newest
	packages *Packages
}

// check returns the errors of a program, by their places; none if the compiler would take it.
func (c *Checker) check(source []byte) []Row {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "main.go", source, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return syntaxErrors(err)
	}
	rows := []Row{}
	add := func(code string, pos token.Pos, message string) {
		offset := 0
		if pos.IsValid() {
			offset = files.PositionFor(pos, false).Offset
		}
		rows = append(rows, Row{code, message, offset})
	}
	checkDirectives(file, source, files, add)
	config := types.Config{
		GoVersion: c.version,
		Importer:  c.packages,
		Sizes:     types.SizesFor("gc", arch),
		Error: func(err error) {
			problem := err.(types.Error)
			if !strings.HasPrefix(problem.Msg, "\t") { // what an error before it refers to
				add(codeOf(problem), problem.Pos, problem.Msg)
			}
		},
	}
	config.Check("main", files, []*ast.File{file}, nil) // its error is the first of those told
	checkBodies(file, add)
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].offset < rows[j].offset })
	return rows[:min(len(rows), mostErrors)]
}

// codeOf is the name of an error of the type checker: that of its constant in internal/types/errors.
func codeOf(problem types.Error) string {
	return codes.Code(reflect.ValueOf(problem).FieldByName("go116code").Int()).String()
}

func syntaxErrors(err error) []Row {
	list, ok := err.(scanner.ErrorList)
	if !ok {
		return []Row{{"SyntaxError", err.Error(), 0}}
	}
	rows := make([]Row, 0, len(list))
	for _, each := range list[:min(len(list), mostErrors)] {
		rows = append(rows, Row{"SyntaxError", each.Msg, each.Pos.Offset})
	}
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].offset < rows[j].offset })
	return rows
}
