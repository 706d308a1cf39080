import com.sun.source.util.JavacTask;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import com.sun.tools.javac.api.BasicJavacTask;
import com.sun.tools.javac.api.JavacTaskImpl;
import com.sun.tools.javac.api.JavacTaskPool;
import com.sun.tools.javac.main.Main.Result;
import com.sun.tools.javac.tree.JCTree.JCCompilationUnit;
import com.sun.tools.javac.util.Context;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/**
 * The JDK's own compiler, kept warm: contexts are pooled, so the platform's classes are read a single time, and not for each program.
 *
 * <p>A program goes all the way it goes in {@code javac} itself ({@code doCall}), so that the errors are the same and
 * in the same order. Code is generated for a check too: some programs are refused only then (64 KiB of code a method,
 * 65,535 bytes a string, …), and it costs no time that could be measured on programs of some 30 lines.
 */
final class Compiler {
    private static final List<String> OPTIONS =
            List.of("-proc:none", "-implicit:none", "-Xlint:none", "-nowarn", "-g:none", "-Xmaxerrs", "100");

    /** Names stay in a context for good, so contexts are dropped now and then; a fresh one costs few programs' time. */
    private static final int USES_OF_A_CONTEXT = 1000;

    private static final Pattern THROWN = Pattern.compile("(Error|Exception)\\b");

    private final MemoryFiles files;
    private final List<String> options = new ArrayList<>(OPTIONS);
    /** A program that declares a module says itself what it sees. */
    private final List<String> optionsOfModules = new ArrayList<>(OPTIONS);
    private final ReleasePlatform release;
    private final Surroundings surroundings = new Surroundings();
    private JavacTaskPool pool = new JavacTaskPool(1);
    private int uses;
    private boolean broken;

    Compiler(Project project) throws IOException {
        StandardJavaFileManager platform = ToolProvider.getSystemJavaCompiler()
                .getStandardFileManager(null, Locale.ENGLISH, StandardCharsets.UTF_8);
        platform.setLocationFromPaths(StandardLocation.CLASS_PATH, project.classPath());
        if (!project.sourcePath().isEmpty()) {
            platform.setLocationFromPaths(StandardLocation.SOURCE_PATH, project.sourcePath());
        }
        release = ReleasePlatform.of(project.release());
        options.addAll(release.options());
        options.addAll(project.moduleOptions());
        optionsOfModules.addAll(release.options());
        files = new MemoryFiles(release.with(platform));
    }

    /** Whether something was thrown in here: what is compiled from now on must not be trusted. */
    boolean broken() {
        return broken;
    }

    /** The compiler's answer to a request, with class files if they are wanted and the program is accepted. */
    Reply compile(Request request) {
        try {
            return inPooledContext(request);
        } catch (Throwable first) {
            // The pooled context may be the cause: a fresh one decides.
            broken = true;
            pool = new JavacTaskPool(1);
            try {
                return inPooledContext(request);
            } catch (Throwable second) {
                return Reply.crash(String.valueOf(second));
            }
        }
    }

    private Reply inPooledContext(Request request) {
        SourceText source = new SourceText(request.source());
        boolean knownAsModule = source.isModule();
        Outline outline = surroundings.of(request, this::outline);
        if (outline != null) {
            OtherBodies otherBodies = new OtherBodies(request.regions().start(), request.completionEnd());
            String completion = request.completion();
            Reply reply = compile(source.shownAs(outline.with(completion), completion.length()), request, otherBodies);
            if (otherBodies.applied()) {
                return reply;
            } else if (outline.isCommentFreeWith(completion)) {
                return compile(source.shownAs(outline.uncommented(completion), completion.length()), request, null);
            }
        }
        Reply reply = compile(source, request, null);
        // The parser may find a module where the text does not show it (escapes, a comment before it): again, as one.
        return source.isModule() && !knownAsModule ? compile(source, request, null) : reply;
    }

    private Outline outline(String source, int start, int end) {
        Outline.Maker maker = new Outline.Maker(source, start, end);
        return compile(new SourceText(source), Request.check(source), maker).accepted() ? maker.made() : null;
    }

