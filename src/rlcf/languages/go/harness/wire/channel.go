// Package wire lets a test call the functions of a program that runs in another process.
//
// The test's process sends a function's name and its arguments; the program's process answers with the results and with
// what it has made of arguments that are slices, maps or pointers. Only plain data goes over the channel, and the test's
// process takes nothing of it for granted: whatever the program's process sends is a value of the types that the test's
// process expects, or the run ends in an error.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
)

// Descriptors that the parent gives to both processes; see go/runner.py.
const (
	incoming = 7
	outgoing = 8
	telling  = 9
)

const largest = 64 << 20 // bytes of a message

// Kinds of answers.
const (
	answered = iota
	panicked
	unsendable
)

var (
	input  = os.NewFile(incoming, "requests")
	output = os.NewFile(outgoing, "replies")
	told   = os.NewFile(telling, "told")
)

func send(message []byte) error {
	if len(message) > largest {
		return errors.New("a message that is too long")
	}
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(message)))
	_, err := output.Write(append(frame, message...))
	return err
}

func receive() ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(input, length[:]); err != nil {
		return nil, err
	}
	count := binary.BigEndian.Uint32(length[:])
	if count > largest {
		return nil, errors.New("a message that is too long")
	}
	message := make([]byte, count)
	_, err := io.ReadFull(input, message)
	return message, err
}

// Functions are those that can be called, by their names.
type Functions map[string]any

// Serve answers calls of the functions until the channel is closed.
func Serve(functions Functions) {
	for {
		message, err := receive()
		if err != nil {
			return
		}
		if err := send(answer(functions, message)); err != nil {
			return
		}
	}
}

func answer(functions Functions, message []byte) (reply []byte) {
	defer func() {
		if problem := recover(); problem != nil {
			reply = putText([]byte{panicked}, describe(problem))
		}
	}()
	in := &reader{left: message}
	name := in.text()
	if name == "" {
		return []byte{answered}
	}
	function := reflect.ValueOf(functions[name])
	arguments := make([]reflect.Value, function.Type().NumIn())
	for i := range arguments {
		arguments[i] = reflect.New(function.Type().In(i)).Elem()
		in.value(arguments[i], 0)
	}
	if in.err != nil {
		return putText([]byte{unsendable}, in.err.Error())
	}
	call := function.Call
	if function.Type().IsVariadic() {
		call = function.CallSlice
	}
	out := &writer{}
	for _, result := range call(arguments) {
		out.value(result, 0)
	}
	for _, argument := range arguments {
		if changes(argument.Type()) {
			out.value(argument, 0)
		}
	}
	if out.err != nil {
		return putText([]byte{unsendable}, out.err.Error())
	}
	return append([]byte{answered}, out.written...)
}

// describe is what a panic says, in one line; the program's own methods are not asked.
func describe(problem any) string {
	switch known := problem.(type) {
	case interface{ RuntimeError() }:
		return fmt.Sprint(known)
	case string:
		return known
	}
	return fmt.Sprintf("%T", problem)
}

// changes is whether a function can change what an argument of the type refers to.
func changes(kind reflect.Type) bool {
	return kind.Kind() == reflect.Slice || kind.Kind() == reflect.Map || kind.Kind() == reflect.Pointer
}
