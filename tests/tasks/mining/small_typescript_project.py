"""A TypeScript project of a few modules, small enough to know what a miner has to find in it."""

from __future__ import annotations

from pathlib import Path

SHOP = """// SPDX-License-Identifier: MIT
import { type Item, larger } from './item.js';
import {
  round,
} from "rounding";
import config from './config.json';

function logged(target: unknown, context: unknown): void {
  console.log(target, context, config.name);
}

/** Has items. */
export class Shop {
  private readonly items: Item[] = [];
  private total_ = 0;

  constructor(private name_: string) {
    this.total_ = name_.length;
  }

  get name(): string {
    return this.name_;
  }

  set name(name: string) {
    this.name_ = name;
  }

  rename(name: string): void {
    this.name_ = name;
  }

  add(item: Item): void {
    this.items.push(item);
  }

  /** The sum of what all items cost, with the discount of the day taken off it. */
  public total(discount: number): number { // in cents
    // by hand
    let cents = 0;
    for (const item of this.items) {
      if (item.cost() > 0) {
        cents += item.cost();
      }
    }
    return round(cents - discount); // not below zero
  }

  best = (): Item | undefined => {
    let best: Item | undefined;
    for (const item of this.items) {
      best = best === undefined ? item : larger(best, item);
    }
    return best;
  };

  /** @deprecated use best */
  worst(): Item | undefined {
    this.items.sort((a, b) => a.cost() - b.cost());
    return this.items[0];
  }

  login(): string {
    const password = 'hunter2hunter2';
    return this.name_ + password;
  }

  quiet(): number {
    // @ts-ignore
    const count: number = this.items;
    return count;
  }

  wrong(): number {
    const n = this.items.length;
    return this.nothing + n;
  }

  static of(names: string[]): Shop[] {
    const made = names.map((name) => {
      const shop = new Shop(name);
      return shop;
    });
    return made.reverse();
  }
}

export const prices = (shops: Shop[]): number[] => { return shops.filter((s) => s.name).map((s) => s.total(0)); };
"""
ITEM = """export class Item {
  half = 0;

  constructor(public cents: number) {}

  cost(): number {
    return Math.max(0, this.cents);
  }

  /** What two of them cost. */
  twice() {
    const cents = 2 * this.cents;
    return cents;
  }

  nothing(): void {
    // Does nothing.
  }

  refuse(): never {
    throw new Error('no');
  }
}

export function larger(one: Item, other: Item): Item {
  return one.cost() >= other.cost() ? one : other;
}

export function one(): number {
  return 1;
}

export namespace Numbers {
  export function clamp(value: number, low: number, high: number): number {
    if (value < low) return low;
    return value > high ? high : value;
  }
}
"""
BASKET = """import type { Item } from '@/item.js';

export function clamp(value: number, low: number, high: number): number {
  if (value < low) return low;
  return value > high ? high : value;
}

export function both(item: Item): number {
  const cents: number | void = item.twice();
  return typeof cents === 'number' ? cents + item.cents : item.cents;
}

export async function* letters(name: string): AsyncGenerator<string> {
  for (const letter of name) {
    yield letter.toUpperCase();
  }
}
"""
BROKEN = "export function f(: number {\n  return 1;\n}\n"
FREE = "// @ts-nocheck\nexport function free(a) {\n  const b = a.nothing;\n  return b + nobody;\n}\n"
ABSENT = """import { far } from 'far-away';

export function near(n: number): number {
  const m = far(n);
  return m;
}
"""
TSCONFIG = """{
  // what all of it has in common
  "extends": "./config/base",
  "compilerOptions": {
    "paths": { "@/*": ["./src/*"] }, /* short names */
  },
  "include": ["src", "tests"],
}
"""
BASE = '{"compilerOptions": {"strict": true, "target": "es2022", "module": "nodenext", "outDir": "../dist"}}'
FILES = {
    "tsconfig.json": TSCONFIG,
    "config/base.json": BASE,
    "package.json": '{"name": "shop", "type": "module", "license": "Apache-2.0"}',
    "src/config.json": '{"name": "shop"}',
    "src/shop.ts": SHOP.replace("'./config.json'", "'./config.json' with { type: 'json' }"),
    "src/item.ts": ITEM,
    "src/basket.ts": BASKET,
    "src/broken.ts": BROKEN,
    "src/free.ts": FREE,
    "src/absent.ts": ABSENT,
    "src/globals.d.ts": "declare const VERSION: string;\n",
    "src/shop.test.ts": "export function testIt(): number {\n  const x = 1;\n  return x + 1;\n}\n",
    "src/__tests__/all.ts": "export function testAll(): number {\n  const x = 1;\n  return x + 1;\n}\n",
    "tests/all.ts": "export function testAll(): number {\n  const x = 1;\n  return x + 1;\n}\n",
    "dist/shop.d.ts": "export declare class Shop {}\n",
    "dist/old.ts": "export function old(): number {\n  const x = 1;\n  return x + 1;\n}\n",
    "node_modules/rounding/package.json": '{"name": "rounding", "version": "1.0.0", "types": "index.d.ts"}',
    "node_modules/rounding/index.d.ts": "export declare function round(n: number): number;\n",
}


def make_project(root: Path) -> Path:
    """Writes the project, and returns its folder."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
