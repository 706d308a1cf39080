public class A {
}

public class B {
//     ^ compiler.err.class.public.should.be.in.file
}
