import java.io.IOException;

class A {
    void f() throws IOException {
        throw new IOException();
    }

    void g() {
        f();
//       ^ compiler.err.unreported.exception.need.to.catch.or.throw
        try {
            hashCode();
        } catch (IOException never) {
        //^ compiler.err.except.never.thrown.in.try
        }
    }
}
