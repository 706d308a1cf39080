"use strict";
// The process of a test: it runs the test, and asks the program's process for what the test calls.
//
// What comes back is plain data, or stands for an object of the program's. So nothing of the program runs here: it cannot
// change how the test compares, nor learn what the test expects. Arguments after the file: names of JavaScript's own that
// the program's task has given another meaning.

const { AssertionError } = require("assert");
const fs = require("fs");
const path = require("path");
const util = require("util");
const vm = require("vm");
const { Channel, ChannelBroken, Raised, defineField, standFor, standIns } = require(path.join(__dirname, "plain.cjs"));
const { watched } = require(path.join(__dirname, "pending.cjs"));

const IDENTIFIERS = /[A-Za-z_$][\w$]*/g;
const HELPERS = /\(this && this\.(__\w+)\)/g;
const FROM_HERE = new Set(["TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError", "Error"]);
const known = new Map();

/** An object of the program's is no number: it could be another one each time. */
const symbols = {
  [Symbol.toPrimitive](hint) {
    if (hint !== "string") throw new TypeError("an object of the program is no number");
    return String(this.toString());
  },
};

class TestChannel extends Channel {
  /**
   * Nothing that the program sends is called because a test awaits it, for its promises are settled before they come;
   * nor because a test takes it for a number.
   */
  object(pairs) {
    const made = super.object(pairs);
    if (typeof made.then === "function") delete made.then;
    const converts = ["valueOf", "toString"].some((name) => Object.hasOwn(made, name));
    return converts ? Object.defineProperty(made, Symbol.toPrimitive, { value: symbols[Symbol.toPrimitive] }) : made;
  }
}

/** Stands for an object or a function of the program's. */
function remote(channel, number) {
  if (known.has(number)) return known.get(number);
  const raised = (error) => (error instanceof Raised ? thrown(error) : error);
  const ask = (request) => {
    try {
      return channel.ask({ of: number, ...request });
    } catch (error) {
      throw raised(error);
    }
  };
  const received = (result) =>
    result instanceof Promise ? result.catch((error) => Promise.reject(raised(error))) : result;
  const called = (values, more) => {
    const [result, changed] = ask({ method: "__call__", arguments: channel.encoded(values, 0), ...more });
    values.forEach((mine, i) => update(mine, changed[i]));
    return received(result);
  };
  const then = () => {
    const settled = received(ask({ settled: true }));
    return settled instanceof Promise ? settled.then.bind(settled) : undefined;
  };
  const get = (_, key) => {
    if (key === "rlcfNumber") return number;
    if (typeof key === "symbol") return symbols[key];
    return key === "then" ? then() : ask({ attribute: key });
  };
  const self = (value) => (standIns.has(value) ? { self: channel.encoded(value, 0) } : {});
  const target = function () {};
  const made = new Proxy(target, {
    apply: (_, receiver, values) => called(values, self(receiver)),
    construct: (_, values) => called(values, { construct: true }),
    get,
    set: (_, key, value) => (ask({ set: String(key), arguments: channel.encoded([value], 0) }), true),
    has: (_, key) => ask({ keys: true }).includes(key),
    getPrototypeOf: () => Object.prototype,
  });
  known.set(number, standFor(made, number));
  return made;
}

/** The error that a test may expect: of the first of its classes that JavaScript itself has. */
function thrown(raised) {
  if (raised.bases[0] === "Thrown") return raised.values[0];
  const kind = raised.bases.find((name) => FROM_HERE.has(name)) || "Error";
  const error = new globalThis[kind](raised.message);
  Object.defineProperty(error, "ofProgram", { value: true });
  return error;
}

/** Gives a container of the test's the content that it has after the call. */
function update(mine, theirs) {
  if (Array.isArray(mine) && Array.isArray(theirs)) {
    theirs.forEach((value, i) => {
      update(mine[i], value);
      if (!util.isDeepStrictEqual(mine[i], value)) mine[i] = value;
    });
    mine.length = theirs.length;
  } else if (mine instanceof Map && theirs instanceof Map) {
    mine.clear();
    theirs.forEach((value, key) => mine.set(key, value));
  } else if (mine instanceof Set && theirs instanceof Set) {
    mine.clear();
    theirs.forEach((value) => mine.add(value));
  } else if (isObject(mine) && isObject(theirs)) {
    for (const key of Object.keys(mine)) if (!Object.hasOwn(theirs, key)) delete mine[key];
    for (const [key, value] of Object.entries(theirs)) {
      const isOwn = Object.hasOwn(mine, key);
      if (isOwn) update(mine[key], value);
      if (!isOwn || !util.isDeepStrictEqual(mine[key], value)) defineField(mine, key, value);
    }
  }
}

