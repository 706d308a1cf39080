import java.io.File;
import java.lang.module.FindException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a program is compiled as a part of.
 *
 * @param classPath archives and folders of classes
 * @param sourcePath folders of sources, which are compiled as far as a program needs them
 * @param release the Java release to compile for; {@code null}: the JDK's own
 * @param modules names of the platform's modules that a program sees, with those that they require; empty: all
 */
record Project(List<Path> classPath, List<Path> sourcePath, String release, Set<String> modules) {
    /** From the server's arguments; raises {@link IllegalArgumentException} at one it does not know. */
    static Project of(String[] arguments) {
        List<Path> classPath = List.of();
        List<Path> sourcePath = List.of();
        String release = null;
        Set<String> modules = Set.of();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "-class-path" -> classPath = paths(value);
                case "-source-path" -> sourcePath = paths(value);
                case "-release" -> release = value;
                case "-limit-modules" -> modules = Set.of(value.split(","));
                default -> throw new IllegalArgumentException("unknown argument " + arguments[i]);
            }
        }
        return new Project(classPath, sourcePath, release, modules);
    }

    /** The compiler's options for the modules. */
    List<String> moduleOptions() {
        if (modules.isEmpty()) {
            return List.of();
        }
        Set<String> visible = new TreeSet<>(modules);
        classPath.forEach(path -> visible.addAll(platformModulesOf(path)));
        return List.of("--limit-modules", String.join(",", visible));
    }

    /**
     * What the modules of a class path's entry require of the platform: a project reads through to some of it, and the
     * compiler needs all of it to read their classes.
     */
    private static Set<String> platformModulesOf(Path path) {
        Set<String> names = new TreeSet<>();
        try {
            for (ModuleReference module : ModuleFinder.of(path).findAll()) {
                module.descriptor().requires().stream()
                        .filter(required -> ModuleFinder.ofSystem().find(required.name()).isPresent())
                        .forEach(required -> names.add(required.name()));
            }
        } catch (FindException noModule) {
            // such as an archive from whose name no module's name can be made
        }
        return names;
    }

    private static List<Path> paths(String joined) {
        List<Path> paths = new ArrayList<>();
        for (String path : joined.split(File.pathSeparator)) {
            paths.add(Path.of(path));
        }
        return paths;
    }
}
