import java.util.function.Function;

class A {
    void g() {
        int k = 0;
        k++;
        Runnable r = () -> System.out.println(k);
        //                                    ^ compiler.err.cant.ref.non.effectively.final.var
    }
}

class B {
    Function<Integer, Function<Integer, Integer>> f = x -> y -> x;

    Function<Integer, Integer> g = x -> "x";
    //                                  ^ compiler.err.prob.found.req
}