function isObject(value) {
  return value !== null && typeof value === "object" && !standIns.has(value);
}

/** The program may call functions that it was given; nothing else of the test. It catches no assertion of the test's. */
function answer(channel, request) {
  try {
    return channel.kept.get(request.call)(...channel.decoded(request.arguments));
  } catch (error) {
    if (error instanceof AssertionError) tell(outcome(error));
    throw error;
  }
}

/** The modules of a test: Node's own, and the comparison that published tests take from lodash. */
function modules(name) {
  return name === "lodash" ? { isEqual: util.isDeepStrictEqual } : require(name);
}

/** What the context of the test's task declares. */
function declared(context) {
  try {
    return new Map(Object.entries(vm.runInThisContext(context, { filename: "context.js" })));
  } catch {
    return new Map();
  }
}

/** Whether a value is or holds an object that only one process can know: no plain data, and no function. */
function holdsObject(value) {
  const sent = new Channel();
  try {
    sent.encoded(value, 0);
  } catch {
    return false; // it cannot be sent by the program either
  }
  return [...sent.kept.values()].some((each) => typeof each !== "function");
}

/**
 * Makes names known to the test: what it has itself, and the program's, which are asked for by how they are written.
 * Functions that TypeScript's compiler has put into the test are not taken from the program.
 */
function define(channel, names, own, shadowing) {
  const made = (name, value) => Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  own.forEach((value, name) => made(name, value));
  for (const name of names) {
    if (own.has(name) || (name in globalThis && !shadowing.has(name))) continue;
    try {
      const [kind, value] = channel.ask({ name });
      if (kind !== "nothing") made(name, value);
    } catch (error) {
      if (!(error instanceof Raised)) throw error; // a value that cannot be sent
    }
  }
}

/** The names that are asked for: those in the test, and those that the context's declarations may use. */
function asked(test, context, declarations) {
  const helpers = new Set(Array.from(test.matchAll(HELPERS), ([, name]) => name));
  const used = (context.match(IDENTIFIERS) || []).filter((name) => !declarations.has(name));
  return new Set([...(test.match(IDENTIFIERS) || []), ...used].filter((name) => !helpers.has(name)));
}

/** Status and detail of what the test has thrown. */
function outcome(error) {
  if (error instanceof ChannelBroken) return ["error", "the program ended before its test did: " + error.message];
  if (error instanceof Raised) return ["error", error.raised + ": " + error.message];
  if (error instanceof Error && error.ofProgram) return ["error", error.name + ": " + error.message];
  const accident = error instanceof TypeError || error instanceof ReferenceError || error instanceof SyntaxError;
  return [accident ? "error" : "failed", String((error && error.message) || error)];
}

function tell([status, detail]) {
  fs.writeSync(2, JSON.stringify([status, detail.split(/\s+/).join(" ").slice(0, 500)]) + "\n");
  process.exit(0);
}

const channel = new TestChannel(0, 1, answer, remote);
const test = fs.readFileSync(process.argv[2], "utf8");
const context = fs.readFileSync(path.join(path.dirname(process.argv[2]), "context.js"), "utf8");
globalThis.console = new Proxy(console, { get: () => () => undefined });
fs.writeSync(2, "ready\n");
// What the test has set aside for later runs, too, before it has passed.
for (const failure of ["uncaughtException", "unhandledRejection"]) process.on(failure, (error) => tell(outcome(error)));
process.on("beforeExit", () => tell(isPending() ? ["error", "a promise of the test is still pending"] : ["passed", ""]));
channel.ask({ load: true });
const exported = { exports: {} };
const provided = { require: modules, module: exported, exports: exported.exports };
Object.assign(globalThis, provided);
const declarations = declared(context);
const own = new Map([...[...declarations].filter(([, value]) => !holdsObject(value)), ...Object.entries(provided)]);
define(channel, asked(test, context, declarations), own, new Set(process.argv.slice(3)));
const isPending = watched();
vm.runInThisContext(test, { filename: "test.js" });
