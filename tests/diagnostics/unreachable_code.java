class A {
    void f() {
        while (true) {
        }
        int x = 1;
        //  ^ compiler.err.unreachable.stmt
    }
}
