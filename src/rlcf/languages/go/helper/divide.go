package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// Request is a program and its test.
type Request struct {
	Program    string
	Start, End int // where in it the completion stands, in bytes; all of the program is one if it is not known
	Test       string
}

// Divided is a program and its test, made to run in two processes: the test calls the program's functions over a
// channel; see ../harness/wire. Nothing of the completion is in the test's process but names and types of functions.
type Divided struct {
	Errors  []Row
	Reason  string   // why the program cannot be run; empty if it can
	Program []string // the files of the program's process
	Judge   []string // the files of the test's
}

var packageClause = regexp.MustCompile(`^(?:\s|//[^\n]*\n|/\*(?s:.*?)\*/)*package\s`)

// divide answers a request. The program and its test are checked together, as they are written.
func (c *Checker) divide(message []byte) any {
	var request Request
	if err := json.Unmarshal(message, &request); err != nil {
		return Divided{Reason: err.Error()}
	}
	sources := []Source{{[]byte(request.Program + request.Test), 0}}
	ownFile := packageClause.MatchString(request.Test) // a test in a file of its own
	if ownFile {
		sources = []Source{{[]byte(request.Program), 0}, {[]byte(request.Test), len(request.Program)}}
	}
	if checked := c.checkFiles(sources, nil); len(checked.rows) > 0 {
		return Divided{Errors: checked.rows}
	}
	division := division{checker: c, request: request, ownFile: ownFile}
	program, judge, err := division.make()
	if err != nil {
		return Divided{Errors: []Row{}, Reason: err.Error()}
	}
	return Divided{Errors: []Row{}, Program: program, Judge: judge}
}

type division struct {
	checker *Checker
	request Request
	ownFile bool
	info    types.Info
	files   *token.FileSet
	tree    *ast.File // of the program alone
}

func (d *division) make() (program, judge []string, err error) {
	d.info = types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	text := d.request.Program
	checked := d.checker.checkFiles([]Source{{[]byte(text), 0}}, &d.info)
	if len(checked.trees) == 0 {
		return nil, nil, fmt.Errorf("the program ends within its test")
	}
	d.files, d.tree = checked.files, checked.trees[0]
	unused, err := unusedImports(checked, d.tree)
	if err != nil {
		return nil, nil, fmt.Errorf("the program needs its test: %w", err)
	}
	called, err := d.called()
	if err != nil {
		return nil, nil, err
	}
	changes := append(unused, d.renamedMain()...)
	changes = append(changes, rename(d.tree.Name, "main", d.files))
	program = []string{edited(text, changes), serving(called)}
	judge, err = d.judge(called)
	return program, judge, err
}

// called are the functions that the test calls in the other process: the one that the completion finishes, and those
// of the completion that the test names.
func (d *division) called() ([]*ast.FuncDecl, error) {
	mentioned := map[string]bool{}
	for _, word := range regexp.MustCompile(`\w+`).FindAllString(d.request.Test, -1) {
		mentioned[word] = true
	}
	var found []*ast.FuncDecl
	for _, each := range d.tree.Decls {
		function, ok := each.(*ast.FuncDecl)
		if !ok || function.Body == nil {
			continue
		}
		finished := d.opened(function)
		inside := d.inCompletion(function.Pos())
		if !finished && (!inside || function.Recv != nil || !mentioned[function.Name.Name]) {
			continue
		}
		if name := function.Name.Name; !finished && (name == "main" || types.Universe.Lookup(name) != nil) {
			continue
		}
		if err := d.plain(function); err != nil {
			return nil, err
		}
		found = append(found, function)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("the test calls no function of the program")
	}
	return found, nil
}

// opened is whether the completion stands in a function's body.
func (d *division) opened(function *ast.FuncDecl) bool {
	return d.request.Start > 0 && d.offset(function.Body.Lbrace) < d.request.Start && d.request.Start <= d.offset(function.Body.Rbrace)
}

func (d *division) inCompletion(pos token.Pos) bool {
	offset := d.offset(pos)
	return d.request.Start <= offset && offset < d.request.End
}

func (d *division) offset(pos token.Pos) int { return d.files.PositionFor(pos, false).Offset }

// plain reports why a function's values cannot be sent.
func (d *division) plain(function *ast.FuncDecl) error {
	name := function.Name.Name
	if function.Recv != nil {
		return fmt.Errorf("the test would call %s, which is a method", name)
	}
	if types.Universe.Lookup(name) != nil {
		return fmt.Errorf("the test would call %s, which is a name of Go's own", name)
	}
	signature := d.signature(function)
	if signature.TypeParams() != nil {
		return fmt.Errorf("the test would call %s, which is generic", name)
	}
	for _, group := range []*types.Tuple{signature.Params(), signature.Results()} {
		for value := range group.Variables() {
			if !d.isPlain(value.Type(), 0) {
				return fmt.Errorf("%s of %s is no plain data", value.Type(), name)
			}
		}
	}
	return nil
}

