import com.sun.tools.javac.parser.Scanner;
import com.sun.tools.javac.parser.ScannerFactory;
import com.sun.tools.javac.parser.Tokens.Token;
import com.sun.tools.javac.parser.Tokens.TokenKind;
import com.sun.tools.javac.tree.JCTree.JCCompilationUnit;
import com.sun.tools.javac.tree.JCTree.JCMethodDecl;
import com.sun.tools.javac.tree.TreeInfo;
import com.sun.tools.javac.tree.TreeScanner;
import com.sun.tools.javac.util.Context;
import java.util.BitSet;

/**
 * The text around a completion with blanks for what no completion can depend on: comments, and bodies of other methods.
 * All else stands where it stood.
 */
final class Outline {
    /** Right in every method. */
    private static final String STATEMENT = "throw null;";

    private final PackedText text;
    private final PackedText uncommented;
    private final boolean commentNext;
    private final int start;
    private final int end;

    private Outline(String text, String uncommented, boolean commentNext, int start, int end) {
        this.text = new PackedText(text);
        this.uncommented = new PackedText(uncommented);
        this.commentNext = commentNext;
        this.start = start;
        this.end = end;
    }

    /** With a completion in its place that is one method's body to its end. */
    String with(String completion) {
        return around(text.toString(), completion);
    }

    /** With a completion in its place and all bodies: a syntax error may lead the parser into them. */
    String uncommented(String completion) {
        return around(uncommented.toString(), completion);
    }

    private String around(String outline, String completion) {
        return outline.substring(0, start) + completion + outline.substring(end);
    }

    /** Whether no comment can matter: it could end a comment or a string that the completion leaves open. */
    boolean isCommentFreeWith(String completion) {
        boolean mayLeaveOpen =
                completion.contains("/*") || completion.contains("\"\"\"") || completion.contains("\\u");
        return !mayLeaveOpen && !commentNext;
    }

    /** Bytes that it holds. */
    int size() {
        return text.size() + uncommented.size();
    }

    /** Makes the outline of a program as it is parsed. */
    static final class Maker implements WhenParsed {
        private final String source;
        private final int start;
        private final int end;
        private final BitSet emptied = new BitSet();
        private final char[] kept;
        private Outline made;

        /** The offsets are those of the completion, in UTF-16 units. */
        Maker(String source, int start, int end) {
            this.source = source;
            this.start = start;
            this.end = end;
            kept = source.toCharArray();
        }

        /** Null for a program that was not parsed. */
        Outline made() {
            return made;
        }

        @Override
        public void program(JCCompilationUnit unit, Context context, boolean errors) {
            for (int i = 0; i < kept.length; i++) {
                kept[i] = kept[i] == '\n' || kept[i] == '\r' ? kept[i] : ' ';
            }
            char[] uncommented = kept.clone();
            unit.accept(new TreeScanner() {
                @Override
                public void visitMethodDef(JCMethodDecl method) {
                    if (method.body == null || TreeInfo.isConstructor(method) || isAround(method) || !empty(method)) {
                        super.visitMethodDef(method);
                    }
                }
            });
            Scanner tokens = ScannerFactory.instance(context).newScanner(source, false);
            for (tokens.nextToken(); tokens.token().kind != TokenKind.EOF; tokens.nextToken()) {
                Token token = tokens.token();
                source.getChars(token.pos, token.endPos, uncommented, token.pos);
                if (!emptied.get(token.pos)) {
                    source.getChars(token.pos, token.endPos, kept, token.pos);
                }
            }
            String bare = new String(uncommented);
            int line = end;
            while (line < source.length() && source.charAt(line) != '\n' && source.charAt(line) != '\r') {
                line++;
            }
            String next = source.substring(end, line);
            boolean commentNext = !next.isBlank() && !next.equals(bare.substring(end, line));
            made = new Outline(new String(kept), bare, commentNext, start, end);
        }

        private boolean isAround(JCMethodDecl method) {
            return method.body.pos < end && TreeInfo.endPos(method.body) >= start;
        }

        /** Puts the statement into the first line of a body that has room for it; {@code false}: none has. */
        private boolean empty(JCMethodDecl method) {
            int from = method.body.pos + 1;
            int to = TreeInfo.endPos(method.body);
            int room = 0;
            for (int at = from; at < to; at++) {
                room = kept[at] == ' ' ? room + 1 : 0;
                if (room == STATEMENT.length()) {
                    STATEMENT.getChars(0, room, kept, at + 1 - room);
                    emptied.set(from, to);
                    return true;
                }
            }
            return false;
        }
    }
}
