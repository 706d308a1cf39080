package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
)

const (
	deepest = 200
	most    = 1 << 24 // values of one message
)

var (
	errorType = reflect.TypeFor[error]()
	anyType   = reflect.TypeFor[any]()
)

// Types that a value in an interface may have beside slices, arrays, maps and pointers of such types.
var basic = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[string](), reflect.TypeFor[float32](), reflect.TypeFor[float64](),
	reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int32](),
	reflect.TypeFor[int64](), reflect.TypeFor[uint](), reflect.TypeFor[uint8](), reflect.TypeFor[uint16](),
	reflect.TypeFor[uint32](), reflect.TypeFor[uint64](), reflect.TypeFor[uintptr](), reflect.TypeFor[complex64](),
	reflect.TypeFor[complex128](), anyType, errorType,
}

// What a type is written as: a number of `basic`, or one of these and the types in it.
const (
	sliceOf = 100 + iota
	arrayOf
	mapOf
	pointerTo
	nothing
)

type writer struct {
	written []byte
	err     error
	values  int
}

func (w *writer) number(n uint64) { w.written = binary.AppendUvarint(w.written, n) }

func (w *writer) bit(b bool) {
	if b {
		w.number(1)
	} else {
		w.number(0)
	}
}

func (w *writer) text(s string) { w.written = putText(w.written, s) }

func putText(to []byte, s string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(s))), s...)
}

func (w *writer) refuse(why string) {
	if w.err == nil {
		w.err = errors.New(why)
	}
}

