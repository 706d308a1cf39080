package main

import (
	"bytes"
	"go/ast"
	"go/token"
	"strings"
)

type report func(code string, pos token.Pos, message string)

// Directives that belong to the function that follows them.
var ofFunctions = map[string]bool{
	"go:noescape": true, "go:noinline": true, "go:norace": true, "go:nosplit": true, "go:nocheckptr": true,
	"go:uintptrescapes": true, "go:registerparams": true,
}

// Directives that are for the runtime alone.
var ofRuntime = map[string]bool{
	"go:systemstack": true, "go:nowritebarrier": true, "go:nowritebarrierrec": true, "go:yeswritebarrierrec": true,
	"go:uintptrkeepalive": true,
}

// checkDirectives reports the compiler's directives that it would not take, after cmd/compile/internal/noder.
//
// There are no files that a program could embed, so each go:embed is an error.
func checkDirectives(file *ast.File, source []byte, files *token.FileSet, add report) {
	for _, group := range file.Comments {
		for _, comment := range group.List {
			text, ok := strings.CutPrefix(comment.Text, "//")
			if !ok || !strings.HasPrefix(text, "go:") {
				continue
			}
			verb, _, _ := strings.Cut(text, " ")
			offset := files.PositionFor(comment.Pos(), false).Offset
			line := source[bytes.LastIndexByte(source[:offset], '\n')+1 : offset]
			switch {
			case len(bytes.TrimSpace(line)) > 0:
				add("MisplacedDirective", comment.Pos(), "misplaced compiler directive")
			case verb == "go:embed":
				add("EmbeddedFile", comment.Pos(), "there is no file to embed")
			case verb == "go:linkname" && !importsUnsafe(file):
				add("MisplacedDirective", comment.Pos(), "//go:linkname only allowed in Go files that import \"unsafe\"")
			case ofRuntime[verb] || strings.HasPrefix(verb, "go:cgo_"):
				add("ForbiddenDirective", comment.Pos(), "//"+verb+" is not for programs")
			case ofFunctions[verb] && following(file, comment.Pos()) == nil:
				add("MisplacedDirective", comment.Pos(), "misplaced compiler directive")
			case verb == "go:noescape" && following(file, comment.Pos()).Body != nil:
				add("MisplacedDirective", comment.Pos(), "can only use //go:noescape with external func implementations")
			}
		}
	}
}

// following is the function whose declaration comes next, if one does.
func following(file *ast.File, pos token.Pos) *ast.FuncDecl {
	if pos < file.Name.Pos() {
		return nil
	}
	for _, each := range file.Decls {
		if function, ok := each.(*ast.FuncDecl); ok && pos < function.Type.Func {
			return function
		}
		if pos < each.End() {
			return nil
		}
	}
	return nil
}

// checkBodies reports functions without a body: they stand in no other file.
func checkBodies(file *ast.File, add report) {
	linked := map[string]bool{}
	for _, group := range file.Comments {
		for _, comment := range group.List {
			if words := strings.Fields(comment.Text); len(words) > 1 && words[0] == "//go:linkname" {
				linked[words[1]] = true
			}
		}
	}
	for _, each := range file.Decls {
		function, ok := each.(*ast.FuncDecl)
		if ok && function.Body == nil && function.Type.TypeParams == nil && !linked[function.Name.Name] {
			if function.Recv != nil || function.Name.Name != "init" { // of init, the type checker says so
				add("MissingBody", function.Name.Pos(), "missing function body")
			}
		}
	}
}

func importsUnsafe(file *ast.File) bool {
	for _, each := range file.Imports {
		if each.Path.Value == `"unsafe"` {
			return true
		}
	}
	return false
}
