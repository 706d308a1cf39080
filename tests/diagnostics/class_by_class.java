// A class goes through types and flow before the next one begins, as in javac.
class A {
    int f() {
    }
//  ^ compiler.err.missing.ret.stmt
}

class B {
    int g() {
        return "b";
        //     ^ compiler.err.prob.found.req
    }
}
