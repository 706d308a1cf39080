class A {
    enum Colour { RED, GREEN }

    int f(Colour c) {
        return switch (c) {
            // ^ compiler.err.not.exhaustive
            case RED -> 1;
        };
    }
}
