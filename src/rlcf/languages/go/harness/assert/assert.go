// Package assert has what tests use of github.com/stretchr/testify/assert, written anew.
package assert

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"strings"
)

// TestingT is what assertions tell their failures.
type TestingT interface {
	Errorf(format string, arguments ...any)
}

// Assertions are those of one test.
type Assertions struct{ t TestingT }

// New returns the assertions of a test.
func New(t TestingT) *Assertions { return &Assertions{t} }

// ObjectsAreEqual is whether two values are the same, as tests mean it.
func ObjectsAreEqual(expected, actual any) bool {
	one, ok := expected.([]byte)
	if !ok {
		return reflect.DeepEqual(expected, actual)
	}
	other, ok := actual.([]byte)
	return ok && (one == nil) == (other == nil) && bytes.Equal(one, other)
}

func told(t TestingT, ok bool, format string, arguments ...any) bool {
	if !ok {
		t.Errorf(format, arguments...)
	}
	return ok
}

func Equal(t TestingT, expected, actual any, _ ...any) bool {
	return told(t, ObjectsAreEqual(expected, actual), "expected %#v, not %#v", expected, actual)
}

func NotEqual(t TestingT, expected, actual any, _ ...any) bool {
	return told(t, !ObjectsAreEqual(expected, actual), "expected another value than %#v", actual)
}

func True(t TestingT, value bool, _ ...any) bool { return told(t, value, "expected true") }

func False(t TestingT, value bool, _ ...any) bool { return told(t, !value, "expected false") }

func Nil(t TestingT, value any, _ ...any) bool { return told(t, isNil(value), "expected nil") }

func NotNil(t TestingT, value any, _ ...any) bool {
	return told(t, !isNil(value), "expected something")
}

func NoError(t TestingT, err error, _ ...any) bool { return told(t, err == nil, "expected no error") }

func Error(t TestingT, err error, _ ...any) bool { return told(t, err != nil, "expected an error") }

func Len(t TestingT, value any, length int, _ ...any) bool {
	return told(t, reflect.ValueOf(value).Len() == length, "expected the length %d", length)
}

func InDelta(t TestingT, expected, actual any, delta float64, _ ...any) bool {
	one, other := number(expected), number(actual)
	near := math.Abs(one-other) <= delta || (math.IsNaN(one) && math.IsNaN(other))
	return told(t, near, "expected %v, not %v", expected, actual)
}

func ElementsMatch(t TestingT, one, other any, _ ...any) bool {
	first, second := reflect.ValueOf(one), reflect.ValueOf(other)
	if first.Len() != second.Len() {
		return told(t, false, "expected as many elements")
	}
	used := make([]bool, second.Len())
	for i := range first.Len() {
		found := false
		for j := range second.Len() {
			if !used[j] && ObjectsAreEqual(first.Index(i).Interface(), second.Index(j).Interface()) {
				used[j], found = true, true
				break
			}
		}
		if !found {
			return told(t, false, "expected the element %#v", first.Index(i).Interface())
		}
	}
	return true
}

func Contains(t TestingT, whole, part any, _ ...any) bool {
	if text, ok := whole.(string); ok {
		return told(t, strings.Contains(text, fmt.Sprint(part)), "expected %q in %q", part, text)
	}
	values := reflect.ValueOf(whole)
	for i := range values.Len() {
		if ObjectsAreEqual(values.Index(i).Interface(), part) {
			return true
		}
	}
	return told(t, false, "expected %#v in %#v", part, whole)
}

func (a *Assertions) Equal(expected, actual any, _ ...any) bool { return Equal(a.t, expected, actual) }

func (a *Assertions) NotEqual(expected, actual any, _ ...any) bool {
	return NotEqual(a.t, expected, actual)
}

func (a *Assertions) True(value bool, _ ...any) bool { return True(a.t, value) }

func (a *Assertions) False(value bool, _ ...any) bool { return False(a.t, value) }

func (a *Assertions) Nil(value any, _ ...any) bool { return Nil(a.t, value) }

func (a *Assertions) NotNil(value any, _ ...any) bool { return NotNil(a.t, value) }

func (a *Assertions) NoError(err error, _ ...any) bool { return NoError(a.t, err) }

func (a *Assertions) Error(err error, _ ...any) bool { return Error(a.t, err) }

func (a *Assertions) Len(value any, length int, _ ...any) bool { return Len(a.t, value, length) }

func (a *Assertions) InDelta(expected, actual any, delta float64, _ ...any) bool {
	return InDelta(a.t, expected, actual, delta)
}

func (a *Assertions) ElementsMatch(one, other any, _ ...any) bool {
	return ElementsMatch(a.t, one, other)
}

func (a *Assertions) Contains(whole, part any, _ ...any) bool { return Contains(a.t, whole, part) }

func isNil(value any) bool {
	if value == nil {
		return true
	}
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice:
		return v.IsNil()
	}
	return false
}

func number(value any) float64 {
	v := reflect.ValueOf(value)
	switch {
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	case v.CanFloat():
		return v.Float()
	}
	return math.NaN()
}
