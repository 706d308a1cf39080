import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.UnaryTree;
import com.sun.tools.javac.tree.JCTree.JCExpression;

/** Conditions that always come to the same. */
final class Conditions {
    private Conditions() {}

    /** What the compiler folds a condition to, or one side of an "and" or "or" decides; {@code null} where it is open. */
    static Boolean known(ExpressionTree condition) {
        if (condition instanceof JCExpression expression && expression.type != null) {
            if (expression.type.isTrue()) {
                return true;
            } else if (expression.type.isFalse()) {
                return false;
            }
        }
        if (condition instanceof ParenthesizedTree parenthesized) {
            return known(parenthesized.getExpression());
        } else if (condition instanceof UnaryTree not && not.getKind() == Tree.Kind.LOGICAL_COMPLEMENT) {
            Boolean inner = known(not.getExpression());
            return inner == null ? null : !inner;
        } else if (condition instanceof BinaryTree both && both.getKind() == Tree.Kind.CONDITIONAL_AND) {
            return decided(both, false);
        } else if (condition instanceof BinaryTree either && either.getKind() == Tree.Kind.CONDITIONAL_OR) {
            return decided(either, true);
        }
        return null;
    }

    private static Boolean decided(BinaryTree condition, boolean byOne) {
        Boolean left = known(condition.getLeftOperand());
        Boolean right = known(condition.getRightOperand());
        if (left != null && left == byOne || right != null && right == byOne) {
            return byOne;
        }
        return left == null || right == null ? null : Boolean.valueOf(!byOne);
    }
}
