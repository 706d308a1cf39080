class A {
    int f() {
        return x;
        //     ^ compiler.err.cant.resolve.location
    }
}
