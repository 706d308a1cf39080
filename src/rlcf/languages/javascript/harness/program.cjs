"use strict";
// The process of a program: it runs the program, and then calls what the test asks for.
//
// The program may do with this process what it likes. It can send any value to the test, which is what it can do by
// returning it; the test itself, and what it expects, are in another process.

const fs = require("fs");
const path = require("path");
const util = require("util");
const vm = require("vm");
const { Channel, Raised, Settled, standFor } = require(path.join(__dirname, "plain.cjs"));

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** A function of the test's. */
function remote(channel, number) {
  const call = (...values) => channel.ask({ call: number, arguments: channel.encoded(values, 0) });
  return standFor(call, number);
}

function answer(channel, request) {
  if ("load" in request) {
    const nothing = new Proxy(console, { get: () => () => undefined });
    const own = { exports: {} };
    Object.assign(globalThis, { console: nothing, require, module: own, exports: own.exports });
    vm.runInThisContext(fs.readFileSync(process.argv[2], "utf8"), { filename: "program.js" });
    return null;
  }
  if ("name" in request) return named(request.name);
  const target = channel.kept.get(request.of);
  if ("attribute" in request) return request.attribute === "__dict__" ? fields(target) : target[request.attribute];
  if ("keys" in request) return Object.keys(target);
  if ("settled" in request) return util.types.isPromise(target) ? Settled.of(target) : undefined;
  if ("set" in request) return void (target[request.set] = channel.decoded(request.arguments)[0]);
  const values = channel.decoded(request.arguments);
  const self = "self" in request ? channel.decoded(request.self) : undefined;
  const isClass = typeof target === "function" && /^class\b/.test(Function.prototype.toString.call(target));
  const result = request.construct || isClass ? Reflect.construct(target, values) : Reflect.apply(target, self, values);
  const handed = values.flatMap((value, i) => (value === result ? [i] : []));
  return [result, values, asNothing, handed];
}

const asNothing = {};

/** The innermost place of an error in the program is that of `new` or of a call, right after `throw` or `reject(`. */
class ProgramChannel extends Channel {
  wasThrown(error) {
    const [, line, column] = /program\.js:(\d+):(\d+)\)?$/.exec(String(error.stack).split(/\n\s*at /)[1] || "") || [];
    const text = line && fs.readFileSync(process.argv[2], "utf8").split(/\r\n|[\n\r]/)[line - 1];
    return Boolean(text) && /\b(throw\s+|reject\()$/.test(text.slice(0, column - 1));
  }
}

/** What an object holds itself, for who writes it down. */
function fields(target) {
  if (target === null || typeof target !== "object") throw new TypeError("no object");
  return Object.fromEntries(Object.entries(target));
}

/** What the test is told of a name: that there is none, or what it means in the program. */
function named(name) {
  if (!IDENTIFIER.test(name)) return ["nothing", null];
  try {
    return ["object", vm.runInThisContext(name)];
  } catch (error) {
    return ["nothing", null];
  }
}

/** Lets a promise that a call has returned come to its end: until then, what was set aside for later runs. */
async function settled(answered) {
  if (Array.isArray(answered) && answered[2] === asNothing && util.types.isPromise(answered[0])) {
    answered[0] = await Settled.of(answered[0]);
  }
  return answered;
}

process.on("unhandledRejection", () => undefined);
new ProgramChannel(0, 1, answer, remote).serve(settled).then(
  () => process.exit(0),
  (error) => process.exit(error instanceof Raised ? 2 : 1),
);