    /** {@code whenParsed} is null where nothing is done then. */
    private Reply compile(SourceText source, Request request, WhenParsed whenParsed) {
        // A context that has been in use knows the platform's modules, and would call a program's of that name a second.
        if (++uses % USES_OF_A_CONTEXT == 0 || source.isModule()) {
            pool = new JavacTaskPool(1);
        }
        List<Diagnostic<? extends JavaFileObject>> errors = new ArrayList<>();
        Facts facts = new Facts(source, request.regions());
        TestPart test = request.classesWanted() ? new TestPart(request.regions()) : null;
        Map<String, byte[]> classes = files.clear();
        Reply[] answered = new Reply[1];
        StringWriter output = new StringWriter();
        try {
            pool.getTask(new PrintWriter(output), files, diagnostic -> {
                if (diagnostic.getKind() == Diagnostic.Kind.ERROR) {
                    errors.add(diagnostic);
                }
            }, source.isModule() ? optionsOfModules : options, null, List.of(source), task -> {
                Context context = ((BasicJavacTask) task).getContext(); // the task loses it when it is done
                release.prepare(context);
                Reply reply = answer(task, source, errors, facts, test, request, whenParsed, output);
                if (test != null && reply.accepted()) {
                    reply.add(classes, test);
                    if (request.target() != null) {
                        reply.add(request.target());
                    }
                }
                answered[0] = reply;
                boolean generatorUpset = facts.generating && !errors.isEmpty();
                boolean clean = ProjectSymbols.forget(context, files.projectPackages, facts.packageName);
                if (source.isModule() || generatorUpset || source.hasManyNames() || !clean) {
                    throw new DropContext();
                }
                return null;
            });
        } catch (DropContext wanted) {
            // done
        } catch (RuntimeException | Error error) {
            if (answered[0] == null) {
                throw error;
            }
            broken = true; // only the cleaning up failed: the answer stands
        }
        return answered[0];
    }

    private Reply answer(
            JavacTask task,
            SourceText source,
            List<Diagnostic<? extends JavaFileObject>> errors,
            Facts facts,
            TestPart test,
            Request request,
            WhenParsed whenParsed,
            StringWriter output) {
        task.addTaskListener(new TaskListener() {
            @Override
            public void started(TaskEvent event) {
                facts.generating |= event.getKind() == TaskEvent.Kind.GENERATE;
            }

            @Override
            public void finished(TaskEvent event) {
                if (event.getKind() == TaskEvent.Kind.PARSE) {
                    JCCompilationUnit unit = (JCCompilationUnit) event.getCompilationUnit();
                    Context context = ((BasicJavacTask) task).getContext();
                    if (!source.toUri().equals(event.getSourceFile().toUri())) {
                        if (whenParsed != null) {
                            whenParsed.drawnIn(unit, context);
                        }
                        return; // a file of the project that the program draws in
                    }
                    if (whenParsed != null) {
                        whenParsed.program(unit, context, !errors.isEmpty());
                    }
                    facts.collect(unit);
                    if (test != null) {
                        test.collect(unit, context);
                    }
                    if (request.target() != null) {
                        request.target().collect(unit, context);
                    }
                } else if (event.getKind() == TaskEvent.Kind.ANALYZE && errors.isEmpty()) {
                    facts.analysed(event.getTypeElement());
                    if (test != null) {
                        test.analysed(event.getTypeElement());
                    }
                }
            }
        });
        Result result = ((JavacTaskImpl) task).doCall();
        boolean orderly = result == Result.OK || result == Result.ERROR;
        if (!result.isOK() && errors.isEmpty()) {
            String what = output.toString().lines().filter(line -> THROWN.matcher(line).find()).findFirst().orElse("?");
            throw new IllegalStateException("javac ended with " + result + " and no diagnostic: " + what);
        }
        // Like javac, which does not report what its recovery throws after other errors.
        broken |= !orderly;
        Reply reply = new Reply(result.isOK(), facts);
        for (Diagnostic<? extends JavaFileObject> error : errors) {
            reply.add(error, source);
        }
        return reply;
    }

    /** Thrown through the pool, which keeps no context of a task that throws. */
    private static final class DropContext extends RuntimeException {
        private static final long serialVersionUID = 1;

        DropContext() {
            super(null, null, false, false);
        }
    }
}
