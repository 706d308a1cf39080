class A {
    final int field;

    int f(boolean b) {
        int x;
        if (b) {
            x = 1;
        }
        return x;
        //     ^ compiler.err.var.might.not.have.been.initialized
    }

    A(boolean b) {
        if (b) {
            field = 1;
        }
    }
//  ^ compiler.err.var.might.not.have.been.initialized
}
