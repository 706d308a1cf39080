import java.util.Arrays;
import java.util.List;

class A {
    List<String> f(long wide) {
        int narrow = wide;
        //           ^ compiler.err.prob.found.req
        String s = 1;
        //         ^ compiler.err.prob.found.req
        boolean b = narrow + s > 2;
        //                     ^ compiler.err.operator.cant.be.applied.1
        return Arrays.asList(1, 2);
        //                  ^ compiler.err.prob.found.req
    }
}
