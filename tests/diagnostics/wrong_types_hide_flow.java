// The first class's flow is not looked at when its types are wrong; the second class has its own turn, as in javac.
class A {
    int f() {
    }

    String g() {
        return 1;
        //     ^ compiler.err.prob.found.req
    }
}

class B {
    int f() {
    }

    int g() {
        return "b";
        //     ^ compiler.err.prob.found.req
    }
}
