package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"sort"
	"strings"

	codes "rlcf/codes"
)

const mostErrors = 50

// Row is an error, as it is written.
type Row struct {
	code, message string
	offset        int
	file          *ast.File // nil for errors of syntax
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
func (c *Checker) check(source []byte) any {
	return c.checkFiles([]Source{{source, 0}}, nil).rows
}

// Source is the text of a file, and where it stands in the text that rows count in.
type Source struct {
	text []byte
	base int
}

// Checked is what is known of the files of a package.
type Checked struct {
	files *token.FileSet
	trees []*ast.File
	rows  []Row
}

// in is what is known of one of the files.
func (c Checked) in(tree *ast.File) Checked {
	other := func(row Row) bool { return row.file != tree }
	return Checked{c.files, []*ast.File{tree}, slices.DeleteFunc(slices.Clone(c.rows), other)}
}

// checkFiles checks a package of several files; info may be nil.
func (c *Checker) checkFiles(sources []Source, info *types.Info) Checked {
	checked := Checked{files: token.NewFileSet(), rows: []Row{}}
	for _, source := range sources {
		file, err := parser.ParseFile(checked.files, "main.go", source.text, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			checked.rows = syntaxErrors(err, source.base)
			return checked
		}
		checked.trees = append(checked.trees, file)
	}
	add := func(code string, pos token.Pos, message string) {
		offset, file := 0, (*ast.File)(nil)
		if pos.IsValid() {
			offset = checked.files.PositionFor(pos, false).Offset
			for i, tree := range checked.trees {
				if tree.FileStart <= pos && pos <= tree.FileEnd {
					offset, file = offset+sources[i].base, tree
				}
			}
		}
		checked.rows = append(checked.rows, Row{code, message, offset, file})
	}
	for i, tree := range checked.trees {
		checkDirectives(tree, sources[i].text, checked.files, add)
	}
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
	config.Check("main", checked.files, checked.trees, info) // its error is the first of those told
	for _, tree := range checked.trees {
		checkBodies(tree, add)
	}
	sort.SliceStable(checked.rows, func(i, j int) bool { return checked.rows[i].offset < checked.rows[j].offset })
	checked.rows = checked.rows[:min(len(checked.rows), mostErrors)]
	return checked
}

// codeOf is the name of an error of the type checker: that of its constant in internal/types/errors.
func codeOf(problem types.Error) string {
	return codes.Code(reflect.ValueOf(problem).FieldByName("go116code").Int()).String()
}

func syntaxErrors(err error, base int) []Row {
	list, ok := err.(scanner.ErrorList)
	if !ok {
		return []Row{{"SyntaxError", err.Error(), base, nil}}
	}
	rows := make([]Row, 0, len(list))
	for _, each := range list[:min(len(list), mostErrors)] {
		rows = append(rows, Row{"SyntaxError", each.Msg, base + each.Pos.Offset, nil})
	}
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].offset < rows[j].offset })
	return rows
}
