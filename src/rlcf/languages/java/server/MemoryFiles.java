import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardLocation;

/**
 * Keeps the class files that are written, and lets no code of a project run. One for all compilations: a pooled context never lets go of its first.
 */
final class MemoryFiles extends ForwardingJavaFileManager<JavaFileManager> {
    private static final ClassLoader NOTHING = new ClassLoader(null) {};

    /** Packages in which the project was found to have something. */
    final Set<String> projectPackages = new HashSet<>();

    private Map<String, byte[]> classes = new LinkedHashMap<>();

    MemoryFiles(JavaFileManager platform) {
        super(platform);
    }

    /** Forgets what was written; what is written next goes to the map returned, by binary name. */
    Map<String, byte[]> clear() {
        classes = new LinkedHashMap<>();
        return classes;
    }

    /**
     * Sees nothing: the compiler uses it to run code that it finds in a project, plug-ins and annotation processors.
     */
    @Override
    public ClassLoader getClassLoader(Location location) {
        return NOTHING;
    }

    @Override
    public Iterable<JavaFileObject> list(
            Location location, String packageName, Set<JavaFileObject.Kind> kinds, boolean recurse) throws IOException {
        Iterable<JavaFileObject> found = super.list(location, packageName, kinds, recurse);
        boolean ofProject = location == StandardLocation.CLASS_PATH || location == StandardLocation.SOURCE_PATH;
        if (ofProject && found.iterator().hasNext()) {
            projectPackages.add(packageName);
        }
        return found;
    }

    /**
     * Hides a module's declaration from the compiler, which would take every program for a part of that module, and its
     * pooled contexts for broken: a project is compiled without its modules, as one.
     */
    @Override
    public JavaFileObject getJavaFileForInput(Location location, String className, JavaFileObject.Kind kind)
            throws IOException {
        boolean ofModule = location == StandardLocation.SOURCE_PATH && className.equals("module-info");
        return ofModule ? null : super.getJavaFileForInput(location, className, kind);
    }

    /** A program that declares a module stands on the source path, if there is one. */
    @Override
    public boolean contains(Location location, FileObject file) throws IOException {
        return file instanceof SourceText ? location == StandardLocation.SOURCE_PATH : super.contains(location, file);
    }

    @Override
    public boolean hasLocation(Location location) {
        return location == StandardLocation.CLASS_OUTPUT || super.hasLocation(location);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
            Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
        URI uri = URI.create("memory:///" + Integer.toHexString(className.hashCode()) + kind.extension);
        return new SimpleJavaFileObject(uri, kind) {
            @Override
            public OutputStream openOutputStream() {
                return new ByteArrayOutputStream() {
                    @Override
                    public void close() {
                        classes.put(className, toByteArray());
                    }
                };
            }
        };
    }
}
