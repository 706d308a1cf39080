//! Lets a test call the functions of a program that runs in another process.
//!
//! The test's process sends a function's name and its arguments; the program's process answers with the result and with
//! what it has made of arguments that it could change. Only plain data goes over the channel, and the test's process
//! takes nothing of it for granted: whatever the program's process sends is a value of the types that the test's process
//! expects, or the run ends in an error.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::fmt::Debug;
use std::fs::File;
use std::hash::Hash;
use std::io::{Error, ErrorKind, Read, Result as Done, Write};
use std::os::unix::io::FromRawFd;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::process::exit;
use std::sync::Mutex;

// Descriptors that the parent gives to both processes; see compiled.py.
const INCOMING: i32 = 7;
const OUTGOING: i32 = 8;
const TELLING: i32 = 9;

/// Bytes of a message.
const LARGEST: usize = 64 << 20;
/// Parts of a value that take no bytes.
const MOST: u64 = 1 << 20;

const ANSWERED: u8 = 0;
const PANICKED: u8 = 1;
const UNREADABLE: u8 = 2;

/// What a function gives that answers a call.
pub const DONE: Option<()> = Some(());

fn descriptor(number: i32) -> std::mem::ManuallyDrop<File> {
    std::mem::ManuallyDrop::new(unsafe { File::from_raw_fd(number) })
}

fn send(message: &[u8]) -> Done<()> {
    if message.len() > LARGEST {
        return Err(Error::new(ErrorKind::InvalidData, "too long"));
    }
    let mut frame = (message.len() as u32).to_be_bytes().to_vec();
    frame.extend_from_slice(message);
    descriptor(OUTGOING).write_all(&frame)
}

/// The next message; it is kept for as long as the process lives, and values may refer to it.
fn receive() -> Done<Input> {
    let mut channel = descriptor(INCOMING);
    let mut length = [0; 4];
    channel.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length) as usize;
    if length > LARGEST {
        return Err(Error::new(ErrorKind::InvalidData, "too long"));
    }
    let mut message = vec![0; length];
    channel.read_exact(&mut message)?;
    Ok(Input { left: Box::leak(message.into_boxed_slice()) })
}

/// What is left of a message.
pub struct Input {
    left: &'static [u8],
}

impl Input {
    fn bytes(&mut self, count: usize) -> Option<&'static [u8]> {
        if count > self.left.len() {
            return None;
        }
        let (taken, left) = self.left.split_at(count);
        self.left = left;
        Some(taken)
    }

    fn count(&mut self) -> Option<u64> {
        u64::take(self)
    }

    /// How many parts follow; no more than there can be.
    fn parts(&mut self) -> Option<u64> {
        self.count().filter(|&count| count <= self.left.len() as u64 + MOST)
    }

    pub fn finished(&self) -> Option<()> {
        self.left.is_empty().then_some(())
    }
}

/// A value that can be sent.
pub trait Put {
    fn put(&self, out: &mut Vec<u8>);
}

/// A value that can be received.
pub trait Take: Sized {
    fn take(input: &mut Input) -> Option<Self>;
}

pub fn put<T: Put + ?Sized>(value: &T, out: &mut Vec<u8>) {
    value.put(out)
}

pub fn take<T: Take>(input: &mut Input) -> Option<T> {
    T::take(input)
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Put for $number {
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes())
            }
        }
        impl Take for $number {
            fn take(input: &mut Input) -> Option<Self> {
                Some(Self::from_le_bytes(input.bytes(std::mem::size_of::<Self>())?.try_into().ok()?))
            }
        }
    )*};
}
numbers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);

macro_rules! tuples {
    ($($name:ident)*) => {
        impl<$($name: Put),*> Put for ($($name,)*) {
            #[allow(non_snake_case, unused_variables)]
            fn put(&self, out: &mut Vec<u8>) {
                let ($($name,)*) = self;
                $($name.put(out);)*
            }
        }
        impl<$($name: Take),*> Take for ($($name,)*) {
            #[allow(unused_variables)]
            fn take(input: &mut Input) -> Option<Self> {
                Some(($($name::take(input)?,)*))
            }
        }
    };
}
tuples!();
tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);

