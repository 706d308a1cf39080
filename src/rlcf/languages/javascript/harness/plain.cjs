"use strict";
// Values and calls as they cross between the process of a program and that of its test: see ../../python/harness/plain.py.

const fs = require("fs");

const LONGEST_LINE = 1 << 26;
const CHUNK = 1 << 16;

class ChannelBroken extends Error {}

/** What was called on the other side has thrown: the class of an error, its message, or a value that is no error. */
class Raised extends Error {
  constructor(name, bases, values, onPurpose) {
    super(values.length ? String(values[0]) : name);
    Object.assign(this, { raised: name, bases, values, onPurpose });
  }
}

class Channel {
  /** `answer(channel, request)` does what a request asks for; `standIn(channel, number)` stands for an object. */
  constructor(incoming, outgoing, answer, standIn) {
    Object.assign(this, { incoming, outgoing, answer, standIn, received: Buffer.alloc(0), begun: [], kept: new Map(), numbers: new Map() });
  }

  ask(request) {
    this.send({ request });
    for (;;) {
      const message = this.receive();
      if (message === null) throw new ChannelBroken("it has ended");
      if ("request" in message) this.serveOne(message.request);
      else if ("raised" in message) throw this.raised(message.raised);
      else return this.decoded(message.result);
    }
  }

  raised([name, bases, values, onPurpose]) {
    return new Raised(String(name), bases.map(String), values.map((v) => this.decoded(v)), onPurpose === true);
  }

  /** Answers requests to the end; `settled` waits for promises in an answer. */
  async serve(settled) {
    for (let message; (message = this.receive()) !== null; ) {
      let reply;
      try {
        reply = { result: this.encoded(await settled(this.answer(this, message.request || {})), 0) };
      } catch (error) {
        reply = this.failed(error);
      }
      this.send(reply);
    }
  }

  serveOne(request) {
    let reply;
    try {
      reply = { result: this.encoded(this.answer(this, request), 0) };
    } catch (error) {
      reply = this.failed(error);
    }
    this.send(reply);
  }

  failed(error) {
    if (error instanceof ChannelBroken) throw error;
    return { raised: this.told(error) };
  }

  /** Class, base classes and message of what was thrown. A `throw` of the program's is told from what went wrong. */
  told(error) {
    if (error instanceof Raised) return [error.raised, error.bases, error.values.map((v) => this.encoded(v, 0)), false];
    if (!(error instanceof Error) && !(error && typeof error === "object" && "message" in error)) {
      return ["Thrown", ["Thrown"], [this.encoded(error, 0)], true];
    }
    const bases = [];
    for (let kind = Object.getPrototypeOf(error); kind && bases.length < 9; kind = Object.getPrototypeOf(kind)) {
      bases.push(String((kind.constructor && kind.constructor.name) || "Object"));
    }
    const accident = ["TypeError", "ReferenceError", "RangeError", "SyntaxError"].includes(bases[0]);
    return [bases[0], bases, [String(error.message)], !accident || this.wasThrown(error)];
  }

  encoded(value, depth) {
    if (depth > 200) throw new RangeError("a value without an end");
    const inner = (v) => this.encoded(v, depth + 1);
    switch (typeof value) {
      case "undefined": return { undefined: null };
      case "boolean": case "string": return value;
      case "bigint": return { bigint: value.toString(16) };
      case "number": return Number.isInteger(value) && !Object.is(value, -0) && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : { float: Object.is(value, -0) ? "-0.0" : String(value) };
    }
    if (value === null) return null;
    if (Array.isArray(value)) return { list: Array.from({ length: value.length }, (_, i) => inner(value[i])) };
    if (typeof value === "object") {
      if (value.rlcfNumber !== undefined && this.isStandIn(value)) return { yours: value.rlcfNumber };
      const tag = Object.prototype.toString.call(value);
      if (tag === "[object Map]") return { map: [...Map.prototype.entries.call(value)].map((pair) => pair.map(inner)) };
      if (tag === "[object Set]") return { set: [...Set.prototype.values.call(value)].map(inner) };
      if (tag === "[object Date]") return { date: String(Date.prototype.getTime.call(value)) };
      if (ArrayBuffer.isView(value) && "length" in value) return { list: Array.from(value, inner) };
      if (["[object Number]", "[object String]", "[object Boolean]"].includes(tag)) return inner(value.valueOf());
      if (value instanceof Settled) return value.written(inner, this);
      if (isPlain(value)) return { object: Object.keys(value).map((key) => [key, inner(value[key])]) };
    } else if (this.isStandIn(value)) return { yours: value.rlcfNumber };
    return { mine: this.keep(value) };
  }

