import com.sun.tools.javac.tree.JCTree.JCCompilationUnit;
import com.sun.tools.javac.tree.JCTree.JCMethodDecl;
import com.sun.tools.javac.tree.Pretty;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A file without its comments and the bodies of its methods: while that is the same, other files need not be compiled again. */
final class Interface {
    private final JCCompilationUnit unit;

    Interface(JCCompilationUnit unit) {
        this.unit = unit;
    }

    String digest() {
        StringWriter text = new StringWriter();
        try {
            new Pretty(text, false) {
                @Override
                public void visitMethodDef(JCMethodDecl method) {
                    var body = method.body;
                    method.body = null;
                    super.visitMethodDef(method);
                    method.body = body;
                }
            }.printUnit(unit, null);
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (IOException | NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