impl Put for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(*self as u8)
    }
}
impl Take for bool {
    fn take(input: &mut Input) -> Option<Self> {
        match u8::take(input)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}
impl Put for char {
    fn put(&self, out: &mut Vec<u8>) {
        (*self as u32).put(out)
    }
}
impl Take for char {
    fn take(input: &mut Input) -> Option<Self> {
        char::from_u32(u32::take(input)?)
    }
}
impl Put for str {
    fn put(&self, out: &mut Vec<u8>) {
        (self.len() as u64).put(out);
        out.extend_from_slice(self.as_bytes())
    }
}
impl Take for &'static str {
    fn take(input: &mut Input) -> Option<Self> {
        let count = input.count()?;
        std::str::from_utf8(input.bytes(usize::try_from(count).ok()?)?).ok()
    }
}
impl Put for String {
    fn put(&self, out: &mut Vec<u8>) {
        self.as_str().put(out)
    }
}
impl Take for String {
    fn take(input: &mut Input) -> Option<Self> {
        <&str>::take(input).map(String::from)
    }
}
impl<T: Put + ?Sized> Put for &T {
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out)
    }
}
impl<T: Put + ?Sized> Put for &mut T {
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out)
    }
}
impl<T: Put + ?Sized> Put for Box<T> {
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out)
    }
}
impl<T: Take> Take for Box<T> {
    fn take(input: &mut Input) -> Option<Self> {
        T::take(input).map(Box::new)
    }
}
impl<T: Take> Take for &'static T {
    fn take(input: &mut Input) -> Option<Self> {
        T::take(input).map(|value| &*Box::leak(Box::new(value)))
    }
}
impl<T: Take> Take for &'static mut T {
    fn take(input: &mut Input) -> Option<Self> {
        T::take(input).map(|value| Box::leak(Box::new(value)))
    }
}
impl<T: Take> Take for &'static [T] {
    fn take(input: &mut Input) -> Option<Self> {
        Vec::take(input).map(|value| &*value.leak())
    }
}
impl<T: Take> Take for &'static mut [T] {
    fn take(input: &mut Input) -> Option<Self> {
        Vec::take(input).map(Vec::leak)
    }
}
impl<T: Put> Put for [T] {
    fn put(&self, out: &mut Vec<u8>) {
        (self.len() as u64).put(out);
        self.iter().for_each(|each| each.put(out))
    }
}
impl<T: Put, const N: usize> Put for [T; N] {
    fn put(&self, out: &mut Vec<u8>) {
        self.as_slice().put(out)
    }
}
impl<T: Take, const N: usize> Take for [T; N] {
    fn take(input: &mut Input) -> Option<Self> {
        Vec::take(input)?.try_into().ok()
    }
}
impl<T: Put> Put for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        self.iter().for_each(|each| each.put(out))
    }
}
impl<T: Take> Take for Option<T> {
    fn take(input: &mut Input) -> Option<Self> {
        Some(if bool::take(input)? { Some(T::take(input)?) } else { None })
    }
}
impl<T: Put, E: Put> Put for Result<T, E> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_ok().put(out);
        match self {
            Ok(value) => value.put(out),
            Err(error) => error.put(out),
        }
    }
}
impl<T: Take, E: Take> Take for Result<T, E> {
    fn take(input: &mut Input) -> Option<Self> {
        Some(if bool::take(input)? { Ok(T::take(input)?) } else { Err(E::take(input)?) })
    }
}

macro_rules! collections {
    ($($kind:ident [$($part:ident: $($bound:ident)+),*] $item:ty;)*) => {$(
        impl<$($part: Put),*> Put for $kind<$($part),*> {
            fn put(&self, out: &mut Vec<u8>) {
                (self.len() as u64).put(out);
                self.iter().for_each(|each| each.put(out))
            }
        }
        impl<$($part: Take $(+ $bound)+),*> Take for $kind<$($part),*> {
            fn take(input: &mut Input) -> Option<Self> {
                (0..input.parts()?).map(|_| <$item>::take(input)).collect()
            }
        }
    )*};
}
collections! {
    Vec [T: Sized] T;
    VecDeque [T: Sized] T;
    HashSet [T: Eq Hash] T;
    BTreeSet [T: Ord] T;
    HashMap [K: Eq Hash, V: Sized] (K, V);
    BTreeMap [K: Ord, V: Sized] (K, V);
}

// In the program's process.

/// Answers a call: takes the arguments, and puts what comes of them.
pub type Function = fn(&mut Input, &mut Vec<u8>) -> Option<()>;

/// Answers calls of the functions until the channel is closed.
pub fn serve(functions: &[(&str, Function)]) {
    while let Ok(mut input) = receive() {
        let mut out = vec![ANSWERED];
        let answered = catch_unwind(AssertUnwindSafe(|| answer(functions, &mut input, &mut out)));
        match answered {
            Ok(Some(())) => {}
            Ok(None) => out = vec![UNREADABLE],
            Err(problem) => {
                out = vec![PANICKED];
                said(&*problem).put(&mut out)
            }
        }
        if send(&out).is_err() {
            return;
        }
    }
}