func (d *division) signature(function *ast.FuncDecl) *types.Signature {
	return d.info.Defs[function.Name].Type().(*types.Signature)
}

func (d *division) isPlain(t types.Type, depth int) bool {
	t = types.Unalias(t)
	if depth > 20 {
		return false
	}
	if named, ok := t.(*types.Named); ok {
		object := named.Obj()
		if object.Pkg() == nil {
			return object.Name() == "error"
		}
		return object.Pkg().Path() == "main" && named.TypeArgs() == nil && !d.inCompletion(object.Pos()) &&
			d.isPlain(named.Underlying(), depth+1)
	}
	switch known := t.(type) {
	case *types.Basic:
		return known.Kind() != types.UnsafePointer
	case *types.Slice:
		return d.isPlain(known.Elem(), depth+1)
	case *types.Array:
		return d.isPlain(known.Elem(), depth+1)
	case *types.Pointer:
		return d.isPlain(known.Elem(), depth+1)
	case *types.Map:
		return d.isPlain(known.Key(), depth+1) && d.isPlain(known.Elem(), depth+1)
	case *types.Interface:
		return known.Empty()
	case *types.Struct:
		for field := range known.Fields() {
			if !field.Exported() || !d.isPlain(field.Type(), depth+1) {
				return false
			}
		}
		return true
	}
	return false
}

// judge returns the files of the test's process: what surrounds the completion, the functions that are called, the test.
func (d *division) judge(called []*ast.FuncDecl) ([]string, error) {
	text, start, end := d.request.Program, d.request.Start, d.request.End
	var own string
	switch finished := slices.IndexFunc(called, d.opened); {
	case finished >= 0:
		function := called[finished]
		rest := max(end, d.offset(function.Body.Rbrace)+1)
		own = text[:d.offset(function.Pos())] + d.calling(function) + text[min(rest, len(text)):]
	case start > 0:
		own = text[:start] + "\n" + text[end:]
	default:
		own = "package main\n" + d.imports()
	}
	for _, each := range called {
		if !d.opened(each) {
			own += "\n" + d.calling(each)
		}
	}
	test := d.request.Test
	if !d.ownFile {
		own, test = own+"\n"+test, ""
	}
	return d.judged(own, test)
}

// judged returns the files with the test's main renamed, without imports that they do not use.
func (d *division) judged(own, test string) ([]string, error) {
	const hook = "package main\n\nfunc rlcfCall(name string, arguments, results []any) {}\n"
	texts := []string{own}
	if test != "" {
		texts = append(texts, test)
	}
	var sources []Source
	for _, each := range texts {
		sources = append(sources, Source{[]byte(each), 0})
	}
	checked := d.checker.checkFiles(append(sources, Source{[]byte(hook), 0}), nil)
	if len(checked.trees) <= len(texts) {
		return nil, fmt.Errorf("the test needs more of the program than its functions")
	}
	var tests []string
	hasMain := false
	for i, tree := range checked.trees[:len(texts)] {
		changes, err := unusedImports(checked.in(tree), tree)
		if err != nil {
			return nil, fmt.Errorf("the test needs more of the program than its functions: %w", err)
		}
		changes = append(changes, rename(tree.Name, "main", checked.files))
		for _, declared := range tree.Decls {
			function, ok := declared.(*ast.FuncDecl)
			if !ok || function.Recv != nil {
				continue
			}
			if function.Name.Name == "main" {
				changes, hasMain = append(changes, rename(function.Name, "rlcfTestMain", checked.files)), true
			} else if isTest(function) {
				tests = append(tests, function.Name.Name)
			}
		}
		texts[i] = edited(texts[i], changes)
	}
	if len(tests) == 0 && !hasMain {
		return nil, fmt.Errorf("there is no test: neither a function main nor one like TestName")
	}
	return append(texts, judging(tests)), nil
}

// unusedImports are the changes that take the imports out that nothing uses; any other error is returned.
func unusedImports(checked Checked, tree *ast.File) ([]change, error) {
	var changes []change
	for _, row := range checked.rows {
		if row.code != "UnusedImport" {
			return nil, fmt.Errorf("%s", row.message)
		}
		for _, each := range tree.Imports {
			from, to := checked.files.PositionFor(each.Pos(), false).Offset, checked.files.PositionFor(each.End(), false).Offset
			if from <= row.offset && row.offset < to {
				changes = append(changes, change{from, to, `_ ` + each.Path.Value})
			}
		}
	}
	return changes, nil
}

