// Values and calls as they cross between the process of a test and that of a program: see ../runner.py.
//
// What crosses is data of types that both sides know: a side that does not keep to them cannot make more of it than
// values of these types. Nothing that came from the other side is taken for an address.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <list>
#include <new>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <unistd.h>

namespace rlcf {

/// Ends this process, for the other side does not keep to what is agreed. Each side has its own.
[[noreturn]] void broken(const char* why);

constexpr std::uint64_t most_elements = 1 << 26;
constexpr std::uint64_t most_bytes = 1 << 28;  // of one message

/// The channel of this process: bytes in, bytes out.
class Channel {
 public:
  int incoming = -1, outgoing = -1;

  void write(const void* data, std::size_t size) { unsent_.append(static_cast<const char*>(data), size); }

  void flush() {
    for (std::size_t at = 0; at < unsent_.size();) {
      const ssize_t count = ::write(outgoing, unsent_.data() + at, unsent_.size() - at);
      if (count <= 0) broken("it has ended");
      at += static_cast<std::size_t>(count);
    }
    unsent_.clear();
    taken_ = 0;
  }

  void read(void* data, std::size_t size) {
    taken_ += size;
    if (taken_ > most_bytes) broken("it sends too much");
    for (auto* target = static_cast<char*>(data); size > 0;) {
      if (at_ == received_.size()) fill();
      const std::size_t count = std::min(size, received_.size() - at_);
      std::memcpy(target, received_.data() + at_, count);
      target += count, size -= count, at_ += count;
    }
  }

 private:
  void fill() {
    received_.resize(1 << 16);
    const ssize_t count = ::read(incoming, &received_[0], received_.size());
    if (count <= 0) broken("it has ended");
    received_.resize(static_cast<std::size_t>(count));
    at_ = 0;
  }

