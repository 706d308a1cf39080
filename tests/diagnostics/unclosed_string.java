class A {
    String s = "no end;
    //         ^ compiler.err.unclosed.str.lit
    char c = '';
    //       ^ compiler.err.empty.char.lit
}
