import com.sun.tools.javac.code.Symbol;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A statement as a whole, without the statements that it controls: what it reads and what it changes. Lambdas and
 * classes in it belong to it.
 */
final class Unit {
    /** The control statement it stands in; {@code null} directly in the method. */
    final Unit parent;

    /** Variables, and classes declared in the method. */
    final Set<Symbol> reads = new LinkedHashSet<>();

    /** Variables assigned or declared, and classes declared. */
    final Set<Symbol> writes = new LinkedHashSet<>();

    /** Variables whose objects may be changed, and {@link Aliases#OUTSIDE}. */
    final Set<Object> changes = new LinkedHashSet<>();

    /** What counts whenever this does. */
    final List<Unit> followers = new ArrayList<>();

    /** The statements counted in it: itself, and those in its lambdas and classes. */
    int statements;

    /** Whether it counts whatever is done with what it changes. */
    boolean root;

    /** Whether it reads or changes something that is no parameter and no local variable. */
    boolean outside;

    /** Whether it does more than hand on a literal or a variable: an operator, a call, a decision. */
    boolean computes;

    /** Whether it counts. */
    boolean live;

    Unit(Unit parent) {
        this.parent = parent;
    }

    boolean isConstant() {
        return reads.isEmpty() && writes.isEmpty() && changes.isEmpty() && !root && !outside;
    }
}
