import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Programs that are compiled together, which costs a fifth of compiling each alone. Each is put into a package of its
 * own, whose name it cannot know.
 *
 * <p>The compiler looks for some errors only in files that have no others, and reports warnings only where there are no
 * errors at all. So those that are rejected are left out, and the others are compiled again, until none is rejected.
 * Where it is not clear whose an error is, each program is compiled alone.
 */
final class Batch {
    /** What a program has that a package in front of it would change. */
    private static final Pattern ALONE = Pattern.compile("\\bpackage\\b|@\\s*file|^\\uFEFF|^#!");

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Compiler compiler;
    private final List<String> programs;
    private final List<List<Row>> verdicts = new ArrayList<>();
    private final String mark = "rlcf" + Long.toHexString(RANDOM.nextLong());

    Batch(Compiler compiler, List<String> programs) {
        this.compiler = compiler;
        this.programs = programs;
    }

    /** The diagnostics of each program. */
    List<List<Row>> verdicts() throws IOException {
        TreeSet<Integer> together = new TreeSet<>();
        for (int number = 0; number < programs.size(); number++) {
            verdicts.add(null);
            if (!ALONE.matcher(programs.get(number)).find()) {
                together.add(number);
            }
        }
        if (together.size() > 1) {
            compileTogether(together);
        }
        for (int number = 0; number < programs.size(); number++) {
            if (verdicts.get(number) == null) {
                verdicts.set(number, alone(number));
            }
        }
        return verdicts;
    }

    /** Gives the programs their verdicts, or none where it is not clear. */
    private void compileTogether(TreeSet<Integer> open) throws IOException {
        while (!open.isEmpty()) {
            Round round = compile(open, true);
            if (round.crash() != null || !round.errorsOfNoFile().isEmpty()) {
                return;
            }
            TreeSet<Integer> settled = new TreeSet<>(open);
            settled.removeIf(number -> round.hasErrors() && !round.isRejected(number));
            for (int number : settled) {
                verdicts.set(number, round.of(number));
            }
            open.removeAll(settled);
        }
    }

    private List<Row> alone(int number) throws IOException {
        TreeSet<Integer> one = new TreeSet<>(List.of(number));
        Round round = compile(one, false);
        if (round.crash() != null) { // a second time, so that it is the program's doing
            compiler.setBroken();
            round = compile(one, false);
        }
        if (round.crash() != null) {
            return List.of(new Row(Row.CRASHED, true, round.crash(), 0, 0));
        }
        List<Row> rows = new ArrayList<>(round.of(number));
        rows.addAll(round.errorsOfNoFile());
        return rows;
    }

    private Round compile(TreeSet<Integer> numbers, boolean inPackages) throws IOException {
        Path folder = Files.createTempDirectory("rlcf-kotlin-").toRealPath();
        try {
            List<SourceFile> files = new ArrayList<>();
            for (int number : numbers) {
                Path path = folder.resolve(Integer.toString(number)).resolve("program.kt");
                SourceFile file = new SourceFile(number, path, inPackages ? mark + "_" + number : "");
                Files.createDirectory(path.getParent());
                Files.writeString(path, file.prefix() + programs.get(number), StandardCharsets.UTF_8);
                files.add(file);
            }
            return compiler.compile(files, Files.createDirectory(folder.resolve("classes")));
        } finally {
            delete(folder);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : (Iterable<Path>) paths.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(path);
            }
        } catch (UncheckedIOException gone) {
            throw gone.getCause();
        }
    }
}
