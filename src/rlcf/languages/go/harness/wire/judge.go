package wire

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

// ofProgram is what a call panics with where the program, and not its test, is at fault.
type ofProgram struct{ detail string }

// Call calls a function of the program. All arguments and results are pointers.
func Call(name string, arguments, results []any) {
	out := &writer{}
	out.text(name)
	for _, each := range arguments {
		out.value(reflect.ValueOf(each).Elem(), 0)
	}
	if out.err != nil {
		fail("error", out.err.Error())
	}
	in := &reader{left: ask(out.written)}
	for _, each := range results {
		in.value(reflect.ValueOf(each).Elem(), 0)
	}
	for _, each := range arguments {
		if argument := reflect.ValueOf(each).Elem(); changes(argument.Type()) {
			changed := reflect.New(argument.Type()).Elem()
			in.value(changed, 0)
			if in.err == nil {
				replace(argument, changed)
			}
		}
	}
	if in.err != nil || len(in.left) > 0 {
		fail("error", "the program's process sends something else than results")
	}
}

// ask sends a request and returns what follows the kind of the answer.
func ask(request []byte) []byte {
	err := send(request)
	var reply []byte
	if err == nil {
		reply, err = receive()
	}
	if err != nil || len(reply) == 0 {
		fail("error", "the program's process has ended")
	}
	if reply[0] != answered {
		detail := &reader{left: reply[1:]}
		panic(ofProgram{detail.text()})
	}
	return reply[1:]
}

// replace gives what the argument refers to the contents that it has after the call.
func replace(argument, changed reflect.Value) {
	switch argument.Kind() {
	case reflect.Slice:
		reflect.Copy(argument, changed)
	case reflect.Map:
		if argument.IsNil() {
			return
		}
		argument.Clear()
		for each := changed.MapRange(); each.Next(); {
			argument.SetMapIndex(each.Key(), each.Value())
		}
	case reflect.Pointer:
		if !argument.IsNil() && !changed.IsNil() {
			argument.Elem().Set(changed.Elem())
		}
	}
}

// Judge runs a test that panics where the program is wrong, and tells how it ended.
func Judge(test func()) {
	ready()
	tell(outcome(test))
}

// Tests are those of a file, and what came of those that ran.
type Tests struct {
	status, detail string
	ran, wanted    int
}

// Wrapped are the tests, made to keep what a panic says.
func (k *Tests) Wrapped(tests []testing.InternalTest) []testing.InternalTest {
	k.status, k.wanted = "passed", len(tests)
	wrapped := make([]testing.InternalTest, len(tests))
	for i, each := range tests {
		wrapped[i] = testing.InternalTest{Name: each.Name, F: func(t *testing.T) {
			k.ran++
			defer func() {
				if problem := recover(); problem != nil {
					k.status, k.detail = judged(problem)
					t.FailNow()
				}
			}()
			each.F(t)
		}}
	}
	return wrapped
}

// Judge runs the tests as `go test` does, and tells how that ended; run returns an exit code.
func (k *Tests) Judge(run func() int) {
	ready()
	switch code := run(); {
	case k.ran < k.wanted:
		tell("error", "not all tests ran")
	case code != 0 && k.status == "passed":
		tell("failed", "a test fails")
	default:
		tell(k.status, k.detail)
	}
}

func ready() {
	fmt.Fprintln(told, "ready")
	ask([]byte{0})
}

func outcome(test func()) (status, detail string) {
	defer func() {
		if problem := recover(); problem != nil {
			status, detail = judged(problem)
		}
	}()
	test()
	return "passed", ""
}

// judged is what the panic of a test means.
func judged(problem any) (status, detail string) {
	if program, ok := problem.(ofProgram); ok {
		return "error", program.detail
	}
	return "failed", describe(problem)
}

func fail(status, detail string) { tell(status, detail) }

// tell ends the process.
func tell(status, detail string) {
	line, _ := json.Marshal([]string{status, strings.ToValidUTF8(strings.Join(strings.Fields(detail), " "), "?")})
	fmt.Fprintf(told, "%s\n", line)
	os.Exit(0)
}