  decoded(data) {
    if (data === null || typeof data !== "object") return data;
    if (Array.isArray(data)) throw new ChannelBroken("a value without its type");
    const [[tag, content]] = Object.entries(data);
    const inner = (v) => this.decoded(v);
    switch (tag) {
      case "undefined": return undefined;
      case "float": return Number(content === "inf" ? Infinity : content === "-inf" ? -Infinity : content);
      case "bigint": return content.startsWith("-") ? -BigInt("0x" + content.slice(1)) : BigInt("0x" + content);
      case "list": case "tuple": case "deque": return content.map(inner);
      case "map": case "dict": return tag === "map" ? new Map(content.map((p) => p.map(inner))) : this.object(content.map((p) => p.map(inner)));
      case "set": case "frozenset": return new Set(content.map(inner));
      case "date": return new Date(Number(content));
      case "object": return this.object(content.map(([key, v]) => [key, inner(v)]));
      case "resolved": return Promise.resolve(inner(content));
      case "rejected": return Promise.reject(this.raised(content));
      case "yours": return this.kept.get(content);
      case "mine": return this.standIn(this, Number(content));
    }
    throw new ChannelBroken("a value of an unknown type: " + String(tag).slice(0, 40));
  }

  object(pairs) {
    return asObject(pairs);
  }

  /** Whether a `throw` of the program's has made the error, where that can be told. */
  wasThrown() {
    return false;
  }

  isStandIn(value) {
    return standIns.has(value);
  }

  keep(value) {
    if (!this.numbers.has(value)) this.numbers.set(value, this.numbers.size + 1);
    const number = this.numbers.get(value);
    this.kept.set(number, value);
    return number;
  }

  send(message) {
    let data = Buffer.from(JSON.stringify(message) + "\n");
    while (data.length) {
      try {
        data = data.subarray(fs.writeSync(this.outgoing, data));
      } catch (error) {
        if (error.code !== "EAGAIN") throw new ChannelBroken(error.message);
      }
    }
  }

  receive() {
    for (;;) {
      const end = this.received.indexOf(10);
      if (end >= 0) {
        const line = Buffer.concat([...this.begun, this.received.subarray(0, end)]).toString();
        this.received = this.received.subarray(end + 1);
        this.begun = [];
        let message = null;
        try { message = JSON.parse(line); } catch { /* below */ }
        if (message === null || typeof message !== "object" || Array.isArray(message)) throw new ChannelBroken("no message: " + line.slice(0, 40));
        return message;
      }
      if (this.received.length) this.begun.push(this.received);
      if (this.begun.reduce((sum, part) => sum + part.length, 0) > LONGEST_LINE) throw new ChannelBroken("a message too long");
      if (this.read(CHUNK) === 0) return null;
    }
  }

  /** Reads what is there, at most `most` bytes, and gives their number. */
  read(most) {
    for (;;) {
      try {
        const chunk = Buffer.alloc(most);
        const count = fs.readSync(this.incoming, chunk, 0, most, null);
        this.received = chunk.subarray(0, count);
        return count;
      } catch (error) {
        if (error.code !== "EAGAIN") throw new ChannelBroken(error.message);
      }
    }
  }
}

/** What has become of a promise: on the other side it is a promise that is settled. */
class Settled {
  constructor(rejected, value) {
    Object.assign(this, { rejected, value });
  }

  static of(promise) {
    return promise.then((value) => new Settled(false, value), (error) => new Settled(true, error));
  }

  written(inner, channel) {
    return this.rejected ? { rejected: channel.told(this.value) } : { resolved: inner(this.value) };
  }
}

const standIns = new WeakSet();

function isPlain(value) {
  const kind = Object.getPrototypeOf(value);
  return kind === null || Object.getPrototypeOf(kind) === null;
}

function asObject(pairs) {
  const made = {};
  for (const [key, value] of pairs) defineField(made, String(key), value);
  return made;
}

/** Gives an object a field of its own, whatever it inherits by that name. */
function defineField(of, key, value) {
  Object.defineProperty(of, key, { value, writable: true, enumerable: true, configurable: true });
}

/** Gives what stands for an object of the other side the number of that object. */
function standFor(target, number) {
  Object.defineProperty(target, "rlcfNumber", { value: number });
  standIns.add(target);
  return target;
}

module.exports = { Channel, ChannelBroken, Raised, Settled, defineField, standFor, standIns };
