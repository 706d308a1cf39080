class A {
	int tabIsOne = missing;
	//             ^ compiler.err.cant.resolve.location
    /* 😀 */ int a = missing;
    //              ^ compiler.err.cant.resolve.location
    String s = "é😀" + missing;
    //                ^ compiler.err.cant.resolve.location
}
