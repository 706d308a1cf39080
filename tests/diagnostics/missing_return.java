class A {
    int f(int a) {
        if (a > 0) {
            return 1;
        } else if (a < 0) {
            return 2;
        }
    }
//  ^ compiler.err.missing.ret.stmt
}
