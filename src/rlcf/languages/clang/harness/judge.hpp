// The side of a test: calls of the program's functions.

#pragma once

#include "wire.hpp"

namespace rlcf {

/// Whether the program has thrown: then an exception that ends the test is the program's.
extern bool has_thrown;

template <class T> struct same { using type = T; };

template <class A> void put_argument(std::remove_reference_t<A>& argument, std::size_t bytes) {
  if constexpr (std::is_pointer_v<std::decay_t<A>>) put_array(argument, bytes);
  else send<std::decay_t<A>>(argument);
}

template <class A> void get_argument(std::remove_reference_t<A>& argument, std::size_t bytes) {
  using Value = std::remove_reference_t<A>;
  if constexpr (std::is_pointer_v<std::decay_t<A>>) get_changes(argument, size_of(argument, bytes));
  else if constexpr (std::is_lvalue_reference_v<A> && !std::is_const_v<Value>) receive(argument);
}

/// The pointer that a call returned: into one of its arguments, or to an array of its own.
template <class R, class... A>
R returned_pointer(const std::array<std::size_t, sizeof...(A)>& sizes, std::remove_reference_t<A>&... arguments) {
  using T = std::remove_const_t<std::remove_pointer_t<R>>;
  Pointer kind;
  receive(kind);
  if (kind == Pointer::nothing) return nullptr;
  const std::size_t number = get_count(), offset = get_count();
  if (kind == Pointer::array) {
    std::size_t bytes;
    return get_array<T>(bytes);
  }
  R found = nullptr;
  std::size_t i = 0;
  const auto look = [&](auto& argument) {
    if constexpr (std::is_pointer_v<std::decay_t<decltype(argument)>>) {
      using V = std::remove_cv_t<std::remove_pointer_t<std::decay_t<decltype(argument)>>>;
      if constexpr (std::is_same_v<V, T>) {
        if (i == number && offset * sizeof(T) <= size_of(argument, sizes[i])) found = const_cast<T*>(argument) + offset;
      }
    }
    i++;
  };
  (look(arguments), ...);
  if (found == nullptr) broken("it returns no address of its own");
  return found;
}

/// Calls a function of the program's.
///
/// @param sizes the bytes that each argument points to, where it is a pointer and they are known.
template <class R, class... A>
R call(R (*)(A...), std::array<std::size_t, sizeof...(A)> sizes,
       std::remove_reference_t<A>&... arguments) {
  send(true);
  [[maybe_unused]] std::size_t i = 0;
  (put_argument<A>(arguments, sizes[i++]), ...);
  channel().flush();
  Came came;
  receive(came);
  if (came == Came::no_memory) broken("RLCF: memory");
  if (came == Came::threw) {
    std::string what;
    const std::size_t kind = get_count();
    receive(what);
    has_thrown = true;
    raise(kind, what);
  }
  if (came != Came::returned) broken("it sends no answer");
  i = 0;
  if constexpr (std::is_void_v<R>) {
    (get_argument<A>(arguments, sizes[i++]), ...);
  } else if constexpr (std::is_pointer_v<R>) {
    (get_argument<A>(arguments, sizes[i++]), ...);
    return returned_pointer<R, A...>(sizes, arguments...);
  } else {
    static std::list<std::decay_t<R>> kept;  // a reference that is returned stays valid
    std::decay_t<R> result{};
    (get_argument<A>(arguments, sizes[i++]), ...);
    receive(result);
    if constexpr (std::is_reference_v<R>) return kept.emplace_back(std::move(result));
    else return result;
  }
}

}  // namespace rlcf
