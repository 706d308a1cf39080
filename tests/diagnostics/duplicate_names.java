class A {
    void f(int x) {
        for (int x = 1; x < 2; x++) {
            //   ^ compiler.err.already.defined
        }
    }

    int g;
    String g;
    //     ^ compiler.err.already.defined
}
