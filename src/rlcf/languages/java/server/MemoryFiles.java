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
