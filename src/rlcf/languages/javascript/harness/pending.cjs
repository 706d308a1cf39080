"use strict";
// Which promises of a test are still pending: those of its asynchronous functions, and of `then`, `catch` and `finally`.

const util = require("util");
const { promiseHooks } = require("v8");

const METHOD = /^Promise\.(?:then|catch|finally) \(/;
const OF_TEST = /(?:^|\()(?:test\.js|node:assert):\d/;

/**
 * Whether the test has called for the promise: an asynchronous function has no parent, one of a method's has. So an
 * `await` does not count, nor does what is left of `new Promise` or `Promise.race`, which a right test may leave behind.
 */
function isOfTest(parent, frames) {
  const caller = frames.findIndex((frame) => !METHOD.test(frame));
  return caller >= 0 && OF_TEST.test(frames[caller]) && (caller > 0 || parent === undefined);
}

/** Watches the promises that are made from now on, and gives a function that tells whether one is pending. */
function watched() {
  const promises = new Set();
  promiseHooks.onInit(function made(promise, parent) {
    const place = {};
    Error.captureStackTrace(place, made);
    if (isOfTest(parent, place.stack.split("\n    at ").slice(1))) promises.add(promise);
  });
  return () => [...promises].some((promise) => /^[^{]*\{ <pending>/.test(util.inspect(promise, { depth: 0 })));
}

module.exports = { watched };
