abstract class A {
    int field;

    abstract int g();

    static int f() {
        return field;
        //     ^ compiler.err.non-static.cant.be.ref
    }

    static class B extends A {
    //     ^ compiler.err.does.not.override.abstract
    }
}
