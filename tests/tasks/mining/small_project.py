"""A Maven project of four files, small enough to know what a miner has to find in it."""

from __future__ import annotations

from pathlib import Path

LICENCE = "/* SPDX-License-Identifier: MIT */\n"
SHOP = (
    LICENCE
    + """package com.acme;

import java.util.ArrayList;
import java.util.List;

/** Sells. */
public class Shop {
    private final List<Item> items = new ArrayList<>();
    private String name;

    public Shop(String name) { this.name = name; }

    public String getName() { return name; }

    public void setName(String name) { this.name = name; }

    public int size() { return items.size(); }

    public boolean isOpen() { return true; }

    public void close() { }

    public void refuse() { throw new IllegalStateException("closed"); }

    /** The sum of what all items cost, with the discount of the day taken off it. */
    public int total(int discount) {
        int sum = 0;
        for (Item item : items) {
            sum += item.cost();
        }
        return sum - discount;
    }

    @Deprecated
    public int oldTotal(int discount) {
        int sum = 0;
        for (Item item : items) {
            sum -= item.cost();
        }
        return sum * discount;
    }

    /**
     * Adds an item.
     * @deprecated use another
     */
    public void addOld(Item item) {
        if (item != null) {
            items.add(item);
        }
    }

    String login() {
        String password = "hunter2hunter2";
        return name + password;
    }

    Runnable greeter() {
        return new Runnable() {
            @Override
            public void run() {
                System.out.println("Hello, " + name);
            }
        };
    }
}
"""
)
ITEM = """package com.acme;

public class Item {
    private final int cents;

    Item(int cents) {
        this.cents = cents;
    }

    int cost() {
        return Math.max(0, cents);
    }

    static <T extends Comparable<T>> T larger(T one, T other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    static <T extends Item> T larger(T one, T other) {
        return one.cost() >= other.cost() ? one : other;
    }

    /** The same as in Basket. */
    static int clamp(int value, int low, int high) {
        if (value < low) {
            return low;
        }
        return value > high ? high : value;
    }
}
"""
BASKET = """package com.acme.basket;

public class Basket {
    static int clamp(int value, int low, int high) {
        if (value < low) {
            return low;
        }
        return value > high ? high : value;
    }

    public static String describe(String s) {
        StringBuilder b = new StringBuilder();
        for (char c : s.toCharArray()) {
            b.append(Character.toUpperCase(c));
        }
        return b.reverse().toString();
    }
}
"""
BROKEN = """package com.acme;

import org.missing.Thing;

public class Broken {
    public int twice(int n) {
        Thing thing = new Thing();
        return n + n;
    }
}
"""
USES_BROKEN = """package com.acme;

public class UsesBroken {
    int four(int n) {
        Broken broken = new Broken();
        return broken.twice(n) + broken.twice(n);
    }
}
"""
POM = (
    "<project><artifactId>shop</artifactId><properties><maven.compiler.release>17</maven.compiler.release></properties>"
)
FILES = {
    "Shop.java": SHOP,
    "Item.java": ITEM,
    "basket/Basket.java": BASKET,
    "Broken.java": BROKEN,
    "UsesBroken.java": USES_BROKEN,
}


def make_project(root: Path) -> Path:
    """Writes the project, and returns its folder."""
    (root / "LICENSE").parent.mkdir(parents=True, exist_ok=True)
    (root / "LICENSE").write_text("Apache License\nVersion 2.0, January 2004\nApache License, Version 2.0\n")
    (root / "pom.xml").write_text(POM + "</project>")
    for name, text in FILES.items():
        path = root / "src/main/java/com/acme" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root
