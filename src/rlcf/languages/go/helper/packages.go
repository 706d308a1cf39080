package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"runtime"
)

const arch = runtime.GOARCH

// Package is one that can be imported.
type Package struct {
	Path    string
	Dir     string
	Files   []string          // those that are compiled here, without cgo
	Imports map[string]string // paths in its sources that mean another package, such as a vendored one
	Visible bool              // whether a program may import it; if not, only other packages may
}

// Packages imports packages from their sources. It reads no other file than those listed, whatever a program asks for.
type Packages struct {
	known map[string]*Package
	done  map[string]*types.Package
	files *token.FileSet
}

func readPackages(lists []string) (*Packages, error) {
	p := &Packages{map[string]*Package{}, map[string]*types.Package{"unsafe": types.Unsafe}, token.NewFileSet()}
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			return nil, err
		}
		var packages []*Package
		if err := json.Unmarshal(text, &packages); err != nil {
			return nil, fmt.Errorf("%s: %w", list, err)
		}
		for _, each := range packages {
			p.known[each.Path] = each
		}
	}
	return p, nil
}

// Import is what a program's import declaration asks for.
func (p *Packages) Import(path string) (*types.Package, error) {
	if path == "C" {
		return nil, fmt.Errorf("programs are checked without cgo")
	}
	known := p.known[path]
	if path != "unsafe" && (known == nil || !known.Visible) {
		return nil, fmt.Errorf("there is no package %s that a program may import", path)
	}
	return p.load(path)
}

func (p *Packages) load(path string) (*types.Package, error) {
	if done := p.done[path]; done != nil {
		return done, nil
	}
	known := p.known[path]
	if known == nil {
		return nil, fmt.Errorf("there is no package %s", path)
	}
	var sources []*ast.File
	for _, name := range known.Files {
		source, err := parser.ParseFile(p.files, filepath.Join(known.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		sources = append(sources, source)
	}
	config := types.Config{
		IgnoreFuncBodies: true,
		Importer:         within{p, known},
		Sizes:            types.SizesFor("gc", arch),
	}
	done, err := config.Check(path, p.files, sources, nil)
	if err != nil {
		return nil, err
	}
	p.done[path] = done
	return done, nil
}

// within imports what a package imports.
type within struct {
	packages *Packages
	importer *Package
}

func (w within) Import(path string) (*types.Package, error) {
	if meant, ok := w.importer.Imports[path]; ok {
		path = meant
	}
	return w.packages.load(path)
}
