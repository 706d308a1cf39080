import com.sun.tools.javac.platform.PlatformDescription;
import com.sun.tools.javac.platform.PlatformUtils;
import com.sun.tools.javac.util.Context;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;

/**
 * The platform of a Java release, opened once. The compiler's own option {@code --release} does the same, but opens it
 * for each program, which takes longer than the program.
 */
final class ReleasePlatform {
    private final PlatformDescription description;

    private ReleasePlatform(PlatformDescription description) {
        this.description = description;
    }

    /** That of a version; of {@code null} the JDK's own. */
    static ReleasePlatform of(String version) {
        PlatformDescription found = version == null ? null : PlatformUtils.lookupPlatformDescription(version);
        if (version != null && found == null) {
            throw new IllegalArgumentException("unknown release " + version);
        }
        return new ReleasePlatform(found);
    }

    /** The compiler's options for it. */
    List<String> options() {
        return description == null
                ? List.of()
                : List.of("-source", description.getSourceVersion(), "-target", description.getTargetVersion());
    }

    /** Tells a compiler, before it starts, that the platform's classes are a release's. */
    void prepare(Context context) {
        if (description != null) {
            context.put(PlatformDescription.class, description);
        }
    }

    /** The files of the platform in the place of those that the JDK has; all others are those of {@code base}. */
    JavaFileManager with(JavaFileManager base) {
        return description == null ? base : new Files(description.getFileManager(), base);
    }

    private static final class Files extends ForwardingJavaFileManager<JavaFileManager> {
        private final JavaFileManager platform;

        Files(JavaFileManager platform, JavaFileManager base) {
            super(base);
            this.platform = platform;
        }

        private JavaFileManager at(Location location) {
            return platform.hasLocation(location) ? platform : fileManager;
        }

        @Override
        public Iterable<JavaFileObject> list(
                Location location, String packageName, Set<JavaFileObject.Kind> kinds, boolean recurse)
                throws IOException {
            return at(location).list(location, packageName, kinds, recurse);
        }

        @Override
        public String inferBinaryName(Location location, JavaFileObject file) {
            return at(location).inferBinaryName(location, file);
        }

        @Override
        public boolean hasLocation(Location location) {
            return platform.hasLocation(location) || super.hasLocation(location);
        }

        @Override
        public JavaFileObject getJavaFileForInput(Location location, String className, JavaFileObject.Kind kind)
                throws IOException {
            return at(location).getJavaFileForInput(location, className, kind);
        }

        @Override
        public FileObject getFileForInput(Location location, String packageName, String relativeName)
                throws IOException {
            return at(location).getFileForInput(location, packageName, relativeName);
        }

        @Override
        public Location getLocationForModule(Location location, String moduleName) throws IOException {
            return at(location).getLocationForModule(location, moduleName);
        }

        @Override
        public Location getLocationForModule(Location location, JavaFileObject file) throws IOException {
            return at(location).getLocationForModule(location, file);
        }

        @Override
        public String inferModuleName(Location location) throws IOException {
            return at(location).inferModuleName(location);
        }

        @Override
        public Iterable<Set<Location>> listLocationsForModules(Location location) throws IOException {
            return at(location).listLocationsForModules(location);
        }

        @Override
        public boolean contains(Location location, FileObject file) throws IOException {
            return at(location).contains(location, file);
        }
    }
}
