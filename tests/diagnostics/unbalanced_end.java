class A {
    void f() {
    }
//   ^ compiler.err.premature.eof