fn answer(functions: &[(&str, Function)], input: &mut Input, out: &mut Vec<u8>) -> Option<()> {
    let name = <&str>::take(input)?;
    if name.is_empty() {
        return Some(());
    }
    let (_, function) = functions.iter().find(|(each, _)| *each == name)?;
    function(input, out)
}

/// What a panic says.
fn said(problem: &(dyn Any + Send)) -> String {
    let text = problem.downcast_ref::<&str>().map(|text| text.to_string());
    text.or_else(|| problem.downcast_ref::<String>().cloned()).unwrap_or_else(|| String::from("a panic"))
}

// In the test's process.

/// What the program said when it panicked last.
static PROGRAM_SAID: Mutex<Option<String>> = Mutex::new(None);

/// The beginning of a call.
pub fn request(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    name.put(&mut out);
    out
}

/// What the program answers; a panic of the program is one of the test.
pub fn call(request: Vec<u8>) -> Input {
    let answer = send(&request).and_then(|_| receive());
    let mut input = match answer {
        Ok(input) => input,
        Err(_) => tell("error", "the program's process has ended"),
    };
    match u8::take(&mut input) {
        Some(ANSWERED) => input,
        Some(PANICKED) => {
            let text = String::take(&mut input).unwrap_or_default();
            *PROGRAM_SAID.lock().unwrap() = Some(text.clone());
            panic!("{}", text)
        }
        _ => tell("error", "the program's process cannot be called"),
    }
}

/// A value of an answer.
pub fn received<T: Take>(input: &mut Input) -> T {
    match T::take(input) {
        Some(value) => value,
        None => tell("error", "the program's process sends something else than results"),
    }
}

/// What a function may change through a reference.
pub trait Receive {
    fn receive(&mut self, input: &mut Input);
}
impl<T: Take> Receive for T {
    fn receive(&mut self, input: &mut Input) {
        *self = received(input)
    }
}
impl<T: Take> Receive for [T] {
    fn receive(&mut self, input: &mut Input) {
        let changed: Vec<T> = received(input);
        if changed.len() != self.len() {
            tell("error", "the program's process sends something else than results")
        }
        self.iter_mut().zip(changed).for_each(|(old, new)| *old = new)
    }
}

pub fn receive_into<T: Receive + ?Sized>(place: &mut T, input: &mut Input) {
    place.receive(input)
}

pub fn finished(input: Input) {
    if input.finished().is_none() {
        tell("error", "the program's process sends something else than results")
    }
}

/// What a test function returns.
pub trait Ended {
    fn check(self);
}
impl Ended for () {
    fn check(self) {}
}
impl<T, E: Debug> Ended for Result<T, E> {
    fn check(self) {
        if let Err(error) = self {
            panic!("{:?}", error)
        }
    }
}

pub fn ended<T: Ended>(value: T) {
    value.check()
}

/// A test: what runs it, and whether it has to panic.
pub type Test = (fn(), bool);

/// Runs the tests, and tells how they ended.
pub fn judge(tests: &[Test]) -> ! {
    let _ = descriptor(TELLING).write_all(b"ready\n");
    std::panic::set_hook(Box::new(|_| {}));
    call(request(""));
    for (test, panics) in tests {
        *PROGRAM_SAID.lock().unwrap() = None;
        match (catch_unwind(test), panics) {
            (Ok(()), true) => tell("failed", "a test that should panic does not"),
            (Err(problem), false) => {
                let program = PROGRAM_SAID.lock().unwrap().take();
                match program {
                    Some(text) => tell("error", &text),
                    None => tell("failed", &said(&*problem)),
                }
            }
            _ => {}
        }
    }
    tell("passed", "")
}

/// Ends the process.
fn tell(status: &str, detail: &str) -> ! {
    let words: Vec<&str> = detail.split_whitespace().collect();
    let mut text = String::new();
    for sign in words.join(" ").chars().take(1000) {
        match sign {
            '"' | '\\' => text.extend(['\\', sign]),
            _ if sign.is_control() => text.push('?'),
            _ => text.push(sign),
        }
    }
    let _ = descriptor(TELLING).write_all(format!("[\"{}\", \"{}\"]\n", status, text).as_bytes());
    exit(0)
}