// imports are the packages that a whole program imports under their own names, for its test.
func (d *division) imports() string {
	var text strings.Builder
	for _, each := range d.tree.Imports {
		if each.Name == nil && !d.ownFile {
			fmt.Fprintf(&text, "import %s\n", each.Path.Value)
		}
	}
	return text.String()
}

// calling is a function that calls its like in the other process.
func (d *division) calling(function *ast.FuncDecl) string {
	signature, name := d.signature(function), function.Name.Name
	var parameters, arguments, results, variables, returned []string
	for i := range signature.Params().Len() {
		written := d.typeText(signature.Params().At(i).Type())
		if signature.Variadic() && i == signature.Params().Len()-1 {
			written = "..." + strings.TrimPrefix(written, "[]")
		}
		parameters = append(parameters, fmt.Sprintf("p%d %s", i, written))
		arguments = append(arguments, fmt.Sprintf("&p%d", i))
	}
	for i := range signature.Results().Len() {
		written := d.typeText(signature.Results().At(i).Type())
		results = append(results, written)
		variables = append(variables, fmt.Sprintf("\tvar r%d %s\n", i, written))
		returned = append(returned, fmt.Sprintf("r%d", i))
	}
	pointers := strings.Join(returned, ", &")
	if pointers != "" {
		pointers = "&" + pointers
	}
	return fmt.Sprintf("func %s(%s) (%s) {\n%s\trlcfCall(%q, []any{%s}, []any{%s})\n\treturn %s\n}\n", name,
		strings.Join(parameters, ", "), strings.Join(results, ", "), strings.Join(variables, ""), name,
		strings.Join(arguments, ", "), pointers, strings.Join(returned, ", "))
}

func (d *division) typeText(t types.Type) string {
	return types.TypeString(t, func(*types.Package) string { return "" })
}

// renamedMain gives way to the main function of the harness.
func (d *division) renamedMain() []change {
	var changes []change
	for name, object := range d.info.Defs {
		if function, ok := object.(*types.Func); ok && name.Name == "main" && function.Parent() == function.Pkg().Scope() {
			changes = append(changes, rename(name, "rlcfOwnMain", d.files))
			for use, used := range d.info.Uses {
				if used == object {
					changes = append(changes, rename(use, "rlcfOwnMain", d.files))
				}
			}
		}
	}
	return changes
}

// change puts another text in a place.
type change struct {
	from, to int
	text     string
}

func rename(name *ast.Ident, to string, files *token.FileSet) change {
	return change{files.PositionFor(name.Pos(), false).Offset, files.PositionFor(name.End(), false).Offset, to}
}

func edited(text string, changes []change) string {
	slices.SortFunc(changes, func(one, other change) int { return cmp.Compare(other.from, one.from) })
	for _, each := range changes {
		text = text[:each.from] + each.text + text[each.to:]
	}
	return text
}

func isTest(function *ast.FuncDecl) bool {
	rest, ok := strings.CutPrefix(function.Name.Name, "Test")
	return ok && function.Type.Params.NumFields() == 1 && (rest == "" || !('a' <= rest[0] && rest[0] <= 'z'))
}

// serving is the file that answers calls.
func serving(called []*ast.FuncDecl) string {
	var entries strings.Builder
	for _, each := range called {
		fmt.Fprintf(&entries, "%q: %s, ", each.Name.Name, each.Name.Name)
	}
	return fmt.Sprintf(
		"package main\n\nimport rlcfWire \"rlcf.run/wire\"\n\nfunc main() { rlcfWire.Serve(rlcfWire.Functions{%s}) }\n", entries.String(),
	)
}

// judging is the file that runs the test.
func judging(tests []string) string {
	const call = "func rlcfCall(name string, arguments, results []any) { rlcfWire.Call(name, arguments, results) }\n"
	if len(tests) == 0 {
		return "package main\n\nimport rlcfWire \"rlcf.run/wire\"\n\n" + call + "\nfunc main() { rlcfWire.Judge(rlcfTestMain) }\n"
	}
	var entries strings.Builder
	for _, each := range tests {
		fmt.Fprintf(&entries, "{Name: %q, F: %s}, ", each, each)
	}
	return fmt.Sprintf("package main\n\nimport (\n\trlcfTesting \"testing\"\n\trlcfDeps \"testing/internal/testdeps\"\n"+
		"\trlcfWire \"rlcf.run/wire\"\n)\n\n%s\nfunc main() {\n\tvar kept rlcfWire.Tests\n"+
		"\ttests := kept.Wrapped([]rlcfTesting.InternalTest{%s})\n\tkept.Judge(func() int {\n"+
		"\t\treturn rlcfTesting.MainStart(rlcfDeps.TestDeps{}, tests, nil, nil, nil).Run()\n\t})\n}\n", call, entries.String())
}
