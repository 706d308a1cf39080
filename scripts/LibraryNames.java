import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Prints the names of the JDK's library that a discriminator sees: its packages, and its public types, methods and
 * fields. `java scripts/LibraryNames.java > src/rlcf/languages/java/library_names.txt`, with the oldest JDK supported.
 */
class LibraryNames {
    private static final List<String> PACKAGES = List.of(
            "java/util", "java/math", "java/text", "java/time", "java/io", "java/nio");

    public static void main(String[] arguments) throws Exception {
        Map<String, TreeSet<String>> names = new TreeMap<>();
        for (String kind : List.of("packages", "types", "methods", "fields")) {
            names.put(kind, new TreeSet<>());
        }
        Path base = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules/java.base");
        List<Path> files;
        try (var walk = Files.walk(base.resolve("java"))) {
            files = walk.filter(file -> file.toString().endsWith(".class")).toList();
        }
        for (Path file : files) {
            String path = base.relativize(file).toString().replace(".class", "");
            String folder = path.substring(0, path.lastIndexOf('/'));
            if (folder.equals("java/lang") || PACKAGES.stream().anyMatch(folder::startsWith)) {
                add(Class.forName(path.replace('/', '.'), false, null), names);
            }
        }
        names.forEach((kind, all) -> System.out.println(kind + " " + String.join(" ", all)));
    }

    private static void add(Class<?> type, Map<String, TreeSet<String>> names) {
        for (Class<?> outer = type; outer != null; outer = outer.getEnclosingClass()) {
            if (!Modifier.isPublic(outer.getModifiers()) || outer.isAnonymousClass() || outer.isLocalClass()) {
                return;
            }
        }
        names.get("packages").addAll(List.of(type.getPackageName().split("\\.")));
        names.get("types").add(type.getSimpleName());
        for (var method : type.getMethods()) {
            if (!method.isSynthetic()) {
                names.get("methods").add(method.getName());
            }
        }
        for (var field : type.getFields()) {
            names.get("fields").add(field.getName());
        }
    }
}