  std::string unsent_, received_;
  std::size_t at_ = 0;
  std::uint64_t taken_ = 0;
};

inline Channel& channel() {
  static Channel made;
  return made;
}

inline void put_count(std::uint64_t count) { channel().write(&count, sizeof count); }

inline std::size_t get_count() {
  std::uint64_t count;
  channel().read(&count, sizeof count);
  if (count > most_elements) broken("a value is too large");
  return static_cast<std::size_t>(count);
}

template <class T, class = void> struct has_elements : std::false_type {};
template <class T>
struct has_elements<T, std::void_t<typename T::value_type, decltype(std::declval<T&>().begin())>> : std::true_type {};
template <class T, class = void> struct grows : std::false_type {};
template <class T>
struct grows<T, std::void_t<decltype(std::declval<T&>().push_back(std::declval<typename T::value_type>()))>>
    : std::true_type {};
template <class T, class = void> struct has_keys : std::false_type {};
template <class T> struct has_keys<T, std::void_t<typename T::key_type>> : std::true_type {};
template <class T, class = void> struct has_buckets : std::false_type {};
template <class T> struct has_buckets<T, std::void_t<decltype(std::declval<T&>().bucket_count())>> : std::true_type {};
/// An element as it is received, which may be assigned to: of a map, a pair whose key is not constant.
template <class T, class = void> struct sent { using type = typename T::value_type; };
template <class T> struct sent<T, std::void_t<typename T::mapped_type>> {
  using type = std::pair<typename T::key_type, typename T::mapped_type>;
};
template <class T> using sent_as = typename sent<T>::type;
template <class T, class = void> struct is_tuple : std::false_type {};
template <class T> struct is_tuple<T, std::void_t<decltype(std::tuple_size<T>::value)>> : std::true_type {};
template <class T, class = void> struct may_be_empty : std::false_type {};
template <class T>
struct may_be_empty<T, std::void_t<decltype(std::declval<T&>().has_value(), std::declval<T&>().emplace(), *std::declval<T&>())>>
    : std::true_type {};
template <class T, class = void> struct is_complex : std::false_type {};
template <class T>
struct is_complex<T, std::void_t<decltype(std::declval<T&>().real(), std::declval<T&>().imag())>> : std::true_type {};
template <class T> constexpr bool is_plain = std::is_arithmetic_v<T> || std::is_enum_v<T>;

/// Stands for a value of any type: tells how many fields a structure has.
struct Any {
  template <class T> operator T() const;
};
template <class T, class Fields, class = void> struct has_fields : std::false_type {};
template <class T, std::size_t... N>
struct has_fields<T, std::index_sequence<N...>, std::void_t<decltype(T{(void(N), Any{})...})>> : std::true_type {};

template <class T, std::size_t N = 8> constexpr std::size_t fields() {
  if constexpr (N == 0) return 0;
  else if constexpr (has_fields<T, std::make_index_sequence<N>>::value) return N;
  else return fields<T, N - 1>();
}

/// Calls `use` with the fields of a structure.
template <class T, class Use> void with_fields(T& v, Use use) {
  constexpr std::size_t count = fields<std::remove_const_t<T>>();
  static_assert(count > 0, "a structure of this type cannot cross between test and program");
  if constexpr (count == 1) { auto& [a] = v; use(a); }
  else if constexpr (count == 2) { auto& [a, b] = v; use(a, b); }
  else if constexpr (count == 3) { auto& [a, b, c] = v; use(a, b, c); }
  else if constexpr (count == 4) { auto& [a, b, c, d] = v; use(a, b, c, d); }
  else if constexpr (count == 5) { auto& [a, b, c, d, e] = v; use(a, b, c, d, e); }
  else if constexpr (count == 6) { auto& [a, b, c, d, e, f] = v; use(a, b, c, d, e, f); }
  else if constexpr (count == 7) { auto& [a, b, c, d, e, f, g] = v; use(a, b, c, d, e, f, g); }
  else { auto& [a, b, c, d, e, f, g, h] = v; use(a, b, c, d, e, f, g, h); }
}

template <class T> void send(const T& v) {
  static_assert(!std::is_pointer_v<T>, "an address cannot cross between test and program");
  if constexpr (is_plain<T>) {
    channel().write(&v, sizeof v);
  } else if constexpr (is_tuple<T>::value && !has_elements<T>::value) {
    std::apply([](const auto&... each) { (send(each), ...); }, v);
  } else if constexpr (has_elements<T>::value) {
    put_count(static_cast<std::uint64_t>(std::distance(v.begin(), v.end())));
    for (auto&& each : v) send<typename T::value_type>(each);
  } else if constexpr (may_be_empty<T>::value) {
    send(v.has_value());
    if (v.has_value()) send(*v);
  } else if constexpr (is_complex<T>::value) {
    send(v.real()), send(v.imag());
  } else {
    with_fields(v, [](const auto&... each) { (send(each), ...); });
  }
}

template <class T> void receive(T& v);

/// Elements of a container without an order, such that they come in the order that they were sent in: the library puts
/// a new one first.
template <class T> void receive_backwards(T& v, std::size_t count) {
  std::list<sent_as<T>> all;
  for (std::size_t i = 0; i < count; i++) receive(all.emplace_front());
  for (auto& each : all) v.emplace(std::move(each));
}

template <class T> void receive(T& v) {
  static_assert(!std::is_pointer_v<T>, "an address cannot cross between test and program");
  if constexpr (std::is_same_v<T, bool>) {
    unsigned char byte;  // other bytes than 0 and 1 are no `bool`
    channel().read(&byte, 1);
    v = byte != 0;
  } else if constexpr (is_plain<T>) {
    channel().read(&v, sizeof v);
  } else if constexpr (is_tuple<T>::value && !has_elements<T>::value) {
    std::apply([](auto&... each) { (receive(each), ...); }, v);
  } else if constexpr (has_elements<T>::value) {
    const std::size_t count = get_count();
    if constexpr (grows<T>::value || has_keys<T>::value) {
      v.clear();
      if constexpr (has_buckets<T>::value) return receive_backwards(v, count);
      for (std::size_t i = 0; i < count; i++) {
        sent_as<T> each{};
        receive(each);
        if constexpr (grows<T>::value) v.push_back(std::move(each));
        else v.emplace(std::move(each));
      }
    } else {
      if (count != v.size()) broken("an array has another size");
      for (auto& each : v) receive(each);
    }
  } else if constexpr (may_be_empty<T>::value) {
    bool there;
    receive(there);
    if (there) receive(v.emplace());
    else v.reset();
  } else if constexpr (is_complex<T>::value) {
    std::decay_t<decltype(v.real())> real, imaginary;
    receive(real), receive(imaginary);
    v = T(real, imaginary);
  } else {
    with_fields(v, [](auto&... each) { (receive(each), ...); });
  }
}

// ---- arrays and texts that a pointer points to

enum class Pointer : unsigned char { nothing, array, inside };

constexpr std::size_t unknown = static_cast<std::size_t>(-1);

template <class T> constexpr bool is_text = sizeof(T) == 1 && std::is_integral_v<T>;
template <class T> constexpr bool is_text_pointer = false;
template <class T> constexpr bool is_text_pointer<T*> = is_text<T>;

/// Sends what `bytes` bytes behind an address hold.
template <class T> void put_array(const T* begin, std::size_t bytes) {
  if (begin == nullptr) return send(Pointer::nothing);
  send(Pointer::array);
  if constexpr (is_text<T>) {
    if (bytes == unknown) bytes = std::strlen(reinterpret_cast<const char*>(begin)) + 1;
  }
  if (bytes == unknown) broken("RLCF: the size of what an argument points to is not known");
  put_count(bytes / sizeof(T));
  for (std::size_t i = 0; i < bytes / sizeof(T); i++) {
    if constexpr (is_text_pointer<T>) put_array(begin[i], unknown);
    else send(begin[i]);
  }
}

/// What `put_array` sent, in memory that `free` takes; and its size in bytes.
template <class T> T* get_array(std::size_t& bytes) {
  Pointer kind;
  receive(kind);
  bytes = 0;
  if (kind == Pointer::nothing) return nullptr;
  const std::size_t count = get_count();
  T* begin = static_cast<T*>(std::calloc(count + 1, sizeof(T)));
  if (begin == nullptr) throw std::bad_alloc();
  for (std::size_t i = 0; i < count; i++) {
    if constexpr (is_text_pointer<T>) {
      std::size_t size;
      begin[i] = get_array<std::remove_const_t<std::remove_pointer_t<T>>>(size);
    } else {
      receive(begin[i]);
    }
  }
  bytes = count * sizeof(T);
  return begin;
}

/// Sends what an array holds after a call; texts that a pointer in it points to stay what they are.
template <class T> void put_changes(T* begin, std::size_t bytes) {
  if constexpr (!std::is_const_v<T> && !std::is_pointer_v<T>) {
    for (std::size_t i = 0; i < bytes / sizeof(T); i++) send(begin[i]);
  }
}
template <class T> void get_changes(T* begin, std::size_t bytes) {
  if constexpr (!std::is_const_v<T> && !std::is_pointer_v<T>) {
    for (std::size_t i = 0; i < bytes / sizeof(T); i++) receive(begin[i]);
  }
}

/// The bytes that a text had when it was sent.
template <class T> std::size_t size_of(const T* begin, std::size_t bytes) {
  if constexpr (is_text<T>) {
    if (begin != nullptr && bytes == unknown) return std::strlen(reinterpret_cast<const char*>(begin)) + 1;
  }
  return begin == nullptr ? 0 : bytes;
}

// ---- errors that a program throws

using Kinds = std::tuple<std::invalid_argument, std::out_of_range, std::domain_error, std::length_error,
                         std::overflow_error, std::underflow_error, std::range_error, std::logic_error,
                         std::runtime_error>;
enum class Came : unsigned char { returned, threw, no_memory };

template <std::size_t N = 0> [[noreturn]] void raise(std::size_t kind, const std::string& what) {
  if constexpr (N + 1 < std::tuple_size_v<Kinds>) {
    if (kind != N) raise<N + 1>(kind, what);
  }
  throw std::tuple_element_t<N, Kinds>(what);
}

template <std::size_t N = 0> std::size_t kind_of(const std::exception& error) {
  if constexpr (N < std::tuple_size_v<Kinds>) {
    return dynamic_cast<const std::tuple_element_t<N, Kinds>*>(&error) ? N : kind_of<N + 1>(error);
  } else {
    return N;
  }
}

}  // namespace rlcf