// value writes a value; what a reader of the same type needs.
func (w *writer) value(v reflect.Value, depth int) {
	if w.values++; depth > deepest || w.values > most {
		w.refuse("a value that is too large to be sent")
	}
	if w.err != nil {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		w.bit(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		w.number(uint64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		w.number(v.Uint())
	case reflect.Float32, reflect.Float64:
		w.number(math.Float64bits(v.Float()))
	case reflect.Complex64, reflect.Complex128:
		w.number(math.Float64bits(real(v.Complex())))
		w.number(math.Float64bits(imag(v.Complex())))
	case reflect.String:
		w.text(v.String())
	case reflect.Array:
		for i := range v.Len() {
			w.value(v.Index(i), depth+1)
		}
	case reflect.Slice:
		if w.length(v) {
			for i := range v.Len() {
				w.value(v.Index(i), depth+1)
			}
		}
	case reflect.Map:
		if w.length(v) {
			for each := v.MapRange(); each.Next(); {
				w.value(each.Key(), depth+1)
				w.value(each.Value(), depth+1)
			}
		}
	case reflect.Pointer:
		w.bit(!v.IsNil())
		if !v.IsNil() {
			w.value(v.Elem(), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if !v.Type().Field(i).IsExported() {
				w.refuse(fmt.Sprintf("a value of type %s has fields that are not exported", v.Type()))
				return
			}
			w.value(v.Field(i), depth+1)
		}
	case reflect.Interface:
		w.dynamic(v, depth)
	default:
		w.refuse(fmt.Sprintf("a value of type %s is no plain data", v.Type()))
	}
}

// length writes how many parts a slice or a map has, and 0 for nil; whether parts follow.
func (w *writer) length(v reflect.Value) bool {
	if v.IsNil() {
		w.number(0)
		return false
	}
	w.number(uint64(v.Len()) + 1)
	return true
}

// dynamic writes what an interface holds. Of an error only the message is kept.
func (w *writer) dynamic(v reflect.Value, depth int) {
	if v.IsNil() {
		w.written = append(w.written, nothing)
		return
	}
	if v.Type() == errorType {
		w.kind(errorType)
		w.text(v.Interface().(error).Error())
		return
	}
	w.kind(v.Elem().Type())
	w.value(v.Elem(), depth+1)
}

func (w *writer) kind(t reflect.Type) {
	for i, each := range basic {
		if t == each {
			w.written = append(w.written, byte(i))
			return
		}
	}
	switch {
	case t.Name() != "" || t.Kind() == reflect.Struct:
		w.refuse(fmt.Sprintf("a value of type %s is no plain data", t))
	case t.Kind() == reflect.Slice:
		w.written = append(w.written, sliceOf)
		w.kind(t.Elem())
	case t.Kind() == reflect.Array:
		w.written = append(w.written, arrayOf)
		w.number(uint64(t.Len()))
		w.kind(t.Elem())
	case t.Kind() == reflect.Map:
		w.written = append(w.written, mapOf)
		w.kind(t.Key())
		w.kind(t.Elem())
	case t.Kind() == reflect.Pointer:
		w.written = append(w.written, pointerTo)
		w.kind(t.Elem())
	default:
		w.refuse(fmt.Sprintf("a value of type %s is no plain data", t))
	}
}

type reader struct {
	left   []byte
	err    error
	values int
}

func (r *reader) refuse() {
	if r.err == nil {
		r.err = errors.New("a message that is no value of its type")
	}
	r.left = nil
}

func (r *reader) number() uint64 {
	n, length := binary.Uvarint(r.left)
	if length <= 0 {
		r.refuse()
		return 0
	}
	r.left = r.left[length:]
	return n
}

func (r *reader) text() string {
	length := r.number()
	if length > uint64(len(r.left)) {
		r.refuse()
		return ""
	}
	s := string(r.left[:length])
	r.left = r.left[length:]
	return s
}

// value reads a value of the type of v into v, which can be set.
func (r *reader) value(v reflect.Value, depth int) {
	if r.values++; depth > deepest || r.values > most {
		r.refuse()
	}
	if r.err != nil {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.number() == 1)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n := int64(r.number())
		if v.OverflowInt(n) {
			r.refuse()
		}
		v.SetInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		n := r.number()
		if v.OverflowUint(n) {
			r.refuse()
		}
		v.SetUint(n)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(math.Float64frombits(r.number()))
	case reflect.Complex64, reflect.Complex128:
		v.SetComplex(complex(math.Float64frombits(r.number()), math.Float64frombits(r.number())))
	case reflect.String:
		v.SetString(r.text())
	case reflect.Array:
		for i := range v.Len() {
			r.value(v.Index(i), depth+1)
		}
	case reflect.Slice:
		r.slice(v, depth)
	case reflect.Map:
		r.mapping(v, depth)
	case reflect.Pointer:
		if r.number() == 1 {
			v.Set(reflect.New(v.Type().Elem()))
			r.value(v.Elem(), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if !v.Type().Field(i).IsExported() {
				r.refuse()
				return
			}
			r.value(v.Field(i), depth+1)
		}
	case reflect.Interface:
		r.dynamic(v, depth)
	default:
		r.refuse()
	}
}

func (r *reader) slice(v reflect.Value, depth int) {
	count := r.number()
	if count == 0 {
		return
	}
	made := reflect.MakeSlice(v.Type(), 0, int(min(count-1, 1024)))
	for i := uint64(1); i < count && r.err == nil; i++ {
		part := reflect.New(v.Type().Elem()).Elem()
		r.value(part, depth+1)
		made = reflect.Append(made, part)
	}
	v.Set(made)
}

func (r *reader) mapping(v reflect.Value, depth int) {
	count := r.number()
	if count == 0 {
		return
	}
	made := reflect.MakeMap(v.Type())
	for i := uint64(1); i < count && r.err == nil; i++ {
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		r.value(key, depth+1)
		r.value(value, depth+1)
		if r.err == nil && key.Comparable() {
			made.SetMapIndex(key, value)
		} else {
			r.refuse()
		}
	}
	v.Set(made)
}

func (r *reader) dynamic(v reflect.Value, depth int) {
	t := r.kind(depth)
	switch {
	case r.err != nil || t == nil:
	case t == errorType && v.Type() == errorType:
		v.Set(reflect.ValueOf(errors.New(r.text())))
	case v.Type() == anyType && t.Kind() != reflect.Interface:
		made := reflect.New(t).Elem()
		r.value(made, depth+1)
		v.Set(made)
	default:
		r.refuse()
	}
}

// kind reads a type; nil for nothing.
func (r *reader) kind(depth int) reflect.Type {
	if depth > deepest || len(r.left) == 0 {
		r.refuse()
		return nil
	}
	code := r.left[0]
	r.left = r.left[1:]
	switch {
	case int(code) < len(basic):
		return basic[code]
	case code == nothing:
		return nil
	case code == arrayOf:
		count := r.number()
		if t := r.kind(depth + 1); t != nil && count <= 1024 {
			return reflect.ArrayOf(int(count), t)
		}
	case code == mapOf:
		key, value := r.kind(depth+1), r.kind(depth+1)
		if key != nil && value != nil && key.Comparable() {
			return reflect.MapOf(key, value)
		}
	case code == sliceOf:
		if t := r.kind(depth + 1); t != nil {
			return reflect.SliceOf(t)
		}
	case code == pointerTo:
		if t := r.kind(depth + 1); t != nil {
			return reflect.PointerTo(t)
		}
	}
	r.refuse()
	return nil
}
