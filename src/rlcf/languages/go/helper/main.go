// Checks Go programs. A request is the text of a program, a reply its errors: a JSON list of
// [code, "error", message, offset in bytes]. Both are framed by their length, 4 bytes, big-endian.
//
// Usage: helper check|divide GO_VERSION PACKAGES.json…
//
// With "divide", a request is a program with its test, and the reply what runs the two in processes of their own; see
// divide.go.
//
// Each file lists packages that programs may import (see Package). They are type-checked from source when they are
// first imported, and kept; of a program nothing is kept. The helper ends when its standard input does.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"syscall"
)

const memory = 3 << 30 // bytes, for what a program can make of its constants

func main() {
	limit := syscall.Rlimit{Cur: memory, Max: memory}
	if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &limit); err != nil {
		fail(err)
	}
	debug.SetGCPercent(300)
	packages, err := readPackages(os.Args[3:])
	if err != nil {
		fail(err)
	}
	checker := Checker{version: os.Args[2], packages: packages}
	answer := checker.check
	if os.Args[1] == "divide" {
		answer = checker.divide
	}
	if err := serve(os.Stdin, os.Stdout, answer); err != nil {
		fail(err)
	}
}

// serve answers requests until there are none.
func serve(requests io.Reader, replies io.Writer, answer func(request []byte) any) error {
	in, out := bufio.NewReader(requests), bufio.NewWriter(replies)
	for {
		var length uint32
		if err := binary.Read(in, binary.BigEndian, &length); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		source := make([]byte, length)
		if _, err := io.ReadFull(in, source); err != nil {
			return err
		}
		reply, err := json.Marshal(answer(source))
		if err != nil {
			return err
		}
		if err := binary.Write(out, binary.BigEndian, uint32(len(reply))); err != nil {
			return err
		}
		if _, err := out.Write(reply); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
