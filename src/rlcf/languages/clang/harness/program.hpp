// The side of a program: its functions, called as the test asks for it.

#pragma once

#include "wire.hpp"

#include <malloc.h>

namespace rlcf {

/// How many bytes behind an address can be read; at most `most`. Whoever owns the memory is not known.
std::size_t readable(const void* address, std::size_t most);

/// An argument as it came, which lives as long as the call.
template <class A> struct Argument {
  using Value = std::remove_cv_t<std::remove_reference_t<A>>;
  Value value{};
  std::size_t bytes = 0;

  void take() {
    if constexpr (std::is_pointer_v<Value>) {
      value = get_array<std::remove_cv_t<std::remove_pointer_t<Value>>>(bytes);
      begin = value;
    } else {
      receive(value);
    }
  }
  A pass() { return static_cast<A>(value); }
  void send_changes() {
    if constexpr (std::is_pointer_v<Value>) put_changes(begin, bytes);
    else if constexpr (std::is_lvalue_reference_v<A> && !std::is_const_v<std::remove_reference_t<A>>) send(value);
  }
  Value begin{};
};

template <class R, class... A> void put_returned_pointer(R result, const Argument<A>&... arguments) {
  using T = std::remove_const_t<std::remove_pointer_t<R>>;
  if (result == nullptr) return send(Pointer::nothing);
  std::uint64_t number = 0, found = 0, offset = 0;
  bool inside = false;
  const auto look = [&](auto& argument) {
    using V = std::remove_cv_t<decltype(argument.value)>;
    if constexpr (std::is_pointer_v<V>) {
      if constexpr (std::is_same_v<std::remove_cv_t<std::remove_pointer_t<V>>, T>) {
        const auto* begin = reinterpret_cast<const char*>(argument.begin);
        const auto* at = reinterpret_cast<const char*>(result);
        if (begin != nullptr && at >= begin && at <= begin + argument.bytes) {
          inside = true, found = number, offset = static_cast<std::uint64_t>(at - begin) / sizeof(T);
        }
      }
    }
    number++;
  };
  (look(arguments), ...);
  send(inside ? Pointer::inside : Pointer::array);
  put_count(found), put_count(offset);
  if (inside) return;
  if constexpr (is_text<T>) put_array(result, unknown);
  else put_array(result, readable(result, 1 << 16));
}

template <class R, class... A, std::size_t... N> void answer(R (*function)(A...), std::index_sequence<N...>) {
  std::tuple<Argument<A>...> arguments;
  (std::get<N>(arguments).take(), ...);
  if constexpr (std::is_void_v<R>) {
    function(std::get<N>(arguments).pass()...);
    send(Came::returned);
    (std::get<N>(arguments).send_changes(), ...);
  } else {
    auto&& result = function(std::get<N>(arguments).pass()...);
    send(Came::returned);
    (std::get<N>(arguments).send_changes(), ...);
    if constexpr (std::is_pointer_v<R>) put_returned_pointer(result, std::get<N>(arguments)...);
    else send<std::decay_t<R>>(result);
  }
}

/// Calls a function with the arguments that the test sends, and sends what comes of it.
template <class R, class... A> void answer(R (*function)(A...)) { answer(function, std::index_sequence_for<A...>()); }

}  // namespace rlcf
