import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a program is compiled as a part of.
 *
 * @param classPath archives and folders of classes
 * @param sourcePath folders of sources, which are compiled as far as a program needs them
 * @param release options that name the Java release to compile for, if any
 */
record Project(List<Path> classPath, List<Path> sourcePath, List<String> release) {
    /** From the server's arguments; raises {@link IllegalArgumentException} at one it does not know. */
    static Project of(String[] arguments) {
        List<Path> classPath = List.of();
        List<Path> sourcePath = List.of();
        List<String> release = List.of();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "-class-path" -> classPath = paths(value);
                case "-source-path" -> sourcePath = paths(value);
                case "-release" -> release = List.of("--release", value);
                default -> throw new IllegalArgumentException("unknown argument " + arguments[i]);
            }
        }
        return new Project(classPath, sourcePath, release);
    }

    private static List<Path> paths(String joined) {
        List<Path> paths = new ArrayList<>();
        for (String path : joined.split(File.pathSeparator)) {
            paths.add(Path.of(path));
        }
        return paths;
    }
}
