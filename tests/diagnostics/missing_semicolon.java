class A {
    int f() {
        int x = 1
        //       ^ compiler.err.expected
        return x;
    }
}
